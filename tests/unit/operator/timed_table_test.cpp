// The memory of stateful operators over a store: loading, dirtiness, rows of news, expiry, abort.
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "state/environment.h"
#include "state/memory_disk.h"
#include <weir/aggregate.h>
#include <weir/detail/timed_table.h>
#include <weir/detail/window_state.h>

namespace weir::detail {
namespace {

using testing::ElementsAre;

// A plain entry: rewritten whole each time.
struct Text {
  std::string text{};
  void write(std::string& out) const { append_bytes(out, text); }
  bool read(std::string_view& in) {
    Bytes bytes;
    if (!read_bytes(in, bytes)) return false;
    text = bytes;
    return true;
  }
  std::size_t memory() const { return text.capacity(); }
};

// An entry that grows: a list of numbers, of which only the new ones are told.
struct Listing {
  std::vector<std::uint64_t> all{};
  std::size_t told_count = 0;

  void write(std::string& out) const { append(out, 0); }
  bool read(std::string_view& in) {
    all.clear();
    return read_news(in);
  }
  std::size_t memory() const { return all.capacity() * 8; }
  bool has_news_rows() const { return true; }
  void write_news(std::string& out) const { append(out, told_count); }
  bool read_news(std::string_view& in) {
    std::uint64_t count = 0;
    if (!read_varint(in, count)) return false;
    for (std::uint64_t number = 0; count > 0 && read_varint(in, number); --count) {
      all.push_back(number);
    }
    return count == 0;
  }
  void told() { told_count = all.size(); }
  void clear() {
    all.clear();
    told_count = 0;
  }

 private:
  void append(std::string& out, std::size_t from) const {
    append_varint(out, all.size() - from);
    for (; from < all.size(); ++from) append_varint(out, all[from]);
  }
};
static_assert(NewsEntry<Listing> && ReusedEntry<Listing>);
static_assert(!NewsEntry<Text> && !ReusedEntry<Text>);

class TimedTableTest : public testing::Test {
 protected:
  void SetUp() override { reopen(); }
  void reopen() {
    environment_.reset();
    environment_ = state::open_memory(*files_);
  }
  state::Store& store() { return environment_->store("table"); }
  void commit() {
    environment_->commit({});
    environment_->flush();
  }
  std::map<std::string, std::string> rows() {
    std::map<std::string, std::string> all;
    store().scan({}, {}, [&](Bytes key, Bytes value) {
      all.emplace(key, value);
      return true;
    });
    return all;
  }
  static std::string key_of(Timestamp bucket, const std::string& rest) {
    std::string key;
    append_time(key, bucket);
    return key + rest;
  }

  static std::string whole_key(Timestamp bucket, const std::string& rest) {
    return key_of(bucket, std::string(1, '\0') + rest);
  }

  std::optional<state::MemoryFiles> files_{std::in_place};
  std::unique_ptr<state::Environment> environment_;
};

template <class E>
std::vector<std::string> keys_in(TimedTable<E>& table, Timestamp bucket) {
  std::vector<std::string> keys;
  table.each(bucket, [&](std::string_view key, const E&) { keys.emplace_back(key); });
  return keys;
}

TEST_F(TimedTableTest, FindsWhatWasMadeInItsBucketOnly) {
  TimedTable<Text> table(Duration{10});
  table.open(store());
  table.at(table.bucket_of(25), "k").text = "v";
  ASSERT_NE(table.find(20, "k"), nullptr);
  EXPECT_EQ(table.find(20, "k")->text, "v");
  EXPECT_EQ(table.find(30, "k"), nullptr);
  EXPECT_EQ(table.find(20, "j"), nullptr);
  Timestamp start = 0;
  EXPECT_NE(table.find_anywhere("k", start), nullptr);
  EXPECT_EQ(start, 20);
  EXPECT_EQ(table.find_anywhere("j", start), nullptr);
}

TEST_F(TimedTableTest, ListsABucketByTheBytesOfItsKeys) {
  TimedTable<Text> table(Duration{10});
  table.open(store());
  for (const char* key : {"b", "", "ab", "\xff", "a"}) table.at(0, key);
  table.erase(0, "ab");
  EXPECT_THAT(keys_in(table, 0), ElementsAre("", "a", "b", "\xff"));
}

TEST_F(TimedTableTest, WritesWhatChangedAndNothingElse) {
  TimedTable<Text> table(Duration{10});
  table.open(store());
  table.at(0, "a").text = "1";
  table.at(0, "b").text = "2";
  table.write_back();
  commit();
  table.at(0, "b").text = "3";
  table.write_back();
  std::vector<std::string> dirty;
  store().each_dirty([&](Bytes key, std::optional<Bytes>) { dirty.emplace_back(key); });
  EXPECT_THAT(dirty, ElementsAre(key_of(0, "b")));
  EXPECT_EQ(rows()[key_of(0, "b")],
            "\x01"
            "3");
}

TEST_F(TimedTableTest, EraseOfWhatWasNeverWrittenWritesNothing) {
  TimedTable<Text> table(Duration{10});
  table.open(store());
  table.at(0, "a");
  table.erase(0, "a");
  table.write_back();
  EXPECT_TRUE(rows().empty());
  EXPECT_EQ(table.find(0, "a"), nullptr);
}

TEST_F(TimedTableTest, AnErasedEntryIsNewWhenItComesBack) {
  TimedTable<Text> table(Duration{10});
  table.open(store());
  table.at(0, "a").text = "old";
  table.write_back();
  table.erase(0, "a");
  EXPECT_EQ(table.at(0, "a").text, "");
}

TEST_F(TimedTableTest, ForgetGoesBackToTheStore) {
  TimedTable<Text> table(Duration{10});
  table.open(store());
  table.at(0, "a").text = "kept";
  table.write_back();
  commit();
  table.at(0, "a").text = "lost";
  table.at(50, "b").text = "lost";
  table.write_back();
  environment_->abort();
  table.forget();
  EXPECT_EQ(table.find(0, "a")->text, "kept");
  EXPECT_EQ(table.last_bucket(), 0);
}

TEST_F(TimedTableTest, DropsABucketThatWasNeverLoaded) {
  {
    TimedTable<Text> table(Duration{10});
    table.open(store());
    table.at(0, "a");
    table.at(10, "b");
    table.write_back();
    commit();
  }
  reopen();
  TimedTable<Text> table(Duration{10});
  table.open(store());
  EXPECT_EQ(table.first_bucket(), 0);
  EXPECT_EQ(table.next_bucket(1), 10);
  EXPECT_EQ(table.next_bucket(11), kEndOfTime);
  table.drop(0);
  EXPECT_EQ(rows().size(), 1u);
  EXPECT_EQ(table.first_bucket(), 10);
}

TEST_F(TimedTableTest, ShrinksToCleanBucketsAndReadsThemAgain) {
  TimedTable<Text> table(Duration{10});
  table.open(store());
  table.at(0, "a").text = std::string(5000, 'x');
  table.write_back();
  table.at(10, "b").text = std::string(5000, 'y');
  table.shrink(0);
  EXPECT_LT(table.bytes(), 8000u);  // The dirty one stays.
  EXPECT_EQ(table.find(0, "a")->text, std::string(5000, 'x'));
  EXPECT_THAT(keys_in(table, 0), ElementsAre("a"));
}

TEST_F(TimedTableTest, TimesBeforeTheEpochHaveBucketsOfTheirOwn) {
  TimedTable<Text> table(Duration{10});
  EXPECT_EQ(table.bucket_of(-1), -10);
  EXPECT_EQ(table.bucket_of(-10), -10);
  EXPECT_EQ(table.bucket_of(0), 0);
  EXPECT_EQ(table.bucket_of(kEndOfTime), kEndOfTime);
}

// ---- Entries that grow -------------------------------------------------------------------------

void fill(Listing& listing, std::uint64_t from, std::uint64_t to) {
  for (; from < to; ++from) listing.all.push_back(from + 1000);  // Two bytes each.
}

TEST_F(TimedTableTest, ASmallEntryIsWrittenWhole) {
  TimedTable<Listing> table(Duration{10});
  table.open(store());
  fill(table.at(0, "k"), 0, 1);
  table.write_back();
  fill(table.at(0, "k"), 1, 2);
  table.write_back();
  EXPECT_EQ(rows(),
            (std::map<std::string, std::string>{{whole_key(0, "k"), "\2\xe8\x07\xe9\x07"}}));
}

TEST_F(TimedTableTest, ALargeEntryTellsItsNewsInRowsOfTheirOwn) {
  TimedTable<Listing> table(Duration{10});
  table.open(store());
  fill(table.at(0, "k"), 0, 200);
  table.write_back();
  commit();
  for (std::uint64_t at = 200; at < 202; ++at) {
    fill(table.at(0, "k"), at, at + 1);
    table.write_back();
  }
  const auto all = rows();
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all.at(whole_key(0, "k")).size(), 2 + 400u);
  // 1200 and 1201 as varints, behind a count of one.
  EXPECT_EQ(all.at(key_of(0, "\1k") + std::string("\0\0\0\0", 4)), "\1\xb0\x09");
  EXPECT_EQ(all.at(key_of(0, "\1k") + std::string("\0\0\0\1", 4)), "\1\xb1\x09");
}

TEST_F(TimedTableTest, NewsThatOutgrowTheWholeBecomeOne) {
  TimedTable<Listing> table(Duration{10});
  table.open(store());
  fill(table.at(0, "k"), 0, 200);
  table.write_back();
  fill(table.at(0, "k"), 200, 380);
  table.write_back();
  EXPECT_EQ(rows().size(), 2u);
  fill(table.at(0, "k"), 380, 420);
  table.write_back();
  EXPECT_EQ(rows().size(), 1u);
  EXPECT_EQ(rows().begin()->second.size(), 2 + 840u);
}

TEST_F(TimedTableTest, ManySmallNewsBecomeOneWholeInTime) {
  TimedTable<Listing> table(Duration{10});
  table.open(store());
  fill(table.at(0, "k"), 0, 4000);
  for (std::uint64_t at = 4000; at < 4200; ++at) {
    table.write_back();
    fill(table.at(0, "k"), at, at + 1);
    ASSERT_LE(rows().size(), 65u);
  }
}

TEST_F(TimedTableTest, NewsAreGoneWithTheirEntry) {
  for (const bool drop : {true, false}) {
    TimedTable<Listing> table(Duration{10});
    table.open(store());
    for (std::uint64_t at = 0; at < 5; ++at) {
      fill(table.at(0, "k"), at * 200, at * 200 + (at == 0 ? 200 : 1));
      table.write_back();
    }
    EXPECT_EQ(rows().size(), 5u);
    drop ? table.drop(0) : table.erase(0, "k");
    table.write_back();
    EXPECT_TRUE(rows().empty());
  }
}

TEST_F(TimedTableTest, MemoryOfDroppedEntriesIsUsedAgainButNotWhatItHeld) {
  TimedTable<Listing> table(Duration{10});
  table.open(store());
  fill(table.at(0, "old"), 0, 1000);
  const std::uint64_t* place = table.at(0, "old").all.data();
  table.drop(0);
  Listing& fresh = table.at(10, "new");
  EXPECT_TRUE(fresh.all.empty());
  EXPECT_EQ(fresh.all.data(), place);
}

// Any mix of changes, commits, aborts, reopenings and shrinking leaves what a map would hold.
TEST_F(TimedTableTest, HoldsWhatAMapHolds) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    environment_.reset();
    files_.emplace();
    reopen();
    std::mt19937 random(seed);
    const auto below = [&](unsigned limit) { return static_cast<unsigned>(random()) % limit; };
    using Model = std::map<std::pair<Timestamp, std::string>, std::vector<std::uint64_t>>;
    Model model, committed;
    auto table = std::make_unique<TimedTable<Listing>>(Duration{10});
    table->open(store());
    for (int step = 0; step < 250; ++step) {
      const Timestamp bucket = below(3) * 10;
      // Keys that are prefixes of each other, and of each other's news.
      const std::string key = std::string("k\0\0\0\0\0\0\0\1", 9).substr(0, 1 + below(9));
      switch (below(12)) {
        case 0:
          table->erase(bucket, key);
          model.erase({bucket, key});
          break;
        case 1:
          if (below(6) != 0) break;
          table->drop(bucket);
          std::erase_if(model, [&](const auto& row) { return row.first.first == bucket; });
          break;
        case 2:
          table->write_back();
          environment_->commit({});
          committed = model;
          if (below(2) == 0) table->shrink(0);
          break;
        case 3:
          environment_->abort();
          table->forget();
          model = committed;
          break;
        case 4:
          environment_->abort();
          environment_->flush();
          reopen();
          table = std::make_unique<TimedTable<Listing>>(Duration{10});
          table->open(store());
          model = committed;
          break;
        default: {
          Listing& listing = table->at(bucket, key);
          std::vector<std::uint64_t>& expected = model[{bucket, key}];
          for (unsigned more = below(2) == 0 ? 1 : below(150); more > 0; --more) {
            expected.push_back(random());
            listing.all.push_back(expected.back());
          }
        }
      }
    }
    Model found;
    for (const Timestamp bucket : {0, 10, 20}) {
      table->each(bucket, [&](std::string_view key, const Listing& listing) {
        found[{bucket, std::string(key)}] = listing.all;
      });
    }
    ASSERT_TRUE(found == model) << "seed " << seed;
  }
}

struct Visit {
  std::string user;
};

TEST(WindowEntry, OfSetsTellsNewMembersOnly) {
  const auto stats = aggregates(count(), distinct(&Visit::user));
  using Entry = WindowEntry<decltype(stats.start())>;
  static_assert(NewsEntry<Entry>);
  Entry entry{stats.start(), 5};
  stats.add(entry.value, Visit{"first"}, 5);
  entry.told();
  stats.add(entry.value, Visit{"second"}, 7);
  entry.newest = 7;
  std::string news;
  entry.write_news(news);
  EXPECT_EQ(news.find("first"), std::string::npos);
  Entry other{stats.start(), 5};
  stats.add(other.value, Visit{"first"}, 5);
  std::string_view in = news;
  ASSERT_TRUE(other.read_news(in));
  EXPECT_EQ(other.newest, 7);
  EXPECT_EQ(other.value, entry.value);
}

}  // namespace
}  // namespace weir::detail
