#include "cli/state_print.h"

#include <algorithm>

#include "cli/layout.h"
#include "cli/numbers.h"
#include "cli/table.h"
#include "expression/json_text.h"
#include "job/diagnostic_print.h"
#include <weir/time_format.h>

namespace weir::cli {

namespace {

using job::json_quoted;

constexpr std::size_t kSecondsSize = std::string_view("2025-11-24T16:00:00").size();

std::string time_text(Timestamp time) {
  std::string text;
  if (time == kNoTime || time == kEndOfTime || !append_time_text(text, time)) return "-";
  return text;
}

double fill_of(const DiskLine& disk) {
  if (disk.bytes_mapped == 0) return 0;
  return static_cast<double>(disk.bytes_used) / static_cast<double>(disk.bytes_mapped);
}

std::string fill_text(double fill) {
  std::string text = std::to_string(static_cast<int>(fill * 1000 + 0.5));
  if (text.size() < 2) text.insert(0, "0");
  text.insert(text.size() - 1, ".");
  return text + " %";
}

}  // namespace

std::string state_json(std::string_view job, const std::vector<StoreLine>& stores,
                       const std::vector<DiskLine>& disks) {
  std::string out = "{\"job\":" + json_quoted(job) + ",\"stores\":[";
  for (const StoreLine& one : stores) {
    const std::string time = time_text(one.time);
    if (out.back() != '[') out += ",";
    out +=
        "{\"store\":" + json_quoted(one.store) + ",\"kind\":" + json_quoted(one.kind) +
        ",\"task\":" + json_quoted(one.task) + ",\"partition\":" + std::to_string(one.partition) +
        ",\"entries\":" + std::to_string(one.entries) + ",\"bytes\":" + std::to_string(one.bytes) +
        ",\"time\":" + (time == "-" ? "null" : json_quoted(time)) + "}";
  }
  out += "],\"disks\":[";
  for (const DiskLine& one : disks) {
    if (out.back() != '[') out += ",";
    out += "{\"task\":" + json_quoted(one.task) +
           ",\"bytes_used\":" + std::to_string(one.bytes_used) +
           ",\"bytes_mapped\":" + std::to_string(one.bytes_mapped) +
           ",\"used_ratio\":" + std::to_string(fill_of(one)) + "}";
  }
  return out + "]}";
}

std::string state_text(const std::vector<StoreLine>& stores, const std::vector<DiskLine>& disks,
                       std::size_t columns) {
  Table full({{"STORE"}, {"KIND"}, {"TASK"}, {"ENTRIES", true}, {"SIZE", true}, {"TIME"}});
  Table narrow({{"STORE"}, {"TASK"}, {"ENTRIES", true}, {"SIZE", true}, {"TIME"}});
  for (const StoreLine& one : stores) {
    const std::string entries = grouped(static_cast<std::int64_t>(one.entries));
    const std::string size = bytes_text(static_cast<double>(one.bytes));
    const std::string time = time_text(one.time).substr(0, kSecondsSize);
    full.add({one.store, one.kind, one.task, entries, size, time});
    narrow.add({one.store, one.task, entries, size, time});
  }
  Table used({{"TASK"}, {"USED", true}, {"OF", true}, {"FILL", true}});
  for (const DiskLine& one : disks) {
    used.add({one.task, bytes_text(static_cast<double>(one.bytes_used)),
              bytes_text(static_cast<double>(one.bytes_mapped)), fill_text(fill_of(one))});
  }
  const std::string text = full.text();
  const bool fits = columns == 0 || clipped(text, columns) == text;
  return (fits ? text : narrow.text()) + "\n" + used.text();
}

std::string row_json(std::string_view store, int partition, std::string_view members) {
  return "{\"store\":" + json_quoted(store) + ",\"partition\":" + std::to_string(partition) + "," +
         std::string(members) + "}";
}

std::string row_text(int partition, std::string_view members) {
  std::string out = std::to_string(partition);
  const std::string json = "{" + std::string(members) + "}";
  for (expression::JsonWalk walk(json); walk.next();) {
    std::string_view value = walk.value();
    if (value.size() >= 2 && value.front() == '"') value = value.substr(1, value.size() - 2);
    const bool is_end = walk.key().ends_with("_end");
    const bool named = walk.key() == "newest" || walk.key() == "alone" || walk.key() == "id";
    out += is_end ? " to " : "  ";
    if (named) out += std::string(walk.key()) + " ";
    out += value;
  }
  return out;
}

}  // namespace weir::cli
