#include "engine/input_clock.h"

#include <gtest/gtest.h>

namespace weir::engine {
namespace {

using namespace std::chrono_literals;

TEST(SourceClock, IsTheLargestTimeSoFar) {
  SourceClock clock(1min);
  EXPECT_EQ(clock.reached(), kNoTime);
  clock.accept(50, 0);
  clock.accept(20, 0);
  EXPECT_EQ(clock.reached(), 50);
}

TEST(SourceClock, FollowsTheWallClockWhenSilentAtItsEnd) {
  SourceClock clock(1min);
  clock.accept(1'000, 500'000);
  clock.at_end(true);
  EXPECT_FALSE(clock.tick(559'999));
  EXPECT_EQ(clock.reached(), 1'000);
  EXPECT_TRUE(clock.tick(560'000));
  EXPECT_EQ(clock.reached(), 61'000);  // The largest event time plus the silence.
  EXPECT_TRUE(clock.tick(570'000));
  EXPECT_EQ(clock.reached(), 71'000);
}

TEST(SourceClock, NeverFollowsTheWallClockWhileThereIsBacklog) {
  SourceClock clock(1min);
  clock.accept(1'000, 0);
  clock.at_end(false);
  EXPECT_FALSE(clock.tick(10'000'000));
  EXPECT_EQ(clock.reached(), 1'000);
}

TEST(SourceClock, NeverIsIdleWhenIdleIsSwitchedOff) {
  SourceClock clock(0s);
  clock.accept(1'000, 0);
  clock.at_end(true);
  EXPECT_FALSE(clock.tick(10'000'000));
}

TEST(SourceClock, KeepsIdleTimeAfterARestart) {
  SourceClock clock(1min);
  clock.accept(1'000, 0);
  clock.at_end(true);
  clock.tick(100'000);
  SourceClock again(1min);
  again.resume(clock.state(), 200'000);
  EXPECT_EQ(again.reached(), 101'000);
  again.at_end(true);
  EXPECT_FALSE(again.tick(250'000));  // The silence counts from the restart.
  EXPECT_FALSE(again.empty());
}

TEST(SourceClock, DrainedIsTheEndOfTimeAlsoAfterARestart) {
  SourceClock clock(1min);
  clock.accept(5, 0);
  clock.drain();
  SourceClock again(1min);
  again.resume(clock.state(), 0);
  EXPECT_EQ(again.reached(), kEndOfTime);
}

TEST(SourceClock, HoldsNobodyBackOnlyOnceItIsKnownToBeEmpty) {
  SourceClock clock(1min);
  EXPECT_FALSE(clock.empty());
  clock.at_end(true);
  EXPECT_TRUE(clock.empty());
  clock.accept(7, 0);
  EXPECT_FALSE(clock.empty());
}

TEST(SourceClock, IgnoresStateThatIsNotOurs) {
  for (const char* state : {"", "weir1", "weir1 5", "weir1 5 x", "weir2 5 5", "weir1 5 5 5"}) {
    SourceClock clock(1min);
    clock.resume(state, 0);
    EXPECT_EQ(clock.reached(), kNoTime) << state;
  }
}

Marker from(int upstream, Timestamp reached, bool caught_up = false) {
  return {.upstream = upstream, .tasks = 2, .reached = reached, .caught_up = caught_up};
}

TEST(MarkerClock, IsTheSmallestTimeOfAllUpstreamTasks) {
  MarkerClock clock;
  clock.accept(from(0, 100));
  EXPECT_EQ(clock.reached(), kNoTime);  // The other task has not spoken yet.
  clock.accept(from(1, 30));
  EXPECT_EQ(clock.reached(), 30);
  clock.accept(from(1, 200));
  EXPECT_EQ(clock.reached(), 100);
}

TEST(MarkerClock, NeverGoesBack) {
  MarkerClock clock;
  clock.accept(from(0, 100));
  clock.accept(from(1, 100));
  clock.accept(from(1, 50));  // A task that was rewound tells what it had told before.
  EXPECT_EQ(clock.reached(), 100);
}

TEST(MarkerClock, AnEmptyUpstreamTaskHoldsNobodyBack) {
  MarkerClock clock;
  Marker nothing = from(0, kNoTime);
  nothing.empty = true;
  clock.accept(nothing);
  EXPECT_FALSE(clock.empty());
  clock.accept(from(1, 40));
  EXPECT_EQ(clock.reached(), 40);
  clock.accept(from(0, 10));  // Its first record was older: time stays where it was.
  EXPECT_EQ(clock.reached(), 40);
}

TEST(MarkerClock, IsCaughtUpWhenAllTasksAre) {
  MarkerClock clock;
  EXPECT_FALSE(clock.caught_up());
  clock.accept(from(0, 1, true));
  EXPECT_FALSE(clock.caught_up());
  clock.accept(from(1, 1, true));
  EXPECT_TRUE(clock.caught_up());
  clock.accept(from(1, 1, false));
  EXPECT_FALSE(clock.caught_up());
}

TEST(MarkerClock, KnowsAfterARestartWhatTheMarkersTold) {
  MarkerClock clock;
  clock.accept(from(0, 100, true));
  clock.accept(from(1, 70, true));
  MarkerClock again;
  again.resume(clock.state());
  EXPECT_EQ(again.reached(), 70);
  EXPECT_TRUE(again.caught_up());
  again.accept(from(1, 150, true));
  EXPECT_EQ(again.reached(), 100);
}

// The text is part of what outlives a process: weir/detail/layout.h.
TEST(MarkerClock, KeepsItsStateAsWritten) {
  MarkerClock clock;
  clock.accept({.upstream = 0, .tasks = 4, .reached = 1'000, .caught_up = true});
  clock.accept({.upstream = 1, .tasks = 4, .reached = 1'291});
  clock.accept({.upstream = 2, .tasks = 4, .reached = kEndOfTime});
  const std::string none = std::to_string(kNoTime);
  EXPECT_EQ(clock.state(), "weir1 " + none + " 1000 1 FBbcdB+A-");
  clock.accept({.upstream = 3, .tasks = 4, .empty = true});
  EXPECT_EQ(clock.state(), "weir1 1000 1000 1 FBbcdB+D-");
}

TEST(MarkerClock, RefusesWhatItHasNotWritten) {
  for (const char* state : {"", "weir1", "weir1 5", "weir1 5 5", "weir1 5 5 1", "weir1 5 5 0 B",
                            "weir1 5 5 -1 B", "weir1 5 5 1 Bq", "weir1 5 5 1 I", "weir1 5 5 1 B ",
                            "weir1 5 5 1 Bpppppppppppppppppppppp", "weir2 5 5 1 B"}) {
    MarkerClock clock;
    clock.resume(state);
    EXPECT_EQ(clock.reached(), kNoTime) << state;
  }
}

TEST(MarkerClock, OfManyTasksKeepsAllTimes) {
  constexpr int kTasks = 500;
  const auto time = [](int task) { return 1'700'000'000'000 + task * 997 % 1'000'000; };
  MarkerClock clock;
  for (int task = 0; task < kTasks; ++task) {
    clock.accept({.upstream = task, .tasks = kTasks, .reached = time(task)});
  }
  MarkerClock again;
  again.resume(clock.state());
  EXPECT_EQ(again.state(), clock.state());
  // The only one behind comes forward: time is the least of the others, exactly.
  again.accept({.upstream = 0, .tasks = kTasks, .reached = 1'800'000'000'000});
  EXPECT_EQ(again.reached(), time(1));
}

TEST(MarkerClock, OfVeryManyTasksRoundsTimesDown) {
  constexpr int kTasks = 3'000;
  MarkerClock clock;
  for (int task = 0; task < kTasks; ++task) {
    clock.accept({.upstream = task, .tasks = kTasks, .reached = 1'700'000'000'000 + task * 100});
  }
  const std::string state = clock.state();
  EXPECT_LE(state.size(), 4'096U);  // What brokers keep beside an offset.
  MarkerClock again;
  again.resume(state);
  EXPECT_EQ(again.reached(), 1'700'000'000'000);
  again.accept({.upstream = 0, .tasks = kTasks, .reached = kEndOfTime});
  EXPECT_LE(again.reached(), 1'700'000'000'100);
  for (int task = 1; task < kTasks; ++task) {  // All are known: none has to be heard again.
    again.accept({.upstream = task, .tasks = kTasks, .reached = kEndOfTime});
  }
  EXPECT_EQ(again.reached(), kEndOfTime);
}

TEST(MarkerClock, NewUpstreamTasksCountFromTheirFirstMarkerOn) {
  MarkerClock clock;
  clock.accept(from(0, 10));
  clock.accept(from(1, 10));
  clock.accept({.upstream = 2, .tasks = 3, .reached = 5});
  EXPECT_EQ(clock.reached(), 10);
  clock.accept({.upstream = 0, .tasks = 3, .reached = 90});
  clock.accept({.upstream = 1, .tasks = 3, .reached = 90});
  EXPECT_EQ(clock.reached(), 10);  // Task 2 stands at 5 and holds the others back.
}

}  // namespace
}  // namespace weir::engine
