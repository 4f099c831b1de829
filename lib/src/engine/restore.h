// Restore: the tail of a task's changelogs, from where each store stands to the end.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "kafka/client.h"
#include "state/environment.h"
#include <weir/error.h>

namespace weir::engine {

// One task's restore: begin(), then step() until it says done.
class Restore {
 public:
  Restore(std::string job, int partition, std::vector<std::string> stores,
          state::Environment& environment);

  enum class Progress { working, done };

  // Asks how far there is to go and starts reading. An Error when a changelog has lost what the
  // store relies on. kRetriable inside becomes another try at the next step.
  Result<Progress> step(kafka::Cluster& cluster, kafka::Admin& admin, std::size_t records_max);

  std::uint64_t restored() const { return restored_; }
  std::uint64_t remaining() const;
  std::uint64_t remaining(std::string_view store) const;

 private:
  struct Changelog {
    std::string store;
    kafka::Partition partition;
    std::int64_t next = 0;  // Offset of the next record to restore.
    std::int64_t end = 0;
  };
  Result<bool> begin(kafka::Cluster& cluster, kafka::Admin& admin);
  Result<bool> find_ends(kafka::Admin& admin);
  // True when the changelog is read to its end.
  Result<bool> read(std::size_t at, std::size_t records_max);

  state::Environment& environment_;
  std::vector<Changelog> changelogs_;
  std::unique_ptr<kafka::Reader> reader_;
  bool begun_ = false;
  bool idle_ = false;  // The last step found nothing to read.
  std::uint64_t restored_ = 0;
};

}  // namespace weir::engine
