// What `weir status` says to people.
#pragma once

#include <string>
#include <string_view>

#include <weir/time.h>

namespace weir::cli {

// From the answer of /api/v1/job: a paragraph for each job, no line longer than `columns` where it
// has a blank to be broken at.
std::string status_text(std::string_view json, Timestamp now, std::size_t columns);

}  // namespace weir::cli
