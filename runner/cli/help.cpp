#include "cli/help.h"

#include <algorithm>

#include "cli/layout.h"
#include <weir/version.h>

namespace weir::cli {

namespace {

constexpr std::size_t kTextColumn = 28;

std::string spelled(const FlagSpec& flag) {
  std::string text = flag.letter == '\0' ? "    " : std::string("-") + flag.letter + ", ";
  text += flag.name;
  if (!flag.value.empty()) text += " " + std::string(flag.value);
  return text;
}

std::string entry(std::string_view term, std::string_view doc) {
  std::string line = "  " + std::string(term);
  if (line.size() + 2 > kTextColumn) {
    line += "\n" + std::string(kTextColumn, ' ');
  } else {
    line.append(kTextColumn - line.size(), ' ');
  }
  return line + wrapped(doc, kTextColumn, kTextColumn) + "\n";
}

std::string doc_of(const FlagSpec& flag) {
  std::string doc(flag.doc);
  if (flag.words.empty()) return doc;
  doc += ": ";
  for (const std::string_view word : flag.words) {
    if (word != flag.words.front()) doc += ", ";
    doc += word;
  }
  return doc;
}

std::string usage(const CommandSpec& command) {
  std::string line = "weir " + std::string(command.name);
  if (!command.operands.empty()) line += " " + std::string(command.operands);
  return line + " [FLAG]...";
}

// Roff reads a leading dot or quote as a request, and a backslash as an escape.
std::string roff(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((i == 0 || text[i - 1] == '\n') && (text[i] == '.' || text[i] == '\'')) out += "\\&";
    if (text[i] == '\\') {
      out += "\\e";
    } else if (text[i] == '-') {
      out += "\\-";
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string manual_entry(const FlagSpec& flag) {
  std::string out = ".TP\n.B ";
  if (flag.letter != '\0') out += std::string("\\-") + flag.letter + ", ";
  out += roff(flag.name);
  if (!flag.value.empty()) out += "\\fR \\fI" + roff(flag.value) + "\\fR";
  return out + "\n" + roff(doc_of(flag)) + "\n";
}

constexpr std::string_view kExitCodes =
    "0 good; 1 a test failed or the job stopped with an error; 64 the command line; 69 no broker "
    "answers; 70 internal error; 73 a file or topic cannot be created; 74 state cannot be read or "
    "written; 75 try again later; 77 not allowed; 78 bad job file; 130 interrupted.";

}  // namespace

std::string overview() {
  std::string out = "weir: stream processing on Kafka\n\nusage: weir COMMAND [FLAG]...\n\n";
  for (const CommandSpec& command : commands()) {
    if (!command.hidden) out += entry(command.name, command.summary);
  }
  return out +
         "\n'weir COMMAND --help' says more. 'weir demo' shows a job at work, without a\n"
         "broker.\n";
}

std::string help_of(const CommandSpec& command) {
  std::string out = std::string(command.summary) + "\n\nusage: " + usage(command) + "\n";
  if (!command.text.empty()) out += "\n" + wrapped(command.text, 0, 0) + "\n";
  if (!command.flags.empty()) out += "\n";
  for (const Flags flags : command.flags) {
    for (const FlagSpec& flag : flags) out += entry(spelled(flag), doc_of(flag));
  }
  out += "\n";
  for (const FlagSpec& flag : common_flags()) out += entry(spelled(flag), doc_of(flag));
  if (!command.examples.empty()) out += "\nexamples:\n" + std::string(command.examples) + "\n";
  return out;
}

std::string manual() {
  std::string out = ".TH WEIR 1 \"\" \"weir " + std::string(kVersion) + "\" \"User Commands\"\n";
  out += ".SH NAME\nweir \\- stream processing on Kafka\n.SH SYNOPSIS\n.B weir\n";
  out += "\\fICOMMAND\\fR [\\fIFLAG\\fR]...\n.SH DESCRIPTION\n";
  out += "Runs stream processing jobs that are written as YAML files, and what belongs to that.\n";
  for (const CommandSpec& command : commands()) {
    if (command.hidden) continue;
    out += ".SH \"" + roff(usage(command)) + "\"\n" + roff(command.summary) + ".\n";
    if (!command.text.empty()) out += ".PP\n" + roff(command.text) + "\n";
    for (const Flags flags : command.flags) {
      for (const FlagSpec& flag : flags) out += manual_entry(flag);
    }
    if (!command.examples.empty()) out += ".PP\n.nf\n" + roff(command.examples) + "\n.fi\n";
  }
  out += ".SH \"FLAGS OF EVERY COMMAND\"\n";
  for (const FlagSpec& flag : common_flags()) out += manual_entry(flag);
  out += ".SH EXIT STATUS\n" + roff(kExitCodes) + "\n.SH ENVIRONMENT\n";
  out +=
      ".TP\n.B WEIR_BROKERS\nWhere the brokers are; \\-\\-brokers wins over it, it wins over "
      "the job.\n.TP\n.B NO_COLOR\nNo colours, when not empty.\n";
  return out;
}

}  // namespace weir::cli
