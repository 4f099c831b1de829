#include "sim/log.h"

#include <string>

#include <gmock/gmock.h>

namespace weir::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr auto kCommitted = kafka::Isolation::kReadCommitted;
constexpr auto kUncommitted = kafka::Isolation::kReadUncommitted;
constexpr std::size_t kAll = 1000;

class LogTest : public ::testing::Test {
 protected:
  std::int64_t append(const char* key, const char* value, Timestamp time = 0,
                      TransactionNumber transaction = kNoTransaction) {
    auto record = std::make_shared<SimRecord>();
    if (key != nullptr) record->key = key;
    if (value != nullptr) record->value = value;
    record->timestamp = time;
    return log_.append(std::move(record), transaction);
  }
  std::vector<std::string> read(std::int64_t from = 0,
                                kafka::Isolation isolation = kCommitted) const {
    std::vector<LogEntry> entries;
    log_.read(from, kAll, isolation, entries);
    std::vector<std::string> seen;
    for (const LogEntry& entry : entries) {
      seen.push_back(std::to_string(entry.offset) + ":" + entry.record->key.value_or("-") + "=" +
                     entry.record->value.value_or("-"));
    }
    return seen;
  }
  Log log_;
};

TEST_F(LogTest, NumbersRecordsFromZero) {
  EXPECT_EQ(log_.end(), 0);
  EXPECT_EQ(append("a", "1"), 0);
  EXPECT_EQ(append("b", "2"), 1);
  EXPECT_EQ(log_.end(), 2);
  EXPECT_THAT(read(1), ElementsAre("1:b=2"));
  EXPECT_THAT(read(2), IsEmpty());
}

TEST_F(LogTest, GoesOnBehindWhatItGave) {
  for (int i = 0; i < 5; ++i) append("k", "v");
  std::vector<LogEntry> entries;
  EXPECT_EQ(log_.read(0, 2, kCommitted, entries), 2);
  EXPECT_EQ(log_.read(2, 3, kCommitted, entries), 5) << "exactly to the end";
  EXPECT_EQ(log_.read(5, 3, kCommitted, entries), 5);
  EXPECT_EQ(entries.size(), 5U);
}

TEST_F(LogTest, HidesAnOpenTransactionAndAllBehindIt) {
  append("a", "before");
  append("b", "open", 0, 7);
  append("c", "behind");
  EXPECT_EQ(log_.stable_end(), 1);
  EXPECT_THAT(read(), ElementsAre("0:a=before"));
  EXPECT_THAT(read(0, kUncommitted), ElementsAre("0:a=before", "1:b=open", "2:c=behind"));
  log_.end_transaction(7, true);
  EXPECT_EQ(log_.stable_end(), 4) << "the marker takes an offset";
  EXPECT_THAT(read(), ElementsAre("0:a=before", "1:b=open", "2:c=behind"));
}

TEST_F(LogTest, SkipsAbortedRecordsAndTheirMarker) {
  append("a", "aborted", 0, 7);
  append("b", "kept", 0, 8);
  log_.end_transaction(7, false);
  EXPECT_EQ(log_.stable_end(), 1) << "8 is still open";
  log_.end_transaction(8, true);
  EXPECT_THAT(read(), ElementsAre("1:b=kept"));
  std::vector<LogEntry> entries;
  EXPECT_EQ(log_.read(2, kAll, kCommitted, entries), 4) << "reading ends behind both markers";
}

TEST_F(LogTest, CompactionKeepsTheLastOfEachKeyAndTheOffsets) {
  append("a", "1");
  append("b", "1");
  append("a", "2");
  append("b", nullptr);
  append("c", "1");
  log_.compact(5, Duration{10});
  EXPECT_THAT(read(), ElementsAre("2:a=2", "3:b=-", "4:c=1"));
  EXPECT_EQ(log_.begin(), 0);
  EXPECT_EQ(log_.end(), 5);
  EXPECT_THAT(read(1), ElementsAre("2:a=2", "3:b=-", "4:c=1")) << "an offset in a gap is good";
  log_.compact(14, Duration{10});
  EXPECT_THAT(read(), ElementsAre("2:a=2", "3:b=-", "4:c=1")) << "met at 5";
  log_.compact(15, Duration{10});
  EXPECT_THAT(read(), ElementsAre("2:a=2", "4:c=1"));
}

TEST_F(LogTest, CompactionMistrustsWhatIsNotCommitted) {
  append("a", "committed");
  append("a", "aborted", 0, 7);
  log_.end_transaction(7, false);
  append("a", "open", 0, 8);
  log_.compact(5, Duration{10});
  EXPECT_THAT(read(), ElementsAre("0:a=committed"));
  log_.end_transaction(8, true);
  EXPECT_THAT(read(), ElementsAre("0:a=committed", "3:a=open"));
  log_.compact(5, Duration{10});
  EXPECT_THAT(read(), ElementsAre("3:a=open"));
  EXPECT_EQ(log_.end(), 5);
}

TEST_F(LogTest, CompactionKeepsTheEndOfTheLogInPlace) {
  append("a", "1", 0, 7);
  log_.end_transaction(7, false);
  log_.compact(5, Duration{10});
  append("a", "2");
  EXPECT_THAT(read(), ElementsAre("2:a=2"));
}

TEST_F(LogTest, DeletesFromTheFront) {
  for (int i = 0; i < 4; ++i) append("k", "v");
  log_.delete_before(3);
  EXPECT_EQ(log_.begin(), 3);
  EXPECT_THAT(read(3), ElementsAre("3:k=v"));
  log_.delete_before(1);
  EXPECT_EQ(log_.begin(), 3) << "never backwards";
}

TEST_F(LogTest, ExpiresByRecordTimeUpToTheFirstYoungRecord) {
  append("a", "old", 10);
  append("b", "young", 100);
  append("c", "old behind young", 20);
  log_.expire(50);
  EXPECT_EQ(log_.begin(), 1);
  EXPECT_THAT(read(1), ElementsAre("1:b=young", "2:c=old behind young"));
}

TEST_F(LogTest, FindsTheFirstRecordAtOrAfterATime) {
  append("a", "1", 10);
  append("b", "2", 30);
  append("c", "3", 20);
  EXPECT_EQ(log_.offset_at(0), 0);
  EXPECT_EQ(log_.offset_at(11), 1);
  EXPECT_EQ(log_.offset_at(30), 1);
  EXPECT_EQ(log_.offset_at(31), 3);
}

TEST_F(LogTest, ABatchOutlivesCompaction) {
  append("a", "1");
  append("a", "2");
  std::vector<LogEntry> entries;
  log_.read(0, kAll, kCommitted, entries);
  log_.compact(5, Duration{10});
  log_.delete_before(2);
  EXPECT_EQ(*entries[0].record->value, "1");
}

}  // namespace
}  // namespace weir::sim
