#include <algorithm>
#include <array>

#include "job/check.h"
#include "job/settings.h"
#include <weir/decimal.h>

namespace weir::job {

using expression::Expr;
using expression::ExprPtr;
using expression::Fault;
using expression::Kind;
using expression::Type;

namespace {

struct AggregateWord {
  std::string_view name;
  AggregateKind kind;
  std::size_t arguments;  // Expressions; literal parameters follow.
  std::string_view usage;
};

constexpr std::array<AggregateWord, 16> kAggregates{{
    {"any", AggregateKind::kAny, 1, "any(x)"},
    {"approx_distinct", AggregateKind::kApproxDistinct, 1, "approx_distinct(x, 0.01)"},
    {"arg_max", AggregateKind::kArgMax, 2, "arg_max(x, by)"},
    {"arg_min", AggregateKind::kArgMin, 2, "arg_min(x, by)"},
    {"avg", AggregateKind::kAvg, 1, "avg(number)"},
    {"collect", AggregateKind::kCollect, 1, "collect(x, 100)"},
    {"count", AggregateKind::kCount, 0, "count()"},
    {"count_distinct", AggregateKind::kCountDistinct, 1, "count_distinct(x)"},
    {"count_if", AggregateKind::kCountIf, 1, "count_if(condition)"},
    {"first", AggregateKind::kFirst, 1, "first(x)"},
    {"last", AggregateKind::kLast, 1, "last(x)"},
    {"max", AggregateKind::kMax, 1, "max(x)"},
    {"min", AggregateKind::kMin, 1, "min(x)"},
    {"quantile", AggregateKind::kQuantile, 1, "quantile(number, 0.95)"},
    {"stddev", AggregateKind::kStddev, 1, "stddev(number)"},
    {"sum", AggregateKind::kSum, 1, "sum(number)"},
}};

const AggregateWord* find_aggregate(std::string_view name) {
  for (const AggregateWord& word : kAggregates) {
    if (word.name == name) return &word;
  }
  return nullptr;
}

bool takes_parameter(AggregateKind kind) {
  return kind == AggregateKind::kApproxDistinct || kind == AggregateKind::kQuantile ||
         kind == AggregateKind::kCollect;
}

bool needs_number(AggregateKind kind) {
  return kind == AggregateKind::kSum || kind == AggregateKind::kAvg ||
         kind == AggregateKind::kStddev || kind == AggregateKind::kQuantile;
}

// How values of a type look at run time.
JsonValue::Kind tag_of(const Type& type) {
  switch (type.kind) {
    case Kind::boolean:
      return JsonValue::Kind::kBool;
    case Kind::integer:
    case Kind::duration:
      return JsonValue::Kind::kInt;
    case Kind::real:
      return JsonValue::Kind::kDouble;
    case Kind::decimal:
      return JsonValue::Kind::kDecimal;
    case Kind::text:
    case Kind::date:
      return JsonValue::Kind::kString;
    case Kind::time:
      return JsonValue::Kind::kTime;
    case Kind::list:
    case Kind::map:
      return JsonValue::Kind::kRaw;
    case Kind::null:
    case Kind::any:
      break;
  }
  return JsonValue::Kind::kNull;
}

// The type of an aggregate's result.
Type result_of(const RowAggregate& aggregate, const Type& argument) {
  switch (aggregate.kind) {
    case AggregateKind::kCount:
    case AggregateKind::kCountIf:
    case AggregateKind::kCountDistinct:
    case AggregateKind::kApproxDistinct:
      return Type::of(Kind::integer);
    case AggregateKind::kSum:
      return argument.not_null();
    case AggregateKind::kStddev:
    case AggregateKind::kQuantile:
      return Type::of(Kind::real).or_null();
    case AggregateKind::kCollect:
      return Type::list_of(argument.not_null());
    case AggregateKind::kAvg: {
      if (argument.is(Kind::any)) return argument;
      const RowType result = RowAggregates::result_type(aggregate);
      return (result.kind == JsonValue::Kind::kDecimal ? Type::decimal(result.places)
                                                       : Type::of(Kind::real))
          .or_null();
    }
    default:
      return argument.or_null();
  }
}

}  // namespace

bool JobChecker::read_aggregate(const Node& key, const Node& node, Flow& flow, StepPlan& step) {
  step.kind = StepKind::aggregate;
  AggregatePlan plan;
  Schema out;
  if (!read_window(key, node, plan)) return false;
  plan.grace_ms = flow.delay_ms;
  if (const Node* by = node.find("by"); by != nullptr && !read_by(*by, flow, plan, out))
    return false;
  if (plan.window != WindowKind::none) {
    out.add("window_start", Type::of(Kind::time));
    out.add("window_end", Type::of(Kind::time));
  }
  plan.first_result_slot = static_cast<int>(out.columns.size());
  if (!read_aggregated(node, flow, plan, out)) return false;
  step.in = flow.schema;
  const Node* emit = node.find("emit");
  plan.on_update = emit != nullptr && (emit->is_map() || emit->text == "on_update");
  plan.update_every_ms = emit != nullptr && emit->is_map() ? duration_at(emit, "every", 0) : 0;
  if (plan.update_every_ms > 0) {
    later("'emit: {every: ...}'", emit->keys[0].place);
    return false;
  }
  if (plan.window == WindowKind::none && !plan.on_update) {
    found_.error("E321", key.place, "without a window there is no final result").hint =
        "add 'window: {size: 1m}', or 'emit: on_update'";
    return false;
  }
  if (plan.window != WindowKind::none && !flow.idles && !plan.on_update) {
    found_.warning("W102", key.place, "these windows stay open while " + flow.row + " is silent")
        .hint = "write 'watermark: {delay: 30s, idle: 1m}' at the stream";
  }
  if (plan.window != WindowKind::none && plan_.errors.late == Answer::drop &&
      plan_.errors.late_topic.empty() && root_.find("errors") != nullptr &&
      root_.find("errors")->find("late") == nullptr) {
    found_.warning("W103", key.place, "late records are counted and dropped").hint =
        "give the job a 'dlq', or say 'late: drop' under 'errors'";
  }
  flow.knows_place = false;
  flow.keyed_by.clear();
  for (const NamedProgram& one : plan.by) flow.keyed_by.push_back(one.name);
  flow.schema = std::move(out);
  name_result(flow, step);
  flow.open_stream.clear();
  flow.open_prefixes.clear();
  step.aggregate = std::move(plan);
  return true;
}

bool JobChecker::read_window(const Node& key, const Node& node, AggregatePlan& plan) {
  const Node* window = node.find("window");
  if (window == nullptr) return true;
  const Place place = node.find_key("window")->place;
  plan.size_ms = duration_at(window, "size", 0);
  plan.gap_ms = duration_at(window, "gap", 0);
  plan.longest_ms = duration_at(window, "longest", 0);
  plan.offset_ms = duration_at(window, "offset", 0);
  const bool sized = window->find("size") != nullptr;
  const bool session = window->find("gap") != nullptr;
  const auto refuse = [&](std::string text, std::string hint) {
    found_.error("E320", place.nowhere() ? key.place : place, std::move(text)).hint =
        std::move(hint);
    return false;
  };
  if (sized == session) {
    return refuse("a window has 'size' or 'gap'",
                  "write {size: 1m}, {size: 10s, every: 5s} or {gap: 30m}");
  }
  if ((sized ? plan.size_ms : plan.gap_ms) == 0) {
    return refuse("a window has to be longer than nothing", "");
  }
  if (session) {
    if (window->find("every") != nullptr || window->find("offset") != nullptr) {
      return refuse("sessions have neither 'every' nor 'offset'", "write {gap: 30m}");
    }
    plan.window = WindowKind::session;
    if (plan.longest_ms == 0) return true;
    later("'longest'", window->find_key("longest")->place);
    return false;
  }
  if (plan.longest_ms > 0)
    return refuse("'longest' is for sessions", "write {gap: 30m, longest: 8h}");
  if (text_at(window, "every") == "event") {
    plan.window = WindowKind::per_event;
    return plan.offset_ms == 0 || refuse("windows for each event have no 'offset'", "");
  }
  plan.window = WindowKind::stepping;
  plan.every_ms = duration_at(window, "every", plan.size_ms);
  if (plan.every_ms == 0 || plan.every_ms > plan.size_ms) {
    return refuse("'every' is longer than nothing and at most 'size'",
                  "with a longer step some records would be in no window");
  }
  constexpr std::int64_t kWindowsMax = 10'000;
  if (plan.size_ms / plan.every_ms > kWindowsMax) {
    return refuse("each record would be in more than 10,000 windows", "choose a longer 'every'");
  }
  if (plan.offset_ms == 0) return true;
  later("'offset'", window->find_key("offset")->place);
  return false;
}

bool JobChecker::read_by(const Node& by, Flow& flow, AggregatePlan& plan, Schema& out) {
  std::vector<Program> keys = programs(by, flow);
  if (keys.empty()) return false;
  plan.repartition = !is_keyed_by(flow, keys);
  const std::vector<const Node*> nodes = entries(by);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    std::string name = column_of(keys[i], flow.schema);
    if (name.empty()) {
      found_.error("E323", nodes[i]->place, "'by' names fields").hint =
          "give the value a name in a 'set' step before";
      return false;
    }
    // Of "item.category" the last word is the name in the result.
    name = name.substr(name.rfind('.') + 1);
    if (out.find(name) >= 0) {
      found_.error("E212", nodes[i]->place, "two fields of the result are called '" + name + "'");
      return false;
    }
    out.add(name, keys[i].type());
    plan.by.push_back({std::move(name), std::move(keys[i])});
  }
  return true;
}

bool JobChecker::read_aggregated(const Node& node, Flow& flow, AggregatePlan& plan, Schema& out) {
  const Node& fields = *node.find("fields");
  for (std::size_t i = 0; i < fields.items.size(); ++i) {
    if (out.find(fields.keys[i].text) >= 0) {
      found_.error("E212", fields.keys[i].place,
                   "the result has a field '" + fields.keys[i].text + "' already");
      return false;
    }
    if (!read_aggregated_field(fields.keys[i].text, fields.items[i], flow, plan, out)) return false;
  }
  return true;
}

bool JobChecker::refuse_aggregate(const Node& scalar, const Expr& call) {
  Diagnostic& d = found_.error("E211", scalar.place, "'" + scalar.text + "' is no aggregate");
  std::vector<std::string> names;
  std::string listed;
  for (const AggregateWord& known : kAggregates) {
    names.emplace_back(known.name);
    listed += (listed.empty() ? "" : ", ") + std::string(known.usage);
  }
  d.hint = did_you_mean(call.name, names);
  if (d.hint.empty()) d.hint = "compute with results in a 'set' step after this one";
  d.notes.push_back("aggregates: " + listed);
  return false;
}

bool JobChecker::read_aggregated_field(const std::string& name, const Node& scalar, Flow& flow,
                                       AggregatePlan& plan, Schema& out) {
  Fault fault;
  ExprPtr call = expression::parse(scalar.text, fault);
  if (!call) {
    report(scalar, fault, Severity::error);
    return false;
  }
  const AggregateWord* word =
      call->form == expression::Form::call ? find_aggregate(call->name) : nullptr;
  if (word == nullptr) return refuse_aggregate(scalar, *call);
  const auto refuse = [&](const std::string& text, std::string hint) {
    found_.error("E205", scalar.place, text).hint = std::move(hint);
    return false;
  };
  const std::string usage = "it is " + std::string(word->usage);
  RowAggregate aggregate;
  aggregate.name = name;
  aggregate.kind = word->kind;
  const std::size_t most = word->arguments + (takes_parameter(word->kind) ? 1 : 0);
  if (call->parts.size() < word->arguments || call->parts.size() > most) {
    return refuse(std::string(word->name) + "() is called with " +
                      std::to_string(call->parts.size()) + " arguments",
                  usage);
  }
  if (!aggregate_parameter(scalar, *call, aggregate)) return false;
  Type type;
  Type by_type;
  const auto argument = [&](std::size_t part, std::size_t& place, Type& into) {
    return word->arguments <= part ||
           add_argument(scalar, std::move(call->parts[part]), flow, plan, place, into);
  };
  if (!argument(0, aggregate.argument, type) || !argument(1, aggregate.by, by_type)) return false;
  const bool number = type.is_number() || type.is(Kind::any) ||
                      (type.is(Kind::duration) && word->kind == AggregateKind::kSum);
  if (needs_number(word->kind) && !number) {
    return refuse(std::string(word->name) + "() takes a number, but this is " + type.to_string(),
                  usage);
  }
  if (word->kind == AggregateKind::kCountIf && !type.is(Kind::boolean) && !type.is(Kind::any)) {
    return refuse("count_if() takes a condition, but this is " + type.to_string(), usage);
  }
  if (word->kind == AggregateKind::kSum && type.is(Kind::real)) {
    found_.warning("W110", scalar.place, "sums of floats depend on the order of the records").hint =
        "declare the field as decimal(2): sums are then exact and the same in every run";
  }
  aggregate.type = {tag_of(type), type.places};
  if (Status s = RowAggregates::problem(aggregate); !s) {
    return refuse(s.error().text, s.error().hint);
  }
  const Type result = result_of(aggregate, type);
  refuse_shape(scalar, result);
  out.add(name, result);
  plan.aggregates.push_back(std::move(aggregate));
  return true;
}

// Puts the value of an expression into the row that aggregates read.
bool JobChecker::add_argument(const Node& node, ExprPtr part, Flow& flow, AggregatePlan& plan,
                              std::size_t& place, Type& type) {
  Fault fault;
  std::vector<Fault> warnings;
  expression::Scope scope;
  scope.schema = &flow.schema;
  scope.params = &plan_.params;
  scope.row = flow.row;
  scope.notes = flow.notes;
  const std::size_t known = flow.schema.columns.size();
  if (!expression::check(part, scope, fault, warnings)) {
    report(node, fault, Severity::error);
    return false;
  }
  learn(node, flow, known);
  type = part->type;
  place = plan.arguments.size();
  plan.arguments.emplace_back(*part, node.text);
  return may_ask_place(node, plan.arguments.back(), flow);
}

bool JobChecker::aggregate_parameter(const Node& node, const Expr& call, RowAggregate& aggregate) {
  constexpr double kUsualError = 0.01;
  constexpr double kMedian = 0.5;
  constexpr std::uint64_t kUsualMax = 100;
  aggregate.parameter = aggregate.kind == AggregateKind::kQuantile ? kMedian : kUsualError;
  aggregate.max = kUsualMax;
  if (!takes_parameter(aggregate.kind) || call.parts.size() < 2) return true;
  const Expr& part = *call.parts[1];
  const bool exact = part.type.is_exact();
  if (part.form != expression::Form::literal || !part.type.is_number()) {
    found_.error("E205", place_in_file(found_.source(), node, part.span.first, part.span.last),
                 "the second argument of " + call.name + "() is a number that is written here");
    return false;
  }
  aggregate.parameter =
      exact && part.type.is(Kind::decimal)
          ? static_cast<double>(part.value.units()) /
                static_cast<double>(power_of_ten(part.value.places()))
          : (exact ? static_cast<double>(part.value.as_int()) : part.value.as_double());
  aggregate.max = aggregate.parameter >= 1 && aggregate.parameter <= 1e6
                      ? static_cast<std::uint64_t>(aggregate.parameter)
                      : 0;
  return true;
}

}  // namespace weir::job
