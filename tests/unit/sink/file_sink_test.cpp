#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "unit/sink/disk_limits.h"
#include <weir/file_sink.h>

namespace weir {
namespace {

namespace fs = std::filesystem;
using What = SinkAnswer::What;

// Longer than a test, and no pauses.
constexpr SinkRetry kQuick{
    .give_up_after = Duration(600'000), .pause_first = Duration(1), .pause_last = Duration(1)};

class FileSinkTest : public ::testing::Test {
 protected:
  FileSinkTest() { fs::remove(path_); }
  ~FileSinkTest() override { fs::remove(path_); }

  std::unique_ptr<Sink> open(const SinkRetry& retry = kQuick) const {
    return std::move(*(*file_sink({.path = path_, .retry = retry}))(0));
  }
  static SinkAnswer write(Sink& sink, std::string_view value) {
    const SinkRecord one{.key = "k", .value = value};
    return sink.write({&one, 1});
  }
  static void pause() { std::this_thread::sleep_for(Duration(5)); }
  std::string content() const {
    std::ifstream file(path_);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  const std::string path_ = testing::TempDir() + "weir-file-sink.jsonl";
};

TEST_F(FileSinkTest, AppendsLinesOfAllWorkers) {
  const auto one = open();
  const auto other = open();
  EXPECT_EQ(write(*one, "{\"n\":1}").what, What::done);
  const std::vector<SinkRecord> batch{{.key = "b", .value = "{\"n\":2}"}, {.key = "c"}};
  EXPECT_EQ(other->write(batch).what, What::done);
  for (Sink* sink : {one.get(), other.get()}) {
    EXPECT_EQ(sink->flush().what, What::done);
    sink->close();
  }
  EXPECT_EQ(content(), "{\"n\":1}\n{\"n\":2}\nnull\n");
}

TEST_F(FileSinkTest, SaysAtOnceWhatIsNoFile) {
  for (const char* path : {"/nowhere/at/all", "/", "/dev/null/x"}) {
    EXPECT_FALSE((*file_sink({.path = path}))(0)) << path;
  }
  EXPECT_FALSE(file_sink({}));
}

TEST_F(FileSinkTest, WaitsForRoomAndLeavesNoHalfLine) {
  const auto sink = open();
  EXPECT_EQ(write(*sink, "first").what, What::done);
  SinkAnswer full;
  {
    const tests::FileSizeLimit limit(10);
    full = write(*sink, "second");
  }
  EXPECT_EQ(full.what, What::again);
  EXPECT_NE(full.why.find(path_ + ": cannot write"), std::string::npos) << full.why;
  EXPECT_EQ(content(), "first\n");
  pause();
  EXPECT_EQ(sink->probe().what, What::done);
  EXPECT_EQ(write(*sink, "second").what, What::done);
  EXPECT_EQ(sink->flush().what, What::done);
  EXPECT_EQ(content(), "first\nsecond\n");
}

TEST_F(FileSinkTest, IsThereOnceTheDiskHasRoom) {
  const std::string folder = testing::TempDir() + "weir-file-disk";
  const tests::SmallDisk disk(folder, 128);
  if (!disk.is_there()) GTEST_SKIP() << "only root may make a small disk";
  const auto sink = std::move(*(*file_sink({.path = folder + "/lines", .retry = kQuick}))(0));
  EXPECT_EQ(sink->probe().what, What::done);
  std::ofstream(folder + "/ballast") << std::string(1 << 20, 'x');
  EXPECT_EQ(sink->probe().what, What::again);
  fs::remove(folder + "/ballast");
  pause();
  EXPECT_EQ(sink->probe().what, What::done);
  EXPECT_EQ(fs::file_size(folder + "/lines"), 0U);
}

TEST_F(FileSinkTest, WaitsForADiskThatIsFullFromTheStart) {
  const auto sink = std::move(*(*file_sink({.path = "/dev/full", .retry = kQuick}))(0));
  EXPECT_EQ(write(*sink, "1").what, What::again);
}

TEST_F(FileSinkTest, WaitsUntilItMayHaveAFileOpen) {
  std::unique_ptr<Sink> sink;
  {
    const tests::NoMoreFiles limit;
    sink = open();
    EXPECT_EQ(write(*sink, "1").what, What::again);
  }
  pause();
  EXPECT_EQ(write(*sink, "1").what, What::done);
  EXPECT_EQ(content(), "1\n");
}

TEST_F(FileSinkTest, GivesUpAfterAsLongAsItWasTold) {
  const auto sink =
      open({.give_up_after = Duration(30), .pause_first = Duration(1), .pause_last = Duration(1)});
  SinkAnswer answer;
  {
    const tests::FileSizeLimit limit(0);
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    do {
      pause();
      answer = write(*sink, "1");
    } while (answer.what == What::again && std::chrono::steady_clock::now() < end);
  }
  EXPECT_EQ(answer.what, What::never);
  EXPECT_NE(answer.why.find("given up after"), std::string::npos) << answer.why;
}

}  // namespace
}  // namespace weir
