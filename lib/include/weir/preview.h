// What App::start() would meet and do, were it called now: looked at, and nothing is changed.
//
//   Preview preview;
//   AppStatus looked = look_ahead(config, topology, *cluster, preview);
//   if (!looked) return complain(looked.error());           // The brokers do not answer.
//   if (!preview.refusal) complain(preview.refusal.error());  // start() would end with this.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <weir/app.h>
#include <weir/app_status.h>
#include <weir/topology.h>

namespace weir {

struct Preview {
  enum class Use { source, repartition, changelog, result, dead_letters };

  struct Topic {
    struct Difference {
      std::string setting{};
      std::string found{};
      std::string wanted{};
    };
    std::string name{};
    Use use = Use::source;
    int found = 0;   // Partitions; 0: there is no such topic.
    int wanted = 0;  // 0: not known, because something else is wrong.
    std::map<std::string, std::string> settings{};        // That it would be made with.
    std::vector<Difference> differences{};                // Of an internal topic that is there.
    std::map<std::string, std::string> found_settings{};  // All; empty: none may be seen.
  };

  // A source partition and where reading it would begin.
  struct Input {
    std::string topic{};
    int partition = 0;
    std::int64_t committed = -1;  // -1: nothing.
    std::int64_t first = 0;
    std::int64_t end = 0;
    std::int64_t start = 0;
  };

  // A store in all its tasks, as far as this state directory tells.
  struct Store {
    enum class What {
      fresh,     // Nothing was ever kept.
      kept,      // As the last run left it.
      restored,  // From its changelog: it is not here, or cannot be trusted.
      unfit,     // Another version of the job wrote it: start() refuses it.
      gone,      // Another version of the job wrote it, this one has none of its name.
      unknown,   // It cannot be read; `why` says so.
    };
    std::string name{};
    What what = What::fresh;
    int tasks = 0;                       // That have it.
    int tasks_here = 0;                  // Of those, with state in this directory.
    std::int64_t changelog_records = 0;  // To be read, at most.
    std::string why{};
  };

  std::vector<Topic> topics{};
  std::vector<Input> inputs{};
  std::vector<Store> stores{};
  std::vector<std::string> unused_topics{};  // Internal ones of this job that it has no use for.
  std::vector<std::string> members{};        // Hosts of instances that run now.
  bool ran_before = false;                   // The group has committed something.
  AppStatus refusal{};                       // Why start() would end at once.
};

const char* to_string(Preview::Use use);
const char* to_string(Preview::Store::What what);

// `config` as for an App. An error of its own: the brokers or the clients made for asking them.
AppStatus look_ahead(const AppConfig& config, const Topology& topology, kafka::Cluster& cluster,
                     Preview& into);

}  // namespace weir
