// The state of match_once: for each key what waits, and what is remembered.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <weir/detail/row_bytes.h>
#include <weir/detail/stage_time.h>
#include <weir/detail/timed_table.h>
#include <weir/detail/waits.h>
#include <weir/function_ref.h>
#include <weir/join.h>

namespace weir::detail {

// What comes out while a record arrives or time advances. Views are valid during the call.
class MatchResults {
 public:
  // The record that arrives has a partner.
  virtual void on_pair(std::string_view partner, Timestamp partner_time) = 0;
  // A record that waited has none.
  virtual void on_lone(Unmatched reason, std::string_view key, std::string_view value,
                       Timestamp time) = 0;

 protected:
  ~MatchResults() = default;
};

// What becomes of a record that arrives.
enum class Arrival { waits, paired, repeated, too_old, second };

class MatchState {
 public:
  using Encode = FunctionRef<void(std::string&)>;

  explicit MatchState(const MatchOptions& options);

  void open(BytesStore& store);
  Timestamp now() const { return time_.now(); }

  // `encode` appends the record's value; it is called when the record waits.
  Arrival left(std::string_view key, Timestamp time, Encode encode, MatchResults& results);
  Arrival right(std::string_view key, std::optional<std::string_view> id, Timestamp time,
                Encode encode, MatchResults& results);
  void advance(Timestamp now, MatchResults& results);

  void write_back();
  void forget();

 private:
  struct Part {
    char kind = 0;
    Timestamp time = 0;
    std::string_view bytes{};
    std::string_view raw{};  // All of it as it lies in the row; empty when it is new.
  };

  bool is_past(Timestamp time, std::int64_t span_ms) const;
  bool fits(Timestamp a, Timestamp b) const;
  bool keeps(const Part& part) const;

  void load(std::string_view key);
  const Part* waiting_near(char kind, Timestamp time) const;
  void drop(const Part* partner);
  void emit_second(std::string_view key, MatchResults& results);
  void wait(char kind, Timestamp time, Encode encode);
  void remember(char kind, Timestamp time, std::string_view bytes);
  void write(const Part& part);
  void store(std::string_view key);

  void resume();
  void open_buckets();
  void push_waits(std::string_view key, const std::vector<Part>& parts);
  void expire(const Waiting& due, MatchResults& results);
  void drop_buckets();

  const std::int64_t within_ms_;
  const std::int64_t wait_ms_;  // How long a record waits: within + delay.
  const std::int64_t remember_ms_;
  const std::int64_t keep_ms_;  // The longer of both.
  TimedTable<RowBytes> table_;
  StageTime time_;
  Waits waits_;                       // Of the buckets that were opened.
  Timestamp opened_until_ = kNoTime;  // Buckets that start before it were opened.
  Timestamp next_check_ = kNoTime;    // Nothing is due before time is past it.

  // The row at work, and scratch.
  bool found_ = false;
  Timestamp bucket_ = 0;
  std::string old_;  // The row's bytes as they were: parts are views of it.
  std::vector<Part> parts_;
  std::vector<Part> listed_;
  std::string value_;
  std::string row_;
};

}  // namespace weir::detail
