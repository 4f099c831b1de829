#include <array>
#include <charconv>

#include "expression/calendar.h"
#include "expression/function.h"
#include <weir/time_format.h>

namespace weir::expression::body {

namespace {

using Args = std::span<const JsonValue>;
using ValueKind = JsonValue::Kind;

constexpr std::size_t kDateText = 10;  // 2025-03-01

// A date is text of a fixed form; a time is a number.
bool civil(CallFrame& frame, const JsonValue& x, Civil& into) {
  Timestamp time = 0;
  if (x.kind() == ValueKind::kString) {
    if (x.text().size() != kDateText || !weir::parse_time(x.text(), {}, time)) {
      return frame.fail("is no date");
    }
  } else {
    time = x.as_time();
  }
  into = civil_of(time);
  return true;
}

bool part(CallFrame& frame, Args args, int Civil::*member, JsonValue& out) {
  Civil at;
  if (!civil(frame, args[0], at)) return false;
  out = JsonValue::integer(at.*member);
  return true;
}

bool count(Args args, std::int64_t unit, JsonValue& out) {
  out = JsonValue::integer(args[0].as_int() / unit);
  return true;
}

char* digits(char* out, std::int64_t number, int width) {
  for (int i = width - 1; i >= 0; --i, number /= 10) out[i] = static_cast<char>('0' + number % 10);
  return out + width;
}

struct Unit {
  char letter;
  int width;
};
constexpr std::array<Unit, 7> kUnits{
    {{'Y', 4}, {'m', 2}, {'d', 2}, {'H', 2}, {'M', 2}, {'S', 2}, {'f', 3}}};

const Unit* unit_of(char letter) {
  for (const Unit& unit : kUnits) {
    if (unit.letter == letter) return &unit;
  }
  return nullptr;
}

constexpr std::string_view kPattern = "a pattern knows %Y %m %d %H %M %S %f %%";

std::int64_t value_of(const Civil& at, char letter) {
  switch (letter) {
    case 'Y':
      return at.year;
    case 'm':
      return at.month;
    case 'd':
      return at.day;
    case 'H':
      return at.hour;
    case 'M':
      return at.minute;
    case 'S':
      return at.second;
    default:
      return at.milli;
  }
}

}  // namespace

bool year(CallFrame& frame, Args args, JsonValue& out) {
  Civil at;
  if (!civil(frame, args[0], at)) return false;
  out = JsonValue::integer(at.year);
  return true;
}
bool month(CallFrame& frame, Args args, JsonValue& out) {
  return part(frame, args, &Civil::month, out);
}
bool day(CallFrame& frame, Args args, JsonValue& out) {
  return part(frame, args, &Civil::day, out);
}
bool hour(CallFrame& frame, Args args, JsonValue& out) {
  return part(frame, args, &Civil::hour, out);
}
bool minute(CallFrame& frame, Args args, JsonValue& out) {
  return part(frame, args, &Civil::minute, out);
}
bool second(CallFrame& frame, Args args, JsonValue& out) {
  return part(frame, args, &Civil::second, out);
}

bool days(CallFrame&, Args args, JsonValue& out) { return count(args, kDayMillis, out); }
bool hours(CallFrame&, Args args, JsonValue& out) { return count(args, 3'600'000, out); }
bool minutes(CallFrame&, Args args, JsonValue& out) { return count(args, 60'000, out); }
bool seconds(CallFrame&, Args args, JsonValue& out) { return count(args, 1'000, out); }
bool millis(CallFrame&, Args args, JsonValue& out) { return count(args, 1, out); }

bool date(CallFrame& frame, Args args, JsonValue& out) {
  if (args[0].kind() == ValueKind::kString) {
    out = args[0];
    return true;
  }
  char* const start = frame.arena.allocate(kTimeTextMax);
  if (start == nullptr || write_time_text(start, args[0].as_time()) == nullptr) {
    return frame.fail("a date before the year 1 or after 9999");
  }
  out = JsonValue::string({start, kDateText});
  return true;
}

bool truncate(CallFrame& frame, Args args, JsonValue& out) {
  const std::int64_t unit = args[1].as_int();
  if (unit <= 0) return frame.fail("truncate needs a duration above 0");
  const Timestamp time = args[0].as_time();
  std::int64_t rest = time % unit;
  if (rest < 0) rest += unit;
  Timestamp start = 0;
  if (__builtin_sub_overflow(time, rest, &start)) return frame.fail("overflow");
  out = JsonValue::time(start);
  return true;
}

bool to_time(CallFrame& frame, Args args, JsonValue& out) {
  const JsonValue& x = args[0];
  Timestamp time = 0;
  if (x.kind() == ValueKind::kTime) {
    out = x;
    return true;
  }
  std::string_view text;
  std::array<char, 24> digits_of{};
  if (x.kind() == ValueKind::kString) {
    text = x.text();
  } else if (x.kind() == ValueKind::kInt) {
    const auto end =
        std::to_chars(digits_of.data(), digits_of.data() + digits_of.size(), x.as_int()).ptr;
    text = {digits_of.data(), static_cast<std::size_t>(end - digits_of.data())};
  } else {
    return frame.fail("cannot become a time");
  }
  if (!weir::parse_time(text, {}, time)) return frame.fail("is no time");
  out = JsonValue::time(time);
  return true;
}

bool format_time(CallFrame& frame, Args args, JsonValue& out) {
  const std::string_view pattern = args[1].text();
  const Timestamp time = args[0].as_time();
  if (time < kTimeTextFirst || time > kTimeTextLast) {
    return frame.fail("a time before the year 1 or after 9999");
  }
  const Civil at = civil_of(time);
  char* const start = frame.arena.allocate(pattern.size() * 2);  // %Y is 2 bytes and becomes 4.
  if (start == nullptr) return frame.fail("the texts of this record are larger than 64 MiB");
  char* end = start;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '%') {
      *end++ = pattern[i];
      continue;
    }
    const char letter = ++i < pattern.size() ? pattern[i] : ' ';
    const Unit* const unit = unit_of(letter);
    if (unit != nullptr) {
      end = digits(end, value_of(at, letter), unit->width);
    } else if (letter == '%') {
      *end++ = '%';
    } else {
      return frame.fail(kPattern);
    }
  }
  out = JsonValue::string({start, static_cast<std::size_t>(end - start)});
  return true;
}

namespace {

// Takes exactly `width` digits off the text; of %f, 1 to 9, of which 3 count.
bool read_digits(std::string_view& text, const Unit& unit, std::int64_t& number) {
  const bool fraction = unit.letter == 'f';
  const std::size_t most = fraction ? 9 : static_cast<std::size_t>(unit.width);
  std::size_t taken = 0;
  number = 0;
  while (taken < most && taken < text.size() && text[taken] >= '0' && text[taken] <= '9') {
    if (!fraction || taken < 3) number = number * 10 + (text[taken] - '0');
    ++taken;
  }
  if (fraction) {
    for (std::size_t i = taken; i < 3; ++i) number *= 10;
  }
  text.remove_prefix(taken);
  return fraction ? taken > 0 : taken == most;
}

void set(Civil& at, char letter, std::int64_t number) {
  const int small = static_cast<int>(number);
  switch (letter) {
    case 'Y':
      at.year = number;
      break;
    case 'm':
      at.month = small;
      break;
    case 'd':
      at.day = small;
      break;
    case 'H':
      at.hour = small;
      break;
    case 'M':
      at.minute = small;
      break;
    case 'S':
      at.second = small;
      break;
    default:
      at.milli = small;
      break;
  }
}

bool exists(const Civil& at) {
  return at.year >= 1 && at.month >= 1 && at.month <= 12 && at.day >= 1 &&
         at.day <= days_in_month(at.year, at.month) && at.hour < 24 && at.minute < 60 &&
         at.second < 60;
}

}  // namespace

bool parse_time(CallFrame& frame, Args args, JsonValue& out) {
  std::string_view text = args[0].text();
  const std::string_view pattern = args[1].text();
  constexpr std::string_view kMismatch = "does not fit the pattern";
  Civil at;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '%') {
      const char letter = ++i < pattern.size() ? pattern[i] : ' ';
      if (const Unit* const unit = unit_of(letter)) {
        std::int64_t number = 0;
        if (!read_digits(text, *unit, number)) return frame.fail(kMismatch);
        set(at, letter, number);
        continue;
      }
      if (letter != '%') return frame.fail(kPattern);
    }
    if (text.empty() || text.front() != pattern[i]) return frame.fail(kMismatch);
    text.remove_prefix(1);
  }
  if (!text.empty()) return frame.fail(kMismatch);
  if (!exists(at)) return frame.fail("names a day or a time that does not exist");
  out = JsonValue::time(days_of(at.year, at.month, at.day) * kDayMillis + at.hour * 3'600'000LL +
                        at.minute * 60'000LL + at.second * 1'000LL + at.milli);
  return true;
}

}  // namespace weir::expression::body
