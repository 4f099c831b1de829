// Joins of a job as joins of the DSL: rows of both sides in one row.
#include "compile/flow.h"
#include "compile/row_writer.h"
#include <weir/join.h>

namespace weir::compile {

using job::JoinPlan;
using job::JoinPlanType;
using job::StepPlan;

namespace {

// Where the values of both sides lie in the row of a pair.
struct Layout {
  std::size_t left;
  std::size_t right;

  explicit Layout(const StepPlan& step)
      : left(step.in.columns.size()), right(step.join->right.columns.size()) {}

  // Null where a side is missing.
  void fill(const Row* from_left, const Row* from_right, Row& into) const {
    into.values.assign(left + 1 + right, JsonValue::null());
    if (from_left != nullptr) {
      std::copy_n(from_left->values.begin(), left, into.values.begin());
    }
    if (from_right == nullptr) return;
    into.values[left] = JsonValue::boolean(true);
    std::copy_n(from_right->values.begin(), right,
                into.values.begin() + static_cast<std::ptrdiff_t>(left) + 1);
  }
};

// A join has let time count before it joins, so it is not entered again: one row is enough.
struct JoinRows {
  Layout layout;
  mutable Row row{};
  const Row& operator()(const Row* left, const Row* right) const {
    layout.fill(left, right, row);
    return row;
  }
};

struct PairRow {
  using Out = RowRecord;
  Layout layout;
  Frames frames{};
  void process(const Record<std::string, Pair<Row, Row>>& record, RowContext& ctx) {
    const Frames::Use frame(frames);
    layout.fill(&record.value.left, &record.value.right, frame->row);
    frame->key ? void(*frame->key = record.key) : void(frame->key.emplace(record.key));
    ctx.forward({frame->key, frame->row, record.timestamp, record.observed, record.headers});
  }
};

// What match once leaves: the key's values, side, reason, and the record as JSON.
struct UnmatchedRow {
  using Out = RowRecord;
  const StepPlan* step;
  RowWriter left;
  RowWriter right;
  std::string no_right, no_left, second_right;
  std::string json{};
  Frames frames{};

  explicit UnmatchedRow(const StepPlan& of)
      : step(&of),
        left(of.in),
        right(of.join->right),
        no_right("no_" + of.join->right_word),
        no_left("no_" + of.join->left_word),
        second_right("second_" + of.join->right_word) {}

  void process(const Record<std::string, Lone<Row, Row>>& record, RowContext& ctx) {
    const Frames::Use frame(frames);
    const JoinPlan& join = *step->join;
    const bool is_left = record.value.left.has_value();
    const Row& row = is_left ? *record.value.left : *record.value.right;
    std::vector<JsonValue>& out = frame->row.values;
    out.clear();
    for (const job::Program& key : is_left ? join.left_key : join.right_key) {
      // What had a key has one: the expression gives the same again.
      out.push_back(key.evaluate(row.values, facts_of(record), frame->scratch).value);
    }
    out.push_back(JsonValue::string(is_left ? join.left_word : join.right_word));
    out.push_back(JsonValue::string(reason(record.value.reason)));
    json.clear();
    (is_left ? left : right).write(row.values, json);
    out.push_back(JsonValue::raw(json));
    frame->key ? void(*frame->key = record.key) : void(frame->key.emplace(record.key));
    ctx.forward({frame->key, frame->row, record.timestamp, record.observed, record.headers});
  }

  const std::string& reason(Unmatched why) const {
    if (why == Unmatched::no_right) return no_right;
    return why == Unmatched::no_left ? no_left : second_right;
  }
};

RowStream keyed(const StepPlan& step, const RowStream& rows, bool left) {
  const JoinPlan& join = *step.join;
  const std::vector<job::Program>& key = left ? join.left_key : join.right_key;
  return then(rows, "key", step.id + (left ? "-left" : "-right"), in_words(key), KeyRow{key},
              after(left ? join.left_repartition : join.right_repartition, rows));
}

JoinOptions options_of(const JoinPlan& join) {
  JoinOptions options;
  options.before = Duration(join.before_ms);
  options.after = Duration(join.after_ms);
  options.grace = Duration(join.delay_ms);
  options.type = join.type == JoinPlanType::left    ? JoinType::left
                 : join.type == JoinPlanType::outer ? JoinType::outer
                                                    : JoinType::inner;
  return options;
}

}  // namespace

RowStream compile_join(const StepPlan& step, const RowStream& left_rows,
                       const RowStream& right_rows) {
  const JoinPlan& join = *step.join;
  const RowStream left = keyed(step, left_rows, true);
  const RowStream right = keyed(step, right_rows, false);
  const JoinOptions options = options_of(join);
  const JoinRows joiner{Layout(step)};
  if (join.type == JoinPlanType::inner) {
    const KeyedRows joined = left.with_key().join(step.store, right.with_key(), joiner, options);
    return then(joined, "rows", step.id + "-rows", "", WithKeyBack{}, joined.keyed_by());
  }
  // Records without a key come out alone, so they take part; a repartition topic of such keys has
  // them in another order than producers have.
  const RowStream joined = join.type == JoinPlanType::anti
                               ? left.anti_join(step.store, right, options)
                               : left.join(step.store, right, joiner, options);
  return joined.keyed_by() == KeyedBy::producers ? joined : lying(joined, KeyedBy::nobody);
}

Matches compile_match(const StepPlan& step, const RowStream& left, const RowStream& right) {
  const JoinPlan& join = *step.join;
  const auto matched = keyed(step, left, true)
                           .match_once(step.store, keyed(step, right, false), RowId{{&*join.id, 1}},
                                       {.within = Duration(join.before_ms),
                                        .delay = Duration(join.delay_ms),
                                        .remember = Duration(join.remember_ms)});
  return {then(matched.pairs, "pairs", step.id + "-pairs", "", PairRow{Layout(step)},
               KeyedBy::producers),
          then(matched.unmatched, "unmatched", step.id + "-unmatched", "", UnmatchedRow(step),
               KeyedBy::producers)};
}

}  // namespace weir::compile
