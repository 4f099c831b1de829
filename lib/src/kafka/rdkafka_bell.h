// How librdkafka's threads wake the thread that polls. Included only by rdkafka_*.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

#include <librdkafka/rdkafka.h>

#include <weir/time.h>

namespace weir::kafka {

class Bell {
 public:
  void ring() {
    {
      const std::lock_guard lock(mutex_);
      rung_ = true;
    }
    changed_.notify_one();
  }
  // Returns at once when it was rung since the last wait.
  void wait(Duration most) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, most, [&] { return rung_; });
    rung_ = false;
  }
  // Rings when something comes into an empty queue. Unwatch before the queue or the bell goes.
  void watch(rd_kafka_queue_t* queue) {
    rd_kafka_queue_cb_event_enable(
        queue, [](rd_kafka_t*, void* bell) { static_cast<Bell*>(bell)->ring(); }, this);
  }
  static void unwatch(rd_kafka_queue_t* queue) {
    rd_kafka_queue_cb_event_enable(queue, nullptr, nullptr);
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool rung_ = false;
};

}  // namespace weir::kafka
