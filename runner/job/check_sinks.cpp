#include <algorithm>

#include "job/check.h"
#include "job/scalar.h"
#include "job/settings.h"
#include <weir/mongodb_sink.h>
#include <weir/postgres_sink.h>

namespace weir::job {

using expression::Kind;
using expression::Type;

std::vector<SinkPlan> JobChecker::read_sinks(const Node& key, const Node& node, Flow& flow) {
  std::vector<SinkPlan> sinks;
  for (const Node* one : entries(node)) {
    if (std::optional<SinkPlan> sink = read_sink(key, *one, flow))
      sinks.push_back(std::move(*sink));
  }
  return sinks;
}

std::optional<SinkPlan> JobChecker::read_sink(const Node& key, const Node& node, Flow& flow) {
  SinkPlan sink;
  sink.place = node.is_map() && !node.keys.empty() ? node.keys[0].place : node.place;
  std::vector<std::string_view> kinds;
  for (const std::string_view kind : {"topic", "mongodb", "postgres", "file", "console"}) {
    if (node.is_map() && node.find_key(kind) != nullptr) kinds.push_back(kind);
  }
  if (node.is_map() && kinds.size() != 1) {
    found_
        .error("E401", node.keys.empty() ? key.place : node.keys[0].place,
               kinds.empty() ? "this sink has no destination"
                             : "a sink has one destination, here are " + std::string(kinds[0]) +
                                   " and " + std::string(kinds[1]))
        .hint = "write a list: one '- topic: ...' or '- mongodb: ...' for each";
    return std::nullopt;
  }
  const std::string_view kind = node.is_map() ? kinds[0] : "topic";
  sink.name = kind;
  bool good = false;
  if (kind == "topic") good = read_topic(node, flow, sink);
  if (kind == "mongodb") good = read_mongodb(*node.find("mongodb"), flow, sink);
  if (kind == "postgres") good = read_postgres(*node.find("postgres"), flow, sink);
  if (kind == "file") good = read_file(*node.find("file"), flow, sink);
  if (kind == "console") good = read_console(*node.find("console"), flow, sink);
  if (!good) return std::nullopt;
  if (kind != "topic") {
    for (const std::string_view only : {"key", "partitions", "format"}) {
      const Node* one = node.find_key(only);
      if (one == nullptr) continue;
      found_.error("E402", one->place, "'" + one->text + "' is for topics");
      return std::nullopt;
    }
  }
  sink.name = text_at(&node, "name", sink.name);
  const bool fresh = sink_names_.emplace(sink.name, sink.place).second;
  // Several pipelines may write one topic; other sinks are told apart by their names.
  if (!fresh && kind != "topic") {
    found_.error("E404", sink.place, "two sinks are called '" + sink.name + "'").hint =
        "give one of them another name: 'name: second-" + std::string(kind) + "'";
    return std::nullopt;
  }
  return sink;
}

bool JobChecker::read_topic(const Node& node, Flow& flow, SinkPlan& sink) {
  const Node& topic = node.is_map() ? *node.find("topic") : node;
  sink.kind = SinkPlan::Kind::topic;
  sink.topic = topic.text;
  sink.name = topic.text;
  if (!is_topic_name(sink.topic)) {
    found_.error("E108", topic.place, "'" + sink.topic + "' cannot be the name of a topic").hint =
        "a topic has letters, digits, '.', '_' and '-'";
    return false;
  }
  if (!node.is_map()) return true;
  sink.partitions = count_at(&node, "partitions");
  sink.format = text_at(&node, "format", "json");
  if (sink.format != "json") {
    later("format '" + sink.format + "'", node.find("format")->place);
    return false;
  }
  if (const Node* key = node.find("key")) {
    sink.key = programs(*key, flow);
    return !sink.key.empty();
  }
  return true;
}

void JobChecker::read_batches(const Node& node, SinkPlan& sink) {
  const Node* batch = node.find("batch");
  sink.batch_records = integer_at(batch, "records", sink.batch_records);
  sink.batch_every_ms = duration_at(batch, "every", sink.batch_every_ms);
  sink.batches_in_flight = integer_at(batch, "in_flight", sink.batches_in_flight);
  read_retry(node, sink);
}

void JobChecker::read_retry(const Node& node, SinkPlan& sink) {
  const Node* retry = node.find("retry");
  sink.retry_for_ms = duration_at(retry, "for", sink.retry_for_ms);
  parse_range(text_at(retry, "backoff", "100ms..10s"), sink.backoff_first_ms, sink.backoff_last_ms);
}

bool JobChecker::read_mongodb(const Node& node, Flow& flow, SinkPlan& sink) {
  sink.kind = SinkPlan::Kind::mongodb;
  const Node& uri = *node.find("uri");
  sink.address = uri.place;
  const Node& id = *node.find("id");
  std::vector<Program> ids = programs(id, flow);
  if (ids.empty()) return false;
  if (ids[0].type().nullable && !ids[0].type().is(Kind::any)) {
    found_.error("E406", id.place, "'id' may be null, and a document needs one").hint =
        "'require: " + id.text + " is not null' before, or '" + id.text + " ?? ...'";
    return false;
  }
  sink.mongodb = MongodbSink{uri.text,
                             text_at(&node, "database"),
                             text_at(&node, "collection"),
                             std::move(ids[0]),
                             text_at(&node, "write", "upsert"),
                             text_at(&node, "decimals", "decimal128"),
                             text_at(&node, "times", "date")};
  read_batches(node, sink);
  return true;
}

bool JobChecker::known_column(const Node& name, const Flow& flow) {
  std::vector<std::string> known;
  for (const auto& [field, slot] : output_fields(flow.schema)) known.push_back(field);
  if (flow.schema.open || std::find(known.begin(), known.end(), name.text) != known.end()) {
    return true;
  }
  Diagnostic& d = found_.error("E201", name.place, "unknown field '" + name.text + "'");
  d.hint = did_you_mean(name.text, known);
  return false;
}

bool JobChecker::read_postgres(const Node& node, Flow& flow, SinkPlan& sink) {
  sink.kind = SinkPlan::Kind::postgres;
  PostgresSink made;
  made.uri = text_at(&node, "uri");
  sink.address = node.find("uri")->place;
  made.table = text_at(&node, "table");
  made.write = text_at(&node, "write", "upsert");
  made.create = flag_at(&node, "create", false);
  if (made.create && flow.schema.open) {
    found_
        .error("E402", node.find_key("create")->place,
               "'create' needs declared fields, and these records may have any")
        .hint = "'select' the fields of the table, or create it yourself";
    return false;
  }
  for (const Node* name : entries(*node.find("id"))) {
    if (!known_column(*name, flow)) return false;
    const int slot = flow.schema.find(name->text);
    if (slot >= 0 && flow.schema.columns[static_cast<std::size_t>(slot)].type.nullable &&
        !flow.schema.open) {
      found_.error("E406", name->place, "'id' may be null, and a row needs one").hint =
          "'require: " + name->text + " is not null' before";
      return false;
    }
    made.id.push_back(name->text);
  }
  sink.postgres = std::move(made);
  read_batches(node, sink);
  return true;
}

bool JobChecker::read_file(const Node& node, Flow& flow, SinkPlan& sink) {
  sink.kind = SinkPlan::Kind::file;
  FileSink made;
  made.path = text_at(&node, "path");
  made.format = text_at(&node, "format", "json");
  made.compress = text_at(&node, "compress", "none");
  made.folders = text_at(&node, "folders", "none");
  if (made.format == "csv" && flow.schema.open) {
    found_
        .error("E402", node.find_key("format")->place,
               "CSV needs declared fields, and these records may have any")
        .hint = "'select' the fields that become columns";
    return false;
  }
  if (const Node* roll = node.find("roll")) {
    parse_size(text_at(roll, "size"), made.roll_bytes);
    made.roll_every_ms = duration_at(roll, "every", 0);
    made.roll_records = integer_at(roll, "records", 0);
  }
  if (const Node* by = node.find("partition_by")) {
    if (made.folders != "none") {
      found_.error("E402", by->place, "'folders' and 'partition_by' say the same thing twice");
      return false;
    }
    made.partition_by = program(*by, flow, {});
    if (!made.partition_by) return false;
    const Type& type = made.partition_by->type();
    if (!type.is(Kind::date) && !type.is(Kind::text) && !type.is(Kind::any)) {
      found_
          .error("E202", by->place,
                 "'partition_by' is a date or a string, but this is " + type.to_string())
          .hint = "of a time write date(...)";
      return false;
    }
  }
  if (made.is_one_file() && plan_.kafka.exactly_once) {
    found_
        .warning("W104", node.find("path")->place,
                 "results are appended to this file: after a crash some of them are there twice")
        .hint = "'roll: {every: 10m}' makes it a folder of files that have each result once";
  }
  sink.file = std::move(made);
  read_retry(node, sink);
  return true;
}

bool JobChecker::read_console(const Node& node, const Flow& flow, SinkPlan& sink) {
  sink.kind = SinkPlan::Kind::console;
  ConsoleSink made;
  made.title = text_at(&node, "title");
  if (const Node* columns = node.is_map() ? node.find("columns") : nullptr) {
    for (const Node& name : columns->items) {
      if (!known_column(name, flow)) return false;
      made.columns.push_back(name.text);
    }
  }
  sink.console = std::move(made);
  return true;
}

namespace {

void check_address(const SinkPlan& sink, Diagnostics& found) {
  Status good;
  if (sink.mongodb) good = check_mongodb_address(sink.mongodb->uri);
  if (sink.postgres) good = check_postgres_address(sink.postgres->uri);
  if (good) return;
  Diagnostic& d = found.error("E403", sink.address, good.error().text);
  d.hint = good.error().hint;
  d.excerpt.clear();  // The line may hold a password.
}

}  // namespace

void check_addresses(const JobPlan& plan, Diagnostics& found) {
  for (const PipelinePlan& pipeline : plan.pipelines) {
    for (const SinkPlan& sink : pipeline.sinks) check_address(sink, found);
    for (const RoutePlan& route : pipeline.routes) {
      for (const SinkPlan& sink : route.sinks) check_address(sink, found);
    }
  }
}

}  // namespace weir::job
