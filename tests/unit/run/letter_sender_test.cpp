#include "run/letter_sender.h"

#include <chrono>

#include <gmock/gmock.h>

#include "sim/sim_cluster.h"

namespace weir::run {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

// A dead-letter topic with ten letters of a topic with two partitions.
class LetterSenderTest : public ::testing::Test {
 protected:
  LetterSenderTest() : cluster_(1), connection_(cluster_.connect()) {
    // Marks of what is handled carry the time of this machine, which brokers hold against theirs.
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    cluster_.advance_to(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
    EXPECT_TRUE(cluster_.topics().create({.name = "orders", .partitions = 2}).ok());
    EXPECT_TRUE(cluster_.topics().create({.name = "shop.dlq", .partitions = 1}).ok());
    for (int i = 0; i < 10; ++i) append(i);
  }
  void append(int number) {
    sim::SimRecord record{.key = "k" + std::to_string(number),
                          .value = "{broken",
                          .timestamp = 1000 + number,
                          .headers = {{"trace", "a"}, {"trace", std::nullopt}}};
    const std::pair<std::string, std::string> ours[] = {
        {"__streams.errors.exception", "decode"},
        {"__streams.errors.message", "why"},
        {"__streams.errors.topic", "orders"},
        {"__streams.errors.partition", std::to_string(number % 2)},
        {"__streams.errors.offset", std::to_string(number)},
        {"weir.job", "shop"},
        {"weir.step", "source-orders"},
        {"weir.reason", "decode"},
        {"weir.version", "1"}};
    for (const auto& [name, value] : ours) record.headers.emplace_back(name, value);
    cluster_.append({"shop.dlq", 0}, record);
  }

  // Replays what is not handled yet, at most `most`, and dies without a commit when told so.
  std::size_t replay(std::size_t most, bool commits) {
    HandledLetters handled("shop", "shop.dlq");
    const auto connection = cluster_.connect();
    auto letters = DeadLetters::open(*connection, "shop.dlq");
    EXPECT_TRUE(letters.ok());
    auto sender = LetterSender::open(*connection, "shop", handled, letters.value);
    EXPECT_TRUE(sender.ok()) << sender.outcome.text;
    std::size_t sent = 0;
    const kafka::Outcome read = letters.value.each([&](const DeadLetter& letter) {
      if (handled.contains(letter)) return true;
      EXPECT_TRUE(sender.value->replay(letter).ok());
      return ++sent < most;
    });
    EXPECT_TRUE(read.ok());
    if (commits) {
      const kafka::Outcome done = sender.value->commit();
      EXPECT_TRUE(done.ok()) << done.text;
    }
    return sent;
  }
  std::vector<sim::SimRecord> orders() { return cluster_.records("orders"); }

  sim::SimCluster cluster_;
  std::unique_ptr<sim::Connection> connection_;
};

TEST_F(LetterSenderTest, RecordsGoBackAsTheyWere) {
  EXPECT_EQ(replay(10, true), 10U);
  const auto second = cluster_.records(kafka::Partition{"orders", 1});
  ASSERT_THAT(second, SizeIs(5));
  EXPECT_EQ(second[0].key, "k1");
  EXPECT_EQ(second[0].value, "{broken");
  EXPECT_EQ(second[0].timestamp, 1001);
  const std::vector<std::pair<std::string, std::optional<std::string>>> own = {
      {"trace", "a"}, {"trace", std::nullopt}};
  EXPECT_EQ(second[0].headers, own);
}

TEST_F(LetterSenderTest, NoLetterGoesBackTwice) {
  EXPECT_EQ(replay(4, true), 4U);
  EXPECT_EQ(replay(10, true), 6U);
  EXPECT_EQ(replay(10, true), 0U);
  EXPECT_THAT(orders(), SizeIs(10));
}

// As after SIGKILL: the transaction is open until the next one comes and ends it.
TEST_F(LetterSenderTest, WhoDiesBeforeTheCommitHasReplayedNothing) {
  EXPECT_EQ(replay(7, false), 7U);
  EXPECT_THAT(orders(), IsEmpty());
  EXPECT_EQ(replay(10, true), 10U);
  EXPECT_THAT(orders(), SizeIs(10));
}

TEST_F(LetterSenderTest, OfTwoAtOnceTheFirstIsStopped) {
  HandledLetters handled("shop", "shop.dlq");
  auto letters = DeadLetters::open(*connection_, "shop.dlq");
  auto first = LetterSender::open(*connection_, "shop", handled, letters.value);
  ASSERT_TRUE(first.ok());
  const kafka::Outcome read = letters.value.each([&](const DeadLetter& letter) {
    EXPECT_TRUE(first.value->replay(letter).ok());
    return true;
  });
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(replay(10, true), 10U);
  EXPECT_EQ(first.value->commit().fault, kafka::Fault::kFenced);
  EXPECT_THAT(orders(), SizeIs(10));
}

TEST_F(LetterSenderTest, ADroppedLetterGoesNowhere) {
  HandledLetters handled("shop", "shop.dlq");
  auto letters = DeadLetters::open(*connection_, "shop.dlq");
  auto sender = LetterSender::open(*connection_, "shop", handled, letters.value);
  ASSERT_TRUE(sender.ok());
  const kafka::Outcome read = letters.value.each([&](const DeadLetter& letter) {
    EXPECT_TRUE(sender.value->drop(letter).ok());
    return true;
  });
  ASSERT_TRUE(read.ok());
  ASSERT_TRUE(sender.value->commit().ok());
  EXPECT_EQ(replay(10, true), 0U);
  EXPECT_THAT(orders(), IsEmpty());
}

TEST_F(LetterSenderTest, AMissingTopicIsNamed) {
  HandledLetters handled("shop", "shop.dlq");
  auto letters = DeadLetters::open(*connection_, "shop.dlq");
  auto sender = LetterSender::open(*connection_, "shop", handled, letters.value);
  DeadLetter letter{.time = 1, .reason = "late", .topic = "gone", .from_partition = 0};
  const kafka::Outcome sent = sender.value->replay(letter);
  EXPECT_EQ(sent.fault, kafka::Fault::kMissing);
  EXPECT_EQ(sent.text, "the topic 'gone' does not exist (any more)");
}

}  // namespace
}  // namespace weir::run
