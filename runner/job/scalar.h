// Scalars of the job language: which text is a duration, a size, a name.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "job/language.h"

namespace weir::job {

// False when the text is none, or is not one that fits 64 bits.
bool parse_size(std::string_view text, std::int64_t& bytes);  // 10GiB, 512MiB, 64KiB, 100B
bool parse_percent(std::string_view text, double& share);     // 5%, 0.1%
bool parse_rate(std::string_view text, double& per_second);   // 10/s, 0.2/s, 100/m
bool parse_range(std::string_view text, std::int64_t& first_ms, std::int64_t& last_ms);
bool parse_integer(std::string_view text, std::int64_t& number);
bool parse_boolean(std::string_view text, bool& value);
bool is_name(std::string_view text);
bool is_dash_name(std::string_view text);
// What Kafka takes as the name of a topic.
bool is_topic_name(std::string_view text);

// Whether `text` is what `want` takes, or one of `words`. True for texts and expressions.
bool fits(Want want, std::span<const std::string_view> words, std::string_view text);
// "a duration such as 15m": for messages.
std::string_view describe(Want want);

}  // namespace weir::job
