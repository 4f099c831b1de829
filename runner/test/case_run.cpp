#include "test/case_run.h"

#include <algorithm>

#include <weir/error.h>
#include <weir/json_value.h>

namespace weir::test {

using job::SinkPlan;

namespace {

weir::TestOptions options_of(const TestFile& file, const TestCase& of) {
  weir::TestOptions options;
  options.partitions = static_cast<int>(
      std::max<std::int64_t>(1, of.partitions > 0 ? of.partitions : file.partitions));
  options.instances = static_cast<int>(std::max<std::int64_t>(1, file.instances));
  options.commit_each = false;  // So that a crash can come before the commit.
  options.wall_clock = file.epoch;
  return options;
}

void add_field(std::string& json, std::string_view name, const JsonValue& value) {
  json += json.empty() ? '{' : ',';
  append_json(json, JsonValue::string(name));
  json += ':';
  append_json(json, value);
}

bool fits(const TestStep& step, const std::vector<ActualRecord>& actual, bool all_fields,
          Timestamp epoch) {
  if (step.expected.size() != actual.size()) return false;
  std::vector<bool> taken(actual.size(), false);
  for (std::size_t i = 0; i < step.expected.size(); ++i) {
    bool found = false;
    for (std::size_t j = 0; j < actual.size() && !found; ++j) {
      if (taken[j] || (step.match == Match::exact && i != j)) continue;
      found = are_same(compare(step.expected[i], actual[j], all_fields, epoch));
      if (found) taken[j] = true;
    }
    if (!found) return false;
  }
  return true;
}

std::string in_words(const ActualRecord& record) {
  return (record.key ? *record.key + "  " : std::string()) + record.value.value_or("null");
}

std::string counted(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " record" : " records");
}

}  // namespace

CaseRun::CaseRun(const TestFile& file, const TestCase& of, const job::JobPlan& plan,
                 const compile::CompiledJob& job)
    : file_(file),
      case_(of),
      plan_(plan),
      job_(job),
      driver_(Topology(job.topology), options_of(file, of)) {
  for (int i = 0; i < options_of(file, of).instances; ++i) instances_.push_back(i);
}

std::optional<Failure> CaseRun::run(std::vector<Update>* updates) {
  int line = case_.line;
  try {
    for (std::size_t i = 0; i < case_.steps.size(); ++i) {
      const TestStep& step = case_.steps[i];
      line = step.line;
      const TestStep* next = i + 1 < case_.steps.size() ? &case_.steps[i + 1] : nullptr;
      const bool crashes =
          next != nullptr && next->kind == TestStep::Kind::crash && next->name == "before_commit";
      std::optional<Failure> failure = run_step(step, !crashes, updates);
      if (!failure) continue;
      keep_dead_letters();
      failure->dead_letters = dead_letters_;
      return failure;
    }
  } catch (const BrokenWorld& broken) {
    return Failure{line, std::string("the job ended: ") + broken.what(), {}, {}};
  }
  return std::nullopt;
}

std::optional<Failure> CaseRun::run_step(const TestStep& step, bool commit,
                                         std::vector<Update>* updates) {
  switch (step.kind) {
    case TestStep::Kind::send:
      return send(step, commit);
    case TestStep::Kind::expect:
      return expect(step, updates);
    case TestStep::Kind::discarded:
      return expect_counts(step);
    case TestStep::Kind::advance:
      driver_.advance(Duration(step.number));
      break;
    case TestStep::Kind::crash:
      crash(step.name);
      break;
    case TestStep::Kind::rebalance:
      rebalance(step.number);
      break;
    case TestStep::Kind::drain:
      driver_.drain();
      break;
  }
  if (commit) driver_.commit();
  return std::nullopt;
}

std::optional<Failure> CaseRun::send(const TestStep& step, bool commit) {
  const auto stream = std::find_if(
      plan_.streams.begin(), plan_.streams.end(),
      [&](const job::StreamPlan& one) { return one.name == step.name || one.topic == step.name; });
  if (stream == plan_.streams.end()) {
    std::vector<std::string> known;
    for (const job::StreamPlan& one : plan_.streams) known.push_back(one.name);
    const std::string hint = job::did_you_mean(step.name, known);
    return Failure{step.line,
                   "the job has no stream '" + step.name + "'" + (hint.empty() ? "" : ": " + hint),
                   {},
                   {}};
  }
  const int partitions = options_of(file_, case_).partitions;
  for (const SentRecord& record : step.records) {
    if (record.partition >= partitions) {
      return Failure{step.line,
                     "there is no partition " + std::to_string(record.partition) +
                         ": the case has " + std::to_string(partitions),
                     {},
                     {}};
    }
    LogRecord sent{static_cast<int>(record.partition), 0, later(file_.epoch, record.at_ms)};
    sent.key = record.key;
    sent.value = record.value;
    for (std::int64_t i = 0; i < record.times; ++i) driver_.send(stream->topic, sent);
  }
  if (commit) driver_.commit();
  return std::nullopt;
}

void CaseRun::crash(const std::string& moment) {
  if (moment == "after_commit") driver_.commit();
  driver_.crash();
  if (moment == "during_restore") driver_.crash();
}

void CaseRun::rebalance(std::int64_t instances) {
  while (static_cast<std::int64_t>(instances_.size()) < instances) {
    instances_.push_back(driver_.add_instance());
  }
  while (static_cast<std::int64_t>(instances_.size()) > instances) {
    driver_.kill_instance(instances_.front());
    instances_.pop_front();
  }
}

// A sink's name, topic or collection, or the pipeline whose first sink it is.
std::optional<std::string> CaseRun::topic_of(const std::string& name, std::string& known) const {
  for (const compile::CompiledSink& sink : job_.sinks) {
    const bool collection = sink.plan.mongodb && sink.plan.mongodb->collection == name;
    if (sink.topic == name || sink.plan.name == name || collection) return sink.topic;
    known += (known.empty() ? "" : ", ") + sink.plan.name;
  }
  for (const job::PipelinePlan& pipeline : plan_.pipelines) {
    if (pipeline.name != name || pipeline.sinks.empty()) continue;
    for (const compile::CompiledSink& sink : job_.sinks) {
      if (&sink.plan == &pipeline.sinks[0]) return sink.topic;
    }
  }
  if (name == plan_.errors.late_topic && !name.empty()) return name;
  return std::nullopt;
}

std::vector<ActualRecord> CaseRun::read(const std::string& topic) {
  std::vector<ActualRecord> records;
  for (LogRecord& record : driver_.read(topic)) {
    records.push_back(
        {std::move(record.key), std::move(record.value), record.timestamp - file_.epoch});
  }
  return records;
}

// A dead letter as a record: reason, step, stream, message, value.
void CaseRun::keep_dead_letters() {
  if (plan_.errors.dlq.empty()) return;
  for (const LogRecord& letter : driver_.dead_letters()) {
    std::string json;
    for (const auto& [header, value] : letter.headers) {
      const std::string text = value.value_or("");
      const JsonValue shown = JsonValue::string(text);
      if (header == "weir.reason") add_field(json, "reason", shown);
      if (header == "weir.step") add_field(json, "step", shown);
      if (header == "__streams.errors.message") add_field(json, "message", shown);
      if (header != "__streams.errors.topic") continue;
      for (const job::StreamPlan& stream : plan_.streams) {
        if (stream.topic != text) continue;
        add_field(json, "stream", JsonValue::string(stream.name));
      }
    }
    const std::string value = letter.value.value_or("");
    add_field(json, "value", letter.value ? JsonValue::string(value) : JsonValue::null());
    dead_.push_back({letter.key, json + "}", letter.timestamp - file_.epoch});
    dead_letters_.push_back(in_words(dead_.back()));
  }
}

std::vector<ActualRecord> CaseRun::read_dead_letters() {
  keep_dead_letters();
  return std::exchange(dead_, {});
}

std::optional<Failure> CaseRun::expect(const TestStep& step, std::vector<Update>* updates) {
  const bool dead = step.name == "dlq" || step.name == plan_.errors.dlq;
  std::string known;
  const std::optional<std::string> topic = dead ? step.name : topic_of(step.name, known);
  if (!topic) {
    return Failure{
        step.line, "nothing is called '" + step.name + "': there are " + known + ", dlq", {}, {}};
  }
  const std::vector<ActualRecord> actual = dead ? read_dead_letters() : read(*topic);
  // Nobody writes a dead letter's message and bytes down.
  const bool all_fields = step.match != Match::contains && !dead;
  if (fits(step, actual, all_fields, file_.epoch)) return std::nullopt;
  if (updates != nullptr && step.match == Match::exact && !dead) {
    updates->push_back({step.records_key, step.records_value, step.records_on_one_line, actual});
    return std::nullopt;
  }
  return differs(step, actual, all_fields);
}

Failure CaseRun::differs(const TestStep& step, const std::vector<ActualRecord>& actual,
                         bool all_fields) {
  Failure failure{step.line, "", {}, {}};
  for (const ActualRecord& record : actual) failure.actual.push_back(in_words(record));
  failure.text = "expected " + counted(step.expected.size()) + " from '" + step.name + "', found " +
                 counted(actual.size());
  if (step.expected.size() == actual.size()) failure.text = "'" + step.name + "' differs";
  std::vector<bool> taken(actual.size(), false);
  for (std::size_t i = 0; i < step.expected.size(); ++i) {
    std::size_t best = actual.size();
    std::vector<FieldPair> nearest;
    for (std::size_t j = 0; j < actual.size(); ++j) {
      if (taken[j] || (step.match == Match::exact && i != j)) continue;
      std::vector<FieldPair> fields = compare(step.expected[i], actual[j], all_fields, file_.epoch);
      const auto wrong = [](const std::vector<FieldPair>& all) {
        return std::count_if(all.begin(), all.end(), [](const auto& one) { return !one.same; });
      };
      if (best != actual.size() && wrong(fields) >= wrong(nearest)) continue;
      best = j;
      nearest = std::move(fields);
    }
    if (best != actual.size() && are_same(nearest)) {
      taken[best] = true;
      continue;
    }
    failure.line = step.expected[i].line;
    failure.fields = std::move(nearest);
    break;
  }
  return failure;
}

std::optional<Failure> CaseRun::expect_counts(const TestStep& step) {
  const std::map<std::string, std::uint64_t> discarded = driver_.discarded();
  for (const auto& [reason, wanted] : step.counts) {
    const auto found = discarded.find(reason);
    const std::uint64_t count = found == discarded.end() ? 0 : found->second;
    if (static_cast<std::int64_t>(count) == wanted) continue;
    return Failure{step.line,
                   "discarded for '" + reason + "'",
                   {{reason, std::to_string(wanted), std::to_string(count), false}},
                   {}};
  }
  return std::nullopt;
}

}  // namespace weir::test
