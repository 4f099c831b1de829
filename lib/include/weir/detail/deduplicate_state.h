// The memory of deduplicate: when each id was first seen.
#pragma once

#include <string>
#include <string_view>

#include <weir/bytes.h>
#include <weir/detail/stage_time.h>
#include <weir/detail/timed_table.h>
#include <weir/time.h>

namespace weir::detail {

// The time of the first record of an id within a bucket.
struct FirstSeen {
  Timestamp time = kNoTime;

  void write(std::string& out) const { append_zigzag(out, time); }
  bool read(std::string_view& in) { return read_zigzag(in, time); }
  std::size_t memory() const { return 0; }
};

class DeduplicateState {
 public:
  explicit DeduplicateState(Duration within);

  void open(BytesStore& store);
  // Whether `id` was seen at most `within` from `time`, and is remembered. If not, it is now.
  bool is_repeat(std::string_view id, Timestamp time);
  void advance(Timestamp now);
  void write_back();
  void forget();

 private:
  bool remembers(Timestamp bucket, std::string_view id, Timestamp time);

  const Duration within_;
  TimedTable<FirstSeen> table_;
  StageTime time_;
};

}  // namespace weir::detail
