#include "engine/store_shelf.h"

#include <atomic>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "state/memory_disk.h"

namespace weir::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class StoreShelfTest : public ::testing::Test {
 protected:
  void fill(state::Environment& stores, const std::string& key, const std::string& value) {
    stores.store("s").put(key, value);
    const state::Environment::StoreCommit commit{"s", {}};
    stores.commit({{&commit, 1}, {}});
    stores.flush();
  }
  state::MemoryFiles files_[2];
  std::unique_ptr<state::Environment> first_ = state::open_memory(files_[0]);
  std::unique_ptr<state::Environment> second_ = state::open_memory(files_[1]);
  StoreShelf shelf_;
};

TEST_F(StoreShelfTest, FindsAKeyInWhicheverTaskHasIt) {
  fill(*first_, "a", "1");
  fill(*second_, "b", "2");
  shelf_.put({0, 0}, first_.get());
  shelf_.put({0, 1}, second_.get());
  EXPECT_EQ(**shelf_.get("s", "b"), "2");
  EXPECT_EQ(*shelf_.get("s", "c"), std::nullopt);
}

TEST_F(StoreShelfTest, ScansOneTask) {
  fill(*first_, "a", "1");
  fill(*second_, "b", "2");
  shelf_.put({0, 0}, first_.get());
  shelf_.put({0, 1}, second_.get());
  std::vector<std::string> rows;
  ASSERT_TRUE(shelf_.scan("s", 1, {}, {}, [&](Bytes key, Bytes value) {
    rows.push_back(std::string(key) + "=" + std::string(value));
    return true;
  }));
  EXPECT_THAT(rows, ElementsAre("b=2"));
}

TEST_F(StoreShelfTest, SaysThatAStoreIsNotHere) {
  fill(*first_, "a", "1");
  EXPECT_THAT(shelf_.get("s", "a").error().text, HasSubstr("'s'"));
  shelf_.put({0, 0}, first_.get());
  EXPECT_TRUE(shelf_.get("s", "a"));
  EXPECT_FALSE(shelf_.get("other", "a"));
  EXPECT_FALSE(shelf_.scan("s", 7, {}, {}, [](Bytes, Bytes) { return true; }));
  shelf_.put({0, 0}, nullptr);
  EXPECT_FALSE(shelf_.get("s", "a"));
}

TEST_F(StoreShelfTest, AReaderHoldsUpTheClosing) {
  fill(*first_, "a", "1");
  shelf_.put({0, 0}, first_.get());
  std::atomic<bool> taken{false};
  std::thread closer;
  ASSERT_TRUE(shelf_.scan("s", 0, {}, {}, [&](Bytes, Bytes) {
    closer = std::thread([&] {
      shelf_.put({0, 0}, nullptr);
      taken = true;
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    EXPECT_FALSE(taken);
    return true;
  }));
  closer.join();
  EXPECT_TRUE(taken);
}

}  // namespace
}  // namespace weir::engine
