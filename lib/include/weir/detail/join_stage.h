// The stage of interval joins: port 0 left, port 1 right; stores `<name>-left`, `<name>-right`.
//
// A pair counts as found for a row only when its partner came before the row was due, by the time
// of the partner's own partition. So which rows come out alone does not depend on how far each
// partition happened to be read.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <weir/detail/join_plan.h>
#include <weir/detail/join_side.h>
#include <weir/detail/layout.h>
#include <weir/detail/port.h>
#include <weir/detail/stage_time.h>
#include <weir/join.h>
#include <weir/serde.h>
#include <weir/stage.h>
#include <weir/topic.h>

namespace weir::detail {

// The joiner of anti_join: the left value, of rows that found no partner.
struct LeftAlone {
  template <class V, class W>
  const V& operator()(const V* left, const W*) const {
    return *left;
  }
};

template <class K, class V, class W, class F>
class JoinStage final : public Stage {
  using Left = Record<K, V>;
  using Right = Record<K, W>;
  using Value = JoinedBy<F, V, W>;
  using Out = Record<K, Value>;
  using Key = typename OptionalOf<K>::type;

 public:
  JoinStage(std::string name, const JoinPlan& plan, F joiner)
      : name_(std::move(name)),
        plan_(plan),
        joiner_(std::move(joiner)),
        left_(plan.left),
        right_(plan.right) {}

  void* input(int port, std::type_index record) override {
    if (port == 0 && record == typeid(Left)) return static_cast<Receiver<Left>*>(&left_port_);
    if (port == 1 && record == typeid(Right)) return static_cast<Receiver<Right>*>(&right_port_);
    return nullptr;
  }
  bool connect(int output, Stage& child, int port) override {
    return output == 0 && output_.connect(child, port);
  }
  void init(TaskContext& task) override {
    task_ = &task;
    late_ = &task.discards("late");
    null_key_ = &task.discards("null_key");
    BytesStore& left_store = task.store(name_ + "-left");
    time_.open(left_store);
    left_.open(left_store);
    right_.open(task.store(name_ + "-right"));
  }
  void on_time(Timestamp time) override {
    observed_ = earlier(time_.now(), plan_.lag);
    headers_ = {};
    if (!time_.advance(time) || !(left_.has_due(time) || right_.has_due(time))) return;
    due_.clear();
    left_.due(time, due_);
    right_.due(time, due_);
    std::sort(due_.begin(), due_.end(),
              [](const Waiting& a, const Waiting& b) { return a.before(b); });
    for (const Waiting& waiting : due_) come_out(waiting);
    left_.drop(time);
    right_.drop(time);
  }
  void before_commit() override {
    time_.write_back();
    left_.write_back();
    right_.write_back();
  }
  void forget() override {
    time_.forget();
    left_.forget();
    right_.forget();
  }
  Duration lag() const override { return plan_.lag; }

 private:
  void receive_left(const Left& record) {
    const Timestamp observed = begin(record);
    if (!has_key<true>(record)) return;
    if (left_.is_late(record.timestamp, observed)) return discard_late();
    bool found = false;
    for (const JoinRow& row : right_.near(key_, earlier_by(record.timestamp, plan_.before_ms),
                                          later(record.timestamp, plan_.after_ms))) {
      read(row.value, right_value_);
      if (!pair(record, record.value, right_value_, row)) continue;
      found = found || left_.in_time_for(record.timestamp, row.observed);
      if (row.open && right_.in_time_for(row.time, observed)) right_.close(key_, row);
    }
    left_.add(key_, record.timestamp, observed, found,
              [&](std::string& out) { StateSerde<V>::write(record.value, out); });
  }
  void receive_right(const Right& record) {
    const Timestamp observed = begin(record);
    if (!has_key<false>(record)) return;
    if (right_.is_late(record.timestamp, observed)) return discard_late();
    bool found = false;
    for (const JoinRow& row : left_.near(key_, earlier_by(record.timestamp, plan_.after_ms),
                                         later(record.timestamp, plan_.before_ms))) {
      read(row.value, left_value_);
      if (!pair(record, left_value_, record.value, row)) continue;
      found = found || right_.in_time_for(record.timestamp, row.observed);
      if (row.open && left_.in_time_for(row.time, observed)) left_.close(key_, row);
    }
    right_.add(key_, record.timestamp, observed, found,
               [&](std::string& out) { StateSerde<W>::write(record.value, out); });
  }

  static Timestamp earlier_by(Timestamp time, std::int64_t millis) { return later(time, -millis); }

  // Returns the time that decides whether the record is late.
  template <class R>
  Timestamp begin(const R& record) {
    task_->time_first();
    observed_ = earlier(record.observed, plan_.lag);
    headers_ = record.headers;
    return std::max(record.observed, time_.now());
  }
  // A record without a key has no partner: it comes out at once, or not at all.
  template <bool left, class R>
  bool has_key(const R& record) {
    if constexpr (OptionalOf<K>::value) {
      if (!record.key) {
        lone_without_key<left>(record);
        return false;
      }
      key_.clear();
      KeySerde<Key>::write(*record.key, key_);
    } else {
      key_.clear();
      KeySerde<Key>::write(record.key, key_);
    }
    return true;
  }
  template <bool left, class R>
  void lone_without_key(const R& record) {
    const bool comes_out = left ? plan_.left.comes_out : plan_.right.comes_out;
    if (!comes_out) return task_->discard(*null_key_, "the key is null");
    if constexpr (left) {
      forward_lone(record.key, &record.value, nullptr, record.timestamp);
    } else {
      forward_lone(record.key, nullptr, &record.value, record.timestamp);
    }
  }
  void discard_late() {
    task_->discard(*late_, "every record it could join with has been waited for");
  }

  // Emits a pair; false when the joiner says that the two do not fit.
  template <class R>
  bool pair(const R& record, const V& left, const W& right, const JoinRow& row) {
    if (plan_.kind == JoinKind::anti) return true;
    const Timestamp time = std::max(record.timestamp, row.time);
    if constexpr (JoinsValues<F, V, W>) {
      return forward(record.key, std::invoke(joiner_, left, right), time);
    } else {
      return forward(record.key, std::invoke(joiner_, &left, &right), time);
    }
  }
  void forward_lone(const K& key, const V* left, const W* right, Timestamp time) {
    if constexpr (!JoinsValues<F, V, W>) {
      forward(key, std::invoke(joiner_, left, right), time);
    }
  }
  template <class Result>
  bool forward(const K& key, const Result& result, Timestamp time) {
    if constexpr (std::same_as<Result, Value>) {
      output_.forward({key, result, time, observed_, headers_});
      return true;
    } else {
      if (result) output_.forward({key, *result, time, observed_, headers_});
      return result.has_value();
    }
  }
  void come_out(const Waiting& waiting) {
    if constexpr (OptionalOf<K>::value) {
      if (!lone_key_) lone_key_.emplace();
      read_key(waiting, *lone_key_);
    } else {
      read_key(waiting, lone_key_);
    }
    JoinSide& side = waiting.left ? left_ : right_;
    side.take(waiting, [&](std::string_view value) {
      if (waiting.left) {
        read(value, left_value_);
        forward_lone(lone_key_, &left_value_, nullptr, waiting.time);
      } else {
        read(value, right_value_);
        forward_lone(lone_key_, nullptr, &right_value_, waiting.time);
      }
    });
  }
  static void read_key(const Waiting& waiting, Key& into) {
    check_stored(KeySerde<Key>::read(waiting.key.view(), into), "the key of a join");
  }
  template <class T>
  static void read(std::string_view bytes, T& into) {
    check_stored(StateSerde<T>::read(bytes, into) && bytes.empty(), "a value of a join");
  }

  const std::string name_;
  const JoinPlan plan_;
  const F joiner_;
  JoinSide left_;
  JoinSide right_;
  StageTime time_;
  Port<Left, JoinStage, &JoinStage::receive_left> left_port_{*this};
  Port<Right, JoinStage, &JoinStage::receive_right> right_port_{*this};
  Output<Out> output_;
  TaskContext* task_ = nullptr;
  DiscardCounter* late_ = nullptr;
  DiscardCounter* null_key_ = nullptr;

  // The record at work, and memory that is used again.
  Timestamp observed_ = kNoTime;
  Headers headers_;
  V left_value_{};
  W right_value_{};
  K lone_key_{};
  std::string key_;
  std::vector<Waiting> due_;
};

}  // namespace weir::detail
