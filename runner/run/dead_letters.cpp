#include "run/dead_letters.h"

#include <charconv>
#include <chrono>

#include "run/retry.h"

namespace weir::run {

namespace {

using kafka::Fault;
using kafka::Outcome;
using kafka::Partition;

constexpr Duration kWait{30'000};
constexpr std::int64_t kSilenceMs = 30'000;  // Of a broker that should send records.
constexpr std::string_view kOurs[] = {"__streams.errors.exception",
                                      "__streams.errors.message",
                                      "__streams.errors.topic",
                                      "__streams.errors.partition",
                                      "__streams.errors.offset",
                                      "weir.job",
                                      "weir.step",
                                      "weir.reason",
                                      "weir.version"};

template <class Number>
Number number_of(std::string_view text) {
  Number number = -1;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

std::uint32_t DeadLetter::fingerprint() const {
  std::uint32_t hash = 2'166'136'261;  // FNV-1a.
  const auto mix = [&](std::string_view bytes) {
    for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 16'777'619;
    hash = (hash ^ 0xffU) * 16'777'619;
  };
  mix(topic);
  mix(std::to_string(from_partition));
  mix(std::to_string(from_offset));
  mix(std::to_string(time));
  mix(reason);
  return hash;
}

void read_letter_headers(Headers all, DeadLetter& letter) {
  letter.headers.assign(all.begin(), all.end());
  constexpr std::size_t kCount = std::size(kOurs);
  if (all.size() < kCount) return;
  const Headers last = all.last(kCount);
  for (std::size_t i = 0; i < kCount; ++i) {
    if (last[i].name != kOurs[i]) return;
  }
  const auto text = [&](std::size_t i) { return last[i].value.value_or(""); };
  letter.headers.resize(all.size() - kCount);
  letter.message = text(1);
  letter.topic = text(2);
  letter.from_partition = number_of<std::int32_t>(text(3));
  letter.from_offset = number_of<std::int64_t>(text(4));
  letter.step = text(6);
  letter.reason = text(7);
}

Outcome read_between(
    kafka::Cluster& cluster, const std::vector<Partition>& partitions,
    const std::vector<std::int64_t>& begins, const std::vector<std::int64_t>& ends,
    const std::function<bool(std::size_t at, const kafka::Incoming&, Headers)>& visit) {
  auto reader = cluster.reader({.client_id = "weir-dlq"});
  if (!reader.ok()) return reader.outcome;
  std::vector<kafka::Start> starts;
  std::vector<bool> done(partitions.size(), true);
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    if (begins[i] >= ends[i]) continue;
    done[i] = false;
    starts.push_back({partitions[i], begins[i], static_cast<kafka::Slot>(i)});
  }
  reader.value->start(starts);
  std::size_t left = starts.size();
  auto heard = std::chrono::steady_clock::now();
  while (left > 0) {
    for (const kafka::Event& event : reader.value->poll(Duration(50))) {
      if (event.kind == kafka::Event::Kind::kFailed) return event.outcome;
    }
    for (std::size_t i = 0; i < partitions.size(); ++i) {
      if (done[i]) continue;
      const kafka::Batch batch = reader.value->read(static_cast<kafka::Slot>(i), 500);
      if (!batch.records.empty()) heard = std::chrono::steady_clock::now();
      for (const kafka::Incoming& record : batch.records) {
        if (record.offset >= ends[i]) break;
        if (!visit(i, record, reader.value->headers(record))) return {};
      }
      if (batch.next_offset < ends[i] && !(batch.at_end && batch.records.empty())) continue;
      done[i] = true;
      --left;
    }
    if (std::chrono::steady_clock::now() - heard > Duration(kSilenceMs)) {
      return {Fault::kRetriable, "the brokers send nothing of '" + partitions[0].topic + "'"};
    }
  }
  return {};
}

kafka::Reply<DeadLetters> DeadLetters::open(kafka::Cluster& cluster, const std::string& topic) {
  DeadLetters letters;
  letters.cluster_ = &cluster;
  auto admin = cluster.admin();
  if (!admin.ok()) return admin.outcome;
  const std::vector<std::string> names{topic};
  auto counts = retried(kWait, [&] { return admin.value->partitions(names); });
  if (!counts.ok()) return counts.outcome;
  if (counts.value[0] == 0) return Outcome{Fault::kMissing, "there is no topic '" + topic + "'"};
  for (std::int32_t i = 0; i < counts.value[0]; ++i) letters.partitions_.push_back({topic, i});
  auto begins = retried(kWait, [&] { return admin.value->begin_offsets(letters.partitions_); });
  if (!begins.ok()) return begins.outcome;
  letters.begins_ = std::move(begins.value);
  auto ends = retried(kWait, [&] {
    return admin.value->end_offsets(letters.partitions_, kafka::Isolation::kReadCommitted);
  });
  if (!ends.ok()) return ends.outcome;
  letters.ends_ = std::move(ends.value);
  return letters;
}

Outcome DeadLetters::each(const std::function<bool(const DeadLetter&)>& visit) {
  return read_between(*cluster_, partitions_, begins_, ends_,
                      [&](std::size_t at, const kafka::Incoming& record, Headers headers) {
                        DeadLetter letter{.partition = partitions_[at].index,
                                          .offset = record.offset,
                                          .time = record.timestamp,
                                          .key = record.key,
                                          .value = record.value};
                        read_letter_headers(headers, letter);
                        return visit(letter);
                      });
}

std::int64_t DeadLetters::count() const {
  std::int64_t all = 0;
  for (std::size_t i = 0; i < begins_.size(); ++i) all += ends_[i] - begins_[i];
  return all;
}

}  // namespace weir::run
