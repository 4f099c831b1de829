#include "run/record_taps.h"

#include <algorithm>
#include <chrono>

#include "compile/row.h"
#include "job/diagnostic_print.h"
#include <weir/time_format.h>

namespace weir::run {

namespace {

using compile::Key;
using compile::Row;

constexpr std::size_t kBytesMax = std::size_t{1} << 20;  // Of one tap, between two fetches.
constexpr std::size_t kRecordBytesMax = 16 * 1024;       // Of one record; longer ones are named.

std::int64_t steady_ns() {
  return std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::string quoted_or_null(const std::optional<std::string>& text) {
  return text ? job::json_quoted(*text) : "null";
}

}  // namespace

// One who looks. Worker threads come to take(), the HTTP threads to everything else.
class RecordTaps::Tap {
 public:
  Tap(const JobStep& step, const TapWish& wish, Timestamp now)
      : fetched_(now), interval_ns_(1'000'000'000 / wish.rate) {
    const auto add = [&](const std::vector<JobStep::Way>& ways, const char* side) {
      for (const JobStep::Way& way : ways) {
        if (way.rows != nullptr) {
          ways_.push_back({way.stage, way.output, side, compile::RowWriter(*way.rows)});
        }
      }
    };
    if (wish.in) add(step.ways_in, "in");
    if (wish.out) add(step.ways_out, "out");
  }

  bool sees_nothing() const { return ways_.empty(); }
  bool wants(int stage, int output) const { return way_of(stage, output) != nullptr; }

  void take(int stage, int output, std::type_index type, const void* record) {
    const Way* way = way_of(stage, output);
    if (way == nullptr) return;
    seen_.fetch_add(1, std::memory_order_relaxed);
    if (!may_look()) return;
    if (type == typeid(Record<Key, Row>)) {
      const auto& row = *static_cast<const Record<Key, Row>*>(record);
      keep(json_of(*way, row.key, row.value, row.timestamp));
    } else if (type == typeid(Record<std::string, Row>)) {
      const auto& row = *static_cast<const Record<std::string, Row>*>(record);
      keep(json_of(*way, row.key, row.value, row.timestamp));
    }
  }

  TapHarvest fetch(Timestamp now) {
    const std::lock_guard lock(mutex_);
    fetched_ = now;
    TapHarvest harvest;
    harvest.records = std::exchange(records_, {});
    harvest.seen = seen_.exchange(0);
    harvest.unseen = harvest.seen - std::min<std::uint64_t>(harvest.seen, harvest.records.size());
    bytes_ = 0;
    return harvest;
  }
  bool is_forgotten(Timestamp now) const {
    const std::lock_guard lock(mutex_);
    return now - fetched_ > kForgottenMs;
  }

 private:
  struct Way {
    int stage;
    int output;
    const char* side;
    compile::RowWriter writer;
  };

  const Way* way_of(int stage, int output) const {
    const auto found = std::ranges::find_if(
        ways_, [&](const Way& way) { return way.stage == stage && way.output == output; });
    return found == ways_.end() ? nullptr : &*found;
  }

  // So many a second, and those of one second at once after a pause.
  bool may_look() {
    const std::int64_t now = steady_ns();
    std::int64_t next = next_ns_.load(std::memory_order_relaxed);
    for (;;) {
      if (next > now) return false;
      const std::int64_t from = std::max(next, now - 1'000'000'000);
      if (next_ns_.compare_exchange_weak(next, from + interval_ns_)) return true;
    }
  }

  static std::string json_of(const Way& way, const Key& key, const Row& row, Timestamp time) {
    std::string text;
    std::string json = std::string("{\"side\":\"") + way.side + "\",\"time\":";
    json += append_time_text(text, time) ? job::json_quoted(text) : "null";
    json += ",\"key\":" + quoted_or_null(key) + ",\"value\":";
    text.clear();
    way.writer.write(row.values, text);
    if (text.size() <= kRecordBytesMax) return json + text + "}";
    return json + "null,\"too_long\":" + std::to_string(text.size()) + "}";
  }

  void keep(std::string json) {
    const std::lock_guard lock(mutex_);
    if (bytes_ + json.size() > kBytesMax) return;
    bytes_ += json.size();
    records_.push_back(std::move(json));
  }

  std::vector<Way> ways_;
  std::atomic<std::uint64_t> seen_{0};
  std::atomic<std::int64_t> next_ns_{0};
  mutable std::mutex mutex_;
  Timestamp fetched_;
  const std::int64_t interval_ns_;
  std::vector<std::string> records_;
  std::size_t bytes_ = 0;
};

// All taps of one moment. Never changed, so workers need no lock.
class RecordTaps::Watcher final : public RecordWatcher {
 public:
  explicit Watcher(std::vector<std::shared_ptr<Tap>> taps) : taps_(std::move(taps)) {}
  bool wants(int stage, int output) const override {
    return std::ranges::any_of(taps_, [&](const auto& tap) { return tap->wants(stage, output); });
  }
  void on_record(int stage, int output, std::type_index type, const void* record) override {
    for (const auto& tap : taps_) tap->take(stage, output, type, record);
  }

 private:
  const std::vector<std::shared_ptr<Tap>> taps_;
};

RecordTaps::RecordTaps(const JobSteps& steps, Watch watch)
    : steps_(steps), watch_(std::move(watch)) {}
RecordTaps::~RecordTaps() = default;

Result<std::string> RecordTaps::open(const std::string& step, const TapWish& wish, Timestamp now) {
  const JobStep* found = steps_.find(step);
  if (found == nullptr) {
    std::vector<std::string> names;
    for (const JobStep& one : steps_.steps()) names.push_back(one.name);
    std::string list;
    for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
    const std::string near = job::did_you_mean(step, names);
    return Error{"there is no step '" + step + "'", near.empty() ? "the steps are " + list : near};
  }
  if (wish.rate < 1 || wish.rate > kRateMax) {
    return Error{"a rate is from 1 to " + std::to_string(kRateMax)};
  }
  auto tap = std::make_shared<Tap>(*found, wish, now);
  if (tap->sees_nothing()) {
    return Error{"no records go " + std::string(wish.in ? "into" : "out of") + " '" + step +
                     "' inside the job",
                 "see --in and --out; what topics hold, weir consume shows"};
  }
  const std::lock_guard lock(mutex_);
  if (taps_.size() >= kTapsMax) {
    return Error{"there are " + std::to_string(kTapsMax) + " taps already", "end one of them"};
  }
  const std::string id = std::to_string(++opened_) + "-" + std::to_string(now % 1'000'000);
  taps_[id] = std::move(tap);
  hand_over();
  return id;
}

Result<TapHarvest> RecordTaps::fetch(const std::string& id, Timestamp now) {
  const std::lock_guard lock(mutex_);
  const auto found = taps_.find(id);
  if (found == taps_.end()) return Error{"there is no such tap (any more)"};
  return found->second->fetch(now);
}

void RecordTaps::close(const std::string& id) {
  const std::lock_guard lock(mutex_);
  if (taps_.erase(id) > 0) hand_over();
}

void RecordTaps::tidy(Timestamp now) {
  const std::lock_guard lock(mutex_);
  const auto gone =
      std::erase_if(taps_, [&](const auto& entry) { return entry.second->is_forgotten(now); });
  if (gone > 0) hand_over();
}

void RecordTaps::hand_over() {
  if (taps_.empty()) return watch_(nullptr);
  std::vector<std::shared_ptr<Tap>> all;
  for (const auto& [id, tap] : taps_) all.push_back(tap);
  watch_(std::make_shared<Watcher>(std::move(all)));
}

}  // namespace weir::run
