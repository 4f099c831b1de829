#include <memory>

#include "cli/commands.h"
#include "cli/connection_flags.h"
#include "cli/exit_code.h"
#include "cli/numbers.h"
#include "cli/where.h"
#include "job/diagnostic_print.h"
#include "run/broker_words.h"
#include "run/reach.h"
#include "run/retry.h"
#include "run/signals.h"
#include <weir/json_reader.h>
#include <weir/time_format.h>

namespace weir::cli {

namespace {

using kafka::Partition;

// What is to be read, and when it is enough.
struct Wish {
  std::string topic;
  std::string from;
  std::optional<std::int64_t> records;
  std::optional<std::string> key;
  bool follow = false;
  bool envelope = false;
};

std::string quoted_or_null(const std::optional<std::string_view>& text) {
  return text ? job::json_quoted(*text) : "null";
}

class Consumption {
 public:
  Consumption(const Wish& wish, Where* where, kafka::Cluster& cluster, Terminal& terminal)
      : wish_(wish), where_(where), cluster_(cluster), terminal_(terminal) {}

  kafka::Outcome start() {
    auto admin = cluster_.admin();
    if (!admin.ok()) return admin.outcome;
    const std::vector<std::string> names{wish_.topic};
    auto counts = run::retried(kWait, [&] { return admin.value->partitions(names); });
    if (!counts.ok()) return counts.outcome;
    if (counts.value[0] == 0) {
      return {kafka::Fault::kMissing, "there is no topic '" + wish_.topic + "'"};
    }
    for (std::int32_t i = 0; i < counts.value[0]; ++i) partitions_.push_back({wish_.topic, i});
    auto ends = run::retried(kWait, [&] {
      return admin.value->end_offsets(partitions_, kafka::Isolation::kReadCommitted);
    });
    if (!ends.ok()) return ends.outcome;
    ends_ = ends.value;
    auto begins = run::retried(kWait, [&] { return begin_offsets(*admin.value); });
    if (!begins.ok()) return begins.outcome;
    auto reader = cluster_.reader({.client_id = "weir-consume"});
    if (!reader.ok()) return reader.outcome;
    reader_ = std::move(reader.value);
    std::vector<kafka::Start> starts;
    for (std::size_t i = 0; i < partitions_.size(); ++i) {
      starts.push_back({partitions_[i], begins.value[i], static_cast<kafka::Slot>(i)});
      if (begins.value[i] >= ends_[i]) ends_[i] = kReached;
    }
    reader_->start(starts);
    return {};
  }

  int run(run::StopSignals& signals) {
    while (!enough()) {
      for (const kafka::Event& event : reader_->poll(Duration(50))) {
        using Kind = kafka::Event::Kind;
        if (event.kind == Kind::kFailed) return failed(event.outcome);
        if (event.kind == Kind::kTrouble) terminal_.say(run::plain_words(event.outcome.text));
      }
      for (std::size_t i = 0; i < partitions_.size() && !full(); ++i) read(i);
      if (signals.wait(Duration(0)) || std::ferror(stdout) != 0) break;
    }
    return kGood;
  }

 private:
  int failed(const kafka::Outcome& outcome) {
    terminal_.complain("weir consume: " + outcome.text);
    return run::exit_code_of(outcome);
  }

  static constexpr Duration kWait{30'000};
  static constexpr std::int64_t kReached = -1;

  kafka::Reply<std::vector<std::int64_t>> begin_offsets(kafka::Admin& admin) {
    if (wish_.from == "latest") return ends_;
    if (wish_.from == "earliest") return admin.begin_offsets(partitions_);
    Timestamp time = 0;
    if (!parse_time(wish_.from, {}, time)) {
      return kafka::Outcome{kafka::Fault::kDenied, "'" + wish_.from + "' is no time"};
    }
    return admin.offsets_at(partitions_, time);
  }

  bool full() const { return wish_.records && shown_ >= *wish_.records; }
  bool enough() const {
    if (full()) return true;
    if (wish_.follow) return false;
    for (const std::int64_t end : ends_) {
      if (end != kReached) return false;
    }
    return true;
  }

  void read(std::size_t i) {
    const kafka::Batch batch = reader_->read(static_cast<kafka::Slot>(i), 500);
    for (const kafka::Incoming& record : batch.records) {
      const bool behind = !wish_.follow && (ends_[i] == kReached || record.offset >= ends_[i]);
      if (!behind && !full()) show(i, record);
    }
    if (batch.next_offset >= ends_[i]) ends_[i] = kReached;
  }

  void show(std::size_t i, const kafka::Incoming& record) {
    if (wish_.key && (!record.key || *record.key != *wish_.key)) return;
    const std::string_view value = record.value.value_or("");
    if (where_ != nullptr && !where_->holds(value)) return;
    ++shown_;
    if (!wish_.envelope) {
      terminal_.print(value_text(record) + "\n");
      return;
    }
    std::string line = "{\"topic\":" + job::json_quoted(wish_.topic) +
                       ",\"partition\":" + std::to_string(partitions_[i].index) +
                       ",\"offset\":" + std::to_string(record.offset) + ",\"time\":";
    std::string time;
    line += append_time_text(time, record.timestamp) ? job::json_quoted(time) : "null";
    line += ",\"key\":" + quoted_or_null(record.key) + ",\"headers\":[";
    bool first = true;
    for (const auto& header : reader_->headers(record)) {
      line += std::string(first ? "" : ",") + "[" + job::json_quoted(header.name) + "," +
              quoted_or_null(header.value) + "]";
      first = false;
    }
    terminal_.print(line + "],\"value\":" + value_text(record) + "}\n");
  }

  // JSON as it is, anything else as a JSON string: each record is one line of JSON.
  std::string value_text(const kafka::Incoming& record) {
    if (!record.value) return "null";
    const bool one_line = record.value->find('\n') == std::string_view::npos;
    if (one_line && check_.read(*record.value)) return std::string(*record.value);
    return job::json_quoted(*record.value);
  }

  const Wish& wish_;
  Where* where_;
  kafka::Cluster& cluster_;
  Terminal& terminal_;
  JsonReader check_{std::vector<std::string>{}};
  std::vector<Partition> partitions_;
  std::vector<std::int64_t> ends_;  // kReached: nothing more is wanted of it.
  std::unique_ptr<kafka::Reader> reader_;
  std::int64_t shown_ = 0;
};

}  // namespace

int consume(const Call& call, Terminal& terminal) {
  run::StopSignals signals;
  Wish wish{.topic = call.operands().front(),
            .from = call.value_or("--from", "earliest"),
            .records = integer_of(call, "--records"),
            .key = call.value("--key"),
            .follow = call.has("--follow"),
            .envelope = call.has("--envelope")};
  if (call.has("--records") && !wish.records) {
    return terminal.complain("weir consume: --records takes a number"), kUsage;
  }
  std::unique_ptr<Where> where;
  if (const auto text = call.value("--where")) {
    Result<std::unique_ptr<Where>> made = Where::make(*text);
    if (!made)
      return terminal.complain("weir consume: --where: " + made.error().to_string()), kUsage;
    where = std::move(*made);
  }
  const Result<run::Connection> connection = connection_of(call, {});
  if (!connection) return terminal.complain("weir consume: " + connection.error().text), kUsage;
  const auto fail = [&](const kafka::Outcome& outcome) {
    terminal.complain("weir consume: " + run::words_of(outcome, connection->brokers));
    return run::exit_code_of(outcome);
  };
  const auto cluster = run::reach(*connection);
  if (!cluster.ok()) return fail(cluster.outcome);
  Consumption consumption(wish, where.get(), *cluster.value, terminal);
  if (const kafka::Outcome started = consumption.start(); !started.ok()) return fail(started);
  return consumption.run(signals);
}

}  // namespace weir::cli
