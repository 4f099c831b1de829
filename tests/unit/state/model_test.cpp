// Random operations on an environment and on std::map side by side.
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "world.h"

namespace weir::state::test {
namespace {

using Rows = std::map<std::string, std::string>;
constexpr const char* kStores[] = {"orders", "payments", "windows"};
constexpr std::size_t kStoreCount = 3;

// Copies the rows of `keys`, or their absence.
void carry(std::set<std::string>& keys, const Rows& from, Rows& to) {
  for (const std::string& key : keys) {
    const auto row = from.find(key);
    if (row == from.end()) {
      to.erase(key);
    } else {
      to[key] = row->second;
    }
  }
  keys.clear();
}

// What the environment should hold, in its three states.
struct Model {
  struct Held {
    Rows now;
    Rows committed;
    Rows flushed;
    Position committed_position;
    Position flushed_position;
    std::set<std::string> dirty;      // In `now`, not in `committed`.
    std::set<std::string> unflushed;  // In `committed`, not in `flushed`.
  };
  Held stores[kStoreCount];
  std::string committed_task;
  std::string flushed_task;
};

// Keys of every kind: empty, zero bytes, times first, short and dense, around the 495 and 511 byte
// limits, and many with one common prefix of 600 bytes.
std::string random_key(std::mt19937_64& random) {
  const auto below = [&](std::uint64_t limit) { return random() % limit; };
  std::string key;
  switch (below(8)) {
    case 0:
      key.assign(below(4), '\0');
      break;
    case 1:
    case 2:
      append_time(key, static_cast<Timestamp>(below(200)) - 20);
      append_varint(key, below(10));
      break;
    case 3:
      for (auto size = below(3); size > 0; --size) key.push_back(static_cast<char>(below(4)));
      break;
    case 4:
      key.assign(490 + below(25), 'k');
      key.push_back(static_cast<char>('a' + below(3)));
      break;
    case 5:
      key.assign(600, 'p');
      append_varint(key, below(400));
      break;
    case 6:
      key.assign(490 + below(10), '\0');
      break;
    default:
      key = "user-" + std::to_string(below(2000));
  }
  return key;
}

std::string random_value(std::mt19937_64& random) {
  const auto pick = random() % 100;
  const std::size_t size = pick == 0 ? random() % 9000 : pick < 10 ? 0 : random() % 60;
  return std::string(size, static_cast<char>('a' + random() % 26));
}

class Pair {
 public:
  Pair(World& world, std::uint64_t seed) : world_(world), random_(seed) { reopen(); }

  void step() {
    const auto pick = random_() % 10'000;
    if (pick < 5'000) {
      change();
    } else if (pick < 8'500) {
      get();
    } else if (pick < 9'900) {
      scan();
    } else if (pick < 9'950) {
      commit();
    } else if (pick < 9'970) {
      abort();
    } else if (pick < 9'990) {
      flush();
    } else if (pick < 9'998) {
      crash();
    } else {
      close();
    }
  }

  void compare_all() {
    for (std::size_t i = 0; i < kStoreCount; ++i) {
      Rows found;
      stores_[i]->scan({}, {}, [&](Bytes key, Bytes value) {
        EXPECT_TRUE(found.empty() || found.rbegin()->first < key) << "rows ascend";
        found.emplace(key, value);
        return true;
      });
      ASSERT_EQ(found, model_.stores[i].now);
    }
  }

 private:
  Store& store_of(std::size_t i) { return *stores_[i]; }

  void reopen() {
    environment_ = world_.open({.fingerprint = "f", .flush_bytes_max = 200'000});
    for (std::size_t i = 0; i < kStoreCount; ++i) {
      stores_[i] = &environment_->store(kStores[i]);
      ASSERT_EQ(store_of(i).position(), model_.stores[i].flushed_position);
    }
    ASSERT_EQ(environment_->task(), model_.flushed_task);
  }

  void change() {
    const std::size_t i = random_() % kStoreCount;
    const std::string key = random_key(random_);
    auto& held = model_.stores[i];
    if (random_() % 4 == 0) {
      store_of(i).erase(key);
      held.now.erase(key);
    } else {
      const std::string value = random_value(random_);
      store_of(i).put(key, value);
      held.now[key] = value;
    }
    held.dirty.insert(key);
  }

  void get() {
    const std::size_t i = random_() % kStoreCount;
    const std::string key = random_key(random_);
    const auto& rows = model_.stores[i].now;
    const auto expected = rows.find(key);
    const std::optional<Bytes> found = store_of(i).get(key);
    ASSERT_EQ(found.has_value(), expected != rows.end());
    if (found) {
      ASSERT_EQ(*found, expected->second);
    }
  }

  void scan() {
    const std::size_t i = random_() % kStoreCount;
    const std::string from = random_key(random_);
    const std::string to = random_() % 4 == 0 ? "" : random_key(random_);
    std::size_t left = random_() % 20;
    const auto& rows = model_.stores[i].now;
    auto expected = rows.lower_bound(from);
    bool stopped = false;
    store_of(i).scan(from, to, [&](Bytes key, Bytes value) {
      EXPECT_FALSE(stopped) << "a scan ends when it is told to";
      EXPECT_NE(expected, rows.end());
      if (expected == rows.end()) return false;
      EXPECT_EQ(key, expected->first);
      EXPECT_EQ(value, expected->second);
      EXPECT_TRUE(to.empty() || key < to);
      ++expected;
      stopped = left-- == 0;
      return !stopped;
    });
    if (!stopped) {
      ASSERT_TRUE(expected == rows.end() || (!to.empty() && expected->first >= to) ||
                  (!to.empty() && to <= from))
          << "a scan leaves nothing out";
    }
  }

  void commit() {
    std::vector<Environment::StoreCommit> at;
    for (std::size_t i = 0; i < kStoreCount; ++i) {
      auto& held = model_.stores[i];
      auto expected = held.dirty;
      std::size_t bytes = 0;
      store_of(i).each_dirty([&](Bytes key, std::optional<Bytes> value) {
        const std::string name(key);
        ASSERT_EQ(expected.erase(name), 1U) << "each dirty key is reported once";
        const auto now = held.now.find(name);
        ASSERT_EQ(value.has_value(), now != held.now.end());
        if (value) {
          ASSERT_EQ(*value, now->second);
        }
        bytes += key.size() + value.value_or("").size();
      });
      ASSERT_TRUE(expected.empty()) << "every dirty key is reported";
      ASSERT_EQ(store_of(i).dirty_entries(), held.dirty.size());
      ASSERT_EQ(store_of(i).dirty_bytes(), bytes);
      held.unflushed.insert(held.dirty.begin(), held.dirty.end());
      carry(held.dirty, held.now, held.committed);
      if (random_() % 4 == 0) continue;
      held.committed_position = {static_cast<std::int64_t>(random_() % 1000),
                                 static_cast<Timestamp>(random_() % 1000)};
      at.push_back({kStores[i], held.committed_position});
    }
    model_.committed_task = std::to_string(random_());
    const std::uint64_t flushes = environment_->flushes();
    environment_->commit({at, model_.committed_task});
    if (environment_->flushes() > flushes) note_flush();
  }

  void abort() {
    environment_->abort();
    for (auto& held : model_.stores) carry(held.dirty, held.committed, held.now);
  }

  void flush() {
    environment_->flush();
    note_flush();
  }

  void note_flush() {
    for (auto& held : model_.stores) {
      carry(held.unflushed, held.committed, held.flushed);
      held.flushed_position = held.committed_position;
    }
    model_.flushed_task = model_.committed_task;
  }

  void crash() {
    environment_.reset();
    for (auto& held : model_.stores) {
      held.now = held.committed = held.flushed;
      held.committed_position = held.flushed_position;
      held.dirty.clear();
      held.unflushed.clear();
    }
    model_.committed_task = model_.flushed_task;
    reopen();
  }

  void close() {
    abort();
    environment_->close();
    note_flush();
    crash();
  }

  World& world_;
  std::mt19937_64 random_;
  Model model_;
  std::unique_ptr<Environment> environment_;
  Store* stores_[kStoreCount] = {};
};

void run(World& world, std::uint64_t seed, int steps) {
  Pair pair(world, seed);
  for (int i = 0; i < steps; ++i) {
    pair.step();
    if (i % 10'000 == 0) pair.compare_all();
    if (::testing::Test::HasFailure()) FAIL() << "seed " << seed << ", step " << i;
  }
  pair.compare_all();
}

TEST(Model, MemoryHoldsWhatAMapHolds) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    MemoryWorld world;
    run(world, seed, 250'000);
  }
}

// The map begins so small that it grows time and again.
TEST(Model, LmdbHoldsWhatAMapHolds) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    LmdbWorld world({.map_bytes = 64 << 10, .boot_id = "boot"});
    run(world, seed, 250'000);
  }
}

}  // namespace
}  // namespace weir::state::test
