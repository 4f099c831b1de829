#include "sim/fetcher.h"

#include <algorithm>
#include <utility>

#include <weir/error.h>

namespace weir::sim {

using kafka::Event;
using kafka::Slot;

void Fetcher::start(const kafka::Start& start) {
  if (slots_.size() <= start.slot) slots_.resize(start.slot + 1);
  check(!slots_[start.slot], "start: the slot is in use");
  slots_[start.slot].emplace();
  slots_[start.slot]->partition = start.partition;
  slots_[start.slot]->position = start.offset;
}

void Fetcher::stop(Slot slot) {
  source(slot);
  slots_[slot].reset();
}

Fetcher::Source& Fetcher::source(Slot slot) {
  check(slot < slots_.size() && slots_[slot], "no such slot");
  return *slots_[slot];
}

const Fetcher::Source& Fetcher::source(Slot slot) const {
  check(slot < slots_.size() && slots_[slot], "no such slot");
  return *slots_[slot];
}

kafka::Batch Fetcher::read(Slot slot, std::size_t max) {
  Source& from = source(slot);
  from.held.clear();
  from.records.clear();
  if (link_.is_up() && !from.halted) {
    if (link_.cluster.read_max() > 0) max = std::min(max, link_.cluster.read_max());
    fetch(from, max);
  }
  return {from.records, from.position, from.at_end};
}

void Fetcher::fetch(Source& from, std::size_t max) {
  Topic* topic = link_.cluster.topics().find(from.partition.topic);
  Log* log = link_.cluster.topics().find(from.partition);
  if (log == nullptr) return halt(from, Event::Kind::kTopicMissing, "no such topic or partition");
  if (topic->still.contains(from.partition.index)) return;
  if (from.position < log->begin() || from.position > log->end()) {
    return halt(from, Event::Kind::kOffsetGone,
                "offset " + std::to_string(from.position) + " is not in " +
                    std::to_string(log->begin()) + " ... " + std::to_string(log->end()));
  }
  from.end = log->end(isolation_);
  from.position = log->read(from.position, max, isolation_, from.held);
  from.at_end = from.position >= from.end;
  for (const LogEntry& entry : from.held) {
    const SimRecord& record = *entry.record;
    from.records.push_back({entry.offset, record.timestamp, record.key, record.value, &record});
  }
}

void Fetcher::halt(Source& from, Event::Kind kind, const std::string& why) {
  from.halted = true;
  from.at_end = false;
  events_.push_back({kind, {from.partition}, {kafka::Fault::kMissing, why}});
}

Headers Fetcher::headers(const kafka::Incoming& record) {
  headers_.clear();
  for (const auto& [name, value] : static_cast<const SimRecord*>(record.origin)->headers) {
    headers_.push_back({name, value});
  }
  return headers_;
}

void Fetcher::seek(Slot slot, std::int64_t offset) {
  Source& of = source(slot);
  of.held.clear();
  of.records.clear();
  of.position = offset;
  of.at_end = false;
  of.halted = false;
}

std::int64_t Fetcher::end_offset(Slot slot) const {
  const Source& of = source(slot);
  const Log* log = link_.cluster.topics().find(of.partition);
  return link_.is_up() && log != nullptr ? log->end(isolation_) : of.end;
}

void Fetcher::take_events(std::vector<Event>& into) {
  for (Event& event : events_) into.push_back(std::move(event));
  events_.clear();
}

}  // namespace weir::sim
