#include "expression/calendar.h"

namespace weir::expression {

namespace {

// Years start in March here: the leap day is then the last of its year, and the months before it
// follow the pattern 31 30 31 30 31, which (153 m + 2) / 5 counts.
constexpr std::int64_t kEraDays = 146'097;             // 400 years.
constexpr std::int64_t kDaysToMarchOfYear0 = 719'468;  // From 0000-03-01 to 1970-01-01.

}  // namespace

std::int64_t days_of(std::int64_t year, int month, int day) {
  const std::int64_t shifted = month <= 2 ? year - 1 : year;
  const std::int64_t era = floor_divide(shifted, 400);
  const std::int64_t year_of_era = shifted - era * 400;
  const int month_from_march = (month + 9) % 12;
  const std::int64_t day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
  const std::int64_t day_of_era =
      year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * kEraDays + day_of_era - kDaysToMarchOfYear0;
}

Civil civil_of(Timestamp time) {
  const std::int64_t days = floor_divide(time, kDayMillis);
  const std::int64_t millis = time - days * kDayMillis;
  const std::int64_t shifted = days + kDaysToMarchOfYear0;
  const std::int64_t era = floor_divide(shifted, kEraDays);
  const std::int64_t day_of_era = shifted - era * kEraDays;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / (kEraDays - 1)) / 365;
  const std::int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t month_from_march = (5 * day_of_year + 2) / 153;
  Civil civil;
  civil.day = static_cast<int>(day_of_year - (153 * month_from_march + 2) / 5 + 1);
  civil.month =
      static_cast<int>(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
  civil.year = year_of_era + era * 400 + (civil.month <= 2 ? 1 : 0);
  civil.hour = static_cast<int>(millis / 3'600'000);
  civil.minute = static_cast<int>(millis / 60'000 % 60);
  civil.second = static_cast<int>(millis / 1'000 % 60);
  civil.milli = static_cast<int>(millis % 1'000);
  return civil;
}

int days_in_month(std::int64_t year, int month) {
  if (month == 12) return 31;
  return static_cast<int>(days_of(year, month + 1, 1) - days_of(year, month, 1));
}

}  // namespace weir::expression
