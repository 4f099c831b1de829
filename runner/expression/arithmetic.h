// Arithmetic and order of values by what they are at run time. Never a wrong number: what does not
// fit is a failure, which is the text of an error.
//
// int and decimal are exact: an int is a decimal with 0 places. A float on either side makes both
// floats. Durations are ints; times take and give them.
#pragma once

#include <weir/json_value.h>

namespace weir::expression {

using Failure = const char*;  // Null: it went well.

// For each: neither value is null. Anything but numbers is a failure.
Failure add(const JsonValue& a, const JsonValue& b, JsonValue& out);
Failure subtract(const JsonValue& a, const JsonValue& b, JsonValue& out);
Failure multiply(const JsonValue& a, const JsonValue& b, JsonValue& out);
// Ints give a float; with a decimal the quotient has two places more than the longer of both.
Failure divide(const JsonValue& a, const JsonValue& b, JsonValue& out);
// The sign is that of `a`.
Failure remainder(const JsonValue& a, const JsonValue& b, JsonValue& out);
Failure negate(const JsonValue& a, JsonValue& out);
// A duration by an int, cut towards zero.
Failure divide_duration(const JsonValue& a, const JsonValue& b, JsonValue& out);

// -1, 0 or 1 in `order`; false when values of these kinds have no order. Numbers compare by value
// whatever their kind; texts by bytes.
bool compare(const JsonValue& a, const JsonValue& b, int& order);

// A number as another kind: exactly, or rounded half to even where places are lost.
Failure to_decimal(const JsonValue& number, int places, JsonValue& out);
double to_double(const JsonValue& number);  // REQUIRES: a number.
bool is_number(const JsonValue& value);
bool is_exact(const JsonValue& value);

}  // namespace weir::expression
