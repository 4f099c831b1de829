#include "expression/lexer.h"

#include <array>
#include <charconv>
#include <string>

namespace weir::expression {

namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  Result<std::vector<Token>> run() {
    std::vector<Token> tokens;
    while (true) {
      while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t' ||
                                    text_[at_] == '\r')) {
        ++at_;
      }
      start_ = at_;
      if (at_ == text_.size()) break;
      Result<Token> token = next();
      if (!token) return token.error();
      tokens.push_back(*token);
    }
    tokens.push_back(made(TokenKind::end));
    return tokens;
  }

 private:
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  Token made(TokenKind kind) const {
    return {kind,
            {static_cast<std::uint32_t>(start_), static_cast<std::uint32_t>(at_)},
            text_.substr(start_, at_ - start_)};
  }

  Error fault(std::string text, std::string hint = "") const {
    return {std::move(text), std::move(hint), start_};
  }

  Result<Token> next() {
    const char c = peek();
    if (is_letter(c)) {
      while (is_letter(peek()) || is_digit(peek())) ++at_;
      return made(TokenKind::name);
    }
    if (is_digit(c)) return number();
    if (c == '\'') return quoted();
    if (c == '$') return param();
    return sign();
  }

  Result<Token> number() {
    while (is_digit(peek())) ++at_;
    TokenKind kind = TokenKind::number;
    if (peek() == '.' && is_digit(peek(1))) {
      ++at_;
      while (is_digit(peek())) ++at_;
    }
    const bool exponent =
        (peek() == 'e' || peek() == 'E') &&
        (is_digit(peek(1)) || ((peek(1) == '+' || peek(1) == '-') && is_digit(peek(2))));
    if (exponent) {
      at_ += 2;
      while (is_digit(peek())) ++at_;
    } else if (is_letter(peek())) {
      while (is_letter(peek()) || is_digit(peek())) ++at_;
      std::int64_t millis = 0;
      if (!parse_duration(text_.substr(start_, at_ - start_), millis)) {
        return fault("'" + std::string(text_.substr(start_, at_ - start_)) +
                         "' is neither a number nor a duration",
                     "durations are 200ms, 10s, 15m, 2h, 7d");
      }
      kind = TokenKind::duration;
    }
    return made(kind);
  }

  Result<Token> quoted() {
    ++at_;
    while (at_ < text_.size()) {
      if (text_[at_] != '\'') {
        ++at_;
      } else if (peek(1) == '\'') {
        at_ += 2;
      } else {
        ++at_;
        return made(TokenKind::text);
      }
    }
    return fault("this text is never closed",
                 "close it with a single quote; '' inside is one quote");
  }

  Result<Token> param() {
    ++at_;
    if (peek() == '{') {
      return fault("'${...}' is not replaced inside expressions",
                   "put the value under 'params' and write $name");
    }
    if (!is_letter(peek())) return fault("a name must follow '$'");
    while (is_letter(peek()) || is_digit(peek())) ++at_;
    Token token = made(TokenKind::param);
    token.text.remove_prefix(1);
    return token;
  }

  Result<Token> sign() {
    constexpr std::array<std::string_view, 6> kPairs{"==", "!=", "<=", ">=", "??", "<>"};
    const std::string_view pair = text_.substr(at_, 2);
    for (const std::string_view known : kPairs) {
      if (pair != known) continue;
      if (known == "<>") return fault("'<>' is written '!='");
      at_ += 2;
      return made(TokenKind::sign);
    }
    if (pair == "&&") return fault("'&&' is written 'and'");
    if (pair == "||") return fault("'||' is written 'or'; to join texts use concat(a, b)");
    const char c = peek();
    if (std::string_view("=<>+-*/%()[],.").find(c) != std::string_view::npos) {
      ++at_;
      return made(TokenKind::sign);
    }
    if (c == '!') return fault("'!' is written 'not'");
    if (c == '"') return fault("text stands between single quotes", "write 'text'");
    if (c == '?')
      return fault("'a ? b : c' is not part of the language",
                   "write: case when a then b else c end");
    if (c == '#') return fault("'#' is not part of the language");
    return fault("this character is not part of the language");
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t start_ = 0;
};

}  // namespace

Result<std::vector<Token>> tokens_of(std::string_view text) {
  if (text.size() > kExpressionBytesMax) {
    return Error{"this expression is longer than " + std::to_string(kExpressionBytesMax) + " bytes",
                 "split it with a 'set' step", 0};
  }
  return Lexer(text).run();
}

bool parse_duration(std::string_view text, std::int64_t& millis) {
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || count < 0 || text.empty() || text[0] == '-') return false;
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  std::int64_t factor = 0;
  if (unit == "ms") factor = 1;
  if (unit == "s") factor = 1'000;
  if (unit == "m") factor = 60'000;
  if (unit == "h") factor = 3'600'000;
  if (unit == "d") factor = 86'400'000;
  return factor != 0 && !__builtin_mul_overflow(count, factor, &millis);
}

}  // namespace weir::expression
