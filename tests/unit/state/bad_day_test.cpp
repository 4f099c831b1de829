// What an LMDB environment answers when the world is not as it should be.
#include <csignal>
#include <fstream>
#include <functional>
#include <random>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <lmdb.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "state/directory.h"
#include "state/lmdb_environment.h"
#include "world.h"

namespace weir::state::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class BadDay : public testing::Test {
 protected:
  const fs::path& path() const { return directory_.path(); }
  fs::path file() const { return path() / "data.mdb"; }

  static LmdbOptions boot(std::string id) {
    return {.map_bytes = 1 << 20, .boot_id = std::move(id)};
  }

  std::unique_ptr<Environment> open(const LmdbOptions& options = {}) {
    auto opened = open_lmdb(path(), {.fingerprint = "f"}, options);
    EXPECT_TRUE(opened) << (opened ? "" : opened.error().to_string());
    return opened ? std::move(*opened) : nullptr;
  }
  Error refusal() {
    auto opened = open_lmdb(path());
    EXPECT_FALSE(opened);
    return opened ? Error{} : opened.error();
  }
  // Leaves rows and a position behind, without a close.
  void fill(int rows = 2000, const LmdbOptions& options = {}) {
    auto environment = open(options);
    Store& store = environment->store("s");
    for (int i = 0; i < rows; ++i) store.put("key " + std::to_string(i), std::string(100, 'x'));
    commit(*environment, rows);
    environment->flush();
  }
  static void commit(Environment& environment, std::int64_t offset) {
    const Environment::StoreCommit at{"s", {offset, offset}};
    environment.commit({{&at, 1}, "task"});
  }
  static int count(Environment& environment) {
    int rows = 0;
    environment.store("s").scan({}, {}, [&](Bytes, Bytes) { return ++rows > 0; });
    return rows;
  }
  void expect_discarded(const std::string& reason, const LmdbOptions& options = {}) {
    auto environment = open(options);
    ASSERT_TRUE(environment);
    EXPECT_EQ(environment->opening().how, Opening::How::kDiscarded);
    EXPECT_THAT(environment->opening().reason, HasSubstr(reason));
    EXPECT_EQ(environment->store("s").position(), Position{}) << "restores from the start";
    EXPECT_EQ(count(*environment), 0);
    environment->store("s").put("works", "again");
    commit(*environment, 1);
    environment->flush();
    environment.reset();
    EXPECT_EQ(open(options)->opening().how, Opening::How::kKept);
  }
  void overwrite(std::streamoff at, const std::string& bytes) {
    std::fstream out(file(), std::ios::in | std::ios::out | std::ios::binary);
    out.seekp(at);
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }
  // Runs `change` in a write transaction of plain LMDB.
  void with_lmdb(const std::function<void(MDB_txn*)>& change) {
    MDB_env* env = nullptr;
    ASSERT_EQ(mdb_env_create(&env), 0);
    ASSERT_EQ(mdb_env_set_maxdbs(env, 8), 0);
    ASSERT_EQ(mdb_env_open(env, path().c_str(), 0, 0644), 0);
    MDB_txn* txn = nullptr;
    ASSERT_EQ(mdb_txn_begin(env, nullptr, 0, &txn), 0);
    change(txn);
    ASSERT_EQ(mdb_txn_commit(txn), 0);
    mdb_env_close(env);
  }
  void put_plain(const char* database, std::string key, std::string value) {
    with_lmdb([&](MDB_txn* txn) {
      MDB_dbi db = 0;
      ASSERT_EQ(mdb_dbi_open(txn, database, MDB_CREATE, &db), 0);
      MDB_val k{key.size(), key.data()};
      MDB_val v{value.size(), value.data()};
      ASSERT_EQ(mdb_put(txn, db, &k, &v, 0), 0);
    });
  }

  TemporaryDirectory directory_;
};

TEST_F(BadDay, ACrashOfTheProcessCostsNothing) {
  fill(2000, boot("today"));
  auto environment = open(boot("today"));
  EXPECT_EQ(environment->opening().how, Opening::How::kKept);
  EXPECT_EQ(count(*environment), 2000);
}

TEST_F(BadDay, AKilledProcessLeavesRowsAndPositionThatAgree) {
  const pid_t child = fork();
  if (child == 0) {
    auto environment = std::move(*open_lmdb(path()));
    for (int i = 1; i < 1'000'000; ++i) {
      environment->store("s").put(std::to_string(i), "x");
      commit(*environment, i);
      environment->flush();
    }
    _exit(0);
  }
  while (!fs::exists(file()) || fs::file_size(file()) < 100'000) {
    ASSERT_EQ(waitpid(child, nullptr, WNOHANG), 0) << "it writes until it is killed";
    std::this_thread::yield();
  }
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  auto environment = open();
  EXPECT_EQ(environment->opening().how, Opening::How::kKept);
  EXPECT_EQ(count(*environment), environment->store("s").position().offset);
}

TEST_F(BadDay, AnotherBootWithoutACloseDiscards) {
  fill(10, boot("yesterday"));
  expect_discarded("restarted", boot("today"));
}

TEST_F(BadDay, AnUnknownBootWithoutACloseDiscards) {
  fill(10, boot("yesterday"));
  put_plain("meta", "boot", "");
  expect_discarded("restarted", boot("today"));
}

TEST_F(BadDay, AnotherBootAfterACloseKeeps) {
  auto environment = open(boot("yesterday"));
  environment->store("s").put("a", "1");
  commit(*environment, 5);
  environment->close();
  environment = nullptr;
  environment = open(boot("today"));
  EXPECT_EQ(environment->opening().how, Opening::How::kKept);
  EXPECT_EQ(count(*environment), 1);
  // It is in use now: the next boot must not trust the mark of the last close.
  environment = nullptr;
  expect_discarded("restarted", boot("tomorrow"));
}

TEST_F(BadDay, AnotherFormatVersionIsRefusedAndLeftAlone) {
  fill();
  put_plain("meta", "format", "\x07");
  const auto size = fs::file_size(file());
  const Error error = refusal();
  EXPECT_THAT(error.text, HasSubstr("format version 7"));
  EXPECT_THAT(error.text, HasSubstr(path().string()));
  EXPECT_THAT(error.hint, HasSubstr("delete the directory"));
  EXPECT_EQ(fs::file_size(file()), size);
}

TEST_F(BadDay, AFileThatIsNotOursIsRefusedAndLeftAlone) {
  std::ofstream(file()) << "my only copy of the thesis, in a file of an unlucky name"
                        << std::string(9000, ' ');
  EXPECT_THAT(refusal().text, HasSubstr("is not weir's"));
  EXPECT_EQ(fs::file_size(file()), 9056U);
  EXPECT_THAT(refusal().text, HasSubstr("is not weir's")) << "looking does not make it ours";
}

TEST_F(BadDay, ALmdbEnvironmentOfOthersIsRefusedAndLeftAlone) {
  put_plain("addresses", "ann", "12 High Street");
  EXPECT_THAT(refusal().text, HasSubstr("is not weir's"));
  EXPECT_THAT(refusal().text, HasSubstr("is not weir's"));
}

TEST_F(BadDay, AnEmptyFileOfOursDiscards) {
  fill();
  fs::resize_file(file(), 0);
  expect_discarded("cut off");
}

TEST_F(BadDay, ACutOffFileDiscardsAtEveryLength) {
  fill();
  const auto size = fs::file_size(file());
  for (const auto kept :
       {1UL, 100UL, 4096UL, 5000UL, 8192UL, 8193UL, size / 2, size - 4096, size - 1}) {
    fill();
    ASSERT_GE(fs::file_size(file()), size);
    fs::resize_file(file(), kept);
    SCOPED_TRACE(kept);
    expect_discarded("cut off");
    fs::remove(file());
  }
}

TEST_F(BadDay, GarbageInTheHeaderDiscards) {
  std::mt19937_64 random(11);
  for (int round = 0; round < 200; ++round) {
    fill(200);
    std::string garbage(1 + random() % 64, '\0');
    for (char& byte : garbage) byte = static_cast<char>(random());
    // Both pages of the header, so that one of them matters.
    const auto at = static_cast<std::streamoff>(random() % 150);
    overwrite(at, garbage);
    overwrite(4096 + at, garbage);
    auto environment = open();
    ASSERT_TRUE(environment) << "round " << round;
    const auto how = environment->opening().how;
    if (how == Opening::How::kKept) {
      EXPECT_EQ(count(*environment), 200);
    }
    environment.reset();
    fs::remove(file());
  }
}

TEST_F(BadDay, GarbageFromTheFirstByteDiscards) {
  fill();
  overwrite(0, std::string(10'000, 'g'));
  expect_discarded("not an LMDB file");
}

TEST_F(BadDay, DamagedMetaRowsDiscard) {
  fill();
  put_plain("meta", "store/s", "\x80");
  expect_discarded("damaged");
  fill();
  with_lmdb([](MDB_txn* txn) {
    MDB_dbi db = 0;
    ASSERT_EQ(mdb_dbi_open(txn, "meta", 0, &db), 0);
    ASSERT_EQ(mdb_drop(txn, db, 0), 0);
  });
  expect_discarded("no format version");
}

TEST_F(BadDay, ADamagedLongRowIsABrokenWorld) {
  const std::string key(600, 'k');
  {
    auto environment = open();
    environment->store("s").put(key, "value");
    commit(*environment, 1);
    environment->flush();
  }
  std::string scratch;
  put_plain("store/s", std::string(row_key(key, scratch)), "\xff");
  auto environment = open();
  EXPECT_THROW((void)environment->store("s").get(key), BrokenWorld);
  EXPECT_THROW(count(*environment), BrokenWorld);
  environment->store("s").put(key, "other");
  commit(*environment, 2);
  EXPECT_THROW(environment->flush(), BrokenWorld);
}

TEST_F(BadDay, ADirectoryInUseHereIsRefusedWithItsProcess) {
  const auto environment = open();
  const Error error = refusal();
  EXPECT_THAT(error.text, HasSubstr("in use by process " + std::to_string(getpid())));
  EXPECT_THAT(error.hint, HasSubstr("another state directory"));
}

TEST_F(BadDay, ADirectoryInUseElsewhereIsRefusedWithItsProcess) {
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t child = fork();
  if (child == 0) {
    const auto held = Directory::claim(path());
    const char byte = held ? 'y' : 'n';
    if (write(ready[1], &byte, 1) == 1) pause();
    _exit(0);
  }
  char byte = 0;
  ASSERT_EQ(read(ready[0], &byte, 1), 1);
  EXPECT_THAT(refusal().text, HasSubstr("in use by process " + std::to_string(child)));
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  EXPECT_TRUE(open()) << "the claim ends with the process";
}

TEST_F(BadDay, ADirectoryThatCannotBeMadeIsRefused) {
  std::ofstream(path() / "plain file") << "x";
  auto opened = open_lmdb(path() / "plain file" / "task");
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().text, HasSubstr("plain file"));
}

// The map is a few pages at first, so that one flush has to grow it time and again.
TEST_F(BadDay, AFullMapGrowsAndLosesNothing) {
  auto environment = open({.map_bytes = 64 << 10});
  const std::uint64_t before = environment->disk_usage().bytes_mapped;
  Store& store = environment->store("s");
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 20'000; ++i) {
      store.put(std::to_string(i * 7919 % 20'000), std::to_string(round) + std::string(100, 'x'));
    }
    commit(*environment, round);
    environment->flush();
    ASSERT_EQ(count(*environment), 20'000);
    ASSERT_EQ(store.get("17")->front(), '0' + round);
  }
  EXPECT_GT(environment->disk_usage().bytes_mapped, before * 16);
  environment = nullptr;
  // A map smaller than what is there is as large as what is there.
  environment = open({.map_bytes = 64 << 10});
  EXPECT_EQ(count(*environment), 20'000);
}

TEST_F(BadDay, AGrowingMapWaitsForSnapshotsOfOtherThreads) {
  auto environment = open({.map_bytes = 64 << 10});
  environment->store("s").put("a", "1");
  commit(*environment, 1);
  environment->flush();
  std::atomic<bool> stop{false};
  std::atomic<int> looks{0};
  std::thread looking([&] {
    while (!stop) {
      const auto snapshot = environment->snapshot();
      const auto value = snapshot->get("s", "a");
      ASSERT_TRUE(value);
      ASSERT_EQ(*value, "1");
      ++looks;
    }
  });
  for (int i = 0; i < 20; ++i) {
    for (int k = 0; k < 500; ++k) {
      environment->store("s").put(std::to_string(i * 1000 + k), std::string(1000, 'x'));
    }
    commit(*environment, i);
    environment->flush();
  }
  while (looks < 10) std::this_thread::yield();
  stop = true;
  looking.join();
  EXPECT_EQ(count(*environment), 20 * 500 + 1);
}

// A limit on the size of files is as good as a full disk: writing beyond it fails.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    old_action_ = std::signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &old_limit_);
    const rlimit limit{bytes, old_limit_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &old_limit_);
    std::signal(SIGXFSZ, old_action_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit old_limit_{};
  void (*old_action_)(int) = nullptr;
};

TEST_F(BadDay, AFullDiskLosesNothing) {
  fill(100);
  auto environment = open();
  Store& store = environment->store("s");
  for (int i = 0; i < 5000; ++i) store.put("new " + std::to_string(i), std::string(100, 'x'));
  store.erase("key 1");
  commit(*environment, 6000);
  {
    const FileSizeLimit full(200'000);
    for (int attempt = 0; attempt < 3; ++attempt) {
      try {
        environment->flush();
        FAIL() << "nothing was refused";
      } catch (const BrokenWorld& broken) {
        EXPECT_THAT(broken.what(), HasSubstr(path().string()));
      }
      EXPECT_EQ(count(*environment), 5099) << "committed entries are still in memory";
      EXPECT_FALSE(store.get("key 1"));
      EXPECT_EQ(environment->snapshot()->position("s"), (Position{100, 100}));
    }
    store.put("meanwhile", "dirty");
  }
  environment->flush();
  EXPECT_EQ(count(*environment), 5100);
  environment = nullptr;
  environment = open();
  EXPECT_EQ(count(*environment), 5099);
  EXPECT_EQ(environment->store("s").position(), (Position{6000, 6000}));
}

TEST_F(BadDay, AFullDiskAtOpeningIsAnError) {
  const FileSizeLimit full(6000);
  EXPECT_THAT(refusal().text, HasSubstr(path().string()));
}

TEST_F(BadDay, ASnapshotFromAnotherProcessSeesTheLastFlush) {
  auto environment = open({.map_bytes = 64 << 10});
  environment->store("s").put("a", "1");
  environment->store("s").put(std::string(600, 'k'), "long");
  commit(*environment, 5);
  environment->flush();
  int go[2];
  int ready[2];
  ASSERT_EQ(pipe(go), 0);
  ASSERT_EQ(pipe(ready), 0);
  const pid_t child = fork();
  if (child == 0) {
    char byte = 0;
    auto snapshot = open_snapshot(path());
    const bool seen = snapshot && (*snapshot)->get("s", "a") == "1" &&
                      (*snapshot)->get("s", std::string(600, 'k')) == "long" &&
                      !(*snapshot)->get("s", "b") && (*snapshot)->position("s") == Position{5, 5} &&
                      (*snapshot)->stores() == std::vector<std::string>{"s"};
    if (write(ready[1], &byte, 1) != 1 || read(go[0], &byte, 1) != 1) _exit(2);
    // The writer has replaced it since, and grown its map.
    const bool stays = snapshot && (*snapshot)->get("s", "a") == "1";
    snapshot = Error{""};
    auto later = open_snapshot(path());
    const bool follows = later && (*later)->get("s", "a") == "2" && (*later)->get("s", "b");
    _exit(seen && stays && follows ? 0 : 1);
  }
  char byte = 0;
  ASSERT_EQ(read(ready[0], &byte, 1), 1);
  environment->store("s").put("a", "2");
  environment->store("s").put("b", std::string(1 << 20, 'b'));
  commit(*environment, 6);
  environment->flush();
  ASSERT_EQ(write(go[1], &byte, 1), 1);
  int status = -1;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST_F(BadDay, ASnapshotOfAStoppedTaskNeedsNoTask) {
  fill(10);
  const auto snapshot = open_snapshot(path());
  ASSERT_TRUE(snapshot);
  EXPECT_TRUE((*snapshot)->get("s", "key 3"));
}

TEST_F(BadDay, ASnapshotIsRefusedWhereItCannotBeTaken) {
  EXPECT_THAT(open_snapshot(path()).error().text, HasSubstr("no state"));
  const auto environment = open();
  EXPECT_THAT(open_snapshot(path()).error().text, HasSubstr("in use by this process"));
  const TemporaryDirectory other;
  std::ofstream(other.path() / "data.mdb") << "x";
  EXPECT_THAT(open_snapshot(other.path()).error().text, HasSubstr("cannot be read"));
}

}  // namespace
}  // namespace weir::state::test
