#include "sim/log.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

namespace weir::sim {
namespace {

bool precedes(const LogEntry& entry, std::int64_t offset) { return entry.offset < offset; }

}  // namespace

std::int64_t Log::append(std::shared_ptr<const SimRecord> record, TransactionNumber transaction) {
  if (transaction != kNoTransaction) open_.try_emplace(transaction, end_);
  entries_.push_back({end_, transaction, std::move(record), kNoTime});
  return end_++;
}

void Log::end_transaction(TransactionNumber transaction, bool committed) {
  open_.erase(transaction);
  if (!committed) aborted_.insert(transaction);
  entries_.push_back({end_++, transaction, nullptr, kNoTime});
}

std::int64_t Log::stable_end() const {
  std::int64_t first = end_;
  for (const auto& [transaction, offset] : open_) first = std::min(first, offset);
  return first;
}

std::int64_t Log::offset_at(Timestamp time) const {
  for (const LogEntry& entry : entries_) {
    if (entry.record && entry.record->timestamp >= time) return entry.offset;
  }
  return end_;
}

std::int64_t Log::read(std::int64_t from, std::size_t max, kafka::Isolation isolation,
                       std::vector<LogEntry>& into) const {
  const bool committed_only = isolation == kafka::Isolation::kReadCommitted;
  const std::int64_t limit = end(isolation);
  auto entry = std::lower_bound(entries_.begin(), entries_.end(), from, precedes);
  for (std::size_t taken = 0; entry != entries_.end() && entry->offset < limit; ++entry) {
    if (!entry->record) continue;
    if (committed_only && !aborted_.empty() && aborted_.contains(entry->transaction)) continue;
    if (taken == max) return entry->offset;
    into.push_back(*entry);
    ++taken;
  }
  return std::max(from, limit);
}

void Log::compact(Timestamp now, Duration erasures_kept) {
  const std::int64_t limit = stable_end();
  const auto is_clean = [&](const LogEntry& e) {
    return e.offset < limit && e.record && !aborted_.contains(e.transaction);
  };
  std::unordered_map<std::string_view, std::int64_t> last;
  for (const LogEntry& entry : entries_) {
    if (is_clean(entry) && entry.record->key) last[*entry.record->key] = entry.offset;
  }
  std::deque<LogEntry> kept;
  for (LogEntry& entry : entries_) {
    const bool is_last = entry.offset == end_ - 1;
    if (entry.offset < limit && !is_last) {
      if (!is_clean(entry)) continue;
      if (entry.record->key && last[*entry.record->key] != entry.offset) continue;
      if (entry.cleaned == kNoTime) entry.cleaned = now;
      if (!entry.record->value && later(entry.cleaned, erasures_kept.count()) <= now) continue;
    }
    kept.push_back(entry);
  }
  entries_ = std::move(kept);
}

void Log::delete_before(std::int64_t offset) {
  begin_ = std::max(begin_, offset);
  while (!entries_.empty() && entries_.front().offset < begin_) entries_.pop_front();
}

void Log::expire(Timestamp time) {
  const std::int64_t limit = stable_end();
  while (!entries_.empty() && entries_.front().offset < limit) {
    const LogEntry& oldest = entries_.front();
    if (oldest.record && oldest.record->timestamp >= time) break;
    delete_before(oldest.offset + 1);
  }
}

}  // namespace weir::sim
