#include <algorithm>

#include "expression/function.h"
#include "expression/text_form.h"
#include "expression/utf8.h"
#include <weir/decimal.h>
#include <weir/time_format.h>

namespace weir::expression::body {

namespace {

using Args = std::span<const JsonValue>;
constexpr std::string_view kNoRoomForText = "the texts of this record are larger than 64 MiB";

// The result is the memory from `start` to `end`.
bool made(const char* start, const char* end, JsonValue& out) {
  out = JsonValue::string({start, static_cast<std::size_t>(end - start)});
  return true;
}

bool map_characters(CallFrame& frame, std::string_view text, char32_t (*change)(char32_t),
                    JsonValue& out) {
  // The other case of a letter below U+0500 never needs more than twice the bytes.
  char* const start = frame.arena.allocate(text.size() * 2);
  if (start == nullptr) return frame.fail(kNoRoomForText);
  char* end = start;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t bytes = 0;
    const char32_t c = decode_character(text, at, bytes);
    end = encode_character(change(c), end);
    at += bytes;
  }
  return made(start, end, out);
}

}  // namespace

bool lower(CallFrame& frame, Args args, JsonValue& out) {
  return map_characters(frame, args[0].text(), lower_case, out);
}
bool upper(CallFrame& frame, Args args, JsonValue& out) {
  return map_characters(frame, args[0].text(), upper_case, out);
}

bool trim(CallFrame&, Args args, JsonValue& out) {
  constexpr std::string_view kBlank = " \t\r\n";
  const std::string_view text = args[0].text();
  const std::size_t first = std::min(text.find_first_not_of(kBlank), text.size());
  const std::size_t last = text.find_last_not_of(kBlank);
  out = JsonValue::string(first == text.size() ? std::string_view()
                                               : text.substr(first, last - first + 1));
  return true;
}

bool length(CallFrame&, Args args, JsonValue& out) {
  const std::string_view text = args[0].text();
  std::int64_t count = 0;
  for (std::size_t at = 0; at < text.size(); at += character_bytes(text, at)) ++count;
  out = JsonValue::integer(count);
  return true;
}

// As in SQL: characters count from 1, and a start before the text takes from the length.
bool substr(CallFrame& frame, Args args, JsonValue& out) {
  const std::string_view text = args[0].text();
  std::int64_t start = args[1].as_int();
  std::int64_t end = kEndOfTime;
  if (args.size() == 3) {
    if (args[2].as_int() < 0) return frame.fail("a length below 0");
    end = later(start, args[2].as_int());
  }
  start = std::max<std::int64_t>(start, 1);
  std::size_t first = text.size();
  std::size_t at = 0;
  for (std::int64_t number = 1; at < text.size() && number < end; ++number) {
    if (number == start) first = at;
    at += character_bytes(text, at);
  }
  out = JsonValue::string(first >= at ? std::string_view() : text.substr(first, at - first));
  return true;
}

bool replace(CallFrame& frame, Args args, JsonValue& out) {
  const std::string_view text = args[0].text();
  const std::string_view from = args[1].text();
  const std::string_view to = args[2].text();
  std::size_t count = 0;
  if (!from.empty()) {
    for (std::size_t at = text.find(from); at != std::string_view::npos;
         at = text.find(from, at + from.size())) {
      ++count;
    }
  }
  if (count == 0) {
    out = args[0];
    return true;
  }
  if (to.size() > Arena::kBytesMax / count) return frame.fail(kNoRoomForText);
  char* const start = frame.arena.allocate(text.size() - count * from.size() + count * to.size());
  if (start == nullptr) return frame.fail(kNoRoomForText);
  char* end = start;
  std::size_t at = 0;
  for (; count > 0; --count) {
    const std::size_t found = text.find(from, at);
    end = std::copy(text.begin() + static_cast<std::ptrdiff_t>(at),
                    text.begin() + static_cast<std::ptrdiff_t>(found), end);
    end = std::copy(to.begin(), to.end(), end);
    at = found + from.size();
  }
  end = std::copy(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(), end);
  return made(start, end, out);
}

bool concat(CallFrame& frame, Args args, JsonValue& out) {
  std::size_t total = 0;
  for (const JsonValue& x : args) total += text_form_bytes(x);
  char* const start = frame.arena.allocate(total);
  if (start == nullptr) return frame.fail(kNoRoomForText);
  char* end = start;
  for (const JsonValue& x : args) end = write_text_form(x, end);
  return made(start, end, out);
}

bool to_string(CallFrame& frame, Args args, JsonValue& out) {
  if (args[0].kind() == JsonValue::Kind::kString) {
    out = args[0];
    return true;
  }
  return concat(frame, args, out);
}

bool contains(CallFrame&, Args args, JsonValue& out) {
  out = JsonValue::boolean(args[0].text().find(args[1].text()) != std::string_view::npos);
  return true;
}
bool starts_with(CallFrame&, Args args, JsonValue& out) {
  out = JsonValue::boolean(args[0].text().starts_with(args[1].text()));
  return true;
}
bool ends_with(CallFrame&, Args args, JsonValue& out) {
  out = JsonValue::boolean(args[0].text().ends_with(args[1].text()));
  return true;
}

// A list of texts is JSON, as all lists are.
bool split(CallFrame& frame, Args args, JsonValue& out) {
  const std::string_view text = args[0].text();
  const std::string_view separator = args[1].text();
  if (separator.empty()) return frame.fail("an empty separator");
  // Each byte of text may need 6, each piece its quotes and a comma.
  constexpr std::size_t kEscapedMax = 6;
  if (text.size() > Arena::kBytesMax / (2 * kEscapedMax)) return frame.fail(kNoRoomForText);
  std::size_t pieces = 1;
  for (std::size_t at = text.find(separator); at != std::string_view::npos;
       at = text.find(separator, at + separator.size())) {
    ++pieces;
  }
  char* const start = frame.arena.allocate(text.size() * kEscapedMax + pieces * 3 + 2);
  if (start == nullptr) return frame.fail(kNoRoomForText);
  char* end = start;
  *end++ = '[';
  for (std::size_t at = 0;;) {
    const std::size_t found = std::min(text.find(separator, at), text.size());
    if (at > 0) *end++ = ',';
    end = write_json_text(text.substr(at, found - at), end);
    if (found == text.size()) break;
    at = found + separator.size();
  }
  *end++ = ']';
  out = JsonValue::raw({start, static_cast<std::size_t>(end - start)});
  return true;
}

// `%` is any text, `_` one character, `\` takes the next one as it is. After a mismatch only the
// last `%` can take one character more, so two positions are all there is to remember.
bool like(CallFrame&, Args args, JsonValue& out) {
  const std::string_view text = args[0].text();
  const std::string_view pattern = args[1].text();
  constexpr std::size_t kNone = std::string_view::npos;
  std::size_t t = 0;
  std::size_t p = 0;
  std::size_t retry_pattern = kNone;
  std::size_t retry_text = 0;
  while (t < text.size() || p < pattern.size()) {
    if (p < pattern.size() && pattern[p] == '%') {
      retry_pattern = ++p;
      retry_text = t;
      continue;
    }
    if (p < pattern.size() && t < text.size()) {
      const std::size_t escape = pattern[p] == '\\' && p + 1 < pattern.size() ? 1 : 0;
      if (escape == 0 && pattern[p] == '_') {
        t += character_bytes(text, t);
        ++p;
        continue;
      }
      if (pattern[p + escape] == text[t]) {
        p += escape + 1;
        ++t;
        continue;
      }
    }
    if (retry_pattern == kNone || retry_text >= text.size()) {
      out = JsonValue::boolean(false);
      return true;
    }
    retry_text += character_bytes(text, retry_text);
    p = retry_pattern;
    t = retry_text;
  }
  out = JsonValue::boolean(true);
  return true;
}

}  // namespace weir::expression::body
