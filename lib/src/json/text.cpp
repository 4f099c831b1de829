#include "json/text.h"

#include <array>
#include <cstdint>
#include <cstring>

#include "json/utf8.h"

namespace weir::json {
namespace {

// The value of four hex digits at `at`, or -1. Stops at the NUL behind the text.
int read_hex(const char* at) {
  int value = 0;
  for (int i = 0; i < 4; ++i) {
    const char c = at[i];
    const char lower = static_cast<char>(c | 0x20);
    if (c >= '0' && c <= '9') {
      value = value * 16 + (c - '0');
    } else if (lower >= 'a' && lower <= 'f') {
      value = value * 16 + (lower - 'a' + 10);
    } else {
      return -1;
    }
  }
  return value;
}

constexpr bool is_high_surrogate(int unit) { return unit >= 0xd800 && unit <= 0xdbff; }
constexpr bool is_low_surrogate(int unit) { return unit >= 0xdc00 && unit <= 0xdfff; }

// What the letter after a backslash stands for; NUL when it stands for nothing.
constexpr char escape_meaning(char letter) {
  switch (letter) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case '"':
    case '\\':
    case '/':
      return letter;
    default:
      return '\0';
  }
}

// Moves `at` from a backslash behind its escape; a fault's text when it is not valid.
const char* skip_escape(const char*& at) {
  if (at[1] != 'u') {
    if (escape_meaning(at[1]) == '\0') return "unknown escape in a string";
    at += 2;
    return nullptr;
  }
  const int unit = read_hex(at + 2);
  if (unit < 0) return "\\u needs four hex digits";
  if (is_low_surrogate(unit)) return "lone surrogate in a string";
  if (is_high_surrogate(unit)) {
    if (at[6] != '\\' || at[7] != 'u') return "lone surrogate in a string";
    if (!is_low_surrogate(read_hex(at + 8))) return "lone surrogate in a string";
    at += 6;
  }
  at += 6;
  return nullptr;
}

}  // namespace

StringEnd find_string_end(const char* at) {
  StringEnd end;
  for (;;) {
    at = skip_plain(at);
    if (*at == '"') break;
    if (*at != '\\') {
      end.fault = "control character or end of text in a string";
      break;
    }
    end.escaped = true;
    end.fault = skip_escape(at);
    if (end.fault != nullptr) break;
  }
  end.at = at;
  return end;
}

void append_unescaped(std::string& out, std::string_view raw) {
  for (std::size_t at = 0; at < raw.size();) {
    const std::size_t plain = raw.find('\\', at);
    out.append(raw, at, plain - at);
    if (plain == std::string_view::npos) return;
    const char* escape = raw.data() + plain;
    if (escape[1] != 'u') {
      out.push_back(escape_meaning(escape[1]));
      at = plain + 2;
      continue;
    }
    auto code = static_cast<std::uint32_t>(read_hex(escape + 2));
    at = plain + 6;
    if (is_high_surrogate(static_cast<int>(code))) {
      const auto low = static_cast<std::uint32_t>(read_hex(escape + 8));
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
      at += 6;
    }
    append_utf8(out, code);
  }
}

namespace {

constexpr char kHexDigits[] = "0123456789abcdef";

// 0 for bytes that need no escape, 'u' for \u00xx, else the letter behind the backslash.
constexpr auto kEscapes = [] {
  std::array<char, 256> escapes{};
  for (std::size_t i = 0; i < 0x20; ++i) escapes[i] = 'u';
  escapes['\b'] = 'b';
  escapes['\f'] = 'f';
  escapes['\n'] = 'n';
  escapes['\r'] = 'r';
  escapes['\t'] = 't';
  escapes['"'] = '"';
  escapes['\\'] = '\\';
  return escapes;
}();

// Whether no byte needs a second look: ASCII without quotes, backslashes and controls. Most text
// is.
bool is_plain(std::string_view text) {
  constexpr std::uint64_t kOnes = 0x0101010101010101U;
  std::uint64_t marks = 0;
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t block = 0;
    std::memcpy(&block, text.data() + at, sizeof(block));
    const std::uint64_t quotes = block ^ (kOnes * '"');
    const std::uint64_t backslashes = block ^ (kOnes * '\\');
    marks |= block | (block - kOnes * 0x20) | (quotes - kOnes) | (backslashes - kOnes);
  }
  // The top bit of a byte: of the byte itself, or borrowed because it was too small.
  if ((marks & (kOnes << 7)) != 0) return false;
  for (; at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte >= 0x80 || kEscapes[byte] != 0) return false;
  }
  return true;
}

// Appends valid UTF-8.
void append_escaped(std::string& out, std::string_view text) {
  std::size_t start = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char escape = kEscapes[static_cast<unsigned char>(text[at])];
    if (escape == 0) continue;
    out.append(text, start, at - start);
    start = at + 1;
    out.push_back('\\');
    out.push_back(escape);
    if (escape != 'u') continue;
    out.append("00");
    out.push_back(kHexDigits[text[at] >> 4]);
    out.push_back(kHexDigits[text[at] & 0xf]);
  }
  out.append(text, start, std::string_view::npos);
}

}  // namespace

void append_quoted(std::string& out, std::string_view text) {
  out.push_back('"');
  if (is_plain(text)) {
    out.append(text);
    out.push_back('"');
    return;
  }
  for (;;) {
    const std::size_t bad = find_invalid_utf8(text);
    append_escaped(out, text.substr(0, bad));
    if (bad == std::string_view::npos) break;
    append_utf8(out, 0xfffd);
    text.remove_prefix(bad + 1);
  }
  out.push_back('"');
}

}  // namespace weir::json
