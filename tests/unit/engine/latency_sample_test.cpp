#include "engine/latency_sample.h"

#include <gtest/gtest.h>

namespace weir::engine {
namespace {

struct Sample {
  LatencySample sample;
  Histogram since_event;
  Histogram since_read;
  void add(int results, Timestamp event, Timestamp read) {
    for (int i = 0; i < results; ++i) {
      if (sample.is_due()) sample.add(event, read);
    }
  }
  void commit(Timestamp now) { sample.committed(now, since_event, since_read); }
};

TEST(LatencySample, TakesEachOfAFew) {
  Sample some;
  some.add(1000, 1'000, 1'500);
  some.commit(2'000);
  EXPECT_EQ(some.since_event.count(), 1000U);
  EXPECT_DOUBLE_EQ(some.since_event.sum, 1000.0);
  EXPECT_EQ(some.since_read.count(), 1000U);
  EXPECT_DOUBLE_EQ(some.since_read.sum, 500.0);
}

// A thousand came first and waited for a second, the other thirty for none: a sample of the first
// would say that all of them waited.
TEST(LatencySample, StandsForAllOfMany) {
  Sample some;
  some.add(2'000, 0, 0);
  some.add(62'000, 1'000, 1'000);
  some.commit(1'000);
  EXPECT_NEAR(static_cast<double>(some.since_event.count()), 64'000, 200);
  EXPECT_NEAR(some.since_event.sum, 2'000, 200);
}

TEST(LatencySample, TakesMoreAgainWhenThereAreFew) {
  Sample some;
  some.add(64'000, 0, 0);
  for (int commits = 0; commits < 10; ++commits) {
    some.add(1, 0, 0);
    some.commit(1);
  }
  const std::uint64_t before = some.since_event.count();
  some.add(5, 0, 0);
  some.commit(1);
  EXPECT_EQ(some.since_event.count(), before + 5);
}

TEST(LatencySample, WhatWasAbortedIsForgotten) {
  Sample some;
  some.add(3, 0, 0);
  some.sample.aborted();
  some.add(1, 0, 0);
  some.commit(1);
  EXPECT_EQ(some.since_event.count(), 1U);
}

}  // namespace
}  // namespace weir::engine
