// Asks the brokers for the ends of the partitions that are read, on a thread of its own.
//
// For three reasons. The lag wants the ends. A partition that was read to its end may have got
// records since, and the fetcher does not say that its broker is away. And a fetcher of 2.0.2 whose
// queue is full sleeps up to a second, however fast the queue is emptied meanwhile, unless
// something comes in on its connection: while there is a backlog, an answer every few milliseconds
// is that something. It costs nothing that can be seen, and allows small queues. Included only by
// rdkafka_*.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "kafka/rdkafka_types.h"

namespace weir::kafka {

class EndWatch {
 public:
  // What is known of one partition. Shared by the reader's thread and the watch: either may be the
  // last to let go.
  struct Watched {
    Partition partition{};
    std::atomic<std::int64_t> position{0};     // Kept by the reader.
    std::atomic<std::int64_t> end{kNoOffset};  // Kept by the watch.
    std::atomic<std::int64_t> asked_ms{0};     // When the broker was asked that last answered.

    // A reader that has come to the end is still there, as far as was known `now_ms` a moment ago.
    bool is_at_end(std::int64_t now_ms) const;
  };

  // A clock for `asked_ms`, which nobody sets.
  static std::int64_t now_ms();

  // REQUIRES: `client` lives longer.
  explicit EndWatch(rd_kafka_t* client) : client_(client) {}
  ~EndWatch();

  void watch(std::vector<std::shared_ptr<Watched>> partitions);

 private:
  void run();
  void ask(const std::vector<std::shared_ptr<Watched>>& partitions);
  // Whether all answered.
  bool ask_together(const std::vector<std::shared_ptr<Watched>>& partitions, Duration wait);

  rd_kafka_t* client_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::vector<std::shared_ptr<Watched>> partitions_;
  std::thread thread_;  // Starts with the first partition.
};

}  // namespace weir::kafka
