// Pages of `weir explain`: streams, pipelines, sinks.
#include <array>

#include "job/codes.h"

namespace weir::job {

namespace {

constexpr auto kTopologyPages = std::to_array<CodePage>({
    {"E301", "a stream or pipeline is not known",
     "'from' and 'with' name an entry of 'streams' or 'pipelines'. The message lists them.\n"},
    {"E302", "a pipeline reads its own output",
     "Pipelines form no circle. The note shows the way round. To feed results back, write them to "
     "a\n"
     "topic and read that in another job.\n"},
    {"E303", "a name is used twice",
     "Streams and pipelines share one set of names, since 'from' and 'with' may name both.\n"},
    {"E304", "a pipeline leads nowhere",
     "Nothing reads this pipeline and it has no 'to'. Give it one, or name it in another's "
     "'from'.\n"},
    {"E305", "the sources differ",
     "Records of all sources of a pipeline have the same fields with the same types in the same "
     "order.\n"
     "Bring them to that by 'select' in pipelines of their own.\n"},
    {"E310", "a join of streams needs 'within'",
     "A stream has no end: without a limit every record would have to be kept for ever, since a "
     "partner\n"
     "may still come. 'within: 15m' joins records at most 15 minutes apart in event time;\n"
     "'within: {before: 0s, after: 15m}' only those where the other one comes later.\n"},
    {"E311", "this key is for joins with a table",
     "A record of a stream may have no partner; 'type: left' and 'type: outer' let it go on "
     "alone.\n"
     "'missing' is for tables, where there is a row for a key or there is none.\n"},
    {"E312", "match: once needs an id",
     "With 'match: once' each order has one payment. To tell a payment that was sent twice from a "
     "second\n"
     "payment, the join has to know what makes two of them the same: 'id: payment_id'.\n"},
    {"E313", "these options of a join do not go together",
     "'remember', 'id' and 'unmatched' belong to 'match: once'; 'type' does not, since there each "
     "record\n"
     "without a partner goes where 'unmatched' says. Its 'within' is the same both ways.\n"},
    {"E314", "the keys of both sides differ",
     "Records join when their keys are equal. Both sides need as many key fields, of the same "
     "types.\n"
     "'by: {left: id, right: order_id}' names them for each side.\n"},
    {"E320", "a window that cannot be",
     "  {size: 1m}                  one after the other\n"
     "  {size: 10s, every: 5s}      overlapping; 'every' is at most 'size'\n"
     "  {size: 10s, every: event}   one for each record, looking back\n"
     "  {gap: 30m}                  sessions: they end after 30 minutes of silence\n"},
    {"E321", "there is no final result",
     "Without a window an aggregate never ends, so there is no final result to wait for. Give it "
     "a\n"
     "'window', or 'emit: on_update': then each change is written.\n"},
    {"E322", "two stores have one name",
     "Stores, and their topics, are called after the pipeline and the step, so that adding a step "
     "never\n"
     "renames them. A pipeline with two steps of one kind needs a name for one: 'store: "
     "second-dedupe'.\n"},
    {"E323", "'by' names fields",
     "A field of the result needs a name, so 'by' takes fields, not expressions. Give the value a "
     "name in\n"
     "a 'set' step before.\n"},
    {"E330", "this version cannot run the job",
     "The language can say it, but this version of weir does not do it, or what it would do has no "
     "end.\n"
     "The text names the step or the stream; the hint says what to write in its place.\n"},
    {"E401", "a sink has one destination",
     "Each entry of 'to' is a topic, mongodb, postgres, file or console. For several, write a "
     "list:\n"
     "\n"
     "  to:\n"
     "    - topic: results\n"
     "    - console: {}\n"},
    {"E402", "this key is for topics",
     "'key', 'partitions' and 'format' say how records lie in a Kafka topic. Other sinks have keys "
     "of\n"
     "their own, below their name.\n"},
    {"E403", "this is no address of a server",
     "A MongoDB address starts with mongodb:// or mongodb+srv://, one of PostgreSQL with "
     "postgresql://,\n"
     "or it is host=... dbname=...; all of its options have to be known to the driver, with values "
     "that\n"
     "they may have. In user and password write %40 for @, %3A for :, %2F for /, %3F for ?, %23 "
     "for #\n"
     "and %25 for %. Keep the password out of the file: uri: ${MONGODB_URI}, or\n"
     "${file:/etc/weir/mongo-uri}.\n"},
    {"E404", "two sinks have one name",
     "Metrics and --replace-sink name a sink by its kind, its topic, or its 'name'. Give one of "
     "the two a\n"
     "'name'.\n"},
    {"E405", "the job reads what it writes",
     "A topic is a stream and a sink of the same job. Each record would come back for ever.\n"},
    {"E406", "the id may be null",
     "The id of a document or row makes a repeated write harmless, so every record needs one. "
     "Refuse\n"
     "those without: 'require: order_id is not null', which also tells the types that it is "
     "there.\n"},
    {"W101", "a stream is not read",
     "The stream is declared, but no pipeline reads it. Remove it, or name it in a 'from'.\n"},
    {"W102", "windows stay open in silence",
     "Windows close when event time moves on, and time moves when records come. With 'idle: never' "
     "the\n"
     "last windows of a quiet topic stay open until its next record. 'idle: 1m' lets the clock "
     "move time\n"
     "after a minute of silence, though never while there is a backlog.\n"},
    {"W103", "late records are dropped",
     "The job has no 'dlq', so records that come after their windows were closed are counted and "
     "gone.\n"
     "Name a topic for dead letters, or one for late records: 'late: {topic: ...}'.\n"},
    {"W104", "results may be there twice",
     "A sink 'file' with nothing but a path appends to that file. Offsets are committed after the "
     "results\n"
     "are written, so what was written just before a crash is written once more, although the job "
     "says\n"
     "exactly_once. With 'roll', 'folders', 'compress' or 'partition_by' the path is a folder, and "
     "each\n"
     "result is in one of its files once: what was never committed is cut off.\n"},
    {"W131", "the key of the records goes",
     "The records are partitioned by a field that this step replaces or removes. A later join or\n"
     "aggregate has to write them to a repartition topic, even by the same field.\n"},
});

}  // namespace

std::span<const CodePage> topology_pages() { return kTopologyPages; }

}  // namespace weir::job
