// rule   = name offset [name [offset] "," date ["/" time] "," date ["/" time]]
// name   = letters | "<" anything ">"
// offset = [+|-] hours [":" minutes [":" seconds]], west of Greenwich positive
// date   = "J" day 1 to 365, no leap day | day 0 to 365 | "M" month "." week "." weekday
#include <algorithm>
#include <utility>

#include "json/calendar.h"
#include "json/number.h"
#include "json/zone_rules.h"

namespace weir::json {
namespace {

constexpr int kYearsRepeated = 400;
// A change outside of the years 1 to 9999 is damage, or the "beginning of time" of some files.
constexpr std::int64_t kFirstSecond = days_from_civil({1, 1, 1}) * kSecondsPerDay;
constexpr std::int64_t kLastSecond = days_from_civil({9999, 12, 31}) * kSecondsPerDay;

// The day a change falls on, every year, and the second of that day by the clock.
struct YearlyChange {
  char form = 'N';  // 'J', 'N' (a plain number) or 'M'
  int day = 0;      // For 'M', the weekday.
  int month = 0;
  int week = 0;
  int second = 2 * 3600;

  std::int64_t local_second(int year) const { return first_day(year) * kSecondsPerDay + second; }

 private:
  std::int64_t first_day(int year) const {
    const std::int64_t new_year = days_from_civil({year, 1, 1});
    if (form == 'N') return new_year + day;
    if (form == 'J') return new_year + day - (is_leap_year(year) && day >= 60 ? 0 : 1);
    const std::int64_t first = days_from_civil({year, month, 1});
    std::int64_t in_month = (day - weekday(first) + 7) % 7 + (week - 1) * 7;
    if (in_month >= days_in_month(year, month)) in_month -= 7;
    return first + in_month;
  }
};

class RuleText {
 public:
  explicit RuleText(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }
  char front() const { return rest_.empty() ? '\0' : rest_.front(); }
  bool take(char wanted) {
    if (front() != wanted) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool name() {
    std::size_t size = 0;
    if (take('<')) {
      size = rest_.find('>');
      if (size == std::string_view::npos) return false;
      rest_.remove_prefix(size + 1);
      return true;
    }
    const auto is_letter = [](char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; };
    while (size < rest_.size() && is_letter(rest_[size])) ++size;
    rest_.remove_prefix(size);
    return size > 0;
  }

  bool number(int& value, int largest) {
    if (!is_digit(front())) return false;
    value = 0;
    for (; is_digit(front()); rest_.remove_prefix(1)) {
      value = value * 10 + (front() - '0');
      if (value > largest) return false;
    }
    return true;
  }

  // Hours, minutes and seconds, with a sign, as seconds.
  bool clock(int& seconds) {
    const bool negative = take('-');
    if (!negative) take('+');
    int hours = 0;
    int minutes = 0;
    int rest = 0;
    if (!number(hours, 167)) return false;
    if (take(':') && !number(minutes, 59)) return false;
    if (take(':') && !number(rest, 59)) return false;
    seconds = (hours * 60 + minutes) * 60 + rest;
    if (negative) seconds = -seconds;
    return true;
  }

  bool change(YearlyChange& change) {
    if (!take(',')) return false;
    if (take('M')) {
      change.form = 'M';
      const bool good = number(change.month, 12) && take('.') && number(change.week, 5) &&
                        take('.') && number(change.day, 6);
      if (!good || change.month < 1 || change.week < 1) return false;
    } else {
      if (take('J')) change.form = 'J';
      if (!number(change.day, 365)) return false;
    }
    return !take('/') || clock(change.second);
  }

 private:
  std::string_view rest_;
};

struct Rule {
  int standard = 0;  // Offsets east of Greenwich.
  int summer = 0;
  bool has_summer = false;
  YearlyChange to_summer{};
  YearlyChange to_standard{};
};

bool read_rule(std::string_view text, Rule& rule) {
  RuleText rest(text);
  if (!rest.name() || !rest.clock(rule.standard)) return false;
  rule.standard = -rule.standard;
  if (rest.at_end()) return true;
  rule.has_summer = true;
  rule.summer = rule.standard + 3600;
  if (!rest.name()) return false;
  if (rest.front() != ',') {
    if (!rest.clock(rule.summer)) return false;
    rule.summer = -rule.summer;
  }
  return rest.change(rule.to_summer) && rest.change(rule.to_standard) && rest.at_end();
}

int year_of(std::int64_t seconds) {
  const std::int64_t days = seconds / kSecondsPerDay - (seconds % kSecondsPerDay < 0 ? 1 : 0);
  return civil_from_days(days).year;
}

}  // namespace

bool append_posix_rule(std::string_view text, ZoneRules& rules) {
  Rule rule;
  if (!read_rule(text, rule)) return false;
  if (!rule.has_summer) {
    if (rules.changes.empty()) rules.first_offset = rule.standard;
    return true;
  }
  const bool follows = !rules.changes.empty();
  const std::int64_t last = follows ? rules.changes.back().at : 0;
  if (last > kLastSecond) return false;
  const int first_year = follows ? year_of(std::max(last, kFirstSecond)) : 1970;
  for (int year = first_year; year <= first_year + kYearsRepeated + 1; ++year) {
    ZoneChange summer{rule.to_summer.local_second(year) - rule.standard, rule.summer};
    ZoneChange standard{rule.to_standard.local_second(year) - rule.summer, rule.standard};
    if (standard.at < summer.at) std::swap(standard, summer);  // The southern half.
    for (const ZoneChange& change : {summer, standard}) {
      if (!follows || change.at > last) rules.changes.push_back(change);
    }
  }
  rules.repeats = true;
  return true;
}

}  // namespace weir::json
