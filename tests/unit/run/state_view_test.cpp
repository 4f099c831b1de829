#include "run/state_view.h"

#include <fstream>

#include <gmock/gmock.h>
#include <unistd.h>

#include "state/lmdb_environment.h"

namespace weir::run {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class StateViewTest : public ::testing::Test {
 protected:
  StateViewTest() {
    std::string name = (fs::temp_directory_path() / "weir-state-view-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~StateViewTest() override { fs::remove_all(folder_); }

  void write_task(const std::string& task) {
    auto opened = state::open_lmdb(folder_ / task);
    ASSERT_TRUE(opened) << opened.error().text;
    (*opened)->store("counts").put("key", "value");
    const state::Environment::StoreCommit stores[] = {{"counts", {}}};
    (*opened)->commit({.stores = stores});
    (*opened)->close();
  }
  fs::path folder_;
};

TEST_F(StateViewTest, WhereThereIsNoStateItSaysSo) {
  std::ofstream(folder_ / "owner") << "x";
  const auto tasks = tasks_in(folder_);
  ASSERT_FALSE(tasks);
  EXPECT_THAT(tasks.error().text, HasSubstr("there is no state in " + folder_.string()));
  EXPECT_FALSE(tasks_in(folder_ / "nowhere"));
}

TEST_F(StateViewTest, TasksAreInTheOrderOfTheirNumbers) {
  for (const char* task : {"1_0", "0_10", "0_9", "x_1", "instance"}) {
    fs::create_directory(folder_ / task);
  }
  const auto tasks = tasks_in(folder_);
  ASSERT_TRUE(tasks);
  ASSERT_THAT(*tasks, SizeIs(3));
  EXPECT_EQ((*tasks)[0].task, "0_9");
  EXPECT_EQ((*tasks)[1].partition, 10);
  EXPECT_EQ((*tasks)[2].task, "1_0");
}

TEST_F(StateViewTest, ReadsWhatAnotherProcessHasWritten) {
  write_task("0_0");
  const auto tasks = tasks_in(folder_);
  ASSERT_TRUE(tasks);
  auto look = TaskLook::open(tasks->front());
  ASSERT_TRUE(look) << look.error().text;
  StoreOnDisk store(**look, "counts");
  std::string found;
  ASSERT_TRUE(store.scan({}, {}, [&](Bytes key, Bytes value) {
    found += std::string(key) + "=" + std::string(value);
    return true;
  }));
  EXPECT_EQ(found, "key=value");
  const auto now = (*look)->now();
  ASSERT_TRUE(now);
  EXPECT_EQ((*now)->usage("counts").rows, 1U);
  EXPECT_EQ((*now)->usage("counts").bytes, 4096U);  // One page.
  EXPECT_GT((*now)->disk_usage().bytes_mapped, (*now)->disk_usage().bytes_used);
}

TEST_F(StateViewTest, WhatIsNoStateIsAnError) {
  fs::create_directory(folder_ / "0_0");
  std::ofstream(folder_ / "0_0" / "data.mdb") << "no state at all";
  EXPECT_FALSE(TaskLook::open(tasks_in(folder_)->front()));
}

}  // namespace
}  // namespace weir::run
