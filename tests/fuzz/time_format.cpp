// Any bytes as a time or as a zone file: nothing crashes, what is read has a text, and the text
// reads back the same.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "json/zone_rules.h"
#include <weir/time_format.h>

namespace {

void require(bool good) {
  if (!good) std::abort();
}

void read_back(weir::Timestamp time) {
  std::string text;
  require(weir::append_time_text(text, time));
  weir::Timestamp again = 0;
  require(static_cast<bool>(weir::parse_time(text, {}, again)) && again == time);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static const weir::Result<weir::TimeZone> berlin = weir::TimeZone::find("Europe/Berlin");
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  for (const weir::EpochUnit unit : {weir::EpochUnit::kAuto, weir::EpochUnit::kSeconds,
                                     weir::EpochUnit::kMillis, weir::EpochUnit::kMicros}) {
    weir::Timestamp time = 0;
    if (weir::parse_time(text, {.zone = {}, .unit = unit}, time)) read_back(time);
    if (berlin && weir::parse_time(text, {.zone = *berlin, .unit = unit}, time)) read_back(time);
  }
  if (const auto rules = weir::json::read_zone_file(text)) {
    for (std::int64_t time = -4'000'000'000; time < 40'000'000'000; time += 999'999'937) {
      const std::int64_t offset = rules->offset_at(rules->to_utc(time));
      require(-1'000'000 < offset && offset < 1'000'000);
    }
  }
  (void)weir::TimeZone::find(text, "/nonexistent");
  return 0;
}
