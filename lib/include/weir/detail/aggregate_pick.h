// Aggregates that keep some of the values they saw: the least, the last, the value beside the
// greatest, the first few.
//
// Written form, version 1 (value = StateSerde of its type, rank likewise, time = zigzag):
//   extreme = 0 | 1 value
//   edge    = 0 | 1 time value
//   arg     = 0 | 1 rank time value
//   collect = varint(max) varint(seen) varint(kept) (zigzag(time - previous time) value)*
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <weir/bytes.h>
#include <weir/error.h>
#include <weir/serde.h>
#include <weir/time.h>

namespace weir {

enum class Pick { kLeast, kGreatest };
enum class End { kFirst, kLast };

namespace detail {

// How a value comes in: strings as views, so that no string is made to be compared.
template <class T>
struct InOf {
  using Type = const T&;
};
template <>
struct InOf<std::string> {
  using Type = std::string_view;
};
template <class T>
using In = typename InOf<T>::Type;

// A value, or nothing, that keeps its memory when it becomes nothing.
template <class T>
struct Kept {
  bool is_set = false;
  T value{};

  void set(In<T> to) {
    value = to;
    is_set = true;
  }
  std::optional<T> get() const { return is_set ? std::optional<T>(value) : std::nullopt; }
  bool operator==(const Kept& other) const {
    return is_set == other.is_set && (!is_set || value == other.value);
  }
  void write_flag(std::string& out) const { out.push_back(is_set ? '\1' : '\0'); }
  bool read_flag(Bytes& in) {
    if (in.empty() || static_cast<unsigned char>(in.front()) > 1) return false;
    is_set = in.front() == '\1';
    in.remove_prefix(1);
    return true;
  }
};

// NaN orders with nothing: it counts as null. -0 is 0, so that which came first does not show.
template <class T>
bool is_nan(const T& value) {
  if constexpr (std::floating_point<T>) return value != value;
  return false;
}

template <Pick pick, class A, class B>
bool is_beyond(const A& a, const B& b) {
  return pick == Pick::kLeast ? a < b : b < a;
}

}  // namespace detail

// The least or the greatest value.
template <class T, Pick pick>
class Extreme {
 public:
  void add(detail::In<T> value) {
    if (detail::is_nan(value)) return;
    if (best_.is_set && !detail::is_beyond<pick>(value, best_.value)) return;
    if constexpr (std::floating_point<T>) {
      best_.set(value + T{0});
    } else {
      best_.set(value);
    }
  }
  void merge(const Extreme& other) {
    if (other.best_.is_set) add(other.best_.value);
  }
  void clear() { best_.is_set = false; }
  std::optional<T> value() const { return best_.get(); }
  const T* peek() const { return best_.is_set ? &best_.value : nullptr; }

  void write(std::string& out) const {
    best_.write_flag(out);
    if (best_.is_set) StateSerde<T>::write(best_.value, out);
  }
  bool read(Bytes& in) {
    return best_.read_flag(in) && (!best_.is_set || StateSerde<T>::read(in, best_.value));
  }
  bool operator==(const Extreme&) const = default;

 private:
  detail::Kept<T> best_;
};

// The value with the smallest or the largest event time. Among equal times the first that came is
// first and the last that came is last; in `a.merge(b)`, a came before b.
template <class T, End end>
class EndOf {
 public:
  void add(detail::In<T> value, Timestamp time) {
    if (kept_.is_set && (end == End::kFirst ? time >= time_ : time < time_)) return;
    kept_.set(value);
    time_ = time;
  }
  void merge(const EndOf& other) {
    if (other.kept_.is_set) add(other.kept_.value, other.time_);
  }
  void clear() { kept_.is_set = false; }
  std::optional<T> value() const { return kept_.get(); }
  const T* peek() const { return kept_.is_set ? &kept_.value : nullptr; }

  void write(std::string& out) const {
    kept_.write_flag(out);
    if (!kept_.is_set) return;
    append_zigzag(out, time_);
    StateSerde<T>::write(kept_.value, out);
  }
  bool read(Bytes& in) {
    clear();
    return kept_.read_flag(in) &&
           (!kept_.is_set || (read_zigzag(in, time_) && StateSerde<T>::read(in, kept_.value)));
  }
  bool operator==(const EndOf& other) const {
    return kept_ == other.kept_ && (!kept_.is_set || time_ == other.time_);
  }

 private:
  detail::Kept<T> kept_;
  Timestamp time_ = 0;
};

// The value of the record whose rank is the least or the greatest; among equal ranks that with the
// smallest event time, then the first that came.
template <class T, class Rank, Pick pick>
class ArgExtreme {
 public:
  void add(detail::In<T> value, detail::In<Rank> rank, Timestamp time) {
    if (detail::is_nan(rank)) return;
    if (rank_.is_set && !detail::is_beyond<pick>(rank, rank_.value) &&
        (detail::is_beyond<pick>(rank_.value, rank) || time >= time_)) {
      return;
    }
    rank_.set(rank);
    time_ = time;
    value_ = value;
  }
  void merge(const ArgExtreme& other) {
    if (other.rank_.is_set) add(other.value_, other.rank_.value, other.time_);
  }
  void clear() { rank_.is_set = false; }
  std::optional<T> value() const { return rank_.is_set ? std::optional<T>(value_) : std::nullopt; }
  const T* peek() const { return rank_.is_set ? &value_ : nullptr; }

  void write(std::string& out) const {
    rank_.write_flag(out);
    if (!rank_.is_set) return;
    StateSerde<Rank>::write(rank_.value, out);
    append_zigzag(out, time_);
    StateSerde<T>::write(value_, out);
  }
  bool read(Bytes& in) {
    clear();
    return rank_.read_flag(in) &&
           (!rank_.is_set || (StateSerde<Rank>::read(in, rank_.value) && read_zigzag(in, time_) &&
                              StateSerde<T>::read(in, value_)));
  }
  bool operator==(const ArgExtreme& other) const {
    return rank_ == other.rank_ &&
           (!rank_.is_set || (time_ == other.time_ && value_ == other.value_));
  }

 private:
  detail::Kept<Rank> rank_;
  Timestamp time_ = 0;
  T value_{};
};

// What `collect` gives: values in the order of event time, and how many there were in all.
template <class T>
struct Collected {
  std::vector<T> values;
  std::uint64_t seen = 0;
  bool is_truncated() const { return seen > values.size(); }
  bool operator==(const Collected&) const = default;
};

// The first `max` values by event time, equal times in the order they came.
template <class T>
class Collect {
 public:
  // REQUIRES: max > 0.
  explicit Collect(std::uint64_t max = 1) : max_(max) {
    check(max > 0, "collect keeps at least 1");
  }

  void add(detail::In<T> value, Timestamp time) {
    ++seen_;
    insert(value, time);
  }
  void merge(const Collect& other) {
    seen_ += other.seen_;
    const std::size_t size = other.items_.size();  // Stays, should `other` be this one.
    for (std::size_t i = 0; i < size && i < other.items_.size(); ++i) {
      const Item item = other.items_[i];
      insert(item.value, item.time);
    }
  }
  void clear() {
    items_.clear();
    seen_ = 0;
  }
  std::uint64_t seen() const { return seen_; }
  Collected<T> value() const {
    Collected<T> all{.values = {}, .seen = seen_};
    all.values.reserve(items_.size());
    for (const Item& item : items_) all.values.push_back(item.value);
    return all;
  }
  template <class Visit>
  void for_each(Visit visit) const {
    for (const Item& item : items_) visit(item.value);
  }
  std::size_t memory() const { return items_.capacity() * sizeof(Item); }

  void write(std::string& out) const {
    append_varint(out, max_);
    append_varint(out, seen_);
    append_varint(out, items_.size());
    std::uint64_t previous = 0;
    for (const Item& item : items_) {
      const auto time = static_cast<std::uint64_t>(item.time);
      append_zigzag(out, static_cast<std::int64_t>(time - previous));
      StateSerde<T>::write(item.value, out);
      previous = time;
    }
  }
  bool read(Bytes& in) {
    clear();
    std::uint64_t max = 0;
    std::uint64_t kept = 0;
    if (!read_varint(in, max) || !read_varint(in, seen_) || !read_varint(in, kept)) return false;
    if (max == 0 || kept > max || kept > seen_ || kept > in.size()) return false;
    max_ = max;
    std::uint64_t time = 0;
    for (; kept > 0; --kept) {
      Item item{};
      std::int64_t step = 0;
      if (!read_zigzag(in, step) || !StateSerde<T>::read(in, item.value)) return false;
      time += static_cast<std::uint64_t>(step);
      item.time = static_cast<Timestamp>(time);
      if (!items_.empty() && item.time < items_.back().time) return false;
      items_.push_back(std::move(item));
    }
    return true;
  }
  bool operator==(const Collect& other) const {
    return seen_ == other.seen_ && items_ == other.items_;
  }

 private:
  struct Item {
    Timestamp time;
    T value;
    bool operator==(const Item&) const = default;
  };

  void insert(detail::In<T> value, Timestamp time) {
    if (items_.size() == max_) {
      if (time >= items_.back().time) return;
      items_.pop_back();
    }
    const auto at = std::upper_bound(items_.begin(), items_.end(), time,
                                     [](Timestamp t, const Item& item) { return t < item.time; });
    items_.insert(at, Item{time, T(value)});
  }

  std::uint64_t max_;
  std::vector<Item> items_;  // By time.
  std::uint64_t seen_ = 0;
};

}  // namespace weir
