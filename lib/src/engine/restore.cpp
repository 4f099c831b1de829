#include "engine/restore.h"

#include <algorithm>
#include <charconv>

#include "engine/changelog.h"
#include "engine/names.h"

namespace weir::engine {

namespace {

constexpr Duration kReadPause{2};             // When the brokers are slower than we are.
constexpr std::int64_t kNewTopicMs = 30'000;  // For which it may be unknown.
// A disk that is younger than any changelog forgets: no need to ask.
constexpr std::int64_t kYoungMs = 1000;
constexpr std::int64_t kErasuresKeptMs = 86'400'000;  // Kafka's default.

// How long a topic keeps the records of erased keys, less some for the time that reading takes.
std::int64_t kept_ms(const kafka::Configs& topic) {
  std::int64_t ms = kErasuresKeptMs;
  const auto found = topic.find("delete.retention.ms");
  if (found != topic.end()) {
    std::from_chars(found->second.data(), found->second.data() + found->second.size(), ms);
  }
  return ms - ms / 8;
}

}  // namespace

Bytes current_stamp(Timestamp now, std::string& scratch) {
  scratch.clear();
  append_time(scratch, now);
  return scratch;
}

Restore::Restore(std::string job, int partition, std::vector<std::string> stores,
                 state::Environment& environment)
    : environment_(environment) {
  for (std::string& store : stores) {
    const std::int64_t next = std::max<std::int64_t>(0, environment.store(store).position().offset);
    kafka::Partition from{changelog_topic(job, store), partition};
    changelogs_.push_back({std::move(store), std::move(from), next, next});
  }
}

std::uint64_t Restore::remaining() const {
  std::int64_t all = 0;
  for (const Changelog& log : changelogs_) all += std::max<std::int64_t>(0, log.end - log.next);
  return static_cast<std::uint64_t>(all);
}

std::uint64_t Restore::remaining(std::string_view store) const {
  std::int64_t all = 0;
  for (const Changelog& log : changelogs_) {
    if (log.store == store) all += std::max<std::int64_t>(0, log.end - log.next);
  }
  return static_cast<std::uint64_t>(all);
}

Result<Restore::Progress> Restore::step(kafka::Cluster& cluster, kafka::Admin& admin,
                                        std::size_t records_max, Timestamp now) {
  if (!begun_) {
    began_ = now;
    Result<bool> begun = begin(cluster, admin);
    if (!begun) return begun.error();
    begun_ = *begun;
    if (!begun_) return Progress::working;
  }
  if (!reader_) return finish();
  for (const kafka::Event& event : reader_->poll(idle_ ? kReadPause : Duration{0})) {
    if (event.kind == kafka::Event::Kind::kFailed ||
        event.kind == kafka::Event::Kind::kOffsetGone) {
      return Error{"a changelog cannot be read: " + event.outcome.text};
    }
    // Perhaps a broker that has just started; the question about its ends will tell.
    if (event.kind == kafka::Event::Kind::kTopicMissing) begun_ = false;
  }
  if (!begun_) {
    reader_.reset();
    return Progress::working;
  }
  const std::uint64_t before = restored_;
  bool done = true;
  for (std::size_t at = 0; at < changelogs_.size(); ++at) {
    if (changelogs_[at].next >= changelogs_[at].end) continue;
    const Result<bool> ended = read(at, records_max);
    if (!ended) return ended.error();
    done = *ended && done;
  }
  idle_ = restored_ == before;
  if (!done) return Progress::working;
  for (const Changelog& log : changelogs_) keep(log);
  reader_.reset();
  return finish();
}

// From now on it is as young as this restore: everything that lay there when it began is in it.
Restore::Progress Restore::finish() {
  const bool holds_any = std::any_of(changelogs_.begin(), changelogs_.end(), [&](const auto& log) {
    return environment_.store(log.store).position().offset > 0;
  });
  if (holds_any) stamp();  // Else the disk stays as if nobody had been here.
  return Progress::done;
}

void Restore::stamp() {
  std::string scratch;
  environment_.commit({{}, current_stamp(began_, scratch)});
}

// What was read so far may go to the disk, and a restore that is cut off goes on from there.
void Restore::keep(const Changelog& log) {
  state::Position position = environment_.store(log.store).position();
  position.offset = log.next;
  environment_.restored(log.store, position);
}

Result<bool> Restore::begin(kafka::Cluster& cluster, kafka::Admin& admin) {
  if (changelogs_.empty()) return true;
  Result<bool> found = find_ends(admin);
  if (!found || !*found) return found;
  Result<bool> trusted = drop_old_rows(admin);
  if (!trusted || !*trusted) return trusted;
  std::vector<kafka::Start> starts;
  for (std::size_t at = 0; at < changelogs_.size(); ++at) {
    if (changelogs_[at].next >= changelogs_[at].end) continue;
    starts.push_back(
        {changelogs_[at].partition, changelogs_[at].next, static_cast<kafka::Slot>(at)});
  }
  if (starts.empty()) return true;
  if (environment_.task().empty()) stamp();  // There is nothing yet that could be older.
  auto reader = cluster.reader({});
  if (!reader.ok()) return Error{"changelogs cannot be read: " + reader.outcome.text};
  reader_ = std::move(reader.value);
  reader_->start(starts);
  return true;
}

// A topic that was made a moment ago is not known everywhere yet. One that is gone later was
// deleted.
bool Restore::may_be_new() {
  if (known_) return false;
  if (missing_since_ == kNoTime) missing_since_ = began_;
  return began_ - missing_since_ < kNewTopicMs;
}

Result<bool> Restore::find_ends(kafka::Admin& admin) {
  std::vector<kafka::Partition> partitions;
  for (const Changelog& log : changelogs_) partitions.push_back(log.partition);
  // Also what is not known to be committed: a predecessor's commit has moved the offsets that we go
  // on from, while the markers that make its changes readable may still be on their way here.
  const auto ends = admin.end_offsets(partitions, kafka::Isolation::kReadUncommitted);
  const auto begins = admin.begin_offsets(partitions);
  for (const kafka::Outcome* outcome : {&ends.outcome, &begins.outcome}) {
    if (outcome->fault == kafka::Fault::kRetriable) return false;
    if (outcome->ok()) continue;
    if (outcome->fault == kafka::Fault::kMissing && may_be_new()) return false;
    return Error{"the end of the changelog '" + partitions.front().topic +
                 "' is not known: " + outcome->text};
  }
  known_ = true;
  for (std::size_t at = 0; at < changelogs_.size(); ++at) {
    Changelog& log = changelogs_[at];
    log.end = ends.value[at];
    if (log.next > log.end) {
      return Error{"the changelog '" + log.partition.topic + "' ends at offset " +
                       std::to_string(log.end) + ", but the state has seen offset " +
                       std::to_string(log.next),
                   "the topic was deleted and made again: reset the job, or restore the topic"};
    }
    if (log.next > 0 && log.next < begins.value[at]) {
      return Error{"the changelog '" + log.partition.topic + "' begins at offset " +
                       std::to_string(begins.value[at]) + ", but the state goes on from " +
                       std::to_string(log.next),
                   "its records were deleted: reset the job"};
    }
    log.begin = begins.value[at];
    log.next = std::max(log.next, log.begin);
  }
  return true;
}

bool Restore::has_tail(const Changelog& log) const {
  return environment_.store(log.store).position().offset > 0 && log.next < log.end;
}

// False: not known yet.
Result<bool> Restore::drop_old_rows(kafka::Admin& admin) {
  Timestamp current = kNoTime;
  Bytes stamp = environment_.task();
  if (!stamp.empty() && !read_time(stamp, current)) current = kNoTime;
  const auto is_older = [&](std::int64_t ms) {
    return current == kNoTime || later(current, ms) <= began_;
  };
  if (!is_older(kYoungMs)) return true;
  for (const Changelog& log : changelogs_) {
    if (!has_tail(log)) continue;
    const auto configs = admin.configs(log.partition.topic);
    if (configs.outcome.fault == kafka::Fault::kRetriable) return false;
    if (!is_older(kept_ms(configs.value))) continue;
    environment_.wipe();
    for (Changelog& each : changelogs_) each.next = each.begin;
    anew_ = "the state of a task is older than what '" + log.partition.topic +
            "' remembers of erased keys: it is restored from the beginning";
    return true;
  }
  return true;
}

Result<bool> Restore::read(std::size_t at, std::size_t records_max) {
  Changelog& log = changelogs_[at];
  state::Store& store = environment_.store(log.store);
  const kafka::Batch batch = reader_->read(static_cast<kafka::Slot>(at), records_max);
  for (const kafka::Incoming& record : batch.records) {
    if (record.offset >= log.end) break;
    const std::optional<Bytes> row = record.value ? changelog_row(*record.value) : std::nullopt;
    if (!record.key || (record.value && !row)) {
      return Error{"the changelog '" + log.partition.topic + "', partition " +
                       std::to_string(log.partition.index) + ", offset " +
                       std::to_string(record.offset) + ", holds a record that is none of version " +
                       std::to_string(detail::kLayoutVersion),
                   "another version of weir or another program wrote it: go back to that version, "
                   "or reset the job"};
    }
    store.restore(*record.key, row);
    ++restored_;
  }
  if (batch.next_offset > log.next) log.next = std::min(batch.next_offset, log.end);
  keep(log);
  return log.next >= log.end;
}

}  // namespace weir::engine
