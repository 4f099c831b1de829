#include <algorithm>

#include "job/check.h"
#include "job/scalar.h"
#include "job/settings.h"

namespace weir::job {

using expression::Column;
using expression::Kind;
using expression::Type;

bool JobChecker::read_step(const Node& step, std::size_t number, Flow& flow,
                           PipelinePlan& pipeline) {
  const Node& key = step.keys[0];
  const Node& node = step.items[0];
  StepPlan made;
  made.word = key.text;
  made.id = pipeline.name + "." + std::to_string(number);
  made.place = key.place;
  made.in = flow.schema;
  bool good = false;
  if (key.text == "filter" || key.text == "require") good = read_filter(node, flow, made);
  if (key.text == "set" || key.text == "select") good = read_assign(node, flow, made);
  if (key.text == "unset") good = read_unset(node, flow, made);
  if (key.text == "key") good = read_key(node, flow, made);
  if (key.text == "explode") good = read_explode(node, flow, made);
  if (key.text == "dedupe") good = read_dedupe(node, flow, made);
  if (key.text == "join") good = read_join(key, node, flow, made);
  if (key.text == "aggregate") good = read_aggregate(key, node, flow, made);
  if (key.text == "log") good = read_log(node, flow, made);
  if (key.text == "top") later("step 'top'", key.place);
  if (!good) return false;
  if (made.dedupe || made.join || made.aggregate) name_store(node.find("store"), pipeline, made);
  // What a step named of an open record was there before it as well.
  if (made.in.open && flow.schema.open && !made.assignments.empty()) {
    made.in = flow.schema;
  } else if (made.kind == StepKind::filter || made.kind == StepKind::require ||
             made.kind == StepKind::key || made.kind == StepKind::log ||
             made.kind == StepKind::dedupe) {
    made.in = flow.schema;
  }
  made.out = flow.schema;
  pipeline.steps.push_back(std::move(made));
  return true;
}

bool JobChecker::read_filter(const Node& node, Flow& flow, StepPlan& step) {
  step.kind = step.word == "filter" ? StepKind::filter : StepKind::require;
  step.condition = condition(node, flow, true);
  return step.condition.has_value();
}

// All expressions of a step see the record as it was before the step.
bool JobChecker::read_assign(const Node& node, Flow& flow, StepPlan& step) {
  step.kind = StepKind::assign;
  const bool anew = step.word == "select";
  std::vector<std::optional<Program>> values;
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    std::optional<Program> value = program(node.items[i], flow, {true, nullptr});
    if (!value) return false;
    refuse_shape(node.items[i], value->type());
    values.push_back(std::move(value));
  }
  step.in = flow.schema;
  Schema out;
  out.open = flow.schema.open && !anew;
  if (!anew) {
    for (std::size_t slot = 0; slot < flow.schema.columns.size(); ++slot) {
      out.columns.push_back(flow.schema.columns[slot]);
      step.assignments.push_back({static_cast<int>(slot), std::nullopt});
    }
  }
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    const std::string& name = node.keys[i].text;
    Type type = values[i]->type();
    if (type.is(Kind::null)) type = Type::of(Kind::any).or_null();
    int slot = out.find(name);
    if (slot < 0) {
      slot = out.add(name, type);
      step.assignments.emplace_back();
    }
    const auto at = static_cast<std::size_t>(slot);
    out.columns[at] = {name, type, Column::kTopLevel};
    const int copied = values[i]->single_slot();
    step.assignments[at].from_slot = copied;
    if (copied < 0) step.assignments[at].value = std::move(values[i]);
    // What lay inside a map that is replaced is gone.
    for (Column& column : out.columns) {
      if (column.parent == slot) column.name = "";
    }
  }
  flow.schema = std::move(out);
  keep_keys(flow, step, node);
  if (anew) {
    name_result(flow, step);
    flow.open_stream.clear();
    flow.open_prefixes.clear();
  }
  return true;
}

bool JobChecker::read_unset(const Node& node, Flow& flow, StepPlan& step) {
  step.kind = StepKind::assign;
  std::vector<bool> gone(flow.schema.columns.size(), false);
  for (const Node& name : node.items) {
    bool found = false;
    for (std::size_t slot = 0; slot < gone.size(); ++slot) {
      const std::string& column = flow.schema.columns[slot].name;
      if (column != name.text && !column.starts_with(name.text + ".")) continue;
      gone[slot] = true;
      found = true;
    }
    if (!found && !flow.schema.open && !known_column(name, flow)) return false;
  }
  Schema out;
  out.open = flow.schema.open;
  std::vector<int> moved(gone.size(), Column::kTopLevel);
  for (std::size_t slot = 0; slot < gone.size(); ++slot) {
    if (gone[slot]) continue;
    Column column = flow.schema.columns[slot];
    if (column.parent >= 0) column.parent = moved[static_cast<std::size_t>(column.parent)];
    moved[slot] = static_cast<int>(out.columns.size());
    out.columns.push_back(std::move(column));
    step.assignments.push_back({static_cast<int>(slot), std::nullopt});
  }
  flow.schema = std::move(out);
  keep_keys(flow, step, node);
  return true;
}

// Follows the columns of the key through a step that moves columns.
void JobChecker::keep_keys(Flow& flow, const StepPlan& step, const Node& node) {
  std::vector<std::string> kept;
  for (const std::string& name : flow.keyed_by) {
    const int before = step.in.find(name);
    for (std::size_t slot = 0; slot < step.assignments.size(); ++slot) {
      if (before < 0 || step.assignments[slot].from_slot != before) continue;
      kept.push_back(flow.schema.columns[slot].name);
      break;
    }
  }
  if (kept.size() == flow.keyed_by.size()) {
    flow.keyed_by = std::move(kept);
    return;
  }
  std::string names;
  for (const std::string& name : flow.keyed_by) names += (names.empty() ? "" : ", ") + name;
  if (step.word != "select") {
    const Place place = node.is_map() && !node.keys.empty() ? node.keys[0].place : node.place;
    found_.warning("W131", place, "the records are keyed by '" + names + "', which goes here")
        .hint = "a later join or aggregate needs a repartition topic; the key of the records stays";
  }
  flow.keyed_by.clear();
}

bool JobChecker::read_key(const Node& node, Flow& flow, StepPlan& step) {
  step.kind = StepKind::key;
  step.key = programs(node, flow);
  if (step.key.empty()) return false;
  flow.keyed_by.clear();
  for (const Program& one : step.key) {
    const std::string column = column_of(one, flow.schema);
    if (column.empty()) {
      flow.keyed_by.clear();
      break;
    }
    flow.keyed_by.push_back(column);
  }
  return true;
}

bool JobChecker::read_explode(const Node& node, Flow& flow, StepPlan& step) {
  step.kind = StepKind::explode;
  const Node& list = *node.find("list");
  std::optional<Program> made = program(list, flow, {});
  if (!made) return false;
  const Type type = made->type();
  if (!type.is(Kind::list) && !type.is(Kind::any)) {
    found_.error("E202", list.place, "'explode' needs a list, but this is " + type.to_string());
    return false;
  }
  const Node& as = *node.find("as");
  if (flow.schema.find(as.text) >= 0) {
    found_.error("E212", as.place, "there is a field '" + as.text + "' already");
    return false;
  }
  step.in = flow.schema;
  ExplodePlan plan{std::move(*made), as.text, static_cast<int>(flow.schema.columns.size()), {}};
  const Type element = type.element() != nullptr ? *type.element() : Type::of(Kind::any).or_null();
  const int whole = flow.schema.add(as.text, element);
  plan.paths.emplace_back();
  if (element.is(Kind::map) && element.shape) {
    for (const auto& [name, inner] : element.shape->fields) {
      flow.schema.add(as.text + "." + name, inner.or_null(element.nullable), whole);
      plan.paths.push_back(name);
    }
  }
  step.explode = std::move(plan);
  return true;
}

bool JobChecker::read_dedupe(const Node& node, Flow& flow, StepPlan& step) {
  step.kind = StepKind::dedupe;
  DedupePlan plan;
  flow.knows_place = false;
  plan.by = programs(*node.find("by"), flow);
  if (plan.by.empty()) return false;
  plan.within_ms = duration_at(&node, "within", 0);
  if (plan.within_ms == 0) {
    found_.error("E104", node.find("within")->place, "'within' has to be longer than nothing");
    return false;
  }
  plan.keep_last = text_at(&node, "keep", "first") == "last";
  if (plan.keep_last) {
    later("'keep: last'", node.find("keep")->place);
    return false;
  }
  // Repeats are looked for within a partition; by which field producers chose it is their word.
  plan.repartition = flow.keyed_by.empty();
  if (plan.repartition) {
    for (const Program& one : plan.by) {
      const std::string column = column_of(one, flow.schema);
      if (column.empty()) {
        flow.keyed_by.clear();
        break;
      }
      flow.keyed_by.push_back(column);
    }
  }
  step.dedupe = std::move(plan);
  return true;
}

// 'order {order_id} of {customer_id}': texts with expressions between braces.
bool JobChecker::read_log(const Node& node, Flow& flow, StepPlan& step) {
  step.kind = StepKind::log;
  LogPlan plan;
  plan.level = text_at(&node, "level", "info");
  parse_rate(text_at(&node, "at_most", "1/s"), plan.lines_per_second);
  const Node& message = *node.find("message");
  std::string text;
  for (std::size_t at = 0; at < message.text.size(); ++at) {
    if (message.text[at] != '{') {
      text += message.text[at];
      continue;
    }
    const std::size_t end = message.text.find('}', at);
    if (end == std::string::npos) {
      found_.error("E203", place_in_file(found_.source(), message, at, at + 1),
                   "this '{' is never closed");
      return false;
    }
    // The expression as a scalar of its own, so that findings point into the message.
    Node inner = message;
    inner.text = message.text.substr(at + 1, end - at - 1);
    inner.style = Node::Style::plain;
    inner.place = place_in_file(found_.source(), message, at + 1, end);
    std::optional<Program> value = program(inner, flow, {true, nullptr});
    if (!value) return false;
    plan.texts.push_back(std::move(text));
    plan.values.push_back(std::move(*value));
    text.clear();
    at = end;
  }
  plan.texts.push_back(std::move(text));
  step.log = std::move(plan);
  return true;
}

// From here on messages about fields speak of what the step made.
void JobChecker::name_result(Flow& flow, const StepPlan& step) {
  flow.row = "the result of '" + step.word + "'";
  const Position at = found_.source().position(step.place.offset);
  flow.notes = {"made in line " + std::to_string(at.line)};
}

// Stores and their topics are called after the pipeline and the step, never after a number that
// moves when a step is added.
void JobChecker::name_store(const Node* node, const PipelinePlan& pipeline, StepPlan& step) {
  const std::string kind(name_of(step.kind));
  step.store = pipeline.name + "." + (node != nullptr ? node->text : kind);
  if (stores_.insert(step.store).second) return;
  found_
      .error("E322", node != nullptr ? node->place : step.place,
             "pipeline '" + pipeline.name + "' has two stores called '" + step.store + "'")
      .hint = "give one of them a name: 'store: second-" + kind + "'";
}

}  // namespace weir::job
