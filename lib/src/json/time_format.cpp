#include "json/calendar.h"
#include "json/number.h"
#include <weir/time_format.h>

namespace weir {
namespace {

using json::is_digit;

// Takes its parts off the front of a text.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }
  char front() const { return rest_.empty() ? '\0' : rest_.front(); }

  bool take(char wanted) {
    if (front() != wanted) return false;
    rest_.remove_prefix(1);
    return true;
  }

  // Exactly `count` digits.
  bool digits(std::size_t count, int& number) {
    if (rest_.size() < count) return false;
    int read = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (!is_digit(rest_[i])) return false;
      read = read * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(count);
    number = read;
    return true;
  }

  // One digit or more, of which the first three count.
  bool fraction(int& millis) {
    int worth = 100;
    std::size_t count = 0;
    for (; count < rest_.size() && is_digit(rest_[count]); ++count, worth /= 10) {
      millis += (rest_[count] - '0') * worth;
    }
    rest_.remove_prefix(count);
    return count > 0;
  }

 private:
  std::string_view rest_;
};

// A date and a time of day as written.
struct Written {
  json::CivilDate date{};
  int hour = 0;
  int minute = 0;
  int second = 0;
  int millis = 0;
  bool has_offset = false;
  int offset_seconds = 0;
};

bool read_date(Cursor& text, json::CivilDate& date) {
  return text.digits(4, date.year) && text.take('-') && text.digits(2, date.month) &&
         text.take('-') && text.digits(2, date.day) && date.year >= 1 && date.month >= 1 &&
         date.month <= 12 && date.day >= 1 &&
         date.day <= json::days_in_month(date.year, date.month);
}

bool read_clock(Cursor& text, Written& written) {
  if (!text.digits(2, written.hour) || !text.take(':') || !text.digits(2, written.minute)) {
    return false;
  }
  if (text.take(':')) {
    if (!text.digits(2, written.second)) return false;
    if (text.take('.') && !text.fraction(written.millis)) return false;
  }
  return written.hour <= 23 && written.minute <= 59 && written.second <= 59;
}

bool read_offset(Cursor& text, Written& written) {
  if (text.at_end()) return true;
  written.has_offset = true;
  if (text.take('Z') || text.take('z')) return true;
  const bool west = text.front() == '-';
  if (!text.take('+') && !text.take('-')) return false;
  int hours = 0;
  int minutes = 0;
  if (!text.digits(2, hours)) return false;
  const bool has_colon = text.take(':');
  if ((has_colon || !text.at_end()) && !text.digits(2, minutes)) return false;
  if (hours > 23 || minutes > 59) return false;
  written.offset_seconds = (hours * 60 + minutes) * 60 * (west ? -1 : 1);
  return true;
}

bool read_written(std::string_view text, Written& written) {
  Cursor cursor(text);
  if (!read_date(cursor, written.date)) return false;
  if (cursor.at_end()) return true;
  if (!cursor.take('T') && !cursor.take(' ') && !cursor.take('t')) return false;
  return read_clock(cursor, written) && read_offset(cursor, written) && cursor.at_end();
}

Timestamp resolve(const Written& written, const TimeZone& zone) {
  const std::int64_t local = json::days_from_civil(written.date) * json::kSecondsPerDay +
                             (written.hour * 60 + written.minute) * 60 + written.second;
  const std::int64_t utc = written.has_offset ? local - written.offset_seconds : zone.to_utc(local);
  return utc * 1000 + written.millis;
}

EpochUnit unit_by_size(std::string_view number) {
  std::int64_t whole = 0;
  if (json::scale_number(number, 0, json::Rounding::kFloor, whole) != json::NumberFault::kNone) {
    return EpochUnit::kMicros;
  }
  const auto below = [whole](std::int64_t limit) { return -limit < whole && whole < limit; };
  if (below(100'000'000'000)) return EpochUnit::kSeconds;
  return below(100'000'000'000'000) ? EpochUnit::kMillis : EpochUnit::kMicros;
}

// `places` of a number of that unit make milliseconds.
int places_of(EpochUnit unit) {
  switch (unit) {
    case EpochUnit::kSeconds:
      return 3;
    case EpochUnit::kMicros:
      return -3;
    default:
      return 0;
  }
}

bool read_epoch(std::string_view number, EpochUnit unit, Timestamp& time) {
  if (unit == EpochUnit::kAuto) unit = unit_by_size(number);
  return json::scale_number(number, places_of(unit), json::Rounding::kFloor, time) ==
         json::NumberFault::kNone;
}

constexpr bool has_text(Timestamp time) { return kTimeTextFirst <= time && time <= kTimeTextLast; }

// Two digits and the character behind them.
char* put_two(char* out, int number, char behind) {
  out[0] = static_cast<char>('0' + number / 10);
  out[1] = static_cast<char>('0' + number % 10);
  out[2] = behind;
  return out + 3;
}

}  // namespace

Status parse_time(std::string_view text, const TimeReading& reading, Timestamp& time) {
  Timestamp read = 0;
  Written written;
  if (read_written(text, written)) {
    read = resolve(written, reading.zone);
  } else if (!read_epoch(text, reading.unit, read)) {
    return Error{"not a time", "2025-11-24T10:50:00Z, or a number since 1970"};
  }
  if (!has_text(read)) return Error{"a time outside the years 1 to 9999"};
  time = read;
  return {};
}

char* write_time_text(char* out, Timestamp time) {
  if (!has_text(time)) return nullptr;
  constexpr std::int64_t kMillisPerDay = json::kSecondsPerDay * 1000;
  std::int64_t days = time / kMillisPerDay;
  if (time % kMillisPerDay < 0) --days;
  const int millis = static_cast<int>(time - days * kMillisPerDay);
  const json::CivilDate date = json::civil_from_days(days);
  out = put_two(out, date.year / 100, '0') - 1;
  out = put_two(out, date.year % 100, '-');
  out = put_two(out, date.month, '-');
  out = put_two(out, date.day, 'T');
  out = put_two(out, millis / 3'600'000, ':');
  out = put_two(out, millis / 60'000 % 60, ':');
  out = put_two(out, millis / 1000 % 60, 'Z');
  if (millis % 1000 == 0) return out;
  out[-1] = '.';
  *out++ = static_cast<char>('0' + millis % 1000 / 100);
  return put_two(out, millis % 100, 'Z');
}

bool append_time_text(std::string& out, Timestamp time) {
  char text[kTimeTextMax];
  const char* end = write_time_text(text, time);
  if (end != nullptr) out.append(text, static_cast<std::size_t>(end - text));
  return end != nullptr;
}

}  // namespace weir
