// What joins and deduplicate make of their options: spans, words, and what is wrong with them.
#pragma once

#include <cstdint>
#include <string>

#include <weir/detail/join_side.h>
#include <weir/join.h>
#include <weir/time.h>

namespace weir::detail {

enum class JoinKind { inner, left, outer, anti };

// What an interval join keeps and for how long.
struct JoinPlan {
  JoinPlan(const JoinOptions& options, JoinKind kind);

  JoinKind kind;
  std::int64_t before_ms;
  std::int64_t after_ms;
  Duration lag;   // The oldest a result may be, behind the time of the stage.
  Duration keep;  // How long a row may find a partner.
  JoinSide::Options left;
  JoinSide::Options right;
};

// How long repeats are recognised.
Duration remembers(const MatchOptions& options);

// For describe().
std::string in_words(const JoinOptions& options, JoinKind kind);
std::string in_words(const MatchOptions& options);
std::string in_words(const DeduplicateOptions& options);

// What is wrong with the options of the operator `name`, or nothing.
std::string wrong_with(const std::string& name, const JoinOptions& options);
std::string wrong_with(const std::string& name, const MatchOptions& options);
std::string wrong_with(const std::string& name, const DeduplicateOptions& options);

}  // namespace weir::detail
