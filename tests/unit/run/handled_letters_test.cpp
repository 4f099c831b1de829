#include "run/handled_letters.h"

#include <gmock/gmock.h>

#include "sim/sim_cluster.h"

namespace weir::run {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

DeadLetter letter(std::int32_t partition, std::int64_t offset) {
  return {.partition = partition,
          .offset = offset,
          .time = 1000 + offset,
          .reason = "decode",
          .topic = "orders",
          .from_partition = 0,
          .from_offset = offset};
}

class HandledLettersTest : public ::testing::Test {
 protected:
  HandledLettersTest() : cluster_(1), connection_(cluster_.connect()) {}

  // As a sender would, but without transactions.
  void keep(HandledLetters& letters, const std::vector<std::int64_t>& begins = {0, 0}) {
    ASSERT_TRUE(letters.make(*connection_).ok());
    for (const auto& [key, value] : letters.take_changes(begins)) {
      cluster_.append({letters.topic(), 0}, {.key = key, .value = value});
    }
  }
  HandledLetters loaded() {
    HandledLetters letters("shop", "shop.dlq");
    EXPECT_TRUE(letters.load(*connection_).ok());
    return letters;
  }

  sim::SimCluster cluster_;
  std::unique_ptr<sim::Connection> connection_;
};

TEST_F(HandledLettersTest, WithoutATopicNothingIsHandled) { EXPECT_EQ(loaded().size(), 0U); }

TEST_F(HandledLettersTest, RemembersLettersAcrossBlocksAndRuns) {
  HandledLetters first("shop", "shop.dlq");
  for (const std::int64_t offset : {0, 5, 1023, 1024, 9'000'000}) first.add(letter(1, offset));
  keep(first);
  HandledLetters second = loaded();
  EXPECT_EQ(second.size(), 5U);
  for (const std::int64_t offset : {0, 5, 1023, 1024, 9'000'000}) {
    EXPECT_TRUE(second.contains(letter(1, offset))) << offset;
    EXPECT_FALSE(second.contains(letter(0, offset))) << offset;
  }
  EXPECT_FALSE(second.contains(letter(1, 6)));
  second.add(letter(1, 6));
  keep(second);
  EXPECT_EQ(loaded().size(), 6U);
}

TEST_F(HandledLettersTest, OnlyBlocksThatChangedAreWritten) {
  HandledLetters letters("shop", "shop.dlq");
  letters.add(letter(0, 1));
  letters.add(letter(0, 5000));
  EXPECT_THAT(letters.take_changes({0, 0}), SizeIs(2));
  EXPECT_THAT(letters.take_changes({0, 0}), IsEmpty());
  letters.add(letter(0, 2));
  EXPECT_THAT(letters.take_changes({0, 0}), SizeIs(1));
}

// Offsets begin anew with a topic: other letters are other letters.
TEST_F(HandledLettersTest, ATopicThatWasMadeAnewHasNoHandledLetters) {
  HandledLetters first("shop", "shop.dlq");
  first.add(letter(0, 3));
  keep(first);
  DeadLetter other = letter(0, 3);
  other.from_offset = 77;
  EXPECT_FALSE(loaded().contains(other));
}

TEST_F(HandledLettersTest, WhatWasDeletedWithItsLettersIsForgotten) {
  HandledLetters first("shop", "shop.dlq");
  first.add(letter(0, 3));
  first.add(letter(0, 2000));
  keep(first);
  HandledLetters second = loaded();
  keep(second, {1500, 0});
  EXPECT_EQ(loaded().size(), 1U);
  EXPECT_TRUE(loaded().contains(letter(0, 2000)));
}

TEST_F(HandledLettersTest, OtherTopicsOfTheJobAreNotMistaken) {
  HandledLetters first("shop", "old.dlq");
  first.add(letter(0, 3));
  keep(first);
  EXPECT_EQ(loaded().size(), 0U);
}

}  // namespace
}  // namespace weir::run
