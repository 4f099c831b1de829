#include "kafka/rdkafka_end_watch.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace weir::kafka {
namespace {

constexpr Duration kPauseBehind{5};
constexpr Duration kPause{1'000};
constexpr Duration kTailWait{1'000};
constexpr Duration kAloneWait{200};
// Fewer records than this fit into any queue: nothing to wake for.
constexpr std::int64_t kBacklogRecords = 1'000;
// What a broker said of an end counts for so long: some of the questions above.
constexpr std::int64_t kKnownMs = 10'000;

bool is_behind(const std::vector<std::shared_ptr<EndWatch::Watched>>& partitions) {
  return std::any_of(partitions.begin(), partitions.end(), [](const auto& watched) {
    return watched->end.load(std::memory_order_relaxed) -
               watched->position.load(std::memory_order_relaxed) >
           kBacklogRecords;
  });
}

}  // namespace

bool EndWatch::Watched::is_at_end(std::int64_t now_ms) const {
  return end.load(std::memory_order_relaxed) <= position.load(std::memory_order_relaxed) &&
         now_ms - asked_ms.load(std::memory_order_relaxed) <= kKnownMs;
}

std::int64_t EndWatch::now_ms() {
  return std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

EndWatch::~EndWatch() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void EndWatch::watch(std::vector<std::shared_ptr<Watched>> partitions) {
  const bool idle = partitions.empty();
  {
    const std::lock_guard lock(mutex_);
    partitions_ = std::move(partitions);
  }
  changed_.notify_one();
  if (!idle && !thread_.joinable()) thread_ = std::thread([this] { run(); });
}

void EndWatch::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const auto partitions = partitions_;
    if (partitions.empty()) {
      changed_.wait(lock);
      continue;
    }
    lock.unlock();
    ask(partitions);
    lock.lock();
    changed_.wait_for(lock, is_behind(partitions) ? kPauseBehind : kPause,
                      [&] { return stopping_ || partitions_ != partitions; });
  }
}

// When the broker of one does not answer, librdkafka says nothing of all: then each alone, for the
// ends of the others must not be forgotten meanwhile.
void EndWatch::ask(const std::vector<std::shared_ptr<Watched>>& partitions) {
  if (ask_together(partitions, kTailWait) || partitions.size() == 1) return;
  for (const auto& watched : partitions) {
    if (now_ms() - watched->asked_ms.load(std::memory_order_relaxed) < kKnownMs / 2) continue;
    {
      const std::lock_guard lock(mutex_);
      if (stopping_ || partitions_ != partitions) return;
    }
    ask_together({watched}, kAloneWait);
  }
}

bool EndWatch::ask_together(const std::vector<std::shared_ptr<Watched>>& partitions,
                            Duration wait) {
  std::vector<Partition> names;
  for (const auto& watched : partitions) names.push_back(watched->partition);
  const RdList list = make_list(names, RD_KAFKA_OFFSET_END);
  const std::int64_t asked_ms = now_ms();
  // An error, of all or of one, leaves what was known: the next answer mends it.
  if (rd_kafka_offsets_for_times(client_, list.get(), millis(wait)) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return false;
  }
  bool all = true;
  for (int i = 0; i < list->cnt; ++i) {
    const auto& element = list->elems[i];
    if (element.err != RD_KAFKA_RESP_ERR_NO_ERROR || element.offset < 0) {
      all = false;
      continue;
    }
    Watched& watched = *partitions[static_cast<std::size_t>(i)];
    watched.end.store(element.offset, std::memory_order_relaxed);
    watched.asked_ms.store(asked_ms, std::memory_order_relaxed);
  }
  return all;
}

}  // namespace weir::kafka
