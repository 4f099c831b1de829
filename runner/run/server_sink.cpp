#include "run/server_sink.h"

#include <algorithm>
#include <cctype>

#include "run/sink_columns.h"
#include <weir/file_sink.h>
#include <weir/folder_sink.h>
#include <weir/mongodb_sink.h>
#include <weir/postgres_sink.h>

namespace weir::run {

namespace {

SinkRetry retry_of(const job::SinkPlan& plan) {
  return {.give_up_after = Duration(plan.retry_for_ms),
          .pause_first = Duration(plan.backoff_first_ms),
          .pause_last = Duration(plan.backoff_last_ms)};
}

// What folders by an expression are called: its field's name; of dates, as date(...) is, "date".
std::string folder_name(const job::Program& by) {
  const std::string source(by.source());
  const bool is_name =
      std::ranges::all_of(source, [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
  if (is_name) return source;
  return by.type().is(expression::Kind::date) ? "date" : "part";
}

}  // namespace

MongodbOptions mongodb_options_of(const job::SinkPlan& plan, const expression::Schema& schema) {
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
  options.batch_every = Duration(plan.batch_every_ms);
  options.in_flight = static_cast<int>(plan.batches_in_flight);
  options.retry = retry_of(plan);
  return options;
}

Result<OpenSink> mongodb_sink_of(const job::SinkPlan& plan, const expression::Schema& schema,
                                 SinkLog log) {
  MongodbOptions options = mongodb_options_of(plan, schema);
  options.log = std::move(log);
  return mongodb_sink(std::move(options));
}

Result<OpenSink> file_sink_of(const job::SinkPlan& plan, const expression::Schema& schema,
                              const std::string& job) {
  const job::FileSink& words = *plan.file;
  if (words.is_one_file()) return file_sink({.path = words.path, .retry = retry_of(plan)});
  FolderOptions options;
  options.path = words.path;
  options.name = job + "-" + plan.name;
  if (words.format == "csv") options.format = FolderFormat::csv;
  if (words.compress == "gzip") options.compress = FolderCompress::gzip;
  if (words.compress == "zstd") options.compress = FolderCompress::zstd;
  if (words.folders == "date") options.by = FolderBy::date;
  if (words.folders == "hour") options.by = FolderBy::hour;
  if (words.partition_by) {
    options.by = FolderBy::key;
    options.key_name = folder_name(*words.partition_by);
  }
  options.roll_bytes = static_cast<std::uint64_t>(words.roll_bytes);
  options.roll_records = static_cast<std::uint64_t>(words.roll_records);
  options.roll_every = Duration(words.roll_every_ms);
  options.columns = sink_columns(schema);
  options.retry = retry_of(plan);
  return folder_sink(std::move(options));
}

PostgresOptions postgres_options_of(const job::SinkPlan& plan, const expression::Schema& schema) {
  const job::PostgresSink& words = *plan.postgres;
  PostgresOptions options;
  options.uri = words.uri;
  options.table = words.table;
  options.id = words.id;
  if (words.write == "insert") options.write = PostgresWrite::insert;
  options.create = words.create;
  options.columns = sink_columns(schema);
  options.batch_records = static_cast<std::size_t>(plan.batch_records);
  options.batch_every = Duration(plan.batch_every_ms);
  options.in_flight = static_cast<int>(plan.batches_in_flight);
  options.retry = retry_of(plan);
  return options;
}

Result<OpenSink> postgres_sink_of(const job::SinkPlan& plan, const expression::Schema& schema,
                                  SinkLog log) {
  PostgresOptions options = postgres_options_of(plan, schema);
  options.log = std::move(log);
  return postgres_sink(std::move(options));
}

}  // namespace weir::run
