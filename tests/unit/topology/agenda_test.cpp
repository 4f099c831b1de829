// What is due when: the order of taking, keys that stay readable, memory that goes round.
#include <random>
#include <set>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include <weir/detail/agenda.h>

namespace weir::detail {
namespace {

TEST(Agenda, GivesTheEarliestFirstAndEqualTimesByKey) {
  Agenda agenda(Duration{10});
  EXPECT_EQ(agenda.next(), kEndOfTime);
  agenda.enter(30, "c");
  agenda.enter(5, "b");
  agenda.enter(5, "a");
  EXPECT_EQ(agenda.next(), 5);
  EXPECT_EQ(agenda.take().key, "a");
  EXPECT_EQ(agenda.take().key, "b");
  EXPECT_EQ(agenda.next(), 30);
  EXPECT_EQ(agenda.take().key, "c");
  EXPECT_EQ(agenda.next(), kEndOfTime);
}

TEST(Agenda, TakesWhatWasEnteredTwiceOnce) {
  Agenda agenda(Duration{10});
  for (int time = 0; time < 3; ++time) agenda.enter(5, "a");
  agenda.take();
  EXPECT_EQ(agenda.next(), kEndOfTime);
}

TEST(Agenda, AKeyStaysReadableUntilTheNextTake) {
  Agenda agenda(Duration{10});
  agenda.enter(5, "first key");
  const Agenda::Item item = agenda.take();
  for (int at = 0; at < 1000; ++at) agenda.enter(at, "another key " + std::to_string(at));
  EXPECT_EQ(item.key, "first key");
}

TEST(Agenda, ForgetsAllWhenCleared) {
  Agenda agenda(Duration{10});
  agenda.enter(5, "a");
  agenda.clear();
  EXPECT_EQ(agenda.next(), kEndOfTime);
  agenda.enter(7, "b");
  EXPECT_EQ(agenda.take().key, "b");
}

TEST(Agenda, AgreesWithASetWhateverIsEnteredAndTaken) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    Agenda agenda(Duration{1 + static_cast<int>(random() % 20)});
    std::set<std::pair<Timestamp, std::string>> model;
    for (int step = 0; step < 300; ++step) {
      if (random() % 5 < 3) {
        const auto time = static_cast<Timestamp>(random() % 100);
        const std::string key(1 + random() % 3, static_cast<char>('a' + random() % 3));
        agenda.enter(time, key);
        model.emplace(time, key);
      } else if (!model.empty()) {
        const Agenda::Item item = agenda.take();
        ASSERT_EQ(item.time, model.begin()->first) << "seed " << seed;
        ASSERT_EQ(item.key, model.begin()->second) << "seed " << seed;
        model.erase(model.begin());
      }
      ASSERT_EQ(agenda.next(), model.empty() ? kEndOfTime : model.begin()->first);
    }
  }
}

}  // namespace
}  // namespace weir::detail
