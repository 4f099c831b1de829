#include <algorithm>
#include <tuple>

#include <weir/detail/agenda.h>
#include <weir/detail/timed_table.h>

namespace weir::detail {

namespace {

constexpr std::size_t kSpareSpansMax = 4;

// std::push_heap keeps the largest in front; we want the earliest there.
bool is_later(const Agenda::Item& a, const Agenda::Item& b) {
  return std::tie(a.time, a.key) > std::tie(b.time, b.key);
}

}  // namespace

struct Agenda::Span {
  Timestamp start = 0;
  std::vector<Item> heap;
  BytesPool keys;
};

Agenda::Agenda(Duration span) : span_ms_(std::max<std::int64_t>(1, span.count())) {}
Agenda::~Agenda() = default;

void Agenda::enter(Timestamp time, std::string_view key) {
  Span& span = span_at(time);
  span.heap.push_back({time, span.keys.add(key)});
  std::push_heap(span.heap.begin(), span.heap.end(), is_later);
  next_ = std::min(next_, time);
}

Agenda::Item Agenda::take() {
  retire();
  const auto first = spans_.begin();
  std::vector<Item>& heap = first->second->heap;
  const Item item = heap.front();
  while (!heap.empty() && heap.front().time == item.time && heap.front().key == item.key) {
    std::pop_heap(heap.begin(), heap.end(), is_later);
    heap.pop_back();
  }
  if (heap.empty()) {
    if (last_ == first->second.get()) last_ = nullptr;
    retired_ = std::move(first->second);
    spans_.erase(first);
  }
  next_ = spans_.empty() ? kEndOfTime : spans_.begin()->second->heap.front().time;
  return item;
}

void Agenda::clear() {
  spans_.clear();
  retired_.reset();
  last_ = nullptr;
  next_ = kEndOfTime;
}

std::size_t Agenda::bytes() const {
  std::size_t all = 0;
  for (const auto& [start, span] : spans_) {
    all += sizeof(Span) + span->heap.capacity() * sizeof(Item) + span->keys.bytes();
  }
  return all;
}

std::size_t Agenda::size() const {
  std::size_t all = 0;
  for (const auto& [start, span] : spans_) all += span->heap.size();
  return all;
}

Agenda::Span& Agenda::span_at(Timestamp time) {
  const Timestamp start = floor_to(time, span_ms_);
  if (last_ != nullptr && last_->start == start) return *last_;
  std::unique_ptr<Span>& span = spans_[start];
  if (!span) {
    if (spare_.empty()) {
      span = std::make_unique<Span>();
    } else {
      span = std::move(spare_.back());
      spare_.pop_back();
    }
    span->start = start;
  }
  return *(last_ = span.get());
}

void Agenda::retire() {
  if (!retired_) return;
  retired_->keys.clear();
  if (spare_.size() < kSpareSpansMax) spare_.push_back(std::move(retired_));
  retired_.reset();
}

}  // namespace weir::detail
