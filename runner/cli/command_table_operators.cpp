#include <array>

#include "cli/command_table.h"
#include "cli/commands.h"
#include "cli/top_screen.h"

namespace weir::cli {

namespace {

constexpr std::array<std::string_view, 2> kTextOrJson{"text", "json"};

constexpr FlagSpec kLetters[] = {
    {.name = "--reason", .value = "REASON", .doc = "only letters with this reason: decode, late"},
    {.name = "--step", .value = "STEP", .doc = "only those of this step, as list shows it"},
    {.name = "--since",
     .value = "WHEN",
     .doc = "only records that are not older: 1h, or a time; by the records' own time"},
    {.name = "--where",
     .value = "EXPRESSION",
     .doc = "only values, which are JSON then, for which it is true"},
    {.name = "--limit", .letter = 'n', .value = "N", .doc = "at most so many letters"},
    {.name = "--yes", .doc = "replay, drop: do it; without it only the plan is shown"},
    {.name = "--output",
     .letter = 'o',
     .value = "FORMAT",
     .doc = "of what is shown",
     .takes = Takes::word,
     .words = kTextOrJson},
};

constexpr FlagSpec kState[] = {
    {.name = "--key", .value = "KEY", .doc = "only rows of this key, as it is in topics"},
    {.name = "--from", .value = "TIME", .doc = "only rows of windows or records from then on"},
    {.name = "--to", .value = "TIME", .doc = "and before then"},
    {.name = "--limit", .letter = 'n', .value = "N", .doc = "so many rows at most; of scan: 20"},
    {.name = "--partition", .value = "N", .doc = "only this partition"},
    {.name = "--state-dir",
     .value = "DIR",
     .doc = "where state lives; over $WEIR_STATE_DIR, over the job",
     .takes = Takes::folder},
    {.name = "--output",
     .letter = 'o',
     .value = "FORMAT",
     .doc = "of what is shown",
     .takes = Takes::word,
     .words = kTextOrJson},
};

constexpr FlagSpec kTop[] = {
    {.name = "--url", .value = "URL", .doc = "of the job's HTTP (http://127.0.0.1:9464)"},
    {.name = "--interval", .value = "DURATION", .doc = "between two looks (1s)"},
    {.name = "--sort",
     .value = "COLUMN",
     .doc = "largest first",
     .takes = Takes::word,
     .words = kTopSorts},
    {.name = "--filter", .value = "TEXT", .doc = "only steps whose kind or name holds this"},
    {.name = "--once", .doc = "one look, with rates of an interval, and end"},
    {.name = "--output",
     .letter = 'o',
     .value = "FORMAT",
     .doc = "of the answer; json: all numbers since the start, once",
     .takes = Takes::word,
     .words = kTextOrJson},
};

constexpr FlagSpec kTap[] = {
    {.name = "--url", .value = "URL", .doc = "of the job's HTTP (http://127.0.0.1:9464)"},
    {.name = "--in", .doc = "only records that go into the step"},
    {.name = "--out", .doc = "only records that come out of it"},
    {.name = "--where", .value = "EXPRESSION", .doc = "only samples for which it is true"},
    {.name = "--limit", .letter = 'n', .value = "N", .doc = "stop after so many"},
    {.name = "--for", .value = "DURATION", .doc = "stop after so long"},
    {.name = "--rate", .value = "N", .doc = "records a second that are looked at (100)"},
    {.name = "--output",
     .letter = 'o',
     .value = "FORMAT",
     .doc = "of the samples",
     .takes = Takes::word,
     .words = kTextOrJson},
};

}  // namespace

std::vector<CommandSpec> commands_of_operators() {
  return {
      {.name = "dlq",
       .summary = "List, show, replay or drop dead letters",
       .operands = "list|show|replay|drop FILE",
       .operands_min = 2,
       .operands_max = 2,
       .takes = Takes::file,
       .text = "replay writes records back to the topics they came from, with their key, headers "
               "and time; drop only takes them off the list. Both show a plan first and do it "
               "with --yes, each letter once: what was handled is remembered in the same "
               "transactions, in the topic JOB-dlq-handled. A record that is replayed and fails "
               "again is a new letter; one that came too late is late again. What MongoDB or "
               "PostgreSQL refused is given to it again, over what has the same id by now; refused "
               "again, it stays on the list.",
       .examples = "  weir dlq list jobs/order-payments.yaml --since 1h\n"
                   "  weir dlq replay jobs/order-payments.yaml --reason require --yes",
       .flags = {kLetters, outside_flags(), kafka_flags()},
       .run = dlq},
      {.name = "top",
       .summary = "Watch the steps of a running job",
       .operands = "[JOB|FILE]",
       .operands_max = 1,
       .takes = Takes::file,
       .text = "Records in, out and dropped, busy time and 99th percentile of each step, as a "
               "sample of its records tells; lag, time and idle partitions of each stream.",
       .examples = "  weir top\n  weir top --once --sort busy",
       .flags = {kTop},
       .run = top},
      {.name = "tap",
       .summary = "Show samples of the records in and out of a step",
       .operands = "JOB|FILE STEP",
       .operands_min = 2,
       .operands_max = 2,
       .takes = Takes::file,
       .text = "STEP is a stream, a step such as totals.2, or a sink, as weir top names them. "
               "The job pays for the records that are looked at, at most --rate a second, and "
               "goes on as before when this ends.",
       .examples = "  weir tap order-payments clean_orders.1 --out --where \"amount > 100\"",
       .flags = {kTap},
       .run = tap},
      {.name = "state",
       .summary = "Look into a job's state, also while it runs",
       .operands = "list|get|scan|dump FILE [STORE]",
       .operands_min = 2,
       .operands_max = 3,
       .takes = Takes::file,
       .text = "Reads the state directory of this machine, as it was last written to the disk: a "
               "second behind a running job, which is not disturbed. A job's own HTTP answers "
               "/api/v1/state and /api/v1/state/STORE?key=KEY.",
       .examples = "  weir state list jobs/order-payments.yaml\n"
                   "  weir state get jobs/sliding-counts.yaml counts.aggregate --key ann",
       .flags = {kState, outside_flags()},
       .run = state},
  };
}

}  // namespace weir::cli
