#include <algorithm>
#include <map>
#include <memory>

#include "cli/commands.h"
#include "cli/connection_flags.h"
#include "cli/exit_code.h"
#include "cli/job_file.h"
#include "cli/layout.h"
#include "cli/letter_print.h"
#include "cli/numbers.h"
#include "cli/where.h"
#include "compile/compile.h"
#include "job/diagnostic_print.h"
#include "run/dead_letters.h"
#include "run/handled_letters.h"
#include "run/job_steps.h"
#include "run/letter_sender.h"
#include "run/reach.h"
#include "run/signals.h"
#include "run/sink_replay.h"

namespace weir::cli {

namespace {

using kafka::Outcome;
using run::DeadLetter;
using run::DeadLetters;

constexpr std::size_t kBatch = 500;  // Letters in one transaction.

// Which letters are wanted.
struct Wish {
  std::string action;
  std::string job;
  std::string topic;
  std::optional<std::string> reason;
  std::optional<std::string> step;
  Timestamp since = kNoTime;
  std::unique_ptr<Where> where;
  std::map<std::string, std::string, std::less<>> steps;  // Of the job, by stage.
  std::optional<std::int64_t> limit;
  bool yes = false;
  bool json = false;

  // As weir top calls it; what this version of the job does not know, as the letter says.
  std::string step_of(const DeadLetter& letter) const {
    const auto found = steps.find(letter.step);
    return found == steps.end() ? std::string(letter.step) : found->second;
  }
  bool accepts(const DeadLetter& letter) const {
    if (reason && letter.reason != *reason) return false;
    if (step && letter.step != *step && step_of(letter) != *step) return false;
    if (letter.time < since) return false;
    return where == nullptr || (letter.value && where->holds(*letter.value));
  }
};

class Work {
 public:
  Work(const Wish& wish, kafka::Cluster& cluster, DeadLetters& letters, run::SinkReplay& sinks,
       Terminal& terminal)
      : wish_(wish),
        cluster_(cluster),
        letters_(letters),
        sinks_(sinks),
        terminal_(terminal),
        handled_(wish.job, wish.topic) {}

  Outcome list() {
    LetterGroups groups;
    const Outcome read = each([&](const DeadLetter& letter) {
      groups.add(letter, wish_.step_of(letter));
      return true;
    });
    if (!read.ok()) return read;
    if (wish_.json) {
      terminal_.print("{\"job\":" + job::json_quoted(wish_.job) + ",\"topic\":" +
                      job::json_quoted(wish_.topic) + ",\"handled\":" + std::to_string(passed_) +
                      ",\"groups\":" + groups.json() + "}\n");
      return {};
    }
    if (!groups.empty()) {
      const bool clip = Terminal::is_terminal(stdout);
      terminal_.print(clip ? clipped(groups.text(), Terminal::columns(stdout)) : groups.text());
    } else {
      terminal_.say("no dead letters that match");
    }
    if (passed_ > 0) terminal_.say(grouped(passed_) + " more were replayed or dropped");
    return {};
  }

  Outcome show() {
    bool any = false;
    const Outcome read = each([&](const DeadLetter& letter) {
      any = true;
      const std::string step = wish_.step_of(letter);
      terminal_.print(
          wish_.json ? letter_json(wish_.topic, letter, step) + "\n"
                     : folded(letter_text(letter, step), kTextIndent, Terminal::result_columns()));
      return std::ferror(stdout) == 0;
    });
    if (read.ok() && !any) terminal_.say("no dead letters that match");
    return read;
  }

  // What would be done.
  Outcome plan() {
    return each([&](const DeadLetter& letter) {
      const std::string* const sink = sinks_.sink_of(letter);
      if (is_replay() && !sink && !has_topic(letter)) {
        ++foreign_;
        return true;
      }
      ++(sink ? by_sink_[*sink] : by_topic_[std::string(letter.topic)]);
      ++wanted_;
      return true;
    });
  }
  std::int64_t wanted() const { return wanted_; }

  std::string plan_text(bool done) const {
    if (wish_.json) return plan_json(done);
    std::string out;
    const char* const verb = is_replay() ? "replay" : "drop";
    if (!done) out = "would do:\n";
    for (const auto& [topic, count] : by_topic_) {
      out += std::string("  ") + verb + "   " + grouped(count) +
             (count == 1 ? " letter" : " letters") + (is_replay() ? " to topic " : " of topic ") +
             (topic.empty() ? "(not weir's)" : topic) + "\n";
    }
    for (const auto& [sink, count] : by_sink_) {
      out += std::string("  ") + verb + "   " + grouped(count) +
             (count == 1 ? " letter" : " letters") + (is_replay() ? " to sink " : " of sink ") +
             sink + "\n";
    }
    if (foreign_ > 0) {
      out += "  leave    " + grouped(foreign_) + " that can be given back to nobody\n";
    }
    if (wanted_ == 0) out += "  nothing: no dead letters match\n";
    return out;
  }

  Outcome carry_out(run::StopSignals& signals) {
    auto sender = run::LetterSender::open(cluster_, wish_.job, handled_, letters_);
    if (!sender.ok()) return sender.outcome;
    Outcome trouble;
    handled_is_read_ = true;
    const Outcome read = each([&](const DeadLetter& letter) {
      trouble = handle(*sender.value, letter);
      if (trouble.ok() && sender.value->pending() >= kBatch) trouble = commit(*sender.value);
      stopped_ = signals.wait(Duration(0)).has_value();
      return trouble.ok() && !stopped_ && sink_trouble_.empty();
    });
    if (!read.ok()) return read;
    return trouble.ok() ? commit(*sender.value) : trouble;
  }
  std::int64_t done() const { return done_; }
  // By their sinks, again.
  std::int64_t refused() const { return refused_; }
  const std::string& last_refusal() const { return refusal_; }
  // Why a sink could not be asked.
  const std::string& sink_trouble() const { return sink_trouble_; }
  bool was_stopped() const { return stopped_; }

 private:
  bool is_replay() const { return wish_.action == "replay"; }
  static bool has_topic(const DeadLetter& letter) {
    return letter.is_ours() && letter.from_partition >= 0;
  }

  // One of those that plan() counted; others are left alone.
  Outcome handle(run::LetterSender& sender, const DeadLetter& letter) {
    if (!is_replay()) return sender.drop(letter);
    if (sinks_.sink_of(letter) == nullptr) {
      return has_topic(letter) ? sender.replay(letter) : Outcome{};
    }
    switch (sinks_.write(letter)) {
      case run::SinkReplay::Written::done:
        return sender.drop(letter);  // It has become a result.
      case run::SinkReplay::Written::refused:
        ++refused_;
        refusal_ = sinks_.why();
        return {};
      case run::SinkReplay::Written::failed:
        sink_trouble_ = sinks_.why();
        break;
    }
    return {};
  }

  Outcome commit(run::LetterSender& sender) {
    const auto pending = static_cast<std::int64_t>(sender.pending());
    Outcome committed = sender.commit();
    if (committed.ok()) done_ += pending;
    return committed;
  }

  std::string plan_json(bool done) const {
    std::string out = "{\"action\":" + job::json_quoted(wish_.action) +
                      ",\"done\":" + (done ? "true" : "false") +
                      ",\"letters\":" + std::to_string(done ? done_ : wanted_) + ",\"topics\":{";
    for (const auto& [topic, count] : by_topic_) {
      if (out.back() != '{') out += ",";
      out += job::json_quoted(topic) + ":" + std::to_string(count);
    }
    out += "},\"sinks\":{";
    for (const auto& [sink, count] : by_sink_) {
      if (out.back() != '{') out += ",";
      out += job::json_quoted(sink) + ":" + std::to_string(count);
    }
    return out + "},\"refused\":" + std::to_string(refused_) +
           ",\"left\":" + std::to_string(foreign_) + "}\n";
  }

  // The letters that are wanted and were not handled before.
  Outcome each(const std::function<bool(const DeadLetter&)>& visit) {
    if (!handled_is_read_) {
      if (Outcome loaded = handled_.load(cluster_); !loaded.ok()) return loaded;
    }
    handled_is_read_ = true;
    passed_ = 0;
    std::int64_t left = wish_.limit.value_or(-1);
    return letters_.each([&](const DeadLetter& letter) {
      if (!wish_.accepts(letter)) return true;
      if (handled_.contains(letter)) return ++passed_, true;
      if (left == 0) return false;
      --left;
      return visit(letter);
    });
  }

  const Wish& wish_;
  kafka::Cluster& cluster_;
  DeadLetters& letters_;
  run::SinkReplay& sinks_;
  Terminal& terminal_;
  run::HandledLetters handled_;
  bool handled_is_read_ = false;
  bool stopped_ = false;
  std::int64_t passed_ = 0;
  std::int64_t foreign_ = 0;
  std::int64_t wanted_ = 0;
  std::int64_t done_ = 0;
  std::map<std::string, std::int64_t> by_topic_;
  std::map<std::string, std::int64_t> by_sink_;
  std::int64_t refused_ = 0;
  std::string refusal_;
  std::string sink_trouble_;
};

int change(const Wish& wish, Work& work, const run::Connection& connection,
           run::StopSignals& signals, Terminal& terminal) {
  const auto fail = [&](const Outcome& outcome) {
    terminal.complain("weir dlq: " + run::words_of(outcome, connection.brokers));
    if (work.done() > 0) terminal.complain(grouped(work.done()) + " letters were done before");
    return run::exit_code_of(outcome);
  };
  if (const Outcome planned = work.plan(); !planned.ok()) return fail(planned);
  if (!wish.yes || work.wanted() == 0) {
    terminal.print(work.plan_text(false));
    if (work.wanted() > 0) terminal.say("nothing was changed; --yes does it");
    return kGood;
  }
  if (const Outcome done = work.carry_out(signals); !done.ok()) return fail(done);
  if (!work.sink_trouble().empty()) {
    terminal.complain("weir dlq: " + work.sink_trouble() + "; " + grouped(work.done()) +
                      " letters were done before");
    return kUnreachable;
  }
  terminal.print(work.plan_text(true));
  if (work.refused() > 0) {
    terminal.complain("weir dlq: " + grouped(work.refused()) +
                      " of them were refused again: " + work.last_refusal());
    return kFailed;
  }
  terminal.say(work.was_stopped() ? "stopped: " + grouped(work.done()) + " letters were done"
                                  : "done");
  return work.was_stopped() ? kInterrupted : kGood;
}

bool read_since(const std::string& text, const Call& call, Timestamp& since) {
  if (const auto ago = duration_of(call, "--since")) return since = now_ms() - *ago, true;
  return read_time_flag(text, since);
}

int read_wish(const Call& call, Wish& wish, Terminal& terminal) {
  const auto wrong = [&](const std::string& text) {
    return terminal.complain("weir dlq: " + text), kUsage;
  };
  wish.action = call.operands().front();
  constexpr std::string_view kActions[] = {"list", "show", "replay", "drop"};
  if (std::ranges::count(kActions, wish.action) == 0) {
    return wrong("'" + wish.action + "' is none of list, show, replay, drop");
  }
  wish.reason = call.value("--reason");
  wish.step = call.value("--step");
  wish.yes = call.has("--yes");
  wish.json = call.value_or("--output", "text") == "json";
  if (!read_since(call.value_or("--since", ""), call, wish.since)) {
    return wrong("--since takes a duration such as 1h, or a time");
  }
  wish.limit = integer_of(call, "--limit");
  if (call.has("--limit") && !wish.limit) return wrong("--limit takes a number");
  if (const auto text = call.value("--where")) {
    Result<std::unique_ptr<Where>> made = Where::make(*text);
    if (!made) return wrong("--where: " + made.error().to_string());
    wish.where = std::move(*made);
  }
  return kGood;
}

void name_steps(const job::JobPlan& plan, const compile::CompiledJob& compiled, Wish& wish) {
  const run::JobSteps steps(plan, compiled.topology, {});
  for (const run::JobStep& step : steps.steps()) {
    for (const int stage : step.stages) {
      wish.steps[compiled.topology.stages()[static_cast<std::size_t>(stage)].name] = step.name;
    }
  }
  for (const compile::CompiledSink& sink : compiled.sinks) wish.steps[sink.topic] = sink.plan.name;
}

}  // namespace

int dlq(const Call& call, Terminal& terminal) {
  run::StopSignals signals;
  Wish wish;
  if (const int code = read_wish(call, wish, terminal); code != kGood) return code;
  const Result<job::LoadOptions> options = load_options(call);
  if (!options) return terminal.complain("weir dlq: " + options.error().text), kUsage;
  const JobFile file = read_job(call.operands()[1], *options);
  if (const int code = report_errors(file, terminal); code != kGood) return code;
  const job::JobPlan& plan = *file.loaded.plan;
  wish.job = plan.name;
  wish.topic = plan.errors.dlq;
  if (wish.topic.empty()) {
    terminal.complain("weir dlq: the job '" + plan.name +
                      "' keeps no dead letters (errors: {dlq: TOPIC} in the job does)");
    return kUsage;
  }
  const auto compiled = compile::compile(plan);
  if (!compiled) return terminal.complain("weir dlq: " + compiled.error().to_string()), kBadJob;
  name_steps(plan, *compiled, wish);
  const Result<run::Connection> connection = connection_of(call, plan.kafka);
  if (!connection) return terminal.complain("weir dlq: " + connection.error().text), kUsage;
  const auto fail = [&](const Outcome& outcome) {
    terminal.complain("weir dlq: " + run::words_of(outcome, connection->brokers));
    return run::exit_code_of(outcome);
  };
  const auto cluster = run::reach(*connection);
  if (!cluster.ok()) return fail(cluster.outcome);
  auto letters = DeadLetters::open(*cluster.value, wish.topic);
  if (!letters.ok()) return fail(letters.outcome);
  run::SinkReplay sinks(compiled->sinks);
  Work work(wish, *cluster.value, letters.value, sinks, terminal);
  if (wish.action == "replay" || wish.action == "drop") {
    return change(wish, work, *connection, signals, terminal);
  }
  const Outcome shown = wish.action == "list" ? work.list() : work.show();
  return shown.ok() ? static_cast<int>(kGood) : fail(shown);
}

}  // namespace weir::cli
