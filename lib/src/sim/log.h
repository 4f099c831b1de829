// One partition of the simulated cluster: records, control markers, and what of them may be read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "kafka/client.h"
#include <weir/time.h>

namespace weir::sim {

// A record that owns its bytes.
struct SimRecord {
  std::optional<std::string> key{};
  std::optional<std::string> value{};
  Timestamp timestamp = 0;
  std::vector<std::pair<std::string, std::optional<std::string>>> headers{};
  bool operator==(const SimRecord&) const = default;
};

using TransactionNumber = std::uint64_t;
inline constexpr TransactionNumber kNoTransaction = 0;

struct LogEntry {
  std::int64_t offset = 0;
  TransactionNumber transaction = kNoTransaction;
  // Null for a control marker. Shared with the batches of readers, which outlive compaction.
  std::shared_ptr<const SimRecord> record{};
  Timestamp cleaned = kNoTime;  // When the cleaner first met it.
};

class Log {
 public:
  // Returns the offset of the new record.
  std::int64_t append(std::shared_ptr<const SimRecord> record,
                      TransactionNumber transaction = kNoTransaction);
  // Writes the control marker, which takes an offset, also when no record was written here.
  void end_transaction(TransactionNumber transaction, bool committed);

  std::int64_t begin() const { return begin_; }
  std::int64_t end() const { return end_; }
  std::int64_t stable_end() const;  // The first record of the oldest open transaction, or end().
  std::int64_t end(kafka::Isolation isolation) const {
    return isolation == kafka::Isolation::kReadCommitted ? stable_end() : end_;
  }
  // The first record at or after `time`, or the end.
  std::int64_t offset_at(Timestamp time) const;

  // Appends the records from offset `from` on that `isolation` may see, at most `max`, to `into`,
  // and returns where reading goes on.
  std::int64_t read(std::int64_t from, std::size_t max, kafka::Isolation isolation,
                    std::vector<LogEntry>& into) const;

  // Keeps the last committed record of each key, as if the cleaner had just run: offsets stay, so
  // gaps appear. Nothing behind the stable end is touched, and the last entry stays. The record of
  // an erased key goes when the cleaner first met it at least `erasures_kept` before `now`.
  void compact(Timestamp now, Duration erasures_kept);
  // REQUIRES: offset <= end().
  void delete_before(std::int64_t offset);
  // Deletes from the front what is older than `time`; stops at the first that is not.
  void expire(Timestamp time);

 private:
  std::deque<LogEntry> entries_;  // By offset; gaps after compaction.
  std::int64_t begin_ = 0;
  std::int64_t end_ = 0;
  std::map<TransactionNumber, std::int64_t> open_;  // With the offset of the first record.
  std::set<TransactionNumber> aborted_;
};

}  // namespace weir::sim
