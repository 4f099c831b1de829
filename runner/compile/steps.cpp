#include "compile/steps.h"

#include <cmath>

#include "compile/typed_value.h"
#include "expression/json_text.h"
#include "expression/text_form.h"

namespace weir::compile {

using expression::Outcome;
using expression::RecordFacts;
using expression::Scratch;

namespace {

constexpr std::string_view kProcess = "process";

// "expression: what was wrong"
std::string in_words(const job::Program& program, std::string_view error) {
  return program.source() + ": " + std::string(error);
}

}  // namespace

bool key_of(std::span<const job::Program> programs, std::span<const JsonValue> row,
            const RecordFacts& facts, Scratch& scratch, Key& key, std::string_view& error) {
  if (!key) key.emplace();
  key->clear();
  const bool list = programs.size() > 1;
  if (list) *key += '[';
  bool first = true;
  for (const job::Program& program : programs) {
    const Outcome outcome = program.evaluate(row, facts, scratch);
    if (outcome.failed()) {
      error = outcome.error;
      return false;
    }
    if (outcome.value.is_null()) {
      key.reset();
      return true;
    }
    if (!list) {
      expression::append_text_form(*key, outcome.value);
    } else {
      if (!first) *key += ',';
      append_json(*key, outcome.value);
    }
    first = false;
  }
  if (list) *key += ']';
  return true;
}

void FilterRows::process(const RowRecord& record, RowContext& ctx) {
  const Frames::Use frame(frames);
  const Outcome outcome =
      condition->evaluate(record.value.values, facts_of(record), frame->scratch);
  if (outcome.failed()) return ctx.discard(kProcess, in_words(*condition, outcome.error));
  if (outcome.is_true()) ctx.forward(record);
}

bool RowObeys::operator()(const RowRecord& record) const {
  const Frames::Use frame(frames);
  return condition->evaluate(record.value.values, facts_of(record), frame->scratch).is_true();
}

void AssignRow::process(const RowRecord& record, RowContext& ctx) {
  const Frames::Use frame(frames);
  const RecordFacts facts = facts_of(record, ctx.wall_clock());
  const std::vector<JsonValue>& from = record.value.values;
  std::vector<JsonValue>& to = frame->row.values;
  to.resize(assignments->size());
  frame->row.place = record.value.place;
  for (std::size_t slot = 0; slot < to.size(); ++slot) {
    const job::Assignment& assignment = (*assignments)[slot];
    if (!assignment.value) {
      to[slot] = from[static_cast<std::size_t>(assignment.from_slot)];
      continue;
    }
    const Outcome outcome = assignment.value->evaluate(from, facts, frame->scratch);
    if (outcome.failed()) return ctx.discard(kProcess, in_words(*assignment.value, outcome.error));
    to[slot] = outcome.value;
  }
  ctx.forward(record.with_value(frame->row));
}

void KeyRow::process(const RowRecord& record, RowContext& ctx) {
  const Frames::Use frame(frames);
  std::string_view error;
  if (!key_of(programs, record.value.values, facts_of(record, ctx.wall_clock()), frame->scratch,
              frame->key, error)) {
    return ctx.discard(kProcess, "key: " + std::string(error));
  }
  ctx.forward(record.with_key(frame->key));
}

void ExplodeRow::process(const RowRecord& record, RowContext& ctx) {
  const Frames::Use frame(frames);
  const job::ExplodePlan& plan = *step->explode;
  const Outcome outcome = plan.list.evaluate(record.value.values, facts_of(record), frame->scratch);
  if (outcome.failed()) return ctx.discard(kProcess, in_words(plan.list, outcome.error));
  if (outcome.value.is_null()) return;
  expression::JsonWalk walk(outcome.value.kind() == JsonValue::Kind::kRaw ? outcome.value.text()
                                                                          : std::string_view());
  if (!walk.is_list()) return ctx.discard(kProcess, in_words(plan.list, "is no list"));
  frame->row.values = record.value.values;
  frame->row.values.resize(step->out.columns.size());
  frame->row.place = record.value.place;
  std::string error;
  while (walk.next()) {
    if (!fill(walk.value(), *frame, error)) return ctx.discard(kProcess, error);
    ctx.forward(record.with_value(frame->row));
  }
}

bool ExplodeRow::fill(std::string_view element, Frame& frame, std::string& error) const {
  const job::ExplodePlan& plan = *step->explode;
  for (std::size_t i = 0; i < plan.paths.size(); ++i) {
    const std::size_t slot = static_cast<std::size_t>(plan.first_slot) + i;
    JsonSlot found = plan.paths[i].empty() ? slot_of(element) : JsonSlot{};
    if (!plan.paths[i].empty()) {
      for (expression::JsonWalk walk(element); walk.is_map() && walk.next();) {
        if (walk.key() == plan.paths[i]) found = slot_of(walk.value());
      }
    }
    const expression::Column& column = step->out.columns[slot];
    const Status read = read_typed(found, column.name, column.type, {}, frame.scratch.arena(),
                                   frame.row.values[slot]);
    if (read) continue;
    error = read.error().text;
    return false;
  }
  return true;
}

void LogRow::process(const RowRecord& record, RowContext& ctx) {
  ctx.forward(record);
  const Timestamp now = ctx.wall_clock();
  if (*log == nullptr || now < next_ms) return;
  constexpr double kSecondMs = 1000;
  next_ms = later(now, std::llround(kSecondMs / plan->lines_per_second));
  const Frames::Use frame(frames);
  std::string line = plan->texts[0];
  for (std::size_t i = 0; i < plan->values.size(); ++i) {
    const Outcome outcome =
        plan->values[i].evaluate(record.value.values, facts_of(record, now), frame->scratch);
    if (outcome.failed()) {
      line += '(' + std::string(outcome.error) + ')';
    } else {
      expression::append_text_form(line, outcome.value);
    }
    line += plan->texts[i + 1];
  }
  (*log)(plan->level, line);
}

void WithKeyBack::process(const Record<std::string, Row>& record, RowContext& ctx) {
  const Frames::Use frame(frames);
  if (empty_is_null && record.key.empty()) {
    frame->key.reset();
  } else if (frame->key) {
    *frame->key = record.key;
  } else {
    frame->key.emplace(record.key);
  }
  ctx.forward(record.with_key(frame->key));
}

const Key& RowId::id_of(const Row& row, const RecordFacts& facts) const {
  const Frames::Use frame(frames);
  std::string_view error;
  if (!key_of(programs, row.values, facts, frame->scratch, frame->key, error)) frame->key.reset();
  return frame->key;
}

}  // namespace weir::compile
