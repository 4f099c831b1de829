// Runs test files: the whole job on the engine itself, without a broker.
#pragma once

#include <string>
#include <vector>

#include "job/diagnostic.h"
#include "test/compare.h"
#include "test/test_file.h"

namespace weir::test {

struct TestOptions {
  std::string filter{};  // Only cases whose name holds this.
  bool update = false;   // Writes what came out into the file, where exact records were expected.
};

// What went wrong first in a case.
struct Failure {
  int line = 0;  // Of the test file.
  std::string text;
  std::vector<FieldPair> fields;            // Of the record that differs first.
  std::vector<std::string> actual;          // All that came out, when records differ.
  std::vector<std::string> dead_letters{};  // Of the whole case so far.
};

struct CaseResult {
  std::string name;
  int line = 0;
  std::optional<Failure> failure;
};

struct FileResult {
  std::string path;
  std::vector<job::Diagnostic> found;  // Of the test file or of its job; with errors nothing ran.
  std::string problem;                 // Why nothing ran, when it is nobody's line.
  std::vector<CaseResult> cases;
  int updated = 0;  // Expectations that were rewritten.

  bool passed() const;
};

FileResult run_test_file(const std::string& path, const TestOptions& options);

}  // namespace weir::test
