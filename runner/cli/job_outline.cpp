#include "cli/job_outline.h"

#include "cli/numbers.h"

namespace weir::cli {

namespace {

constexpr std::size_t kWordsWidth = 13;

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

// "  1 require    order_id != ''"
std::string line(const std::string& word, const std::string& text) {
  return "  " + padded(word, kWordsWidth) + " " + text + "\n";
}

void add(std::string& list, const std::string& word) { list += (list.empty() ? "" : ", ") + word; }

template <class Programs>
std::string sources(const Programs& programs) {
  std::string all;
  for (const auto& program : programs) add(all, program.source());
  return all;
}

std::string fields_text(const job::Schema& schema) {
  std::string all = schema.open ? "all that a record has" : "";
  for (const auto& [name, slot] : job::output_fields(schema)) {
    const auto& column = schema.columns[static_cast<std::size_t>(slot)];
    if (!schema.open) add(all, name + " " + column.type.to_string());
  }
  return all;
}

std::string sink_text(const job::SinkPlan& sink) {
  if (sink.mongodb) {
    return "mongodb " + sink.mongodb->database + "." + sink.mongodb->collection + ", _id " +
           sink.mongodb->id.source() + ", " + sink.mongodb->write;
  }
  if (sink.postgres) return "postgres " + sink.postgres->table + ", " + sink.postgres->write;
  if (sink.file) return "file " + sink.file->path + ", " + sink.file->format;
  if (sink.console) return "console";
  return "topic " + sink.topic + (sink.key.empty() ? "" : ", key " + sources(sink.key));
}

std::string window_text(const job::AggregatePlan& plan) {
  std::string text = plan.by.empty() ? "all records together" : "by ";
  for (std::size_t i = 0; i < plan.by.size(); ++i) text += (i > 0 ? ", " : "") + plan.by[i].name;
  if (plan.window == job::WindowKind::none) return text + ", for good, at each change";
  if (plan.window == job::WindowKind::session) {
    text += ", sessions with gaps of at most " + duration_text(plan.gap_ms);
  } else {
    text += ", windows of " + duration_text(plan.size_ms);
    if (plan.window == job::WindowKind::per_event) text += ", one for each event";
    const bool steps = plan.window == job::WindowKind::stepping && plan.every_ms != plan.size_ms;
    if (steps) text += " every " + duration_text(plan.every_ms);
  }
  return text + ", delay " + duration_text(plan.grace_ms) +
         (plan.on_update ? ", at each change" : ", when closed");
}

std::string reach_text(const job::JoinPlan& join) {
  if (join.before_ms == join.after_ms) return duration_text(join.before_ms);
  return duration_text(join.before_ms) + " before to " + duration_text(join.after_ms) + " after";
}

class Outline {
 public:
  explicit Outline(const job::JobPlan& plan) : plan_(plan) {}

  std::string text() {
    std::string out;
    for (const job::StreamPlan& stream : plan_.streams) out += of_stream(stream);
    for (const job::PipelinePlan& pipeline : plan_.pipelines) out += of_pipeline(pipeline);
    return out;
  }

 private:
  static std::string of_stream(const job::StreamPlan& stream) {
    std::string keys;
    for (const std::string& column : stream.keyed_by) add(keys, column);
    return "stream " + stream.name + "\n" + line("topic", stream.topic) +
           line("keyed by", keys.empty() ? "not said" : keys) +
           line("time", (stream.time ? stream.time->source() : "of the record") + ", delay " +
                            duration_text(stream.delay_ms) + ", idle " +
                            (stream.idle_ms ? "after " + duration_text(*stream.idle_ms) : "never"));
  }

  std::string of_pipeline(const job::PipelinePlan& pipeline) const {
    std::string from;
    for (const job::Origin& origin : pipeline.from) add(from, name_of(origin));
    std::string out = "pipeline " + pipeline.name + "\n" + line("from", from);
    int number = 0;
    for (const job::StepPlan& step : pipeline.steps) {
      out += of_step(std::to_string(++number) + " " + step.word, step);
    }
    out += line("gives", fields_text(pipeline.out));
    for (const job::SinkPlan& sink : pipeline.sinks) out += line("to", sink_text(sink));
    for (const job::RoutePlan& route : pipeline.routes) {
      out += line("when", route.when ? route.when->source() : "otherwise");
      for (const job::SinkPlan& sink : route.sinks) out += line("  to", sink_text(sink));
    }
    return out;
  }

  std::string of_step(const std::string& word, const job::StepPlan& step) const {
    std::string out = line(word, what(step));
    const bool both = step.join && step.join->left_repartition && step.join->right_repartition;
    if (step.join && (step.join->left_repartition || step.join->right_repartition)) {
      out += line("", both                          ? "repartitions both sides"
                      : step.join->left_repartition ? "repartitions its records"
                                                    : "repartitions the other side");
    }
    if (step.aggregate && step.aggregate->by.empty()) out += line("", "sums up in one partition");
    const bool moves = (step.aggregate && step.aggregate->repartition) ||
                       (step.dedupe && step.dedupe->repartition);
    if (moves) out += line("", "repartitions its records");
    if (!step.store.empty()) out += line("", "keeps " + step.store);
    if (step.join) {
      for (const job::SinkPlan& sink : step.join->unmatched_sinks) {
        out += line("", "unmatched to " + sink_text(sink));
      }
    }
    return out;
  }

  std::string what(const job::StepPlan& step) const {
    if (step.condition) return step.condition->source();
    if (step.join) return of_join(*step.join);
    if (step.aggregate) return window_text(*step.aggregate);
    if (step.dedupe) {
      return "by " + sources(step.dedupe->by) + ", within " + duration_text(step.dedupe->within_ms);
    }
    if (step.explode) return step.explode->list.source() + " as " + step.explode->as;
    if (step.kind == job::StepKind::key) return sources(step.key);
    std::string changed;
    for (std::size_t i = 0; i < step.assignments.size(); ++i) {
      const auto& value = step.assignments[i].value;
      if (value) add(changed, step.out.columns[i].name + " = " + value->source());
    }
    return changed;
  }

  std::string of_join(const job::JoinPlan& join) const {
    constexpr const char* kTypes[] = {"inner", "left", "outer", "anti"};
    const std::string type = kTypes[static_cast<std::size_t>(join.type)];
    const std::string left = sources(join.left_key);
    const std::string right = sources(join.right_key);
    return (join.match_once ? "once" : type) + ", with " + name_of(join.with) + ", by " + left +
           (left == right ? "" : " and " + right) + ", within " + reach_text(join) + ", delay " +
           duration_text(join.delay_ms) +
           (join.match_once ? ", remember " + duration_text(join.remember_ms) : "");
  }

  const std::string& name_of(const job::Origin& origin) const {
    return origin.is_stream ? plan_.streams[origin.index].name : plan_.pipelines[origin.index].name;
  }

  const job::JobPlan& plan_;
};

}  // namespace

std::string job_outline(const job::JobPlan& plan) { return Outline(plan).text(); }

}  // namespace weir::cli
