#include "generate/functions.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "expression/arena.h"
#include "expression/calendar.h"
#include "expression/json_text.h"
#include "job/diagnostic_print.h"
#include <weir/time_format.h>

namespace weir::generate {

namespace {

using expression::Expr;
using Body = Value (*)(const Expr& call, Making& making);

struct Function {
  std::string_view name;
  std::size_t arguments_min;
  std::size_t arguments_max;
  Body body;
  std::string_view usage;
};

constexpr std::size_t kMany = 64;
constexpr std::int64_t kListMax = 1000;

Value argument(const Expr& call, std::size_t i, Making& making) {
  return i < call.parts.size() ? evaluate(*call.parts[i], making) : Value();
}

std::int64_t whole(const Expr& call, std::size_t i, Making& making, std::int64_t otherwise) {
  const Value value = argument(call, i, making);
  if (!value.is_number()) return otherwise;
  const double number = value.as_double();
  return number > -9e15 && number < 9e15 ? static_cast<std::int64_t>(number) : otherwise;
}

std::string padded(std::int64_t number, std::int64_t digits) {
  std::string text = std::to_string(number);
  const auto wanted = static_cast<std::size_t>(digits < 0 ? 0 : (digits > 30 ? 30 : digits));
  if (text.size() < wanted) text.insert(0, wanted - text.size(), '0');
  return text;
}

Value sequence(const Expr& call, Making& making) {
  const std::int64_t number = ++making.counters[&call];
  return Value::of_text(argument(call, 0, making).plain() +
                        padded(number, whole(call, 1, making, 0)));
}

Value count(const Expr& call, Making& making) { return Value::exact(++making.counters[&call]); }

Value pick(const Expr& call, Making& making) {
  const std::int64_t last = std::max<std::int64_t>(1, whole(call, 1, making, 1));
  return Value::of_text(argument(call, 0, making).plain() +
                        padded(making.random.between(1, last), whole(call, 2, making, 0)));
}

Value pick_zipf(const Expr& call, Making& making) {
  const std::int64_t last = std::max<std::int64_t>(1, whole(call, 1, making, 1));
  return Value::of_text(argument(call, 0, making).plain() +
                        padded(making.random.skewed(last), whole(call, 2, making, 0)));
}

Value integer(const Expr& call, Making& making) {
  const std::int64_t first = whole(call, 0, making, 0);
  const std::int64_t last = whole(call, 1, making, 0);
  return Value::exact(making.random.between(std::min(first, last), std::max(first, last)));
}

Value money(const Expr& call, Making& making) {
  const auto cents = [&](std::size_t i) {
    const Value value = argument(call, i, making);
    const double number = value.is_number() ? value.as_double() * 100 : 0;
    return number > -9e15 && number < 9e15 ? static_cast<std::int64_t>(number + 0.5) : 0;
  };
  const std::int64_t first = cents(0);
  const std::int64_t last = cents(1);
  return Value::exact(making.random.between(std::min(first, last), std::max(first, last)), 2);
}

Value one_of(const Expr& call, Making& making) {
  const auto last = static_cast<std::int64_t>(call.parts.size()) - 1;
  return argument(call, static_cast<std::size_t>(making.random.between(0, last)), making);
}

Value chance(const Expr& call, Making& making) {
  const Value share = argument(call, 0, making);
  return Value::boolean(making.random.share() < (share.is_number() ? share.as_double() : 0));
}

Value uuid(const Expr&, Making& making) {
  const std::uint64_t high = making.random.next();
  const std::uint64_t low = making.random.next();
  std::array<char, 40> text{};
  const int size = std::snprintf(
      text.data(), text.size(), "%08x-%04x-4%03x-%04x-%012llx", static_cast<unsigned>(high >> 32U),
      static_cast<unsigned>((high >> 16U) & 0xFFFFU), static_cast<unsigned>(high & 0xFFFU),
      static_cast<unsigned>(0x8000U | ((low >> 48U) & 0x3FFFU)),
      static_cast<unsigned long long>(low & 0xFFFFFFFFFFFFU));
  return Value::of_text(std::string(text.data(), static_cast<std::size_t>(size)));
}

Value hex(const Expr& call, Making& making) {
  std::string text;
  const std::int64_t digits = whole(call, 0, making, 8);
  for (std::int64_t i = 0; i < digits && i < 64; ++i) {
    text += "0123456789abcdef"[making.random.between(0, 15)];
  }
  return Value::of_text(std::move(text));
}

Value event_time(const Expr&, Making& making) {
  std::string text;
  append_time_text(text, making.time);
  return Value::of_text(std::move(text));
}

// As Python's isoformat writes a local time: no zone, and microseconds only when there are some.
std::string naive_text(Timestamp time) {
  std::string text;
  append_time_text(text, time);
  if (!text.empty()) text.pop_back();
  if (time % 1000 != 0) text += "000";
  return text;
}

Value local_time(const Expr& call, Making& making) {
  const std::int64_t back = whole(call, 0, making, 0);
  const std::int64_t ago = back > 0 ? making.random.between(0, back) : 0;
  return Value::of_text(naive_text(making.time - ago));
}

Value clock_text(const Expr&, Making& making) {
  std::string text = naive_text(making.time / 1000 * 1000);
  if (text.size() > 10) text[10] = ' ';
  return Value::of_text(std::move(text));
}

Value day(const Expr& call, Making& making) {
  const std::int64_t ago =
      making.random.between(0, std::max<std::int64_t>(0, whole(call, 0, making, 0)));
  return Value::of_text(naive_text(making.time - ago * expression::kDayMillis).substr(0, 10));
}

Value epoch_seconds(const Expr&, Making& making) {
  return Value::number(static_cast<double>(making.time) / 1000);
}

Value concatenated(const Expr& call, Making& making) {
  std::string text;
  for (std::size_t i = 0; i < call.parts.size(); ++i) text += argument(call, i, making).plain();
  return Value::of_text(std::move(text));
}

Value list(const Expr& call, Making& making) {
  std::string json = "[";
  const std::int64_t size = std::min(kListMax, whole(call, 0, making, 0));
  for (std::int64_t i = 0; i < size; ++i) {
    if (i > 0) json += ",";
    argument(call, 1, making).append_json_to(json);
  }
  return Value::json(json + "]");
}

Value object(const Expr& call, Making& making) {
  std::string json = "{";
  for (std::size_t i = 0; i + 1 < call.parts.size(); i += 2) {
    if (i > 0) json += ",";
    json += job::json_quoted(argument(call, i, making).plain()) + ":";
    argument(call, i + 1, making).append_json_to(json);
  }
  return Value::json(json + "}");
}

Value member(std::string_view object_text, std::string_view name, expression::Arena& arena) {
  expression::JsonWalk walk(object_text);
  while (walk.next()) {
    JsonValue value;
    if (walk.key() != name || !expression::value_of_json(walk.value(), arena, value)) continue;
    if (value.kind() == JsonValue::Kind::kInt) return Value::exact(value.as_int());
    if (value.kind() == JsonValue::Kind::kDecimal) {
      return Value::exact(value.units(), value.places());
    }
  }
  return {};
}

// total(items, 'quantity', 'price'): the sum over a list of the products of its elements' fields.
Value total(const Expr& call, Making& making) {
  const Value items = argument(call, 0, making);
  Value sum = Value::exact(0, 2);
  expression::Arena arena;
  expression::JsonWalk walk(items.text);
  while (walk.next()) {
    Value product = Value::exact(1);
    for (std::size_t i = 1; i < call.parts.size(); ++i) {
      product =
          calculate('*', product, member(walk.value(), argument(call, i, making).text, arena));
    }
    sum = calculate('+', sum, product);
  }
  return sum;
}

constexpr Function kFunctions[] = {
    {"chance", 1, 1, chance, "chance(0.95)"},
    {"clock_text", 0, 0, clock_text, "clock_text()"},
    {"concat", 1, kMany, concatenated, "concat('a', name)"},
    {"count", 0, 0, count, "count()"},
    {"day", 1, 1, day, "day(200)"},
    {"epoch_seconds", 0, 0, epoch_seconds, "epoch_seconds()"},
    {"event_time", 0, 0, event_time, "event_time()"},
    {"hex", 1, 1, hex, "hex(8)"},
    {"integer", 2, 2, integer, "integer(1, 10)"},
    {"list", 2, 2, list, "list(integer(1, 5), pick('p-', 50))"},
    {"local_time", 0, 1, local_time, "local_time(30m)"},
    {"money", 2, 2, money, "money(5, 400)"},
    {"object", 2, kMany, object, "object('id', hex(8))"},
    {"one_of", 1, kMany, one_of, "one_of('EUR', 'USD')"},
    {"pick", 2, 3, pick, "pick('user_', 1000, 4)"},
    {"pick_zipf", 2, 3, pick_zipf, "pick_zipf('c-', 5000)"},
    {"seq", 1, 2, sequence, "seq('o-', 6)"},
    {"total", 2, kMany, total, "total(items, 'quantity', 'price')"},
    {"uuid", 0, 0, uuid, "uuid()"},
};

const Function* find(std::string_view name) {
  for (const Function& function : kFunctions) {
    if (function.name == name) return &function;
  }
  return nullptr;
}

}  // namespace

Value call(const Expr& e, Making& making) {
  const Function* const function = find(e.name);
  return function == nullptr ? Value() : function->body(e, making);
}

std::string refusal_of_call(const Expr& e) {
  const Function* const function = find(e.name);
  if (function == nullptr) return "generators have no function '" + e.name + "'";
  if (e.parts.size() >= function->arguments_min && e.parts.size() <= function->arguments_max) {
    return "";
  }
  return "this is not how it is used: " + std::string(function->usage);
}

std::vector<std::string> function_names() {
  std::vector<std::string> names;
  for (const Function& function : kFunctions) names.emplace_back(function.name);
  return names;
}

std::vector<std::string> function_usages() {
  std::vector<std::string> usages;
  for (const Function& function : kFunctions) usages.emplace_back(function.usage);
  return usages;
}

}  // namespace weir::generate
