#include "engine/restore.h"

#include <algorithm>

#include "engine/changelog.h"
#include "engine/names.h"

namespace weir::engine {

namespace {

constexpr Duration kReadPause{2};  // When the brokers are slower than we are.

}  // namespace

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
                                        std::size_t records_max) {
  if (!begun_) {
    Result<bool> begun = begin(cluster, admin);
    if (!begun) return begun.error();
    begun_ = *begun;
    if (!begun_) return Progress::working;
  }
  if (!reader_) return Progress::done;
  for (const kafka::Event& event : reader_->poll(idle_ ? kReadPause : Duration{0})) {
    if (event.kind == kafka::Event::Kind::kFailed ||
        event.kind == kafka::Event::Kind::kOffsetGone) {
      return Error{"a changelog cannot be read: " + event.outcome.text};
    }
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
  for (const Changelog& log : changelogs_) {
    state::Position position = environment_.store(log.store).position();
    position.offset = log.next;
    environment_.restored(log.store, position);
  }
  reader_.reset();
  return Progress::done;
}

Result<bool> Restore::begin(kafka::Cluster& cluster, kafka::Admin& admin) {
  if (changelogs_.empty()) return true;
  Result<bool> found = find_ends(admin);
  if (!found || !*found) return found;
  std::vector<kafka::Start> starts;
  for (std::size_t at = 0; at < changelogs_.size(); ++at) {
    if (changelogs_[at].next >= changelogs_[at].end) continue;
    starts.push_back(
        {changelogs_[at].partition, changelogs_[at].next, static_cast<kafka::Slot>(at)});
  }
  if (starts.empty()) return true;
  auto reader = cluster.reader({});
  if (!reader.ok()) return Error{"changelogs cannot be read: " + reader.outcome.text};
  reader_ = std::move(reader.value);
  reader_->start(starts);
  return true;
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
    if (!outcome->ok()) return Error{"the ends of changelogs are not known: " + outcome->text};
  }
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
    log.next = std::max(log.next, begins.value[at]);
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
  return log.next >= log.end;
}

}  // namespace weir::engine
