#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include <gmock/gmock.h>
#include <zlib.h>
#include <zstd.h>

#include "sink/compress.h"
#include "sink/csv_line.h"
#include <weir/folder_sink.h>

namespace weir {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::MatchesRegex;
using ::testing::Pair;
using What = SinkAnswer::What;

constexpr Timestamp kTen = 1'763'978'400'000;  // 2025-11-24T10:00:00Z

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
  static void write(Sink& sink, const std::vector<SinkRecord>& batch) {
    EXPECT_EQ(sink.write(batch).what, What::done);
  }
  static void commit(Sink& sink, const std::vector<SinkRecord>& batch) {
    write(sink, batch);
    EXPECT_EQ(sink.flush().what, What::done);
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

TEST_F(FolderSinkTest, NamesFilesByWorkerSoThatTheyDoNotMeet) {
  const auto one = open(0);
  const auto other = open(1);
  commit(*one, {record("{}")});
  commit(*other, {record("{}")});
  one->close();
  other->close();
  EXPECT_EQ(files().size(), 2U);
  for (const auto& entry : fs::directory_iterator(options_.path)) {
    EXPECT_THAT(entry.path().filename().string(), MatchesRegex("part-[01]-[0-9]+-0\\.jsonl"));
  }
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
  commit(*aging, {record("{}")});
  EXPECT_EQ(files().size(), 1U);
  std::this_thread::sleep_for(Duration(40));
  commit(*aging, {record("{}")});
  EXPECT_EQ(files().size(), 2U);
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

TEST_F(FolderSinkTest, CutsOffAfterACrashWhatWasNotFlushed) {
  const auto dead = open();  // It never closes before the next one mends.
  commit(*dead, {record("{\"n\":1}")});
  const std::string lines(std::size_t{5} << 20, 'x');
  write(*dead, {record(lines)});  // Large enough to reach the file.
  ASSERT_GT(files(false).begin()->second.size(), std::size_t{5} << 20);
  const auto next = open();
  EXPECT_THAT(files(), ElementsAre(Pair(".", "{\"n\":1}\n")));
  EXPECT_THAT(files(false), ElementsAre());
  const auto nothing = open(1);
  write(*nothing, {record("{}")});
  EXPECT_EQ(files(false).size(), 1U);
  const auto after = open(1);
  EXPECT_EQ(files().size(), 1U);
  EXPECT_EQ(files(false).size(), 0U);
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
}  // namespace weir
