#include "compile/state_rows.h"

#include <gmock/gmock.h>

#include "unit/compile/job_at_work.h"

namespace weir::compile {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

class StoreInTest final : public StateSource {
 public:
  explicit StoreInTest(BytesStore& store) : store_(store) {}
  Status scan(Bytes from, Bytes to, BytesStore::Visit visit) override {
    store_.scan(from, to, visit);
    return {};
  }

 private:
  BytesStore& store_;
};

std::vector<std::string> rows(JobAtWork& job, const std::string& store, StateWish wish = {}) {
  job.driver().commit();
  StoreInTest source(job.driver().store(store));
  std::vector<std::string> found;
  const StateRows reader(job.plan());
  const Status read = reader.read(store, wish, source, [&](std::string_view members) {
    found.emplace_back(members);
    return true;
  });
  if (!read) found.push_back("ERROR " + read.error().to_string());
  return found;
}

std::string counting(const std::string& window, const std::string& by = "id",
                     const std::string& fields = "n: count(), total: sum(amount)") {
  return small_job("{id: string, city: string or null, amount: decimal(2)}",
                   "      - aggregate:\n          by: " + by + "\n" +
                       (window.empty() ? "" : "          window: " + window + "\n") +
                       (window.empty() ? "          emit: on_update\n" : "") +
                       "          fields: {" + fields + "}\n");
}

// kStart is 2025-11-24T16:00:00Z.
void send_three(JobAtWork& job) {
  job.send("in", R"({"id":"ann","amount":1.5})", 1000, 0, "ann");
  job.send("in", R"({"id":"bob","amount":2})", 2000, 0, "bob");
  job.send("in", R"({"id":"ann","amount":3})", 61'000, 0, "ann");
}

TEST(StateRows, WindowsShowWhereTheyBeginAndEndAndWhatWouldComeOut) {
  JobAtWork job(counting("{size: 1m}"));
  send_three(job);
  EXPECT_THAT(
      rows(job, "out.aggregate"),
      ElementsAre(R"("key":"ann","window_start":"2025-11-24T16:00:00Z",)"
                  R"("window_end":"2025-11-24T16:01:00Z",)"
                  R"("newest":"2025-11-24T16:00:01Z","value":{"id":"ann",)"
                  R"("window_start":"2025-11-24T16:00:00Z","window_end":"2025-11-24T16:01:00Z",)"
                  R"("n":1,"total":1.50})",
                  HasSubstr(R"("key":"bob")"),
                  HasSubstr(R"("window_start":"2025-11-24T16:01:00Z")")));
}

TEST(StateRows, OneKeyIsFoundInEveryWindow) {
  JobAtWork job(counting("{size: 1m}"));
  send_three(job);
  EXPECT_THAT(rows(job, "out.aggregate", {.key = "ann"}), SizeIs(2));
  EXPECT_THAT(rows(job, "out.aggregate", {.key = "bob"}), SizeIs(1));
  EXPECT_THAT(rows(job, "out.aggregate", {.key = "an"}), IsEmpty());
}

TEST(StateRows, TimesSayWhichWindows) {
  JobAtWork job(counting("{size: 1m}"));
  send_three(job);
  EXPECT_THAT(rows(job, "out.aggregate", {.from = kStart + 60'000}), SizeIs(1));
  EXPECT_THAT(rows(job, "out.aggregate", {.to = kStart + 60'000}), SizeIs(2));
}

TEST(StateRows, OverlappingWindowsAreKeptInPanes) {
  JobAtWork job(counting("{size: 1m, every: 20s}"));
  send_three(job);
  EXPECT_THAT(rows(job, "out.aggregate", {.key = "bob"}),
              ElementsAre(HasSubstr(R"("pane_start":"2025-11-24T16:00:00Z",)"
                                    R"("pane_end":"2025-11-24T16:00:20Z")")));
}

TEST(StateRows, KeysOfSeveralValuesAreAsInTopics) {
  JobAtWork job(counting("{size: 1m}", "[id, city]"));
  job.send("in", R"({"id":"ann","city":"Oslo","amount":1})", 1000);
  job.send("in", R"({"id":"bob","city":"Rome","amount":1})", 1000);
  EXPECT_THAT(rows(job, "out.aggregate", {.key = R"(["ann","Oslo"])"}),
              ElementsAre(HasSubstr(R"("value":{"id":"ann","city":"Oslo")")));
}

// Sets tell only what is new in them: the row says less than the state is.
TEST(StateRows, NewsBesideARowCount) {
  JobAtWork job(counting("{size: 10m}", "id", "n: count_distinct(city)"));
  for (int i = 0; i < 3000; ++i) {
    job.send("in", R"({"id":"a","city":"c)" + std::to_string(i) + R"(","amount":1})", 1000 + i);
    if (i % 100 == 0) job.driver().commit();
  }
  EXPECT_THAT(rows(job, "out.aggregate"), ElementsAre(HasSubstr(R"("n":3000})")));
}

TEST(StateRows, SessionsShowTheirSpans) {
  JobAtWork job(counting("{gap: 30s}"));
  send_three(job);
  // That of ann's first record is over: 30 s have passed without another.
  EXPECT_THAT(rows(job, "out.aggregate", {.key = "ann"}),
              ElementsAre(HasSubstr(R"("window_start":"2025-11-24T16:01:01Z",)"
                                    R"("window_end":"2025-11-24T16:01:01Z")")));
}

TEST(StateRows, PerEventWindowsShowTheRecordsTheyAreMadeOf) {
  JobAtWork job(counting("{size: 1m, every: event}"));
  send_three(job);
  EXPECT_THAT(rows(job, "out.aggregate", {.key = "bob"}),
              ElementsAre(R"x("key":"bob","time":"2025-11-24T16:00:02Z",)x"
                          R"x("value":{"sum(amount)":2.00})x"));
}

TEST(StateRows, WithoutAWindowThereIsOneRowAKey) {
  JobAtWork job(counting(""));
  send_three(job);
  EXPECT_THAT(rows(job, "out.aggregate"),
              UnorderedElementsAre(R"("key":"ann","value":{"id":"ann","n":2,"total":4.50})",
                                   R"("key":"bob","value":{"id":"bob","n":1,"total":2.00})"));
}

TEST(StateRows, WhatWaitsInAMatchIsNamedByTheJobsWords) {
  JobAtWork job(JobAtWork::shipped("order-payments.yaml"));
  job.send("orders_topic_data_v1", R"({"order_id":"o1","amount":7})", 1000);
  const auto found = rows(job, "pairs.join", {.key = "o1"});
  EXPECT_THAT(found, ElementsAre(HasSubstr(R"("what":"order seen")"),
                                 HasSubstr(R"("what":"order waits")")));
  EXPECT_THAT(found[1], HasSubstr(R"("amount":7.00)"));
}

TEST(StateRows, DuplicatesAreKnownByTheirTime) {
  JobAtWork job(small_job("{id: string}", "      - dedupe: {by: id, within: 1h}\n"));
  job.send("in", R"({"id":"a"})", 5000, 0, "a");
  EXPECT_THAT(rows(job, "out.dedupe"), ElementsAre(R"("key":"a","time":"2025-11-24T16:00:05Z")"));
}

TEST(StateRows, KnowsItsStoresAndNoOthers) {
  JobAtWork job(counting("{size: 1m}"));
  const StateRows reader(job.plan());
  EXPECT_THAT(reader.names(), ElementsAre("out.aggregate"));
  EXPECT_EQ(reader.kind("out.aggregate"), "windows");
  EXPECT_EQ(reader.kind("else"), "");
}

TEST(StateRows, RowsOfAnotherJobAreAnErrorAndNoMore) {
  JobAtWork sets(counting("{size: 1m}", "id", "n: count_distinct(city)"));
  sets.send("in", R"({"id":"ann","city":"Oslo","amount":1})", 1000);
  sets.driver().commit();
  JobAtWork joins(small_job("{id: string, amount: decimal(2)}",
                            "      - dedupe: {by: id, within: 1h, store: aggregate}\n"));
  StoreInTest source(sets.driver().store("out.aggregate"));
  const StateRows reader(joins.plan());
  const Status read =
      reader.read(reader.names().front(), {}, source, [](std::string_view) { return true; });
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().text, HasSubstr("cannot have written"));
}

}  // namespace
}  // namespace weir::compile
