// What `weir top` shows of an answer of /api/v1/top, beside the answer before it.
#pragma once

#include <string>
#include <string_view>

#include "cli/json_view.h"

namespace weir::cli {

struct TopView {
  std::string sort{};    // A word of kTopSorts; else as the job has them.
  std::string filter{};  // Only steps whose name or kind holds this.
  std::size_t columns = 80;
  bool color = false;
};

inline constexpr std::string_view kTopSorts[] = {"job",  "in",  "out",  "dropped",
                                                 "busy", "p99", "state"};

// `job`: of the answer; `limits` are those of its times. Rates and times are of what came since
// `before`, which is the same job `seconds` earlier.
std::string top_screen(const JsonView& job, const JsonView& before, const JsonView& limits,
                       double seconds, const TopView& view);

// A number in five characters: 12.4k.
std::string compact(double number);

}  // namespace weir::cli
