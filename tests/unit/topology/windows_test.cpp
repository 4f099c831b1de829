// The arithmetic of windows against searching for them, and what is said of their options.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <weir/windows.h>

namespace weir::detail {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

bool holds(const Windows& windows, Timestamp start, Timestamp time) {
  return start <= time && time < start + windows.size.count();
}

TEST(StepWindows, AreThoseThatHoldATimeAndBeginWithTheEpoch) {
  for (const auto& [size, every] : {std::pair{10, 5}, {10, 10}, {10, 3}, {7, 1}, {6, 4}}) {
    const Windows windows{.size = Duration{size}, .every = Duration{every}};
    const StepWindows steps(windows);
    for (Timestamp time = 0; time < 60; ++time) {
      Timestamp first = kNoTime, last = kNoTime;
      for (Timestamp start = 0; start <= time; start += every) {
        if (!holds(windows, start, time)) continue;
        if (first == kNoTime) first = start;
        last = start;
      }
      EXPECT_EQ(steps.first_with(time), first) << size << " every " << every << " at " << time;
      EXPECT_EQ(steps.last_with(time), last) << size << " every " << every << " at " << time;
    }
  }
}

TEST(StepWindows, APaneIsCutByNoStartAndNoEnd) {
  for (const auto& [size, every, pane] :
       {std::tuple{10, 5, 5}, {10, 10, 10}, {10, 3, 1}, {6, 4, 2}}) {
    const StepWindows steps({.size = Duration{size}, .every = Duration{every}});
    EXPECT_EQ(steps.pane_ms(), pane);
    for (Timestamp time = 0; time < 60; ++time) {
      EXPECT_EQ(steps.pane_with(time), time / pane * pane);
    }
  }
}

TEST(StepWindows, WithoutAStepFollowEachOther) {
  const StepWindows steps({.size = 10ms});
  EXPECT_EQ(steps.every_ms(), 10);
  EXPECT_EQ(steps.first_with(19), 10);
  EXPECT_EQ(steps.last_with(19), 10);
}

TEST(StepWindows, CloseAtTheirEndPlusGrace) {
  const StepWindows steps({.size = 10ms, .every = 5ms, .grace = 3ms});
  EXPECT_FALSE(steps.is_closed(0, kNoTime));
  EXPECT_FALSE(steps.is_closed(0, 12));
  EXPECT_TRUE(steps.is_closed(0, 13));
  EXPECT_TRUE(steps.is_closed(0, kEndOfTime));
  EXPECT_EQ(steps.first_open(kNoTime), kNoTime);
  for (Timestamp now = 13; now < 60; ++now) {
    Timestamp open = 0;
    while (steps.is_closed(open, now)) open += 5;
    EXPECT_EQ(steps.first_open(now), open) << now;
  }
}

TEST(Windows, AreSaidInWords) {
  EXPECT_EQ(in_words(Duration{0}), "0s");
  EXPECT_EQ(in_words(Duration{90'250}), "1m30s250ms");
  EXPECT_EQ(in_words(Duration{25h}), "1d1h");
  EXPECT_THAT(in_words(Windows{.size = 10s, .every = 5s, .grace = 30s}, Emit::on_close),
              testing::AllOf(HasSubstr("size 10s"), HasSubstr("every 5s"), HasSubstr("grace 30s"),
                             HasSubstr("on close")));
  EXPECT_THAT(in_words(PerEvent{.size = 10s}, Emit::on_update),
              testing::AllOf(HasSubstr("every event"), HasSubstr("on update")));
  EXPECT_THAT(in_words(Session{.gap = 5min}, Emit::on_close), HasSubstr("gap 5m"));
}

TEST(Windows, AreRefusedWithTheirNameAndTheReason) {
  EXPECT_EQ(wrong_with("w", Windows{.size = 10s, .every = 5s, .grace = 1s}), "");
  EXPECT_THAT(wrong_with("w", Windows{}), HasSubstr("'w': the window's size must be above zero"));
  EXPECT_THAT(wrong_with("w", Windows{.size = 24h * 36'501}), HasSubstr("over a century"));
  EXPECT_THAT(wrong_with("w", Windows{.size = 1s, .every = -1s}),
              HasSubstr("'every' cannot be negative"));
  EXPECT_THAT(wrong_with("w", Windows{.size = 1s, .every = 2s}),
              HasSubstr("'every' (2s) is longer than the window (1s"));
  EXPECT_THAT(wrong_with("w", Windows{.size = 1s, .grace = -1s}), HasSubstr("grace cannot be"));
  EXPECT_THAT(wrong_with("w", Windows{.size = 1s, .grace = 24h * 36'501}),
              HasSubstr("the grace is over a century"));

  EXPECT_EQ(wrong_with("p", PerEvent{}), "");  // Records of one moment.
  EXPECT_THAT(wrong_with("p", PerEvent{.size = -1s}), HasSubstr("size cannot be negative"));
  EXPECT_THAT(wrong_with("p", PerEvent{.size = 1s, .grace = -1s}), HasSubstr("grace cannot be"));
  EXPECT_THAT(wrong_with("p", PerEvent{.size = 24h * 36'501}), HasSubstr("over a century"));

  EXPECT_EQ(wrong_with("s", Session{.gap = 1s}), "");
  EXPECT_THAT(wrong_with("s", Session{}), HasSubstr("the session's gap must be above zero"));
  EXPECT_THAT(wrong_with("s", Session{.gap = 1s, .grace = -1s}), HasSubstr("grace cannot be"));
  EXPECT_THAT(wrong_with("s", Session{.gap = 24h * 36'501}), HasSubstr("over a century"));
}

}  // namespace
}  // namespace weir::detail
