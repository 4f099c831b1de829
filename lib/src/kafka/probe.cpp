#include "kafka/probe.h"

#include <charconv>

namespace weir::kafka {

namespace {

// As the protocol numbers them.
constexpr int kOffsetCommit = 8;
constexpr int kTxnOffsetCommit = 28;
constexpr int kDescribeTransactions = 65;

bool take_number(std::string_view& text, std::string_view before, int& into) {
  const std::size_t at = text.find(before);
  if (at == std::string_view::npos) return false;
  text.remove_prefix(at + before.size());
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), into);
  if (fault != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

}  // namespace

bool read_api_line(std::string_view line, ApiVersions& into) {
  const std::size_t at = line.find("ApiKey ");
  if (at == std::string_view::npos) return false;
  std::string_view rest = line.substr(at);
  int key = 0;
  int first = 0;
  int last = 0;
  if (!take_number(rest, "(", key) || !take_number(rest, ") Versions ", first) ||
      !take_number(rest, "..", last)) {
    return false;
  }
  into[key] = {first, last};
  return true;
}

std::string kafka_words(const ApiVersions& versions) {
  if (versions.empty()) return "";
  const auto commits = versions.find(kOffsetCommit);
  // Kafka 4 took away what no client has used since 2.1.
  if (commits != versions.end() && commits->second.first >= 2) return "Kafka 4.0 or later";
  if (versions.contains(kDescribeTransactions)) return "Kafka 3.0 or later";
  return knows_group_fencing(versions) ? "Kafka 2.5 or later" : "older than Kafka 2.5";
}

bool knows_group_fencing(const ApiVersions& versions) {
  const auto found = versions.find(kTxnOffsetCommit);
  return found != versions.end() && found->second.second >= 3;
}

}  // namespace weir::kafka
