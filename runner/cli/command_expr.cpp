#include <iostream>
#include <memory>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "expression/json_text.h"
#include "expression/program.h"
#include "job/diagnostic.h"
#include <weir/json_reader.h>

namespace weir::cli {

namespace {

namespace ex = weir::expression;

// A record given on the command line: its fields with the types of their values.
struct Sample {
  ex::Schema schema;
  std::vector<JsonValue> row;
  ex::Arena arena;
  std::vector<std::unique_ptr<std::string>> names;
};

ex::Type type_of(const JsonValue& value) {
  switch (value.kind()) {
    case JsonValue::Kind::kBool:
      return ex::Type::of(ex::Kind::boolean);
    case JsonValue::Kind::kInt:
      return ex::Type::of(ex::Kind::integer);
    case JsonValue::Kind::kDouble:
      return ex::Type::of(ex::Kind::real);
    case JsonValue::Kind::kDecimal:
      return ex::Type::decimal(value.places());
    case JsonValue::Kind::kString:
      return ex::Type::of(ex::Kind::text);
    case JsonValue::Kind::kTime:
      return ex::Type::of(ex::Kind::time);
    default:
      return ex::Type::of(ex::Kind::any).or_null();
  }
}

bool read_sample(std::string_view json, Sample& sample, std::string& mistake) {
  JsonReader whole(std::vector<std::string>{});
  if (Status valid = whole.read(json); !valid) {
    mistake = "--on is no JSON: " + valid.error().to_string();
    return false;
  }
  ex::JsonWalk walk(json);
  if (!walk.is_map()) {
    mistake = "--on takes an object, such as '{\"amount\": 4}'";
    return false;
  }
  while (walk.next()) {
    JsonValue value;
    std::string_view name;
    if (!ex::unescape(walk.key(), sample.arena, name) ||
        !ex::value_of_json(walk.value(), sample.arena, value)) {
      mistake = "--on is too large";
      return false;
    }
    sample.schema.add(std::string(name), type_of(value));
    sample.row.push_back(value);
  }
  return true;
}

std::string told(const ex::Fault& fault, const std::string& text) {
  std::string hint = fault.hint;
  if (hint.empty() && !fault.word.empty()) hint = job::did_you_mean(fault.word, fault.known);
  std::string said = "error: " + fault.text;
  if (!hint.empty()) said += " (" + hint + ")";
  if (fault.span.first <= text.size()) {
    said += "\n  " + text + "\n  " + std::string(fault.span.first, ' ') + "^";
  }
  return said;
}

bool evaluate(const std::string& text, Sample& sample, Terminal& terminal) {
  const ex::Params params;
  const ex::Scope scope{.schema = &sample.schema, .params = &params, .clock_allowed = true};
  ex::Fault fault;
  std::vector<ex::Fault> warnings;
  ex::ExprPtr root = ex::parse(text, fault);
  if (!root || !ex::check(root, scope, fault, warnings)) {
    terminal.complain(told(fault, text));
    return false;
  }
  const ex::Program program(*root, text);
  ex::Scratch scratch;
  ex::RecordFacts facts;
  facts.now = std::chrono::duration_cast<std::chrono::milliseconds>(
                  std::chrono::system_clock::now().time_since_epoch())
                  .count();
  facts.record_time = facts.arrival_time = facts.now;
  const ex::Outcome outcome = program.evaluate(sample.row, facts, scratch);
  if (outcome.failed()) {
    terminal.complain("error: " + std::string(outcome.error));
    return false;
  }
  std::string result;
  append_json(result, outcome.value);
  terminal.print(result + "\n");
  terminal.say(styled(program.type().to_string(), "2", terminal.colors_words()));
  return true;
}

}  // namespace

int expr(const Call& call, Terminal& terminal) {
  Sample sample;
  std::string mistake;
  if (!read_sample(call.value_or("--on", "{}"), sample, mistake)) {
    return terminal.complain("weir expr: " + mistake), kUsage;
  }
  if (!call.operands().empty()) {
    return evaluate(call.operands().front(), sample, terminal) ? kGood : kFailed;
  }
  const bool asked = Terminal::is_terminal(stdin) && Terminal::is_terminal(stdout);
  int code = kGood;
  for (std::string line;;) {
    if (asked) terminal.print("> ");
    if (!std::getline(std::cin, line)) break;
    if (line.empty()) continue;
    if (!evaluate(line, sample, terminal) && !asked) code = kFailed;
  }
  if (asked) terminal.print("\n");
  return code;
}

}  // namespace weir::cli
