// Any bytes as a test file: findings, never a crash. What was read can be sent.
#include "test/test_file.h"

#include <cstddef>
#include <cstdint>
#include <string>

#include "job/diagnostic_print.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace weir;
  const job::Source source("job.test.yaml",
                           std::string(reinterpret_cast<const char*>(bytes), size));
  job::Diagnostics found(source);
  const auto file = test::read_test(found);
  if (file.has_value() == found.has_errors()) __builtin_trap();
  if (print_pretty(found.all(), true).empty() != found.all().empty()) __builtin_trap();
  if (!file) return 0;
  for (const test::TestCase& one : file->cases) {
    for (const test::TestStep& step : one.steps) {
      for (const test::ExpectedRecord& record : step.expected) {
        if (!record.raw) (void)test::json_of(record.value, file->epoch);
      }
    }
  }
  return 0;
}
