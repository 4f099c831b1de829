// `keyed_by` is the word of whoever wrote the job. A sample of the records tells whether it is
// true: whether their key is the text of those fields.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "compile/steps.h"
#include "job/plan.h"

namespace weir::compile {

// How often it was not, of all tasks together.
using KeyMismatches = std::atomic<std::uint64_t>;

class KeyCheck {
 public:
  // Of this many records one is looked at, the first among them.
  static constexpr std::uint64_t kSampleEvery = 64;

  // Without `keyed_by` there is nothing to look at.
  KeyCheck(const job::StreamPlan& stream, std::shared_ptr<KeyMismatches> mismatches);

  void look(std::optional<std::string_view> key, std::span<const JsonValue> row) {
    if (!slots_.empty() && records_++ % kSampleEvery == 0) compare(key, row);
  }

 private:
  void compare(std::optional<std::string_view> key, std::span<const JsonValue> row);

  std::vector<std::size_t> slots_;
  std::shared_ptr<KeyMismatches> mismatches_;
  std::uint64_t records_ = 0;
  std::string text_;
};

}  // namespace weir::compile
