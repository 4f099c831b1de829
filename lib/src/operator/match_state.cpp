// Rows: weir/detail/layout.h. A row lies in the bucket of the oldest record that waits, else in
// that of the newest time in it: so a bucket has all that falls due in its span, and is dropped
// whole when all of it is forgotten.
#include <algorithm>
#include <bit>
#include <cstring>

#include <weir/bytes.h>
#include <weir/detail/join_plan.h>
#include <weir/detail/layout.h>
#include <weir/detail/match_state.h>
#include <weir/error.h>

namespace weir::detail {

namespace {

constexpr char kSeen = 's';
constexpr char kMatched = 'm';
constexpr char kId = 'i';
constexpr char kLeft = 'l';
constexpr char kRight = 'r';
constexpr std::int64_t kMatchBucketsKept = 4;
constexpr std::size_t kMatchBytesMax = 64 * 1024 * 1024;  // Of one stage, between commits.

bool waits(char kind) { return kind == kLeft || kind == kRight; }
bool has_bytes(char kind) { return kind == kId || waits(kind); }

static_assert(std::endian::native == std::endian::little);

bool read_plain_time(std::string_view& in, Timestamp& time) {
  if (in.size() < sizeof(time)) return false;
  std::memcpy(&time, in.data(), sizeof(time));
  in.remove_prefix(sizeof(time));
  return true;
}

template <class Part>
void parse(std::string_view row, std::vector<Part>& parts) {
  parts.clear();
  while (!row.empty()) {
    Part part;
    const char* const start = row.data();
    part.kind = row.front();
    row.remove_prefix(1);
    const bool good =
        read_plain_time(row, part.time) && (!has_bytes(part.kind) || read_bytes(row, part.bytes));
    check_stored(good, "a row of a match");
    part.raw = {start, static_cast<std::size_t>(row.data() - start)};
    parts.push_back(part);
  }
}

}  // namespace

MatchState::MatchState(const MatchOptions& options)
    : within_ms_(options.within.count()),
      wait_ms_(options.within.count() + options.delay.count()),
      remember_ms_(remembers(options).count()),
      keep_ms_(std::max(wait_ms_, remember_ms_)),
      table_(Duration{keep_ms_ / kMatchBucketsKept}) {}

void MatchState::open(BytesStore& store) {
  time_.open(store);
  table_.open(store);
  resume();
}

void MatchState::resume() {
  waits_.clear();
  opened_until_ = kNoTime;
  next_check_ = kNoTime;
}

void MatchState::write_back() {
  time_.write_back();
  table_.write_back();
  table_.shrink(kMatchBytesMax);
}

void MatchState::forget() {
  time_.forget();
  table_.forget();
  resume();
}

// ---- Rules -------------------------------------------------------------------------------------

bool MatchState::is_past(Timestamp time, std::int64_t span_ms) const {
  return later(time, span_ms) < time_.now();
}

bool MatchState::fits(Timestamp a, Timestamp b) const {
  return later(std::min(a, b), within_ms_) >= std::max(a, b);
}

bool MatchState::keeps(const Part& part) const {
  return waits(part.kind) || !is_past(part.time, remember_ms_);
}

Arrival MatchState::left(std::string_view key, Timestamp time, Encode encode,
                         MatchResults& results) {
  load(key);
  const auto seen = [](const Part& part) { return part.kind == kSeen; };
  if (std::any_of(parts_.begin(), parts_.end(), seen)) return Arrival::repeated;
  remember(kSeen, time, {});
  const Part* partner = waiting_near(kRight, time);
  if (partner == nullptr) {
    const bool too_old = is_past(time, wait_ms_);
    if (!too_old) wait(kLeft, time, encode);
    store(key);
    return too_old ? Arrival::too_old : Arrival::waits;
  }
  results.on_pair(partner->bytes, partner->time);
  drop(partner);
  emit_second(key, results);
  remember(kMatched, time, {});
  store(key);
  return Arrival::paired;
}

Arrival MatchState::right(std::string_view key, std::optional<std::string_view> id, Timestamp time,
                          Encode encode, MatchResults& results) {
  load(key);
  bool matched = false;
  for (const Part& part : parts_) {
    if (id && part.kind == kId && part.bytes == *id) return Arrival::repeated;
    if (part.kind == kMatched) matched = true;
  }
  if (id) remember(kId, time, *id);
  const Part* partner = waiting_near(kLeft, time);
  if (partner == nullptr) {
    const bool too_old = is_past(time, wait_ms_);
    if (!matched && !too_old) wait(kRight, time, encode);
    store(key);
    if (matched) return Arrival::second;
    return too_old ? Arrival::too_old : Arrival::waits;
  }
  results.on_pair(partner->bytes, partner->time);
  const Timestamp left_time = partner->time;
  drop(partner);
  emit_second(key, results);
  remember(kMatched, left_time, {});
  store(key);
  return Arrival::paired;
}

// ---- The row at work ---------------------------------------------------------------------------

// What is forgotten by now is left out.
void MatchState::load(std::string_view key) {
  const RowBytes* row = table_.find_anywhere(key, bucket_);
  found_ = row != nullptr;
  old_.assign(found_ ? row->view() : std::string_view());
  parse(old_, parts_);
  std::erase_if(parts_, [&](const Part& part) { return !keeps(part); });
}

const MatchState::Part* MatchState::waiting_near(char kind, Timestamp time) const {
  const auto found = std::find_if(parts_.begin(), parts_.end(), [&](const Part& part) {
    return part.kind == kind && fits(part.time, time);
  });
  return found == parts_.end() ? nullptr : &*found;
}

void MatchState::drop(const Part* partner) {
  parts_.erase(parts_.begin() + (partner - parts_.data()));
}

// The key has its pair: other right records that wait will never have a partner.
void MatchState::emit_second(std::string_view key, MatchResults& results) {
  for (const Part& part : parts_) {
    if (part.kind != kRight) continue;
    results.on_lone(Unmatched::second_right, key, part.bytes, part.time);
  }
  std::erase_if(parts_, [](const Part& part) { return part.kind == kRight; });
}

void MatchState::wait(char kind, Timestamp time, Encode encode) {
  value_.clear();
  encode(value_);
  parts_.push_back({kind, time, value_, {}});
}

void MatchState::remember(char kind, Timestamp time, std::string_view bytes) {
  const Part part{kind, time, bytes, {}};
  if (keeps(part)) parts_.push_back(part);
}

// A part that was there before goes over as it is.
void MatchState::write(const Part& part) {
  if (!part.raw.empty()) {
    row_ += part.raw;
    return;
  }
  char head[1 + sizeof(Timestamp)];
  head[0] = part.kind;
  std::memcpy(head + 1, &part.time, sizeof(Timestamp));
  row_.append(head, sizeof(head));
  if (has_bytes(part.kind)) append_bytes(row_, part.bytes);
}

void MatchState::store(std::string_view key) {
  Timestamp oldest_wait = kEndOfTime;
  Timestamp newest = kNoTime;
  row_.clear();
  for (const Part& part : parts_) {
    write(part);
    newest = std::max(newest, part.time);
    if (waits(part.kind)) oldest_wait = std::min(oldest_wait, part.time);
  }
  const bool any_wait = oldest_wait != kEndOfTime;
  const Timestamp bucket = table_.bucket_of(any_wait ? oldest_wait : newest);
  if (found_ && (parts_.empty() || bucket != bucket_)) table_.erase(bucket_, key);
  if (parts_.empty()) return;
  table_.at(bucket, key).assign(row_);
  if (any_wait) {
    next_check_ = std::min(next_check_, later(oldest_wait, wait_ms_));
    if (oldest_wait < opened_until_) push_waits(key, parts_);
  }
  next_check_ = std::min(next_check_, later(bucket, table_.width_ms() - 1 + keep_ms_));
}

// ---- Time --------------------------------------------------------------------------------------

void MatchState::advance(Timestamp now, MatchResults& results) {
  if (!time_.advance(now) || now <= next_check_) return;
  // Looked for again each time: a row moves on to the bucket of what waits next in it.
  for (open_buckets(); is_past(waits_.first_time(), wait_ms_); open_buckets()) {
    expire(waits_.pop(), results);
  }
  drop_buckets();
  next_check_ = std::min({later(waits_.first_time(), wait_ms_),
                          later(table_.next_bucket(opened_until_), wait_ms_),
                          later(table_.first_bucket(), table_.width_ms() - 1 + keep_ms_)});
}

// A bucket in which something may be due is looked through once; what waits in it, and what comes
// to wait there later, is kept in order from then on.
void MatchState::open_buckets() {
  for (Timestamp bucket = table_.next_bucket(opened_until_); is_past(bucket, wait_ms_);
       bucket = table_.next_bucket(opened_until_)) {
    opened_until_ = later(bucket, table_.width_ms());
    table_.each_unordered(bucket, [&](std::string_view key, const RowBytes& row) {
      parse(row.view(), listed_);
      push_waits(key, listed_);
    });
    if (opened_until_ == kEndOfTime) return;
  }
}

void MatchState::push_waits(std::string_view key, const std::vector<Part>& parts) {
  for (const Part& part : parts) {
    if (!waits(part.kind) || part.time >= opened_until_) continue;
    waits_.push(part.time, part.kind == kLeft, key);
  }
}

// Nothing comes out when the record has found a partner since.
void MatchState::expire(const Waiting& due, MatchResults& results) {
  bucket_ = table_.bucket_of(due.time);
  const RowBytes* row = table_.find(bucket_, due.key.view());
  if (row == nullptr) return;
  found_ = true;
  old_.assign(row->view());
  parse(old_, parts_);
  const auto is_due = [&](const Part& part) {
    return part.time == due.time && part.kind == (due.left ? kLeft : kRight);
  };
  listed_.clear();
  std::copy_if(parts_.begin(), parts_.end(), std::back_inserter(listed_), is_due);
  if (listed_.empty()) return;
  std::erase_if(parts_, [&](const Part& part) { return is_due(part) || !keeps(part); });
  store(due.key.view());
  const Unmatched reason = due.left ? Unmatched::no_right : Unmatched::no_left;
  for (const Part& part : listed_) {
    results.on_lone(reason, due.key.view(), part.bytes, part.time);
  }
}

void MatchState::drop_buckets() {
  while (!table_.empty()) {
    const Timestamp bucket = table_.first_bucket();
    if (!is_past(later(bucket, table_.width_ms() - 1), keep_ms_)) return;
    table_.drop(bucket);
  }
}

}  // namespace weir::detail
