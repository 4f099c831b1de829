#include "run/handled_letters.h"

#include <charconv>

#include "run/retry.h"
#include <weir/bytes.h>

namespace weir::run {

namespace {

using kafka::Fault;
using kafka::Outcome;

constexpr Duration kWait{30'000};

// Takes "/number" off the end.
bool take_number(std::string_view& text, std::int64_t& number) {
  const std::size_t slash = text.rfind('/');
  if (slash == std::string_view::npos) return false;
  const char* const end = text.data() + text.size();
  const auto [stop, failed] = std::from_chars(text.data() + slash + 1, end, number);
  text = text.substr(0, slash);
  return failed == std::errc() && stop == end;
}

void append_fingerprint(std::string& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(value >> shift));
}

bool read_fingerprint(Bytes& in, std::uint32_t& value) {
  if (in.size() < 4) return false;
  value = 0;
  for (int i = 0; i < 4; ++i) {
    value = value << 8 | static_cast<unsigned char>(in[static_cast<std::size_t>(i)]);
  }
  in.remove_prefix(4);
  return true;
}

}  // namespace

Outcome HandledLetters::load(kafka::Cluster& cluster) {
  blocks_.clear();
  changed_.clear();
  auto admin = cluster.admin();
  if (!admin.ok()) return admin.outcome;
  const std::vector<std::string> names{topic_};
  auto counts = retried(kWait, [&] { return admin.value->partitions(names); });
  if (!counts.ok()) return counts.outcome;
  std::vector<kafka::Partition> partitions;
  for (std::int32_t i = 0; i < counts.value[0]; ++i) partitions.push_back({topic_, i});
  if (partitions.empty()) return {};
  auto begins = retried(kWait, [&] { return admin.value->begin_offsets(partitions); });
  if (!begins.ok()) return begins.outcome;
  auto ends = retried(kWait, [&] {
    return admin.value->end_offsets(partitions, kafka::Isolation::kReadCommitted);
  });
  if (!ends.ok()) return ends.outcome;
  return read_between(cluster, partitions, begins.value, ends.value,
                      [&](std::size_t, const kafka::Incoming& record, Headers) {
                        if (record.key) read(*record.key, record.value);
                        return true;
                      });
}

void HandledLetters::read(std::string_view key, std::optional<std::string_view> value) {
  std::int64_t block = 0;
  std::int64_t partition = 0;
  if (!take_number(key, block) || !take_number(key, partition) || key != dead_letters_) return;
  const Place place{static_cast<std::int32_t>(partition), block};
  if (!value) {
    blocks_.erase(place);
    return;
  }
  Block& into = blocks_[place];
  into.clear();
  std::uint64_t after = 0;
  std::uint32_t fingerprint = 0;
  for (Bytes rest = *value; read_varint(rest, after) && read_fingerprint(rest, fingerprint);) {
    into[block * kBlock + static_cast<std::int64_t>(after)] = fingerprint;
  }
}

Outcome HandledLetters::make(kafka::Cluster& cluster) const {
  auto admin = cluster.admin();
  if (!admin.ok()) return admin.outcome;
  const std::vector<std::string> names{topic_};
  auto counts = retried(kWait, [&] { return admin.value->partitions(names); });
  if (!counts.ok()) return counts.outcome;
  if (counts.value[0] > 0) return {};
  const std::vector<kafka::TopicSpec> specs{
      {.name = topic_, .partitions = 1, .configs = {{"cleanup.policy", "compact"}}}};
  auto made = retried(kWait, [&] { return admin.value->create_topics(specs); });
  if (!made.ok()) return made.outcome;
  const Outcome& one = made.value.front();
  return one.fault == Fault::kExists ? Outcome{} : one;
}

bool HandledLetters::contains(const DeadLetter& letter) const {
  const auto block = blocks_.find({letter.partition, letter.offset / kBlock});
  if (block == blocks_.end()) return false;
  const auto found = block->second.find(letter.offset);
  return found != block->second.end() && found->second == letter.fingerprint();
}

void HandledLetters::add(const DeadLetter& letter) {
  const Place place{letter.partition, letter.offset / kBlock};
  blocks_[place][letter.offset] = letter.fingerprint();
  changed_.insert(place);
}

std::size_t HandledLetters::size() const {
  std::size_t all = 0;
  for (const auto& [place, block] : blocks_) all += block.size();
  return all;
}

std::string HandledLetters::key_of(const Place& place) const {
  return dead_letters_ + "/" + std::to_string(place.first) + "/" + std::to_string(place.second);
}

std::vector<std::pair<std::string, std::optional<std::string>>> HandledLetters::take_changes(
    const std::vector<std::int64_t>& begins) {
  std::vector<std::pair<std::string, std::optional<std::string>>> records;
  for (auto at = blocks_.begin(); at != blocks_.end();) {
    const auto partition = static_cast<std::size_t>(at->first.first);
    const bool gone =
        partition < begins.size() && (at->first.second + 1) * kBlock <= begins[partition];
    if (gone) {
      records.emplace_back(key_of(at->first), std::nullopt);
      changed_.erase(at->first);
      at = blocks_.erase(at);
      continue;
    }
    if (changed_.contains(at->first)) {
      std::string value;
      for (const auto& [offset, fingerprint] : at->second) {
        append_varint(value, static_cast<std::uint64_t>(offset - at->first.second * kBlock));
        append_fingerprint(value, fingerprint);
      }
      records.emplace_back(key_of(at->first), std::move(value));
    }
    ++at;
  }
  changed_.clear();
  return records;
}

}  // namespace weir::run
