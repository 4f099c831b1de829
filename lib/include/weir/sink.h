// Sinks: where results go that do not stay in Kafka. A plan names topics only; which of these names
// mean a sink of another kind is said when it is run: see AppConfig::sinks.
//
// A sink sees every result at least once, also under `exactly_once`: what was written when a
// process dies is written again. Let it write by key, or by an id made of the record, and the
// outcome is as if it had been written once.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <weir/error.h>
#include <weir/time.h>

namespace weir {

// Whose results they are: one partition's work on one part of the job. `since` is when its results
// began to be counted: the same for as long as the job goes on, another one after a reset.
struct SinkSource {
  int sub_topology = 0;
  int partition = 0;
  Timestamp since = 0;
  auto operator<=>(const SinkSource&) const = default;
};

// Where a source is taken up.
struct SinkStart {
  std::int64_t number = 0;  // Of its last result that is committed.
  // Who goes on with it: another number each time that a worker takes a source up.
  std::int64_t owner = 0;
  // Who committed last, and where that one had taken it up. 0: nothing was ever committed.
  std::int64_t last_owner = 0;
  std::int64_t last_number = 0;
};

// A result on its way out. Views: valid during write() only.
struct SinkRecord {
  std::optional<std::string_view> key{};
  std::optional<std::string_view> value{};
  Timestamp timestamp = 0;
  SinkSource source{};
  // Results of a source are counted from 1. What was not committed when a process died comes again
  // under the same numbers.
  std::int64_t number = 0;
};

// How a sink wants its results.
struct SinkPace {
  std::size_t batch_records = 1000;  // A batch is written when it has so many,
  Duration batch_every{0};           // or so long after its first; 0: with the commit.
  // 0: the worker's own thread calls, and waits. Else so many sinks are opened for each worker,
  // each called by a thread of its own while the worker goes on: so many batches are in flight. All
  // results of a source go to the same one, in order.
  int in_flight = 0;
};

// What a sink did not take for good: a dead letter with reason `sink`. `record` is its place in the
// batch.
struct SinkRefusal {
  std::size_t record = 0;
  std::string why{};
};

// What became of a call.
struct [[nodiscard]] SinkAnswer {
  enum class What {
    done,   // But for `refused`.
    again,  // Not now: the same call comes again after a pause. Nothing is lost meanwhile.
    never,  // No retry mends it: the job ends with `why`.
  };
  What what = What::done;
  std::string why{};
  std::vector<SinkRefusal> refused{};
};

// One sink of one worker, called by one thread at a time. The order of the calls for each commit:
// write, any number of times, then flush, and only when that is done does Kafka learn that the
// input was processed. While a sink says `again`, or does not come back, the partitions whose
// results go to it are read no further, so the memory that waits is bounded; all others go on.
// Calls should return within some seconds: a worker that is to stop has to wait for them.
//
//   class Lines final : public Sink {
//    public:
//     SinkAnswer write(std::span<const SinkRecord> batch) override {
//       for (const SinkRecord& record : batch) file_ << record.value.value_or("null") << '\n';
//       return {};
//     }
//     SinkAnswer flush() override { return file_.flush() ? SinkAnswer{} : broken(); }
//     void close() override { file_.close(); }
//   };
class Sink {
 public:
  virtual ~Sink() = default;

  // Takes the next results, in order. `again`: of the whole batch, whatever part of it was taken.
  virtual SinkAnswer write(std::span<const SinkRecord> batch) = 0;
  // Returns done once everything written is where it should be, to stay.
  virtual SinkAnswer flush() = 0;
  // The last call, after a flush or after a failure. What was not flushed will be written again.
  virtual void close() = 0;

  // ---- For those that need to know more --------------------------------------------------------

  // Asked once, before all others.
  virtual SinkPace pace() const { return {}; }
  // After an `again`, now and then, and before the first write: is it there?
  virtual SinkAnswer probe() { return {}; }

  // Three that only the worker's own thread calls, so of sinks with `in_flight` 0. They let a sink
  // that cannot overwrite cut off what was never committed.
  //
  // The source is with this worker now, or its last commit has failed: what came under a larger
  // number will come again.
  virtual SinkAnswer resume(const SinkSource& /*source*/, const SinkStart& /*start*/) { return {}; }
  // Everything that was flushed is committed. After each commit, and about once a second.
  virtual SinkAnswer settle() { return {}; }
  // The source goes to another worker, perhaps of another process.
  virtual void release(const SinkSource& /*source*/) {}
};

// Opens a sink for the worker thread of that number. An Error ends the job.
using OpenSink = std::function<Result<std::unique_ptr<Sink>>(int worker)>;

}  // namespace weir
