// What is wrong with a job file, and where: for people, editors and other programs.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "job/source.h"

namespace weir::job {

enum class Severity { error, warning };

struct Diagnostic {
  Severity severity = Severity::error;
  std::string code;  // "E201"; `weir explain E201` prints a page about it.
  std::string file;
  int line = 0;  // From 1; 0 when it belongs to no line.
  int column = 0;
  int length = 0;  // Characters on that line.
  std::string text;
  std::string hint;                // What to do: "did you mean 'amount'?"
  std::vector<std::string> notes;  // What else one has to know.
  std::string excerpt;             // The line of the file; empty when it must not be shown.
};

// Collects the findings of one file.
class Diagnostics {
 public:
  static constexpr std::size_t kFindingsMax = 100;  // More help nobody.

  // REQUIRES: `source` outlives this.
  explicit Diagnostics(const Source& source) : source_(&source) {}

  // The returned finding may be completed: `.error(...).hint = "..."`. Valid until the next one.
  Diagnostic& error(std::string_view code, Place place, std::string text);
  Diagnostic& warning(std::string_view code, Place place, std::string text);

  bool has_errors() const { return errors_ > 0; }
  std::size_t errors() const { return errors_; }
  const Source& source() const { return *source_; }
  // As found; sorted by place after `sort()`.
  const std::vector<Diagnostic>& all() const { return all_; }
  void sort();
  void clear();

 private:
  Diagnostic& add(Severity severity, std::string_view code, Place place, std::string text);

  const Source* source_;
  std::vector<Diagnostic> all_;
  std::size_t errors_ = 0;
  Diagnostic surplus_;
};

// Of all `known` words the one most likely meant by `word`, or an empty view when none is close.
// Distance is Damerau-Levenshtein: a swap of neighbours is one slip.
std::string_view nearest(std::string_view word, std::span<const std::string_view> known);
std::string_view nearest(std::string_view word, const std::vector<std::string>& known);
// "did you mean 'amount'?", or nothing.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& known);

// A page about one code.
struct CodePage {
  std::string_view code;
  std::string_view title;
  std::string_view text;
};
std::span<const CodePage> code_pages();  // All, in order of code.
const CodePage* find_code_page(std::string_view code);

}  // namespace weir::job
