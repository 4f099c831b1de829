// Days and months of the proleptic Gregorian calendar, in UTC.
#pragma once

#include <cstdint>

#include <weir/time.h>

namespace weir::expression {

struct Civil {
  std::int64_t year = 1970;
  int month = 1;
  int day = 1;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int milli = 0;
};

inline constexpr std::int64_t kDayMillis = 86'400'000;

// Rounds towards the past, also before 1970.
constexpr std::int64_t floor_divide(std::int64_t a, std::int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

Civil civil_of(Timestamp time);

// Days since 1970-01-01. REQUIRES: month 1 to 12; |year| below a million.
std::int64_t days_of(std::int64_t year, int month, int day);
int days_in_month(std::int64_t year, int month);

}  // namespace weir::expression
