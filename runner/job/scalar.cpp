#include "job/scalar.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "expression/lexer.h"
#include "expression/syntax.h"

namespace weir::job {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// A plain number without sign and exponent.
bool parse_number(std::string_view text, double& number) {
  if (text.empty() || !is_digit(text.front()) || !is_digit(text.back())) return false;
  if (!std::all_of(text.begin(), text.end(), [](char c) { return is_digit(c) || c == '.'; })) {
    return false;
  }
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

bool parse_integer(std::string_view text, std::int64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

bool parse_boolean(std::string_view text, bool& value) {
  value = text == "true";
  return value || text == "false";
}

bool parse_size(std::string_view text, std::int64_t& bytes) {
  constexpr std::array<std::pair<std::string_view, int>, 5> kUnits{
      {{"KiB", 10}, {"MiB", 20}, {"GiB", 30}, {"TiB", 40}, {"B", 0}}};
  for (const auto& [unit, shift] : kUnits) {
    if (!text.ends_with(unit)) continue;
    text.remove_suffix(unit.size());
    return parse_integer(text, bytes) && bytes > 0 &&
           !__builtin_mul_overflow(bytes, std::int64_t{1} << shift, &bytes);
  }
  return false;
}

bool parse_percent(std::string_view text, double& share) {
  if (!text.ends_with('%')) return false;
  text.remove_suffix(1);
  if (!parse_number(text, share)) return false;
  share /= 100;
  return share <= 1;
}

bool parse_rate(std::string_view text, double& per_second) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return false;
  const std::string_view unit = text.substr(slash + 1);
  const double seconds = unit == "s" ? 1 : unit == "m" ? 60 : unit == "h" ? 3600 : 0;
  if (seconds == 0 || !parse_number(text.substr(0, slash), per_second)) return false;
  per_second /= seconds;
  return per_second > 0 && std::isfinite(per_second);
}

bool parse_range(std::string_view text, std::int64_t& first_ms, std::int64_t& last_ms) {
  const std::size_t dots = text.find("..");
  return dots != std::string_view::npos &&
         expression::parse_duration(text.substr(0, dots), first_ms) &&
         expression::parse_duration(text.substr(dots + 2), last_ms) && first_ms <= last_ms;
}

bool is_name(std::string_view text) {
  if (text.empty() || text.size() > 200 || is_digit(text[0])) return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return is_letter(c) || is_digit(c) || c == '_'; }) &&
         !expression::is_reserved(text);
}

bool is_dash_name(std::string_view text) {
  if (text.empty() || text.size() > 63 || !(text[0] >= 'a' && text[0] <= 'z')) return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-'; });
}

bool is_topic_name(std::string_view text) {
  if (text.empty() || text.size() > 249 || text == "." || text == "..") return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return is_letter(c) || is_digit(c) || c == '.' || c == '_' || c == '-';
  });
}

bool fits(Want want, std::span<const std::string_view> words, std::string_view text) {
  if (std::find(words.begin(), words.end(), text) != words.end()) return true;
  std::int64_t a = 0;
  std::int64_t b = 0;
  double number = 0;
  bool flag = false;
  switch (want) {
    case Want::name:
      return is_name(text);
    case Want::dash_name:
      return is_dash_name(text);
    case Want::version:
      return text == "1";
    case Want::integer:
      return parse_integer(text, a) && a >= 1 && a <= 1'000'000'000;
    case Want::count:
      return parse_integer(text, a) && a >= 0 && a <= 1'000'000'000;
    case Want::boolean:
      return parse_boolean(text, flag);
    case Want::duration:
      return expression::parse_duration(text, a);
    case Want::size:
      return parse_size(text, a);
    case Want::percent:
      return parse_percent(text, number);
    case Want::rate:
      return parse_rate(text, number);
    case Want::range:
      return parse_range(text, a, b);
    case Want::word:
      return false;
    default:
      return true;
  }
}

std::string_view describe(Want want) {
  switch (want) {
    case Want::none:
      return "a map";
    case Want::text:
      return "a text";
    case Want::name:
      return "a name of letters, digits and _";
    case Want::dash_name:
      return "a name of a-z, 0-9 and -, starting with a letter";
    case Want::version:
      return "1, the version of the language";
    case Want::integer:
      return "a whole number from 1";
    case Want::count:
      return "a whole number from 0";
    case Want::boolean:
      return "true or false";
    case Want::duration:
      return "a duration such as 200ms, 15m or 24h";
    case Want::size:
      return "a size such as 512MiB or 10GiB";
    case Want::percent:
      return "a share such as 5%";
    case Want::range:
      return "a range such as 100ms..10s";
    case Want::rate:
      return "a rate such as 10/s";
    case Want::word:
      return "one of a few words";
    case Want::expression:
      return "an expression";
    case Want::expressions:
      return "an expression or a list of them";
    case Want::names:
      return "a list of names";
    case Want::sources:
      return "the name of a stream or pipeline, or a list of them";
    case Want::fields:
      return "names with types, or the word any";
    case Want::expressions_by_name:
      return "names with expressions";
    case Want::aggregates_by_name:
      return "names with aggregates";
    case Want::constants_by_name:
      return "names with values";
    case Want::maps_by_name:
      return "names, each with a map";
    case Want::maps:
      return "a list of maps";
    case Want::steps:
      return "a list of steps";
    case Want::sinks:
      return "a topic, a sink, or a list of them";
  }
  return "";
}

}  // namespace weir::job
