#include <algorithm>
#include <chrono>
#include <cstdlib>

#include "cli/doctor.h"
#include "cli/numbers.h"

namespace weir::cli {

namespace {

constexpr const char* kOffsetsTopic = "__consumer_offsets";
constexpr std::int64_t kTail = 50;  // Records; some of the last may be marks that nobody sees.
constexpr std::chrono::milliseconds kReadMax{3'000};
constexpr std::int64_t kCloseMs = 10'000;
constexpr std::int64_t kApartBadMs = 30'000;
constexpr std::int64_t kApartMs = 1'000;

// As Kafka finds the partition that keeps what a group commits.
int partition_of_group(const std::string& group, int partitions) {
  std::uint32_t hash = 0;
  for (const char c : group) hash = 31 * hash + static_cast<unsigned char>(c);
  return static_cast<int>((hash & 0x7FFFFFFFU) % static_cast<std::uint32_t>(partitions));
}

// The newest time in the last records of each partition.
std::map<std::string, Timestamp> newest(kafka::Cluster& cluster, kafka::Admin& admin,
                                        const std::vector<kafka::Partition>& partitions) {
  std::map<std::string, Timestamp> found;
  const auto first = admin.begin_offsets(partitions);
  const auto end = admin.end_offsets(partitions, kafka::Isolation::kReadUncommitted);
  auto reader = cluster.reader({.isolation = kafka::Isolation::kReadUncommitted});
  if (!first.ok() || !end.ok() || !reader.ok()) return found;
  std::vector<kafka::Start> starts;
  std::vector<kafka::Slot> open;
  for (std::size_t at = 0; at < partitions.size(); ++at) {
    if (end.value[at] <= first.value[at]) continue;
    const auto slot = static_cast<kafka::Slot>(at);
    starts.push_back({partitions[at], std::max(first.value[at], end.value[at] - kTail), slot});
    open.push_back(slot);
  }
  reader.value->start(starts);
  const auto deadline = std::chrono::steady_clock::now() + kReadMax;
  while (!open.empty() && std::chrono::steady_clock::now() < deadline) {
    const auto events = reader.value->poll(Duration{20});
    if (std::ranges::any_of(events, [](const kafka::Event& event) {
          return event.outcome.fault == kafka::Fault::kDenied;
        })) {
      break;
    }
    std::erase_if(open, [&](kafka::Slot slot) {
      const kafka::Batch batch = reader.value->read(slot, kTail);
      for (const kafka::Incoming& record : batch.records) {
        Timestamp& time = found.try_emplace(partitions[slot].topic, 0).first->second;
        time = std::max(time, record.timestamp);
      }
      return batch.at_end || batch.next_offset >= end.value[slot];
    });
  }
  return found;
}

}  // namespace

Stamps look_at_stamps(kafka::Cluster& cluster, const Preview& preview, const std::string& job) {
  Stamps stamps;
  auto admin = cluster.admin();
  if (!admin.ok()) return stamps;
  const std::vector<std::string> offsets{kOffsetsTopic};
  const auto count = admin.value->partitions(offsets);
  if (!count.ok() || count.value[0] == 0) {
    stamps.why = "the brokers' own topics may not be seen, or are not there yet";
  } else {
    const std::vector<kafka::Partition> kept{
        {kOffsetsTopic, partition_of_group(job, count.value[0])}};
    const auto found = newest(cluster, *admin.value, kept);
    if (found.empty()) {
      stamps.why = "no record that they stamped can be seen";
    } else {
      stamps.brokers = found.begin()->second;
    }
  }
  std::vector<kafka::Partition> inputs;
  for (const auto& input : preview.inputs) inputs.push_back({input.topic, input.partition});
  if (!inputs.empty()) stamps.sources = newest(cluster, *admin.value, inputs);
  return stamps;
}

void judge_clocks(const Stamps& stamps, Timestamp now, Findings& into) {
  if (!stamps.brokers) {
    into.unknown("clock", "how far the brokers' clock is from this one: " + stamps.why,
                 "a job that runs commits, and commits are stamped: ask again then");
  } else if (const std::int64_t ahead = *stamps.brokers - now; ahead > kApartMs) {
    const std::string text =
        "the brokers' clock is ahead of this one by " + duration_text(ahead) + " at least";
    const std::string next = "set this machine's clock, or theirs: chronyc tracking";
    ahead > kApartBadMs ? into.bad("clock", text, next) : into.warn("clock", text, next);
  } else if (-ahead <= kCloseMs) {
    into.ok("clock", "the brokers stamped a record " +
                         duration_text(std::max<std::int64_t>(0, -ahead)) +
                         " ago by this clock: it is at most that far ahead of theirs, and not "
                         "behind");
  } else {
    into.unknown("clock",
                 "this clock is not behind the brokers'; whether it is ahead is not known, for "
                 "they stamped nothing that this job committed for " +
                     duration_text(-ahead / 1000 * 1000),
                 "a job that runs commits, and commits are stamped: ask again then");
  }
  for (const auto& [topic, time] : stamps.sources) {
    if (time - now <= 60'000) continue;
    into.warn("clock",
              "'" + topic + "' has a record that is " + duration_text((time - now) / 1000 * 1000) +
                  " ahead of this clock: windows close early and other records are late",
              "find the producer whose clock is wrong");
  }
}

}  // namespace weir::cli
