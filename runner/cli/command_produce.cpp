#include <chrono>
#include <fstream>
#include <iterator>
#include <thread>

#include "cli/commands.h"
#include "cli/connection_flags.h"
#include "cli/exit_code.h"
#include "cli/job_file.h"
#include "cli/numbers.h"
#include "generate/builtin.h"
#include "generate/csv.h"
#include "generate/generator.h"
#include "job/diagnostic_print.h"
#include "job/scalar.h"
#include "run/broker_words.h"
#include "run/reach.h"
#include "run/signals.h"
#include "run/topic_writer.h"
#include <weir/time_format.h>

namespace weir::cli {

namespace {

using Clock = std::chrono::steady_clock;
using generate::Made;
using generate::Mark;

// When to stop, as the flags say.
struct Limits {
  std::optional<std::int64_t> records;
  std::optional<std::int64_t> for_ms;
};

// How many records of each kind were made, and the line that says so.
class Tally {
 public:
  Tally(const generate::Plan& plan, Terminal& terminal)
      : plan_(plan), terminal_(terminal), streams_(plan.streams.size()) {}

  void count(const Made& made) {
    ++streams_[made.stream];
    ++marks_[static_cast<std::size_t>(made.mark)];
    ++total_;
  }
  std::int64_t total() const { return total_; }

  std::string line(double seconds) const {
    std::string text = " " + clock_text(seconds);
    for (std::size_t i = 0; i < streams_.size(); ++i) {
      text += "  " + plan_.streams[i].name + " " + grouped(streams_[i]);
    }
    constexpr std::string_view kMarks[] = {"", "out of order", "late", "duplicate", "malformed"};
    for (std::size_t i = 1; i < std::size(kMarks); ++i) {
      if (marks_[i] > 0) text += "  " + std::string(kMarks[i]) + " " + grouped(marks_[i]);
    }
    if (seconds > 0) text += "  " + short_number(static_cast<double>(total_) / seconds) + "/s";
    return text;
  }

  // Renews the line about twice a second.
  void show(double seconds) {
    if (!terminal_.is_lively() || seconds - shown_ < 0.5) return;
    shown_ = seconds;
    std::fprintf(stderr, "\r%s\033[K", line(seconds).c_str());
  }
  void finish(double seconds) {
    if (terminal_.is_lively()) std::fputs("\r\033[K", stderr);
    terminal_.say(line(seconds));
  }

 private:
  const generate::Plan& plan_;
  Terminal& terminal_;
  std::vector<std::int64_t> streams_;
  std::int64_t marks_[5] = {};
  std::int64_t total_ = 0;
  double shown_ = 0;
};

std::string printed(const std::string& topic, const Made& made) {
  std::string line = "{\"topic\":" + job::json_quoted(topic) +
                     ",\"key\":" + (made.key ? job::json_quoted(*made.key) : "null") +
                     ",\"time\":\"";
  append_time_text(line, made.time);
  line += "\",\"value\":";
  line += made.mark == Mark::malformed ? job::json_quoted(made.value) : made.value;
  return line + "}\n";
}

bool ends(const Limits& limits, const Made& next, std::int64_t made) {
  return (limits.records && made >= *limits.records) ||
         (limits.for_ms && next.due_ms > *limits.for_ms);
}

int print_records(generate::Plan& plan, generate::GeneratorOptions options, const Limits& limits,
                  Terminal& terminal) {
  generate::Generator generator(plan, options);
  for (std::int64_t made = 0;; ++made) {
    const Made next = generator.next();
    if (ends(limits, next, made)) return kGood;
    terminal.print(printed(plan.streams[next.stream].topic, next));
    if (std::ferror(stdout) != 0) return kGood;  // The reader has seen enough.
  }
}

int report_fault(const kafka::Outcome& outcome, const std::string& brokers, Terminal& terminal) {
  terminal.complain("weir produce: " + run::words_of(outcome, brokers));
  return run::exit_code_of(outcome);
}

// Until `due`, or a signal comes.
bool wait_until(Clock::time_point due, run::StopSignals& signals) {
  const auto left = std::chrono::duration_cast<Duration>(due - Clock::now());
  return !signals.wait(left.count() > 0 ? left : Duration(0));
}

// A payment comes a while after its order: who stops before that wonders where they are.
void tell_waiting(const generate::Plan& plan, const generate::Generator& generator,
                  Terminal& terminal) {
  for (std::size_t i = 0; i < plan.streams.size(); ++i) {
    const std::int64_t waiting = generator.waiting(i);
    if (waiting == 0) continue;
    terminal.say(" " + grouped(waiting) + " " + plan.streams[i].name +
                 " were not due yet and are not sent; '--for 10m' goes on for so long");
  }
}

int send_records(generate::Plan& plan, generate::GeneratorOptions options, const Limits& limits,
                 const Call& call, Terminal& terminal) {
  run::StopSignals signals;
  const Result<run::Connection> connection = connection_of(call, {});
  if (!connection) return terminal.complain("weir produce: " + connection.error().text), kUsage;
  const auto cluster = run::reach(*connection);
  if (!cluster.ok()) return report_fault(cluster.outcome, connection->brokers, terminal);
  std::vector<std::string> topics;
  for (const auto& stream : plan.streams) topics.push_back(stream.topic);
  auto opened = run::TopicWriter::open(
      *cluster.value, topics, static_cast<int>(integer_of(call, "--partitions").value_or(3)));
  if (!opened.ok()) return report_fault(opened.outcome, connection->brokers, terminal);
  run::TopicWriter& writer = *opened.value;
  terminal.say(plan.name + " -> " + connection->brokers + "   seed " + std::to_string(plan.seed) +
               "   (Ctrl-C to stop)");
  generate::Generator generator(plan, options);
  Tally tally(plan, terminal);
  const Clock::time_point start = Clock::now();
  const auto seconds = [&] { return std::chrono::duration<double>(Clock::now() - start).count(); };
  while (!limits.records || tally.total() < *limits.records) {
    const Made next = generator.next();
    if (ends(limits, next, tally.total())) break;
    const Clock::time_point due = start + std::chrono::milliseconds(next.due_ms);
    bool stopped = false;
    while (!stopped && Clock::now() < due) {
      writer.poll();
      stopped = !wait_until(std::min(due, Clock::now() + std::chrono::milliseconds(500)), signals);
      tally.show(seconds());
    }
    if (stopped || (tally.total() % 256 == 0 && signals.wait(Duration(0)))) break;
    const kafka::Outcome sent = writer.write(next.stream, next.key, next.value, next.time);
    if (!sent.ok()) return report_fault(sent, connection->brokers, terminal);
    tally.count(next);
    tally.show(seconds());
  }
  const kafka::Outcome flushed = writer.finish();
  tally.finish(seconds());
  if (!flushed.ok()) return report_fault(flushed, connection->brokers, terminal);
  tell_waiting(plan, generator, terminal);
  return kGood;
}

int read_limits(const Call& call, Limits& limits, std::string& mistake) {
  for (const std::string_view flag : {"--records", "--partitions", "--seed", "--batch-size"}) {
    if (call.has(flag) && !integer_of(call, flag)) {
      mistake = std::string(flag) + " takes a number, not '" + call.value_or(flag, "") + "'";
    }
  }
  for (const std::string_view flag : {"--for", "--pause"}) {
    if (call.has(flag) && !duration_of(call, flag)) {
      mistake = std::string(flag) + " takes a duration such as 10m, not '" +
                call.value_or(flag, "") + "'";
    }
  }
  limits = {.records = integer_of(call, "--records"), .for_ms = duration_of(call, "--for")};
  return mistake.empty() ? kGood : kUsage;
}

// What flags change in a plan.
std::string change(generate::Plan& plan, const Call& call) {
  if (const auto rate = call.value("--rate")) {
    if (!job::parse_rate(*rate, plan.rate) || plan.rate <= 0) {
      return "--rate takes a rate such as 0.2/s or 2000/s, not '" + *rate + "'";
    }
    for (auto& stream : plan.streams) stream.rate.reset();
  }
  if (const auto seed = integer_of(call, "--seed")) plan.seed = static_cast<std::uint64_t>(*seed);
  for (const std::string& text : call.values("--topic")) {
    const auto pair = split_pair(text);
    bool known = false;
    for (auto& stream : plan.streams) {
      if (!pair || stream.name != pair->first) continue;
      stream.topic = pair->second;
      known = true;
    }
    if (!known) return "--topic takes STREAM=TOPIC, and '" + text + "' names no stream";
  }
  return "";
}

// The source with the generator's text; it has to live as long as the diagnostics.
Result<job::Source> generator_source(const std::string& name) {
  if (const generate::Builtin* builtin = generate::find_builtin(name)) {
    return job::Source(name, std::string(builtin->yaml));
  }
  if (name.find('.') == std::string::npos && name.find('/') == std::string::npos) {
    std::vector<std::string> known;
    for (const auto& builtin : generate::builtins()) known.emplace_back(builtin.name);
    return Error{"there is no generator '" + name + "'", job::did_you_mean(name, known)};
  }
  return job::Source::read(name);
}

int replay(const Call& call, const Limits& limits, Terminal& terminal);

int generate_records(const Call& call, const Limits& limits, Terminal& terminal) {
  Result<job::Source> source = generator_source(call.operands().front());
  if (!source) return terminal.complain("weir produce: " + source.error().to_string()), kBadJob;
  job::Diagnostics found(*source);
  std::optional<generate::Plan> plan = generate::read_plan(found, job::Outside::of_process());
  if (!plan) {
    terminal.complain(job::print_pretty(found.all(), terminal.colors_words()));
    return kBadJob;
  }
  if (const std::string mistake = change(*plan, call); !mistake.empty()) {
    return terminal.complain("weir produce: " + mistake), kUsage;
  }
  generate::GeneratorOptions options{.start = now_ms(), .faults = !call.has("--no-faults")};
  if (const auto start = call.value("--start")) {
    if (!parse_time(*start, {}, options.start)) {
      return terminal.complain("weir produce: '" + *start + "' is no time"), kUsage;
    }
  }
  if (!call.has("--print")) return send_records(*plan, options, limits, call, terminal);
  return print_records(*plan, options, limits, terminal);
}

// One row of a CSV file, with what the replay knows beside it.
std::string enriched(std::string json, std::int64_t batch, std::int64_t position, Timestamp now) {
  std::string text;
  append_time_text(text, now / 1000 * 1000);
  text[10] = ' ';
  json.pop_back();
  if (json.size() > 1) json += ",";
  return json + "\"batch_number\":" + std::to_string(batch) +
         ",\"batch_position\":" + std::to_string(position) +
         ",\"producer_timestamp\":" + std::to_string(now / 1000) + "." +
         std::to_string(1000 + now % 1000).substr(1) + ",\"producer_timestamp_str\":\"" +
         text.substr(0, 19) + "\"}";
}

// Rows as records, batch by batch.
class Replay {
 public:
  Replay(const Call& call, const Limits& limits, Terminal& terminal)
      : limits_(limits),
        terminal_(terminal),
        print_(call.has("--print")),
        path_(call.value_or("--csv", "")),
        topic_(call.value_or("--topic", "")),
        key_(call.value_or("--key", "")),
        batch_size_(integer_of(call, "--batch-size").value_or(10)),
        pause_(duration_of(call, "--pause").value_or(10'000)) {}

  int run(std::string_view text, run::TopicWriter* writer, run::StopSignals& signals) {
    generate::CsvReader rows(text);
    if (!rows.next(names_)) return terminal_.complain(path_ + ": there is nothing in it"), 65;
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (names_[i] == key_) key_column_ = i;
    }
    if (!key_.empty() && !key_column_) {
      return terminal_.complain("weir produce: there is no column '" + key_ + "'"), kUsage;
    }
    const auto start = Clock::now();
    for (std::vector<std::string> row; rows.next(row);) {
      if (limits_.records && sent_ >= *limits_.records) break;
      if (sent_ > 0 && sent_ % batch_size_ == 0 && !end_batch(writer, signals, start)) break;
      if (int code = send(row, rows.line(), writer); code != kGood) return code;
    }
    if (writer != nullptr) {
      if (const kafka::Outcome flushed = writer->finish(); !flushed.ok()) return failed(flushed);
    }
    terminal_.say(" " + grouped(sent_) + " records in " +
                  grouped((sent_ + batch_size_ - 1) / batch_size_) + " batches, " +
                  grouped(skipped_) + " rows skipped");
    return kGood;
  }

 private:
  int failed(const kafka::Outcome& outcome) {
    terminal_.complain("weir produce: " + run::plain_words(outcome.text));
    return run::exit_code_of(outcome);
  }

  // All of a batch is with the brokers before the next one begins.
  bool end_batch(run::TopicWriter* writer, run::StopSignals& signals, Clock::time_point start) {
    if (writer != nullptr && !writer->finish().ok()) return false;
    if (limits_.for_ms && Clock::now() - start >= Duration(*limits_.for_ms)) return false;
    if (print_) return true;
    return wait_until(Clock::now() + Duration(pause_), signals);
  }

  int send(const std::vector<std::string>& row, std::size_t line, run::TopicWriter* writer) {
    const Result<std::string> json = generate::json_of_row(names_, row);
    if (!json) {
      ++skipped_;
      terminal_.complain(path_ + ":" + std::to_string(line) + ": skipped, " + json.error().text);
      return kGood;
    }
    Made made;
    made.time = now_ms();
    made.value = enriched(*json, sent_ / batch_size_ + 1, sent_ % batch_size_ + 1, made.time);
    if (key_column_) made.key = row[*key_column_];
    ++sent_;
    if (writer == nullptr) return terminal_.print(printed(topic_, made)), kGood;
    const kafka::Outcome sent = writer->write(0, made.key, made.value, made.time);
    return sent.ok() ? kGood : failed(sent);
  }

  const Limits& limits_;
  Terminal& terminal_;
  bool print_;
  std::string path_;
  std::string topic_;
  std::string key_;
  std::int64_t batch_size_;
  std::int64_t pause_;
  std::vector<std::string> names_;
  std::optional<std::size_t> key_column_;
  std::int64_t sent_ = 0;
  std::int64_t skipped_ = 0;
};

int replay(const Call& call, const Limits& limits, Terminal& terminal) {
  run::StopSignals signals;
  const std::string path = call.value_or("--csv", "");
  std::ifstream file(path, std::ios::binary);
  if (!file) return terminal.complain("weir produce: cannot read '" + path + "'"), 66;
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const std::string topic = call.value_or("--topic", "");
  if (topic.empty() || integer_of(call, "--batch-size").value_or(1) < 1) {
    return terminal.complain("weir produce: --csv needs --topic TOPIC"), kUsage;
  }
  Replay replayed(call, limits, terminal);
  if (call.has("--print")) return replayed.run(text, nullptr, signals);
  const Result<run::Connection> connection = connection_of(call, {});
  if (!connection) return terminal.complain("weir produce: " + connection.error().text), kUsage;
  const auto cluster = run::reach(*connection);
  if (!cluster.ok()) return report_fault(cluster.outcome, connection->brokers, terminal);
  auto writer = run::TopicWriter::open(
      *cluster.value, {topic}, static_cast<int>(integer_of(call, "--partitions").value_or(3)));
  if (!writer.ok()) return report_fault(writer.outcome, connection->brokers, terminal);
  return replayed.run(text, writer.value.get(), signals);
}

}  // namespace

int produce(const Call& call, Terminal& terminal) {
  Limits limits;
  std::string mistake;
  if (read_limits(call, limits, mistake) != kGood) {
    return terminal.complain("weir produce: " + mistake), kUsage;
  }
  if (call.has("--csv")) return replay(call, limits, terminal);
  if (call.operands().empty()) {
    return terminal.complain("weir produce: needs a GENERATOR or --csv FILE"), kUsage;
  }
  return generate_records(call, limits, terminal);
}

}  // namespace weir::cli
