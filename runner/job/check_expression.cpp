#include <algorithm>

#include "job/check.h"

namespace weir::job {

using expression::Fault;
using expression::Kind;
using expression::Type;

void JobChecker::report(const Node& scalar, const Fault& fault, Severity severity) {
  const Place place = place_in_file(found_.source(), scalar, fault.span.first, fault.span.last);
  Diagnostic& d = severity == Severity::error ? found_.error(fault.code, place, fault.text)
                                              : found_.warning(fault.code, place, fault.text);
  d.hint = fault.hint;
  if (!fault.word.empty()) {
    const std::string guess = did_you_mean(fault.word, fault.known);
    if (!guess.empty() && !d.hint.starts_with("did you mean")) d.hint = guess;
  }
  d.notes = fault.notes;
}

// With `fields: any`, the stream has to read what an expression named.
void JobChecker::learn(const Node& scalar, Flow& flow, std::size_t known) {
  for (std::size_t i = known; i < flow.schema.columns.size(); ++i) {
    std::string name = flow.schema.columns[i].name;
    std::string stream = flow.open_stream;
    for (const auto& [prefix, origin] : flow.open_prefixes) {
      if (!name.starts_with(prefix + ".")) continue;
      name.erase(0, prefix.size() + 1);
      stream = origin;
    }
    if (stream.empty()) {
      found_.error("E201", scalar.place, "unknown field '" + name + "' in " + flow.row);
      continue;
    }
    std::vector<std::string>& names = learned_[stream];
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
}

std::optional<Program> JobChecker::program(const Node& scalar, Flow& flow, Use use) {
  Fault fault;
  std::vector<Fault> warnings;
  expression::ExprPtr root = expression::parse(scalar.text, fault);
  const std::size_t known = flow.schema.columns.size();
  expression::Scope scope;
  scope.schema = &flow.schema;
  scope.params = &plan_.params;
  scope.clock_allowed = use.clock_allowed;
  scope.row = flow.row;
  scope.notes = flow.notes;
  const bool good = root && (use.wanted != nullptr
                                 ? expression::check_as(root, *use.wanted, scope, fault, warnings)
                                 : expression::check(root, scope, fault, warnings));
  if (!good) {
    report(scalar, fault, Severity::error);
    return std::nullopt;
  }
  for (const Fault& warning : warnings) report(scalar, warning, Severity::warning);
  learn(scalar, flow, known);
  Program made(*root, scalar.text);
  if (!may_ask_place(scalar, made, flow)) return std::nullopt;
  return made;
}

bool JobChecker::may_ask_place(const Node& scalar, const Program& program, const Flow& flow) {
  if (flow.knows_place) return true;
  for (const expression::Instruction& one : program.instructions()) {
    if (one.op != expression::Op::call) continue;
    const std::string_view name = expression::functions()[static_cast<std::size_t>(one.arg)].name;
    for (const std::string_view asked : {"arrival_time", "topic", "partition", "offset"}) {
      if (name != asked) continue;
      found_
          .error("E217", scalar.place,
                 std::string(name) + "() is not known of " + flow.row + " here any more")
          .hint = "take it along from before: '- set: {from_" + std::string(name) + ": " +
                  std::string(name) + "()}'";
      return false;
    }
  }
  return true;
}

// A condition that is true leaves fewer fields that may be null.
std::optional<Program> JobChecker::condition(const Node& scalar, Flow& flow, bool warn_of_null) {
  const Type boolean = Type::of(Kind::boolean);
  std::optional<Program> made = program(scalar, flow, {false, &boolean});
  if (!made) return made;
  Fault fault;
  std::vector<Fault> warnings;
  expression::ExprPtr root = expression::parse(scalar.text, fault);
  expression::Scope scope;
  scope.schema = &flow.schema;
  scope.params = &plan_.params;
  expression::check_as(root, boolean, scope, fault, warnings);
  warnings.clear();
  if (warn_of_null) expression::find_null_comparisons(*root, warnings);
  for (const Fault& warning : warnings) report(scalar, warning, Severity::warning);
  std::vector<int> sure;
  expression::find_not_null(*root, sure);
  for (const int slot : sure) {
    Type& type = flow.schema.columns[static_cast<std::size_t>(slot)].type;
    if (!type.is(Kind::any)) type = type.not_null();
  }
  return made;
}

std::vector<const Node*> JobChecker::entries(const Node& one_or_list) {
  if (!one_or_list.is_list()) return {&one_or_list};
  std::vector<const Node*> all;
  for (const Node& item : one_or_list.items) all.push_back(&item);
  return all;
}

// Empty when one of them is wrong.
std::vector<Program> JobChecker::programs(const Node& one_or_list, Flow& flow) {
  std::vector<Program> all;
  for (const Node* node : entries(one_or_list)) {
    std::optional<Program> one = program(*node, flow, {});
    if (!one) return {};
    const Type& type = one->type();
    if (type.is(Kind::list) || type.is(Kind::map) || type.is(Kind::null) ||
        type.is(Kind::duration)) {
      found_.error("E202", node->place, "a key is a single value, but this is " + type.to_string());
      return {};
    }
    all.push_back(std::move(*one));
  }
  return all;
}

// What has no form in the JSON that leaves.
void JobChecker::refuse_shape(const Node& scalar, const Type& type) {
  if (!type.is(Kind::duration)) return;
  found_.error("E216", scalar.place, "a duration has no form in JSON").hint =
      "say in which unit: seconds(...), minutes(...), millis(...)";
}

std::string JobChecker::column_of(const Program& program, const Schema& schema) {
  const int slot = program.single_slot();
  return slot < 0 ? std::string() : schema.columns[static_cast<std::size_t>(slot)].name;
}

// Whether records with the same key are known to be in the same partition.
bool JobChecker::is_keyed_by(const Flow& flow, const std::vector<Program>& key) const {
  if (flow.keyed_by.empty() || flow.keyed_by.size() != key.size()) return false;
  for (std::size_t i = 0; i < key.size(); ++i) {
    if (column_of(key[i], flow.schema) != flow.keyed_by[i]) return false;
  }
  return true;
}

}  // namespace weir::job
