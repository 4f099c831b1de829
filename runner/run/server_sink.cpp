#include "run/server_sink.h"

#include "run/sink_columns.h"
#include <weir/mongodb_sink.h>
#include <weir/postgres_sink.h>

namespace weir::run {

namespace {

SinkRetry retry_of(const job::SinkPlan& plan) {
  return {.give_up_after = Duration(plan.retry_for_ms),
          .pause_first = Duration(plan.backoff_first_ms),
          .pause_last = Duration(plan.backoff_last_ms)};
}

}  // namespace

Result<OpenSink> mongodb_sink_of(const job::SinkPlan& plan, const expression::Schema& schema,
                                 SinkLog log) {
  const job::MongodbSink& words = *plan.mongodb;
  MongodbOptions options;
  options.uri = words.uri;
  options.database = words.database;
  options.collection = words.collection;
  if (words.write == "merge") options.write = MongodbWrite::merge;
  if (words.write == "insert") options.write = MongodbWrite::insert;
  options.integer_ids = words.id.type().is(expression::Kind::integer);
  if (words.decimals == "double") options.decimals = MongodbDecimals::real;
  if (words.decimals == "string") options.decimals = MongodbDecimals::text;
  if (words.times == "string") options.times = MongodbTimes::text;
  options.columns = sink_columns(schema);
  options.batch_records = static_cast<std::size_t>(plan.batch_records);
  options.retry = retry_of(plan);
  options.log = std::move(log);
  return mongodb_sink(std::move(options));
}

Result<OpenSink> postgres_sink_of(const job::SinkPlan& plan, const expression::Schema& schema,
                                  SinkLog log) {
  const job::PostgresSink& words = *plan.postgres;
  PostgresOptions options;
  options.uri = words.uri;
  options.table = words.table;
  options.id = words.id;
  if (words.write == "insert") options.write = PostgresWrite::insert;
  options.create = words.create;
  options.columns = sink_columns(schema);
  options.batch_records = static_cast<std::size_t>(plan.batch_records);
  options.retry = retry_of(plan);
  options.log = std::move(log);
  return postgres_sink(std::move(options));
}

}  // namespace weir::run
