#include <algorithm>

#include "job/check.h"
#include "job/settings.h"

namespace weir::job {

using expression::Column;
using expression::Kind;
using expression::Type;

bool JobChecker::read_join(const Node& key, const Node& node, Flow& flow, StepPlan& step) {
  step.kind = StepKind::join;
  const Node& with = *node.find("with");
  if (const Node* tables = root_.find("tables"); tables != nullptr && tables->find(with.text)) {
    later("a join with a table", with.place);
    return false;
  }
  const std::optional<Origin> origin = find_origin(with);
  if (!origin) return false;
  JoinPlan join;
  join.with = *origin;
  Flow right = flow_of(*origin);
  join.as = text_at(&node, "as", with.text);
  const Node& as = node.find("as") != nullptr ? *node.find("as") : with;
  if (flow.schema.find(join.as) >= 0) {
    found_.error("E212", as.place, "there is a field '" + join.as + "' already").hint =
        "give the other record another name: 'as: ...'";
    return false;
  }
  const std::string type = text_at(&node, "type", "inner");
  join.type = type == "left"    ? JoinPlanType::left
              : type == "outer" ? JoinPlanType::outer
              : type == "anti"  ? JoinPlanType::anti
                                : JoinPlanType::inner;
  join.match_once = text_at(&node, "match", "every") == "once";
  flow.knows_place = right.knows_place = false;
  if (!read_join_keys(*node.find("by"), flow, right, join)) return false;
  if (!read_join_span(key, node, join)) return false;
  join.delay_ms = duration_at(&node, "delay", std::max(flow.delay_ms, right.delay_ms));
  join.left_word = flow.word;
  join.right_word = node.find("as") != nullptr ? join.as : right.word;
  if (!read_match(key, node, flow, right, join)) return false;
  for (const Flow* side : {&flow, &right}) {
    if (side->idles) continue;
    found_.warning("W102", key.place, "this join waits while " + side->row + " is silent").hint =
        "write 'watermark: {delay: 30s, idle: 1m}' at the stream";
  }
  join.right = right.schema;
  step.in = flow.schema;
  const std::vector<Program>& keys = join.left_key;
  std::vector<std::string> keyed_by;
  for (const Program& one : keys) keyed_by.push_back(column_of(one, flow.schema));
  joined_row(flow, right, join, step);
  if (std::find(keyed_by.begin(), keyed_by.end(), "") != keyed_by.end()) keyed_by.clear();
  flow.keyed_by = std::move(keyed_by);
  flow.schema = step.out;
  if (join.type != JoinPlanType::anti && !right.open_stream.empty()) {
    flow.open_prefixes.emplace_back(join.as, right.open_stream);
  }
  flow.delay_ms = std::max(flow.delay_ms, right.delay_ms);
  flow.idles = flow.idles && right.idles;
  step.join = std::move(join);
  return true;
}

bool JobChecker::read_join_keys(const Node& by, Flow& left, Flow& right, JoinPlan& join) {
  const Node& left_node = by.is_map() ? *by.find("left") : by;
  const Node& right_node = by.is_map() ? *by.find("right") : by;
  join.left_key = programs(left_node, left);
  join.right_key = programs(right_node, right);
  if (join.left_key.empty() || join.right_key.empty()) return false;
  bool alike = join.left_key.size() == join.right_key.size();
  for (std::size_t i = 0; alike && i < join.left_key.size(); ++i) {
    const Type& a = join.left_key[i].type();
    const Type& b = join.right_key[i].type();
    alike = a.not_null() == b.not_null() || a.is(Kind::any) || b.is(Kind::any);
    if (alike) continue;
    found_
        .error("E314", right_node.place,
               "the keys of both sides differ: " + a.to_string() + " and " + b.to_string())
        .hint = "bring them to one type by to_string(), to_int() or to_decimal()";
    return false;
  }
  if (!alike) {
    found_.error("E314", right_node.place, "the keys of both sides have different lengths");
    return false;
  }
  join.left_repartition = !is_keyed_by(left, join.left_key);
  join.right_repartition = !is_keyed_by(right, join.right_key);
  return true;
}

bool JobChecker::read_join_span(const Node& key, const Node& node, JoinPlan& join) {
  const Node* within = node.find("within");
  if (const Node* missing = node.find_key("missing")) {
    found_.error("E311", missing->place, "'missing' is for joins with a table").hint =
        "for streams 'type' says what happens to records without a partner";
    return false;
  }
  if (within == nullptr) {
    found_.error("E310", key.place, "join with '" + node.find("with")->text + "' needs 'within'")
        .hint =
        "a stream has no end, so state would grow without limit. Add for example 'within: 15m'.";
    return false;
  }
  if (within->is_map()) {
    join.before_ms = duration_at(within, "before", 0);
    join.after_ms = duration_at(within, "after", 0);
  } else {
    join.before_ms = join.after_ms = duration_at(&node, "within", 0);
  }
  if (join.before_ms + join.after_ms > 0) return true;
  found_.error("E104", within->place, "'within' has to be longer than nothing");
  return false;
}

bool JobChecker::read_match(const Node& key, const Node& node, Flow& left, Flow& right,
                            JoinPlan& join) {
  constexpr std::int64_t kRememberMs = 3'600'000;
  if (!join.match_once) {
    for (const std::string_view only : {"remember", "id", "unmatched"}) {
      const Node* one = node.find_key(only);
      if (one == nullptr) continue;
      found_.error("E313", one->place, "'" + one->text + "' is for joins with 'match: once'");
      return false;
    }
    return true;
  }
  if (join.type != JoinPlanType::inner) {
    found_.error("E313", node.find("type")->place, "'match: once' has no 'type'").hint =
        "what finds no partner goes where 'unmatched' says";
    return false;
  }
  if (join.before_ms != join.after_ms) {
    found_.error("E313", node.find("within")->place,
                 "'match: once' has the same 'within' both ways");
    return false;
  }
  join.remember_ms = duration_at(&node, "remember", std::max(kRememberMs, join.after_ms));
  if (const Node* id = node.find("id")) {
    std::vector<Program> ids = programs(*id, right);
    if (ids.empty()) return false;
    join.id = std::move(ids[0]);
  } else {
    found_.error("E312", key.place, "'match: once' needs 'id'").hint =
        "it tells a repeat from a second record: 'id: payment_id'";
    return false;
  }
  for (std::size_t i = 0; i < join.left_key.size(); ++i) {
    const std::string name = column_of(join.left_key[i], left.schema);
    join.unmatched.add(name.empty() ? "key" : name, join.left_key[i].type().not_null());
  }
  join.unmatched.add("side", Type::of(Kind::text));
  join.unmatched.add("reason", Type::of(Kind::text));
  join.unmatched.add("record", Type::of(Kind::any));
  if (const Node* unmatched = node.find("unmatched")) {
    Flow lone;
    lone.schema = join.unmatched;
    lone.row = "unmatched records";
    lone.keyed_by = {join.unmatched.columns[0].name};
    join.unmatched_sinks = read_sinks(*node.find_key("unmatched"), *unmatched, lone);
  }
  return true;
}

// The left columns keep their slots. Behind them one that tells whether there is a right record,
// then the right columns under the name of the record.
void JobChecker::joined_row(const Flow& left, const Flow& right, JoinPlan& join, StepPlan& step) {
  step.out = left.schema;
  if (join.type == JoinPlanType::anti) return;
  const bool right_may_lack = join.type != JoinPlanType::inner;
  const bool left_may_lack = join.type == JoinPlanType::outer;
  for (Column& column : step.out.columns) column.type.nullable |= left_may_lack;
  Column whole{join.as, Type::of(Kind::map).or_null(right_may_lack)};
  whole.presence = true;
  step.out.columns.push_back(std::move(whole));
  join.first_right_slot = static_cast<int>(step.out.columns.size());
  for (const Column& column : right.schema.columns) {
    Column made = column;
    made.name = join.as + "." + column.name;
    made.type.nullable |= right_may_lack;
    if (made.parent >= 0) made.parent += join.first_right_slot;
    step.out.columns.push_back(std::move(made));
  }
  step.out.open = left.schema.open || right.schema.open;
}

}  // namespace weir::job
