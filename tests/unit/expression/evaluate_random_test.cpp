// Random expressions against an evaluator that walks the tree and knows nothing of instructions:
// numbers are 128-bit counts of 10^-places, null and failure are states of their own.
#include <algorithm>
#include <functional>
#include <limits>
#include <random>

#include <gtest/gtest.h>

#include "unit/expression/evaluating.h"
#include <weir/decimal.h>

namespace weir::expression {
namespace {

using Wide = Int128;

struct Value {
  enum State { null, failed, number, truth } state = null;
  Wide units = 0;
  int places = 0;
  bool yes = false;

  std::string shown() const {
    if (state == null) return "null";
    if (state == failed) return "error";
    if (state == truth) return yes ? "bool true" : "bool false";
    const auto narrow = static_cast<std::int64_t>(units);
    return Desk::shown(places == 0 ? JsonValue::integer(narrow)
                                   : JsonValue::decimal(narrow, places));
  }
};

Value truth(bool yes) { return {Value::truth, 0, 0, yes}; }
Value failure() { return {Value::failed}; }

// A tree, its text, and its value when it is asked.
struct Tree {
  std::string text;
  bool boolean = false;
  int places = 0;  // Of a number.
  std::function<Value()> value;
};

Wide scaled(const Value& v, int places) {
  Wide units = v.units;
  for (int i = v.places; i < places; ++i) units *= 10;
  return units;
}

Value fitted(Wide units, int places) {
  const Wide low = std::numeric_limits<std::int64_t>::min();
  const Wide high = std::numeric_limits<std::int64_t>::max();
  if (units < low || units > high) return failure();
  return {Value::number, units, places};
}

class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}

  Tree any(int depth) { return pick(2) == 0 ? number(depth) : boolean(depth); }

 private:
  int pick(int count) { return static_cast<int>(random_() % static_cast<unsigned>(count)); }

  Tree leaf() {
    static const std::vector<std::pair<std::string, Value>> kLeaves{
        {"i", {Value::number, 7, 0}},
        {"d", {Value::number, 1050, 2}},
        {"ni", {}},
        {"nd", {}},
        {"0", {Value::number, 0, 0}},
        {"3", {Value::number, 3, 0}},
        {"0.25", {Value::number, 25, 2}},
        {"9223372036854775807", {Value::number, std::numeric_limits<std::int64_t>::max(), 0}}};
    const auto& [text, value] = kLeaves[static_cast<std::size_t>(pick(8))];
    const int places = text == "nd" ? 2 : value.places;
    return {text, false, places, [value = value] { return value; }};
  }

  Tree number(int depth) {
    if (depth == 0) return leaf();
    switch (pick(8)) {
      case 0:
        return arithmetic('+', depth);
      case 1:
        return arithmetic('-', depth);
      case 2:
        return arithmetic('*', depth);
      case 3:
        return arithmetic('%', depth);
      case 4:
        return attempt(depth);
      case 5:
        return otherwise(depth);
      case 6:
        return choice(depth);
      default:
        return leaf();
    }
  }

  Tree arithmetic(char sign, int depth) {
    const Tree a = number(depth - 1);
    const Tree b = number(depth - 1);
    if (sign == '*' && a.places + b.places > 18) return leaf();
    const int places = sign == '*' ? a.places + b.places : std::max(a.places, b.places);
    return {"(" + a.text + " " + sign + " " + b.text + ")", false, places, [=] {
              const Value x = a.value();
              if (x.state == Value::failed) return x;
              const Value y = b.value();
              if (y.state == Value::failed) return y;
              if (x.state == Value::null || y.state == Value::null) return Value{};
              const Wide p = scaled(x, places);
              const Wide q = scaled(y, places);
              if (sign == '+') return fitted(p + q, places);
              if (sign == '-') return fitted(p - q, places);
              if (sign == '*') return fitted(x.units * y.units, places);
              return q == 0 ? failure() : fitted(p % q, places);
            }};
  }

  // A number brought to more places, which may not fit.
  static Value widened(const Value& v, int places) {
    return v.state == Value::number ? fitted(scaled(v, places), places) : v;
  }

  Tree attempt(int depth) {
    const Tree a = number(depth - 1);
    const Tree b = number(depth - 1);
    const int places = std::max(a.places, b.places);
    return {"try(" + a.text + ", " + b.text + ")", false, places, [=] {
              const Value x = widened(a.value(), places);
              return x.state == Value::failed ? widened(b.value(), places) : x;
            }};
  }

  Tree otherwise(int depth) {
    const Tree a = number(depth - 1);
    const Tree b = number(depth - 1);
    const int places = std::max(a.places, b.places);
    return {"(" + a.text + " ?? " + b.text + ")", false, places, [=] {
              const Value x = widened(a.value(), places);
              return x.state == Value::null ? widened(b.value(), places) : x;
            }};
  }

  Tree choice(int depth) {
    const Tree c = boolean(depth - 1);
    const Tree a = number(depth - 1);
    const Tree b = number(depth - 1);
    const int places = std::max(a.places, b.places);
    return {"case when " + c.text + " then " + a.text + " else " + b.text + " end", false, places,
            [=] {
              const Value x = c.value();
              if (x.state == Value::failed) return x;
              return widened(x.state == Value::truth && x.yes ? a.value() : b.value(), places);
            }};
  }

  Tree boolean(int depth) {
    if (depth == 0) {
      const int which = pick(3);
      if (which == 2) return {"nb", true, 0, [] { return Value{}; }};
      return {which == 0 ? "true" : "false", true, 0, [=] { return truth(which == 0); }};
    }
    switch (pick(7)) {
      case 0:
        return logic(true, depth);
      case 1:
        return logic(false, depth);
      case 2:
        return inverted(depth);
      case 3:
        return null_test(depth);
      case 4:
        return membership(depth);
      case 5:
        return range(depth);
      default:
        return comparison(depth);
    }
  }

  Tree logic(bool both, int depth) {
    const Tree a = boolean(depth - 1);
    const Tree b = boolean(depth - 1);
    return {"(" + a.text + (both ? " and " : " or ") + b.text + ")", true, 0, [=] {
              const Value x = a.value();
              if (x.state == Value::failed) return x;
              if (x.state == Value::truth && x.yes != both) return x;  // Decides alone.
              const Value y = b.value();
              if (y.state == Value::failed) return y;
              if (y.state == Value::truth && y.yes != both) return y;
              return x.state == Value::null || y.state == Value::null ? Value{} : truth(both);
            }};
  }

  Tree inverted(int depth) {
    const Tree a = boolean(depth - 1);
    return {"(not " + a.text + ")", true, 0, [=] {
              const Value x = a.value();
              return x.state == Value::truth ? truth(!x.yes) : x;
            }};
  }

  Tree null_test(int depth) {
    const Tree a = any(depth - 1);
    const bool negated = pick(2) == 0;
    return {"(" + a.text + (negated ? " is not null)" : " is null)"), true, 0, [=] {
              const Value x = a.value();
              return x.state == Value::failed ? x : truth((x.state == Value::null) != negated);
            }};
  }

  static int order(const Value& x, const Value& y) {
    const int places = std::max(x.places, y.places);
    const Wide p = scaled(x, places);
    const Wide q = scaled(y, places);
    return p < q ? -1 : p > q ? 1 : 0;
  }

  Tree comparison(int depth) {
    static const std::vector<std::string> kSigns{"==", "!=", "<", "<=", ">", ">="};
    const Tree a = number(depth - 1);
    const Tree b = number(depth - 1);
    const int sign = pick(6);
    return {"(" + a.text + " " + kSigns[static_cast<std::size_t>(sign)] + " " + b.text + ")", true,
            0, [=] {
              const Value x = a.value();
              if (x.state == Value::failed) return x;
              const Value y = b.value();
              if (y.state != Value::number) return y;
              if (x.state == Value::null) return x;
              const int o = order(x, y);
              const bool results[] = {o == 0, o != 0, o<0, o <= 0, o> 0, o >= 0};
              return truth(results[sign]);
            }};
  }

  Tree membership(int depth) {
    const Tree a = number(depth - 1);
    const Tree b = number(depth - 1);
    const Tree c = number(depth - 1);
    const bool negated = pick(2) == 0;
    return {"(" + a.text + (negated ? " not in (" : " in (") + b.text + ", " + c.text + "))", true,
            0, [=] {
              const Value x = a.value();
              if (x.state == Value::failed) return x;
              bool unknown = false;
              bool found = false;
              for (const Tree* tree : {&b, &c}) {
                const Value y = tree->value();
                if (y.state == Value::failed) return y;
                if (x.state == Value::null || y.state == Value::null) {
                  unknown = true;
                } else {
                  found = found || order(x, y) == 0;
                }
              }
              if (found) return truth(!negated);
              return unknown ? Value{} : truth(negated);
            }};
  }

  Tree range(int depth) {
    const Tree a = number(depth - 1);
    const Tree b = number(depth - 1);
    const Tree c = number(depth - 1);
    return {"(" + a.text + " between " + b.text + " and " + c.text + ")", true, 0, [=] {
              const Value x = a.value();
              if (x.state == Value::failed) return x;
              const Value low = b.value();
              if (low.state == Value::failed) return low;
              const bool known = x.state == Value::number && low.state == Value::number;
              if (known && order(x, low) < 0) return truth(false);
              const Value high = c.value();
              if (high.state == Value::failed) return high;
              if (x.state == Value::null || high.state == Value::null) return Value{};
              if (order(x, high) > 0) return truth(false);
              return known ? truth(true) : Value{};
            }};
  }

  std::mt19937 random_;
};

TEST(EvaluateRandom, AgreesWithTheTree) {
  Desk desk;
  int failures = 0;
  int nulls = 0;
  for (unsigned seed = 0; seed < 20'000; ++seed) {
    Generator generator(seed);
    const Tree tree = generator.any(1 + static_cast<int>(seed % 5));
    std::string said = desk(tree.text);
    if (said.starts_with("error")) said = "error";
    // A comparison of nothing but nulls is refused before it starts.
    const std::string wanted = tree.value().shown();
    ASSERT_EQ(said, wanted) << "seed " << seed << ": " << tree.text;
    failures += wanted == "error" ? 1 : 0;
    nulls += wanted == "null" ? 1 : 0;
  }
  EXPECT_GT(failures, 500);
  EXPECT_GT(nulls, 500);
}

}  // namespace
}  // namespace weir::expression
