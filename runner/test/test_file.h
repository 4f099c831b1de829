// Test files of jobs: what goes in, what has to come out.
//
//   Source source = *Source::read("jobs/order-payments.test.yaml");
//   Diagnostics found(source);
//   std::optional<TestFile> file = read_test(found);
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "job/diagnostic.h"
#include "job/yaml.h"
#include <weir/time.h>

namespace weir::test {

// A record to send. `at` counts from the file's epoch.
struct SentRecord {
  std::int64_t at_ms = 0;
  std::int64_t partition = 0;
  std::int64_t times = 1;
  std::optional<std::string> key{};
  std::optional<std::string> value{};  // JSON made of `value`, or the bytes of `raw`.
};

enum class Match {
  exact,      // These records in this order, all fields.
  unordered,  // These records in any order, all fields.
  contains,   // As many records in any order; of each, only the named fields.
};

// A record that has to come out. One of a topic is its fields, or {key, at, value} or {key, at,
// raw} where more than the value is looked at.
struct ExpectedRecord {
  int line = 0;
  std::optional<std::string> key{};
  std::optional<std::int64_t> at_ms{};
  std::optional<std::string> raw{};
  job::Node value{};  // A map unless `raw` is there.
};

struct TestStep {
  enum class Kind { send, expect, advance, crash, rebalance, drain, discarded };

  Kind kind = Kind::send;
  int line = 0;
  std::string name;  // Of a stream, or of what is expected; which moment of a crash.
  std::vector<SentRecord> records{};
  Match match = Match::exact;
  std::vector<ExpectedRecord> expected{};
  job::Place records_key{};  // Of an expectation: the key `records`.
  job::Place records_value{};
  bool records_on_one_line = false;
  std::int64_t number = 0;  // Milliseconds to advance, instances after a rebalance.
  std::map<std::string, std::int64_t> counts{};  // Discarded, by reason.
};

struct TestCase {
  std::string name;
  int line = 0;
  std::int64_t partitions = 0;  // 0: as the file says.
  std::vector<TestStep> steps;
};

struct TestFile {
  std::string job;  // As written: a path from the file's folder.
  Timestamp epoch = 0;
  std::int64_t partitions = 1;
  std::int64_t instances = 1;
  std::map<std::string, std::string> env;  // All that the job finds of its environment.
  std::map<std::string, std::string> params;
  std::vector<std::pair<std::string, std::string>> set;
  std::vector<TestCase> cases;
};

// Nothing when `found` has errors afterwards.
std::optional<TestFile> read_test(job::Diagnostics& found);

// What a YAML value is as JSON: plain numbers, true, false and null are those, other text is text,
// '@15s' a time so long after the epoch.
std::string json_of(const job::Node& node, Timestamp epoch);

}  // namespace weir::test
