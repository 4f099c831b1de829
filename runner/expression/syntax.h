// Expressions as trees: what the parser makes and the checker completes with types and slots.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "expression/lexer.h"
#include "expression/type.h"
#include <weir/json_value.h>

namespace weir::expression {

enum class Form : std::uint8_t {
  literal,   // value
  field,     // name; slot after the check
  param,     // name; a literal after the check
  member,    // parts[0] . name, on a value that is no column
  element,   // parts[0] [ parts[1] ]
  call,      // name ( parts )
  negative,  // - parts[0]
  negation,  // not parts[0]
  both,      // parts[0] and parts[1] and ...
  either,    // parts[0] or parts[1] or ...
  sum,       // parts[0] + parts[1]
  difference,
  product,
  quotient,
  remainder,
  compare,   // parts[0] relation parts[1]
  is_null,   // negated: is not null
  in,        // parts[0] in ( parts[1], ... ), perhaps negated
  like,      // parts[0] like parts[1], perhaps negated
  between,   // parts[0] between parts[1] and parts[2], perhaps negated
  coalesce,  // parts[0] ?? parts[1]
  choice,    // when parts[0] then parts[1] ... else the last one, which is there when the count is
             // odd
  convert,   // parts[0] as another type; put in by the checker
};

enum class Relation : std::uint8_t { equal, unequal, less, less_equal, greater, greater_equal };

struct Expr;
using ExprPtr = std::unique_ptr<Expr>;

struct Expr {
  Form form = Form::literal;
  Relation relation = Relation::equal;
  bool negated = false;
  int slot = -1;
  int depth = 1;  // Of the tree below, itself included.
  Span span;
  Type type{};
  JsonValue value{};
  std::string name;  // Of a literal text: its bytes.
  std::vector<ExprPtr> parts;
};

// Why an expression is refused.
struct Fault {
  std::string code;  // "E203"
  Span span;
  std::string text;
  std::string hint{};
  std::vector<std::string> notes{};
  // For a name that is not known: the name, and those that are.
  std::string word{};
  std::vector<std::string> known{};
};

inline constexpr int kDepthMax = 200;

// Reads an expression. Null, and `fault` filled, when it is none.
ExprPtr parse(std::string_view text, Fault& fault);

// Literals of the language, also used for parameters: a number becomes an int, a decimal with as
// many places as written, or with an exponent a float. False when it does not fit.
bool number_literal(std::string_view text, JsonValue& value, Type& type);

// True when `word` cannot be the name of a field.
bool is_reserved(std::string_view word);

// The tree as text with all parentheses: for tests.
std::string to_text(const Expr& expr);

}  // namespace weir::expression
