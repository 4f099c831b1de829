#include "cli/parse.h"

#include <algorithm>
#include <deque>

#include <CLI/CLI.hpp>

#include "cli/exit_code.h"
#include "cli/help.h"
#include "job/diagnostic.h"

namespace weir::cli {

namespace {

// What CLI11 fills for one flag.
struct Seen {
  const FlagSpec* flag;
  CLI::Option* option = nullptr;
  std::vector<std::string> values{};
  bool is_set = false;
};

void add_flag(CLI::App& app, Seen& seen) {
  const FlagSpec& flag = *seen.flag;
  std::string name(flag.name);
  if (flag.letter != '\0') name += std::string(",-") + flag.letter;
  if (flag.value.empty()) {
    seen.option = app.add_flag(name, seen.is_set);
    return;
  }
  seen.option = app.add_option(name, seen.values)->expected(1)->allow_extra_args(false);
  seen.option->multi_option_policy(flag.repeats ? CLI::MultiOptionPolicy::TakeAll
                                                : CLI::MultiOptionPolicy::TakeLast);
}

Parsed refuse(std::string text, const CommandSpec* command) {
  const std::string of = command == nullptr ? "weir" : "weir " + std::string(command->name);
  Parsed parsed;
  parsed.mistake = of + ": " + text + "\ntry '" + of + " --help'";
  parsed.code = kUsage;
  return parsed;
}

std::string near(std::string_view word, const CommandSpec& command) {
  std::vector<std::string> known;
  for (const Flags flags : command.flags) {
    for (const FlagSpec& flag : flags) known.emplace_back(flag.name);
  }
  for (const FlagSpec& flag : common_flags()) known.emplace_back(flag.name);
  const std::string meant = job::did_you_mean(word, known);
  return meant.empty() ? "" : "; " + meant;
}

// CLI11's words for what is wrong name its own classes; ours name the flag.
std::string reason(const CLI::ParseError& error, std::span<const std::string> words,
                   const CommandSpec& command) {
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
    for (const std::string& word : words) {
      const std::string name = word.substr(0, word.find('='));
      if (!name.starts_with("--")) continue;
      const auto is = [&](const FlagSpec& flag) { return flag.name == name; };
      const bool known = std::ranges::any_of(common_flags(), is) ||
                         std::ranges::any_of(command.flags, [&](Flags flags) {
                           return std::ranges::any_of(flags, is);
                         });
      if (!known) return "there is no flag '" + name + "'" + near(name, command);
    }
    return "too many arguments";
  }
  return error.what();
}

bool fill(Call& call, const std::deque<Seen>& seen, std::string& mistake) {
  for (const Seen& one : seen) {
    if (one.flag->value.empty()) {
      if (one.is_set) call.add_value(one.flag->name, "");
      continue;
    }
    for (const std::string& value : one.values) {
      if (!one.flag->words.empty() &&
          std::ranges::find(one.flag->words, value) == one.flag->words.end()) {
        mistake = "'" + value + "' is no value of " + std::string(one.flag->name) + ":";
        for (const std::string_view word : one.flag->words) mistake += " " + std::string(word);
        return false;
      }
      call.add_value(one.flag->name, value);
    }
  }
  return true;
}

Parsed parse_command(const CommandSpec& command, std::span<const std::string> words) {
  CLI::App app;
  app.set_help_flag("");
  std::deque<Seen> seen;
  for (const FlagSpec& flag : common_flags()) add_flag(app, seen.emplace_back(Seen{&flag}));
  for (const Flags flags : command.flags) {
    for (const FlagSpec& flag : flags) add_flag(app, seen.emplace_back(Seen{&flag}));
  }
  std::vector<std::string> operands;
  if (command.operands_max != 0) app.add_option("operands", operands)->expected(-1);
  std::vector<std::string> reversed(words.rbegin(), words.rend());
  try {
    app.parse(reversed);
  } catch (const CLI::ParseError& error) {
    return refuse(reason(error, words, command), &command);
  }
  Parsed parsed;
  Call call(command);
  std::string mistake;
  if (!fill(call, seen, mistake)) return refuse(mistake, &command);
  for (std::string& operand : operands) call.add_operand(std::move(operand));
  if (call.has("--help")) {
    parsed.help = help_of(command);
    return parsed;
  }
  const int count = static_cast<int>(call.operands().size());
  if (count < command.operands_min) {
    return refuse("needs " + std::string(command.operands), &command);
  }
  if (command.operands_max >= 0 && count > command.operands_max) {
    return refuse("too many arguments: '" + call.operands().back() + "'", &command);
  }
  parsed.call = std::move(call);
  return parsed;
}

}  // namespace

Parsed parse(std::span<const std::string> words) {
  if (words.empty()) {
    Parsed parsed = refuse("", nullptr);
    parsed.mistake = overview();
    return parsed;
  }
  const std::string& first = words.front();
  Parsed parsed;
  if (first == "--help" || first == "-h" || first == "help") {
    const CommandSpec* const asked = words.size() > 1 ? find_command(words[1]) : nullptr;
    parsed.help = asked == nullptr ? overview() : help_of(*asked);
    return parsed;
  }
  const CommandSpec* const command = find_command(first == "--version" ? "version" : first);
  if (command != nullptr) return parse_command(*command, words.subspan(1));
  std::vector<std::string> known;
  for (const CommandSpec& one : commands()) {
    if (!one.hidden) known.emplace_back(one.name);
  }
  const std::string meant = job::did_you_mean(first, known);
  return refuse("there is no command '" + first + "'" + (meant.empty() ? "" : "; " + meant),
                nullptr);
}

}  // namespace weir::cli
