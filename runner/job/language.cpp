#include "job/language.h"

#include <array>

namespace weir::job {

namespace {

using Words = std::string_view;

constexpr std::array<Words, 2> kGuarantees{"exactly_once", "at_least_once"};
constexpr std::array<Words, 2> kMemberships{"static", "dynamic"};
constexpr std::array<Words, 3> kAnswers{"dlq", "stop", "drop"};
constexpr std::array<Words, 2> kSinkAnswers{"dlq", "stop"};
constexpr std::array<Words, 2> kLateAnswers{"dlq", "drop"};
constexpr std::array<Words, 3> kFormats{"json", "string", "bytes"};
constexpr std::array<Words, 1> kNever{"never"};
constexpr std::array<Words, 2> kKeep{"first", "last"};
constexpr std::array<Words, 4> kJoinTypes{"inner", "left", "outer", "anti"};
constexpr std::array<Words, 2> kMatches{"every", "once"};
constexpr std::array<Words, 2> kMissing{"drop", "dlq"};
constexpr std::array<Words, 2> kEmit{"on_close", "on_update"};
constexpr std::array<Words, 1> kEvent{"event"};
constexpr std::array<Words, 5> kLevels{"trace", "debug", "info", "warn", "error"};
constexpr std::array<Words, 3> kLogFormats{"text", "json", "logfmt"};
constexpr std::array<Words, 4> kWrites{"upsert", "replace", "merge", "insert"};
constexpr std::array<Words, 3> kDocumentDecimals{"decimal128", "double", "string"};
constexpr std::array<Words, 2> kDocumentTimes{"date", "string"};
constexpr std::array<Words, 2> kRowWrites{"upsert", "insert"};
constexpr std::array<Words, 2> kFileFormats{"json", "csv"};
constexpr std::array<Words, 3> kFileCompress{"none", "gzip", "zstd"};
constexpr std::array<Words, 3> kFileFolders{"none", "date", "hour"};

template <std::size_t N>
constexpr MapSpec map_of(std::string_view name, const std::array<KeySpec, N>& keys) {
  return {name, keys};
}

constexpr auto kTopics = std::to_array<KeySpec>({
    {"create", Want::boolean, "Create missing topics of sinks.", nullptr, {}, false, false, "true"},
    {"partitions", Want::integer, "Partitions of created topics; absent: as the input has."},
    {"replication", Want::integer, "Replicas of created topics; absent: the broker's default."},
});
constexpr MapSpec kTopicsMap = map_of("'topics'", kTopics);

constexpr auto kKafka = std::to_array<KeySpec>({
    {"brokers", Want::text, "Addresses, host:port, with commas between them."},
    {"guarantee", Want::word, "What a crash may do to the output.", nullptr, kGuarantees, false,
     false, "exactly_once"},
    {"start",
     Want::text,
     "Where a job that never ran starts: earliest, latest or a time.",
     nullptr,
     {},
     false,
     false,
     "earliest"},
    {"threads", Want::integer, "Workers of this process.", nullptr, {}, false, false, "1"},
    {"commit_every",
     Want::duration,
     "How often results become visible.",
     nullptr,
     {},
     false,
     false,
     "100ms"},
    {"membership", Want::word, "static: a restarted process gets its tasks back at once.", nullptr,
     kMemberships, false, false, "static"},
    {"topics", Want::none, "Topics that weir creates.", &kTopicsMap},
    {"properties", Want::constants_by_name, "Any property of librdkafka."},
});
constexpr MapSpec kKafkaMap = map_of("'kafka'", kKafka);

constexpr auto kState = std::to_array<KeySpec>({
    {"dir", Want::text, "Where local state lives."},
    {"max_size",
     Want::size,
     "Largest size of a task's state on disk.",
     nullptr,
     {},
     false,
     false,
     "16GiB"},
    {"standbys",
     Want::count,
     "Copies of the state kept on other instances.",
     nullptr,
     {},
     false,
     false,
     "0"},
});
constexpr MapSpec kStateMap = map_of("'state'", kState);

constexpr auto kLate = std::to_array<KeySpec>({
    {"topic", Want::text, "Topic for late records.", nullptr, {}, true},
});
constexpr MapSpec kLateMap = map_of("'late'", kLate);

constexpr auto kStopAbove = std::to_array<KeySpec>({
    {"share", Want::percent, "Share of dead letters.", nullptr, {}, true},
    {"over", Want::duration, "Of the last so long; judged from 100 records on.", nullptr, {}, true},
});
constexpr MapSpec kStopAboveMap = map_of("'stop_above'", kStopAbove);

constexpr auto kErrors = std::to_array<KeySpec>({
    {"dlq", Want::text,
     "Topic for each record that could not be used, with its original bytes and the reason."},
    {"decode", Want::word, "For records that do not fit their fields.", nullptr, kAnswers},
    {"process", Want::word, "For records that an expression or a rule refuses.", nullptr, kAnswers},
    {"late", Want::word, "For records whose windows are all closed.", &kLateMap, kLateAnswers},
    {"sink", Want::word, "For records that a sink refuses.", nullptr, kSinkAnswers},
    {"stop_above", Want::none, "Stop the job when too many records are dead letters.",
     &kStopAboveMap},
});
constexpr MapSpec kErrorsMap = map_of("'errors'", kErrors);

constexpr auto kWatermark = std::to_array<KeySpec>({
    {"delay",
     Want::duration,
     "How long after its end a window still takes records.",
     nullptr,
     {},
     false,
     false,
     "30s"},
    {"idle", Want::duration, "Silence after which a partition holds nothing back, or never.",
     nullptr, kNever, false, false, "1m"},
});
constexpr MapSpec kWatermarkMap = map_of("'watermark'", kWatermark);

constexpr auto kStream = std::to_array<KeySpec>({
    {"topic", Want::text, "The Kafka topic.", nullptr, {}, true},
    {"format", Want::word, "How values are written.", nullptr, kFormats, false, false, "json"},
    {"keyed_by", Want::expressions, "The fields by which producers choose the partition."},
    {"time", Want::expression, "The field with the event time; absent: the record's timestamp."},
    {"zone", Want::text, "Time zone of times without an offset.", nullptr, {}, false, false, "UTC"},
    {"watermark", Want::duration, "How out of order records may be (delay), and idleness.",
     &kWatermarkMap},
    {"fields", Want::fields, "Name and type of each field, or the word any.", nullptr, {}, true},
});
constexpr MapSpec kStreamMap = map_of("a stream", kStream);

constexpr auto kTable = std::to_array<KeySpec>({
    {"topic", Want::text, "The Kafka topic.", nullptr, {}, true},
    {"format", Want::word, "How values are written.", nullptr, kFormats, false, false, "json"},
    {"keyed_by", Want::expressions, "The fields that are the key.", nullptr, {}, true},
    {"everywhere", Want::boolean, "A whole copy on each instance."},
    {"fields", Want::fields, "Name and type of each field, or the word any.", nullptr, {}, true},
});
constexpr MapSpec kTableMap = map_of("a table", kTable);

constexpr auto kBatch = std::to_array<KeySpec>({
    {"records", Want::integer, "Records written together.", nullptr, {}, false, false, "1000"},
    {"every", Want::duration, "Longest time a record waits.", nullptr, {}, false, false, "200ms"},
    {"in_flight",
     Want::integer,
     "Batches under way at a time; those of a partition go one after the other.",
     nullptr,
     {},
     false,
     false,
     "2"},
});
constexpr MapSpec kBatchMap = map_of("'batch'", kBatch);

constexpr auto kRetry = std::to_array<KeySpec>({
    {"for",
     Want::duration,
     "How long a failed write is repeated before the job stops.",
     nullptr,
     {},
     false,
     false,
     "5m"},
    {"backoff",
     Want::range,
     "Shortest and longest pause between two attempts.",
     nullptr,
     {},
     false,
     false,
     "100ms..10s"},
});
constexpr MapSpec kRetryMap = map_of("'retry'", kRetry);

constexpr auto kMongodb = std::to_array<KeySpec>({
    {"uri", Want::text, "Address of the server.", nullptr, {}, true, true},
    {"database", Want::text, "Name of the database.", nullptr, {}, true},
    {"collection", Want::text, "Name of the collection.", nullptr, {}, true},
    {"id",
     Want::expression,
     "Becomes _id: a record written again overwrites itself.",
     nullptr,
     {},
     true},
    {"write", Want::word, "upsert and replace write the whole document, merge sets its fields.",
     nullptr, kWrites, false, false, "upsert"},
    {"decimals", Want::word, "What decimals become.", nullptr, kDocumentDecimals, false, false,
     "decimal128"},
    {"times", Want::word, "What times become.", nullptr, kDocumentTimes, false, false, "date"},
    {"batch", Want::none, "How many records are written together.", &kBatchMap},
    {"retry", Want::none, "What happens while the server is away.", &kRetryMap},
});
constexpr MapSpec kMongodbMap = map_of("sink 'mongodb'", kMongodb);

constexpr auto kPostgres = std::to_array<KeySpec>({
    {"uri", Want::text, "Address of the server.", nullptr, {}, true, true},
    {"table",
     Want::text,
     "Name of the table, which has a column for each field.",
     nullptr,
     {},
     true},
    {"id", Want::expressions, "The columns of the primary key.", nullptr, {}, true},
    {"write", Want::word, "upsert updates the row of the same id.", nullptr, kRowWrites, false,
     false, "upsert"},
    {"create",
     Want::boolean,
     "Create the table if it is missing.",
     nullptr,
     {},
     false,
     false,
     "false"},
    {"batch", Want::none, "How many records are written together.", &kBatchMap},
    {"retry", Want::none, "What happens while the server is away.", &kRetryMap},
});
constexpr MapSpec kPostgresMap = map_of("sink 'postgres'", kPostgres);

constexpr auto kRoll = std::to_array<KeySpec>({
    {"size", Want::size, "A new file after so many bytes."},
    {"records", Want::integer, "A new file after so many records."},
    {"every", Want::duration, "A new file after that time."},
});
constexpr MapSpec kRollMap = map_of("'roll'", kRoll);

constexpr auto kFile = std::to_array<KeySpec>({
    {"path",
     Want::text,
     "The file; with any other key but 'retry' and 'format: json' the directory.",
     nullptr,
     {},
     true},
    {"format", Want::word, "json: one object on each line.", nullptr, kFileFormats, false, false,
     "json"},
    {"compress", Want::word, "How files are compressed.", nullptr, kFileCompress, false, false,
     "none"},
    {"roll", Want::none, "When a new file starts.", &kRollMap},
    {"folders", Want::word, "date=.../ and hour=.../ by the results' time, in UTC.", nullptr,
     kFileFolders, false, false, "none"},
    {"partition_by", Want::expression, "A date: one directory for each."},
    {"retry", Want::none, "What happens while the disk is full.", &kRetryMap},
});
constexpr MapSpec kFileMap = map_of("sink 'file'", kFile);

constexpr auto kConsole = std::to_array<KeySpec>({
    {"title", Want::text, "A line above the table."},
    {"columns", Want::names, "The fields to show; absent: all."},
});
constexpr MapSpec kConsoleMap = map_of("sink 'console'", kConsole);

constexpr auto kSink = std::to_array<KeySpec>({
    {"topic", Want::text, "A Kafka topic."},
    {"key", Want::expressions, "Key of the records in the topic."},
    {"format", Want::word, "How values are written.", nullptr, kFormats, false, false, "json"},
    {"partitions", Want::integer, "Partitions of the topic if it has to be created."},
    {"name", Want::dash_name, "What metrics and --replace-sink call this sink."},
    {"mongodb", Want::none, "A MongoDB collection.", &kMongodbMap},
    {"postgres", Want::none, "A PostgreSQL table.", &kPostgresMap},
    {"file", Want::none, "Files of JSON lines or CSV.", &kFileMap},
    {"console", Want::none, "A table on the terminal.", &kConsoleMap},
});
constexpr MapSpec kSinkMap = map_of("a sink", kSink);

constexpr auto kExplode = std::to_array<KeySpec>({
    {"list", Want::expression, "The list.", nullptr, {}, true},
    {"as", Want::name, "Name of one element.", nullptr, {}, true},
});
constexpr MapSpec kExplodeMap = map_of("step 'explode'", kExplode);

constexpr auto kDedupe = std::to_array<KeySpec>({
    {"by", Want::expressions, "What makes two records the same.", nullptr, {}, true},
    {"within",
     Want::duration,
     "How far apart in event time repeats are looked for.",
     nullptr,
     {},
     true},
    {"keep", Want::word, "Which one of them goes on.", nullptr, kKeep, false, false, "first"},
    {"store", Want::dash_name, "Name of its store, when the pipeline has two of the kind."},
});
constexpr MapSpec kDedupeMap = map_of("step 'dedupe'", kDedupe);

constexpr auto kSides = std::to_array<KeySpec>({
    {"left", Want::expressions, "The key of this pipeline's records.", nullptr, {}, true},
    {"right", Want::expressions, "The key of the other records.", nullptr, {}, true},
});
constexpr MapSpec kSidesMap = map_of("'by'", kSides);

constexpr auto kWithin = std::to_array<KeySpec>({
    {"before", Want::duration, "How much earlier the other record may be.", nullptr, {}, true},
    {"after", Want::duration, "How much later the other record may be.", nullptr, {}, true},
});
constexpr MapSpec kWithinMap = map_of("'within'", kWithin);

constexpr auto kJoin = std::to_array<KeySpec>({
    {"with", Want::text, "The other stream, pipeline or table.", nullptr, {}, true},
    {"as", Want::name, "Name of the other record; absent: the name of the stream."},
    {"by",
     Want::expressions,
     "The key, one for both sides or {left, right}.",
     &kSidesMap,
     {},
     true},
    {"type", Want::word, "What happens to records without a partner.", nullptr, kJoinTypes, false,
     false, "inner"},
    {"match", Want::word, "once: each record is in one pair at most.", nullptr, kMatches, false,
     false, "every"},
    {"within", Want::duration, "Largest distance in event time of two records that join.",
     &kWithinMap},
    {"delay", Want::duration, "How much longer a record waits; absent: the streams' delay."},
    {"remember", Want::duration, "With match once: how long keys and ids are known."},
    {"id", Want::expression, "With match once: what makes two of the other records the same."},
    {"unmatched", Want::sinks, "With match once: where records without a partner go.", &kSinkMap},
    {"missing", Want::word, "With a table: what happens when it has no row.", nullptr, kMissing},
    {"store", Want::dash_name, "Name of its stores, when the pipeline has two joins."},
});
constexpr MapSpec kJoinMap = map_of("step 'join'", kJoin);

constexpr auto kWindow = std::to_array<KeySpec>({
    {"size", Want::duration, "Length of a window."},
    {"every", Want::duration, "Distance between two starts, or event: one window for each record.",
     nullptr, kEvent},
    {"gap", Want::duration, "A session ends after so much silence."},
    {"longest", Want::duration, "A session ends after that time in any case."},
    {"offset", Want::duration, "Moves all windows; they start at midnight UTC otherwise."},
});
constexpr MapSpec kWindowMap = map_of("'window'", kWindow);

constexpr auto kEmitEvery = std::to_array<KeySpec>({
    {"every", Want::duration, "At most one update for each key in that time.", nullptr, {}, true},
});
constexpr MapSpec kEmitMap = map_of("'emit'", kEmitEvery);

constexpr auto kAggregate = std::to_array<KeySpec>({
    {"by", Want::expressions, "One result for each of these; absent: one for all records."},
    {"window", Want::none, "One result for each of these spans of event time.", &kWindowMap},
    {"fields",
     Want::aggregates_by_name,
     "Names and aggregates: total: sum(amount).",
     nullptr,
     {},
     true},
    {"emit", Want::word, "on_close: one final result; on_update: one after each change.", &kEmitMap,
     kEmit, false, false, "on_close"},
    {"store", Want::dash_name, "Name of its store, when the pipeline has two aggregates."},
});
constexpr MapSpec kAggregateMap = map_of("step 'aggregate'", kAggregate);

constexpr auto kTop = std::to_array<KeySpec>({
    {"limit", Want::integer, "How many.", nullptr, {}, true},
    {"order_by", Want::text, "A field, then asc or desc.", nullptr, {}, true},
    {"per", Want::expressions, "One list for each of these."},
    {"rank_as", Want::name, "Field with the place in the list."},
});
constexpr MapSpec kTopMap = map_of("step 'top'", kTop);

constexpr auto kLogStep = std::to_array<KeySpec>({
    {"level", Want::word, "How important it is.", nullptr, kLevels, false, false, "info"},
    {"message", Want::text, "Text with {expressions} in it.", nullptr, {}, true},
    {"at_most", Want::rate, "How many lines at most.", nullptr, {}, false, false, "1/s"},
});
constexpr MapSpec kLogStepMap = map_of("step 'log'", kLogStep);

constexpr auto kSteps = std::to_array<KeySpec>({
    {"filter", Want::expression, "Keeps records for which this is true."},
    {"require", Want::expression, "As filter, but other records are dead letters."},
    {"set", Want::expressions_by_name, "Adds or replaces fields."},
    {"select", Want::expressions_by_name, "Builds the record anew from these fields."},
    {"unset", Want::names, "Removes fields."},
    {"key", Want::expressions, "Gives records another key."},
    {"explode", Want::none, "One record for each element of a list.", &kExplodeMap},
    {"dedupe", Want::none, "Drops repeats.", &kDedupeMap},
    {"join", Want::none, "Brings records of two streams together.", &kJoinMap},
    {"aggregate", Want::none, "Counts, sums and more, over windows of time.", &kAggregateMap},
    {"top", Want::none, "The largest of a group.", &kTopMap},
    {"log", Want::none, "Writes a line about some records.", &kLogStepMap},
});
constexpr MapSpec kStepMap = map_of("a step", kSteps);

constexpr auto kRoute = std::to_array<KeySpec>({
    {"when", Want::expression, "Takes records for which this is true."},
    {"to", Want::sinks, "Where they go.", &kSinkMap},
    {"otherwise", Want::sinks, "Where all others go.", &kSinkMap},
});
constexpr MapSpec kRouteMap = map_of("a route", kRoute);

constexpr auto kPipeline = std::to_array<KeySpec>({
    {"description", Want::text, "For people."},
    {"from", Want::sources, "A stream, a pipeline, or a list of them.", nullptr, {}, true},
    {"steps", Want::steps, "What happens to the records, in this order.", &kStepMap},
    {"to", Want::sinks, "Where the results go.", &kSinkMap},
    {"route", Want::maps, "Where the results go, by conditions: the first that is true counts.",
     &kRouteMap},
});
constexpr MapSpec kPipelineMap = map_of("a pipeline", kPipeline);

constexpr auto kHttp = std::to_array<KeySpec>({
    {"listen",
     Want::text,
     "Address for metrics and probes, or off.",
     nullptr,
     {},
     false,
     false,
     "127.0.0.1:9464"},
    {"dashboard", Want::boolean, "Show the dashboard there.", nullptr, {}, false, false, "false"},
});
constexpr MapSpec kHttpMap = map_of("'http'", kHttp);

constexpr auto kLog = std::to_array<KeySpec>({
    {"level", Want::word, "The least important lines to write.", nullptr, kLevels, false, false,
     "info"},
    {"format", Want::word, "How lines look.", nullptr, kLogFormats, false, false, "text"},
});
constexpr MapSpec kLogMap = map_of("'log'", kLog);

constexpr auto kJob = std::to_array<KeySpec>({
    {"weir", Want::version, "Version of the job language.", nullptr, {}, true},
    {"job",
     Want::dash_name,
     "Name of the job: its consumer group, and the prefix of its internal topics.",
     nullptr,
     {},
     true},
    {"description", Want::text, "For people."},
    {"params", Want::constants_by_name, "Named constants: $name in expressions."},
    {"kafka", Want::none, "The cluster, and how to use it.", &kKafkaMap},
    {"state", Want::none, "Where state lives.", &kStateMap},
    {"errors", Want::none, "What happens to records that cannot be used.", &kErrorsMap},
    {"streams", Want::maps_by_name, "What is read.", &kStreamMap, {}, true},
    {"tables", Want::maps_by_name, "Latest values by key.", &kTableMap},
    {"pipelines", Want::maps_by_name, "What is done.", &kPipelineMap, {}, true},
    {"http", Want::none, "Metrics and probes.", &kHttpMap},
    {"log", Want::none, "What is logged.", &kLogMap},
});
constexpr MapSpec kJobMap = map_of("a job", kJob);

}  // namespace

const KeySpec* MapSpec::find(std::string_view key) const {
  for (const KeySpec& spec : keys) {
    if (spec.name == key) return &spec;
  }
  return nullptr;
}

const MapSpec& job_language() { return kJobMap; }
const MapSpec& step_language() { return kStepMap; }
const MapSpec& sink_language() { return kSinkMap; }

}  // namespace weir::job
