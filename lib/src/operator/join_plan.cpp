#include <algorithm>

#include <weir/detail/join_plan.h>
#include <weir/windows.h>

namespace weir::detail {

namespace {

constexpr std::int64_t kJoinMsMax = std::int64_t{100} * 365 * 24 * 3600 * 1000;  // A century.
constexpr std::int64_t kSideBucketsKept = 16;

const char* in_words(JoinKind kind) {
  switch (kind) {
    case JoinKind::inner:
      return "inner";
    case JoinKind::left:
      return "left";
    case JoinKind::outer:
      return "outer";
    case JoinKind::anti:
      return "anti";
  }
  return "";
}

std::string wrong_span(const std::string& name, const char* option, Duration span) {
  if (span.count() < 0) return "'" + name + "': '" + option + "' cannot be negative";
  if (span.count() > kJoinMsMax) return "'" + name + "': '" + option + "' is over a century";
  return {};
}

}  // namespace

JoinPlan::JoinPlan(const JoinOptions& options, JoinKind kind_)
    : kind(kind_),
      before_ms(options.looks_back().count()),
      after_ms(options.looks_ahead().count()),
      lag(std::max(before_ms, after_ms) + options.grace.count()),
      keep(before_ms + after_ms + options.grace.count()) {
  const std::int64_t width_ms =
      std::max({(before_ms + after_ms) / 2, keep.count() / kSideBucketsKept, std::int64_t{1}});
  left = {.left = true,
          .comes_out = kind != JoinKind::inner,
          .wait_ms = after_ms + options.grace.count(),
          .keep_ms = keep.count(),
          .bucket_ms = width_ms};
  right = {.left = false,
           .comes_out = kind == JoinKind::outer,
           .wait_ms = before_ms + options.grace.count(),
           .keep_ms = keep.count(),
           .bucket_ms = width_ms};
}

std::string wrong_with(const std::string& name, const JoinOptions& options) {
  if (options.within.count() == 0 && !options.before && !options.after) {
    return "'" + name +
           "': how far apart may two records be? Set 'within', or 'before' and "
           "'after'";
  }
  if (options.within.count() != 0 && (options.before || options.after)) {
    return "'" + name + "': set 'within', or 'before' and 'after', not both";
  }
  for (const auto& [option, span] :
       {std::pair{"within", options.within}, std::pair{"before", options.looks_back()},
        std::pair{"after", options.looks_ahead()}, std::pair{"grace", options.grace}}) {
    if (std::string wrong = wrong_span(name, option, span); !wrong.empty()) return wrong;
  }
  return {};
}

std::string in_words(const JoinOptions& options, JoinKind kind) {
  std::string words = in_words(kind);
  if (options.before || options.after) {
    words +=
        ", before " + in_words(options.looks_back()) + ", after " + in_words(options.looks_ahead());
  } else {
    words += ", within " + in_words(options.within);
  }
  return words + ", grace " + in_words(options.grace);
}

std::string wrong_with(const std::string& name, const MatchOptions& options) {
  if (options.within.count() == 0) return "'" + name + "': 'within' must be above zero";
  for (const auto& [option, span] :
       {std::pair{"within", options.within}, std::pair{"delay", options.delay},
        std::pair{"remember", options.remember}}) {
    if (std::string wrong = wrong_span(name, option, span); !wrong.empty()) return wrong;
  }
  return {};
}

std::string in_words(const MatchOptions& options) {
  return "once, within " + in_words(options.within) + ", delay " + in_words(options.delay) +
         ", remember " + in_words(remembers(options));
}

Duration remembers(const MatchOptions& options) {
  if (options.remember.count() > 0) return options.remember;
  return std::max<Duration>(std::chrono::hours(1), options.within);
}

std::string wrong_with(const std::string& name, const DeduplicateOptions& options) {
  if (options.within.count() == 0) return "'" + name + "': 'within' must be above zero";
  return wrong_span(name, "within", options.within);
}

std::string in_words(const DeduplicateOptions& options) {
  return "within " + in_words(options.within);
}

}  // namespace weir::detail
