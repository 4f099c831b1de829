#include "run/server_sink.h"

#include <gtest/gtest.h>

#include "compile/compile.h"
#include "job/diagnostic_print.h"
#include "job/load.h"

namespace weir::run {
namespace {

// The sinks of a job.
class ServerSinkTest : public ::testing::Test {
 protected:
  void load(const std::string& sinks) {
    source_.emplace(
        "job.yaml",
        "weir: 1\njob: p\nstreams:\n  a: {topic: a, fields: {id: string, n: int, x: decimal(2)}}\n"
        "pipelines:\n  p:\n    from: a\n    to:\n" +
            sinks);
    job::Diagnostics found(*source_);
    job::Loaded loaded = job::load_job(found, {});
    ASSERT_TRUE(loaded.plan) << job::print_plain(found.all());
    plan_ = std::move(*loaded.plan);
    auto compiled = compile::compile(plan_);
    ASSERT_TRUE(compiled) << compiled.error().text;
    compiled_.emplace(std::move(*compiled));
  }
  const compile::CompiledSink& sink(std::size_t at) const { return compiled_->sinks.at(at); }
  MongodbOptions mongodb(std::size_t at) const {
    return mongodb_options_of(sink(at).plan, sink(at).schema);
  }
  PostgresOptions postgres(std::size_t at) const {
    return postgres_options_of(sink(at).plan, sink(at).schema);
  }

  std::optional<job::Source> source_;
  job::JobPlan plan_;
  std::optional<compile::CompiledJob> compiled_;
};

TEST_F(ServerSinkTest, WhatAJobSaysOfAServerIsWhatItsSinkDoes) {
  load(
      "      - mongodb: {uri: 'mongodb://h', database: d, collection: c, id: n, write: merge,\n"
      "                  decimals: double, times: string, batch: {records: 7, every: 30ms,\n"
      "                  in_flight: 4}, retry: {for: 1h, backoff: 50ms..3s}}\n"
      "        name: m\n"
      "      - postgres: {uri: 'postgresql://h/d', table: s.t, id: [id, n], write: insert,\n"
      "                   create: true, batch: {records: 9, every: 40ms, in_flight: 5},\n"
      "                   retry: {for: 2h, backoff: 60ms..4s}}\n"
      "        name: p\n");
  ASSERT_TRUE(compiled_);
  const MongodbOptions documents = mongodb(0);
  EXPECT_EQ(documents.uri, "mongodb://h");
  EXPECT_EQ(documents.database, "d");
  EXPECT_EQ(documents.collection, "c");
  EXPECT_EQ(documents.write, MongodbWrite::merge);
  EXPECT_TRUE(documents.integer_ids);
  EXPECT_EQ(documents.decimals, MongodbDecimals::real);
  EXPECT_EQ(documents.times, MongodbTimes::text);
  EXPECT_EQ(documents.columns.size(), 3U);
  EXPECT_EQ(documents.batch_records, 7U);
  EXPECT_EQ(documents.batch_every, Duration(30));
  EXPECT_EQ(documents.in_flight, 4);
  EXPECT_EQ(documents.retry.give_up_after, Duration(3'600'000));
  EXPECT_EQ(documents.retry.pause_first, Duration(50));
  EXPECT_EQ(documents.retry.pause_last, Duration(3'000));
  const PostgresOptions rows = postgres(1);
  EXPECT_EQ(rows.uri, "postgresql://h/d");
  EXPECT_EQ(rows.table, "s.t");
  EXPECT_EQ(rows.id, (std::vector<std::string>{"id", "n"}));
  EXPECT_EQ(rows.write, PostgresWrite::insert);
  EXPECT_TRUE(rows.create);
  EXPECT_EQ(rows.batch_records, 9U);
  EXPECT_EQ(rows.batch_every, Duration(40));
  EXPECT_EQ(rows.in_flight, 5);
  EXPECT_EQ(rows.retry.give_up_after, Duration(7'200'000));
  EXPECT_EQ(rows.retry.pause_first, Duration(60));
  EXPECT_EQ(rows.retry.pause_last, Duration(4'000));
}

TEST_F(ServerSinkTest, WhatAJobDoesNotSayIsAsTheManualSays) {
  load(
      "      - mongodb: {uri: 'mongodb://h', database: d, collection: c, id: id}\n"
      "      - postgres: {uri: 'postgresql://h/d', table: t, id: id}\n");
  ASSERT_TRUE(compiled_);
  EXPECT_EQ(mongodb(0).write, MongodbWrite::upsert);
  EXPECT_FALSE(mongodb(0).integer_ids);
  EXPECT_EQ(mongodb(0).decimals, MongodbDecimals::decimal128);
  EXPECT_EQ(mongodb(0).times, MongodbTimes::date);
  EXPECT_EQ(postgres(1).write, PostgresWrite::upsert);
  EXPECT_FALSE(postgres(1).create);
  for (const SinkRetry& retry : {mongodb(0).retry, postgres(1).retry}) {
    EXPECT_EQ(retry.give_up_after, Duration(300'000));
    EXPECT_EQ(retry.pause_first, Duration(100));
    EXPECT_EQ(retry.pause_last, Duration(10'000));
  }
  EXPECT_EQ(mongodb(0).batch_records, 1000U);
  EXPECT_EQ(mongodb(0).batch_every, Duration(200));
  EXPECT_EQ(mongodb(0).in_flight, 2);
}

}  // namespace
}  // namespace weir::run
