#include "sim/topics.h"

#include <charconv>

#include <weir/error.h>

namespace weir::sim {
namespace {

using kafka::Fault;
using kafka::Outcome;

// Kafka 4.3's defaults, as far as anything here looks at them.
const kafka::Configs& default_configs() {
  static const kafka::Configs defaults = {
      {"cleanup.policy", "delete"},
      {"compression.type", "producer"},
      {"delete.retention.ms", "86400000"},
      {"max.compaction.lag.ms", "9223372036854775807"},
      {"max.message.bytes", "1048588"},
      {"message.timestamp.after.max.ms", "3600000"},
      {"message.timestamp.before.max.ms", "9223372036854775807"},
      {"message.timestamp.type", "CreateTime"},
      {"min.cleanable.dirty.ratio", "0.5"},
      {"min.compaction.lag.ms", "0"},
      {"min.insync.replicas", "1"},
      {"retention.bytes", "-1"},
      {"retention.ms", "604800000"},
      {"segment.bytes", "1073741824"},
      {"segment.ms", "604800000"},
  };
  return defaults;
}

// A batch of one record, about: header 61 bytes, a few for lengths.
std::size_t written_size(const SimRecord& record) {
  std::size_t size = 70;
  if (record.key) size += record.key->size();
  if (record.value) size += record.value->size();
  for (const auto& [name, value] : record.headers) {
    size += name.size() + (value ? value->size() : 0) + 2;
  }
  return size;
}

}  // namespace

std::int64_t Topic::config(std::string_view name) const {
  const auto found = configs.find(name);
  check(found != configs.end(), "no such topic config");
  std::int64_t number = 0;
  const std::string& text = found->second;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

Outcome Topic::check_record(const SimRecord& record, Timestamp now) const {
  if (static_cast<std::int64_t>(written_size(record)) > config("max.message.bytes")) {
    return {Fault::kTooLarge, "message size too large"};
  }
  const bool ahead =
      record.timestamp > now && record.timestamp - now > config("message.timestamp.after.max.ms");
  const bool behind =
      record.timestamp < now && now - record.timestamp > config("message.timestamp.before.max.ms");
  if (ahead || behind) return {Fault::kBadTimestamp, "invalid timestamp"};
  return {};
}

Outcome Topics::create(const kafka::TopicSpec& spec) {
  if (topics_.contains(spec.name)) return {Fault::kExists, spec.name + " exists"};
  if (spec.partitions < 1) return {Fault::kDenied, "no partitions"};
  Topic topic;
  topic.configs = default_configs();
  for (const auto& [name, value] : spec.configs) {
    const auto known = topic.configs.find(name);
    if (known == topic.configs.end()) return {Fault::kDenied, "unknown config " + name};
    known->second = value;
  }
  topic.logs.resize(static_cast<std::size_t>(spec.partitions));
  topics_.emplace(spec.name, std::move(topic));
  return {};
}

Outcome Topics::grow(const std::string& topic, std::int32_t partitions) {
  Topic* found = find(topic);
  if (found == nullptr) return {Fault::kMissing, topic + " does not exist"};
  const auto wanted = static_cast<std::size_t>(partitions);
  if (wanted <= found->logs.size()) return {Fault::kDenied, topic + " has as many partitions"};
  found->logs.resize(wanted);
  return {};
}

Outcome Topics::remove(const std::string& topic) {
  if (topics_.erase(topic) == 0) return {Fault::kMissing, topic + " does not exist"};
  return {};
}

Topic* Topics::find(const std::string& topic) {
  const auto found = topics_.find(topic);
  return found == topics_.end() ? nullptr : &found->second;
}

const Topic* Topics::find(const std::string& topic) const {
  const auto found = topics_.find(topic);
  return found == topics_.end() ? nullptr : &found->second;
}

Log* Topics::find(const kafka::Partition& partition) {
  Topic* topic = find(partition.topic);
  const auto index = static_cast<std::size_t>(partition.index);
  if (topic == nullptr || partition.index < 0 || index >= topic->logs.size()) return nullptr;
  return &topic->logs[index];
}

std::int32_t Topics::partition_count(const std::string& topic) const {
  const Topic* found = find(topic);
  return found == nullptr ? 0 : static_cast<std::int32_t>(found->logs.size());
}

}  // namespace weir::sim
