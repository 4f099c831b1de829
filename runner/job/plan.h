// A job that was read and checked: every name resolved to a slot, every expression typed and
// compiled, every default filled in. What runs a job, and what explains it, needs nothing else.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "expression/program.h"
#include "expression/schema.h"
#include "job/source.h"
#include <weir/row_aggregate.h>

namespace weir::job {

using expression::Program;
using expression::Schema;

struct TopicDefaults {
  bool create = true;
  std::optional<int> partitions;
  std::optional<int> replication;
};

struct KafkaSettings {
  std::string brokers;  // Empty: not said in the job.
  bool exactly_once = true;
  std::string start = "earliest";  // Or latest, or a time.
  int threads = 1;
  std::int64_t commit_every_ms = 100;
  bool static_membership = true;
  TopicDefaults topics;
  std::vector<std::pair<std::string, std::string>> properties;
};

struct StateSettings {
  std::string dir;  // Empty: not said in the job.
  std::int64_t bytes_max = std::int64_t{16} << 30;
  int standbys = 0;
};

enum class Answer { dlq, stop, drop };

struct ErrorSettings {
  std::string dlq;  // Topic; empty: none.
  Answer decode = Answer::stop;
  Answer process = Answer::stop;
  Answer late = Answer::drop;
  Answer sink = Answer::stop;
  std::string late_topic;       // Over `late`, when not empty.
  double stop_above_share = 0;  // 0: never.
  std::int64_t stop_above_over_ms = 0;
};

struct HttpSettings {
  std::string listen = "127.0.0.1:9464";
  bool dashboard = false;
};

struct LogSettings {
  std::string level = "info";
  std::string format = "text";
};

struct StreamPlan {
  std::string name;
  Place place;
  std::string topic;
  std::string format = "json";
  std::vector<std::string> keyed_by;  // Columns; empty: not known.
  std::optional<Program> time;        // Event time; absent: the record's timestamp.
  std::string zone = "UTC";
  std::int64_t delay_ms = 30'000;
  std::optional<std::int64_t> idle_ms = 60'000;  // Absent: never.
  Schema schema;
};

// An expression with the name of what it gives.
struct NamedProgram {
  std::string name;
  Program program;
};

struct MongodbSink {
  std::string uri;
  std::string database;
  std::string collection;
  Program id;
  std::string write = "upsert";
  std::string decimals = "decimal128";  // Or double, string.
  std::string times = "date";           // Or string.
};

struct PostgresSink {
  std::string uri;
  std::string table;
  std::vector<std::string> id;  // Columns.
  std::string write = "upsert";
  bool create = false;
};

struct FileSink {
  std::string path;
  std::string format = "json";     // Or csv.
  std::string compress = "none";   // Or gzip, zstd.
  std::string folders = "none";    // By the results' time: date, hour.
  std::int64_t roll_bytes = 0;     // 0: never.
  std::int64_t roll_records = 0;   // 0: never.
  std::int64_t roll_every_ms = 0;  // 0: never.
  std::optional<Program> partition_by;
  // `path` is the file, not the folder of many.
  bool is_one_file() const {
    return format == "json" && compress == "none" && folders == "none" && roll_bytes == 0 &&
           roll_records == 0 && roll_every_ms == 0 && !partition_by;
  }
};

struct ConsoleSink {
  std::string title;
  std::vector<std::string> columns;  // Empty: all.
};

struct SinkPlan {
  enum class Kind { topic, mongodb, postgres, file, console };

  Kind kind = Kind::topic;
  std::string name;  // What metrics and --replace-sink call it.
  Place place;
  Place address;  // Of a server.
  std::string topic;
  std::string format = "json";
  std::vector<Program> key;  // Of a topic; empty: the records keep their key.
  std::optional<int> partitions;
  std::int64_t batch_records = 1000;
  std::int64_t batch_every_ms = 200;
  std::int64_t batches_in_flight = 2;
  std::int64_t retry_for_ms = 300'000;
  std::int64_t backoff_first_ms = 100;
  std::int64_t backoff_last_ms = 10'000;
  std::optional<MongodbSink> mongodb;
  std::optional<PostgresSink> postgres;
  std::optional<FileSink> file;
  std::optional<ConsoleSink> console;
};

enum class StepKind { filter, require, assign, key, explode, dedupe, join, aggregate, log };
std::string_view name_of(StepKind kind);

// `set`, `select` and `unset` alike: where each column of the output comes from.
struct Assignment {
  int from_slot = -1;            // Copied from the input, or
  std::optional<Program> value;  // computed.
};

struct ExplodePlan {
  Program list;
  std::string as;
  // Columns [first_slot, ...) of the output are read from the element; each with its path in it,
  // empty for the whole element.
  int first_slot = 0;
  std::vector<std::string> paths;
};

struct DedupePlan {
  std::vector<Program> by;
  std::int64_t within_ms = 0;
  bool keep_last = false;
  bool repartition = false;  // Producers did not say how they partition.
};

// Where records of a pipeline or of a join's other side come from.
struct Origin {
  bool is_stream = true;  // Of JobPlan::streams, else of JobPlan::pipelines.
  std::size_t index = 0;
};

enum class JoinPlanType { inner, left, outer, anti };

struct JoinPlan {
  Origin with;
  std::string as;
  std::vector<Program> left_key;   // Over the step's input.
  std::vector<Program> right_key;  // Over the other side's rows.
  bool left_repartition = false;
  bool right_repartition = false;
  JoinPlanType type = JoinPlanType::inner;
  bool match_once = false;
  std::int64_t before_ms = 0;
  std::int64_t after_ms = 0;
  std::int64_t delay_ms = 0;
  std::int64_t remember_ms = 0;  // Of match once.
  std::optional<Program> id;     // Of match once, over the other side's rows.
  Schema right;                  // The other side's rows.
  // The output row: the left columns at their slots, the right columns from first_right_slot on,
  // before them one slot that says whether there is a right record.
  int first_right_slot = 0;
  // Of match once: rows of key, side, reason, record.
  Schema unmatched;
  std::vector<SinkPlan> unmatched_sinks;
  std::string left_word;   // "order": side of an unmatched left record.
  std::string right_word;  // "payment"
};

enum class WindowKind { none, stepping, per_event, session };

struct AggregatePlan {
  std::vector<NamedProgram> by;
  WindowKind window = WindowKind::none;
  std::int64_t size_ms = 0;
  std::int64_t every_ms = 0;  // Equal to size_ms: tumbling.
  std::int64_t gap_ms = 0;
  std::int64_t longest_ms = 0;  // 0: no limit.
  std::int64_t offset_ms = 0;
  std::int64_t grace_ms = 0;
  bool on_update = false;
  std::int64_t update_every_ms = 0;  // 0: each change.
  bool repartition = false;          // False as well when there is no `by`.
  // Evaluated on the input row; aggregates name their arguments by place in here.
  std::vector<Program> arguments;
  std::vector<RowAggregate> aggregates;
  // The output row: the `by` columns, window_start and window_end if windowed, the aggregates.
  int first_result_slot = 0;
};

struct LogPlan {
  std::string level = "info";
  std::vector<std::string> texts;  // Around the values: one more than those.
  std::vector<Program> values;
  double lines_per_second = 1;
};

struct StepPlan {
  StepKind kind = StepKind::filter;
  std::string word;   // As written: filter, set, select, ...
  std::string id;     // "clean_orders.1": pipeline and number, from 1.
  std::string store;  // "clean_orders.dedupe"; empty when it keeps nothing.
  Place place;
  Schema in;
  Schema out;
  std::optional<Program> condition;     // filter, require
  std::vector<Assignment> assignments;  // set, select, unset: one for each column of `out`
  std::vector<Program> key;             // key
  std::optional<ExplodePlan> explode;
  std::optional<DedupePlan> dedupe;
  std::optional<JoinPlan> join;
  std::optional<AggregatePlan> aggregate;
  std::optional<LogPlan> log;
};

struct RoutePlan {
  std::optional<Program> when;  // Absent: all that is left.
  std::vector<SinkPlan> sinks;
};

struct PipelinePlan {
  std::string name;
  Place place;
  std::vector<Origin> from;
  std::vector<StepPlan> steps;
  Schema out;
  std::vector<SinkPlan> sinks;
  std::vector<RoutePlan> routes;
  // By which columns of `out` the records are partitioned; empty: not known.
  std::vector<std::string> keyed_by;
};

struct JobPlan {
  std::string name;
  std::string description;
  expression::Params params;
  KafkaSettings kafka;
  StateSettings state;
  ErrorSettings errors;
  HttpSettings http;
  LogSettings log;
  std::vector<StreamPlan> streams;
  std::vector<PipelinePlan> pipelines;  // Each behind those it reads from.
};

// The fields of a record as they are written: name and slot, in order. Columns of a joined record,
// "payment.amount", belong into an object "payment".
std::vector<std::pair<std::string, int>> output_fields(const Schema& schema);

}  // namespace weir::job
