// The time of one input of a task: one partition of a source topic, or of a repartition topic.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/marker.h"
#include <weir/time.h>

namespace weir::engine {

// A source partition: time is the largest event time read from it; once it is read to its end and
// silent for `idle`, time goes on with the wall clock. Time never goes back.
class SourceClock {
 public:
  explicit SourceClock(Duration idle) : idle_(idle) {}

  Timestamp reached() const { return reached_; }
  // A record of that event time was accepted at `now`.
  void accept(Timestamp time, Timestamp now) {
    if (time > newest_) newest_ = time;
    if (time > reached_) reached_ = time;
    silent_since_ = now;
    seen_ = true;
  }
  // The last answer about the partition's end.
  void at_end(bool at_end) { at_end_ = at_end; }
  // The wall clock stands at `now`. True when time has advanced.
  bool tick(Timestamp now);
  void drain() { reached_ = kEndOfTime; }

  bool caught_up() const { return at_end_; }
  // Read to its end and never a record in it: it holds nobody back.
  bool empty() const { return !seen_ && reached_ == kNoTime && at_end_; }

  // Silent so long that its time is not that of its records any more.
  bool idle() const { return reached_ > newest_; }

  // What is committed beside the offset, and taken up from there after a restart.
  std::string state() const;
  void resume(std::string_view state, Timestamp now);

 private:
  Duration idle_;
  Timestamp newest_ = kNoTime;   // The largest event time of a record.
  Timestamp reached_ = kNoTime;  // That, or later when idle or drained.
  Timestamp silent_since_ = kNoTime;
  bool at_end_ = false;
  bool seen_ = false;
};

// What MarkerClock can remember beside an offset.
inline constexpr int kUpstreamTasksMax = 3000;

// A repartition partition: time is the smallest that the markers of all upstream tasks tell.
class MarkerClock {
 public:
  Timestamp reached() const { return reached_; }
  // True when time, or what is known about the upstream tasks, has changed.
  bool accept(const Marker& marker);

  // Every upstream task had read everything there was when it last wrote.
  bool caught_up() const;
  // No upstream task has ever read a record.
  bool empty() const;

  // All that the markers told, so that a reader that starts again need not hear it again: upstream
  // tasks tell what has changed only. Of some thousand tasks at most: kUpstreamTasksMax.
  std::string state() const;
  void resume(std::string_view state);

 private:
  struct Upstream {
    Timestamp reached = kNoTime;
    bool known = false;
    bool empty = false;
    bool caught_up = false;
  };
  void update();

  std::vector<Upstream> upstream_;
  Timestamp reached_ = kNoTime;
};

}  // namespace weir::engine
