#include "cli/command_table.h"

#include <algorithm>
#include <array>

#include "cli/command.h"
#include "cli/commands.h"

namespace weir::cli {

namespace {

constexpr std::array<std::string_view, 3> kColors{"auto", "always", "never"};
constexpr std::array<std::string_view, 5> kFindings{"text", "pretty", "json", "sarif", "github"};
constexpr std::array<std::string_view, 5> kPlans{"text", "json", "dot", "mermaid", "topology"};
constexpr std::array<std::string_view, 2> kTextOrJson{"text", "json"};
constexpr std::array<std::string_view, 5> kTemplates{"join", "window", "dedupe", "route", "hello"};
constexpr std::array<std::string_view, 2> kWaits{"ready", "live"};
constexpr std::array<std::string_view, 3> kLogFormats{"text", "json", "logfmt"};
constexpr std::array<std::string_view, 5> kLogLevels{"trace", "debug", "info", "warn", "error"};

constexpr FlagSpec kCommon[] = {
    {.name = "--quiet", .letter = 'q', .doc = "only results and errors"},
    {.name = "--color", .value = "WHEN", .doc = "colours", .takes = Takes::word, .words = kColors},
    {.name = "--help", .letter = 'h', .doc = "show this"},
};

constexpr FlagSpec kKafka[] = {
    {.name = "--brokers",
     .letter = 'b',
     .value = "LIST",
     .doc = "host:port,host:port; over $WEIR_BROKERS, over the job"},
    {.name = "--property",
     .letter = 'X',
     .value = "NAME=VALUE",
     .doc = "a librdkafka property, such as security.protocol=SASL_SSL",
     .repeats = true},
    {.name = "--config",
     .value = "FILE",
     .doc = "a file of librdkafka properties, NAME=VALUE lines",
     .takes = Takes::file},
};

constexpr FlagSpec kOutside[] = {
    {.name = "--set",
     .value = "PATH=VALUE",
     .doc = "replace a value of the job: --set kafka.commit_every=50ms",
     .repeats = true},
    {.name = "--param",
     .value = "NAME=VALUE",
     .doc = "give one of the job's params",
     .repeats = true},
};

constexpr FlagSpec kRun[] = {
    {.name = "--state-dir",
     .value = "DIR",
     .doc = "where state lives; over $WEIR_STATE_DIR, over the job",
     .takes = Takes::folder},
    {.name = "--until-end",
     .doc = "stop once all that lies in the topics now is processed and committed"},
    {.name = "--drain", .doc = "the end of input is the end of time: close every window and join"},
    {.name = "--for", .value = "DURATION", .doc = "stop after so long: 10m"},
    {.name = "--replace-sink",
     .value = "NAME=WHAT",
     .doc = "console, none or file:PATH in place of a sink",
     .repeats = true},
    {.name = "--from",
     .value = "WHERE",
     .doc = "earliest, latest or a time; counts where the job never read"},
    {.name = "--threads", .value = "N", .doc = "worker threads"},
    {.name = "--http",
     .value = "ADDRESS",
     .doc = "where /metrics, /readyz and /api listen; off: nowhere"},
    {.name = "--no-progress", .doc = "plain lines, also on a terminal"},
    {.name = "--log-format",
     .value = "FORMAT",
     .doc = "of the lines on stderr; over the job's",
     .takes = Takes::word,
     .words = kLogFormats},
    {.name = "--log-level",
     .value = "LEVEL",
     .doc = "the least important lines to write; over the job's",
     .takes = Takes::word,
     .words = kLogLevels},
};

constexpr FlagSpec kValidate[] = {
    {.name = "--strict", .doc = "warnings fail, too"},
    {.name = "--format",
     .value = "FORMAT",
     .doc = "of the findings",
     .takes = Takes::word,
     .words = kFindings},
};

constexpr std::string_view kReports[] = {"text", "json", "junit"};

constexpr FlagSpec kTest[] = {
    {.name = "--filter", .value = "TEXT", .doc = "only cases whose name holds this"},
    {.name = "--update", .doc = "write what came out into the test files"},
    {.name = "--format",
     .value = "FORMAT",
     .doc = "of the report",
     .takes = Takes::word,
     .words = kReports},
};

constexpr FlagSpec kExplain[] = {
    {.name = "--format",
     .value = "FORMAT",
     .doc = "of the plan",
     .takes = Takes::word,
     .words = kPlans},
    {.name = "--rate",
     .value = "RATE",
     .doc = "records/s of each stream that the state is estimated for (1000/s)"},
};

constexpr FlagSpec kProduce[] = {
    {.name = "--rate", .value = "RATE", .doc = "records of the leading stream: 0.2/s, 2000/s"},
    {.name = "--records", .letter = 'n', .value = "N", .doc = "stop after so many"},
    {.name = "--for", .value = "DURATION", .doc = "stop after so long"},
    {.name = "--seed",
     .value = "N",
     .doc = "of the random choices; the same seed, the same records"},
    {.name = "--start", .value = "TIME", .doc = "time of the first record; default: now"},
    {.name = "--no-faults", .doc = "no duplicates, no disorder, nothing malformed"},
    {.name = "--topic",
     .value = "STREAM=TOPIC",
     .doc = "another topic for a stream; with --csv TOPIC",
     .repeats = true},
    {.name = "--partitions", .value = "N", .doc = "of topics that have to be made (3)"},
    {.name = "--print", .doc = "records as JSON lines on stdout, without a broker"},
    {.name = "--csv",
     .value = "FILE",
     .doc = "replay a CSV file with a line of names",
     .takes = Takes::file},
    {.name = "--key", .value = "COLUMN", .doc = "of the CSV: the records' key"},
    {.name = "--batch-size", .value = "N", .doc = "of the CSV: rows at once (10)"},
    {.name = "--pause", .value = "DURATION", .doc = "of the CSV: between batches (10s)"},
};

constexpr FlagSpec kConsume[] = {
    {.name = "--records", .letter = 'n', .value = "N", .doc = "stop after so many"},
    {.name = "--from", .value = "WHERE", .doc = "earliest (default), latest or a time"},
    {.name = "--follow", .letter = 'f', .doc = "wait for more at the end"},
    {.name = "--where", .value = "EXPRESSION", .doc = "only records for which it is true"},
    {.name = "--key", .value = "KEY", .doc = "only records with this key"},
    {.name = "--envelope",
     .doc = "topic, partition, offset, time, key and headers around each value"},
};

constexpr FlagSpec kReset[] = {
    {.name = "--keep-state", .doc = "leave changelogs and the state directory"},
    {.name = "--state-dir", .value = "DIR", .doc = "where state lives", .takes = Takes::folder},
    {.name = "--yes", .doc = "do it; without it only the plan is shown"},
};

// Of what looks ahead at a run.
constexpr FlagSpec kLook[] = {
    {.name = "--state-dir", .value = "DIR", .doc = "where state lives", .takes = Takes::folder},
    {.name = "--replace-sink",
     .value = "NAME=WHAT",
     .doc = "console, none or file:PATH in place of a sink",
     .repeats = true},
    {.name = "--from",
     .value = "WHERE",
     .doc = "earliest, latest or a time; counts where the job never read"},
    {.name = "--output",
     .letter = 'o',
     .value = "FORMAT",
     .doc = "of the answer",
     .takes = Takes::word,
     .words = kTextOrJson},
};

constexpr FlagSpec kStatus[] = {
    {.name = "--url", .value = "URL", .doc = "of the job's HTTP (http://127.0.0.1:9464)"},
    {.name = "--wait",
     .value = "WHAT",
     .doc = "until it is so",
     .takes = Takes::word,
     .words = kWaits},
    {.name = "--timeout", .value = "DURATION", .doc = "longest wait (2m)"},
    {.name = "--output",
     .letter = 'o',
     .value = "FORMAT",
     .doc = "of the answer",
     .takes = Takes::word,
     .words = kTextOrJson},
};

constexpr FlagSpec kExpression[] = {
    {.name = "--on", .value = "JSON", .doc = "the record: fields are named by the expression"},
};
constexpr FlagSpec kFmt[] = {
    {.name = "--check", .doc = "change nothing; fail when something would change"},
};
constexpr FlagSpec kNew[] = {
    {.name = "--template",
     .letter = 't',
     .value = "KIND",
     .doc = "what to start from",
     .takes = Takes::word,
     .words = kTemplates},
};
constexpr FlagSpec kVersionFlags[] = {
    {.name = "--output",
     .letter = 'o',
     .value = "FORMAT",
     .doc = "of the answer",
     .takes = Takes::word,
     .words = kTextOrJson},
};
constexpr FlagSpec kDemo[] = {
    {.name = "--for",
     .value = "DURATION",
     .doc = "stop after so long; default: until Ctrl-C, or 20s without a terminal"},
    {.name = "--rate", .value = "RATE", .doc = "orders per second (20/s)"},
    {.name = "--seed", .value = "N", .doc = "of the random choices"},
    {.name = "--http", .value = "ADDRESS", .doc = "where /metrics listens; default: off"},
};

// A function, so that it is made when it is first asked for. Its parts, in the order of `weir
// help`.
std::vector<CommandSpec> commands_of_jobs() {
  return {
      {.name = "run",
       .summary = "Run jobs until they are stopped",
       .operands = "FILE...",
       .operands_min = 1,
       .operands_max = -1,
       .takes = Takes::file,
       .text = "Reads its topics, writes its results, and keeps its state in a directory of its "
               "own and in changelog topics. SIGTERM and Ctrl-C commit and end; a second one cuts "
               "off. After a crash it goes on where it was.",
       .examples = "  weir run jobs/order-payments.yaml\n"
                   "  weir run jobs/order-payments.yaml --until-end --drain \\\n"
                   "    --replace-sink mongodb=none",
       .flags = {kRun, kOutside, kKafka},
       .run = run_jobs},
      {.name = "validate",
       .summary = "Check job files without a broker",
       .operands = "FILE...",
       .operands_min = 1,
       .operands_max = -1,
       .takes = Takes::file,
       .text = "A folder stands for the job files in it. Findings go to stdout: for people on a "
               "terminal, elsewhere a line each, FILE:LINE:COL: error[CODE]: text.",
       .examples = "  weir validate jobs/\n  weir validate jobs/ --format sarif > findings.sarif",
       .flags = {kValidate, kOutside},
       .run = validate},
      {.name = "test",
       .summary = "Run the test files of jobs without a broker",
       .operands = "PATH...",
       .operands_min = 1,
       .operands_max = -1,
       .takes = Takes::file,
       .text =
           "A folder stands for the test files in it. Each case sends records to a job that never "
           "ran and compares what comes out; a failure shows expected and actual side by side. "
           "Nothing of the environment reaches the job but what the file says.",
       .examples = "  weir test jobs/tests\n  weir test jobs/tests --format junit > report.xml",
       .flags = {kTest},
       .run = run_tests},
      {.name = "explain",
       .summary = "Show what a job does, or what a code means",
       .operands = "FILE|CODE",
       .operands_min = 1,
       .operands_max = 1,
       .takes = Takes::file,
       .examples = "  weir explain jobs/order-payments.yaml\n  weir explain E310",
       .flags = {kExplain, kOutside},
       .run = explain},
      {.name = "demo",
       .summary = "See a job at work, in this process alone",
       .text = "Orders and payments are produced, joined and shown, on brokers that are simulated "
               "in this process. For demonstration only: at least once, and gone when it ends.",
       .flags = {kDemo},
       .run = demo},
  };
}

// What looks at the world of a job and changes nothing there.
std::vector<CommandSpec> commands_of_looking() {
  return {
      {.name = "plan",
       .summary = "Say what would happen if a job started now",
       .operands = "FILE",
       .operands_min = 1,
       .operands_max = 1,
       .takes = Takes::file,
       .text =
           "Looks at the cluster, the state directory and the sinks, and changes nothing: topics "
           "that would be made or are not as weir makes them, stores that are kept, restored, new "
           "or do not fit, where reading goes on or begins, and what would be written. Exit 0: "
           "nothing of this changes; 3: something does; else what run would end with.",
       .examples = "  weir plan jobs/order-payments.yaml\n"
                   "  weir plan jobs/order-payments.yaml -o json",
       .flags = {kLook, kOutside, kKafka},
       .run = plan},
      {.name = "doctor",
       .summary = "Look for what is wrong around jobs, and say what to do",
       .operands = "FILE...",
       .operands_min = 1,
       .operands_max = -1,
       .takes = Takes::file,
       .text = "Brokers, topics, retention, rights, clocks, sinks, the state directory, limits of "
               "this machine: each with a verdict, a reason and a next step. Run it as the job's "
               "user where the job runs. Changes nothing: rights are tried with requests that "
               "brokers check and then refuse. Exit 0: good; 1: something to watch; 2: bad.",
       .examples = "  weir doctor jobs/\n  weir doctor jobs/order-payments.yaml -o json",
       .flags = {kLook, kOutside, kKafka},
       .run = doctor},
  };
}

std::vector<CommandSpec> commands_of_records() {
  return {
      {.name = "produce",
       .summary = "Write generated records, or a CSV file, to topics",
       .operands = "GENERATOR|FILE",
       .operands_min = 0,
       .operands_max = 1,
       .takes = Takes::generator,
       .text = "GENERATOR is one of: shop, order-payments, customer-transactions, "
               "order-analytics, streaming-events; or a file of the same language.",
       .examples = "  weir produce order-payments --rate 0.2/s\n"
                   "  weir produce shop -n 5 --print\n"
                   "  weir produce --csv transactions.csv --topic customer-transactions \\\n"
                   "    --key customer_id",
       .flags = {kProduce, kKafka},
       .run = produce},
      {.name = "consume",
       .summary = "Read a topic as JSON lines",
       .operands = "TOPIC",
       .operands_min = 1,
       .operands_max = 1,
       .takes = Takes::text,
       .text = "Committed records only. Ends at the end of the topic, unless told to follow.",
       .examples = "  weir consume order-payments --where \"order_amount > 100\"",
       .flags = {kConsume, kKafka},
       .run = consume},
      {.name = "reset",
       .summary = "Make a job begin anew",
       .operands = "FILE",
       .operands_min = 1,
       .operands_max = 1,
       .takes = Takes::file,
       .text = "Shows what would be done; does it with --yes. Results and inputs are never "
               "touched.",
       .flags = {kReset, kOutside, kKafka},
       .run = reset},
      {.name = "status",
       .summary = "Ask a running job how it is",
       .examples = "  weir status --wait ready --timeout 2m",
       .flags = {kStatus},
       .run = status},
      {.name = "new",
       .summary = "Begin a job: its file, a test, a generator",
       .operands = "NAME",
       .operands_min = 1,
       .operands_max = 1,
       .flags = {kNew},
       .run = make_new},
  };
}

std::vector<CommandSpec> commands_of_tools() {
  return {
      {.name = "fmt",
       .summary = "Lay out job files; comments stay",
       .operands = "FILE...",
       .operands_min = 1,
       .operands_max = -1,
       .takes = Takes::file,
       .text = "'-' stands for stdin to stdout.",
       .flags = {kFmt},
       .run = fmt},
      {.name = "expr",
       .summary = "Try an expression",
       .operands = "[EXPRESSION]",
       .operands_min = 0,
       .operands_max = 1,
       .text = "Without an expression each line of stdin is one.",
       .examples = "  weir expr \"amount * 2\" --on '{\"amount\": 4}'",
       .flags = {kExpression},
       .run = expr},
      {.name = "schema",
       .summary = "Print a JSON Schema of files for editors",
       .operands = "[job|test|generate]",
       .operands_max = 1,
       .run = schema},
      {.name = "completion",
       .summary = "Print a completion script: bash, zsh or fish",
       .operands = "SHELL",
       .operands_min = 1,
       .operands_max = 1,
       .examples = "  source <(weir completion bash)",
       .run = completion},
      {.name = "version",
       .summary = "Say which weir this is",
       .flags = {kVersionFlags},
       .run = version},
      {.name = "man", .summary = "Print the manual page", .run = man, .hidden = true},
  };
}

}  // namespace

std::span<const CommandSpec> commands() {
  static const std::vector<CommandSpec> all = [] {
    std::vector<CommandSpec> joined = commands_of_jobs();
    for (const auto& more : {commands_of_looking(), commands_of_records(), commands_of_operators(),
                             commands_of_tools()}) {
      joined.insert(joined.end(), more.begin(), more.end());
    }
    return joined;
  }();
  return all;
}

const CommandSpec* find_command(std::string_view name) {
  const auto found = std::ranges::find(commands(), name, &CommandSpec::name);
  return found == commands().end() ? nullptr : &*found;
}

Flags common_flags() { return kCommon; }
Flags outside_flags() { return kOutside; }
Flags kafka_flags() { return kKafka; }

std::optional<std::string> Call::value(std::string_view flag) const {
  const auto found = values_.find(flag);
  if (found == values_.end()) return std::nullopt;
  return found->second.back();
}

std::string Call::value_or(std::string_view flag, std::string_view otherwise) const {
  return value(flag).value_or(std::string(otherwise));
}

std::vector<std::string> Call::values(std::string_view flag) const {
  const auto found = values_.find(flag);
  return found == values_.end() ? std::vector<std::string>() : found->second;
}

}  // namespace weir::cli
