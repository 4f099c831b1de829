#include "cli/parse.h"

#include <set>

#include <gmock/gmock.h>

namespace weir::cli {
namespace {

using ::testing::ElementsAre;

Parsed parsed(std::vector<std::string> words) { return parse(words); }

TEST(Parse, FlagsTakeOneValueEachAndOperandsTheRest) {
  const Parsed line = parsed({"run", "a.yaml", "--set", "x=1", "b.yaml", "-X", "p=q", "--set=y=2",
                              "--until-end", "c.yaml"});
  ASSERT_TRUE(line.call) << line.mistake;
  EXPECT_THAT(line.call->operands(), ElementsAre("a.yaml", "b.yaml", "c.yaml"));
  EXPECT_THAT(line.call->values("--set"), ElementsAre("x=1", "y=2"));
  EXPECT_THAT(line.call->values("--property"), ElementsAre("p=q"));
  EXPECT_TRUE(line.call->has("--until-end"));
  EXPECT_FALSE(line.call->has("--drain"));
}

TEST(Parse, TheLastOfAFlagThatDoesNotRepeatCounts) {
  const Parsed line = parsed({"run", "a.yaml", "--brokers", "x:1", "--brokers", "y:1"});
  ASSERT_TRUE(line.call) << line.mistake;
  EXPECT_EQ(line.call->value("--brokers"), "y:1");
}

TEST(Parse, MistakesAreUsageErrors) {
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{},
                                             {"rum"},
                                             {"run"},
                                             {"run", "a.yaml", "--nothing"},
                                             {"run", "a.yaml", "--brokers"},
                                             {"validate", "a.yaml", "--format", "xml"},
                                             {"explain", "a", "b"}}) {
    const Parsed line = parse(words);
    EXPECT_FALSE(line.call);
    EXPECT_EQ(line.code, 64);
    EXPECT_FALSE(line.mistake.empty());
  }
}

TEST(Commands, HaveNoFlagTwiceAndNoLetterTwice) {
  for (const CommandSpec& command : commands()) {
    std::set<std::string_view> names;
    std::set<char> letters;
    std::vector<Flags> all = command.flags;
    all.push_back(common_flags());
    for (const Flags flags : all) {
      for (const FlagSpec& flag : flags) {
        EXPECT_TRUE(names.insert(flag.name).second) << command.name << " " << flag.name;
        if (flag.letter != '\0') {
          EXPECT_TRUE(letters.insert(flag.letter).second) << command.name << " -" << flag.letter;
        }
        EXPECT_FALSE(flag.doc.empty());
      }
    }
    EXPECT_NE(command.run, nullptr);
  }
}

}  // namespace
}  // namespace weir::cli
