// One case at work.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "compile/compile.h"
#include "test/run_test.h"
#include <weir/testing.h>

namespace weir::test {

// Records of an expectation that came out otherwise: what --update writes.
struct Update {
  job::Place key;
  job::Place value;
  bool one_line;
  std::vector<ActualRecord> records;
};

class CaseRun {
 public:
  // REQUIRES: all of it outlives this.
  CaseRun(const TestFile& file, const TestCase& of, const job::JobPlan& plan,
          const compile::CompiledJob& job);

  // Up to the first step that fails. With `updates`, exact expectations that differ are put there
  // and count as met.
  std::optional<Failure> run(std::vector<Update>* updates);

 private:
  std::optional<Failure> run_step(const TestStep& step, bool commit, std::vector<Update>* updates);
  std::optional<Failure> send(const TestStep& step, bool commit);
  std::optional<Failure> expect(const TestStep& step, std::vector<Update>* updates);
  std::optional<Failure> expect_counts(const TestStep& step);
  void crash(const std::string& moment);
  void rebalance(std::int64_t instances);

  std::optional<std::string> topic_of(const std::string& name, std::string& known) const;
  std::vector<ActualRecord> read(const std::string& topic);
  std::vector<ActualRecord> read_dead_letters();
  void keep_dead_letters();
  Failure differs(const TestStep& step, const std::vector<ActualRecord>& actual, bool all_fields);

  const TestFile& file_;
  const TestCase& case_;
  const job::JobPlan& plan_;
  const compile::CompiledJob& job_;
  TestDriver driver_;
  std::deque<int> instances_;              // That run.
  std::vector<ActualRecord> dead_;         // Not expected yet.
  std::vector<std::string> dead_letters_;  // All.
};

}  // namespace weir::test
