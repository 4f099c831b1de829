// Rows: weir/detail/layout.h.
#include <algorithm>

#include <weir/bytes.h>
#include <weir/detail/join_side.h>
#include <weir/detail/layout.h>
#include <weir/error.h>

namespace weir::detail {

namespace {

constexpr std::size_t kSideBytesMax = 32 * 1024 * 1024;  // Between commits.
constexpr char kOpen = 1;

// Takes the record at `offset` off a row and moves the offset behind it.
JoinRow read_record(std::string_view row, Timestamp bucket, std::size_t& offset) {
  std::string_view rest = row.substr(offset);
  JoinRow record;
  record.bucket = bucket;
  record.offset = offset;
  record.open = rest.front() == kOpen;
  rest.remove_prefix(1);
  std::uint64_t after_start = 0, ahead = 0;
  check_stored(
      read_varint(rest, after_start) && read_varint(rest, ahead) && read_bytes(rest, record.value),
      "a row of a join");
  record.time = later(bucket, static_cast<std::int64_t>(after_start));
  record.observed = later(record.time, static_cast<std::int64_t>(ahead));
  offset = row.size() - rest.size();
  return record;
}

}  // namespace

JoinSide::JoinSide(const Options& options)
    : options_(options), table_(Duration{options.bucket_ms}) {}

void JoinSide::open(BytesStore& store) {
  table_.open(store);
  resume();
}

void JoinSide::resume() {
  waits_.clear();
  opened_until_ = kNoTime;
  next_check_ = kNoTime;
}

void JoinSide::write_back() {
  table_.write_back();
  table_.shrink(kSideBytesMax);
}

void JoinSide::forget() {
  table_.forget();
  resume();
}

// Looking into one bucket moves no row of another, so all views stay valid together.
const std::vector<JoinRow>& JoinSide::near(std::string_view key, Timestamp from, Timestamp to) {
  rows_.clear();
  const Timestamp last = table_.bucket_of(to);
  for (Timestamp bucket = table_.next_bucket(table_.bucket_of(from));
       bucket <= last && bucket != kEndOfTime;
       bucket = table_.next_bucket(later(bucket, table_.width_ms()))) {
    const RowBytes* found = table_.find(bucket, key);
    if (found == nullptr) continue;
    for (std::size_t offset = 0; offset < found->view().size();) {
      const JoinRow row = read_record(found->view(), bucket, offset);
      if (row.time >= from && row.time <= to) rows_.push_back(row);
    }
  }
  const auto by_time = [](const JoinRow& a, const JoinRow& b) { return a.time < b.time; };
  if (!std::is_sorted(rows_.begin(), rows_.end(), by_time)) {
    std::stable_sort(rows_.begin(), rows_.end(), by_time);
  }
  return rows_;
}

void JoinSide::close(std::string_view key, const JoinRow& row) {
  table_.at(row.bucket, key)[row.offset] = '\0';
}

void JoinSide::add(std::string_view key, Timestamp time, Timestamp observed, bool matched,
                   Encode encode) {
  const Timestamp bucket = table_.bucket_of(time);
  const bool open = options_.comes_out && !matched;
  value_.clear();
  encode(value_);
  row_.clear();
  row_.push_back(open ? kOpen : '\0');
  append_varint(row_, static_cast<std::uint64_t>(time - bucket));
  append_varint(row_, observed > time ? static_cast<std::uint64_t>(observed - time) : 0);
  append_bytes(row_, value_);
  table_.at(bucket, key).append(row_);
  if (open) {
    next_check_ = std::min(next_check_, later(time, options_.wait_ms));
    if (time < opened_until_) waits_.push(time, options_.left, key);
  }
  next_check_ = std::min(next_check_, later(bucket, table_.width_ms() - 1 + options_.keep_ms));
}

// ---- Time --------------------------------------------------------------------------------------

// A bucket in which something may be due is looked through once; what is open in it, and what comes
// there later, is kept in order from then on.
void JoinSide::open_buckets(Timestamp now) {
  for (Timestamp bucket = table_.next_bucket(opened_until_); is_late(bucket, now);
       bucket = table_.next_bucket(opened_until_)) {
    opened_until_ = later(bucket, table_.width_ms());
    table_.each_unordered(bucket, [&](std::string_view key, const RowBytes& found) {
      for (std::size_t offset = 0; offset < found.view().size();) {
        const JoinRow row = read_record(found.view(), bucket, offset);
        if (row.open) waits_.push(row.time, options_.left, key);
      }
    });
    if (opened_until_ == kEndOfTime) return;
  }
}

void JoinSide::due(Timestamp now, std::vector<Waiting>& out) {
  if (!options_.comes_out) return;
  open_buckets(now);
  while (!waits_.empty() && is_late(waits_.first_time(), now)) out.push_back(waits_.pop());
}

void JoinSide::take(const Waiting& due, Visit visit) {
  const Timestamp bucket = table_.bucket_of(due.time);
  const RowBytes* found = table_.find(bucket, due.key.view());
  if (found == nullptr) return;
  for (std::size_t offset = 0; offset < found->view().size();) {
    const JoinRow row = read_record(found->view(), bucket, offset);
    if (!row.open || row.time != due.time) continue;
    visit(row.value);
    close(due.key.view(), row);
  }
}

void JoinSide::drop(Timestamp now) {
  while (!table_.empty()) {
    const Timestamp newest = later(table_.first_bucket(), table_.width_ms() - 1);
    if (later(newest, options_.keep_ms) >= now) break;
    table_.drop(table_.first_bucket());
  }
  next_check_ = std::min(
      {later(waits_.first_time(), options_.wait_ms),
       options_.comes_out ? later(table_.next_bucket(opened_until_), options_.wait_ms) : kEndOfTime,
       later(table_.first_bucket(), table_.width_ms() - 1 + options_.keep_ms)});
}

}  // namespace weir::detail
