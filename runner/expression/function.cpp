#include "expression/function.h"

#include <algorithm>
#include <array>

namespace weir::expression {

namespace {

using Rule = ResultRule;
constexpr bool kStrict = true;
constexpr bool kAnyArgument = false;  // Is called with nulls as well.
constexpr bool kMayBeNull = true;
constexpr bool kNotNull = false;

constexpr std::array kFunctions = std::to_array<Function>({
    {"abs", "n", Rule::same, body::abs, kStrict, kNotNull, "abs(number)"},
    {"arrival_time", "", Rule::time, body::arrival_time, kStrict, kNotNull, "arrival_time()"},
    {"at", "c*", Rule::element, body::at, kStrict, kMayBeNull, "at(list, index)"},
    {"ceil", "n", Rule::rounded, body::ceil, kStrict, kNotNull, "ceil(number)"},
    {"coalesce", "*+", Rule::unified, nullptr, kAnyArgument, kNotNull, "coalesce(a, b, ...)"},
    {"concat", "*+", Rule::text, body::concat, kStrict, kNotNull, "concat(a, b, ...)"},
    {"contains", "tt", Rule::boolean, body::contains, kStrict, kNotNull, "contains(text, part)"},
    {"date", "d", Rule::date, body::date, kStrict, kNotNull, "date(time)"},
    {"day", "d", Rule::integer, body::day, kStrict, kNotNull, "day(time)"},
    {"days", "D", Rule::integer, body::days, kStrict, kNotNull, "days(duration)"},
    {"ends_with", "tt", Rule::boolean, body::ends_with, kStrict, kNotNull, "ends_with(text, end)"},
    {"floor", "n", Rule::rounded, body::floor, kStrict, kNotNull, "floor(number)"},
    {"format_time", "Tt", Rule::text, body::format_time, kStrict, kNotNull,
     "format_time(time, '%Y-%m-%d %H:%M:%S')"},
    {"has", "ct", Rule::boolean, body::has, kStrict, kNotNull, "has(map, 'key')"},
    {"hash", "*+", Rule::integer, body::hash, kAnyArgument, kNotNull, "hash(a, b, ...)"},
    {"header", "t", Rule::text, body::header, kStrict, kMayBeNull, "header('name')"},
    {"hour", "T", Rule::integer, body::hour, kStrict, kNotNull, "hour(time)"},
    {"hours", "D", Rule::integer, body::hours, kStrict, kNotNull, "hours(duration)"},
    {"if", "b**", Rule::chosen, nullptr, kAnyArgument, kNotNull, "if(condition, then, otherwise)"},
    {"is_type", "*L", Rule::boolean, body::is_type, kAnyArgument, kNotNull, "is_type(x, 'int')"},
    {"length", "t", Rule::integer, body::length, kStrict, kNotNull, "length(text)"},
    {"like", "tt", Rule::boolean, body::like, kStrict, kNotNull, "like(text, 'a%')"},
    {"lower", "t", Rule::text, body::lower, kStrict, kNotNull, "lower(text)"},
    {"max_of", "*+", Rule::unified, body::max_of, kStrict, kNotNull, "max_of(a, b, ...)"},
    {"millis", "D", Rule::integer, body::millis, kStrict, kNotNull, "millis(duration)"},
    {"min_of", "*+", Rule::unified, body::min_of, kStrict, kNotNull, "min_of(a, b, ...)"},
    {"minute", "T", Rule::integer, body::minute, kStrict, kNotNull, "minute(time)"},
    {"minutes", "D", Rule::integer, body::minutes, kStrict, kNotNull, "minutes(duration)"},
    {"mod", "nn", Rule::unified, body::mod, kStrict, kNotNull, "mod(number, divisor)"},
    {"month", "d", Rule::integer, body::month, kStrict, kNotNull, "month(time)"},
    {"now", "", Rule::time, body::now, kStrict, kNotNull, "now()"},
    {"offset", "", Rule::integer, body::offset, kStrict, kNotNull, "offset()"},
    {"parse_time", "tt", Rule::time, body::parse_time, kStrict, kNotNull,
     "parse_time(text, '%d.%m.%Y %H:%M')"},
    {"partition", "", Rule::integer, body::partition, kStrict, kNotNull, "partition()"},
    {"record_time", "", Rule::time, body::record_time, kStrict, kNotNull, "record_time()"},
    {"replace", "ttt", Rule::text, body::replace, kStrict, kNotNull, "replace(text, from, to)"},
    {"round", "n?L", Rule::rounded, body::round, kStrict, kNotNull, "round(number, places)"},
    {"second", "T", Rule::integer, body::second, kStrict, kNotNull, "second(time)"},
    {"seconds", "D", Rule::integer, body::seconds, kStrict, kNotNull, "seconds(duration)"},
    {"sign", "n", Rule::integer, body::sign, kStrict, kNotNull, "sign(number)"},
    {"size", "c", Rule::integer, body::size, kStrict, kNotNull, "size(list)"},
    {"split", "tt", Rule::list_of_text, body::split, kStrict, kNotNull, "split(text, separator)"},
    {"starts_with", "tt", Rule::boolean, body::starts_with, kStrict, kNotNull,
     "starts_with(text, start)"},
    {"substr", "ti?i", Rule::text, body::substr, kStrict, kNotNull, "substr(text, start, length)"},
    {"to_decimal", "*L", Rule::scaled, body::to_decimal, kStrict, kNotNull,
     "to_decimal(x, places)"},
    {"to_float", "*", Rule::real, body::to_float, kStrict, kNotNull, "to_float(x)"},
    {"to_int", "*", Rule::integer, body::to_int, kStrict, kNotNull, "to_int(x)"},
    {"to_string", "*", Rule::text, body::to_string, kStrict, kNotNull, "to_string(x)"},
    {"to_time", "*", Rule::time, body::to_time, kStrict, kNotNull, "to_time(x)"},
    {"topic", "", Rule::text, body::topic, kStrict, kNotNull, "topic()"},
    {"trim", "t", Rule::text, body::trim, kStrict, kNotNull, "trim(text)"},
    {"truncate", "TD", Rule::time, body::truncate, kStrict, kNotNull, "truncate(time, 1h)"},
    {"try", "**", Rule::attempt, nullptr, kAnyArgument, kNotNull, "try(expression, otherwise)"},
    {"upper", "t", Rule::text, body::upper, kStrict, kNotNull, "upper(text)"},
    {"uuid5", "tt", Rule::text, body::uuid5, kStrict, kNotNull, "uuid5('url', text)"},
    {"year", "d", Rule::integer, body::year, kStrict, kNotNull, "year(time)"},
});

constexpr std::array<std::string_view, 17> kAggregates{
    "any",   "approx_distinct", "arg_max",  "arg_min", "avg",     "collect",
    "count", "count_distinct",  "count_if", "first",   "last",    "max",
    "min",   "quantile",        "stddev",   "sum",     "variance"};

}  // namespace

std::span<const Function> functions() { return kFunctions; }

const Function* find_function(std::string_view name) {
  const auto* const found =
      std::lower_bound(kFunctions.begin(), kFunctions.end(), name,
                       [](const Function& f, std::string_view wanted) { return f.name < wanted; });
  return found != kFunctions.end() && found->name == name ? found : nullptr;
}

bool is_aggregate(std::string_view name) {
  return std::find(kAggregates.begin(), kAggregates.end(), name) != kAggregates.end();
}

}  // namespace weir::expression
