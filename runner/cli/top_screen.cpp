#include "cli/top_screen.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>

#include "cli/layout.h"
#include "cli/numbers.h"
#include "cli/table.h"
#include "cli/terminal.h"

namespace weir::cli {

namespace {

template <class... Values>
std::string printed(const char* format, Values... values) {
  std::array<char, 100> text{};
  const int size = std::snprintf(text.data(), text.size(), format, values...);
  return {text.data(), static_cast<std::size_t>(size)};
}

std::string short_time(double seconds) {
  if (seconds <= 0) return "-";
  if (seconds < 1e-6) return printed("%.0fns", seconds * 1e9);
  if (seconds < 1e-3) return printed(seconds < 1e-5 ? "%.1fus" : "%.0fus", seconds * 1e6);
  if (seconds < 1) return printed(seconds < 1e-2 ? "%.1fms" : "%.0fms", seconds * 1e3);
  return printed("%.1fs", seconds);
}

// The two largest parts of it.
std::string behind_text(double seconds) {
  if (seconds < 60) return printed("%.1fs", seconds);
  const std::string text = duration_text(static_cast<std::int64_t>(seconds) * 1000);
  return text.substr(0, text.find(' ', text.find(' ') + 1));
}

// One step, with rates of the time between both answers.
struct Line {
  std::string step, kind, dropped;
  double in = 0, out = 0, drops = 0, busy = 0, p99 = 0, open = 0, bytes = 0, entries = 0;
};

double p99_of(const std::vector<JsonView>& now, const std::vector<JsonView>& before,
              const std::vector<JsonView>& limits) {
  std::vector<double> counts;
  double all = 0;
  for (std::size_t i = 0; i < now.size(); ++i) {
    counts.push_back(now[i].number() - (i < before.size() ? before[i].number() : 0));
    all += counts.back();
  }
  if (all <= 0) {  // Nothing of the sample fell into the time between: all since the start.
    for (std::size_t i = 0; i < now.size(); ++i) all += counts[i] = now[i].number();
  }
  double below = 0;
  for (std::size_t i = 0; i < std::min(counts.size(), limits.size()) && all > 0; ++i) {
    below += counts[i];
    if (below >= all * 0.99) return limits[i].number();
  }
  return all > 0 && !limits.empty() ? limits.back().number() : 0;
}

Line line_of(const JsonView& now, const JsonView& before, const std::vector<JsonView>& limits,
             double seconds) {
  const auto rate = [&](std::string_view name) {
    return std::max(0.0, now[name].number() - before[name].number()) / seconds;
  };
  Line line;
  line.step = now["step"].string();
  line.kind = now["kind"].string();
  line.in = rate("in");
  line.out = rate("out");
  line.busy = rate("busy_seconds");
  line.p99 = p99_of(now["times"].list(), before["times"].list(), limits);
  line.open = now["open_windows"].number();
  line.bytes = now["stores"].list().empty() ? -1 : now["bytes"].number();
  line.entries = now["entries"].number();
  double most = 0;
  for (const auto& [reason, count] : now["discarded"].members()) {
    const double drops = (count.number() - before["discarded"][reason].number()) / seconds;
    line.drops += drops;
    // A reason that has nothing to say now is told when no other has.
    const double weight = drops > 0 ? 1e12 + drops : count.number();
    if (weight <= most) continue;
    most = weight;
    line.dropped = reason;
  }
  return line;
}

void sort_lines(std::vector<Line>& lines, std::string_view by) {
  const auto value = [&](const Line& line) {
    if (by == "in") return line.in;
    if (by == "out") return line.out;
    if (by == "dropped") return line.drops;
    if (by == "busy") return line.busy;
    if (by == "p99") return line.p99;
    return by == "state" ? line.bytes : 0;
  };
  std::ranges::stable_sort(lines,
                           [&](const Line& a, const Line& b) { return value(a) > value(b); });
}

// As much of a name as there is room for: its end tells more than its beginning.
std::string fitting(const std::string& name, std::size_t width) {
  if (name.size() <= width) return name;
  return "~" + name.substr(name.size() - width + 1);
}

Table steps_table(const std::vector<Line>& lines, std::size_t step_width) {
  Table table({{"STEP"},
               {"KIND"},
               {"IN/s", true},
               {"OUT/s", true},
               {"DROPPED/s"},
               {"BUSY", true},
               {"P99", true},
               {"OPEN", true},
               {"STATE", true}});
  for (const Line& line : lines) {
    const std::string dropped =
        line.dropped.empty() ? "0" : compact(line.drops) + " " + fitting(line.dropped, 9);
    const double busy = line.busy * 100;
    table.add({fitting(line.step, step_width), fitting(line.kind, 9), compact(line.in),
               compact(line.out), dropped, printed(busy < 9.95 ? "%.1f%%" : "%.0f%%", busy),
               short_time(line.p99), line.open > 0 ? compact(line.open) : "-",
               line.bytes < 0 ? "-" : bytes_text(line.bytes)});
  }
  return table;
}

// Names of steps make room for the numbers.
std::string steps_text(const std::vector<Line>& lines, const TopView& view) {
  std::size_t longest = 0;
  for (const Line& line : lines) longest = std::max(longest, line.step.size());
  const std::string whole = steps_table(lines, longest).text();
  const std::size_t width = whole.find('\n');
  const std::size_t over = width > view.columns ? width - view.columns : 0;
  constexpr std::size_t kStepMin = 8;
  const std::size_t room = std::max(kStepMin, longest - std::min(longest, over));
  return steps_table(lines, room).text(view.color ? "1" : "");
}

std::string streams_text(const JsonView& job, const TopView& view) {
  Table table(
      {{"STREAM"}, {"LAG", true}, {"TIME"}, {"BEHIND", true}, {"IDLE", true}, {"SLOWEST", true}});
  for (const JsonView& stream : job["streams"].list()) {
    const std::vector<JsonView> partitions = stream["partitions"].list();
    std::string slowest = "-";
    for (const JsonView& one : partitions) {
      if (one["time"].is_null() || one["time"].text() != stream["time"].text()) continue;
      slowest = "partition " + std::string(one["partition"].text());
    }
    const bool timed = !stream["time"].is_null();
    table.add({fitting(stream["stream"].string(), 20), compact(stream["lag"].number()),
               timed ? stream["time"].string() : "-",
               timed ? behind_text(stream["behind_seconds"].number()) : "-",
               std::string(stream["idle"].text()) + "/" + std::to_string(partitions.size()),
               slowest});
  }
  return table.text(view.color ? "1" : "");
}

std::string head_text(const JsonView& job, const JsonView& before, double seconds,
                      const TopView& view) {
  const auto rate = [&](std::string_view name) {
    return std::max(0.0, job[name].number() - before[name].number()) / seconds;
  };
  double lag = 0;
  for (const JsonView& stream : job["streams"].list()) lag += stream["lag"].number();
  std::string out = styled(job["job"].string(), "1", view.color) + "  " + job["state"].string() +
                    " " + clock_text(job["uptime_seconds"].number()) + "  in " +
                    compact(rate("in")) + "/s  out " + compact(rate("out")) + "/s  lag " +
                    compact(lag) + "\n";
  out += "dead letters " + compact(job["dead_letters"].number()) +
         printed("  cpu %.2f", rate("cpu_seconds")) + "  memory " +
         bytes_text(job["resident_bytes"].number()) + "  state " +
         bytes_text(job["state_bytes"].number());
  const double left = job["restore_remaining"].number();
  if (left > 0) out += "  to restore " + compact(left);
  out += "\n";
  for (const auto& [sink, why] : job["sinks_waiting"].members()) {
    const std::string line = std::string(sink) + " waits: " + why.string();
    out += wrapped(line, 2, 0, view.columns) + "\n";
  }
  return out + "\n";
}

}  // namespace

std::string compact(double number) {
  if (number >= 99'950'000'000.0) return printed("%.0fG", number / 1e9);
  if (number >= 999'950'000) return printed("%.1fG", number / 1e9);
  if (number >= 99'950'000) return printed("%.0fM", number / 1e6);
  if (number >= 999'950) return printed("%.1fM", number / 1e6);
  if (number >= 99'950) return printed("%.0fk", number / 1e3);
  if (number >= 1000) return printed("%.1fk", number / 1e3);
  return number == static_cast<double>(static_cast<int>(number)) || number >= 10
             ? printed("%.0f", number)
             : printed("%.1f", number);
}

std::string top_screen(const JsonView& job, const JsonView& before, const JsonView& limits,
                       double seconds, const TopView& view) {
  std::map<std::string, JsonView> earlier;
  const auto name_of = [](const JsonView& step) {
    return step["kind"].string() + " " + step["step"].string();
  };
  for (const JsonView& step : before["steps"].list()) earlier[name_of(step)] = step;
  std::vector<Line> lines;
  for (const JsonView& step : job["steps"].list()) {
    if (name_of(step).find(view.filter) == std::string::npos) continue;
    lines.push_back(line_of(step, earlier[name_of(step)], limits.list(), seconds));
  }
  if (!view.sort.empty() && view.sort != "job") sort_lines(lines, view.sort);
  return clipped(head_text(job, before, seconds, view) + steps_text(lines, view) + "\n" +
                     streams_text(job, view),
                 view.columns);
}

}  // namespace weir::cli
