// The grammar:
//
//   expr    = and { "or" and }
//   and     = not { "and" not }
//   not     = "not" not | cmp
//   cmp     = coal [ ("=="|"="|"!="|"<"|"<="|">"|">=") coal | "is" ["not"] "null"
//                  | ["not"] ( "in" "(" expr {"," expr} ")" | "like" coal
//                            | "between" coal "and" coal ) ]
//   coal    = add { "??" add }
//   add     = mul { ("+"|"-") mul }
//   mul     = unary { ("*"|"/"|"%") unary }
//   unary   = "-" unary | post
//   post    = prim { "." name | "[" expr "]" }
//   prim    = number | duration | 'text' | name | $param | name "(" [expr {"," expr}] ")"
//           | "(" expr ")" | "case" {"when" expr "then" expr} ["else" expr] "end"
//           | true | false | null
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "expression/syntax.h"
#include <weir/decimal.h>

namespace weir::expression {

namespace {

constexpr std::array<std::string_view, 15> kReserved{"and",   "between", "case", "else", "end",
                                                     "false", "in",      "is",   "like", "not",
                                                     "null",  "or",      "then", "true", "when"};

class Parser {
 public:
  Parser(std::vector<Token> tokens, Fault& fault) : tokens_(std::move(tokens)), fault_(fault) {}

  ExprPtr run() {
    ExprPtr all = expr();
    if (!all) return nullptr;
    if (now().kind != TokenKind::end) return unexpected("the end of the expression");
    return all;
  }

 private:
  const Token& now() const { return tokens_[at_]; }
  const Token& ahead() const { return tokens_[std::min(at_ + 1, tokens_.size() - 1)]; }
  const Token& take() {
    const Token& token = tokens_[at_];
    if (at_ + 1 < tokens_.size()) ++at_;
    return token;
  }
  bool take_if(std::string_view word) {
    if (!now().is(word)) return false;
    take();
    return true;
  }

  ExprPtr refuse(Span span, std::string text, std::string hint = "") {
    fault_ = Fault{"E203", span, std::move(text), std::move(hint)};
    return nullptr;
  }

  ExprPtr unexpected(std::string_view wanted) {
    const Token& token = now();
    if (token.kind == TokenKind::end) {
      return refuse(token.span, "the expression ends where " + std::string(wanted) + " should be");
    }
    return refuse(token.span, "found '" + std::string(token.text.substr(0, 40)) + "' where " +
                                  std::string(wanted) + " should be");
  }

  // A node above `parts`, as wide as they are; refuses trees that are too deep.
  ExprPtr node(Form form, Span span, std::vector<ExprPtr> parts) {
    auto made = std::make_unique<Expr>();
    made->form = form;
    made->span = span;
    for (const ExprPtr& part : parts) made->depth = std::max(made->depth, part->depth + 1);
    if (made->depth > kDepthMax) return too_deep(span);
    made->parts = std::move(parts);
    return made;
  }
  ExprPtr node(Form form, ExprPtr a, ExprPtr b) {
    const Span span{a->span.first, b->span.last};
    std::vector<ExprPtr> parts;
    parts.push_back(std::move(a));
    parts.push_back(std::move(b));
    return node(form, span, std::move(parts));
  }
  ExprPtr too_deep(Span span) {
    fault_ = Fault{"E213", span, "nested deeper than " + std::to_string(kDepthMax) + " levels",
                   "compute parts of it in a 'set' step before"};
    return nullptr;
  }

  // One level of recursion: every way down passes here.
  ExprPtr expr() {
    if (++nesting_ > kDepthMax) return too_deep(now().span);
    ExprPtr all = chain(Form::either, "or", &Parser::conjunction);
    --nesting_;
    return all;
  }
  ExprPtr conjunction() { return chain(Form::both, "and", &Parser::inverted); }

  // a or b or c is one node: its depth does not grow with its length.
  ExprPtr chain(Form form, std::string_view word, ExprPtr (Parser::*part)()) {
    std::vector<ExprPtr> parts;
    do {
      ExprPtr one = (this->*part)();
      if (!one) return nullptr;
      parts.push_back(std::move(one));
    } while (take_if(word));
    if (parts.size() == 1) return std::move(parts[0]);
    const Span span{parts.front()->span.first, parts.back()->span.last};
    return node(form, span, std::move(parts));
  }

  ExprPtr inverted() {
    if (!now().is("not")) return comparison();
    const Span start = take().span;
    if (++nesting_ > kDepthMax) return too_deep(start);
    ExprPtr part = inverted();
    --nesting_;
    if (!part) return nullptr;
    const Span span{start.first, part->span.last};
    std::vector<ExprPtr> parts;
    parts.push_back(std::move(part));
    return node(Form::negation, span, std::move(parts));
  }

  static std::optional<Relation> relation_of(std::string_view sign) {
    constexpr std::array<std::pair<std::string_view, Relation>, 7> kSigns{
        {{"==", Relation::equal},
         {"=", Relation::equal},
         {"!=", Relation::unequal},
         {"<", Relation::less},
         {"<=", Relation::less_equal},
         {">", Relation::greater},
         {">=", Relation::greater_equal}}};
    for (const auto& [text, relation] : kSigns) {
      if (text == sign) return relation;
    }
    return std::nullopt;
  }

  ExprPtr comparison() {
    ExprPtr left = coalesced();
    if (!left) return nullptr;
    ExprPtr whole = comparison_of(std::move(left));
    if (!whole) return nullptr;
    if (now().kind == TokenKind::sign && relation_of(now().text)) {
      return refuse(now().span, "comparisons do not chain", "write: a < b and b < c");
    }
    return whole;
  }

  ExprPtr comparison_of(ExprPtr left) {
    if (now().kind == TokenKind::sign) {
      const std::optional<Relation> relation = relation_of(now().text);
      if (!relation) return left;
      take();
      ExprPtr right = coalesced();
      if (!right) return nullptr;
      ExprPtr made = node(Form::compare, std::move(left), std::move(right));
      if (made) made->relation = *relation;
      return made;
    }
    if (now().is("is")) return null_test(std::move(left));
    const bool negated = now().is("not");
    const Token& word = negated ? ahead() : now();
    if (!word.is("in") && !word.is("like") && !word.is("between")) {
      if (negated) take();
      return negated ? unexpected("'in', 'like' or 'between'") : std::move(left);
    }
    if (negated) take();
    ExprPtr made = now().is("in")     ? membership(std::move(left))
                   : now().is("like") ? pattern(std::move(left))
                                      : range(std::move(left));
    if (made) made->negated = negated;
    return made;
  }

  ExprPtr null_test(ExprPtr left) {
    take();
    const bool negated = take_if("not");
    if (!now().is("null")) return unexpected("'null'");
    const Span span{left->span.first, take().span.last};
    std::vector<ExprPtr> parts;
    parts.push_back(std::move(left));
    ExprPtr made = node(Form::is_null, span, std::move(parts));
    if (made) made->negated = negated;
    return made;
  }

  ExprPtr membership(ExprPtr left) {
    const std::uint32_t first = left->span.first;
    take();
    if (!take_if("(")) return unexpected("'('");
    std::vector<ExprPtr> parts;
    parts.push_back(std::move(left));
    if (!list_until(")", parts)) return nullptr;
    if (parts.size() == 1) return refuse({first, last_.last}, "the list after 'in' is empty");
    return node(Form::in, {first, last_.last}, std::move(parts));
  }

  ExprPtr pattern(ExprPtr left) {
    take();
    ExprPtr right = coalesced();
    return right ? node(Form::like, std::move(left), std::move(right)) : nullptr;
  }

  ExprPtr range(ExprPtr left) {
    take();
    ExprPtr low = coalesced();
    if (!low) return nullptr;
    if (!take_if("and")) return unexpected("'and'");
    ExprPtr high = coalesced();
    if (!high) return nullptr;
    const Span span{left->span.first, high->span.last};
    std::vector<ExprPtr> parts;
    parts.push_back(std::move(left));
    parts.push_back(std::move(low));
    parts.push_back(std::move(high));
    return node(Form::between, span, std::move(parts));
  }

  ExprPtr coalesced() {
    ExprPtr left = added();
    while (left && take_if("??")) {
      ExprPtr right = added();
      left = right ? node(Form::coalesce, std::move(left), std::move(right)) : nullptr;
    }
    return left;
  }

  ExprPtr added() {
    ExprPtr left = multiplied();
    while (left && (now().is("+") || now().is("-"))) {
      const Form form = take().is("+") ? Form::sum : Form::difference;
      ExprPtr right = multiplied();
      left = right ? node(form, std::move(left), std::move(right)) : nullptr;
    }
    return left;
  }

  ExprPtr multiplied() {
    ExprPtr left = unary();
    while (left && (now().is("*") || now().is("/") || now().is("%"))) {
      const Token& sign = take();
      const Form form = sign.is("*")   ? Form::product
                        : sign.is("/") ? Form::quotient
                                       : Form::remainder;
      ExprPtr right = unary();
      left = right ? node(form, std::move(left), std::move(right)) : nullptr;
    }
    return left;
  }

  ExprPtr unary() {
    if (!now().is("-")) return postfix();
    const Span start = take().span;
    if (++nesting_ > kDepthMax) return too_deep(start);
    ExprPtr part = unary();
    --nesting_;
    if (!part) return nullptr;
    const Span span{start.first, part->span.last};
    std::vector<ExprPtr> parts;
    parts.push_back(std::move(part));
    return node(Form::negative, span, std::move(parts));
  }

  ExprPtr postfix() {
    ExprPtr left = primary();
    while (left && (now().is(".") || now().is("["))) {
      if (take().is(".")) {
        if (now().kind != TokenKind::name) return unexpected("a field's name");
        const Token& name = take();
        const Span span{left->span.first, name.span.last};
        std::vector<ExprPtr> parts;
        parts.push_back(std::move(left));
        left = node(Form::member, span, std::move(parts));
        if (left) left->name = name.text;
      } else {
        ExprPtr index = expr();
        if (!index) return nullptr;
        if (!now().is("]")) return unexpected("']'");
        const std::uint32_t last = take().span.last;
        left = node(Form::element, std::move(left), std::move(index));
        if (left) left->span.last = last;
      }
    }
    return left;
  }

  ExprPtr primary() {
    const Token& token = now();
    switch (token.kind) {
      case TokenKind::number:
        return number();
      case TokenKind::duration:
        return duration();
      case TokenKind::text:
        return quoted();
      case TokenKind::param:
        return named(Form::param);
      case TokenKind::name:
        return word();
      case TokenKind::sign:
        if (token.is("(")) return grouped();
        break;
      case TokenKind::end:
        break;
    }
    return unexpected("a value");
  }

  ExprPtr grouped() {
    const std::uint32_t first = take().span.first;
    ExprPtr inner = expr();
    if (!inner) return nullptr;
    if (!now().is(")")) return unexpected("')'");
    inner->span = {first, take().span.last};
    return inner;
  }

  ExprPtr literal(Type type, JsonValue value) {
    ExprPtr made = node(Form::literal, take().span, {});
    made->type = type;
    made->value = value;
    return made;
  }

  ExprPtr number() {
    JsonValue value;
    Type type;
    if (!number_literal(now().text, value, type)) {
      return refuse(now().span, "this number does not fit",
                    "an int has 64 bits, a decimal 18 digits, a float 308");
    }
    return literal(type, value);
  }

  ExprPtr duration() {
    std::int64_t millis = 0;
    if (!parse_duration(now().text, millis))
      return refuse(now().span, "this duration does not fit");
    return literal(Type::of(Kind::duration), JsonValue::integer(millis));
  }

  ExprPtr quoted() {
    const std::string_view inside = now().text.substr(1, now().text.size() - 2);
    std::string text;
    for (std::size_t i = 0; i < inside.size(); ++i) {
      text += inside[i];
      if (inside[i] == '\'') ++i;
    }
    ExprPtr made = literal(Type::of(Kind::text), {});
    made->name = std::move(text);
    made->value = JsonValue::string(made->name);
    return made;
  }

  ExprPtr named(Form form) {
    const Token& token = take();
    ExprPtr made = node(form, token.span, {});
    made->name = token.text;
    return made;
  }

  ExprPtr word() {
    const std::string_view text = now().text;
    if (text == "true") return literal(Type::of(Kind::boolean), JsonValue::boolean(true));
    if (text == "false") return literal(Type::of(Kind::boolean), JsonValue::boolean(false));
    if (text == "null") return literal(Type::of(Kind::null).or_null(), {});
    if (text == "case") return choice();
    // `like` is a word between two texts and a function of two texts.
    if (ahead().is("(") && (!is_reserved(text) || text == "like")) return call();
    if (is_reserved(text)) return unexpected("a value");
    return named(Form::field);
  }

  ExprPtr call() {
    const Token& name = take();
    take();
    std::vector<ExprPtr> parts;
    if (!list_until(")", parts)) return nullptr;
    ExprPtr made = node(Form::call, {name.span.first, last_.last}, std::move(parts));
    if (made) made->name = name.text;
    return made;
  }

  // Reads expressions with commas between them and the closing sign, whose place goes to last_.
  bool list_until(std::string_view close, std::vector<ExprPtr>& parts) {
    if (!now().is(close)) {
      do {
        ExprPtr part = expr();
        if (!part) return false;
        parts.push_back(std::move(part));
      } while (take_if(","));
    }
    if (!now().is(close)) {
      unexpected("',' or '" + std::string(close) + "'");
      return false;
    }
    last_ = take().span;
    return true;
  }

  ExprPtr choice() {
    const std::uint32_t first = take().span.first;
    if (!now().is("when")) return unexpected("'when'");
    std::vector<ExprPtr> parts;
    while (take_if("when")) {
      if (!part_before("then", parts)) return nullptr;
      ExprPtr value = expr();
      if (!value) return nullptr;
      parts.push_back(std::move(value));
    }
    if (take_if("else")) {
      ExprPtr value = expr();
      if (!value) return nullptr;
      parts.push_back(std::move(value));
    }
    if (!now().is("end")) return unexpected("'when', 'else' or 'end'");
    return node(Form::choice, {first, take().span.last}, std::move(parts));
  }

  bool part_before(std::string_view word, std::vector<ExprPtr>& parts) {
    ExprPtr part = expr();
    if (!part) return false;
    parts.push_back(std::move(part));
    if (take_if(word)) return true;
    unexpected("'" + std::string(word) + "'");
    return false;
  }

  std::vector<Token> tokens_;
  Fault& fault_;
  std::size_t at_ = 0;
  int nesting_ = 0;
  Span last_;
};

}  // namespace

bool is_reserved(std::string_view word) {
  return std::find(kReserved.begin(), kReserved.end(), word) != kReserved.end();
}

ExprPtr parse(std::string_view text, Fault& fault) {
  Result<std::vector<Token>> tokens = tokens_of(text);
  if (!tokens) {
    const auto at = static_cast<std::uint32_t>(tokens.error().position);
    fault = Fault{"E203", {at, at + 1}, tokens.error().text, tokens.error().hint};
    return nullptr;
  }
  return Parser(std::move(*tokens), fault).run();
}

bool number_literal(std::string_view text, JsonValue& value, Type& type) {
  if (text.find_first_of("eE") != std::string_view::npos) {
    double real = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), real);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(real)) {
      return false;
    }
    value = JsonValue::real(real);
    type = Type::of(Kind::real);
    return true;
  }
  const std::size_t dot = text.find('.');
  const std::size_t places = dot == std::string_view::npos ? 0 : text.size() - dot - 1;
  if (places > static_cast<std::size_t>(kDecimalPlacesMax)) return false;
  std::int64_t units = 0;
  if (!parse_decimal(text, static_cast<int>(places), units)) return false;
  value =
      places == 0 ? JsonValue::integer(units) : JsonValue::decimal(units, static_cast<int>(places));
  type = places == 0 ? Type::of(Kind::integer) : Type::decimal(static_cast<int>(places));
  return true;
}

}  // namespace weir::expression
