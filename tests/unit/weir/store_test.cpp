#include <map>
#include <random>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "state/environment.h"
#include "state/memory_disk.h"
#include <weir/store.h>

namespace weir {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

// Adds up, and writes itself.
struct Total {
  std::int64_t amount = 0;
  void write(std::string& out) const { append_zigzag(out, amount); }
  bool read(std::string_view& in) { return read_zigzag(in, amount); }
  bool operator==(const Total&) const = default;
};

class StoreTest : public ::testing::Test {
 protected:
  void SetUp() override { environment_ = state::open_memory(files_); }
  BytesStore& bytes() { return environment_->store("s"); }
  void commit() {
    const state::Environment::StoreCommit at{"s", {1, 1}};
    environment_->commit({{&at, 1}, ""});
  }
  state::MemoryFiles files_;
  std::unique_ptr<state::Environment> environment_;
};

TEST_F(StoreTest, GivesBackWhatWasPut) {
  Store<std::string, Total> store(bytes());
  EXPECT_EQ(store.get("ann"), std::nullopt);
  store.put("ann", {5});
  store.put("", {7});
  store.put("ann", {6});
  EXPECT_EQ(store.get("ann"), Total{6});
  EXPECT_EQ(store.get(""), Total{7});
  store.erase("ann");
  store.erase("never there");
  EXPECT_EQ(store.get("ann"), std::nullopt);
}

TEST_F(StoreTest, ReadsIntoTheCallersMemory) {
  Store<std::int64_t, std::string> store(bytes());
  store.put(1, "one");
  std::string into = "before";
  EXPECT_FALSE(store.get(2, into));
  EXPECT_EQ(into, "before");
  EXPECT_TRUE(store.get(1, into));
  EXPECT_EQ(into, "one");
}

TEST_F(StoreTest, VisitsEntriesUntilToldToStop) {
  Store<std::int64_t, Total> store(bytes());
  for (const std::int64_t n : {3, 1, 2}) store.put(n, {n * 10});
  std::vector<std::pair<std::int64_t, std::int64_t>> seen;
  store.each([&](std::int64_t key, const Total& total) {
    seen.emplace_back(key, total.amount);
    return seen.size() < 2;
  });
  EXPECT_THAT(seen, ElementsAre(Pair(1, 10), Pair(2, 20)));
  // What it sees of another store may change this one.
  Store<std::int64_t, Total> other(environment_->store("other"));
  store.each([&](std::int64_t key, const Total& total) {
    other.put(key, total);
    return true;
  });
  EXPECT_EQ(other.get(3), Total{30});
}

TEST_F(StoreTest, IsAsOfTheLastCommitAfterAnAbort) {
  Store<std::string, Total> store(bytes());
  store.put("kept", {1});
  commit();
  store.put("kept", {2});
  store.put("lost", {3});
  environment_->abort();
  EXPECT_EQ(store.get("kept"), Total{1});
  EXPECT_EQ(store.get("lost"), std::nullopt);
}

TEST_F(StoreTest, EntriesOfOtherTypesAreABrokenWorldThatSaysWhatToDo) {
  Store<std::string, Total> totals(bytes());
  bytes().put("\x01k", "\x80");
  try {
    (void)totals.get("k");
    FAIL() << "it was read";
  } catch (const BrokenWorld& broken) {
    EXPECT_THAT(broken.what(), HasSubstr("the types of the job have changed"));
  }
  EXPECT_THROW(totals.each([](const std::string&, const Total&) { return true; }), BrokenWorld);
}

TEST_F(StoreTest, NamesTypesSoThatPlansOfOtherTypesDiffer) {
  const KeyValueStore<std::string, Total> one{"s"};
  const KeyValueStore<std::string, std::int64_t> other{"s"};
  EXPECT_EQ(StoreName(one).name, "s");
  EXPECT_NE(StoreName(one).types, StoreName(other).types);
  EXPECT_EQ(StoreName(one).types, (detail::stored_types<std::string, Total>()));
}

TEST_F(StoreTest, CountsWhatAnOperatorKeepsBack) {
  EXPECT_EQ(bytes().kept_back(), 0U);
  bytes().keep_back(100);
  bytes().keep_back(20);
  bytes().hand_over(100);
  EXPECT_EQ(bytes().kept_back(), 20U);
}

TEST_F(StoreTest, HoldsWhatAMapHolds) {
  std::mt19937_64 random(3);
  Store<std::int64_t, std::string> store(bytes());
  std::map<std::int64_t, std::string> now, committed;
  for (int step = 0; step < 20'000; ++step) {
    const auto key = static_cast<std::int64_t>(random() % 500) - 250;
    switch (random() % 8) {
      case 0:
        store.erase(key);
        now.erase(key);
        break;
      case 1:
      case 2:
      case 3:
        now[key] = std::to_string(random());
        store.put(key, now[key]);
        break;
      case 4:
        if (random() % 20 == 0) {
          commit();
          committed = now;
        }
        break;
      case 5:
        if (random() % 40 == 0) {
          environment_->abort();
          now = committed;
        }
        break;
      default: {
        const auto found = store.get(key);
        ASSERT_EQ(found.has_value(), now.contains(key));
        if (found) {
          ASSERT_EQ(*found, now[key]);
        }
      }
    }
  }
  std::map<std::int64_t, std::string> all;
  store.each(
      [&](std::int64_t key, const std::string& value) { return all.emplace(key, value).second; });
  EXPECT_EQ(all, now);
}

}  // namespace
}  // namespace weir
