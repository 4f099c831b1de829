#include <algorithm>

#include <weir/detail/deduplicate_state.h>

namespace weir::detail {

namespace {

constexpr std::size_t kIdBytesMax = 64 * 1024 * 1024;  // Of one stage, between commits.

}  // namespace

DeduplicateState::DeduplicateState(Duration within) : within_(within), table_(within) {}

void DeduplicateState::open(BytesStore& store) {
  time_.open(store);
  table_.open(store);
}

// Buckets are as wide as `within`, so what is near lies in one of three. A bucket has one time for
// an id: another record of it in the same span is a repeat, or the first one is forgotten.
bool DeduplicateState::is_repeat(std::string_view id, Timestamp time) {
  const Timestamp bucket = table_.bucket_of(time);
  if (remembers(bucket, id, time) || remembers(earlier(bucket, within_), id, time) ||
      remembers(later(bucket, within_), id, time)) {
    return true;
  }
  if (later(time, within_) >= time_.now()) table_.at(bucket, id).time = time;
  return false;
}

bool DeduplicateState::remembers(Timestamp bucket, std::string_view id, Timestamp time) {
  const FirstSeen* first = table_.find(bucket, id);
  if (first == nullptr || later(first->time, within_) < time_.now()) return false;
  return later(std::min(first->time, time), within_) >= std::max(first->time, time);
}

void DeduplicateState::advance(Timestamp now) {
  if (!time_.advance(now)) return;
  while (!table_.empty()) {
    const Timestamp bucket = table_.first_bucket();
    const Timestamp newest = later(bucket, table_.width_ms() - 1);
    if (later(newest, within_) >= now) return;
    table_.drop(bucket);
  }
}

void DeduplicateState::write_back() {
  time_.write_back();
  table_.write_back();
  table_.shrink(kIdBytesMax);
}

void DeduplicateState::forget() {
  time_.forget();
  table_.forget();
}

}  // namespace weir::detail
