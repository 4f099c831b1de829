// Sinks: where results go that do not stay in Kafka. A plan names topics only; which of these names
// mean a sink of another kind is said when it is run: see AppConfig::sinks.
//
// A sink sees every result at least once, also under `exactly_once`: what was written when a
// process dies is written again. Let it write by key, or by an id made of the record, and the
// outcome is as if it had been written once.
#pragma once

#include <cstddef>
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

// A result on its way out. Views: valid during write() only.
struct SinkRecord {
  std::optional<std::string_view> key{};
  std::optional<std::string_view> value{};
  Timestamp timestamp = 0;
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

// One sink of one worker thread, called by that thread alone. The order of the calls for each
// commit: write, any number of times, then flush, and only when that is done does Kafka learn that
// the input was processed. While a sink says `again`, its worker reads no more, so the memory that
// waits is bounded; calls should return within a second or two, because the worker cannot tell the
// brokers that it is alive while it waits.
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
};

// Opens a sink for the worker thread of that number. An Error ends the job.
using OpenSink = std::function<Result<std::unique_ptr<Sink>>(int worker)>;

}  // namespace weir
