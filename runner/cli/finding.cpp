#include "cli/finding.h"

#include <algorithm>
#include <map>

#include "cli/layout.h"
#include "cli/terminal.h"
#include "job/diagnostic_print.h"
#include <weir/version.h>

namespace weir::cli {

namespace {

constexpr std::size_t kAreaColumns = 11;
constexpr std::size_t kIndent = 4 + kAreaColumns;

struct Mark {
  std::string_view sign;
  std::string_view style;
};

Mark mark_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::ok:
      return {"✔", "32"};
    case Verdict::unknown:
      return {"?", "36"};
    case Verdict::warn:
      return {"!", "33"};
    case Verdict::bad:
      return {"✘", "31"};
  }
  return {};
}

std::string_view none_is_ok(Verdict verdict) {
  return verdict == Verdict::unknown ? name_of(Verdict::ok) : name_of(verdict);
}

Verdict worst_of(const std::vector<Examination>& all) {
  Verdict worst = Verdict::ok;
  for (const Examination& one : all) worst = std::max(worst, one.findings.worst());
  return worst;
}

}  // namespace

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::ok:
      return "ok";
    case Verdict::unknown:
      return "unknown";
    case Verdict::warn:
      return "warn";
    case Verdict::bad:
      return "bad";
  }
  return "";
}

Verdict Findings::worst() const {
  Verdict worst = Verdict::ok;
  for (const Finding& finding : all_) {
    if (finding.verdict != Verdict::unknown) worst = std::max(worst, finding.verdict);
  }
  return worst;
}

std::string findings_text(const Examination& one, bool brief, bool color) {
  const auto is_told = [&](const Finding& finding) {
    return !brief || finding.verdict != Verdict::ok;
  };
  if (std::ranges::none_of(one.findings.all(), is_told)) return "";
  const bool fits = one.job.size() + 3 + one.file.size() <= kPageColumns;
  std::string out = styled(one.job, "1", color) + (fits ? "   " : "\n  ") + one.file + "\n";
  for (const Finding& finding : one.findings.all()) {
    if (!is_told(finding)) continue;
    const Mark mark = mark_of(finding.verdict);
    std::string area = finding.area;
    area.resize(std::max(area.size() + 1, kAreaColumns), ' ');
    out += "  " + styled(std::string(mark.sign), std::string(mark.style), color) + " " + area +
           wrapped(finding.reason, kIndent, kIndent) + "\n";
    if (finding.next.empty()) continue;
    out +=
        std::string(kIndent, ' ') + "-> " + wrapped(finding.next, kIndent + 3, kIndent + 3) + "\n";
  }
  return out;
}

std::string findings_summary(const std::vector<Examination>& all) {
  std::map<Verdict, int> counts;
  for (const Examination& one : all) {
    for (const Finding& finding : one.findings.all()) ++counts[finding.verdict];
  }
  const auto said = [&](Verdict verdict, const char* word) {
    return std::to_string(counts[verdict]) + " " + word;
  };
  return said(Verdict::bad, "bad, ") + said(Verdict::warn, "to watch, ") +
         said(Verdict::unknown, "not known, ") + said(Verdict::ok, "good");
}

std::string findings_json(const std::vector<Examination>& all) {
  using job::json_quoted;
  std::string out = "{\"weir\":" + json_quoted(kVersion) +
                    ",\"verdict\":" + json_quoted(none_is_ok(worst_of(all))) + ",\"jobs\":[";
  for (const Examination& one : all) {
    if (out.back() != '[') out += ",";
    out += "{\"job\":" + json_quoted(one.job) + ",\"file\":" + json_quoted(one.file) +
           ",\"verdict\":" + json_quoted(none_is_ok(one.findings.worst())) + ",\"findings\":[";
    for (const Finding& finding : one.findings.all()) {
      if (out.back() != '[') out += ",";
      out += "{\"area\":" + json_quoted(finding.area) +
             ",\"verdict\":" + json_quoted(name_of(finding.verdict)) +
             ",\"reason\":" + json_quoted(finding.reason) +
             ",\"next\":" + (finding.next.empty() ? "null" : json_quoted(finding.next)) + "}";
    }
    out += "]}";
  }
  return out + "]}\n";
}

}  // namespace weir::cli
