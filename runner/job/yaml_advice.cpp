// yaml-cpp says "illegal map value" for most faults. What the line looks like says more.
#include <array>

#include "job/yaml.h"

namespace weir::job {

namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// What stands behind `- key: ` in the line.
std::string_view value_of(std::string_view line) {
  std::string_view rest = trimmed(line);
  while (rest.starts_with("- ")) rest = trimmed(rest.substr(2));
  const std::size_t colon = rest.find(": ");
  return colon == std::string_view::npos ? std::string_view() : trimmed(rest.substr(colon + 2));
}

bool text_after_closing_quote(std::string_view value) {
  if (value.empty() || (value[0] != '\'' && value[0] != '"')) return false;
  const std::size_t close = value.find(value[0], 1);
  if (close == std::string_view::npos) return false;
  const std::string_view rest = trimmed(value.substr(close + 1));
  return !rest.empty() && rest[0] != '#' && rest[0] != ',' && rest[0] != '}' && rest[0] != ']';
}

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// Inside {} and [] a comma, a question mark and a brace belong to YAML.
SyntaxAdvice explain_flow(std::string_view line) {
  if (has(line, "${")) {
    return {"'${...}' cannot stand inside {...} or [...]", "put it on its own line"};
  }
  if (has(line, "or null") || has(line, "?}") || has(line, "?,")) {
    return {"YAML does not allow '?' inside {...}", "an optional type is written 'string or null'"};
  }
  if (has(line, "?") || has(line, "(")) {
    return {"YAML cannot read this expression inside {...} or [...]",
            "put the expression on its own line"};
  }
  return {"a '{' or '[' is never closed", "close it, or write one 'key: value' on each line"};
}

struct Translation {
  std::string_view message;
  std::string_view text;
  std::string_view hint;
};

constexpr std::array<Translation, 9> kTranslations{{
    {"illegal EOF in scalar", "a quote is opened and never closed", "close the quote"},
    {"end of map not found", "this line does not fit the lines above it",
     "keys of one map start in the same column"},
    {"end of sequence not found", "this line does not fit the list above it",
     "the dashes of one list stand in the same column"},
    {"illegal block entry", "a list item cannot start here",
     "start the list on its own line, below its key"},
    {"illegal map value", "YAML does not expect a ':' here",
     "indent with blanks, one 'key: value' on each line"},
    {"tag handle with no suffix", "YAML reads '!' as the start of a tag",
     "to negate, write 'not'; a text that starts with '!' needs quotes"},
    {"the referenced anchor is not defined", "aliases ('*name') are not supported",
     "a text that starts with '*' needs quotes"},
    {"cannot assign multiple anchors", "anchors ('&name') are not supported",
     "a text that starts with '&' needs quotes"},
    {"unknown escape character", "this escape is not known between double quotes",
     "use single quotes: nothing is an escape there"},
}};

}  // namespace

SyntaxAdvice explain_syntax(const Source& source, std::size_t offset, std::string_view message) {
  const std::string_view line = source.line(source.position(offset).line);
  const std::string_view value = value_of(line);
  const std::string_view indent = line.substr(0, line.find_first_not_of(" \t"));
  if (has(indent, "\t")) return {"a tab cannot indent in YAML", "indent with blanks"};
  if (text_after_closing_quote(value)) {
    return {"a value that starts with a quote ends at the next one",
            "start with something else, as in b == 'a', or put all of it between double quotes"};
  }
  if (value.starts_with(">") || value.starts_with("|")) {
    return {"a value cannot start with '" + std::string(value.substr(0, 1)) +
                "': YAML reads a block of text",
            "an expression starts with what it compares, as in 'amount > 5'"};
  }
  if (!value.empty() && has("%@`", value.substr(0, 1))) {
    return {"a value cannot start with '" + std::string(value.substr(0, 1)) + "' in YAML",
            "put it between single quotes"};
  }
  const bool flow = has(message, "flow") || has(line, "{") || has(line, "[");
  if (flow) return explain_flow(line);
  if (has(value, " ? ")) {
    return {"'a ? b : c' is not part of the language", "write: case when a then b else c end"};
  }
  if (has(value, ": ") || value.ends_with(":")) {
    return {"a second ': ' in one line", "a text with ': ' in it needs quotes"};
  }
  for (const Translation& known : kTranslations) {
    if (has(message, known.message)) return {std::string(known.text), std::string(known.hint)};
  }
  return {"this is not YAML: " + std::string(message), ""};
}

}  // namespace weir::job
