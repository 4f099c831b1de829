// The contract of an environment, on every disk.
#include "state/environment.h"

#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "world.h"

namespace weir::state::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using RowList = std::vector<std::pair<std::string, std::string>>;

class EnvironmentTest : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (std::string(GetParam()) == "memory") {
      world_ = std::make_unique<MemoryWorld>();
    } else {
      world_ = std::make_unique<LmdbWorld>();
    }
    open();
  }
  void open(Environment::Options options = {.fingerprint = "f1"}) {
    environment_.reset();
    environment_ = world_->open(std::move(options));
  }
  Store& store(std::string_view name = "s") { return environment_->store(name); }
  void commit(Position position = {}, Bytes task = "") {
    store();  // A position is that of an opened store.
    const Environment::StoreCommit at{"s", position};
    environment_->commit({{&at, 1}, task});
  }

  static RowList rows(BytesStore& of, Bytes from = "", Bytes to = "") {
    RowList rows;
    of.scan(from, to, [&](Bytes key, Bytes value) {
      rows.emplace_back(key, value);
      return true;
    });
    return rows;
  }
  static std::string text(std::optional<Bytes> bytes) {
    return bytes ? std::string(*bytes) : "(nothing)";
  }

  std::unique_ptr<World> world_;
  std::unique_ptr<Environment> environment_;
};

INSTANTIATE_TEST_SUITE_P(Disks, EnvironmentTest, testing::Values("memory", "lmdb"),
                         [](const auto& of) { return std::string(of.param); });

TEST_P(EnvironmentTest, BeginsFreshAndEmpty) {
  EXPECT_EQ(environment_->opening().how, Opening::How::kFresh);
  EXPECT_EQ(environment_->opening().fingerprint, "");
  EXPECT_EQ(store().position(), Position{});
  EXPECT_EQ(environment_->task(), "");
  EXPECT_FALSE(store().get("a"));
  EXPECT_THAT(rows(store()), IsEmpty());
}

TEST_P(EnvironmentTest, GivesTheSameStoreForTheSameName) {
  EXPECT_EQ(&store("a"), &store("a"));
  EXPECT_NE(&store("a"), &store("b"));
  store("a").put("k", "of a");
  EXPECT_FALSE(store("b").get("k"));
}

TEST_P(EnvironmentTest, ReadsItsChangesAtOnce) {
  store().put("a", "1");
  EXPECT_EQ(text(store().get("a")), "1");
  store().put("a", "22");
  EXPECT_EQ(text(store().get("a")), "22");
  store().erase("a");
  EXPECT_FALSE(store().get("a"));
}

TEST_P(EnvironmentTest, ReadsThroughThreeLayers) {
  for (const char* key : {"disk", "committed", "dirty"}) store().put(key, "on disk");
  commit();
  environment_->flush();
  for (const char* key : {"committed", "dirty"}) store().put(key, "committed");
  commit();
  store().put("dirty", "dirty");
  EXPECT_EQ(text(store().get("disk")), "on disk");
  EXPECT_EQ(text(store().get("committed")), "committed");
  EXPECT_EQ(text(store().get("dirty")), "dirty");
  EXPECT_THAT(rows(store()), ElementsAre(Pair("committed", "committed"), Pair("dirty", "dirty"),
                                         Pair("disk", "on disk")));
}

TEST_P(EnvironmentTest, ErasedRowsAreHiddenInEveryLayer) {
  for (const char* key : {"a", "b", "c", "d"}) store().put(key, "x");
  commit();
  environment_->flush();
  store().erase("b");
  commit();
  store().erase("c");
  EXPECT_THAT(rows(store()), ElementsAre(Pair("a", "x"), Pair("d", "x")));
  EXPECT_FALSE(store().get("b"));
  EXPECT_FALSE(store().get("c"));
  commit();
  environment_->flush();
  EXPECT_THAT(rows(store()), ElementsAre(Pair("a", "x"), Pair("d", "x")));
}

TEST_P(EnvironmentTest, AnAbortRestoresTheLastCommit) {
  store().put("a", "1");
  commit({5, 50}, "offsets 5");
  store().put("a", "2");
  store("other").put("b", "3");
  environment_->abort();
  EXPECT_EQ(text(store().get("a")), "1");
  EXPECT_FALSE(store("other").get("b"));
  EXPECT_EQ(store().dirty_entries(), 0U);
  EXPECT_EQ(store().position(), (Position{5, 50}));
  EXPECT_EQ(environment_->task(), "offsets 5");
}

TEST_P(EnvironmentTest, ACrashGoesBackToTheLastFlush) {
  store().put("flushed", "1");
  commit({10, 100}, "task 10");
  environment_->flush();
  store().put("committed", "2");
  store().erase("flushed");
  commit({20, 200}, "task 20");
  store().put("dirty", "3");
  open();
  EXPECT_EQ(environment_->opening().how, Opening::How::kKept);
  EXPECT_THAT(rows(store()), ElementsAre(Pair("flushed", "1")));
  EXPECT_EQ(store().position(), (Position{10, 100}));
  EXPECT_EQ(environment_->task(), "task 10");
}

// The store never leads the changelog: a flush between two commits takes nothing uncommitted along,
// and the position is that of the last commit.
TEST_P(EnvironmentTest, AFlushWritesNothingUncommitted) {
  store().put("a", "committed");
  store().put("b", "committed");
  commit({10, 100});
  store().put("a", "dirty");
  store().erase("b");
  store().put("c", "dirty");
  environment_->flush();
  EXPECT_THAT(rows(store()), ElementsAre(Pair("a", "dirty"), Pair("c", "dirty")));
  EXPECT_EQ(store().dirty_entries(), 3U) << "the changelog has not seen them yet";
  open();
  EXPECT_THAT(rows(store()), ElementsAre(Pair("a", "committed"), Pair("b", "committed")));
  EXPECT_EQ(store().position(), (Position{10, 100}));
}

TEST_P(EnvironmentTest, AnAbortAfterAFlushFindsTheCommittedRowsOnDisk) {
  store().put("a", "committed");
  commit();
  store().put("a", "dirty");
  environment_->flush();
  environment_->abort();
  EXPECT_EQ(text(store().get("a")), "committed");
}

TEST_P(EnvironmentTest, ACommitWithoutChangesStillMovesThePosition) {
  commit({7, 70}, "t");
  environment_->flush();
  open();
  EXPECT_EQ(store().position(), (Position{7, 70}));
  EXPECT_EQ(environment_->task(), "t");
}

TEST_P(EnvironmentTest, StoresNotNamedInACommitKeepTheirPosition) {
  commit({7, 70});
  environment_->commit({});
  EXPECT_EQ(store().position(), (Position{7, 70}));
}

TEST_P(EnvironmentTest, FlushesByItselfWhenThereIsEnough) {
  open({.fingerprint = "f1", .flush_bytes_max = 10'000});
  store().put("small", "x");
  commit();
  EXPECT_EQ(environment_->flushes(), 0U);
  store().put("large", std::string(10'000, 'x'));
  commit();
  EXPECT_EQ(environment_->flushes(), 1U);
  EXPECT_EQ(environment_->overlay_bytes(), 0U);
  EXPECT_EQ(text(store().get("small")), "x");
}

TEST_P(EnvironmentTest, AFlushOfNothingWritesNothing) {
  environment_->flush();
  store().put("a", "dirty");
  environment_->flush();
  EXPECT_EQ(environment_->flushes(), 0U);
}

TEST_P(EnvironmentTest, RestoresFromAChangelogInAnyOrder) {
  store().restore("b", "1");
  store().restore("a", "1");
  store().restore("b", std::nullopt);
  store().restore("c", "1");
  store().restore("a", "2");
  environment_->restored("s", {5, 50});
  EXPECT_EQ(store().dirty_entries(), 0U) << "the changelog has it already";
  EXPECT_THAT(rows(store()), ElementsAre(Pair("a", "2"), Pair("c", "1")));
  environment_->flush();
  open();
  EXPECT_THAT(rows(store()), ElementsAre(Pair("a", "2"), Pair("c", "1")));
  EXPECT_EQ(store().position(), (Position{5, 50}));
}

TEST_P(EnvironmentTest, RestoresTheTailOverWhatWasFlushed) {
  for (const char* key : {"a", "b"}) store().put(key, "flushed");
  commit({2, 0});
  environment_->flush();
  open();
  store().restore("b", std::nullopt);
  store().restore("c", "tail");
  environment_->restored("s", {4, 0});
  EXPECT_THAT(rows(store()), ElementsAre(Pair("a", "flushed"), Pair("c", "tail")));
}

TEST_P(EnvironmentTest, ARestoreFlushesInBatches) {
  open({.fingerprint = "f1", .flush_bytes_max = 100, .restore_bytes_max = 50'000});
  for (int i = 0; i < 3000; ++i) {
    store().restore("key " + std::to_string(i % 1000), std::string(100, 'x'));
    if (i % 100 == 99) environment_->restored("s", {i + 1, i});
  }
  EXPECT_GT(environment_->flushes(), 2U);
  EXPECT_LT(environment_->flushes(), 20U);
  open();
  EXPECT_GT(store().position().offset, 2000);
}

TEST_P(EnvironmentTest, KeepsEmptyKeysAndValues) {
  store().put("", "empty key");
  store().put("empty value", "");
  store().put(Bytes("\0", 1), "zero key");
  commit();
  environment_->flush();
  EXPECT_EQ(text(store().get("")), "empty key");
  EXPECT_EQ(text(store().get("empty value")), "");
  EXPECT_THAT(rows(store()),
              ElementsAre(Pair("", "empty key"), Pair(std::string(1, '\0'), "zero key"),
                          Pair("empty value", "")));
  store().erase("");
  commit();
  environment_->flush();
  EXPECT_FALSE(store().get(""));
  EXPECT_EQ(text(store().get(Bytes("\0", 1))), "zero key");
}

// More than LMDB's 511 bytes, alike in the first 600: in memory, on disk and half in each.
TEST_P(EnvironmentTest, KeepsLongKeysInOrder) {
  const std::string prefix(600, 'p');
  std::vector<std::string> keys = {prefix.substr(0, 495), prefix.substr(0, 496)};
  for (int i = 0; i < 1000; ++i) {
    std::string key = prefix;
    append_time(key, i);
    keys.push_back(key);
  }
  keys.push_back(prefix.substr(0, 494) + "q");
  for (std::size_t i = 0; i < keys.size(); i += 2) store().put(keys[i], std::to_string(i));
  commit();
  environment_->flush();
  for (std::size_t i = 1; i < keys.size(); i += 2) store().put(keys[i], std::to_string(i));
  for (int layer = 0; layer < 2; ++layer) {
    std::size_t next = 0;
    store().scan({}, {}, [&](Bytes key, Bytes value) {
      EXPECT_EQ(key, keys[next]);
      EXPECT_EQ(value, std::to_string(next));
      return ++next < keys.size();
    });
    EXPECT_EQ(next, keys.size());
    EXPECT_EQ(rows(store(), keys[500], keys[503]),
              (RowList{{keys[500], "500"}, {keys[501], "501"}, {keys[502], "502"}}));
    EXPECT_EQ(text(store().get(keys[700])), "700");
    EXPECT_FALSE(store().get(prefix + "absent"));
    commit();
    environment_->flush();
  }
  for (const std::string& key : keys) store().erase(key);
  commit();
  environment_->flush();
  EXPECT_THAT(rows(store()), IsEmpty());
  EXPECT_EQ(store().usage().rows, 0U);
}

TEST_P(EnvironmentTest, KeepsLargeValues) {
  const std::string large(3 << 20, 'x');
  store().put("large", large);
  commit();
  environment_->flush();
  EXPECT_EQ(text(store().get("large")), large);
}

TEST_P(EnvironmentTest, ScansRangesAndPrefixes) {
  for (const char* key : {"a", "ab", "ab1", "ab2", "ac", "b"}) store().put(key, "v");
  const auto keys = [&](Bytes from, Bytes to) {
    std::vector<std::string> found;
    for (const auto& [key, value] : rows(store(), from, to)) found.push_back(key);
    return found;
  };
  std::string end = "ab";
  after_prefix(end);
  EXPECT_THAT(keys("ab", end), ElementsAre("ab", "ab1", "ab2"));
  EXPECT_THAT(keys("ab1", "ab1"), IsEmpty());
  EXPECT_THAT(keys("b", "a"), IsEmpty());
  EXPECT_THAT(keys("ac", ""), ElementsAre("ac", "b"));
  EXPECT_THAT(keys("c", ""), IsEmpty());
}

TEST_P(EnvironmentTest, AVisitorMayReadTheStoreAndChangeOthers) {
  for (const char* key : {"a", "b"}) store().put(key, key);
  commit();
  environment_->flush();
  store().put("c", "c");
  store("other");
  std::string seen;
  store().scan({}, {}, [&](Bytes key, Bytes) {
    seen += text(store().get(key));
    store().scan({}, {}, [&](Bytes inner, Bytes) {
      seen += inner;
      return true;
    });
    store("other").put(key, "copied");
    return true;
  });
  EXPECT_EQ(seen, "aabcbabccabc");
  EXPECT_EQ(rows(store("other")).size(), 3U);
}

TEST_P(EnvironmentTest, AWipeEmptiesEverythingForGood) {
  store().put("a", "1");
  commit({5, 50}, "task");
  environment_->flush();
  store().put("b", "2");
  environment_->wipe();
  EXPECT_THAT(rows(store()), IsEmpty());
  EXPECT_EQ(store().position(), Position{});
  EXPECT_EQ(environment_->task(), "");
  open();
  EXPECT_THAT(rows(store()), IsEmpty());
  EXPECT_EQ(store().position(), Position{});
  store().put("c", "3");
  commit();
  environment_->flush();
  EXPECT_THAT(rows(store()), ElementsAre(Pair("c", "3")));
}

TEST_P(EnvironmentTest, AWipeEmptiesStoresThatNoOneOpened) {
  store("old").put("a", "1");
  commit();
  environment_->flush();
  open();
  environment_->wipe();
  EXPECT_THAT(rows(store("old")), IsEmpty());
}

TEST_P(EnvironmentTest, ReportsTheFingerprintOfWhatItFound) {
  store().put("a", "1");
  commit();
  environment_->flush();
  open({.fingerprint = "f2"});
  EXPECT_EQ(environment_->opening().fingerprint, "f1");
  open({.fingerprint = "f2"});
  EXPECT_EQ(environment_->opening().fingerprint, "f1") << "looking changes nothing";
  commit();
  environment_->flush();
  open({.fingerprint = "f3"});
  EXPECT_EQ(environment_->opening().fingerprint, "f2");
}

TEST_P(EnvironmentTest, ACloseKeepsEverything) {
  store().put("a", "1");
  commit({5, 50});
  environment_->close();
  open();
  EXPECT_EQ(environment_->opening().how, Opening::How::kKept);
  EXPECT_THAT(rows(store()), ElementsAre(Pair("a", "1")));
  EXPECT_EQ(store().position(), (Position{5, 50}));
}

TEST_P(EnvironmentTest, ASnapshotShowsTheLastFlushAndStaysThere) {
  store().put("a", "1");
  commit({5, 50});
  environment_->flush();
  store().put("b", "2");
  commit({6, 60});
  std::thread([&] {
    const auto snapshot = environment_->snapshot();
    EXPECT_THAT(snapshot->stores(), ElementsAre("s"));
    EXPECT_EQ(text(snapshot->get("s", "a")), "1");
    EXPECT_FALSE(snapshot->get("s", "b"));
    EXPECT_FALSE(snapshot->get("absent", "b"));
    EXPECT_EQ(snapshot->position("s"), (Position{5, 50}));
    EXPECT_FALSE(snapshot->position("absent"));
  }).join();
  const auto before = environment_->snapshot();
  environment_->flush();
  EXPECT_FALSE(before->get("s", "b"));
  RowList seen;
  environment_->snapshot()->scan("s", "", "", [&](Bytes key, Bytes value) {
    seen.emplace_back(key, value);
    return true;
  });
  EXPECT_THAT(seen, ElementsAre(Pair("a", "1"), Pair("b", "2")));
}

TEST_P(EnvironmentTest, CountsWhatItUses) {
  const std::uint64_t before = environment_->disk_usage().bytes_used;
  for (int i = 0; i < 1000; ++i) store().put(std::to_string(i), std::string(100, 'x'));
  EXPECT_GT(environment_->overlay_bytes(), 100'000U);
  EXPECT_EQ(store().dirty_bytes(), 1000 * 100 + 10 + 90 * 2 + 900 * 3U);
  commit();
  environment_->flush();
  EXPECT_EQ(environment_->overlay_bytes(), 0U);
  EXPECT_EQ(store().usage().rows, 1000U);
  EXPECT_GT(environment_->disk_usage().bytes_used, before + 100'000);
  EXPECT_GE(environment_->disk_usage().bytes_mapped, environment_->disk_usage().bytes_used);
}

using EnvironmentDeathTest = EnvironmentTest;
INSTANTIATE_TEST_SUITE_P(Disks, EnvironmentDeathTest, testing::Values("memory"));

TEST_P(EnvironmentDeathTest, AVisitorThatChangesItsStoreIsAMistake) {
  store().put("a", "1");
  EXPECT_DEATH(store().scan({}, {},
                            [&](Bytes key, Bytes) {
                              store().erase(key);
                              return true;
                            }),
               "not changed while it is scanned");
}

TEST_P(EnvironmentDeathTest, AVisitorThatFlushesOrOpensAStoreIsAMistake) {
  store().put("a", "1");
  const auto visiting = [&](auto action) {
    store().scan({}, {}, [&](Bytes, Bytes) {
      action();
      return true;
    });
  };
  EXPECT_DEATH(visiting([&] { environment_->flush(); }), "flushed while a store is scanned");
  EXPECT_DEATH(visiting([&] { environment_->wipe(); }), "wiped while a store is scanned");
  EXPECT_DEATH(visiting([&] { store("new"); }), "opened before any is scanned");
}

TEST_P(EnvironmentDeathTest, ClosingWithDirtyEntriesIsAMistake) {
  store().put("a", "1");
  EXPECT_DEATH(environment_->close(), "committed or aborted before a close");
}

TEST_P(EnvironmentDeathTest, RestoringOverDirtyEntriesIsAMistake) {
  store().put("a", "1");
  EXPECT_DEATH(store().restore("a", "2"), "restored before it is changed");
}

}  // namespace
}  // namespace weir::state::test
