#include "cli/completion.h"

#include "cli/command.h"

namespace weir::cli {

namespace {

std::string joined(std::span<const std::string_view> words) {
  std::string out;
  for (const std::string_view word : words) {
    if (!out.empty()) out += ' ';
    out += word;
  }
  return out;
}

std::string command_names() {
  std::string out;
  for (const CommandSpec& command : commands()) {
    if (!command.hidden) out += (out.empty() ? "" : " ") + std::string(command.name);
  }
  return out;
}

std::string flag_names(const CommandSpec& command) {
  std::string out;
  for (const Flags flags : command.flags) {
    for (const FlagSpec& flag : flags) out += std::string(flag.name) + " ";
  }
  for (const FlagSpec& flag : common_flags()) out += std::string(flag.name) + " ";
  return out;
}

template <class Visit>
void each_flag(Visit visit) {
  for (const CommandSpec& command : commands()) {
    if (command.hidden) continue;
    for (const Flags flags : command.flags) {
      for (const FlagSpec& flag : flags) visit(command, flag);
    }
    for (const FlagSpec& flag : common_flags()) visit(command, flag);
  }
}

std::string bash() {
  std::string out =
      "_weir() {\n  local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
      "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n    COMPREPLY=($(compgen -W \"" +
      command_names() +
      "\" -- \"$current\"))\n    return\n  fi\n  case ${COMP_WORDS[1]}:$before in\n";
  each_flag([&](const CommandSpec& command, const FlagSpec& flag) {
    if (flag.words.empty()) return;
    out += "    " + std::string(command.name) + ":" + std::string(flag.name) +
           ") COMPREPLY=($(compgen -W \"" + joined(flag.words) +
           "\" -- \"$current\")); return ;;\n";
  });
  out +=
      "  esac\n  case $current in\n    -*) ;;\n    *) COMPREPLY=($(compgen -f -- \"$current\"))"
      "; return ;;\n  esac\n  case ${COMP_WORDS[1]} in\n";
  for (const CommandSpec& command : commands()) {
    if (command.hidden) continue;
    out += "    " + std::string(command.name) + ") COMPREPLY=($(compgen -W \"" +
           flag_names(command) + "\" -- \"$current\")) ;;\n";
  }
  return out + "  esac\n}\ncomplete -o filenames -F _weir weir\n";
}

// Within single quotes, and without what _arguments reads as its own.
std::string zsh_quoted(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      if (c == '[' || c == ']' || c == ':') out += '\\';
      out += c;
    }
  }
  return out;
}

std::string zsh() {
  std::string out =
      "#compdef weir\n_weir() {\n  if (( CURRENT == 2 )); then\n    local -a names=(\n";
  for (const CommandSpec& command : commands()) {
    if (command.hidden) continue;
    out += "      '" + std::string(command.name) + ":" + zsh_quoted(command.summary) + "'\n";
  }
  out += "    )\n    _describe command names\n    return\n  fi\n  case $words[2] in\n";
  for (const CommandSpec& command : commands()) {
    if (command.hidden) continue;
    out += "    " + std::string(command.name) + ") _arguments '*:file:_files'";
    const auto add = [&](const FlagSpec& flag) {
      out += " '" + std::string(flag.repeats ? "*" : "") + std::string(flag.name) + "[" +
             zsh_quoted(flag.doc) + "]";
      if (!flag.value.empty()) out += ":" + zsh_quoted(flag.value) + ":";
      if (!flag.words.empty()) out += "(" + joined(flag.words) + ")";
      if (flag.takes == Takes::file || flag.takes == Takes::folder) out += "_files";
      out += "'";
    };
    for (const Flags flags : command.flags) {
      for (const FlagSpec& flag : flags) add(flag);
    }
    for (const FlagSpec& flag : common_flags()) add(flag);
    out += " ;;\n";
  }
  return out + "  esac\n}\n_weir \"$@\"\n";
}

std::string fish_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string fish() {
  std::string out;
  for (const CommandSpec& command : commands()) {
    if (command.hidden) continue;
    out += "complete -c weir -n __fish_use_subcommand -f -a " + std::string(command.name) + " -d " +
           fish_quoted(command.summary) + "\n";
  }
  each_flag([&](const CommandSpec& command, const FlagSpec& flag) {
    out += "complete -c weir -n '__fish_seen_subcommand_from " + std::string(command.name) +
           "' -l " + std::string(flag.name.substr(2));
    if (flag.letter != '\0') out += std::string(" -s ") + flag.letter;
    if (!flag.value.empty()) out += " -r";
    if (!flag.words.empty()) out += " -f -a '" + joined(flag.words) + "'";
    out += " -d " + fish_quoted(flag.doc) + "\n";
  });
  return out;
}

}  // namespace

std::string completion_script(std::string_view shell) {
  if (shell == "bash") return bash();
  if (shell == "zsh") return zsh();
  return fish();
}

}  // namespace weir::cli
