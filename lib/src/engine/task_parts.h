// What a task consists of. Included only by task*.cpp.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/latency_sample.h"
#include "engine/task.h"

namespace weir::engine {

struct Task::RunningInput {
  RunningInput(const StageSpec& from, SourceStage& into, int number, Duration idle_after)
      : spec(from),
        source(into),
        stage(number),
        repartition(from.role == Role::repartition_read),
        idle(idle_after),
        topic_hash(origin_topic(from.topic)),
        clock(idle_after) {}

  const StageSpec& spec;
  SourceStage& source;
  const int stage;  // Its number in the task.
  const bool repartition;
  const Duration idle;
  const std::uint32_t topic_hash;  // For origins.
  SourceClock clock;               // Of a source topic.
  MarkerClock markers;             // Of a repartition topic.
  InputQueue queue;
  bool shown = false;  // The queue's front is decoded in the source stage.
  bool at_end = false;
  std::int64_t position = -1;
  Timestamp read_at = 0;  // When what was added last was read.
  Flow in{};
  Flow committed_in{};  // What an abort goes back to.
  Histogram late_by{};
  Histogram committed_late_by{};

  bool is_repartition() const { return repartition; }
  Timestamp reached() const { return is_repartition() ? markers.reached() : clock.reached(); }
  bool empty() const { return is_repartition() ? at_end && markers.empty() : clock.empty(); }
  bool caught_up() const {
    return at_end && queue.empty() && (!is_repartition() || markers.caught_up());
  }
};

struct Task::Discard : DiscardCounter {
  std::string step{};
  OnError answer = OnError::drop;
  bool is_late = false;
  std::uint64_t dead = 0;
  std::uint64_t committed = 0;  // Of `records` and of `dead`, at the last commit.
  std::uint64_t committed_dead = 0;
};

// A topic that results go to.
struct Task::Target {
  std::string topic;
  bool is_sink = false;  // Its records count as out.
  Flow out{};
  Flow committed_out{};
  LatencySample times{};  // Of the results since the last commit.
  Histogram end_to_end{};
  Histogram processing{};
};

}  // namespace weir::engine
