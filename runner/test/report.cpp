#include "test/report.h"

#include <algorithm>

#include "job/diagnostic_print.h"

namespace weir::test {

namespace {

std::string place(const FileResult& file, int line) {
  return file.path + ":" + std::to_string(line);
}

std::string padded(std::string text, std::size_t width) {
  const std::size_t characters = job::count_characters(text);
  return characters < width ? text + std::string(width - characters, ' ') : text;
}

std::string table(const std::vector<FieldPair>& fields) {
  constexpr std::size_t kCellMax = 60;
  std::size_t name = 5, expected = 8;
  for (const FieldPair& one : fields) {
    name = std::max(name, job::count_characters(one.name));
    expected = std::max(expected, std::min(kCellMax, job::count_characters(one.expected)));
  }
  std::string text =
      "      " + padded("field", name) + "  " + padded("expected", expected) + "  actual\n";
  for (const FieldPair& one : fields) {
    if (one.same && one.expected.empty()) continue;  // Nobody asked.
    const auto cell = [](const std::string& value) { return value.empty() ? "(none)" : value; };
    text += std::string("    ") + (one.same ? "  " : "! ") + padded(one.name, name) + "  " +
            padded(cell(one.expected), expected) + "  " + cell(one.actual) + "\n";
  }
  return text;
}

std::string details(const Failure& failure) {
  std::string text;
  if (!failure.fields.empty()) text += table(failure.fields);
  if (!failure.actual.empty()) text += "    what came out:\n";
  for (const std::string& record : failure.actual) text += "      " + record + "\n";
  if (!failure.dead_letters.empty()) text += "    dead letters:\n";
  for (const std::string& letter : failure.dead_letters) text += "      " + letter + "\n";
  return text;
}

std::string counted(std::size_t count, std::string_view word) {
  return std::to_string(count) + " " + std::string(word) + (count == 1 ? "" : "s");
}

// For XML; what no XML may hold becomes a question mark.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '"') {
      out += "&quot;";
    } else if (byte < 0x20 && c != '\n' && c != '\t') {
      out += '?';
    } else {
      out += c;
    }
  }
  return out;
}

std::string why_nothing_ran(const FileResult& file) {
  return file.problem.empty() ? job::print_plain(file.found)
                              : file.path + ": " + file.problem + "\n";
}

std::size_t failures(const FileResult& file) {
  return static_cast<std::size_t>(std::count_if(file.cases.begin(), file.cases.end(),
                                                [](const auto& one) { return one.failure; }));
}

std::string json_case(const FileResult& file, const CaseResult& one) {
  std::string text =
      "{\"file\":" + job::json_quoted(file.path) + ",\"line\":" + std::to_string(one.line) +
      ",\"name\":" + job::json_quoted(one.name) + ",\"passed\":" + (one.failure ? "false" : "true");
  if (!one.failure) return text + "}";
  text += ",\"failure\":{\"line\":" + std::to_string(one.failure->line) +
          ",\"text\":" + job::json_quoted(one.failure->text) + ",\"fields\":[";
  for (std::size_t i = 0; i < one.failure->fields.size(); ++i) {
    const FieldPair& field = one.failure->fields[i];
    text += std::string(i > 0 ? "," : "") + "{\"name\":" + job::json_quoted(field.name) +
            ",\"expected\":" + job::json_quoted(field.expected) +
            ",\"actual\":" + job::json_quoted(field.actual) +
            ",\"same\":" + (field.same ? "true" : "false") + "}";
  }
  return text + "]}}";
}

}  // namespace

std::string print_text(std::span<const FileResult> results) {
  std::string text;
  std::size_t cases = 0, failed = 0, broken = 0, updated = 0;
  for (const FileResult& file : results) {
    cases += file.cases.size();
    failed += failures(file);
    updated += static_cast<std::size_t>(file.updated);
    if (file.cases.empty() && !file.passed()) {
      ++broken;
      text += why_nothing_ran(file);
    }
    for (const CaseResult& one : file.cases) {
      if (!one.failure) continue;
      text += place(file, one.failure->line) + ": FAILED: " + one.name + "\n    " +
              one.failure->text + "\n" + details(*one.failure);
    }
    if (!file.cases.empty() && !file.problem.empty())
      text += file.path + ": " + file.problem + "\n";
  }
  text += counted(cases, "case") + " in " + counted(results.size(), "file") + ": " +
          std::to_string(cases - failed) + " passed, " + std::to_string(failed) + " failed";
  if (broken > 0) text += ", " + counted(broken, "file") + " could not run";
  if (updated > 0) text += ", " + counted(updated, "expectation") + " rewritten";
  return text + "\n";
}

std::string print_json(std::span<const FileResult> results) {
  std::string text = "{\"cases\":[";
  bool first = true;
  for (const FileResult& file : results) {
    for (const CaseResult& one : file.cases) {
      text += (first ? "" : ",") + json_case(file, one);
      first = false;
    }
  }
  text += "],\"problems\":[";
  first = true;
  for (const FileResult& file : results) {
    if (!file.cases.empty() || file.passed()) continue;
    text += (first ? "" : ",") + std::string("{\"file\":") + job::json_quoted(file.path) +
            ",\"text\":" + job::json_quoted(why_nothing_ran(file)) + "}";
    first = false;
  }
  return text + "]}\n";
}

std::string print_junit(std::span<const FileResult> results) {
  std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
  for (const FileResult& file : results) {
    const bool broken = file.cases.empty() && !file.passed();
    text += "  <testsuite name=\"" + escaped(file.path) + "\" tests=\"" +
            std::to_string(file.cases.size() + (broken ? 1 : 0)) + "\" failures=\"" +
            std::to_string(failures(file)) + "\" errors=\"" + (broken ? "1" : "0") + "\">\n";
    if (broken) {
      text += "    <testcase name=\"the file\"><error message=\"could not run\">" +
              escaped(why_nothing_ran(file)) + "</error></testcase>\n";
    }
    for (const CaseResult& one : file.cases) {
      text += "    <testcase name=\"" + escaped(one.name) + "\" file=\"" + escaped(file.path) +
              "\" line=\"" + std::to_string(one.line) + "\"";
      if (!one.failure) {
        text += "/>\n";
        continue;
      }
      text += "><failure message=\"" + escaped(one.failure->text) + "\">" +
              escaped(place(file, one.failure->line) + "\n" + details(*one.failure)) +
              "</failure></testcase>\n";
    }
    text += "  </testsuite>\n";
  }
  return text + "</testsuites>\n";
}

}  // namespace weir::test
