// The stage of match_once: port 0 left, port 1 right; output 0 pairs, output 1 the unmatched.
#pragma once

#include <algorithm>
#include <string>
#include <utility>

#include <weir/detail/call.h>
#include <weir/detail/layout.h>
#include <weir/detail/match_state.h>
#include <weir/detail/port.h>
#include <weir/serde.h>
#include <weir/stage.h>
#include <weir/topic.h>

namespace weir::detail {

template <class K, class V, class W, class Id>
class MatchStage final : public Stage, private MatchResults {
  using Left = Record<K, V>;
  using Right = Record<K, W>;
  using Paired = Record<K, Pair<V, W>>;
  using Alone = Record<K, Lone<V, W>>;

 public:
  MatchStage(std::string store, const MatchOptions& options, Id id)
      : store_(std::move(store)),
        lag_(options.within + options.delay),
        id_of_(std::move(id)),
        state_(options) {}

  void* input(int port, std::type_index record) override {
    if (port == 0 && record == typeid(Left)) return static_cast<Receiver<Left>*>(&left_);
    if (port == 1 && record == typeid(Right)) return static_cast<Receiver<Right>*>(&right_);
    return nullptr;
  }
  bool connect(int output, Stage& child, int port) override {
    if (output == 0) return pairs_.connect(child, port);
    return output == 1 && lone_out_.connect(child, port);
  }
  void init(TaskContext& task) override {
    task_ = &task;
    repeated_ = &task.discards("duplicate");
    state_.open(task.store(store_));
  }
  void on_time(Timestamp time) override {
    observed_ = earlier(state_.now(), lag_);
    headers_ = {};
    state_.advance(time, *this);
  }
  void before_commit() override { state_.write_back(); }
  void forget() override { state_.forget(); }
  Duration lag() const override { return lag_; }

 private:
  void receive_left(const Left& record) {
    begin(record);
    left_now_ = &record;
    right_now_ = nullptr;
    const auto encode = [&](std::string& out) { StateSerde<V>::write(record.value, out); };
    const Arrival arrival = state_.left(key_, record.timestamp, encode, *this);
    if (arrival == Arrival::repeated) {
      task_->discard(*repeated_, "a left record with this key was seen before");
    } else if (arrival == Arrival::too_old) {
      set_lone(lone_.left, record.value);
      lone_.right.reset();
      forward_lone(record.key, Unmatched::no_right, record.timestamp);
    }
  }
  void receive_right(const Right& record) {
    begin(record);
    left_now_ = nullptr;
    right_now_ = &record;
    const auto& id = call(id_of_, record);
    id_.clear();
    std::optional<std::string_view> known = id_;  // A null id is nobody's repeat.
    if constexpr (OptionalOf<std::remove_cvref_t<decltype(id)>>::value) {
      if (!id) known.reset();
    }
    if (known) {
      KeySerde<std::remove_cvref_t<decltype(id)>>::write(id, id_);
      known = id_;
    }
    const auto encode = [&](std::string& out) { StateSerde<W>::write(record.value, out); };
    const Arrival arrival = state_.right(key_, known, record.timestamp, encode, *this);
    if (arrival == Arrival::repeated) {
      task_->discard(*repeated_, "a right record with this id was seen before");
    } else if (arrival == Arrival::too_old || arrival == Arrival::second) {
      set_lone(lone_.right, record.value);
      lone_.left.reset();
      const bool second = arrival == Arrival::second;
      forward_lone(record.key, second ? Unmatched::second_right : Unmatched::no_left,
                   record.timestamp);
    }
  }

  template <class R>
  void begin(const R& record) {
    task_->time_first();
    observed_ = earlier(record.observed, lag_);
    headers_ = record.headers;
    key_.clear();
    KeySerde<K>::write(record.key, key_);
  }
  void on_pair(std::string_view partner, Timestamp partner_time) override {
    if (left_now_ != nullptr) {
      pair_.left = left_now_->value;
      pair_.left_time = left_now_->timestamp;
      read(partner, pair_.right);
      pair_.right_time = partner_time;
      forward_pair(left_now_->key);
    } else {
      read(partner, pair_.left);
      pair_.left_time = partner_time;
      pair_.right = right_now_->value;
      pair_.right_time = right_now_->timestamp;
      forward_pair(right_now_->key);
    }
  }
  void forward_pair(const K& key) {
    pairs_.forward({key, pair_, std::max(pair_.left_time, pair_.right_time), observed_, headers_});
  }
  void on_lone(Unmatched reason, std::string_view key, std::string_view value,
               Timestamp time) override {
    if (reason == Unmatched::no_right) {
      read(value, lone_.left ? *lone_.left : lone_.left.emplace());
      lone_.right.reset();
    } else {
      read(value, lone_.right ? *lone_.right : lone_.right.emplace());
      lone_.left.reset();
    }
    check_stored(KeySerde<K>::read(key, lone_key_), "the key of a match");
    forward_lone(lone_key_, reason, time);
  }
  void forward_lone(const K& key, Unmatched reason, Timestamp time) {
    lone_.reason = reason;
    lone_out_.forward({key, lone_, time, observed_, headers_});
  }
  template <class T>
  static void set_lone(std::optional<T>& half, const T& value) {
    half ? void(*half = value) : void(half.emplace(value));
  }
  template <class T>
  static void read(std::string_view bytes, T& into) {
    check_stored(StateSerde<T>::read(bytes, into) && bytes.empty(),
                 "a value that waits in a match");
  }

  const std::string store_;
  const Duration lag_;
  const Id id_of_;
  MatchState state_;
  Port<Left, MatchStage, &MatchStage::receive_left> left_{*this};
  Port<Right, MatchStage, &MatchStage::receive_right> right_{*this};
  Output<Paired> pairs_;
  Output<Alone> lone_out_;
  TaskContext* task_ = nullptr;
  DiscardCounter* repeated_ = nullptr;

  // The record at work, and memory that is used again.
  const Left* left_now_ = nullptr;
  const Right* right_now_ = nullptr;
  Timestamp observed_ = kNoTime;
  Headers headers_;
  Pair<V, W> pair_{};
  Lone<V, W> lone_{};
  K lone_key_{};
  std::string key_;
  std::string id_;
};

}  // namespace weir::detail
