// One way into a sink: a batch at a time, in order. Calls are made by a thread of its own, or,
// where the sink does not want that, by whoever asks for them.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <weir/sink.h>
#include <weir/stage.h>

namespace weir::engine {

// Results with their bytes.
class SinkBatch {
 public:
  void add(const OutputRecord& record, const SinkSource& source, std::int64_t number);
  void clear();
  bool empty() const { return places_.empty(); }
  std::size_t records() const { return places_.size(); }
  std::size_t bytes() const { return bytes_.size(); }
  // Valid until the batch changes.
  const std::vector<SinkRecord>& view();

 private:
  // Where a record lies in bytes_; a length of kNull: there is none.
  struct Place {
    std::size_t key_at, key_size, value_at, value_size;
    Timestamp timestamp;
    SinkSource source;
    std::int64_t number;
  };
  static constexpr std::size_t kNull = static_cast<std::size_t>(-1);

  std::pair<std::size_t, std::size_t> put(const std::optional<std::string_view>& part);
  std::optional<std::string_view> at(std::size_t where, std::size_t size) const;

  std::string bytes_;
  std::vector<Place> places_;
  std::vector<SinkRecord> view_;
};

// What a lane's thread tells to who waits for several of them.
struct SinkBell {
  std::mutex mutex;
  std::condition_variable rung;
};

class SinkLane {
 public:
  enum class Call { write, flush, probe };

  SinkLane(std::unique_ptr<Sink> sink, bool own_thread, SinkBell& bell);
  // Waits for the call that is under way.
  ~SinkLane();
  SinkLane(const SinkLane&) = delete;
  SinkLane& operator=(const SinkLane&) = delete;

  // REQUIRES: idle(). `batch` is left alone until the answer is taken.
  void begin(Call call, SinkBatch* batch);
  // No call is under way, and no answer waits to be taken.
  bool idle() const { return !begun_; }
  Call call() const { return call_; }
  // When the call that is under way began.
  std::chrono::steady_clock::time_point since() const { return since_; }
  // How long the call took whose answer was taken last.
  std::chrono::duration<double> took() const { return took_; }
  // Of the call that was begun, once it is there.
  std::optional<SinkAnswer> take();
  // Whether take() would have something. REQUIRES: the bell's mutex is held.
  bool has_answer() const { return answer_.has_value(); }

  Sink& sink() { return *sink_; }

 private:
  void serve(const std::stop_token& stop);
  SinkAnswer make_call();

  const std::unique_ptr<Sink> sink_;
  SinkBell& bell_;
  Call call_ = Call::write;
  SinkBatch* batch_ = nullptr;
  bool begun_ = false;
  std::chrono::steady_clock::time_point since_{};
  bool asked_ = false;                // For the thread; under the bell's mutex.
  std::optional<SinkAnswer> answer_;  // The same, and when it came.
  std::chrono::steady_clock::time_point answered_{};
  std::chrono::duration<double> took_{};
  std::condition_variable_any work_;
  std::jthread thread_;
};

}  // namespace weir::engine
