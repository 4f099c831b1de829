#include "http/metrics.h"

#include <sstream>

#include <gmock/gmock.h>

namespace weir::http {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

JobNumbers job() {
  JobNumbers made{.job = "shop", .streams = {{"t1", "orders"}}, .sinks = {{"out", "results"}}};
  AppSnapshot& now = made.snapshot;
  now.state = AppState::running;
  now.taken = 100'000;
  now.in["t1"] = {.records = 7, .bytes = 700};
  now.out["out"] = {.records = 3, .bytes = 30};
  now.discarded = {{.step = "a.1", .reason = "late", .records = 2},
                   {.step = "", .reason = "decode", .records = 1}};
  now.dead_letters["decode"] = 1;
  AppSnapshot::Step& step = now.steps["a.1"];
  step.kind = "aggregate";
  step.in = 9;
  step.out = 4;
  step.busy_seconds = 1.5;
  step.times.observe(4e-6, 3);
  step.open_windows = 2;
  now.commits = 5;
  now.commit_seconds.observe(0.002, 4);
  now.commit_seconds.observe(100);
  now.inputs = {{.topic = "t1", .partition = 0, .lag = 4, .time = 60'000},
                {.topic = "t1", .partition = 1, .lag = -1, .time = 90'000, .idle = true}};
  return made;
}

std::string text() {
  const std::vector<JobNumbers> jobs{job()};
  return metrics_text(jobs);
}

TEST(Metrics, TellTheContractsCounters) {
  const std::string told = text();
  EXPECT_THAT(told, HasSubstr("weir_records_in_total{weir_job=\"shop\",stream=\"orders\"} 7\n"));
  EXPECT_THAT(told, HasSubstr("weir_records_out_total{weir_job=\"shop\",sink=\"results\"} 3\n"));
  EXPECT_THAT(told, HasSubstr("weir_records_discarded_total{weir_job=\"shop\",step=\"a.1\","
                              "reason=\"late\",intentional=\"true\"} 2\n"));
  EXPECT_THAT(told, HasSubstr("reason=\"decode\",intentional=\"false\"} 1\n"));
  EXPECT_THAT(told, HasSubstr("weir_dlq_records_total{weir_job=\"shop\",reason=\"decode\"} 1\n"));
}

TEST(Metrics, TellWhatEachStepDoes) {
  const std::string told = text();
  const std::string labels = "{weir_job=\"shop\",step=\"a.1\",kind=\"aggregate\"} ";
  EXPECT_THAT(told, HasSubstr("weir_step_records_in_total" + labels + "9\n"));
  EXPECT_THAT(told, HasSubstr("weir_step_records_out_total" + labels + "4\n"));
  EXPECT_THAT(told, HasSubstr("weir_step_busy_seconds_total" + labels + "1.5\n"));
  EXPECT_THAT(told, HasSubstr("weir_windows_open{weir_job=\"shop\",step=\"a.1\"} 2\n"));
  EXPECT_THAT(told, HasSubstr("weir_step_duration_seconds_count{weir_job=\"shop\","
                              "step=\"a.1\"} 3\n"));
}

TEST(Metrics, HistogramsAreCumulative) {
  const std::string told = text();
  EXPECT_THAT(told, HasSubstr("weir_commit_duration_seconds_count{weir_job=\"shop\"} 5\n"));
  EXPECT_THAT(told, HasSubstr("weir_job=\"shop\",le=\"0.001\"} 0\n"));
  EXPECT_THAT(told, HasSubstr("weir_job=\"shop\",le=\"0.0025\"} 4\n"));
  EXPECT_THAT(told, HasSubstr("weir_job=\"shop\",le=\"60\"} 4\n"));
  EXPECT_THAT(told, HasSubstr("weir_job=\"shop\",le=\"+Inf\"} 5\n"));
}

TEST(Metrics, AStreamIsAsFarAsItsSlowestPartition) {
  const std::string told = text();
  EXPECT_THAT(told, HasSubstr("weir_watermark_timestamp_seconds{weir_job=\"shop\","
                              "stream=\"orders\"} 60\n"));
  EXPECT_THAT(told, HasSubstr("weir_watermark_lag_seconds{weir_job=\"shop\","
                              "stream=\"orders\"} 40\n"));
  EXPECT_THAT(told, HasSubstr("weir_partitions_idle{weir_job=\"shop\",stream=\"orders\"} 1\n"));
}

TEST(Metrics, WhatIsNotKnownIsNotTold) {
  const std::string told = text();
  EXPECT_THAT(told, HasSubstr("lag_records{weir_job=\"shop\",topic=\"t1\",partition=\"0\"} 4\n"));
  EXPECT_THAT(told, Not(HasSubstr("lag_records{weir_job=\"shop\",topic=\"t1\",partition=\"1\"}")));
  EXPECT_THAT(told, Not(HasSubstr("weir_store_entries")));
}

TEST(Metrics, LagInSecondsIsTheAgeOfWhatWasReadLast) {
  EXPECT_THAT(text(),
              HasSubstr("lag_seconds{weir_job=\"shop\",topic=\"t1\",partition=\"0\"} 40\n"));
}

TEST(Metrics, WhatTheJobWantsDroppedIsNoError) {
  const std::string told = text();
  EXPECT_THAT(told, HasSubstr("weir_errors_total{weir_job=\"shop\",step=\"\",stage=\"decode\","
                              "reason=\"decode\"} 1\n"));
  EXPECT_THAT(told, Not(HasSubstr("weir_errors_total{weir_job=\"shop\",step=\"a.1\"")));
}

TEST(Metrics, TellWhatRuns) {
  JobNumbers made = job();
  made.sha256 = "abc";
  made.loaded = 12'500;
  made.kafka_client = "2.0.2";
  const std::string told = metrics_text({{made}});
  EXPECT_THAT(told, HasSubstr("librdkafka=\"2.0.2\"} 1\n"));
  EXPECT_THAT(told, HasSubstr("weir_job_info{weir_job=\"shop\",guarantee=\"exactly_once\","
                              "sha256=\"abc\"} 1\n"));
  EXPECT_THAT(told, HasSubstr("weir_config_last_reload_successful{weir_job=\"shop\"} 1\n"));
  EXPECT_THAT(told, HasSubstr("_success_timestamp_seconds{weir_job=\"shop\"} 12.5\n"));
}

TEST(Metrics, TellOfKeysRestoresAndAborts) {
  JobNumbers made = job();
  made.key_mismatches["orders"] = 3;
  made.snapshot.aborts = 2;
  made.snapshot.stores = {{.name = "s", .partition = 7, .restored = 5, .remaining = 2}};
  const std::string told = metrics_text({{made}});
  for (const char* line :
       {"weir_errors_total{weir_job=\"shop\",step=\"\",stage=\"commit\",reason=\"aborted\"} 2\n",
        "weir_key_mismatch_total{weir_job=\"shop\",stream=\"orders\"} 3\n",
        "weir_restore_records_total{weir_job=\"shop\",store=\"s\",partition=\"7\"} 5\n",
        "weir_restore_records_remaining{weir_job=\"shop\",store=\"s\",partition=\"7\"} 2\n"}) {
    EXPECT_THAT(told, HasSubstr(line));
  }
}

TEST(Metrics, TellOfLatencyRebalancesAndSinksThatHoldBack) {
  JobNumbers made = job();
  AppSnapshot& now = made.snapshot;
  now.rebalances = 4;
  now.revocations = 3;
  now.losses = 1;
  now.rebalance_seconds.observe(0.2);
  now.processing_seconds["out"].observe(0.02, 3);
  now.late_by_seconds["t1"].observe(40, 2);
  now.workers = {{.number = 0, .busy = 0.5, .held = 0.25}};
  now.stores = {{.name = "s", .partition = 0}, {.name = "s", .partition = 1}};
  now.stores[0].gets.observe(2e-6, 5);
  now.stores[1].gets.observe(2e-6, 2);
  const std::string told = metrics_text({{made}});
  for (const char* line :
       {"weir_rebalances_total{weir_job=\"shop\",reason=\"assigned\"} 4\n",
        "weir_rebalances_total{weir_job=\"shop\",reason=\"revoked\"} 3\n",
        "weir_rebalances_total{weir_job=\"shop\",reason=\"lost\"} 1\n",
        "weir_rebalance_duration_seconds_sum{weir_job=\"shop\"} 0.2\n",
        "weir_processing_latency_seconds_count{weir_job=\"shop\",sink=\"results\"} 3\n",
        "weir_late_by_seconds_sum{weir_job=\"shop\",stream=\"orders\"} 80\n",
        "weir_thread_backpressured_ratio{weir_job=\"shop\",thread=\"0\"} 0.25\n",
        "weir_thread_idle_ratio{weir_job=\"shop\",thread=\"0\"} 0.25\n",
        "weir_store_operation_duration_seconds_count{weir_job=\"shop\",store=\"s\","
        "operation=\"get\"} 7\n"}) {
    EXPECT_THAT(told, HasSubstr(line));
  }
}

TEST(Metrics, EachHasHelpAndType) {
  std::istringstream lines(text());
  std::string helped;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string hash, kind, name;
    words >> hash >> kind >> name;
    if (kind == "HELP") helped = name;
    if (kind == "TYPE") {
      EXPECT_EQ(name, helped);
    }
    if (hash[0] != '#') {
      EXPECT_TRUE(line.starts_with(helped)) << line;
    }
  }
}

}  // namespace
}  // namespace weir::http
