#include "engine/job_directory.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/worker.h"

namespace weir::engine {
namespace {

using ::testing::HasSubstr;

class JobDirectoryTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    path_ = std::filesystem::path(::testing::TempDir()) / "job_directory" / test->name();
    std::filesystem::remove_all(path_);
  }
  void TearDown() override { std::filesystem::remove_all(path_); }
  std::string instance() {
    auto claimed = JobDirectory::claim(path_, "job");
    EXPECT_TRUE(claimed) << claimed.error().text;
    return (*claimed)->instance_id();
  }
  std::filesystem::path path_;
};

TEST_F(JobDirectoryTest, KeepsTheNameOfTheInstance) {
  const std::string first = instance();
  EXPECT_EQ(first.size(), 12U);
  EXPECT_EQ(instance(), first);
}

TEST_F(JobDirectoryTest, GivesEachJobAndEachDirectoryAnotherName) {
  const std::string first = instance();
  EXPECT_NE((*JobDirectory::claim(path_, "other"))->instance_id(), first);
}

// A disk that was copied to another machine: both would work under one name.
TEST_F(JobDirectoryTest, TakesANewNameOnAnotherMachine) {
  const std::string first = instance();
  std::ofstream(path_ / "job" / "instance") << first << " another-machine\n";
  const std::string second = instance();
  EXPECT_NE(second, first);
  EXPECT_EQ(instance(), second);
}

TEST_F(JobDirectoryTest, TakesANewNameWhenTheFileIsDamaged) {
  instance();
  std::ofstream(path_ / "job" / "instance", std::ios::trunc).close();
  EXPECT_EQ(instance().size(), 12U);
}

TEST_F(JobDirectoryTest, IsClaimedOnce) {
  auto claimed = JobDirectory::claim(path_, "job");
  auto second = JobDirectory::claim(path_, "job");
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().text, HasSubstr("in use by process"));
}

TEST_F(JobDirectoryTest, SaysThatItCannotBeMade) {
  std::filesystem::create_directories(path_);
  std::ofstream(path_ / "job") << "a file";
  auto claimed = JobDirectory::claim(path_, "job");
  ASSERT_FALSE(claimed);
  EXPECT_THAT(claimed.error().text, HasSubstr("job"));
}

// One worker gives a task back while another one of the process takes it up.
TEST_F(JobDirectoryTest, TellsWhatAnotherWorkerHas) {
  auto claimed = JobDirectory::claim(path_, "job");
  auto stores = (*claimed)->open({0, 3}, "one", {});
  auto second = (*claimed)->open({0, 3}, "one", {});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().position, kInUseHere);
  stores->reset();
  EXPECT_TRUE((*claimed)->open({0, 3}, "one", {}));
}

TEST_F(JobDirectoryTest, RefusesStoresOfAnotherTopology) {
  auto claimed = JobDirectory::claim(path_, "job");
  {
    auto stores = (*claimed)->open({0, 3}, "one", {});
    ASSERT_TRUE(stores) << stores.error().text;
    (*stores)->store("s").put("k", "v");
    (*stores)->commit({});
    (*stores)->close();
  }
  EXPECT_TRUE((*claimed)->open({0, 3}, "one", {}));
  auto other = (*claimed)->open({0, 3}, "two", {});
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().position, kDoesNotFit);
  EXPECT_THAT(other.error().to_string(), HasSubstr("reset the job"));
  EXPECT_TRUE((*claimed)->open({0, 4}, "two", {}));
}

TEST_F(JobDirectoryTest, NamesTheStoresThatDoNotFit) {
  auto claimed = JobDirectory::claim(path_, "job");
  {
    auto stores = (*claimed)->open({0, 3}, "gone:window:1m;kept:join:x;same:join:y;", {});
    ASSERT_TRUE(stores) << stores.error().text;
    (*stores)->store("s").put("k", "v");
    (*stores)->commit({});
    (*stores)->close();
  }
  auto other = (*claimed)->open({0, 3}, "kept:join:z;new:match:1h;same:join:y;", {});
  ASSERT_FALSE(other);
  EXPECT_THAT(other.error().text, HasSubstr("keeps now in 'gone', 'kept', 'new'"));
}

}  // namespace
}  // namespace weir::engine
