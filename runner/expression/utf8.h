// Characters of UTF-8 text, one at a time. Bytes that are not UTF-8 count as one character each, so
// that no input is outside the definition.
#pragma once

#include <cstddef>
#include <string_view>

namespace weir::expression {

// Bytes of the character that starts at `text[at]`. REQUIRES: at < text.size().
std::size_t character_bytes(std::string_view text, std::size_t at);

// The character itself; a byte that is not UTF-8 as its value plus kBadByte.
inline constexpr char32_t kBadByte = 0x110000;
char32_t decode_character(std::string_view text, std::size_t at, std::size_t& bytes);

// Writes the character, at most 4 bytes, and returns the end.
char* encode_character(char32_t character, char* out);

// The other case of Latin, Greek and Cyrillic letters; anything else stays as it is. Letters whose
// other case is two letters stay as well.
char32_t upper_case(char32_t character);
char32_t lower_case(char32_t character);

}  // namespace weir::expression
