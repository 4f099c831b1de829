#include "json/value_at.h"

#include <gmock/gmock.h>

namespace weir::json {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> members_of(std::string_view object) {
  std::vector<std::string> found;
  for (Members members(object); members.next();) {
    found.push_back(std::string(members.key().text) + (members.key().escaped ? "\\" : "") + " " +
                    std::string(name_of(members.value().kind)) + " " +
                    std::string(members.value().text));
  }
  return found;
}

TEST(Members, ComeInOrderWithTheirKinds) {
  EXPECT_THAT(members_of(R"({"a":1,"b" : -2.5e3 ,"c":"x\"}","d":{"e":[1,{}]},"f":[],"g":null})"),
              ElementsAre("a a number 1", "b a number -2.5e3", "c text x\\\"}",
                          R"(d an object {"e":[1,{}]})", "f an array []", "g null null"));
  EXPECT_THAT(members_of("{ \n}"), ElementsAre());
  EXPECT_THAT(members_of(R"({"\u0061":true,"a":false})"),
              ElementsAre("\\u0061\\ true true", "a false false"));
}

TEST(TakeValue, LeavesWhatFollows) {
  std::string_view rest = R"("a\\" , 1)";
  const JsonSlot text = take_value(rest);
  EXPECT_EQ(text.text, "a\\\\");
  EXPECT_TRUE(text.escaped);
  EXPECT_EQ(rest, " , 1");
}

}  // namespace
}  // namespace weir::json
