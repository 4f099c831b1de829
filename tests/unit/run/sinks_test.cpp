#include <gmock/gmock.h>

#include "run/console_sink.h"
#include "run/tap_sink.h"

namespace weir::run {
namespace {

using ::testing::ElementsAre;

SinkRecord record(std::string_view key, std::string_view value, Timestamp time = 0) {
  return {.key = key, .value = value, .timestamp = time};
}

void write(Sink& sink, std::vector<SinkRecord> batch) {
  EXPECT_EQ(sink.write(batch).what, SinkAnswer::What::done);
  EXPECT_EQ(sink.flush().what, SinkAnswer::What::done);
}

TEST(ConsoleSink, PrintsATableAndEachResultOnce) {
  testing::internal::CaptureStdout();
  const OpenSink open = console_sink({.title = "counts"});
  const auto one = *open(0);
  const auto other = *open(1);
  write(*one, {record("w1", R"({"start":"10:00","count":5,"best":null})")});
  write(*other, {record("w1", R"({"start":"10:00","count":5,"best":null})"),
                 record("w2", R"({"start":"10:05","count":12,"best":"a\u0041"})")});
  EXPECT_EQ(testing::internal::GetCapturedStdout(),
            "counts\n"
            "start    count  best\n"
            "10:00        5  -\n"
            "10:05       12  aA\n");
}

TEST(ConsoleSink, ShowsTheColumnsThatWereAskedForAndNoControlCharacters) {
  testing::internal::CaptureStdout();
  const auto sink = *console_sink({.title = {}, .columns = {"b", "z"}})(0);
  write(*sink, {record("k", "{\"a\":1,\"b\":\"x\\u001b[2Jy\"}"), record("k", "plain")});
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "b       z\nx [2Jy  -\nplain\n");
}

TEST(ConsoleSink, BreaksNoLinesOfANarrowScreen) {
  std::string shown;
  const auto print = [&](std::string_view text) {
    shown += text;
    return true;
  };
  const std::string value = R"({"window_start":"10:00","customers":5})";  // 23 columns.
  const auto on = [&](std::size_t columns) {
    shown.clear();
    const auto sink =
        *console_sink({.title = "counts", .columns = {}, .screen = {print, columns}})(0);
    write(*sink, {record("a", value), record("b", value)});
    return shown;
  };
  EXPECT_EQ(on(23), "counts\nwindow_start  customers\n10:00" + std::string(17, ' ') + "5\n10:00" +
                        std::string(17, ' ') + "5\n");
  EXPECT_EQ(on(22),
            "counts\n"
            "window_start  10:00\ncustomers     5\n\n"
            "window_start  10:00\ncustomers     5\n\n");
  const auto full = [](std::string_view) { return false; };
  const auto sink = *console_sink({.title = {}, .columns = {}, .screen = {full, 0}})(0);
  const std::vector<SinkRecord> batch{record("a", value)};
  EXPECT_EQ(sink->write(batch).what, SinkAnswer::What::never);
}

TEST(Tap, KeepsTheLastAndCountsAll) {
  Tap tap(2);
  const auto sink = *tap.sink()(0);
  write(*sink, {record("", "1"), record("", "2"), record("", "3")});
  EXPECT_THAT(tap.last(), ElementsAre("2", "3"));
  EXPECT_EQ(tap.count(), 3U);
}

}  // namespace
}  // namespace weir::run
