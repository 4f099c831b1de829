#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <thread>

#include <gmock/gmock.h>
#include <zlib.h>
#include <zstd.h>

#include "sink/compress.h"
#include "sink/csv_line.h"
#include "unit/sink/disk_limits.h"
#include <weir/folder_sink.h>

namespace weir::folder_sink_test {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::Pair;
using What = SinkAnswer::What;

constexpr Timestamp kTen = 1'763'978'400'000;  // 2025-11-24T10:00:00Z

// Longer than a test, and no pauses.
constexpr SinkRetry kQuick{
    .give_up_after = Duration(600'000), .pause_first = Duration(1), .pause_last = Duration(1)};

class FolderSinkTest : public ::testing::Test {
 protected:
  FolderSinkTest() {
    options_.path = testing::TempDir() + "weir-folder-" +
                    testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::remove_all(options_.path);
  }
  ~FolderSinkTest() override { fs::remove_all(options_.path); }

  std::unique_ptr<Sink> open(int worker = 0) const {
    auto sink = (*folder_sink(options_))(worker);
    EXPECT_TRUE(sink) << sink.error().text;
    return std::move(*sink);
  }
  // Numbers them on, as the engine does.
  void write(Sink& sink, std::vector<SinkRecord> batch, SinkSource source = {0, 0, 7}) {
    for (SinkRecord& one : batch) {
      one.source = source;
      one.number = ++numbers_[source];
    }
    EXPECT_EQ(sink.write(batch).what, What::done);
  }
  void flush(Sink& sink, const std::vector<SinkRecord>& batch, SinkSource source = {0, 0, 7}) {
    write(sink, batch, source);
    EXPECT_EQ(sink.flush().what, What::done);
  }
  void commit(Sink& sink, const std::vector<SinkRecord>& batch, SinkSource source = {0, 0, 7}) {
    flush(sink, batch, source);
    EXPECT_EQ(sink.settle().what, What::done);
  }
  // Another owner takes up where the last one, who had taken up at `last_number`, has committed.
  void resume(Sink& sink, std::int64_t number, SinkSource source = {0, 0, 7},
              std::int64_t last_owner = 0, std::int64_t last_number = 0) {
    numbers_[source] = number;
    EXPECT_EQ(sink.resume(source, {number, ++owner_, last_owner, last_number}).what, What::done);
  }
  static SinkRecord record(std::string_view value, Timestamp time = kTen,
                           std::optional<std::string_view> key = std::nullopt) {
    return {.key = key, .value = value, .timestamp = time};
  }
  // Folder and bytes of each file that is finished; or of each that is open.
  std::multimap<std::string, std::string> files(bool finished = true) const {
    std::multimap<std::string, std::string> found;
    for (const auto& entry : fs::recursive_directory_iterator(options_.path)) {
      const std::string name = entry.path().filename().string();
      if (!entry.is_regular_file() || name.starts_with('.') == finished) continue;
      if (name.ends_with(".flushed")) continue;
      std::ifstream file(entry.path(), std::ios::binary);
      const std::string folder = fs::relative(entry.path().parent_path(), options_.path).string();
      found.emplace(folder, std::string(std::istreambuf_iterator<char>(file), {}));
    }
    return found;
  }

  FolderOptions options_;
  std::map<SinkSource, std::int64_t> numbers_;
  std::int64_t owner_ = 0;  // The last that was made; what never took up has 0.
};

TEST_F(FolderSinkTest, FinishesAFileInOneStepWhenItHasEnoughRecords) {
  options_.roll_records = 3;
  const auto sink = open();
  commit(*sink, {record("{\"n\":1}"), record("{\"n\":2}")});
  EXPECT_THAT(files(), ElementsAre());
  EXPECT_THAT(files(false), ElementsAre(Pair(".", "{\"n\":1}\n{\"n\":2}\n")));
  commit(*sink, {record("{\"n\":3}"), {.key = "gone"}});
  EXPECT_THAT(files(), ElementsAre(Pair(".", "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\nnull\n")));
  EXPECT_THAT(files(false), ElementsAre());
  commit(*sink, {record("{\"n\":4}")});
  sink->close();
  EXPECT_EQ(files().size(), 2U);
}

TEST_F(FolderSinkTest, NamesFilesByWhatMadeTheirResults) {
  options_.roll_records = 2;
  const auto sink = open();
  commit(*sink, {record("1"), record("2")}, {0, 3, 1'763'981'400'250});
  commit(*sink, {record("3")}, {0, 3, 1'763'981'400'250});
  commit(*sink, {record("1")}, {1, 3, 1'763'981'400'250});
  sink->close();
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(options_.path)) {
    names.push_back(entry.path().filename().string());
  }
  EXPECT_THAT(names, testing::UnorderedElementsAre("part-0_3-1763981400250-1.jsonl",
                                                   "part-0_3-1763981400250-3.jsonl",
                                                   "part-1_3-1763981400250-1.jsonl"));
}

TEST_F(FolderSinkTest, EndsFilesBySizeAndAge) {
  options_.roll_bytes = 10;
  const auto sink = open();
  commit(*sink, {record("{\"a\":1}")});
  EXPECT_EQ(files().size(), 0U);
  commit(*sink, {record("{}")});
  EXPECT_EQ(files().size(), 1U);
  options_.roll_bytes = 0;
  options_.roll_every = Duration(30);
  const auto aging = open(1);
  commit(*aging, {record("{}")}, {0, 1, 7});
  EXPECT_EQ(files().size(), 1U);
  std::this_thread::sleep_for(Duration(40));
  EXPECT_EQ(aging->settle().what, What::done);
  EXPECT_EQ(files().size(), 2U) << "no further result is waited for";
}

TEST_F(FolderSinkTest, HasFoldersByTheTimeOfResultsOrTheirKey) {
  options_.by = FolderBy::hour;
  auto sink = open();
  commit(*sink, {record("1"), record("2", kTen + 3'600'000), record("3", kTen - 86'400'000),
                 record("4", kNoTime)});
  sink->close();
  EXPECT_THAT(
      files(),
      ElementsAre(Pair("date=2025-11-23/hour=10", "3\n"), Pair("date=2025-11-24/hour=10", "1\n"),
                  Pair("date=2025-11-24/hour=11", "2\n"), Pair("date=__none__", "4\n")));
  fs::remove_all(options_.path);
  options_.by = FolderBy::key;
  options_.key_name = "country";
  sink = open();
  commit(*sink,
         {record("1", kTen, "de"), record("2", kTen, "../x"), record("3"), record("4", kTen, "")});
  sink->close();
  EXPECT_THAT(files(), ElementsAre(Pair("country=%00", "4\n"), Pair("country=..%2Fx", "2\n"),
                                   Pair("country=__none__", "3\n"), Pair("country=de", "1\n")));
}

TEST_F(FolderSinkTest, LongKeysHaveFoldersOfTheirOwn) {
  options_.by = FolderBy::key;
  options_.key_name = "k";
  const auto sink = open();
  const std::string same(5000, '\n');  // Three bytes each in a name.
  commit(*sink, {record("1", kTen, same + "a"), record("2", kTen, same + "b"),
                 record("3", kTen, same + "a")});
  sink->close();
  std::vector<std::string> contents;
  for (const auto& [folder, content] : files()) {
    EXPECT_LT(folder.size(), 200U);
    contents.push_back(content);
  }
  EXPECT_THAT(contents, testing::UnorderedElementsAre("1\n3\n", "2\n"));
}

TEST_F(FolderSinkTest, CutsOffAfterACrashWhatWasNeverCommitted) {
  const auto dead = open();  // It never closes before the next one goes on.
  commit(*dead, {record("1"), record("2")});
  flush(*dead, {record("3")});
  write(*dead, {record(std::string(std::size_t{5} << 20, 'x'))});  // Enough to reach the file.
  ASSERT_GT(files(false).begin()->second.size(), std::size_t{5} << 20);
  const auto next = open();
  resume(*next, 2);
  EXPECT_THAT(files(), ElementsAre(Pair(".", "1\n2\n")));
  EXPECT_THAT(files(false), ElementsAre());
  commit(*next, {record("3")});
  next->close();
  EXPECT_THAT(files(), testing::UnorderedElementsAre(Pair(".", "1\n2\n"), Pair(".", "3\n")));
}

TEST_F(FolderSinkTest, KeepsAfterACrashWhatWasCommittedInTheLastMoment) {
  const auto dead = open();
  commit(*dead, {record("1")});
  flush(*dead, {record("2")});  // Kafka had it, and then it died.
  const auto next = open();
  resume(*next, 2);
  EXPECT_THAT(files(), ElementsAre(Pair(".", "1\n2\n")));
}

TEST_F(FolderSinkTest, ForgetsWhatComesAgainAfterAFailedCommit) {
  const auto sink = open();
  commit(*sink, {record("1")});
  commit(*sink, {record("a")}, {0, 1, 7});
  flush(*sink, {record("2")});
  flush(*sink, {record("b")}, {0, 1, 7});
  resume(*sink, 1);
  resume(*sink, 1, {0, 1, 7});
  commit(*sink, {record("2")});
  commit(*sink, {record("b")}, {0, 1, 7});
  sink->close();
  EXPECT_THAT(files(), testing::UnorderedElementsAre(Pair(".", "1\n"), Pair(".", "2\n"),
                                                     Pair(".", "a\n"), Pair(".", "b\n")));
}

TEST_F(FolderSinkTest, IsNotDisturbedByAnEarlierOwnerThatLivesOn) {
  const auto old = open();
  commit(*old, {record("1")});
  flush(*old, {record("2")});
  const auto next = open(1);
  resume(*next, 1);
  // It was cut off from the brokers and does not know it yet.
  write(*old, {record("3")});
  EXPECT_EQ(old->flush().what, What::done);
  EXPECT_EQ(old->settle().what, What::done);
  resume(*next, 1);
  old->close();
  EXPECT_THAT(files(), ElementsAre(Pair(".", "1\n")));
  EXPECT_THAT(files(false), ElementsAre());
}

// The files of one who goes on writing when another has taken up, and is killed only then.
TEST_F(FolderSinkTest, ForgetsWhatAnEarlierOwnerWroteBesideTheOneWhoCommitted) {
  const auto old = open();
  resume(*old, 0);  // Owner 1.
  commit(*old, {record("1")});
  const auto next = open(1);
  resume(*next, 1, {0, 0, 7}, 1, 0);  // Owner 2.
  commit(*next, {record("2"), record("3")});
  const SinkRecord beside{
      .key = {}, .value = "2, too", .timestamp = kTen, .source = {0, 0, 7}, .number = 2};
  EXPECT_EQ(old->write({&beside, 1}).what, What::done);
  EXPECT_EQ(old->flush().what, What::done);
  const auto last = open(2);
  resume(*last, 3, {0, 0, 7}, 2, 1);  // Owner 3.
  EXPECT_THAT(files(), testing::UnorderedElementsAre(Pair(".", "1\n"), Pair(".", "2\n3\n")));
}

TEST_F(FolderSinkTest, HandsAPartitionToAnotherWorker) {
  const auto one = open(0);
  const auto other = open(1);
  commit(*one, {record("1")});
  one->release({0, 0, 7});
  EXPECT_THAT(files(), ElementsAre(Pair(".", "1\n")));
  resume(*other, 1);
  commit(*other, {record("2")});
  flush(*other, {record("3")});
  other->release({0, 0, 7});  // The group took it before the commit.
  resume(*one, 2, {0, 0, 7}, 1, 1);
  EXPECT_THAT(files(), testing::UnorderedElementsAre(Pair(".", "1\n"), Pair(".", "2\n")));
}

TEST_F(FolderSinkTest, LeavesToAnotherLifeOfTheJobWhatThisOneHad) {
  const auto dead = open();
  commit(*dead, {record("1")});
  commit(*dead, {record("2")});
  flush(*dead, {record("never committed")}, {0, 1, 7});
  const auto next = open();
  resume(*next, 0, {0, 0, 8});
  resume(*next, 0, {0, 1, 8});
  commit(*next, {record("1 again")}, {0, 0, 8});
  next->close();
  EXPECT_THAT(files(), testing::UnorderedElementsAre(Pair(".", "1\n2\n"), Pair(".", "1 again\n")));
}

TEST_F(FolderSinkTest, LeavesWhatWasNotFlushedToTheNextProcess) {
  auto sink = open();
  write(*sink, {record("{}")});
  sink->close();
  EXPECT_EQ(files().size(), 0U);
}

TEST_F(FolderSinkTest, WritesCsvWithAHeadInEachFile) {
  options_.format = FolderFormat::csv;
  options_.columns = {{.name = "id"}, {.name = "a,b"}, {.name = "n"}};
  options_.roll_records = 2;
  const auto sink = open();
  const SinkAnswer answer =
      sink->write(std::vector{record(R"({"n":1.50,"id":"x\"y\n","other":1})"), record("[]"),
                              record(R"({"a,b":{"k":[1,2]},"id":""})")});
  ASSERT_EQ(answer.refused.size(), 1U);
  EXPECT_EQ(answer.refused[0].record, 1U);
  EXPECT_EQ(sink->flush().what, What::done);
  EXPECT_EQ(sink->settle().what, What::done);
  EXPECT_THAT(files(), ElementsAre(Pair(".",
                                        "id,\"a,b\",n\n"
                                        "\"x\"\"y\n\",,1.50\n"
                                        "\"\",\"{\"\"k\"\":[1,2]}\",\n")));
}

TEST_F(FolderSinkTest, SaysWhenItsFolderCannotBe) {
  options_.path = "/proc/weir/cannot";
  EXPECT_FALSE((*folder_sink(options_))(0));
  options_.format = FolderFormat::csv;
  EXPECT_FALSE(folder_sink(options_));
  EXPECT_FALSE(folder_sink({}));
}

// ---- Disks that are full, or fail
// ----------------------------------------------------------------

TEST_F(FolderSinkTest, WaitsForRoomAndWritesEachResultOnce) {
  options_.retry = kQuick;
  const auto sink = open();
  resume(*sink, 0);
  commit(*sink, {record("first")});
  write(*sink, {record("second"), record("third")});
  SinkAnswer full;
  SinkAnswer still;
  {
    const tests::FileSizeLimit limit(10);
    full = sink->flush();
    std::this_thread::sleep_for(Duration(5));
    still = sink->probe();
  }
  EXPECT_EQ(full.what, What::again);
  EXPECT_NE(full.why.find("cannot write"), std::string::npos) << full.why;
  EXPECT_EQ(still.what, What::again);
  EXPECT_THAT(files(false), ElementsAre(Pair(".", "first\n"))) << "nothing is half written";
  std::this_thread::sleep_for(Duration(5));
  EXPECT_EQ(sink->probe().what, What::done);
  EXPECT_EQ(sink->flush().what, What::done);
  EXPECT_EQ(sink->settle().what, What::done);
  sink->close();
  EXPECT_THAT(files(), ElementsAre(Pair(".", "first\nsecond\nthird\n")));
  EXPECT_THAT(files(false), ElementsAre());
}

// What a write has taken when it fails would come again with the whole batch.
TEST_F(FolderSinkTest, TakesAllOfABatchOrNothing) {
  options_.retry = kQuick;
  const std::string large(std::size_t{3} << 20, 'x');
  const auto sink = open();
  std::vector<What> answers;
  {
    const tests::FileSizeLimit limit(1 << 20);
    write(*sink, {record(large), record(large)});  // More than it keeps in memory.
    const std::vector<SinkRecord> third{
        {.key = {}, .value = "third", .timestamp = kTen, .source = {0, 0, 7}, .number = 3}};
    for (int tries = 0; tries < 3; ++tries) {
      answers.push_back(sink->write(third).what);
      std::this_thread::sleep_for(Duration(5));
    }
  }
  EXPECT_THAT(answers, ElementsAre(What::again, What::again, What::again));
  std::this_thread::sleep_for(Duration(5));
  commit(*sink, {record("third")});
  sink->close();
  EXPECT_THAT(files(), ElementsAre(Pair(".", large + "\n" + large + "\nthird\n")));
}

TEST_F(FolderSinkTest, GoesOnAfterAnAbortOnADiskThatWasFull) {
  const tests::SmallDisk disk(options_.path, 256);
  if (!disk.is_there()) GTEST_SKIP() << "only root may make a small disk";
  options_.retry = kQuick;
  const auto sink = open();
  resume(*sink, 0);
  commit(*sink, {record("first")});
  const std::string ballast = options_.path + "/ballast";
  std::ofstream(ballast) << std::string(1 << 20, 'x');
  const std::string large(100'000, 'y');
  write(*sink, {record(large)});
  EXPECT_EQ(sink->flush().what, What::again);
  // The commit is given up: all of it comes again.
  numbers_[{0, 0, 7}] = 1;
  EXPECT_EQ(sink->resume({0, 0, 7}, {1, 1, 1, 0}).what, What::done);
  std::this_thread::sleep_for(Duration(5));
  EXPECT_EQ(sink->probe().what, What::again);
  fs::remove(ballast);
  std::this_thread::sleep_for(Duration(5));
  EXPECT_EQ(sink->probe().what, What::done);
  commit(*sink, {record(large), record("last")});
  sink->close();
  EXPECT_THAT(files(),
              testing::UnorderedElementsAre(Pair(".", "first\n"), Pair(".", large + "\nlast\n")));
  EXPECT_THAT(files(false), ElementsAre());
}

TEST_F(FolderSinkTest, BeginsOnADiskThatIsFull) {
  const tests::SmallDisk disk(options_.path, 64);
  if (!disk.is_there()) GTEST_SKIP() << "only root may make a small disk";
  options_.retry = kQuick;
  const std::string ballast = options_.path + "/ballast";
  std::ofstream(ballast) << std::string(1 << 20, 'x');
  options_.path += "/new/folder";
  const auto sink = open();
  write(*sink, {record(std::string(100, 'y'))});
  EXPECT_EQ(sink->flush().what, What::again);
  fs::remove(ballast);
  std::this_thread::sleep_for(Duration(5));
  EXPECT_EQ(sink->flush().what, What::done);
  sink->close();
}

// What a crash has left is looked at with files that have to be opened. In doubt nothing of it may
// go.
TEST_F(FolderSinkTest, MendsWhatACrashLeftOnceItMayHaveFilesOpen) {
  options_.retry = kQuick;
  const auto dead = open();
  commit(*dead, {record("1"), record("2")});
  flush(*dead, {record("never committed")});
  commit(*dead, {record("of another life")}, {0, 0, 6});
  commit(*dead, {record("of it, too")}, {0, 0, 6});
  const auto next = open();
  for (const std::size_t left : {0, 1}) {
    const tests::NoMoreFiles limit(left);
    resume(*next, 2);
    std::this_thread::sleep_for(Duration(5));
    numbers_[{0, 0, 7}] = 2;
    const std::vector<SinkRecord> third{
        {.key = {}, .value = "3", .timestamp = kTen, .source = {0, 0, 7}, .number = 3}};
    EXPECT_EQ(next->write(third).what, What::again) << left;
    std::this_thread::sleep_for(Duration(5));
  }
  commit(*next, {record("3")});
  next->close();
  EXPECT_THAT(files(), testing::UnorderedElementsAre(Pair(".", "1\n2\n"), Pair(".", "3\n"),
                                                     Pair(".", "of another life\nof it, too\n")));
  EXPECT_THAT(files(false), ElementsAre());
}

TEST_F(FolderSinkTest, NamesAFileOnceItMayHaveFilesOpen) {
  options_.retry = kQuick;
  options_.roll_records = 1;
  const auto sink = open();
  flush(*sink, {record("1")});
  {
    const tests::NoMoreFiles limit;
    EXPECT_EQ(sink->settle().what, What::again);
  }
  std::this_thread::sleep_for(Duration(5));
  EXPECT_EQ(sink->settle().what, What::done);
  EXPECT_THAT(files(), ElementsAre(Pair(".", "1\n")));
}

TEST(Compress, FramesFollowEachOtherInGzipAndZstd) {
  const std::string first(100'000, 'a');
  for (const FolderCompress how : {FolderCompress::gzip, FolderCompress::zstd}) {
    std::string out;
    sink::append_frame(out, first, how);
    sink::append_frame(out, "", how);
    sink::append_frame(out, "the end\n", how);
    EXPECT_LT(out.size(), 1000U);
    const std::string path = testing::TempDir() + "weir-frames";
    std::string back(200'000, '\0');
    if (how == FolderCompress::gzip) {
      std::ofstream(path, std::ios::binary) << out;
      gzFile file = gzopen(path.c_str(), "rb");
      back.resize(static_cast<std::size_t>(gzread(file, back.data(), 200'000)));
      gzclose(file);
      fs::remove(path);
    } else {
      const std::size_t size = ZSTD_decompress(back.data(), back.size(), out.data(), out.size());
      ASSERT_FALSE(ZSTD_isError(size));
      back.resize(size);
    }
    EXPECT_EQ(back, first + "the end\n");
  }
}

}  // namespace
}  // namespace weir::folder_sink_test
