#include "engine/output_limits.h"

#include <gtest/gtest.h>

namespace weir::engine {
namespace {

constexpr Timestamp kNow = 1'700'000'000'000;
constexpr std::int64_t kHour = 3'600'000;

OutputRecord record(Timestamp time, std::string_view value = "v") {
  OutputRecord made;
  made.value = value;
  made.timestamp = time;
  return made;
}

TEST(OutputLimits, TakeEverythingWhenNothingIsKnown) {
  const OutputLimits limits = limits_of({});
  EXPECT_EQ(limits.refusal(record(kEndOfTime - 1), kNow), nullptr);
  EXPECT_EQ(limits.refusal(record(-5), kNow), nullptr);
}

// Kafka 4 refuses what is more than an hour ahead; the clocks of two machines differ.
TEST(OutputLimits, RefuseWhatIsTooFarAheadOfTheBroker) {
  const OutputLimits limits = limits_of(
      {{"message.timestamp.after.max.ms", "3600000"}, {"message.timestamp.type", "CreateTime"}});
  EXPECT_EQ(limits.refusal(record(kNow + kHour - 120'000), kNow), nullptr);
  EXPECT_STREQ(limits.refusal(record(kNow + kHour + 1), kNow), "timestamp");
  EXPECT_EQ(limits.refusal(record(kNow - 10 * kHour), kNow), nullptr);
  EXPECT_EQ(limits.refusal(record(limits.nearest(kNow + 5 * kHour, kNow)), kNow), nullptr);
}

TEST(OutputLimits, RefuseWhatIsTooFarBehindIt) {
  const OutputLimits limits = limits_of({{"message.timestamp.before.max.ms", "3600000"}});
  EXPECT_STREQ(limits.refusal(record(kNow - 2 * kHour), kNow), "timestamp");
  EXPECT_EQ(limits.refusal(record(kNow), kNow), nullptr);
}

TEST(OutputLimits, TakeAnyTimeWhereTheBrokerWritesItsOwn) {
  const OutputLimits limits = limits_of(
      {{"message.timestamp.after.max.ms", "3600000"}, {"message.timestamp.type", "LogAppendTime"}});
  EXPECT_EQ(limits.refusal(record(kNow + 9 * kHour), kNow), nullptr);
}

TEST(OutputLimits, CountHeadersAndKeysAsBytes) {
  const OutputLimits limits = limits_of({{"max.message.bytes", "1000"}});
  const std::string half(500, 'x');
  EXPECT_EQ(limits.refusal(record(kNow, half), kNow), nullptr);
  OutputRecord large = record(kNow, half);
  large.key = half;
  EXPECT_STREQ(limits.refusal(large, kNow), "too_large");
  OutputRecord headed = record(kNow, half);
  const Header header{"h", half};
  headed.headers = {&header, 1};
  EXPECT_STREQ(limits.refusal(headed, kNow), "too_large");
}

TEST(OutputLimits, IgnoreSettingsThatAreNoNumbers) {
  const OutputLimits limits =
      limits_of({{"max.message.bytes", "many"}, {"message.timestamp.after.max.ms", ""}});
  EXPECT_EQ(limits.refusal(record(kNow + 9 * kHour), kNow), nullptr);
}

}  // namespace
}  // namespace weir::engine
