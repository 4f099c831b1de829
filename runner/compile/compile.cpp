#include "compile/compile.h"

#include <memory>
#include <set>

#include "compile/flow.h"
#include "compile/route.h"
#include "compile/row_format.h"
#include "compile/row_source.h"
#include "compile/state_form.h"

namespace weir::compile {

using job::Answer;
using job::JobPlan;
using job::PipelinePlan;
using job::SinkPlan;
using job::StepKind;
using job::StepPlan;
using job::StreamPlan;

std::string in_words(const std::vector<job::Program>& programs) {
  std::string words;
  for (const job::Program& one : programs) words += (words.empty() ? "" : ", ") + one.source();
  return words;
}

namespace {

OnError on_error(Answer answer) {
  switch (answer) {
    case Answer::dlq:
      return OnError::dead_letter;
    case Answer::stop:
      return OnError::stop;
    case Answer::drop:
      break;
  }
  return OnError::drop;
}

ErrorPolicy policy_of(const job::ErrorSettings& errors) {
  ErrorPolicy policy;
  policy.dead_letters = errors.dlq;
  policy.record = on_error(errors.process);
  policy.decode = on_error(errors.decode);
  policy.sink = on_error(errors.sink);
  policy.late = errors.late_topic.empty() ? on_error(errors.late) : OnError::drop;
  return policy;
}

// A part of the topology that reads what it writes itself waits for its own time for ever.
Status check_circles(const Topology& topology) {
  for (const SubTopology& part : topology.sub_topologies()) {
    std::set<std::string> written;
    for (const int stage : part.stages) {
      const StageSpec& spec = topology.stages()[static_cast<std::size_t>(stage)];
      if (spec.role == Role::repartition_write) written.insert(spec.topic);
    }
    for (const int stage : part.stages) {
      const StageSpec& spec = topology.stages()[static_cast<std::size_t>(stage)];
      if (spec.role != Role::repartition_read || !written.contains(spec.topic)) continue;
      return Error{"a pipeline reads a stream together with results that '" + spec.topic +
                       "' makes of the same stream, through a topic between them",
                   "write the results to a topic, and read that in a job of its own"};
    }
  }
  return {};
}

// Topics of sinks that have to be made get as many partitions as their sinks say.
Result<Topology> with_partitions(const Topology& topology, const std::vector<CompiledSink>& sinks) {
  std::vector<StageSpec> stages = topology.stages();
  for (StageSpec& stage : stages) {
    if (stage.role != Role::sink) continue;
    for (const CompiledSink& sink : sinks) {
      if (sink.topic == stage.topic) stage.partitions = sink.plan.partitions.value_or(0);
    }
  }
  return Topology::make(std::move(stages), topology.errors());
}

class JobCompiler {
 public:
  JobCompiler(const JobPlan& plan, LogLine log)
      : plan_(plan),
        log_(std::make_shared<const LogLine>(std::move(log))),
        builder_(policy_of(plan.errors)) {}

  Result<CompiledJob> run() {
    for (const StreamPlan& stream : plan_.streams) {
      if (Status s = add_stream(stream); !s) return s.error();
    }
    for (const PipelinePlan& pipeline : plan_.pipelines) {
      if (Status s = add_pipeline(pipeline); !s) return s.error();
    }
    Result<Topology> topology = builder_.build();
    if (!topology) return topology.error();
    if (Status s = check_circles(*topology); !s) return s.error();
    topology = with_state_forms(*topology, plan_);
    if (!topology) return topology.error();
    if (Result<Topology> sized = with_partitions(*topology, sinks_)) topology = std::move(sized);
    return CompiledJob{std::move(*topology), std::move(key_mismatches_), std::move(sinks_)};
  }

 private:
  Status add_stream(const StreamPlan& stream) {
    for (const StreamPlan& other : plan_.streams) {
      if (&other == &stream) break;
      if (other.topic != stream.topic) continue;
      return Error{"streams '" + other.name + "' and '" + stream.name + "' read the same topic '" +
                       stream.topic + "'",
                   "declare it once, and let several pipelines read it"};
    }
    Result<TimeZone> zone = TimeZone::find(stream.zone);
    if (!zone) return zone.error();
    const auto mismatches = std::make_shared<KeyMismatches>(0);
    if (!stream.keyed_by.empty()) key_mismatches_[stream.name] = mismatches;
    const Topic<Key, Row> topic{stream.topic, format_of<Key>(),
                                std::make_shared<RowFormat>(stream, *zone, mismatches)};
    const SourceOptions options{.idle = Duration(stream.idle_ms.value_or(0))};
    streams_.push_back(row_stream(builder_, topic, stream.time.has_value(), options));
    return {};
  }

  const RowStream& from(const job::Origin& origin) const {
    return (origin.is_stream ? streams_ : pipelines_)[origin.index];
  }

  Status add_pipeline(const PipelinePlan& pipeline) {
    RowStream rows = from(pipeline.from[0]);
    for (std::size_t i = 1; i < pipeline.from.size(); ++i) {
      rows = rows.merge(from(pipeline.from[i]), {pipeline.name + ".from-" + std::to_string(i)});
    }
    for (const StepPlan& step : pipeline.steps) {
      Result<RowStream> next = add_step(step, rows);
      if (!next) return next.error();
      rows = *next;
    }
    pipelines_.push_back(rows);
    if (Status s = add_sinks(pipeline.sinks, pipeline.out, rows, pipeline.name); !s) return s;
    return pipeline.routes.empty() ? Status() : add_routes(pipeline, rows);
  }

  Result<RowStream> add_step(const StepPlan& step, const RowStream& rows) {
    const KeyedBy same = rows.keyed_by();
    switch (step.kind) {
      case StepKind::filter:
        return then(rows, step.word, step.id, step.condition->source(),
                    FilterRows{&*step.condition}, same);
      case StepKind::require:
        return rows.require(step.condition->source(), RowObeys{&*step.condition}, {step.id});
      case StepKind::assign:
        return then(rows, step.word, step.id, names_of(step), AssignRow{&step.assignments}, same);
      case StepKind::key:
        return then(rows, step.word, step.id, in_words(step.key), KeyRow{step.key},
                    KeyedBy::nobody);
      case StepKind::explode:
        return then(rows, step.word, step.id, step.explode->list.source(), ExplodeRow{&step}, same);
      case StepKind::log:
        return then(rows, step.word, step.id, "", LogRow{&*step.log, log_}, same);
      case StepKind::dedupe:
        return add_dedupe(step, rows);
      case StepKind::aggregate:
        return compile_aggregate(step, plan_.errors.late_topic, rows);
      case StepKind::join:
        break;
    }
    return add_join(step, rows);
  }

  static std::string names_of(const StepPlan& step) {
    std::string names;
    for (std::size_t i = 0; i < step.assignments.size(); ++i) {
      if (!step.assignments[i].value && step.word != "select") continue;
      names += (names.empty() ? "" : ", ") + step.out.columns[i].name;
    }
    return names;
  }

  RowStream add_dedupe(const StepPlan& step, const RowStream& rows) {
    const job::DedupePlan& plan = *step.dedupe;
    const RowStream keyed = plan.repartition
                                ? then(rows, "key", step.id + "-key", in_words(plan.by),
                                       KeyRow{plan.by}, KeyedBy::nobody)
                                : rows;
    // Records without a key are not repeats of each other, and they go on.
    const auto present = [](const Key& key, const Row&) { return key.value_or(""); };
    const KeyedRows all =
        lying(keyed.rekey(present, {step.id + "-present"}), after(plan.repartition, rows));
    const KeyedRows once =
        all.deduplicate(step.store, RowId{plan.by}, {.within = Duration(plan.within_ms)});
    return then(once, "rows", step.id + "-rows", "", WithKeyBack{true}, KeyedBy::producers);
  }

  Result<RowStream> add_join(const StepPlan& step, const RowStream& rows) {
    const job::JoinPlan& join = *step.join;
    if (!join.match_once) return compile_join(step, rows, from(join.with));
    const Matches matches = compile_match(step, rows, from(join.with));
    const std::string name = step.id + "-unmatched";
    if (Status s = add_sinks(join.unmatched_sinks, join.unmatched, matches.unmatched, name); !s) {
      return s.error();
    }
    return matches.pairs;
  }

  Status add_routes(const PipelinePlan& pipeline, const RowStream& rows) {
    StageSpec spec{.kind = "route", .name = pipeline.name + ".route", .inputs = {rows.edge()}};
    std::vector<const job::Program*> conditions;
    for (const job::RoutePlan& route : pipeline.routes) {
      conditions.push_back(route.when ? &*route.when : nullptr);
      spec.details += (spec.details.empty() ? "" : ", ") +
                      (route.when ? route.when->source() : std::string("otherwise"));
    }
    spec.make = [conditions] { return std::make_unique<RouteStage>(conditions); };
    const int stage = builder_.add(std::move(spec));
    for (std::size_t i = 0; i < pipeline.routes.size(); ++i) {
      const RowStream out(&builder_, stage, static_cast<int>(i), rows.keyed_by());
      const std::string name = pipeline.name + ".route-" + std::to_string(i + 1);
      Status s = add_sinks(pipeline.routes[i].sinks, pipeline.out, out, name);
      if (!s) return s;
    }
    return {};
  }

  Status add_sinks(const std::vector<SinkPlan>& sinks, const job::Schema& schema,
                   const RowStream& rows, const std::string& owner) {
    for (std::size_t i = 0; i < sinks.size(); ++i) {
      const SinkPlan& sink = sinks[i];
      const std::string topic =
          sink.kind == SinkPlan::Kind::topic ? sink.topic : "sink." + sink.name;
      const std::string key_name = owner + ".key-" + std::to_string(i + 1);
      RowStream out = rows;
      if (sink.mongodb) {
        out = then(rows, "key", key_name, sink.mongodb->id.source(), KeyRow{{&sink.mongodb->id, 1}},
                   KeyedBy::nobody);
      } else if (sink.file && sink.file->partition_by) {
        const job::Program& by = *sink.file->partition_by;
        out = then(rows, "key", key_name, by.source(), KeyRow{{&by, 1}}, KeyedBy::nobody);
      } else if (!sink.key.empty()) {
        out = then(rows, "key", key_name, in_words(sink.key), KeyRow{sink.key}, KeyedBy::nobody);
      }
      out.to(Topic<Key, Row>{topic, format_of<Key>(), std::make_shared<RowFormat>(schema)});
      sinks_.push_back({topic, sink, schema});
    }
    return {};
  }

  const JobPlan& plan_;
  const std::shared_ptr<const LogLine> log_;
  Builder builder_;
  std::vector<RowStream> streams_;    // As in the plan.
  std::vector<RowStream> pipelines_;  // As in the plan.
  std::map<std::string, std::shared_ptr<const KeyMismatches>> key_mismatches_;
  std::vector<CompiledSink> sinks_;
};

}  // namespace

Result<CompiledJob> compile(const JobPlan& plan, LogLine log) {
  return JobCompiler(plan, std::move(log)).run();
}

}  // namespace weir::compile
