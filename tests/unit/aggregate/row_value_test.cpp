#include <limits>

#include <gtest/gtest.h>

#include "unit/aggregate/splitting.h"
#include <weir/row_value.h>

namespace weir {
namespace {

using Kind = JsonValue::Kind;

const std::vector<JsonValue> kOfEachKind = {
    JsonValue::null(),      JsonValue::boolean(true),     JsonValue::integer(-3),
    JsonValue::real(0.5),   JsonValue::decimal(75000, 2), JsonValue::string("a\0b"),
    JsonValue::time(1'000), JsonValue::raw("[1,2]")};

TEST(RowValue, OwnsItsText) {
  std::string text = "a text that is too long to lie in the value itself";
  RowValue value = JsonValue::string(text);
  text.assign(text.size(), '?');
  EXPECT_EQ(value.view().text(), "a text that is too long to lie in the value itself");
  const RowValue copy = value;
  value = JsonValue::string("b");
  EXPECT_EQ(copy.view().text(), "a text that is too long to lie in the value itself");
  EXPECT_EQ(value.view().text(), "b");
}

TEST(RowValue, RoundTripsEveryKind) {
  for (const JsonValue& value : kOfEachKind) {
    const RowValue kept = value;
    EXPECT_EQ(kept.view().kind(), value.kind());
    expect_round_trip(kept, RowValue(JsonValue::string("before")));
  }
}

TEST(RowValue, HasTheBytesOfItsGrammar) {
  EXPECT_EQ(hex(bytes_of(RowValue())), "00");
  EXPECT_EQ(hex(bytes_of(RowValue(JsonValue::boolean(true)))), "0102");
  EXPECT_EQ(hex(bytes_of(RowValue(JsonValue::integer(-3)))), "0205");
  EXPECT_EQ(hex(bytes_of(RowValue(JsonValue::real(0.5)))), "033fe0000000000000");
  EXPECT_EQ(hex(bytes_of(RowValue(JsonValue::decimal(32, 2)))), "040240");
  EXPECT_EQ(hex(bytes_of(RowValue(JsonValue::string("ab")))), "05026162");
  EXPECT_EQ(hex(bytes_of(RowValue(JsonValue::time(1)))), "0602");
  EXPECT_EQ(hex(bytes_of(RowValue(JsonValue::raw("{}")))), "07027b7d");
}

TEST(RowValue, RefusesDamage) {
  for (const std::string& bad :
       {std::string(), std::string("\x08\x00", 2), std::string("\x01\x04"), std::string("\x01\x01"),
        std::string("\x04\x13\x02"), std::string("\x04"), std::string("\x05\x03xy"),
        std::string("\x03\x00", 2), std::string("\xff\x00", 2), std::string("\x06")}) {
    Bytes in = bad;
    EXPECT_FALSE(RowValue().read(in)) << hex(bad);
  }
}

TEST(RowValue, ComparesNumbersOfAllKindsByValue) {
  const auto most = std::numeric_limits<std::int64_t>::max();
  const std::vector<JsonValue> ascending = {
      JsonValue::integer(std::numeric_limits<std::int64_t>::min()),
      JsonValue::decimal(-150, 2),
      JsonValue::integer(-1),
      JsonValue::decimal(1, 18),
      JsonValue::real(0.25),
      JsonValue::decimal(3, 1),
      JsonValue::integer(1),
      JsonValue::decimal(101, 2),
      JsonValue::integer(most - 1),
      JsonValue::integer(most)};
  for (std::size_t a = 0; a < ascending.size(); ++a) {
    for (std::size_t b = 0; b < ascending.size(); ++b) {
      EXPECT_EQ(is_before(ascending[a], ascending[b]), a < b) << a << " " << b;
      EXPECT_EQ(RowValue(ascending[a]) < ascending[b], a < b);
      EXPECT_EQ(ascending[a] < RowValue(ascending[b]), a < b);
    }
  }
  EXPECT_FALSE(is_before(JsonValue::integer(1), JsonValue::decimal(100, 2)));
  EXPECT_FALSE(is_before(JsonValue::decimal(100, 2), JsonValue::integer(1)));
}

TEST(RowValue, ComparesWithinEachKind) {
  EXPECT_TRUE(is_before(JsonValue::boolean(false), JsonValue::boolean(true)));
  EXPECT_FALSE(is_before(JsonValue::boolean(true), JsonValue::boolean(true)));
  EXPECT_TRUE(is_before(JsonValue::string("a"), JsonValue::string("ab")));
  EXPECT_TRUE(is_before(JsonValue::time(-1), JsonValue::time(0)));
  EXPECT_FALSE(is_before(JsonValue::null(), JsonValue::null()));
  EXPECT_TRUE(is_before(JsonValue::raw("[1]"), JsonValue::raw("[2]")));
  EXPECT_NE(is_before(JsonValue::string("1"), JsonValue::integer(1)),
            is_before(JsonValue::integer(1), JsonValue::string("1")));
}

TEST(RowValue, AreEqualWhenKindAndValueAre) {
  for (std::size_t a = 0; a < kOfEachKind.size(); ++a) {
    for (std::size_t b = 0; b < kOfEachKind.size(); ++b) {
      EXPECT_EQ(RowValue(kOfEachKind[a]) == RowValue(kOfEachKind[b]), a == b);
    }
  }
}

}  // namespace
}  // namespace weir
