// The commands of `weir` as data: parsed by it, explained by it, completed by it, so that help,
// manual and shells cannot drift from what is accepted.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir::cli {

class Terminal;

// What stands behind a flag or for an operand; shells complete by it.
enum class Takes { nothing, text, file, folder, word, generator, code };

struct FlagSpec {
  std::string_view name{};   // "--brokers"
  char letter = '\0';        // 'X' for -X
  std::string_view value{};  // "LIST": what help calls it; empty: a switch.
  std::string_view doc{};
  Takes takes = Takes::text;
  std::span<const std::string_view> words{};  // Of Takes::word: no other is accepted.
  bool repeats = false;
};
using Flags = std::span<const FlagSpec>;

class Call;

struct CommandSpec {
  std::string_view name{};
  std::string_view summary{};   // One line.
  std::string_view operands{};  // "FILE...": as help writes it; empty: there are none.
  int operands_min = 0;
  int operands_max = 0;  // -1: any number.
  Takes takes = Takes::nothing;
  std::string_view text{};      // Paragraphs for help and manual.
  std::string_view examples{};  // A line each.
  std::vector<Flags> flags{};
  int (*run)(const Call& call, Terminal& terminal) = nullptr;
  bool hidden = false;
};

std::span<const CommandSpec> commands();
const CommandSpec* find_command(std::string_view name);
Flags common_flags();  // Of every command.

// A command line that was understood.
class Call {
 public:
  explicit Call(const CommandSpec& command) : command_(&command) {}

  const CommandSpec& command() const { return *command_; }
  const std::vector<std::string>& operands() const { return operands_; }
  bool has(std::string_view flag) const { return values_.contains(flag); }
  // The last value of a flag.
  std::optional<std::string> value(std::string_view flag) const;
  std::string value_or(std::string_view flag, std::string_view otherwise) const;
  std::vector<std::string> values(std::string_view flag) const;

  void add_operand(std::string operand) { operands_.push_back(std::move(operand)); }
  void add_value(std::string_view flag, std::string value) {
    values_[std::string(flag)].push_back(std::move(value));
  }

 private:
  const CommandSpec* command_;
  std::vector<std::string> operands_;
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
};

}  // namespace weir::cli
