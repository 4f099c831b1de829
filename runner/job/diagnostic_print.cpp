#include "job/diagnostic_print.h"

#include <algorithm>
#include <set>

namespace weir::job {

namespace {

std::string_view word(Severity severity) {
  return severity == Severity::error ? "error" : "warning";
}

std::string place(const Diagnostic& d) {
  if (d.line == 0) return d.file;
  return d.file + ":" + std::to_string(d.line) + ":" + std::to_string(d.column);
}

// The characters before the caret as blanks, tabs kept, so that the caret stands below its word.
std::string indent_like(std::string_view line, int column) {
  std::string blanks;
  int seen = 1;
  for (std::size_t i = 0; i < line.size() && seen < column; ++i) {
    if ((static_cast<unsigned char>(line[i]) & 0xC0) == 0x80) continue;
    blanks += line[i] == '\t' ? '\t' : ' ';
    ++seen;
  }
  return blanks;
}

void print_excerpt(const Diagnostic& d, std::string_view on, std::string_view off,
                   std::string& out) {
  const std::string number = std::to_string(d.line);
  const std::string gutter(number.size(), ' ');
  const bool beside = d.hint.starts_with("did you mean");
  out += gutter + " |\n" + number + " | " + d.excerpt + "\n";
  out += gutter + " | " + indent_like(d.excerpt, d.column);
  out += on;
  out.append(static_cast<std::size_t>(std::max(1, d.length)), '^');
  if (beside) out += " " + d.hint;
  out += off;
  out += "\n";
}

}  // namespace

std::string print_plain(std::span<const Diagnostic> findings) {
  std::string out;
  for (const Diagnostic& d : findings) {
    out += place(d) + ": ";
    out += word(d.severity);
    out += "[" + d.code + "]: " + d.text;
    if (!d.hint.empty()) out += " (" + d.hint + ")";
    out += "\n";
  }
  return out;
}

std::string print_pretty(std::span<const Diagnostic> findings, bool color) {
  std::string out;
  for (const Diagnostic& d : findings) {
    const bool error = d.severity == Severity::error;
    const std::string_view on = !color ? "" : error ? "\x1b[1;31m" : "\x1b[1;33m";
    const std::string_view off = color ? "\x1b[0m" : "";
    if (!out.empty()) out += "\n";
    out += on;
    out += word(d.severity);
    out += "[" + d.code + "]";
    out += off;
    out += ": " + d.text + "\n";
    const std::string gutter(d.line == 0 ? 1 : std::to_string(d.line).size(), ' ');
    out += gutter + "--> " + place(d) + "\n";
    if (!d.excerpt.empty()) print_excerpt(d, on, off, out);
    if (!d.hint.empty() && (d.excerpt.empty() || !d.hint.starts_with("did you mean"))) {
      out += gutter + " = " + d.hint + "\n";
    }
    for (const std::string& note : d.notes) out += gutter + " = " + note + "\n";
  }
  return out;
}

namespace {

// The bytes of the character of UTF-8 that `text` begins with; 0: it begins with none.
std::size_t utf8_size(std::string_view text) {
  const auto byte = [&](std::size_t at) {
    return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U;
  };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t size = first < 0xC2   ? 0
                           : first < 0xE0 ? 2
                           : first < 0xF0 ? 3
                           : first < 0xF5 ? 4
                                          : 0;
  for (std::size_t at = 1; at < size; ++at) {
    if ((byte(at) & 0xC0) != 0x80) return 0;
  }
  // Too long for what they say, halves of pairs, beyond the last character.
  const unsigned second = byte(1);
  const bool wrong = (first == 0xE0 && second < 0xA0) || (first == 0xED && second >= 0xA0) ||
                     (first == 0xF0 && second < 0x90) || (first == 0xF4 && second >= 0x90);
  return wrong ? 0 : size;
}

}  // namespace

std::string json_quoted(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out = "\"";
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    const auto byte = static_cast<unsigned char>(c);
    if (const std::size_t size = utf8_size(text.substr(at)); size != 1) {
      if (size == 0) out += "\\ufffd";  // Bytes of a bad record may come here.
      if (size > 1) out += text.substr(at, size);
      at += std::max<std::size_t>(size, 1) - 1;
    } else if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (byte < 0x20) {
      out += "\\u00";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string print_json(std::span<const Diagnostic> findings) {
  std::string out = "[";
  for (const Diagnostic& d : findings) {
    if (out.size() > 1) out += ",";
    out += "\n  {\"severity\": " + json_quoted(word(d.severity)) +
           ", \"code\": " + json_quoted(d.code) + ", \"file\": " + json_quoted(d.file) +
           ", \"line\": " + std::to_string(d.line) + ", \"column\": " + std::to_string(d.column) +
           ", \"length\": " + std::to_string(d.length) + ", \"text\": " + json_quoted(d.text) +
           ", \"hint\": " + json_quoted(d.hint) + ", \"notes\": [";
    for (std::size_t i = 0; i < d.notes.size(); ++i) {
      out += (i == 0 ? "" : ", ") + json_quoted(d.notes[i]);
    }
    out += "]}";
  }
  return out + (findings.empty() ? "]\n" : "\n]\n");
}

namespace {

std::string sarif_result(const Diagnostic& d) {
  std::string message = d.text;
  if (!d.hint.empty()) message += " (" + d.hint + ")";
  std::string out = "        {\"ruleId\": " + json_quoted(d.code) +
                    ", \"level\": " + json_quoted(word(d.severity)) +
                    ", \"message\": {\"text\": " + json_quoted(message) +
                    "}, \"locations\": [{\"physicalLocation\": {\"artifactLocation\": {\"uri\": " +
                    json_quoted(d.file) + "}";
  if (d.line != 0) {
    out += ", \"region\": {\"startLine\": " + std::to_string(d.line) +
           ", \"startColumn\": " + std::to_string(d.column) +
           ", \"endColumn\": " + std::to_string(d.column + std::max(1, d.length)) + "}";
  }
  return out + "}}]}";
}

}  // namespace

std::string print_sarif(std::span<const Diagnostic> findings, std::string_view version) {
  std::set<std::string> codes;
  std::string results;
  for (const Diagnostic& d : findings) {
    codes.insert(d.code);
    results += (results.empty() ? "\n" : ",\n") + sarif_result(d);
  }
  std::string rules;
  for (const std::string& code : codes) {
    const CodePage* page = find_code_page(code);
    rules += (rules.empty() ? "\n" : ",\n");
    rules += "          {\"id\": " + json_quoted(code);
    if (page != nullptr) {
      rules += ", \"shortDescription\": {\"text\": " + json_quoted(page->title) +
               "}, \"fullDescription\": {\"text\": " + json_quoted(page->text) + "}";
    }
    rules += "}";
  }
  return "{\n  \"$schema\": \"https://json.schemastore.org/sarif-2.1.0.json\",\n"
         "  \"version\": \"2.1.0\",\n  \"runs\": [\n    {\n"
         "      \"columnKind\": \"unicodeCodePoints\",\n"
         "      \"tool\": {\"driver\": {\"name\": \"weir\", \"version\": " +
         json_quoted(version) + ",\n        \"rules\": [" + rules +
         "\n        ]}},\n      \"results\": [" + results + "\n      ]\n    }\n  ]\n}\n";
}

namespace {

// Workflow commands end at line ends and treat '%' as an escape; properties also ':' and ','.
std::string github_escaped(std::string_view text, bool property) {
  std::string out;
  for (const char c : text) {
    if (c == '%') {
      out += "%25";
    } else if (c == '\n') {
      out += "%0A";
    } else if (c == '\r') {
      out += "%0D";
    } else if (property && c == ':') {
      out += "%3A";
    } else if (property && c == ',') {
      out += "%2C";
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

std::string print_github(std::span<const Diagnostic> findings) {
  std::string out;
  for (const Diagnostic& d : findings) {
    out += "::";
    out += word(d.severity);
    out += " file=" + github_escaped(d.file, true);
    if (d.line != 0) {
      out += ",line=" + std::to_string(d.line) + ",col=" + std::to_string(d.column) +
             ",endColumn=" + std::to_string(d.column + std::max(1, d.length));
    }
    out += ",title=" + d.code + "::" + github_escaped(d.text, false);
    if (!d.hint.empty()) out += " (" + github_escaped(d.hint, false) + ")";
    out += "\n";
  }
  return out;
}

}  // namespace weir::job
