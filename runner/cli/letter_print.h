// Dead letters as `weir dlq` shows them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "run/dead_letters.h"

namespace weir::cli {

// How many letters there are of each reason and step, with an example.
class LetterGroups {
 public:
  // `step`: what the letter's step is called.
  void add(const run::DeadLetter& letter, const std::string& step);
  bool empty() const { return groups_.empty(); }
  std::uint64_t count() const;
  std::string text() const;
  std::string json() const;  // A list.

 private:
  struct Group {
    std::uint64_t count = 0;
    Timestamp first = kEndOfTime;
    Timestamp last = kNoTime;
    std::string topic{};
    std::int32_t partition = -1;
    std::int64_t offset = -1;
    std::string message{};
  };
  std::map<std::pair<std::string, std::string>, Group> groups_;
};

inline constexpr std::size_t kTextIndent = 9;  // Where the texts of a letter begin.

// `step`: what the letter's step is called.
std::string letter_text(const run::DeadLetter& letter, const std::string& step);
std::string letter_json(const std::string& topic, const run::DeadLetter& letter,
                        const std::string& step);

}  // namespace weir::cli
