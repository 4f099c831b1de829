#include "expression/utf8.h"

namespace weir::expression {

namespace {

bool in(char32_t c, char32_t first, char32_t last) { return c >= first && c <= last; }

}  // namespace

char32_t decode_character(std::string_view text, std::size_t at, std::size_t& bytes) {
  const auto lead = static_cast<unsigned char>(text[at]);
  bytes = 1;
  if (lead < 0x80) return lead;
  const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || at + size > text.size()) return kBadByte + lead;
  char32_t code = lead & (0xFFU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    const auto next = static_cast<unsigned char>(text[at + i]);
    if ((next & 0xC0) != 0x80) return kBadByte + lead;
    code = code << 6 | (next & 0x3F);
  }
  if ((size == 3 && code < 0x800) || (size == 4 && code < 0x10000) || code > 0x10FFFF ||
      in(code, 0xD800, 0xDFFF)) {
    return kBadByte + lead;
  }
  bytes = size;
  return code;
}

std::size_t character_bytes(std::string_view text, std::size_t at) {
  std::size_t bytes = 0;
  decode_character(text, at, bytes);
  return bytes;
}

char* encode_character(char32_t c, char* out) {
  if (c >= kBadByte) {
    *out++ = static_cast<char>(c - kBadByte);
  } else if (c < 0x80) {
    *out++ = static_cast<char>(c);
  } else if (c < 0x800) {
    *out++ = static_cast<char>(0xC0 | c >> 6);
    *out++ = static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    *out++ = static_cast<char>(0xE0 | c >> 12);
    *out++ = static_cast<char>(0x80 | (c >> 6 & 0x3F));
    *out++ = static_cast<char>(0x80 | (c & 0x3F));
  } else {
    *out++ = static_cast<char>(0xF0 | c >> 18);
    *out++ = static_cast<char>(0x80 | (c >> 12 & 0x3F));
    *out++ = static_cast<char>(0x80 | (c >> 6 & 0x3F));
    *out++ = static_cast<char>(0x80 | (c & 0x3F));
  }
  return out;
}

char32_t upper_case(char32_t c) {
  if (in(c, 'a', 'z')) return c - 32;
  if (c < 0x80) return c;
  if (in(c, 0xE0, 0xFE) && c != 0xF7) return c - 32;                // Latin-1
  if (c == 0xFF) return 0x178;                                      // y with diaeresis
  if (in(c, 0x100, 0x137) && c != 0x131) return c & 1 ? c - 1 : c;  // Latin Extended-A
  if (in(c, 0x139, 0x148)) return c & 1 ? c : c - 1;
  if (in(c, 0x14A, 0x177)) return c & 1 ? c - 1 : c;
  if (in(c, 0x179, 0x17E)) return c & 1 ? c : c - 1;
  if (c == 0x3C2) return 0x3A3;            // final sigma
  if (in(c, 0x3B1, 0x3CB)) return c - 32;  // Greek
  if (c == 0x3AC) return 0x386;
  if (in(c, 0x3AD, 0x3AF)) return c - 37;
  if (c == 0x3CC) return 0x38C;
  if (in(c, 0x3CD, 0x3CE)) return c - 63;
  if (in(c, 0x430, 0x44F)) return c - 32;  // Cyrillic
  if (in(c, 0x450, 0x45F)) return c - 80;
  if (in(c, 0x460, 0x481)) return c & 1 ? c - 1 : c;
  return c;
}

char32_t lower_case(char32_t c) {
  if (in(c, 'A', 'Z')) return c + 32;
  if (c < 0x80) return c;
  if (in(c, 0xC0, 0xDE) && c != 0xD7) return c + 32;
  if (c == 0x178) return 0xFF;
  if (in(c, 0x100, 0x137) && c != 0x130) return c & 1 ? c : c + 1;
  if (in(c, 0x139, 0x148)) return c & 1 ? c + 1 : c;
  if (in(c, 0x14A, 0x177)) return c & 1 ? c : c + 1;
  if (in(c, 0x179, 0x17E)) return c & 1 ? c + 1 : c;
  if (in(c, 0x391, 0x3AB) && c != 0x3A2) return c + 32;
  if (c == 0x386) return 0x3AC;
  if (in(c, 0x388, 0x38A)) return c + 37;
  if (c == 0x38C) return 0x3CC;
  if (in(c, 0x38E, 0x38F)) return c + 63;
  if (in(c, 0x410, 0x42F)) return c + 32;
  if (in(c, 0x400, 0x40F)) return c + 80;
  if (in(c, 0x460, 0x481)) return c & 1 ? c : c + 1;
  return c;
}

}  // namespace weir::expression
