// The functions of the language: one table, read by the checker, the evaluator and the manual.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "expression/arena.h"
#include "expression/type.h"
#include <weir/json_value.h>
#include <weir/record.h>
#include <weir/time.h>

namespace weir::expression {

// What functions may ask about the record that is being processed. Times are handed in.
struct RecordFacts {
  Timestamp record_time = 0;   // Event time.
  Timestamp arrival_time = 0;  // When the record reached its topic.
  Timestamp now = 0;
  std::string_view topic{};
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  Headers headers{};
};

// What a function's body works with.
struct CallFrame {
  Arena& arena;
  const RecordFacts& facts;
  int places = 0;  // Of the result, when it is a decimal.
  std::string_view error{};

  // For `return frame.fail("...")`. REQUIRES: the text is static or lies in the arena.
  bool fail(std::string_view text) {
    error = text;
    return false;
  }
};
using Body = bool (*)(CallFrame& frame, std::span<const JsonValue> args, JsonValue& out);

// How the type of the result follows.
enum class ResultRule : std::uint8_t {
  text,
  integer,
  real,
  boolean,
  time,
  date,
  duration,
  any,
  list_of_text,
  same,     // As the first argument.
  unified,  // What all arguments fit into; they are converted to it.
  rounded,  // round(x), floor(x), ceil(x): int; round(x, 2): decimal with at most 2 places.
  scaled,   // to_decimal(x, 2): decimal(2).
  element,  // at(list, 0): what the list holds, may be null.
  attempt,  // try(expression, otherwise).
  chosen,   // if(condition, a, b).
};

// `arguments` has a letter for each: t text, i int, n number, e int or decimal, T time, d date or
// time, D duration, b bool, c a container (list, map or any), * anything, L a literal text. From
// '?' on they may be left out; '+' repeats the one before it.
struct Function {
  std::string_view name;
  std::string_view arguments;
  ResultRule result;
  Body body;               // Null where the evaluator has instructions of its own.
  bool strict;             // Null when an argument is null, without being called.
  bool may_be_null;        // Null although no argument is.
  std::string_view usage;  // "substr(text, start, length)"
};

std::span<const Function> functions();  // In order of name.
const Function* find_function(std::string_view name);

// Aggregates are named here so that the checker can say where they belong.
bool is_aggregate(std::string_view name);

// The bodies, by the file they live in.
namespace body {
bool abs(CallFrame&, std::span<const JsonValue>, JsonValue&);
bool ceil(CallFrame&, std::span<const JsonValue>, JsonValue&);
bool floor(CallFrame&, std::span<const JsonValue>, JsonValue&);
bool max_of(CallFrame&, std::span<const JsonValue>, JsonValue&);
bool min_of(CallFrame&, std::span<const JsonValue>, JsonValue&);
bool mod(CallFrame&, std::span<const JsonValue>, JsonValue&);
bool round(CallFrame&, std::span<const JsonValue>, JsonValue&);
bool sign(CallFrame&, std::span<const JsonValue>, JsonValue&);
bool to_decimal(CallFrame&, std::span<const JsonValue>, JsonValue&);
bool to_float(CallFrame&, std::span<const JsonValue>, JsonValue&);
bool to_int(CallFrame&, std::span<const JsonValue>, JsonValue&);

bool concat(CallFrame&, std::span<const JsonValue>, JsonValue&);
bool contains(CallFrame&, std::span<const JsonValue>, JsonValue&);
bool ends_with(CallFrame&, std::span<const JsonValue>, JsonValue&);
bool length(CallFrame&, std::span<const JsonValue>, JsonValue&);
bool like(CallFrame&, std::span<const JsonValue>, JsonValue&);
bool lower(CallFrame&, std::span<const JsonValue>, JsonValue&);
bool replace(CallFrame&, std::span<const JsonValue>, JsonValue&);
bool split(CallFrame&, std::span<const JsonValue>, JsonValue&);
bool starts_with(CallFrame&, std::span<const JsonValue>, JsonValue&);
bool substr(CallFrame&, std::span<const JsonValue>, JsonValue&);
bool to_string(CallFrame&, std::span<const JsonValue>, JsonValue&);
bool trim(CallFrame&, std::span<const JsonValue>, JsonValue&);
bool upper(CallFrame&, std::span<const JsonValue>, JsonValue&);

bool date(CallFrame&, std::span<const JsonValue>, JsonValue&);
bool day(CallFrame&, std::span<const JsonValue>, JsonValue&);
bool days(CallFrame&, std::span<const JsonValue>, JsonValue&);
bool format_time(CallFrame&, std::span<const JsonValue>, JsonValue&);
bool hour(CallFrame&, std::span<const JsonValue>, JsonValue&);
bool hours(CallFrame&, std::span<const JsonValue>, JsonValue&);
bool millis(CallFrame&, std::span<const JsonValue>, JsonValue&);
bool minute(CallFrame&, std::span<const JsonValue>, JsonValue&);
bool minutes(CallFrame&, std::span<const JsonValue>, JsonValue&);
bool month(CallFrame&, std::span<const JsonValue>, JsonValue&);
bool parse_time(CallFrame&, std::span<const JsonValue>, JsonValue&);
bool second(CallFrame&, std::span<const JsonValue>, JsonValue&);
bool seconds(CallFrame&, std::span<const JsonValue>, JsonValue&);
bool to_time(CallFrame&, std::span<const JsonValue>, JsonValue&);
bool truncate(CallFrame&, std::span<const JsonValue>, JsonValue&);
bool year(CallFrame&, std::span<const JsonValue>, JsonValue&);

bool arrival_time(CallFrame&, std::span<const JsonValue>, JsonValue&);
bool at(CallFrame&, std::span<const JsonValue>, JsonValue&);
bool has(CallFrame&, std::span<const JsonValue>, JsonValue&);
bool hash(CallFrame&, std::span<const JsonValue>, JsonValue&);
bool header(CallFrame&, std::span<const JsonValue>, JsonValue&);
bool is_type(CallFrame&, std::span<const JsonValue>, JsonValue&);
bool now(CallFrame&, std::span<const JsonValue>, JsonValue&);
bool offset(CallFrame&, std::span<const JsonValue>, JsonValue&);
bool partition(CallFrame&, std::span<const JsonValue>, JsonValue&);
bool record_time(CallFrame&, std::span<const JsonValue>, JsonValue&);
bool size(CallFrame&, std::span<const JsonValue>, JsonValue&);
bool topic(CallFrame&, std::span<const JsonValue>, JsonValue&);
bool uuid5(CallFrame&, std::span<const JsonValue>, JsonValue&);
}  // namespace body

}  // namespace weir::expression
