#include "cli/letter_print.h"

#include <gmock/gmock.h>

namespace weir::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

run::DeadLetter letter(std::string_view reason, Timestamp time) {
  run::DeadLetter made{
      .partition = 2, .offset = 9, .time = time, .key = "k", .value = R"({"a":1})"};
  made.reason = reason;
  made.step = "orders.1";
  made.message = "amount > 0";
  made.topic = "orders";
  made.from_partition = 1;
  made.from_offset = 51'002;
  return made;
}

TEST(LetterPrint, GroupsByReasonAndStepWithTheNewestAsExample) {
  LetterGroups groups;
  groups.add(letter("require", 1'764'000'000'000), "orders.1");
  groups.add(letter("require", 1'764'000'060'000), "orders.1");
  groups.add(letter("decode", 1'764'000'000'000), "orders");
  groups.add(letter("require", 1'764'100'000'000), "orders.2");
  groups.add(letter("require", 1'764'000'000'000), "orders.2");
  EXPECT_EQ(groups.text(),
            "REASON   STEP      COUNT  FIRST                LAST\n"
            "decode   orders        1  2025-11-24T16:00:00  16:00:00\n"
            "  orders/1@51002  amount > 0\n"
            "require  orders.1      2  2025-11-24T16:00:00  16:01:00\n"
            "  orders/1@51002  amount > 0\n"
            "require  orders.2      2  2025-11-24T16:00:00  2025-11-25T19:46:40\n"
            "  orders/1@51002  amount > 0\n");
  EXPECT_EQ(groups.count(), 5U);
  EXPECT_THAT(groups.json(), HasSubstr(R"({"reason":"require","step":"orders.1","count":2,)"
                                       R"("first":"2025-11-24T16:00:00Z",)"
                                       R"("last":"2025-11-24T16:01:00Z")"));
}

TEST(LetterPrint, ALetterIsShownWholeAndDoesNotPlayWithTheTerminal) {
  run::DeadLetter one = letter("require", 1'764'000'000'000);
  const Header headers[] = {{"trace", "1"}, {"trace", std::nullopt}};
  one.headers.assign(std::begin(headers), std::end(headers));
  one.value = "\033[2J{bad";
  const std::string text = letter_text(one, "clean.1");
  EXPECT_THAT(text, HasSubstr("2@9  require in clean.1  orders/1@51002  2025-11-24T16:00:00Z\n"));
  EXPECT_THAT(text, HasSubstr("  header trace = null\n"));
  EXPECT_THAT(text, Not(HasSubstr("\033")));
  EXPECT_THAT(letter_json("dlq", one, "clean.1"),
              HasSubstr(R"("headers":[["trace","1"],["trace",null]])"));
  EXPECT_THAT(letter_json("dlq", one, "clean.1"), HasSubstr(R"("value":"\u001b[2J{bad"})"));
}

TEST(LetterPrint, JsonStaysJson) {
  EXPECT_THAT(letter_json("dlq", letter("late", 0), ""), HasSubstr(R"("value":{"a":1}})"));
  run::DeadLetter none = letter("late", 0);
  none.value = std::nullopt;
  EXPECT_THAT(letter_json("dlq", none, ""), HasSubstr(R"("value":null})"));
}

}  // namespace
}  // namespace weir::cli
