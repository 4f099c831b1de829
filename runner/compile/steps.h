// The steps of a pipeline that keep nothing, as processors of the DSL. Where an expression fails,
// the record is discarded with reason `process`.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "compile/frames.h"
#include "compile/row.h"
#include "job/plan.h"
#include <weir/processor.h>
#include <weir/record.h>

namespace weir::compile {

using RowRecord = Record<Key, Row>;
using RowContext = Context<RowRecord>;

// Where a step `log` sends its lines. Called from worker threads.
using LogLine = std::function<void(std::string_view level, std::string_view text)>;

// Fills `key` with the plain text of one value, or of several as a JSON list; null when one of them
// is. False when an expression fails, with why.
bool key_of(std::span<const job::Program> programs, std::span<const JsonValue> row,
            const expression::RecordFacts& facts, expression::Scratch& scratch, Key& key,
            std::string_view& error);

// The step `filter`.
struct FilterRows {
  using Out = RowRecord;
  const job::Program* condition;
  Frames frames{};
  void process(const RowRecord& record, RowContext& ctx);
};

// The rule of a step `require`. An expression that fails is a rule that is broken.
struct RowObeys {
  const job::Program* condition;
  mutable Frames frames{};
  bool operator()(const RowRecord& record) const;
};

// The steps `set`, `select` and `unset`.
struct AssignRow {
  using Out = RowRecord;
  const std::vector<job::Assignment>* assignments;
  Frames frames{};
  void process(const RowRecord& record, RowContext& ctx);
};

// The step `key`, keys of joins and keys of sinks.
struct KeyRow {
  using Out = RowRecord;
  std::span<const job::Program> programs;
  Frames frames{};
  void process(const RowRecord& record, RowContext& ctx);
};

// The step `explode`.
struct ExplodeRow {
  using Out = RowRecord;
  const job::StepPlan* step;
  Frames frames{};
  void process(const RowRecord& record, RowContext& ctx);

 private:
  bool fill(std::string_view element, Frame& frame, std::string& error) const;
};

// The step `log`: at most so many lines a second, by the wall clock.
struct LogRow {
  using Out = RowRecord;
  const job::LogPlan* plan;
  std::shared_ptr<const LogLine> log;
  Timestamp next_ms = 0;
  Frames frames{};
  void process(const RowRecord& record, RowContext& ctx);
};

// A record that was unwrapped to have a key, with the key it had.
struct WithKeyBack {
  using Out = RowRecord;
  bool empty_is_null = false;
  Frames frames{};
  void process(const Record<std::string, Row>& record, RowContext& ctx);
};

// Ids of repeats. Nothing where one of the values is null.
struct RowId {
  std::span<const job::Program> programs;
  mutable Frames frames{};

  template <class K>
  const Key& operator()(const Record<K, Row>& record) const {
    return id_of(record.value, facts_of(record));
  }

 private:
  const Key& id_of(const Row& row, const expression::RecordFacts& facts) const;
};

}  // namespace weir::compile
