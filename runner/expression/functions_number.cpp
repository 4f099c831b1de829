#include <charconv>
#include <cmath>

#include "expression/arithmetic.h"
#include "expression/function.h"
#include <weir/decimal.h>

namespace weir::expression::body {

namespace {

using Args = std::span<const JsonValue>;

constexpr double kIntLimit = 9223372036854775808.0;  // 2^63

bool pass(CallFrame& frame, Failure failure) { return failure == nullptr || frame.fail(failure); }

bool whole(CallFrame& frame, double value, JsonValue& out) {
  if (!(value >= -kIntLimit && value < kIntLimit)) return frame.fail("overflow");
  out = JsonValue::integer(static_cast<std::int64_t>(value));
  return true;
}

enum class Towards { floor, ceil };

bool to_whole(CallFrame& frame, const JsonValue& number, Towards towards, JsonValue& out) {
  if (number.kind() == JsonValue::Kind::kDouble) {
    const double value = number.as_double();
    return whole(frame, towards == Towards::floor ? std::floor(value) : std::ceil(value), out);
  }
  if (number.kind() == JsonValue::Kind::kInt) {
    out = number;
    return true;
  }
  const std::int64_t scale = power_of_ten(number.places());
  std::int64_t quotient = number.units() / scale;
  const std::int64_t rest = number.units() % scale;
  if (towards == Towards::floor && rest < 0) --quotient;
  if (towards == Towards::ceil && rest > 0) ++quotient;
  out = JsonValue::integer(quotient);
  return true;
}

// Text as a number, with nothing around it.
bool parsed(CallFrame& frame, std::string_view text, int places, JsonValue& out) {
  std::int64_t units = 0;
  if (!parse_decimal(text, places, units)) {
    return frame.fail("this text is no number that fits");
  }
  out = JsonValue::decimal(units, places);
  return true;
}

}  // namespace

bool abs(CallFrame& frame, Args args, JsonValue& out) {
  const JsonValue& x = args[0];
  const bool negative =
      x.kind() == JsonValue::Kind::kDouble ? std::signbit(x.as_double()) : x.units() < 0;
  if (negative) return pass(frame, negate(x, out));
  out = x;
  return true;
}

bool floor(CallFrame& frame, Args args, JsonValue& out) {
  return to_whole(frame, args[0], Towards::floor, out);
}

bool ceil(CallFrame& frame, Args args, JsonValue& out) {
  return to_whole(frame, args[0], Towards::ceil, out);
}

bool round(CallFrame& frame, Args args, JsonValue& out) {
  if (args[0].kind() == JsonValue::Kind::kInt) {
    out = args[0];
    return true;
  }
  JsonValue rounded;
  if (!pass(frame, expression::to_decimal(args[0], frame.places, rounded))) return false;
  out = args.size() == 1 ? JsonValue::integer(rounded.units()) : rounded;
  return true;
}

bool sign(CallFrame&, Args args, JsonValue& out) {
  int order = 0;
  compare(args[0], JsonValue::integer(0), order);
  out = JsonValue::integer(order);
  return true;
}

bool mod(CallFrame& frame, Args args, JsonValue& out) {
  return pass(frame, remainder(args[0], args[1], out));
}

namespace {

bool extreme(CallFrame& frame, Args args, int wanted, JsonValue& out) {
  out = args[0];
  for (const JsonValue& x : args.subspan(1)) {
    int order = 0;
    if (!compare(x, out, order)) return frame.fail("these values have no order");
    if (order == wanted) out = x;
  }
  return true;
}

}  // namespace

bool min_of(CallFrame& frame, Args args, JsonValue& out) { return extreme(frame, args, -1, out); }
bool max_of(CallFrame& frame, Args args, JsonValue& out) { return extreme(frame, args, 1, out); }

bool to_int(CallFrame& frame, Args args, JsonValue& out) {
  const JsonValue& x = args[0];
  switch (x.kind()) {
    case JsonValue::Kind::kInt:
      out = x;
      return true;
    case JsonValue::Kind::kBool:
      out = JsonValue::integer(x.as_bool() ? 1 : 0);
      return true;
    case JsonValue::Kind::kTime:
      out = JsonValue::integer(x.as_time());
      return true;
    case JsonValue::Kind::kDecimal:
      if (x.units() % power_of_ten(x.places()) != 0) break;
      out = JsonValue::integer(x.units() / power_of_ten(x.places()));
      return true;
    case JsonValue::Kind::kDouble:
      if (std::trunc(x.as_double()) != x.as_double()) break;
      return whole(frame, x.as_double(), out);
    case JsonValue::Kind::kString: {
      std::int64_t value = 0;
      const std::string_view text = x.text();
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
      if (error != std::errc() || end != text.data() + text.size()) {
        return frame.fail("this text is no int");
      }
      out = JsonValue::integer(value);
      return true;
    }
    default:
      return frame.fail("cannot become an int");
  }
  return frame.fail("is not whole: use floor(), ceil() or round()");
}

bool to_float(CallFrame& frame, Args args, JsonValue& out) {
  const JsonValue& x = args[0];
  if (is_number(x)) {
    out = JsonValue::real(expression::to_double(x));
    return true;
  }
  if (x.kind() != JsonValue::Kind::kString) return frame.fail("cannot become a float");
  double value = 0;
  const std::string_view text = x.text();
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) {
    return frame.fail("this text is no float");
  }
  out = JsonValue::real(value);
  return true;
}

bool to_decimal(CallFrame& frame, Args args, JsonValue& out) {
  if (args[0].kind() == JsonValue::Kind::kString) {
    return parsed(frame, args[0].text(), frame.places, out);
  }
  return pass(frame, expression::to_decimal(args[0], frame.places, out));
}

}  // namespace weir::expression::body
