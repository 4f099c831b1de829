#include "cli/status_text.h"

#include <algorithm>

#include "cli/json_view.h"
#include "cli/layout.h"
#include "cli/numbers.h"
#include <weir/time_format.h>

namespace weir::cli {

namespace {

constexpr std::size_t kNamesWidth = 15;

std::int64_t integer(const JsonView& value) { return static_cast<std::int64_t>(value.number()); }
std::string count_of(const JsonView& value) { return grouped(integer(value)); }

// {"late":2} as "late 2", {"mongodb":"down"} as "mongodb: down".
std::string members(const JsonView& map) {
  std::string out;
  for (const auto& [name, value] : map.members()) {
    const bool counts = !value.text().starts_with('"');
    out += (out.empty() ? ""
            : counts    ? ", "
                        : "; ") +
           name + (counts ? " " + count_of(value) : ": " + value.string());
  }
  return out;
}

class Paragraph {
 public:
  Paragraph(Timestamp now, std::size_t columns) : now_(now), columns_(columns) {}

  std::string of(const JsonView& job) const {
    std::int64_t lag = 0;
    Timestamp slowest = kNoTime;
    for (const JsonView& input : job["inputs"].list()) {
      lag += std::max<std::int64_t>(0, integer(input["lag"]));
      Timestamp time = kNoTime;
      if (input["time"].is_null() || !parse_time(input["time"].string(), {}, time)) continue;
      slowest = slowest == kNoTime ? time : std::min(slowest, time);
    }
    std::string out = job["job"].string() + "   " + job["state"].string() + "\n  in " +
                      count_of(job["in"]) + "   out " + count_of(job["out"]) + "   lag " +
                      grouped(lag) + "\n";
    if (slowest != kNoTime) out += line("time", time_text(slowest));
    out += line("discarded", members(job["discarded"]));
    out += line("dead letters", members(job["dead_letters"]));
    const JsonView left = job["restore_remaining"];
    if (integer(left) > 0) out += line("restoring", count_of(left) + " records to go");
    return out + line("waits for", members(job["sinks_waiting"]));
  }

 private:
  std::string time_text(Timestamp time) const {
    std::string text;
    append_time_text(text, time);
    const std::int64_t behind = std::max<std::int64_t>(0, now_ - time) / 1000 * 1000;
    return text + ", " + duration_text(behind) + " ago";
  }

  std::string line(std::string_view what, const std::string& text) const {
    if (text.empty()) return "";
    std::string out = "  " + std::string(what);
    out.append(kNamesWidth - what.size(), ' ');
    return out + wrapped(text, kNamesWidth + 2, kNamesWidth + 2, columns_) + "\n";
  }

  Timestamp now_;
  std::size_t columns_;
};

}  // namespace

std::string status_text(std::string_view json, Timestamp now, std::size_t columns) {
  std::string out;
  for (const JsonView& job : JsonView(json).list()) out += Paragraph(now, columns).of(job);
  return out;
}

}  // namespace weir::cli
