// One side of an interval join: the rows it keeps, by time and key.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <weir/detail/row_bytes.h>
#include <weir/detail/timed_table.h>
#include <weir/detail/waits.h>
#include <weir/function_ref.h>
#include <weir/time.h>

namespace weir::detail {

// A row as it lies in memory. Valid until the side it belongs to is changed by add() or time.
struct JoinRow {
  Timestamp time = 0;
  Timestamp observed = kNoTime;  // The time of its partition before it.
  bool open = false;             // It has no partner so far and will come out alone.
  std::string_view value;
  Timestamp bucket = 0;  // Where it lies.
  std::size_t offset = 0;
};

class JoinSide {
 public:
  using Encode = FunctionRef<void(std::string&)>;
  using Visit = FunctionRef<void(std::string_view value)>;

  struct Options {
    bool left = false;
    bool comes_out = false;    // Rows without a partner come out.
    std::int64_t wait_ms = 0;  // When they do, and when a record is late: look-ahead + grace.
    std::int64_t keep_ms = 0;  // How long a row may find a partner.
    std::int64_t bucket_ms = 1;
  };
  explicit JoinSide(const Options& options);

  void open(BytesStore& store);

  // A record of this side that arrives when its partition, or the stage, has reached `observed`.
  bool is_late(Timestamp time, Timestamp observed) const {
    return later(time, options_.wait_ms) < observed;
  }
  // A row that came when its partition had reached `observed` was there before a row of this side
  // at `time` was due to come out.
  bool in_time_for(Timestamp time, Timestamp observed) const { return !is_late(time, observed); }

  // The rows of `key` from `from` to `to`, both included, by time, then as they came. Valid until
  // the next call of any other member but close().
  const std::vector<JoinRow>& near(std::string_view key, Timestamp from, Timestamp to);
  // The row has found a partner.
  void close(std::string_view key, const JoinRow& row);

  // `encode` appends the value. `matched`: it has a partner already.
  void add(std::string_view key, Timestamp time, Timestamp observed, bool matched, Encode encode);

  // Whether time `now` makes anything due.
  bool has_due(Timestamp now) const { return now > next_check_; }
  // Appends the keys and times of which rows may have to come out.
  void due(Timestamp now, std::vector<Waiting>& out);
  // Visits the open rows of a key at a time as they came, and closes them.
  void take(const Waiting& due, Visit visit);
  // Rows that can find no partner any more go.
  void drop(Timestamp now);

  void write_back();
  void forget();

 private:
  void resume();
  void open_buckets(Timestamp now);

  const Options options_;
  TimedTable<RowBytes> table_;
  Waits waits_;                       // Of the buckets that were opened.
  Timestamp opened_until_ = kNoTime;  // Buckets that start before it were opened.
  Timestamp next_check_ = kNoTime;    // Nothing is due before time is past it.
  std::vector<JoinRow> rows_;         // Scratch.
  std::string row_;
  std::string value_;
};

}  // namespace weir::detail
