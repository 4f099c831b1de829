// Aggregates of a job as aggregates of the DSL.
#include <algorithm>

#include "compile/flow.h"
#include "compile/group_key.h"
#include "compile/row_format.h"
#include <weir/grouped.h>
#include <weir/row_aggregate.h>

namespace weir::compile {

using expression::Kind;
using job::AggregatePlan;
using job::StepPlan;
using job::WindowKind;

namespace {

// What all stages of one step share; never changed once made.
struct Gathering {
  const StepPlan& step;
  const AggregatePlan& plan;
  bool whole_rows;           // Late records go out as they came: keep the row before its arguments.
  std::size_t first;         // Where the arguments begin.
  bool values_may_be_unfit;  // Some argument's type is known only when the value is there.
  RowAggregates aggregates;
  GroupKey key;

  Gathering(const StepPlan& of, bool whole)
      : step(of),
        plan(*of.aggregate),
        whole_rows(whole),
        first(whole ? of.in.columns.size() : 0),
        values_may_be_unfit(
            std::any_of(of.aggregate->arguments.begin(), of.aggregate->arguments.end(),
                        [](const job::Program& one) { return one.type().is(Kind::any); })),
        aggregates(of.aggregate->aggregates),
        key(of.aggregate->by) {}

  std::span<const JsonValue> arguments(const Row& row) const {
    return std::span(row.values).subspan(first);
  }
};
using SharedGathering = std::shared_ptr<const Gathering>;

// Before the aggregate: evaluates what it looks at. K is std::string, the group, or Key when all
// records are one group.
template <class K>
struct Arguments {
  using Out = Record<K, Row>;
  SharedGathering of;
  Frames frames{};
  std::string error{};

  void process(const RowRecord& record, Context<Out>& ctx) {
    const Frames::Use frame(frames);
    if (!fill(record, *frame)) return ctx.discard("process", error);
    if constexpr (std::same_as<K, Key>) {
      ctx.forward(record.with_value(frame->row));
    } else {
      if (!frame->key) frame->key.emplace();
      if (!of->key.write(record.value.values, facts_of(record), frame->scratch, *frame->key,
                         error)) {
        return ctx.discard("process", error);
      }
      ctx.forward({*frame->key, frame->row, record.timestamp, record.observed, record.headers});
    }
  }

 private:
  bool fill(const RowRecord& record, Frame& frame) {
    std::vector<JsonValue>& to = frame.row.values;
    to.clear();
    if (of->whole_rows) to = record.value.values;
    for (const job::Program& argument : of->plan.arguments) {
      const expression::Outcome outcome =
          argument.evaluate(record.value.values, facts_of(record), frame.scratch);
      if (outcome.failed()) {
        error = argument.source() + ": " + std::string(outcome.error);
        return false;
      }
      to.push_back(outcome.value);
    }
    if (!of->values_may_be_unfit) return true;
    RowState trial = of->aggregates.start();
    const Status added = of->aggregates.add(trial, of->arguments(frame.row), record.timestamp);
    if (!added) error = added.error().text;
    return static_cast<bool>(added);
  }
};

// What does not fit was discarded before it came here.
struct AddRow {
  SharedGathering of;
  template <class K>
  void operator()(RowState& state, const Record<K, Row>& record) const {
    static_cast<void>(static_cast<bool>(
        of->aggregates.add(state, of->arguments(record.value), record.timestamp)));
  }
};

// The result of a group as a row: the values of its key, the window, the aggregates.
class ResultRow {
 public:
  explicit ResultRow(SharedGathering of) : of_(std::move(of)) {}

  // False when a result does not fit its type, with why in `error`. Texts lie in `key` and here.
  bool fill(std::string_view key, const Window* window, const RowState& state, Frame& frame) {
    std::vector<JsonValue>& row = frame.row.values;
    row.clear();
    if (of_->plan.by.empty()) {
      frame.key.reset();
    } else {
      of_->key.read(key, row);
      if (!frame.key) frame.key.emplace();
      frame.key->clear();
      of_->key.write_plain(row, *frame.key);
    }
    if (window != nullptr) {
      row.push_back(JsonValue::time(window->start));
      row.push_back(JsonValue::time(window->end));
    }
    const std::size_t results = row.size();
    row.resize(results + of_->aggregates.size());
    const Status status = of_->aggregates.result(state, std::span(row).subspan(results), text_);
    if (!status) error_ = status.error().text;
    return static_cast<bool>(status);
  }
  const std::string& error() const { return error_; }

 private:
  SharedGathering of_;
  std::string text_;
  std::string error_;
};

template <class K>
struct WindowResult {
  using Out = RowRecord;
  ResultRow result;
  Frames frames{};

  void process(const Record<Windowed<K>, RowState>& record, RowContext& ctx) {
    const Frames::Use frame(frames);
    std::string_view key;
    if constexpr (std::same_as<K, std::string>) key = record.key.key;
    if (!result.fill(key, &record.key.window, record.value, *frame)) {
      return ctx.discard("process", result.error());
    }
    ctx.forward({frame->key, frame->row, record.timestamp, record.observed, record.headers});
  }
};

// Without a window: the result so far, each time it changes.
struct RunningResult {
  using Out = RowRecord;
  SharedGathering of;
  KeyValueStore<std::string, RowState> declaration;
  ResultRow result;
  Store<std::string, RowState>* store = nullptr;
  RowState state{};
  Frames frames{};

  void init(RowContext& ctx) { store = &ctx.store(declaration); }
  void process(const Record<std::string, Row>& record, RowContext& ctx) {
    const Frames::Use frame(frames);
    if (!store->get(record.key, state)) state = of->aggregates.start();
    AddRow{of}(state, record);
    store->put(record.key, state);
    if (!result.fill(record.key, nullptr, state, *frame)) {
      return ctx.discard("process", result.error());
    }
    ctx.forward({frame->key, frame->row, record.timestamp, record.observed, record.headers});
  }
};

// `late` as a topic of whole rows.
template <class K>
Topic<K, Row> late_rows(const Gathering& of, const std::string& topic) {
  return {topic, format_of<K>(), std::make_shared<RowFormat>(of.step.in)};
}

template <class K, class W, bool Global>
auto aggregate_windows(WindowedBy<K, Row, W, Global> windowed, const SharedGathering& of,
                       const std::string& late_topic) {
  if (!late_topic.empty()) windowed = windowed.late_to(late_rows<K>(*of, late_topic));
  const Emit emit = of->plan.on_update ? Emit::on_update : Emit::on_close;
  return windowed.aggregate(of->step.store, of->aggregates.start(), AddRow{of}, emit);
}

Windows stepping(const AggregatePlan& plan) {
  return {Duration(plan.size_ms), Duration(plan.every_ms), Duration(plan.grace_ms)};
}

auto aggregate_groups(const Grouped<std::string, Row>& grouped, const SharedGathering& of,
                      const std::string& late_topic) {
  const AggregatePlan& plan = of->plan;
  const Duration grace(plan.grace_ms);
  if (plan.window == WindowKind::session) {
    return aggregate_windows(grouped.windowed(Session{Duration(plan.gap_ms), grace}), of,
                             late_topic);
  }
  if (plan.window == WindowKind::per_event) {
    return aggregate_windows(grouped.windowed(PerEvent{Duration(plan.size_ms), grace}), of,
                             late_topic);
  }
  return aggregate_windows(grouped.windowed(stepping(plan)), of, late_topic);
}

RowStream running(const KeyedRows& rows, const SharedGathering& of) {
  const StepPlan& step = of->step;
  const KeyValueStore<std::string, RowState> store{step.store};
  return rows.process(step.store, RunningResult{of, store, ResultRow(of)}, {store});
}

}  // namespace

Result<RowStream> compile_aggregate(const StepPlan& step, const std::string& late_topic,
                                    const RowStream& rows) {
  const AggregatePlan& plan = *step.aggregate;
  if (plan.window == WindowKind::session && plan.on_update) {
    return Error{
        "step '" + step.id + "': sessions with 'emit: on_update' are not part of this " + "version",
        "leave 'emit' out: each session comes out once, when it is closed"};
  }
  const auto of = std::make_shared<const Gathering>(step, !late_topic.empty());
  const std::string before = step.id + "-fields";
  const std::string after_it = step.id + "-results";
  const bool global = plan.by.empty();
  if (global && plan.window == WindowKind::stepping) {
    const RowStream all = then(rows, "fields", before, "", Arguments<Key>{of}, KeyedBy::nobody);
    return then(aggregate_windows(all.group_all().windowed(stepping(plan)), of, late_topic),
                "results", after_it, "", WindowResult<NoKey>{ResultRow(of)}, KeyedBy::nobody);
  }
  std::string by;
  for (const job::NamedProgram& one : plan.by) {
    by += (by.empty() ? "" : ", ") + one.program.source();
  }
  const bool moves = global || after(plan.repartition, rows) == KeyedBy::nobody;
  const KeyedBy lie = moves && !of->key.is_plain() ? KeyedBy::nobody : KeyedBy::producers;
  KeyedRows groups = then(rows, "group_by", before, by, Arguments<std::string>{of},
                          moves ? KeyedBy::nobody : KeyedBy::producers);
  if (moves) groups = groups.repartition(step.store, {.partitions = global ? 1 : 0});
  if (plan.window == WindowKind::none) return lying(running(groups, of), lie);
  return then(aggregate_groups(groups.group_by_key(), of, late_topic), "results", after_it, "",
              WindowResult<std::string>{ResultRow(of)}, lie);
}

}  // namespace weir::compile
