#include "state/overlay.h"

#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace weir::state {
namespace {

using Changes = std::vector<std::pair<std::string, std::optional<std::string>>>;

std::optional<std::string> own(std::optional<Bytes> bytes) {
  if (!bytes) return std::nullopt;
  return std::string(*bytes);
}

Changes dirty_of(const Overlay& overlay) {
  Changes changes;
  overlay.each_dirty([&](Bytes key, std::optional<Bytes> value) {
    changes.emplace_back(std::string(key), own(value));
  });
  return changes;
}

Changes rows_of(Overlay& overlay) {
  std::vector<Row> rows;
  overlay.committed_rows(rows);
  Changes changes;
  for (const Row& row : rows) changes.emplace_back(std::string(row.key), own(row.value));
  return changes;
}

TEST(Overlay, KnowsNothingAtFirst) {
  Overlay overlay;
  EXPECT_FALSE(overlay.find("a").known);
  EXPECT_FALSE(overlay.has_committed());
  EXPECT_EQ(overlay.bytes(), 0U);
  EXPECT_TRUE(overlay.walk({}).at_end());
}

TEST(Overlay, ReportsDirtyKeysInTheOrderOfTheirFirstChange) {
  Overlay overlay;
  overlay.put("b", "1");
  overlay.put("a", "2");
  overlay.erase("c");
  overlay.put("b", "3");
  overlay.erase("a");
  EXPECT_EQ(dirty_of(overlay), (Changes{{"b", "3"}, {"a", std::nullopt}, {"c", std::nullopt}}));
  EXPECT_EQ(overlay.dirty_entries(), 3U);
  EXPECT_EQ(overlay.dirty_bytes(), 4U);
  overlay.commit();
  EXPECT_EQ(dirty_of(overlay), Changes{});
  EXPECT_EQ(overlay.dirty_bytes(), 0U);
}

TEST(Overlay, AnAbortBringsBackWhatWasCommitted) {
  Overlay overlay;
  overlay.put("kept", "old");
  overlay.erase("gone");
  overlay.commit();
  overlay.put("kept", "new and longer");
  overlay.put("gone", "back");
  overlay.put("fresh", "x");
  overlay.abort();
  EXPECT_EQ(own(overlay.find("kept").value), "old");
  EXPECT_TRUE(overlay.find("gone").known);
  EXPECT_FALSE(overlay.find("gone").value);
  EXPECT_FALSE(overlay.find("fresh").known) << "the disk is asked again";
  EXPECT_EQ(rows_of(overlay), (Changes{{"gone", std::nullopt}, {"kept", "old"}}));
}

TEST(Overlay, OnlyCommittedRowsAreForFlushing) {
  Overlay overlay;
  overlay.put("b", "committed");
  overlay.put("a", "committed");
  overlay.commit();
  overlay.put("b", "dirty");
  overlay.put("c", "dirty");
  EXPECT_EQ(rows_of(overlay), (Changes{{"a", "committed"}, {"b", "committed"}}));
  overlay.forget_committed();
  EXPECT_FALSE(overlay.has_committed());
  EXPECT_FALSE(overlay.find("a").known);
  EXPECT_EQ(dirty_of(overlay), (Changes{{"b", "dirty"}, {"c", "dirty"}}));
  overlay.abort();
  EXPECT_FALSE(overlay.find("b").known);
}

TEST(Overlay, TakesItsOwnViewsAsValues) {
  Overlay overlay;
  overlay.put("a", "abcdef");
  overlay.put("a", overlay.find("a").value->substr(2));
  EXPECT_EQ(own(overlay.find("a").value), "cdef");
  overlay.put("b", *overlay.find("a").value);
  overlay.commit();
  overlay.put("b", std::string(*overlay.find("b").value) + "g");
  EXPECT_EQ(own(overlay.find("a").value), "cdef");
  EXPECT_EQ(own(overlay.find("b").value), "cdefg");
}

// A counter that every commit changes must not fill the memory between flushes.
TEST(Overlay, NeedsNoNewMemoryForAKeyThatChangesAtEveryCommit) {
  Overlay overlay;
  const std::string key = "counter";
  for (int i = 0; i < 2; ++i) {
    overlay.put(key, "0123456789");
    overlay.commit();
  }
  const std::size_t before = overlay.bytes();
  for (int i = 0; i < 10'000; ++i) {
    overlay.put(key, std::to_string(1'000'000'000 + i));
    overlay.commit();
  }
  EXPECT_EQ(overlay.bytes(), before);
  EXPECT_EQ(own(overlay.find(key).value), "1000009999");
}

// Each of two places is left for one half larger again: 3 times the last, itself 1.5 times the
// value.
TEST(Overlay, AGrowingValueLeavesBehindAFewTimesItself) {
  Overlay overlay;
  std::string value;
  for (int i = 0; i < 20'000; ++i) {
    value.push_back('x');
    overlay.put("list", value);
    overlay.commit();
  }
  EXPECT_LT(overlay.bytes(), value.size() * 2 * 3 * 3 / 2 + 1000);
}

TEST(Overlay, WalksInOrderFromAnyKeyWhateverTheOrderOfArrival) {
  std::mt19937_64 random(7);
  std::map<std::string, std::string> model;
  Overlay overlay;
  for (int round = 0; round < 400; ++round) {
    // Now one key at a time, now a thousand: both ways of sorting them in.
    const int added = round % 50 == 0 ? 1000 : 3;
    for (int i = 0; i < added; ++i) {
      std::string key;
      append_time(key, static_cast<Timestamp>(round) * 10 + static_cast<Timestamp>(random() % 50));
      if (random() % 8 == 0) key = std::to_string(random());
      append_varint(key, random() % 100);
      overlay.put(key, key);
      model[key] = key;
    }
    auto from = std::to_string(random());
    if (round % 2 == 0) from = "";
    auto expected = model.lower_bound(from);
    for (auto walk = overlay.walk(from); !walk.at_end(); walk.next(), ++expected) {
      ASSERT_NE(expected, model.end());
      ASSERT_EQ(walk.key(), expected->first);
      ASSERT_EQ(own(walk.value()), expected->second);
    }
    ASSERT_EQ(expected, model.end());
  }
}

TEST(Overlay, ReusesItsMemoryAfterAFlush) {
  Overlay overlay;
  const auto fill = [&] {
    for (int i = 0; i < 5000; ++i)
      overlay.put(std::to_string(i * 7919), "some value of some length");
    overlay.commit();
    return overlay.bytes();
  };
  const std::size_t first = fill();
  overlay.forget_committed();
  EXPECT_EQ(overlay.bytes(), 0U);
  EXPECT_EQ(fill(), first);
}

}  // namespace
}  // namespace weir::state
