#include "cli/letter_print.h"

#include <algorithm>

#include "cli/numbers.h"
#include "cli/table.h"
#include "job/diagnostic_print.h"
#include <weir/json_reader.h>
#include <weir/time_format.h>

namespace weir::cli {

namespace {

using job::json_quoted;

std::string time_text(Timestamp time) {
  std::string text;
  return append_time_text(text, time) ? text : "-";
}

// To the second.
std::string short_time(Timestamp time) {
  const std::string text = time_text(time);
  return text.substr(0, std::min<std::size_t>(text.size(), 19));
}

// The time of day alone where both lie on one day.
std::string short_time_after(Timestamp first, Timestamp time) {
  const std::string text = short_time(time);
  const bool same_day = text.size() == 19 && text.starts_with(short_time(first).substr(0, 10));
  return same_day ? text.substr(11) : text;
}

std::string quoted_or_null(const std::optional<std::string_view>& text) {
  return text ? json_quoted(*text) : "null";
}

std::string place_text(std::string_view topic, std::int32_t partition, std::int64_t offset) {
  if (topic.empty()) return "-";
  std::string text(topic);
  if (partition < 0) return text;
  return text + "/" + std::to_string(partition) + "@" + std::to_string(offset);
}

bool is_json_line(std::string_view text) {
  JsonReader check{std::vector<std::string>{}};
  return text.find('\n') == std::string_view::npos && static_cast<bool>(check.read(text));
}

// Control characters would play with the terminal.
std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text) {
    out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '.' : c;
  }
  return out;
}

}  // namespace

void LetterGroups::add(const run::DeadLetter& letter, const std::string& step) {
  const std::string reason(letter.is_ours() ? letter.reason : "not weir's");
  Group& group = groups_[{reason, step}];
  ++group.count;
  group.first = std::min(group.first, letter.time);
  group.last = std::max(group.last, letter.time);
  // The newest: it tells what is wrong now.
  group.topic = letter.topic;
  group.partition = letter.from_partition;
  group.offset = letter.from_offset;
  group.message = letter.message;
}

std::uint64_t LetterGroups::count() const {
  std::uint64_t all = 0;
  for (const auto& [name, group] : groups_) all += group.count;
  return all;
}

std::string LetterGroups::text() const {
  Table table({{"REASON"}, {"STEP"}, {"COUNT", true}, {"FIRST"}, {"LAST"}});
  for (const auto& [name, group] : groups_) {
    table.add({name.first, name.second.empty() ? "-" : name.second,
               grouped(static_cast<std::int64_t>(group.count)), short_time(group.first),
               short_time_after(group.first, group.last)});
  }
  // The newest of each below its line, where there is room for what it says.
  std::string out;
  const std::string lines = table.text();
  std::size_t at = lines.find('\n') + 1;
  out = lines.substr(0, at);
  for (const auto& [name, group] : groups_) {
    const std::size_t end = lines.find('\n', at) + 1;
    out += lines.substr(at, end - at) + "  " +
           place_text(group.topic, group.partition, group.offset) + "  " +
           printable(group.message) + "\n";
    at = end;
  }
  return out;
}

std::string LetterGroups::json() const {
  std::string out = "[";
  for (const auto& [name, group] : groups_) {
    if (out.size() > 1) out += ",";
    out += "{\"reason\":" + json_quoted(name.first) + ",\"step\":" + json_quoted(name.second) +
           ",\"count\":" + std::to_string(group.count) +
           ",\"first\":" + json_quoted(time_text(group.first)) +
           ",\"last\":" + json_quoted(time_text(group.last)) +
           ",\"example\":{\"topic\":" + json_quoted(group.topic) +
           ",\"partition\":" + std::to_string(group.partition) +
           ",\"offset\":" + std::to_string(group.offset) +
           ",\"message\":" + json_quoted(group.message) + "}}";
  }
  return out + "]";
}

std::string letter_text(const run::DeadLetter& letter, const std::string& step) {
  std::string out = std::to_string(letter.partition) + "@" + std::to_string(letter.offset) + "  " +
                    (letter.is_ours() ? std::string(letter.reason) : "not weir's");
  if (!step.empty()) out += " in " + step;
  out += "  " + place_text(letter.topic, letter.from_partition, letter.from_offset) + "  " +
         time_text(letter.time) + "\n";
  if (!letter.message.empty()) out += "  why    " + printable(letter.message) + "\n";
  out += "  key    " + (letter.key ? printable(*letter.key) : "null") + "\n";
  for (const Header& header : letter.headers) {
    out += "  header " + printable(header.name) + " = " +
           (header.value ? printable(*header.value) : "null") + "\n";
  }
  return out + "  value  " + (letter.value ? printable(*letter.value) : "null") + "\n";
}

std::string letter_json(const std::string& topic, const run::DeadLetter& letter,
                        const std::string& step) {
  std::string out =
      "{\"topic\":" + json_quoted(topic) + ",\"partition\":" + std::to_string(letter.partition) +
      ",\"offset\":" + std::to_string(letter.offset) + ",\"reason\":" + json_quoted(letter.reason) +
      ",\"step\":" + json_quoted(step) + ",\"message\":" + json_quoted(letter.message) +
      ",\"time\":" + json_quoted(time_text(letter.time)) +
      ",\"from\":{\"topic\":" + json_quoted(letter.topic) +
      ",\"partition\":" + std::to_string(letter.from_partition) +
      ",\"offset\":" + std::to_string(letter.from_offset) + "}";
  out += ",\"key\":" + quoted_or_null(letter.key) + ",\"headers\":[";
  for (const Header& header : letter.headers) {
    if (out.back() != '[') out += ",";
    out += "[" + json_quoted(header.name) + "," + quoted_or_null(header.value) + "]";
  }
  out += "],\"value\":";
  if (!letter.value) return out + "null}";
  return out +
         (is_json_line(*letter.value) ? std::string(*letter.value) : json_quoted(*letter.value)) +
         "}";
}

}  // namespace weir::cli
