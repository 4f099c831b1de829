#include "engine/output_limits.h"

#include <algorithm>
#include <charconv>

namespace weir::engine {

namespace {

// The broker's clock may be behind ours, and a record waits before it is judged.
constexpr std::int64_t kClockMarginMs = 60'000;
constexpr std::size_t kBatchBytes = 120;  // Header of a batch, lengths and deltas of a record.

std::int64_t number(const kafka::Configs& configs, std::string_view name, std::int64_t otherwise) {
  const auto found = configs.find(name);
  if (found == configs.end()) return otherwise;
  const std::string& text = found->second;
  std::int64_t value = otherwise;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::int64_t without_margin(std::int64_t ms) {
  if (ms == OutputLimits::kAny) return ms;
  return ms > 2 * kClockMarginMs ? ms - kClockMarginMs : ms / 2;
}

std::size_t size_of(const OutputRecord& record) {
  std::size_t bytes =
      (record.key ? record.key->size() : 0) + (record.value ? record.value->size() : 0);
  for (const Header& header : record.headers) {
    bytes += header.name.size() + (header.value ? header.value->size() : 0) + 8;
  }
  return bytes + kBatchBytes;
}

}  // namespace

const char* OutputLimits::refusal(const OutputRecord& record, Timestamp now) const {
  if (record.timestamp != nearest(record.timestamp, now)) return "timestamp";
  return size_of(record) > bytes_max ? "too_large" : nullptr;
}

Timestamp OutputLimits::nearest(Timestamp time, Timestamp now) const {
  const Timestamp latest = ahead_ms_max == kAny ? kAny : later(now, ahead_ms_max);
  const Timestamp earliest = behind_ms_max == kAny ? kNoTime : later(now, -behind_ms_max);
  return std::clamp(time, earliest, latest);
}

OutputLimits limits_of(const kafka::Configs& topic) {
  OutputLimits limits;
  const auto type = topic.find("message.timestamp.type");
  if (type == topic.end() || type->second == "CreateTime") {
    limits.ahead_ms_max =
        without_margin(number(topic, "message.timestamp.after.max.ms", OutputLimits::kAny));
    limits.behind_ms_max =
        without_margin(number(topic, "message.timestamp.before.max.ms", OutputLimits::kAny));
  }
  const std::int64_t bytes = number(topic, "max.message.bytes", 0);
  if (bytes > 0) {
    limits.bytes_max = std::min(static_cast<std::size_t>(bytes), kafka::kRecordBytesMax);
  }
  return limits;
}

}  // namespace weir::engine
