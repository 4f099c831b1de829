// Numbers, durations and times on the command line: read, and shown to people.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cli/command.h"
#include <weir/time.h>

namespace weir::cli {

Timestamp now_ms();

// The value of a flag when it is there and is one.
std::optional<std::int64_t> integer_of(const Call& call, std::string_view flag);   // From 0.
std::optional<std::int64_t> duration_of(const Call& call, std::string_view flag);  // Milliseconds.

// Of a flag or a page's query: "" leaves `into` as it is, else a time. False when it is none.
bool read_time_flag(const std::string& text, Timestamp& into);

std::string grouped(std::int64_t number);    // 14,402
std::string short_number(double number);     // 12.4 k
std::string clock_text(double seconds);      // 00:02:14
std::string bytes_text(double bytes);        // 1.2 GB
std::string duration_text(std::int64_t ms);  // 15m 30s

}  // namespace weir::cli
