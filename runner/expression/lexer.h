// Expressions as tokens.
//
//   name      = letter { letter | digit }            letter = A-Z a-z _
//   number    = digits [ "." digits ] [ ("e"|"E") ["+"|"-"] digits ]
//   duration  = digits ( "ms" | "s" | "m" | "h" | "d" ), no blank between
//   text      = "'" { any | "''" } "'"
//   param     = "$" name
//   sign      = == = != <= < >= > ?? + - * / % ( ) [ ] , .
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include <weir/error.h>

namespace weir::expression {

// Bytes [first, last) of the expression's text.
struct Span {
  std::uint32_t first = 0;
  std::uint32_t last = 0;
  bool operator==(const Span&) const = default;
};

enum class TokenKind : std::uint8_t { end, name, number, duration, text, param, sign };

struct Token {
  TokenKind kind = TokenKind::end;
  Span span;
  std::string_view text;  // As written; of a param without `$`, of text with its quotes.

  bool is(std::string_view word) const {
    return (kind == TokenKind::sign || kind == TokenKind::name) && text == word;
  }
};

inline constexpr std::size_t kExpressionBytesMax = 16 * 1024;

// The tokens, with one of kind `end` behind them. They are views of `text`.
Result<std::vector<Token>> tokens_of(std::string_view text);

// Milliseconds of a duration as written, "15m"; false when it is none or does not fit.
bool parse_duration(std::string_view text, std::int64_t& millis);

}  // namespace weir::expression
