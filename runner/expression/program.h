// A checked expression as a flat list of instructions for a stack: no names, no tree, no allocation
// per record.
//
//   Result<Program> total = compile("price * quantity", scope);
//   Scratch scratch;                              // One for each thread.
//   scratch.reset();                              // For each record.
//   Outcome outcome = total->evaluate(row, facts, scratch);
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "expression/arena.h"
#include "expression/checker.h"
#include "expression/function.h"
#include <weir/error.h>

namespace weir::expression {

enum class Op : std::uint8_t {
  constant,  // push constants[arg]
  slot,      // push row[arg]
  add,
  subtract,
  multiply,
  divide,
  divide_duration,
  remainder,  // two values give one
  negate,
  compare,  // relation in `detail`
  like,     // negated in `detail`
  is_null,  // negated in `detail`
  invert,   // not
  both,     // and, of what is left when no side decides alone
  either,
  in_start,       // below the value: nothing found yet
  in_test,        // value, found, candidate: compares, keeps value and found
  in_end,         // negated in `detail`
  jump,           // to arg
  jump_if_false,  // to arg, keeping the value, when it is false
  jump_if_true,   // the same for true
  jump_if_value,  // to arg, keeping the value, when it is not null; else drops it
  jump_unless,    // drops the value; to arg unless it was true
  convert,        // to the kind in `detail`, with `places`
  call,           // function arg with `count` arguments
  try_start,      // until try_end, a failure goes to arg with the stack as it is now
  try_end,        // to arg
};

struct Instruction {
  Op op;
  std::uint8_t detail = 0;
  std::uint8_t places = 0;
  std::uint8_t count = 0;
  std::int32_t arg = 0;
};

// A value, or why this record has none. Texts lie in the row, the program or the scratch's arena:
// valid until the scratch is reset.
struct Outcome {
  JsonValue value{};
  std::string_view error{};

  bool failed() const { return !error.empty(); }
  // As conditions are read: null is not true.
  bool is_true() const {
    return error.empty() && value.kind() == JsonValue::Kind::kBool && value.as_bool();
  }
};

// Memory of evaluations. Grows to what the largest program and record need. One thread.
class Scratch {
 public:
  // Before each record: texts of outcomes become invalid.
  void reset() { arena_.reset(); }
  Arena& arena() { return arena_; }

 private:
  friend class Program;
  struct Rescue {
    std::int32_t to;
    std::size_t depth;
  };

  Arena arena_;
  std::vector<JsonValue> stack_;
  std::vector<Rescue> rescues_;
};

class Program {
 public:
  Program() = default;

  // REQUIRES: `root` was checked. `source` is its text, for messages about records.
  Program(const Expr& root, std::string_view source);
  Program(Program&&) = default;
  Program& operator=(Program&&) = default;

  // REQUIRES: `row` has a value for every slot of the schema that the expression was checked with.
  Outcome evaluate(std::span<const JsonValue> row, const RecordFacts& facts,
                   Scratch& scratch) const {
    if (single_slot_ >= 0) return {row[static_cast<std::size_t>(single_slot_)], {}};
    return run(row, facts, scratch);
  }

  const Type& type() const { return type_; }
  const std::string& source() const { return source_; }
  // In ascending order, each once.
  const std::vector<int>& slots() const { return slots_; }
  // The slot when the expression is nothing but a field, else -1.
  int single_slot() const { return single_slot_; }
  std::span<const Instruction> instructions() const { return code_; }

 private:
  friend class Emitter;
  class Run;

  Outcome run(std::span<const JsonValue> row, const RecordFacts& facts, Scratch& scratch) const;

  std::string source_;
  Type type_;
  std::vector<Instruction> code_;
  std::vector<Span> spans_;  // Of each instruction.
  std::vector<JsonValue> constants_;
  std::vector<std::unique_ptr<std::string>> texts_;  // What constants point to.
  std::vector<int> slots_;
  int single_slot_ = -1;
  std::size_t stack_max_ = 0;
  std::size_t rescues_max_ = 0;
};

// Reads, checks and compiles in one go: for tools and tests. The error's position is a byte of
// `text`.
Result<Program> compile(std::string_view text, const Scope& scope);

}  // namespace weir::expression
