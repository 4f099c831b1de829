// The conformance cases: inputs of Kafka Streams' own tests and what it made of them.
//
// The file is `kstreams_cases.json`: it or its folder is named by the environment variable
// WEIR_CASES, else looked for beside the source tree, in the folder `cases` of each neighbour.
// Without it the tests are skipped: `if (cases().empty()) GTEST_SKIP() << kNoCases;`
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <weir/time.h>

namespace weir::conformance {

inline constexpr const char* kNoCases =
    "no conformance cases: name kstreams_cases.json in WEIR_CASES to run them";

// Numbers are kept as text: keys are 0 or "A", values "A+a" or 3.
struct Input {
  std::string topic;
  std::optional<std::string> key;
  std::optional<std::string> value;
  Timestamp timestamp = 0;
  std::optional<std::int64_t> wall_ms;
};

// A result, expected or ours. `by_input` is how many inputs had been fed when it was there; of an
// expected one, when that was looked at.
struct Line {
  std::string topic;  // Empty where the case has one output.
  std::optional<std::string> key;
  std::optional<std::string> value;
  Timestamp timestamp = 0;
  std::optional<Timestamp> window_start{};
  std::optional<Timestamp> window_end{};
  int by_input = 0;

  bool operator==(const Line& other) const;  // All but by_input.
};
std::string to_string(const Line& line);

// The object of a case's parameters; `window` and the like are objects inside it.
class Params {
 public:
  std::int64_t number(std::string_view name, std::int64_t otherwise = 0) const;
  std::string text(std::string_view name, std::string_view otherwise = {}) const;
  bool has(std::string_view name) const;
  bool flag(std::string_view name) const;
  std::vector<int> numbers(std::string_view name) const;
  Params object(std::string_view name) const;  // REQUIRES: has(name).

 private:
  friend class CaseReader;
  std::shared_ptr<const void> file_;  // The parsed file lives as long as a part of it is used.
  const void* value_ = nullptr;
};

struct Case {
  std::string name;
  std::string operation;
  Params params;
  std::vector<Input> inputs;
  std::vector<Line> expected;
  std::string compare;           // exact, unordered, per_window_set, ...
  std::vector<int> checkpoints;  // Numbers of inputs after which the results were looked at.
};

// All cases of the file; none when there is no file. A file that cannot be read ends the program.
const std::vector<Case>& cases();
// Those whose name begins with `prefix`.
std::vector<const Case*> cases_named(std::string_view prefix);

// What differs between the expected results and `ours`, in words; empty when nothing does. Compares
// in the mode of the case. `ours` is in order of arrival, by_input exact.
std::string difference(const Case& wanted, std::vector<Line> ours);

}  // namespace weir::conformance
