// Results on their way to a sink that is no topic: gathered into batches, written before the
// commit. Bounded: whoever sees full() makes no more of them.
//
//   add() ──► filling ──► writing ──► the sink       in each lane; a lane is one sink, one call
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/sink_lane.h"
#include <weir/app_snapshot.h>

namespace weir::engine {

class SinkQueue {
 public:
  // Hears of what the sink does not take for good.
  using Refused = std::function<void(const SinkRecord& record, std::string_view why)>;

  // As many sinks as their pace says, one where it is 0.
  SinkQueue(std::string name, std::vector<std::unique_ptr<Sink>> sinks, SinkBell& bell,
            Refused refused);

  const std::string& name() const { return name_; }
  void add(const OutputRecord& record, const SinkSource& source, std::int64_t number);
  // Of results of that source no more should be added.
  bool full(const SinkSource& source) const {
    return room() == 0 || is_full(lanes_[lane_of(source)]);
  }
  // How many more may be added before the next commit: fewer for a sink that was too slow for one.
  std::size_t room() const { return quota_ > added_ ? quota_ - added_ : 0; }
  // All of it is written and flushed.
  bool empty() const;

  enum class Progress { done, busy, again, never };
  // Writes what there is and waits until it lasts. `busy`: a call is under way; `again`: the sink
  // wants to be asked later, and why() says more.
  Progress flush();
  // Writes the batches that are full or old enough, so that the queue does not grow until the
  // commit.
  Progress write(Timestamp now);
  // What was added since the last commit is forgotten.
  void abort();
  // What was added is committed; `quick`: the sink could have taken more.
  void committed(bool quick);

  // ---- A sink that does not answer -------------------------------------------------------------
  // Nothing may be added until probe() says `done`. Sinks with threads of their own begin so.
  bool is_away() const { return away_; }
  void leave();
  // Looks for answers; `ask`: and asks again who has not given a good one.
  Progress probe(bool ask);
  // It does not do what it is told, or takes long about it.
  bool is_failing() const;

  // ---- Of a sink that cuts off what was not committed, see Sink --------------------------------
  Progress resume(const SinkSource& source, const SinkStart& start);
  Progress settle();
  void release(const SinkSource& source);

  bool in_flight() const;
  // REQUIRES: the bell's mutex is held.
  bool has_answer() const;
  const std::string& why() const { return why_; }
  std::uint64_t retries() const { return retries_; }
  // How long the sink took for batches.
  const Histogram& write_seconds() const { return write_seconds_; }

 private:
  static constexpr std::size_t kBytesMax = std::size_t{4} << 20;
  static constexpr std::chrono::seconds kLong{5};
  static constexpr std::size_t kQuotaMax = std::size_t{1} << 20;

  struct Lane {
    std::unique_ptr<SinkLane> sink;
    SinkBatch filling{};
    SinkBatch writing{};        // Until the sink has taken it.
    Timestamp since = kNoTime;  // When `filling` was first seen to have something.
    bool unflushed = false;
    bool stale = false;    // The call that is under way belongs to what was aborted.
    bool failing = false;  // It said `again`, and nothing better since.
    bool probed = false;
  };

  std::size_t lane_of(const SinkSource& source) const;
  bool is_full(const Lane& lane) const;
  Progress collect(Lane& lane);
  void take_written(Lane& lane, const SinkAnswer& answer);
  bool begin_write(Lane& lane);
  Progress note(const SinkAnswer& answer);

  const std::string name_;
  const Refused refused_;
  SinkPace pace_;
  std::vector<Lane> lanes_;
  bool away_ = false;
  std::size_t quota_ = kQuotaMax;  // Results in one commit.
  std::size_t added_ = 0;          // Since the last one.
  std::string why_;
  std::uint64_t retries_ = 0;
  Histogram write_seconds_{};
};

// The worse of two.
SinkQueue::Progress worse(SinkQueue::Progress a, SinkQueue::Progress b);

}  // namespace weir::engine
