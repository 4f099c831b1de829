// The state of per-event windows: the records themselves, from which windows are derived. A window
// is there when it ends at a record or begins right after one, and holds a record in time for it.
//
// Rows: detail/layout.h. `arrival` counts the records of the store, so that their order is known. A
// record counts in the windows that end at or after its time + `lost`: the earlier ones were closed
// for it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include <weir/bytes_store.h>
#include <weir/detail/agenda.h>
#include <weir/detail/stage_time.h>
#include <weir/detail/timed_table.h>
#include <weir/function_ref.h>
#include <weir/windows.h>

namespace weir::detail {

// The records of one key in one bucket, as bytes.
struct PerEventRows {
  std::string bytes;

  void write(std::string& out) const { out += bytes; }
  bool read(Bytes& in) {
    bytes.assign(in);
    in = {};
    return true;
  }
  std::size_t memory() const { return bytes.capacity(); }
};

class PerEventState {
 public:
  struct Row {
    Timestamp time = 0;
    std::uint64_t arrival = 0;
    std::int64_t lost = 0;
    Bytes value;
  };
  using Close = FunctionRef<void(Bytes key, const Window& window)>;

  explicit PerEventState(const PerEvent& windows);

  void open(BytesStore& store);
  Timestamp now() const { return time_.now(); }
  // How far behind stage time the result of a window may still be.
  std::int64_t wait_ms() const { return size_ms_ + grace_ms_; }

  // Keeps a record. False, and nothing is kept: every window that holds it is closed for it.
  // `observed` as in Record.
  bool add(Bytes key, Bytes value, Timestamp time, Timestamp observed);

  // The windows that the record added last has changed or made, by start. Valid until the next
  // call. REQUIRES: the arguments of that add, which returned true.
  const std::vector<Window>& changed(Bytes key, Timestamp time, Timestamp observed);

  // The records that count in a window, in the order of their arrival. Valid until the next call
  // of a member that changes something.
  const std::vector<Row>& rows(Bytes key, const Window& window);

  // Time has advanced: calls `close` for each window that is closed now, by end and key. It may
  // ask for the rows; there may be none, then the window was never there.
  void advance(Timestamp now, Close close);

  void write_back();
  void forget();
  void shrink(std::size_t bytes_max) { table_.shrink(bytes_max); }
  std::uint64_t open_windows() const { return agenda_.size(); }

 private:
  bool is_closed(Timestamp end, Timestamp now) const {
    return now != kNoTime && later(end, grace_ms_) < now;
  }
  Window ending(Timestamp end) const { return {end - size_ms_, end}; }
  // End of the window that is there because a record ends it; the first window begins with time.
  Timestamp own_end(Timestamp time) const { return std::max(time, size_ms_); }
  bool any_open_with(Bytes key, Timestamp time, Timestamp now);
  void list_windows_with(Timestamp time);
  void collect(Bytes key, Timestamp from, Timestamp until);
  void enter(Bytes key, const Row& row);
  void resume();

  const std::int64_t size_ms_;
  const std::int64_t grace_ms_;
  TimedTable<PerEventRows> table_;
  StageTime time_;
  Agenda agenda_;  // Ends of windows.
  std::uint64_t arrivals_ = 0;
  std::vector<Row> rows_;  // Scratch.
  std::vector<Window> changed_;
  std::vector<std::string> spare_;  // Memory of dropped rows.
};

}  // namespace weir::detail
