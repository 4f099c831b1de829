#include <algorithm>
#include <limits>
#include <utility>

#include <weir/detail/layout.h>
#include <weir/detail/per_event_state.h>

namespace weir::detail {

namespace {

constexpr std::size_t kSpareMax = 1024;

void append_row(std::string& out, Timestamp bucket, const PerEventState::Row& row) {
  append_varint(out, static_cast<std::uint64_t>(row.time - bucket));
  append_varint(out, row.arrival);
  append_varint(out, static_cast<std::uint64_t>(row.lost));
  append_bytes(out, row.value);
}

PerEventState::Row take_row(Bytes& in, Timestamp bucket) {
  PerEventState::Row row;
  std::uint64_t distance = 0, lost = 0;
  const bool good = read_varint(in, distance) && read_varint(in, row.arrival) &&
                    read_varint(in, lost) && read_bytes(in, row.value);
  check_stored(good && std::max(distance, lost) <= std::numeric_limits<std::int64_t>::max(),
               "the records of a window");
  row.time = later(bucket, static_cast<std::int64_t>(distance));
  row.lost = static_cast<std::int64_t>(lost);
  return row;
}

}  // namespace

PerEventState::PerEventState(const PerEvent& windows)
    : size_ms_(std::max<std::int64_t>(0, windows.size.count())),
      grace_ms_(std::max<std::int64_t>(0, windows.grace.count())),
      table_(Duration{size_ms_ + 1}),
      agenda_(Duration{size_ms_ + 1}) {}

void PerEventState::open(BytesStore& store) {
  time_.open(store);
  table_.open(store);
  resume();
}

bool PerEventState::add(Bytes key, Bytes value, Timestamp time, Timestamp observed) {
  const Timestamp now = std::max(observed, time_.now());
  if (is_closed(time + size_ms_, now)) return false;
  // A record whose own window is closed counts where it finds another, or nowhere.
  if (is_closed(own_end(time), now) && !any_open_with(key, time, now)) return false;
  const Timestamp open = later(now, -grace_ms_);  // The least end of a window that is open.
  const Row row{time, arrivals_++, now == kNoTime ? 0 : std::max<std::int64_t>(0, open - time),
                value};
  const Timestamp bucket = table_.bucket_of(time);
  std::string& bytes = table_.at(bucket, key).bytes;
  if (bytes.empty() && !spare_.empty()) {
    bytes = std::move(spare_.back());
    spare_.pop_back();
  }
  append_row(bytes, bucket, row);
  enter(key, row);
  return true;
}

const std::vector<Window>& PerEventState::changed(Bytes key, Timestamp time, Timestamp observed) {
  const Timestamp now = std::max(observed, time_.now());
  collect(key, time - size_ms_ - 1, time + size_ms_ + 1);
  list_windows_with(time);
  const Timestamp next = time + 1 + size_ms_;  // End of the window right after the record.
  int same_time = 0;
  bool follows = false, known = false;
  for (const Row& row : rows_) {
    if (row.time == time) ++same_time;
    if (row.time > time && row.time + row.lost <= next) follows = true;
    if (row.time == next && row.lost == 0) known = true;
  }
  if (follows && !known && same_time == 1) changed_.push_back(ending(next));
  std::sort(changed_.begin(), changed_.end());
  changed_.erase(std::unique(changed_.begin(), changed_.end()), changed_.end());
  std::erase_if(changed_, [&](const Window& window) { return is_closed(window.end, now); });
  return changed_;
}

bool PerEventState::any_open_with(Bytes key, Timestamp time, Timestamp now) {
  collect(key, time - size_ms_ - 1, time + size_ms_);
  list_windows_with(time);
  return std::any_of(changed_.begin(), changed_.end(),
                     [&](const Window& window) { return !is_closed(window.end, now); });
}

// The windows, among those that are there because of rows_, that hold `time`.
void PerEventState::list_windows_with(Timestamp time) {
  changed_.clear();
  for (const Row& row : rows_) {
    if (row.time < time && row.time + 1 + size_ms_ >= time) {
      changed_.push_back(ending(row.time + 1 + size_ms_));
    }
    const Timestamp own = own_end(row.time);
    if (row.time + row.lost <= own && own - size_ms_ <= time && time <= own) {
      changed_.push_back(ending(own));
    }
  }
}

const std::vector<PerEventState::Row>& PerEventState::rows(Bytes key, const Window& window) {
  collect(key, window.start, window.end);
  std::erase_if(rows_, [&](const Row& row) { return row.time + row.lost > window.end; });
  std::sort(rows_.begin(), rows_.end(),
            [](const Row& a, const Row& b) { return a.arrival < b.arrival; });
  return rows_;
}

void PerEventState::advance(Timestamp now, Close close) {
  if (!time_.advance(now)) return;
  while (is_closed(agenda_.next(), now)) {
    const Agenda::Item item = agenda_.take();
    close(item.key, ending(item.time));
  }
  // A record is needed until the window that begins right after it is closed.
  while (!table_.empty() &&
         is_closed(later(table_.first_bucket(), table_.width_ms() + size_ms_), now)) {
    const Timestamp bucket = table_.first_bucket();
    table_.each(bucket, [&](Bytes, PerEventRows& rows) {
      if (spare_.size() >= kSpareMax) return;
      rows.bytes.clear();
      spare_.push_back(std::move(rows.bytes));
    });
    table_.drop(bucket);
  }
}

void PerEventState::write_back() {
  time_.write_back();
  table_.write_back();
}

void PerEventState::forget() {
  time_.forget();
  table_.forget();
  resume();
}

// The records of a key with from <= time <= until.
void PerEventState::collect(Bytes key, Timestamp from, Timestamp until) {
  rows_.clear();
  for (Timestamp bucket = table_.next_bucket(table_.bucket_of(from)); bucket <= until;
       bucket = table_.next_bucket(bucket + 1)) {
    const PerEventRows* found = table_.find(bucket, key);
    if (found == nullptr) continue;
    for (Bytes rest = found->bytes; !rest.empty();) {
      const Row row = take_row(rest, bucket);
      if (row.time >= from && row.time <= until) rows_.push_back(row);
    }
  }
}

// The windows that are there because of a record: the one that ends with it, or the first of all,
// and the one that begins right after it.
void PerEventState::enter(Bytes key, const Row& row) {
  const Timestamp now = time_.now();
  const Timestamp own = own_end(row.time);
  if (row.time + row.lost <= own && !is_closed(own, now)) agenda_.enter(own, key);
  const Timestamp next = row.time + 1 + size_ms_;
  if (!is_closed(next, now)) agenda_.enter(next, key);
}

void PerEventState::resume() {
  agenda_.clear();
  arrivals_ = 0;
  for (Timestamp at = table_.first_bucket(); at != kEndOfTime; at = table_.next_bucket(at + 1)) {
    table_.each(at, [&](Bytes key, const PerEventRows& rows) {
      for (Bytes rest = rows.bytes; !rest.empty();) {
        const Row row = take_row(rest, at);
        arrivals_ = std::max(arrivals_, row.arrival + 1);
        enter(key, row);
      }
    });
  }
}

}  // namespace weir::detail
