// Expressions in tests: a row of every type, and results as text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "expression/program.h"
#include "expression/text_form.h"

namespace weir::expression {

// A row with a column of each kind; `n...` columns are null in the row and nullable by type.
class Desk {
 public:
  Desk() {
    add("i", Type::of(Kind::integer), JsonValue::integer(7));
    add("d", Type::decimal(2), JsonValue::decimal(1050, 2));
    add("f", Type::of(Kind::real), JsonValue::real(0.5));
    add("s", Type::of(Kind::text), JsonValue::string("Hello"));
    add("b", Type::of(Kind::boolean), JsonValue::boolean(true));
    add("t", Type::of(Kind::time), JsonValue::time(1'740'823'200'000));  // 2025-03-01T10:00:00Z
    add("day", Type::of(Kind::date), JsonValue::string("2025-03-01"));
    add("ni", Type::of(Kind::integer).or_null(), JsonValue::null());
    add("ns", Type::of(Kind::text).or_null(), JsonValue::null());
    add("nb", Type::of(Kind::boolean).or_null(), JsonValue::null());
    add("nd", Type::decimal(2).or_null(), JsonValue::null());
    add("x", Type::of(Kind::any).or_null(), JsonValue::integer(3));
    add("xs", Type::of(Kind::any).or_null(), JsonValue::string("3"));
    add("list", Type::list_of(Type::of(Kind::integer)), JsonValue::raw("[4, 5 ,6]"));
    add("items",
        Type::list_of(Type::map_of({{"price", Type::decimal(2)}, {"name", Type::of(Kind::text)}})),
        JsonValue::raw(R"([{"name": "a\u0041", "price": 1.5}, {"price": 20}])"));
    add("user", Type::map_of({{"id", Type::of(Kind::text)}}), JsonValue::raw(R"({"id": "u1"})"));
    add("user.id", Type::of(Kind::text), JsonValue::string("u1"));
    params["big"] = {Type::of(Kind::integer), JsonValue::integer(100), ""};
    params["word"] = {Type::of(Kind::text), JsonValue::null(), "Hello"};
    params["limit"] = {Type::of(Kind::duration), JsonValue::integer(60'000), ""};
    facts = {.record_time = 1'000,
             .arrival_time = 2'000,
             .now = 3'000,
             .topic = "orders",
             .partition = 4,
             .offset = 5,
             .headers = headers_};
  }

  void add(std::string name, Type type, JsonValue value) {
    schema.add(std::move(name), std::move(type));
    row.push_back(value);
  }

  Scope scope() {
    Scope made;
    made.schema = &schema;
    made.params = &params;
    made.clock_allowed = true;
    return made;
  }

  // "int 7", "decimal(2) 10.50", "null", "error: overflow in 'a'", or "refused: ..." before it ran.
  std::string operator()(std::string_view text) {
    const Result<Program> program = compile(text, scope());
    if (!program) return "refused: " + program.error().text;
    scratch.reset();
    const Outcome outcome = program->evaluate(row, facts, scratch);
    if (outcome.failed()) return "error: " + std::string(outcome.error);
    return shown(outcome.value);
  }

  // The static type, or "refused: code text | hint".
  std::string type_of(std::string_view text) {
    Fault fault;
    std::vector<Fault> warnings;
    ExprPtr root = parse(text, fault);
    if (!root || !check(root, scope(), fault, warnings)) {
      return "refused: " + fault.code + " " + fault.text + " | " + fault.hint;
    }
    return root->type.to_string();
  }

  static std::string shown(const JsonValue& value) {
    std::string out;
    switch (value.kind()) {
      case JsonValue::Kind::kNull:
        return "null";
      case JsonValue::Kind::kBool:
        out = "bool ";
        break;
      case JsonValue::Kind::kInt:
        out = "int ";
        break;
      case JsonValue::Kind::kDouble:
        out = "float ";
        break;
      case JsonValue::Kind::kDecimal:
        out = "decimal(" + std::to_string(value.places()) + ") ";
        break;
      case JsonValue::Kind::kString:
        out = "string ";
        break;
      case JsonValue::Kind::kTime:
        out = "time ";
        break;
      case JsonValue::Kind::kRaw:
        out = "json ";
        break;
    }
    append_text_form(out, value);
    return out;
  }

  Schema schema;
  Params params;
  std::vector<JsonValue> row;
  RecordFacts facts;
  Scratch scratch;

 private:
  std::vector<Header> headers_{{"trace", "t1"}, {"empty", std::nullopt}, {"trace", "t2"}};
};

}  // namespace weir::expression
