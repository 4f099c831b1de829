#include <algorithm>

#include "job/check.h"
#include "job/field_type.h"
#include "job/load.h"
#include "job/scalar.h"
#include "job/settings.h"
#include <weir/time_format.h>

namespace weir::job {

using expression::Kind;
using expression::Type;

std::string singular(std::string_view name) {
  if (name.size() > 1 && name.ends_with('s') && !name.ends_with("ss")) name.remove_suffix(1);
  return std::string(name);
}

void JobChecker::later(std::string_view what, Place place) {
  found_.error("E120", place, std::string(what) + " is not part of this version").hint =
      "weir explain E120 says what to use in its place";
}

JobPlan JobChecker::run() {
  read_settings(root_, found_, plan_);
  refuse_settings();
  if (const Node* tables = root_.find_key("tables")) later("'tables'", tables->place);
  read_streams();
  read_pipelines();
  check_uses();
  return std::move(plan_);
}

// What the language has words for and this version does not do.
void JobChecker::refuse_settings() {
  const auto refuse = [this](std::string_view map, std::string_view key) {
    const Node* const node = root_.find(map);
    const Node* const named = node != nullptr ? node->find_key(key) : nullptr;
    if (named != nullptr) later("'" + std::string(key) + "'", named->place);
  };
  refuse("state", "max_size");
  if (plan_.state.standbys > 0) refuse("state", "standbys");
  if (plan_.http.dashboard) refuse("http", "dashboard");
}

void JobChecker::read_streams() {
  const Node& streams = *root_.find("streams");
  for (std::size_t i = 0; i < streams.items.size(); ++i) {
    read_stream(streams.keys[i], streams.items[i]);
  }
}

void JobChecker::read_stream(const Node& key, const Node& node) {
  StreamPlan stream;
  stream.name = key.text;
  stream.place = key.place;
  stream.topic = text_at(&node, "topic");
  stream.format = text_at(&node, "format", "json");
  stream.zone = text_at(&node, "zone", "UTC");
  if (!is_topic_name(stream.topic)) {
    found_
        .error("E108", node.find("topic")->place,
               "'" + stream.topic + "' cannot be the name of a topic")
        .hint = "a topic has letters, digits, '.', '_' and '-'";
  }
  if (stream.format != "json") {
    later("format '" + stream.format + "'", node.find("format")->place);
  }
  if (!TimeZone::find(stream.zone)) {
    found_.error("E104", node.find("zone")->place, "'" + stream.zone + "' is no time zone").hint =
        "write UTC, an offset such as +02:00, or a name such as Europe/Berlin";
  }
  const Node* watermark = node.find("watermark");
  if (watermark != nullptr && watermark->is_map()) {
    stream.delay_ms = duration_at(watermark, "delay", stream.delay_ms);
    if (text_at(watermark, "idle") == "never") {
      stream.idle_ms.reset();
    } else {
      stream.idle_ms = duration_at(watermark, "idle", *stream.idle_ms);
    }
  } else {
    stream.delay_ms = duration_at(&node, "watermark", stream.delay_ms);
  }
  const Node& fields = *node.find("fields");
  stream.schema = read_fields(fields, found_);
  for (const std::string& name : learned_[stream.name]) {
    if (stream.schema.find(name) < 0) stream.schema.add(name, Type::of(Kind::any).or_null());
  }
  Flow flow;
  flow.schema = stream.schema;
  flow.delay_ms = stream.delay_ms;
  flow.idles = stream.idle_ms.has_value();
  flow.knows_place = true;
  flow.row = "stream '" + stream.name + "'";
  flow.word = singular(stream.name);
  const Position declared = found_.source().position(node.find_key("fields")->place.offset);
  flow.notes = {"declared in line " + std::to_string(declared.line)};
  if (flow.schema.open) flow.open_stream = stream.name;
  if (const Node* keyed_by = node.find("keyed_by")) {
    for (const Node* entry : entries(*keyed_by)) {
      if (std::optional<Program> one = program(*entry, flow, {})) {
        const std::string column = column_of(*one, flow.schema);
        if (column.empty()) {
          found_.error("E202", entry->place, "'keyed_by' names fields, not expressions");
        }
        stream.keyed_by.push_back(column);
      }
    }
  }
  if (const Node* time = node.find("time")) {
    const Type wanted = Type::of(Kind::time);
    stream.time = program(*time, flow, {false, &wanted});
  }
  flow.keyed_by = stream.keyed_by;
  stream.schema = flow.schema;
  stream_flows_.push_back(std::move(flow));
  plan_.streams.push_back(std::move(stream));
}

void JobChecker::read_pipelines() {
  const Node& pipelines = *root_.find("pipelines");
  const Node& streams = *root_.find("streams");
  visited_.assign(pipelines.items.size(), 0);
  for (const Node& key : pipelines.keys) {
    if (const Node* stream = streams.find_key(key.text)) {
      found_.error("E303", key.place,
                   "'" + key.text + "' is the name of a stream already, in line " +
                       std::to_string(found_.source().position(stream->place.offset).line));
    }
  }
  if (found_.has_errors()) return;  // What follows would mix up the two.
  for (std::size_t i = 0; i < pipelines.items.size(); ++i) visit_pipeline(i);
}

// The other pipelines this one reads, by `from` and by joins.
std::vector<std::string> JobChecker::pipelines_named_in(const Node& pipeline) const {
  std::vector<std::string> names;
  for (const Node* from : entries(*pipeline.find("from"))) names.push_back(from->text);
  const Node* steps = pipeline.find("steps");
  if (steps == nullptr) return names;
  for (const Node& step : steps->items) {
    const Node* join = step.find("join");
    if (join != nullptr) names.push_back(text_at(join, "with"));
  }
  return names;
}

bool JobChecker::visit_pipeline(std::size_t index) {
  const Node& pipelines = *root_.find("pipelines");
  const Node& key = pipelines.keys[index];
  if (visited_[index] == 2) return true;
  if (visited_[index] == 1) {
    std::string circle;
    for (const std::string& name : trail_) circle += name + " -> ";
    found_.error("E302", key.place, "pipeline '" + key.text + "' reads its own output").notes = {
        circle + key.text};
    return false;
  }
  visited_[index] = 1;
  trail_.push_back(key.text);
  bool good = true;
  for (const std::string& name : pipelines_named_in(pipelines.items[index])) {
    for (std::size_t i = 0; i < pipelines.keys.size(); ++i) {
      if (pipelines.keys[i].text == name) good = visit_pipeline(i) && good;
    }
  }
  trail_.pop_back();
  visited_[index] = 2;
  return good && read_pipeline(key, pipelines.items[index]);
}

Flow JobChecker::flow_of(Origin origin) const {
  return origin.is_stream ? stream_flows_[origin.index] : pipeline_flows_[origin.index];
}

std::optional<Origin> JobChecker::find_origin(const Node& name) {
  used_.insert(name.text);
  for (std::size_t i = 0; i < plan_.streams.size(); ++i) {
    if (plan_.streams[i].name == name.text) return Origin{true, i};
  }
  if (const auto found = pipeline_index_.find(name.text); found != pipeline_index_.end()) {
    return Origin{false, found->second};
  }
  if (root_.find("pipelines")->find(name.text) != nullptr) return std::nullopt;  // It has errors.
  if (const Node* tables = root_.find("tables"); tables != nullptr && tables->find(name.text)) {
    return std::nullopt;  // Said where it is declared.
  }
  std::vector<std::string> known;
  for (const StreamPlan& stream : plan_.streams) known.push_back(stream.name);
  for (const Node& key : root_.find("pipelines")->keys) known.push_back(key.text);
  Diagnostic& d =
      found_.error("E301", name.place, "unknown stream or pipeline '" + name.text + "'");
  d.hint = did_you_mean(name.text, known);
  std::string listed;
  for (const std::string& one : known) listed += (listed.empty() ? "" : ", ") + one;
  d.notes.push_back("streams and pipelines: " + listed);
  return std::nullopt;
}

// Records of several sources have to look alike.
bool JobChecker::merge(Flow& flow, const Flow& other, const Node& at) {
  const auto& mine = flow.schema.columns;
  const auto& theirs = other.schema.columns;
  bool alike = mine.size() == theirs.size() && flow.schema.open == other.schema.open;
  for (std::size_t i = 0; alike && i < mine.size(); ++i) {
    alike = mine[i].name == theirs[i].name && mine[i].type.not_null() == theirs[i].type.not_null();
    flow.schema.columns[i].type.nullable |= theirs[i].type.nullable;
  }
  if (!alike) {
    found_
        .error("E305", at.place,
               "records of " + other.row + " have other fields than those of " + flow.row)
        .hint = "bring both to the same fields by 'select' in pipelines of their own";
    return false;
  }
  if (flow.keyed_by != other.keyed_by) flow.keyed_by.clear();
  flow.delay_ms = std::max(flow.delay_ms, other.delay_ms);
  flow.idles = flow.idles && other.idles;
  flow.knows_place = flow.knows_place && other.knows_place;
  return true;
}

std::optional<Flow> JobChecker::read_sources(const Node& from, PipelinePlan& plan) {
  std::optional<Flow> flow;
  for (const Node* name : entries(from)) {
    const std::optional<Origin> origin = find_origin(*name);
    if (!origin) return std::nullopt;
    plan.from.push_back(*origin);
    if (!flow) {
      flow = flow_of(*origin);
    } else if (!merge(*flow, flow_of(*origin), *name)) {
      return std::nullopt;
    }
  }
  return flow;
}

bool JobChecker::read_pipeline(const Node& key, const Node& node) {
  PipelinePlan pipeline;
  pipeline.name = key.text;
  pipeline.place = key.place;
  std::optional<Flow> flow = read_sources(*node.find("from"), pipeline);
  if (!flow) return false;
  if (const Node* steps = node.find("steps")) {
    for (std::size_t i = 0; i < steps->items.size(); ++i) {
      if (!read_step(steps->items[i], i + 1, *flow, pipeline)) return false;
    }
  }
  const Node* to = node.find("to");
  const Node* route = node.find("route");
  if (to != nullptr && route != nullptr) {
    found_.error("E111", node.find_key("route")->place, "a pipeline has 'to' or 'route', not both");
  }
  if (to != nullptr) pipeline.sinks = read_sinks(*node.find_key("to"), *to, *flow);
  if (route != nullptr) read_route(*route, *flow, pipeline);
  pipeline.out = flow->schema;
  pipeline.keyed_by = flow->keyed_by;
  flow->row = "pipeline '" + key.text + "'";
  flow->notes.clear();
  pipeline_index_[key.text] = plan_.pipelines.size();
  plan_.pipelines.push_back(std::move(pipeline));
  pipeline_flows_.push_back(std::move(*flow));
  return true;
}

void JobChecker::read_route(const Node& route, Flow& flow, PipelinePlan& plan) {
  for (std::size_t i = 0; i < route.items.size(); ++i) {
    const Node& entry = route.items[i];
    const Node* when = entry.find("when");
    const Node* to = entry.find("to");
    const Node* otherwise = entry.find("otherwise");
    if ((when == nullptr) != (to == nullptr) || (when == nullptr) == (otherwise == nullptr)) {
      found_.error("E111", entry.keys.empty() ? entry.place : entry.keys[0].place,
                   "an entry of 'route' is 'when' with 'to', or 'otherwise'");
      continue;
    }
    if (otherwise != nullptr && i + 1 != route.items.size()) {
      found_.error("E111", entry.keys[0].place,
                   "'otherwise' takes all that is left: it comes last");
    }
    RoutePlan made;
    Flow narrowed = flow;
    if (when != nullptr) made.when = condition(*when, narrowed, false);
    const Node& key = *entry.find_key(when != nullptr ? "to" : "otherwise");
    made.sinks = read_sinks(key, when != nullptr ? *to : *otherwise, narrowed);
    plan.routes.push_back(std::move(made));
  }
}

void JobChecker::check_uses() {
  // What nothing reads may only look so while names are wrong.
  if (!found_.has_errors()) {
    check_streams_used();
    check_pipelines_used();
  }
  for (const StreamPlan& stream : plan_.streams) {
    const auto sink = sink_names_.find(stream.topic);
    if (sink == sink_names_.end()) continue;
    found_
        .error(
            "E405", sink->second,
            "topic '" + stream.topic + "' is read by stream '" + stream.name + "' of the same job")
        .hint = "a job that reads what it writes never comes to an end";
  }
}

void JobChecker::check_streams_used() {
  for (const StreamPlan& stream : plan_.streams) {
    if (!used_.contains(stream.name)) {
      found_.warning("W101", stream.place, "nothing reads stream '" + stream.name + "'").hint =
          "remove it, or name it in the 'from' of a pipeline";
    }
    if (!stream.schema.open || stream.schema.columns.size() < 2) continue;
    std::string names;
    for (std::size_t i = 1; i < stream.schema.columns.size(); ++i) {
      names += (i > 1 ? ", " : "") + stream.schema.columns[i].name;
    }
    found_
        .warning("W121", stream.place, "fields of '" + stream.name + "' are not checked: " + names)
        .hint = "declare them under 'fields', so that a slip is found before the start";
  }
}

void JobChecker::check_pipelines_used() {
  for (const PipelinePlan& pipeline : plan_.pipelines) {
    const bool leaves = std::any_of(pipeline.steps.begin(), pipeline.steps.end(),
                                    [](const StepPlan& s) { return s.kind == StepKind::log; });
    if (leaves || !pipeline.sinks.empty() || !pipeline.routes.empty()) continue;
    if (used_.contains(pipeline.name)) continue;
    found_.error("E304", pipeline.place, "pipeline '" + pipeline.name + "' leads nowhere").hint =
        "give it a 'to', or name it in the 'from' of another";
  }
}

std::optional<JobPlan> check_job(const Node& root, Diagnostics& found) {
  Learned learned;
  // Streams with `fields: any` learn in a first round which fields are asked for.
  Diagnostics ignored(found.source());
  JobChecker(root, ignored, learned).run();
  JobPlan plan = JobChecker(root, found, learned).run();
  if (found.has_errors()) return std::nullopt;
  return plan;
}

}  // namespace weir::job
