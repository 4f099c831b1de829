#include "engine/originals.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/held_letter.h"
#include "sim/sim_cluster.h"

namespace weir::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class OriginalsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* topic : {"a", "b"}) {
      ASSERT_TRUE(cluster_.topics().create({.name = topic, .partitions = 2}).ok());
    }
    connection_ = cluster_.connect();
    originals_ = std::make_unique<Originals>(*connection_, topics_);
  }
  void fill(const kafka::Partition& partition, int records) {
    for (int n = 0; n < records; ++n) {
      const std::string name = partition.topic + std::to_string(partition.index);
      cluster_.append(partition, {.key = "k",
                                  .value = name + "-" + std::to_string(n),
                                  .timestamp = n,
                                  .headers = {{"h", name}}});
    }
  }
  static Origin at(const char* topic, int partition, std::int64_t offset) {
    return {origin_topic(topic), partition, offset};
  }
  // Looks until there is nothing more to hear; each place as text, by its number.
  std::vector<std::string> look(const std::vector<Origin>& wanted, Timestamp now = 0) {
    std::vector<std::string> heard(wanted.size());
    originals_->begin(wanted, now);
    steps_ = 1;
    const auto found = [&](std::size_t number, const InputRecord* record) {
      std::string& line = heard[number];
      EXPECT_EQ(line, "") << "heard twice";
      line = record == nullptr ? "gone" : std::string(record->value.value_or("null"));
      if (record == nullptr) return;
      EXPECT_EQ(record->offset, wanted[number].offset);
      EXPECT_EQ(record->timestamp, wanted[number].offset);
      EXPECT_EQ(record->headers.size(), 1U);
    };
    while (!originals_->step(now, found) && steps_ < 100) {
      ++steps_;
      now += 100;
    }
    return heard;
  }

  const std::vector<std::string> topics_{"a", "b"};
  sim::SimCluster cluster_{1};
  std::unique_ptr<sim::Connection> connection_;
  std::unique_ptr<Originals> originals_;
  int steps_ = 0;
};

TEST_F(OriginalsTest, AreFoundWhereverTheyLie) {
  fill({"a", 0}, 30);
  fill({"a", 1}, 30);
  fill({"b", 1}, 30);
  EXPECT_THAT(look({at("b", 1, 7), at("a", 0, 29), at("a", 1, 3), at("a", 0, 2)}),
              ElementsAre("b1-7", "a0-29", "a1-3", "a0-2"));
  EXPECT_THAT(look({at("a", 0, 2)}), ElementsAre("a0-2"));  // Again, behind where it has read.
  EXPECT_THAT(look({}), IsEmpty());
}

TEST_F(OriginalsTest, OfTwoLettersOfOneRecordAreTheSame) {
  fill({"a", 0}, 5);
  EXPECT_THAT(look({at("a", 0, 3), at("a", 0, 3)}), ElementsAre("a0-3", "a0-3"));
}

TEST_F(OriginalsTest, AreFoundAcrossManyRecordsThatNobodyWants) {
  fill({"a", 0}, 20'000);
  EXPECT_THAT(look({at("a", 0, 19'999), at("a", 0, 1), at("a", 0, 2500)}),
              ElementsAre("a0-19999", "a0-1", "a0-2500"));
  EXPECT_EQ(steps_, 1);
}

TEST_F(OriginalsTest, ThatWereDeletedAreGone) {
  fill({"a", 0}, 30);
  fill({"b", 0}, 3);
  cluster_.topics().find(kafka::Partition{"a", 0})->delete_before(10);
  EXPECT_THAT(look({at("a", 0, 4), at("a", 0, 9), at("a", 0, 10), at("b", 0, 1)}),
              ElementsAre("gone", "gone", "a0-10", "b0-1"));
}

TEST_F(OriginalsTest, BehindTheEndOfATopicAreGone) {
  fill({"a", 0}, 3);
  EXPECT_THAT(look({at("a", 0, 3), at("a", 0, 90), at("a", 0, 1)}),
              ElementsAre("gone", "gone", "a0-1"));
}

TEST_F(OriginalsTest, OfTopicsThatAreNoneOfTheJobsAreGone) {
  fill({"a", 0}, 3);
  EXPECT_THAT(look({at("other", 0, 1), at("a", 7, 1), at("a", 0, 1)}),
              ElementsAre("gone", "gone", "a0-1"));
}

TEST_F(OriginalsTest, AreGivenUpWhenTheBrokersDoNotAnswer) {
  fill({"a", 0}, 3);
  fill({"b", 0}, 3);
  cluster_.stand_still({"b", 0}, true);
  EXPECT_THAT(look({at("b", 0, 1), at("a", 0, 1)}), ElementsAre("gone", "a0-1"));
  EXPECT_GT(steps_, 30);  // It has waited four seconds.
  EXPECT_LT(steps_, 50);
  cluster_.stand_still({"b", 0}, false);
  EXPECT_THAT(look({at("b", 0, 1), at("a", 0, 1)}), ElementsAre("b0-1", "a0-1"));
}

TEST_F(OriginalsTest, AreFoundWhenTheBrokersAnswerLate) {
  fill({"a", 0}, 3);
  cluster_.set_down(true);
  originals_->begin({at("a", 0, 2)}, 0);
  std::vector<std::string> heard;
  const auto found = [&](std::size_t, const InputRecord* record) {
    heard.emplace_back(record != nullptr ? *record->value : "gone");
  };
  EXPECT_FALSE(originals_->step(0, found));
  EXPECT_FALSE(originals_->step(1000, found));
  cluster_.set_down(false);
  EXPECT_TRUE(originals_->step(2000, found));
  EXPECT_THAT(heard, ElementsAre("a0-2"));
}

TEST_F(OriginalsTest, AreNotHeardOfOnceTheyAreForgotten) {
  fill({"a", 0}, 3);
  cluster_.set_down(true);
  originals_->begin({at("a", 0, 2)}, 0);
  const auto found = [](std::size_t, const InputRecord*) { FAIL() << "heard"; };
  EXPECT_FALSE(originals_->step(0, found));
  originals_->forget();
  cluster_.set_down(false);
  EXPECT_TRUE(originals_->step(10, found));
}

}  // namespace
}  // namespace weir::engine
