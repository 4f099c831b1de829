// App: runs a topology on a Kafka cluster, on threads of this process. More instances of the same
// job, in other processes and on other machines, share its work.
//
//   AppConfig config;
//   config.id = "order-payments";
//   config.brokers = "localhost:9092";
//   config.state_dir = "/var/lib/weir";
//   App app(config, *order_payments());
//   if (AppStatus started = app.start(); !started) return started.code();
//   // From another thread, not from the signal handler:
//   on_sigterm([&] { app.stop(); });
//   return app.wait().code();
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <weir/app_snapshot.h>
#include <weir/app_status.h>
#include <weir/bytes_store.h>
#include <weir/record_watcher.h>
#include <weir/sink.h>
#include <weir/time.h>
#include <weir/topology.h>

namespace weir {

namespace kafka {
class Cluster;
}

enum class Guarantee { exactly_once, at_least_once };

// Who an instance is to its group. `fixed`: a name that is kept in the state directory, so that a
// process that was killed and comes back owns its partitions again at once. `dynamic`: a new name
// for each start; its partitions go to the others as soon as it leaves, or when its session ends.
enum class Membership { fixed, dynamic };

// Too many dead letters: something is wrong with the input or the job, and going on would send all
// of it there. Judged once so many records were read.
struct DeadLetterLimit {
  double share = 0;  // Of the records read, more than this, 0 to 1. 0: there is no limit.
  Duration over{};   // Of the last so long; of all since the start while that is shorter.
  std::uint64_t records_min = 100;
};

struct AppConfig {
  std::string id{};       // Of the job: its consumer group, and the prefix of its internal topics.
  std::string brokers{};  // "host:port,host:port". Not looked at when a cluster is handed in.
  std::filesystem::path state_dir{};  // The job's own directory is made in it.
  Guarantee guarantee = Guarantee::exactly_once;
  Membership membership = Membership::fixed;
  int threads = 1;
  Duration commit_every{100};
  Duration session_timeout{45'000};
  // How much uncommitted and unflushed state a task may hold in memory.
  std::size_t state_bytes_max = std::size_t{64} << 20;
  // Partitions of result and dead-letter topics that have to be made; 0: as many as the inputs.
  int partitions = 0;
  int replicas = -1;         // Of all topics that have to be made; -1: the brokers' default.
  bool make_results = true;  // False: a missing result or dead-letter topic is an error.
  // Where a source partition begins of which this job has never committed anything: kNoTime the
  // first record, kEndOfTime those that come from now on, else the first at or after that time.
  Timestamp from = kNoTime;
  // Ends once everything that lay in the source topics at the start, and all it caused inside the
  // job, is processed and committed: by this instance or by another. Silent partitions do not move
  // time by the clock then.
  bool until_end = false;
  // With until_end, or when stopped: the end of input is the end of time. All windows and all that
  // waits in joins is closed and written before the end. REQUIRES: no other member in the group.
  bool drain = false;
  DeadLetterLimit dead_letter_limit{};
  Duration start_wait{25'000};  // For an answer of the brokers; then AppFault::unreachable.
  // How long stop() lets workers commit and leave; then they are cut off, as by a SIGKILL.
  Duration stop_wait{30'000};
  Duration purge_every{30'000};  // Repartition records that were processed are deleted this often.
  // Properties for librdkafka, over weir's own. Values of secret ones are never shown.
  std::map<std::string, std::string> properties{};
  // Names of topics in the plan that are no topics: results go to these sinks instead.
  std::map<std::string, OpenSink> sinks{};
};

// What an App tells while it works. Called from its threads, one at a time; it must not block and
// must not call the App but for snapshot() and stop().
struct AppListener {
  std::function<void(AppState)> state{};
  // What a log should hold: `level` as syslog's (3 error, 4 warning, 6 news, 7 details).
  std::function<void(int level, std::string_view text)> log{};
};

// Thread-safe but for start(), which comes first. Destroyed without stop(): as if stopped and then
// cut off.
class App {
 public:
  App(AppConfig config, Topology topology, AppListener listener = {});
  // On a cluster that is already there: a simulated one, or that of a demonstration.
  // REQUIRES: `cluster` may be used from several threads when there is more than one.
  App(AppConfig config, Topology topology, std::shared_ptr<kafka::Cluster> cluster,
      AppListener listener = {});
  ~App();
  App(const App&) = delete;
  App& operator=(const App&) = delete;

  // Claims the state directory, looks at the cluster, checks that topics, partitions and state fit
  // the topology, makes the topics that are missing, and sets the worker threads going. On an error
  // nothing runs. Ends early with success when stop() is called meanwhile.
  AppStatus start();
  // Blocks until the App has ended: stopped, at the end of its input, or failed.
  AppStatus wait();
  // The same, at most so long; nothing while it still runs.
  std::optional<AppStatus> wait_for(Duration longest);
  AppStatus run();  // start(), then wait().

  // Asks all workers to commit and leave, and returns at once. A second call cuts them off.
  void stop();

  AppState state() const;
  AppSnapshot snapshot() const;
  // Who looks at records between stages from now on, in place of who did; null: nobody. Workers
  // take it up within a turn, and let go of the old one as soon.
  void watch(std::shared_ptr<RecordWatcher> watcher);
  // Internal and result topics that start() made.
  std::vector<std::string> created_topics() const;
  // What librdkafka gets, with "***" for secrets: to be shown.
  std::map<std::string, std::string> shown_properties() const;

  // Reads a store of the tasks that this instance has: what was last written to the disk, which is
  // at most some seconds old. An Error when no task with such a store is here.
  //
  // The value of a key, from whichever task has it.
  Result<std::optional<std::string>> get(std::string_view store, Bytes key) const;
  // All rows with from <= key < to of one task; an empty `to` means the end.
  Status scan(std::string_view store, int partition, Bytes from, Bytes to,
              BytesStore::Visit visit) const;

 private:
  class Running;
  std::unique_ptr<Running> running_;
};

}  // namespace weir
