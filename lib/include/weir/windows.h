// Windows of event time, and when their results are emitted.
#pragma once

#include <string>

#include <weir/time.h>

namespace weir {

// `[start, start + size)`, aligned to the epoch. `every` zero or equal to `size`: tumbling;
// smaller: a new window starts every so often and they overlap. A window closes when time reaches
// its end plus `grace`; a record that comes after that is late.
//
//   stream.group_by(&Order::customer).windowed({.size = 10s, .every = 5s, .grace = 30s})
struct Windows {
  Duration size{};
  Duration every{};
  Duration grace{};
};

// One window for each distinct set of records at most `size` apart: `[t - size, t]` ends at each
// record, and `[t + 1, t + 1 + size]` follows it when later records fall in it. Both ends belong to
// the window. Kafka Streams calls this SlidingWindows.
struct PerEvent {
  Duration size{};
  Duration grace{};
};

// Records of a key at most `gap` apart belong together. The window of a result is the first and the
// last event time in it.
struct Session {
  Duration gap{};
  Duration grace{};
};

enum class Emit {
  on_close,   // One final result per key and window.
  on_update,  // A result each time a record changes one; of a global aggregate one per commit.
};

namespace detail {

std::string in_words(Duration duration);  // "1m30s", "250ms"
std::string in_words(const Windows& windows, Emit emit);
std::string in_words(const PerEvent& windows, Emit emit);
std::string in_words(const Session& windows, Emit emit);

// What is wrong with the options of the operator `name`, or nothing.
std::string wrong_with(const std::string& name, const Windows& windows);
std::string wrong_with(const std::string& name, const PerEvent& windows);
std::string wrong_with(const std::string& name, const Session& windows);

// The arithmetic of windows that start on multiples of a step.
class StepWindows {
 public:
  explicit StepWindows(const Windows& windows);

  std::int64_t size_ms() const { return size_; }
  std::int64_t every_ms() const { return every_; }
  // The largest span that no window start or end cuts: what overlapping windows share.
  std::int64_t pane_ms() const { return pane_; }
  std::int64_t grace_ms() const { return grace_; }

  Timestamp first_with(Timestamp time) const;  // Start of the oldest window that holds `time`.
  Timestamp last_with(Timestamp time) const;   // Start of the newest.
  Timestamp pane_with(Timestamp time) const;
  bool is_closed(Timestamp start, Timestamp now) const {
    return now != kNoTime && later(start, size_ + grace_) <= now;
  }
  // The oldest window start that is not closed at `now`.
  Timestamp first_open(Timestamp now) const;

 private:
  std::int64_t size_;
  std::int64_t every_;
  std::int64_t pane_;
  std::int64_t grace_;
};

}  // namespace detail

}  // namespace weir
