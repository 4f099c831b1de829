#include "engine/dead_letter_limit.h"

#include <cstdio>

namespace weir::engine {

namespace {

constexpr std::int64_t kLooksPerSpan = 600;  // More would only fill memory.

std::string percent(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g %%", share * 100);
  return text;
}

}  // namespace

std::optional<std::string> DeadLetterJudge::judge(Timestamp now, std::uint64_t in,
                                                  std::uint64_t dead) {
  if (limit_.share <= 0) return std::nullopt;
  while (!looks_.empty() && now - looks_.front().at >= limit_.over.count()) {
    begin_ = looks_.front();
    looks_.pop_front();
  }
  const std::int64_t apart = limit_.over.count() / kLooksPerSpan;
  if (looks_.empty() || now - looks_.back().at >= apart) looks_.push_back({now, in, dead});
  const std::uint64_t read = in - begin_.in;
  const std::uint64_t bad = dead - begin_.dead;
  if (read < limit_.records_min) return std::nullopt;
  const double share = static_cast<double>(bad) / static_cast<double>(read);
  if (share <= limit_.share) return std::nullopt;
  return "too many dead letters: " + std::to_string(bad) + " of the last " + std::to_string(read) +
         " records, " + percent(share) + "; the job allows " + percent(limit_.share);
}

}  // namespace weir::engine
