// JSON strings: what stands between the quotes, and what it means.
//
//   string = '"' (byte from 0x20, not '"' or '\' | escape)* '"'
//   escape = '\' (one of "\/bfnrt | u and four hex digits); \u of a surrogate only in pairs
#pragma once

#include <string>
#include <string_view>

namespace weir::json {

// The end of a string and how it was reached.
struct StringEnd {
  const char* at = nullptr;  // The closing quote; on a fault, the byte that is wrong.
  bool escaped = false;
  const char* fault = nullptr;  // What is wrong, or null.
};

// Finds the closing quote from `at`, which lies inside a string. REQUIRES: a NUL after the text.
StringEnd find_string_end(const char* at);

// The first quote, backslash or control character from `at`. REQUIRES: a NUL after the text.
inline const char* skip_plain(const char* at) {
  while (static_cast<unsigned char>(*at) >= 0x20 && *at != '"' && *at != '\\') ++at;
  return at;
}

// Appends what the valid raw text between quotes means.
void append_unescaped(std::string& out, std::string_view raw);

// Appends `text` as a JSON string, quotes included. Bytes that are not valid UTF-8 become U+FFFD,
// so that the result is valid whatever comes in.
void append_quoted(std::string& out, std::string_view text);

}  // namespace weir::json
