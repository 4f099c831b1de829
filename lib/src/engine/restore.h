// Restore: the tail of a task's changelogs, from where each store stands to the end.
//
// A compacted topic forgets the record by which a key was erased, `delete.retention.ms` after its
// cleaner has met it. What lies on a disk that has not followed its changelog for so long may hold
// rows that were erased since, and no record says so any more: it is restored from the beginning.
// So each commit and each restore leaves a stamp in the environment, the time at which its stores
// held all that the changelogs held.
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

// What Environment::task() holds: the stamp for `now`, in `scratch`.
Bytes current_stamp(Timestamp now, std::string& scratch);

// One task's restore: step() until it says done.
class Restore {
 public:
  Restore(std::string job, int partition, std::vector<std::string> stores,
          state::Environment& environment);

  enum class Progress { working, done };

  // Asks how far there is to go and starts reading. An Error when a changelog has lost what the
  // store relies on. kRetriable inside becomes another try at the next step.
  Result<Progress> step(kafka::Cluster& cluster, kafka::Admin& admin, std::size_t records_max,
                        Timestamp now);

  std::uint64_t restored() const { return restored_; }
  std::uint64_t remaining() const;
  std::uint64_t remaining(std::string_view store) const;
  // Why what was on the disk was thrown away; empty when it was not.
  const std::string& anew() const { return anew_; }

 private:
  struct Changelog {
    std::string store;
    kafka::Partition partition;
    std::int64_t next = 0;  // Offset of the next record to restore.
    std::int64_t begin = 0;
    std::int64_t end = 0;
  };
  Result<bool> begin(kafka::Cluster& cluster, kafka::Admin& admin);
  Result<bool> find_ends(kafka::Admin& admin);
  bool may_be_new();
  Result<bool> drop_old_rows(kafka::Admin& admin);
  bool has_tail(const Changelog& log) const;
  void stamp();
  Progress finish();
  void keep(const Changelog& log);
  // True when the changelog is read to its end.
  Result<bool> read(std::size_t at, std::size_t records_max);

  state::Environment& environment_;
  std::vector<Changelog> changelogs_;
  std::unique_ptr<kafka::Reader> reader_;
  bool begun_ = false;
  Timestamp began_ = 0;
  bool known_ = false;                 // All changelogs were found.
  Timestamp missing_since_ = kNoTime;  // Since when one is not, before that.
  std::string anew_;
  bool idle_ = false;  // The last step found nothing to read.
  std::uint64_t restored_ = 0;
};

}  // namespace weir::engine
