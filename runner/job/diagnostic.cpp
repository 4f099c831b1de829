#include "job/diagnostic.h"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace weir::job {

Diagnostic& Diagnostics::error(std::string_view code, Place place, std::string text) {
  ++errors_;
  return add(Severity::error, code, place, std::move(text));
}

Diagnostic& Diagnostics::warning(std::string_view code, Place place, std::string text) {
  return add(Severity::warning, code, place, std::move(text));
}

Diagnostic& Diagnostics::add(Severity severity, std::string_view code, Place place,
                             std::string text) {
  Diagnostic found;
  found.severity = severity;
  found.code = code;
  found.file = source_->name();
  found.text = std::move(text);
  if (!place.nowhere()) {
    const Position at = source_->position(place.offset);
    found.line = at.line;
    found.column = at.column;
    found.excerpt = source_->line(at.line);
    const std::string_view marked = source_->text(place);
    found.length = static_cast<int>(count_characters(marked.substr(0, marked.find('\n'))));
  }
  // Beyond the limit findings are still counted, but go to a slot that nobody prints.
  if (all_.size() >= kFindingsMax) return surplus_ = std::move(found);
  return all_.emplace_back(std::move(found));
}

void Diagnostics::sort() {
  std::stable_sort(all_.begin(), all_.end(), [](const Diagnostic& a, const Diagnostic& b) {
    return std::tie(a.line, a.column) < std::tie(b.line, b.column);
  });
}

void Diagnostics::clear() {
  all_.clear();
  errors_ = 0;
}

namespace {

// Optimal string alignment distance over three rows.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> two_ago(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    two_ago.swap(last);
    last.swap(row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] =
          std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], two_ago[j - 2] + 1);
      }
    }
  }
  return row[b.size()];
}

std::string lower(std::string_view text) {
  std::string small(text);
  for (char& c : small) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return small;
}

}  // namespace

std::string_view nearest(std::string_view word, std::span<const std::string_view> known) {
  constexpr std::size_t kLongestWord = 64;  // Longer ones are not slips of the finger.
  if (word.empty() || word.size() > kLongestWord) return {};
  const std::size_t slips_max = word.size() <= 2 ? 1 : word.size() <= 5 ? 2 : 3;
  std::string_view best;
  std::size_t best_slips = slips_max + 1;
  for (const std::string_view candidate : known) {
    if (candidate.size() > word.size() + slips_max || candidate.size() > kLongestWord) continue;
    const std::size_t slips = distance(lower(word), lower(candidate));
    if (slips < best_slips && slips < std::max(word.size(), candidate.size())) {
      best = candidate;
      best_slips = slips;
    }
  }
  return best;
}

std::string_view nearest(std::string_view word, const std::vector<std::string>& known) {
  const std::vector<std::string_view> views(known.begin(), known.end());
  const std::string_view best = nearest(word, std::span<const std::string_view>(views));
  for (const std::string& candidate : known) {
    if (candidate == best) return candidate;
  }
  return {};
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& known) {
  const std::string_view best = nearest(word, known);
  return best.empty() ? std::string() : "did you mean '" + std::string(best) + "'?";
}

const CodePage* find_code_page(std::string_view code) {
  for (const CodePage& page : code_pages()) {
    if (page.code == code) return &page;
  }
  return nullptr;
}

}  // namespace weir::job
