// Whether a record that came out is the one that a test expects.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "test/test_file.h"

namespace weir::test {

// A record that came out, with its time from the epoch.
struct ActualRecord {
  std::optional<std::string> key{};
  std::optional<std::string> value{};
  std::int64_t at_ms = 0;
};

// A field of an expected and an actual record, side by side. Empty: not there.
struct FieldPair {
  std::string name;
  std::string expected;
  std::string actual;
  bool same = true;
};

// Fields in the order of the expected record, then those that nobody expects. With `all_fields`
// these count as different. Numbers are the same when their values are.
std::vector<FieldPair> compare(const ExpectedRecord& expected, const ActualRecord& actual,
                               bool all_fields, Timestamp epoch);
bool are_same(const std::vector<FieldPair>& fields);

}  // namespace weir::test
