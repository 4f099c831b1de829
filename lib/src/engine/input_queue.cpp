#include "engine/input_queue.h"

#include <utility>

#include <weir/error.h>

namespace weir::engine {

namespace {

constexpr std::size_t kPlacesFirst = 16;
constexpr std::size_t kPlaceBytesKept = 1024;  // A larger record takes its memory along.

}  // namespace

InputQueue::Place& InputQueue::next_place() {
  if (count_ == ring_.size()) grow();
  return ring_[(head_ + count_) & (ring_.size() - 1)];
}

std::size_t InputQueue::size_of(const Place& place) {
  if (!place.is_view) return place.bytes.size();
  return (place.record.key ? place.record.key->size() : 0) +
         (place.record.value ? place.record.value->size() : 0);
}

void InputQueue::push_view(const InputRecord& record) {
  if (!record.headers.empty()) return push(record);  // Those are shown for a moment only.
  Place& place = next_place();
  place.is_view = true;
  place.record = record;
  bytes_ += size_of(place);
  ++count_;
}

void InputQueue::push(const InputRecord& record) {
  Place& place = next_place();
  place.is_view = false;
  place.bytes.clear();
  place.headers.clear();
  const auto keep = [&](std::optional<std::string_view> bytes) {
    if (bytes) place.bytes += *bytes;
    return Part{bytes ? bytes->size() : 0, bytes.has_value()};
  };
  place.key = keep(record.key);
  place.value = keep(record.value);
  for (const Header& header : record.headers) {
    place.headers.push_back(keep(header.name));
    place.headers.push_back(keep(header.value));
  }
  place.record = record;
  place.record.key.reset();
  place.record.value.reset();
  place.record.headers = {};
  bytes_ += size_of(place);
  ++count_;
}

const InputRecord& InputQueue::front() {
  check(count_ > 0, "an empty queue has no front");
  const Place& place = ring_[head_];
  if (place.is_view) return place.record;
  if (shown_) return front_;
  std::string_view rest = place.bytes;
  const auto take = [&](const Part& part) -> std::optional<std::string_view> {
    if (!part.present) return std::nullopt;
    const std::string_view bytes = rest.substr(0, part.size);
    rest.remove_prefix(part.size);
    return bytes;
  };
  front_ = place.record;
  front_.key = take(place.key);
  front_.value = take(place.value);
  front_headers_.clear();
  for (std::size_t at = 0; at + 1 < place.headers.size(); at += 2) {
    const std::string_view name = *take(place.headers[at]);
    front_headers_.push_back({name, take(place.headers[at + 1])});
  }
  front_.headers = front_headers_;
  shown_ = true;
  return front_;
}

void InputQueue::pop() {
  check(count_ > 0, "an empty queue has nothing to take");
  Place& place = ring_[head_];
  bytes_ -= size_of(place);
  if (place.bytes.capacity() > kPlaceBytesKept) std::string().swap(place.bytes);
  head_ = (head_ + 1) & (ring_.size() - 1);
  --count_;
  shown_ = false;
}

void InputQueue::clear() {
  while (!empty()) pop();
}

void InputQueue::grow() {
  std::vector<Place> wider(ring_.empty() ? kPlacesFirst : ring_.size() * 2);
  for (std::size_t at = 0; at < count_; ++at) {
    wider[at] = std::move(ring_[(head_ + at) & (ring_.size() - 1)]);
  }
  ring_ = std::move(wider);
  head_ = 0;
  shown_ = false;
}

}  // namespace weir::engine
