#include "compile/row.h"

#include <gtest/gtest.h>

#include "compile/group_key.h"
#include "compile/row_writer.h"
#include "compile/typed_value.h"

namespace weir::compile {
namespace {

using expression::Kind;
using expression::Type;

std::vector<JsonValue> one_of_each() {
  return {JsonValue::null(),          JsonValue::boolean(true), JsonValue::boolean(false),
          JsonValue::integer(-5),     JsonValue::real(2.5),     JsonValue::decimal(-1234, 18),
          JsonValue::string("a\n"),   JsonValue::time(1'000),   JsonValue::raw("[1]"),
          JsonValue::decimal(750, 2), JsonValue::string("")};
}

std::string json(const JsonValue& value) {
  std::string text;
  append_json(text, value);
  return text;
}

TEST(Row, ReadsBackWhatItWrote) {
  Row row{one_of_each()};
  std::string bytes;
  row.write(bytes);
  Row back;
  Bytes in = bytes;
  ASSERT_TRUE(back.read(in));
  EXPECT_TRUE(in.empty());
  ASSERT_EQ(back.values.size(), row.values.size());
  for (std::size_t i = 0; i < row.values.size(); ++i) {
    EXPECT_EQ(back.values[i].kind(), row.values[i].kind());
    EXPECT_EQ(json(back.values[i]), json(row.values[i]));
  }
}

TEST(Row, RefusesBytesThatAreCut) {
  std::string bytes;
  Row{one_of_each()}.write(bytes);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    Row row;
    Bytes in = Bytes(bytes).substr(0, size);
    EXPECT_FALSE(row.read(in)) << size;
  }
}

TEST(Row, RefusesDetailsThatNoKindHas) {
  for (const std::string& bytes : {std::string("\x01\x11"), std::string("\x01\x08"),
                                   std::string("\x01\x9c\x02"), std::string("\x01\x0a\x02")}) {
    Row row;
    Bytes in = bytes;
    EXPECT_FALSE(row.read(in));
  }
}

TEST(RowWriter, PutsAJoinedRecordIntoAnObject) {
  expression::Schema schema;
  schema.add("id", Type::of(Kind::text));
  schema.columns.push_back({"pay", Type::of(Kind::map).or_null(), -1, true});
  schema.add("pay.amount", Type::decimal(2));
  schema.add("pay.note", Type::of(Kind::text));
  schema.add("n", Type::of(Kind::integer));
  const RowWriter writer(schema);
  std::vector<JsonValue> row{JsonValue::string("o\"1"), JsonValue::boolean(true),
                             JsonValue::decimal(700, 2), JsonValue::null(), JsonValue::integer(3)};
  std::string out;
  writer.write(row, out);
  EXPECT_EQ(out, R"({"id":"o\"1","pay":{"amount":7.00,"note":null},"n":3})");
  row[1] = JsonValue::null();
  out.clear();
  writer.write(row, out);
  EXPECT_EQ(out, R"({"id":"o\"1","pay":null,"n":3})");
}

TEST(RowWriter, LeavesFieldsOfMapsToTheMap) {
  expression::Schema schema;
  schema.add("m", Type::of(Kind::map));
  schema.add("m.a", Type::of(Kind::integer), 0);
  std::string out;
  RowWriter(schema).write(std::vector{JsonValue::raw(R"({"a":1,"b":2})"), JsonValue::integer(1)},
                          out);
  EXPECT_EQ(out, R"({"m":{"a":1,"b":2}})");
}

TEST(RowWriter, KeepsAnOpenRecordButForWhatWasSet) {
  expression::Schema schema;
  schema.open = true;
  schema.add("", Type::of(Kind::any));
  schema.add("b", Type::of(Kind::any).or_null());
  schema.add("c", Type::of(Kind::any).or_null());
  std::string out;
  RowWriter(schema).write(
      std::vector{JsonValue::raw(R"({"a":1,"b":2})"), JsonValue::integer(5), JsonValue::null()},
      out);
  EXPECT_EQ(out, R"({"a":1,"b":5})");
}

JsonValue typed(std::string_view text, const Type& type) {
  static expression::Arena arena;
  JsonValue value;
  const Status status = read_typed(slot_of(text), "f", type, {}, arena, value);
  return status ? value : JsonValue::string("an error");
}
bool fits(std::string_view text, const Type& type) {
  expression::Arena arena;
  JsonValue value;
  return static_cast<bool>(read_typed(slot_of(text), "f", type, {}, arena, value));
}

TEST(TypedValue, RoundsToTheDeclaredPlaces) {
  EXPECT_EQ(json(typed("59.970000000000006", Type::decimal(2))), "59.97");
  EXPECT_EQ(json(typed("5e0", Type::of(Kind::integer))), "5");
  EXPECT_EQ(json(typed(R"("a\u0041")", Type::of(Kind::text))), R"("aA")");
}

TEST(TypedValue, LooksIntoListsAndMaps) {
  const Type list = Type::list_of(Type::map_of({{"n", Type::of(Kind::integer)}}));
  EXPECT_TRUE(fits(R"([{"n":1},{"n":2,"x":"y"}])", list));
  EXPECT_TRUE(fits("[]", list));
  EXPECT_FALSE(fits(R"([{"n":"1"}])", list));
  EXPECT_FALSE(fits("[{}]", list));
  EXPECT_FALSE(fits("{}", list));
}

TEST(TypedValue, KnowsDates) {
  EXPECT_TRUE(fits(R"("2024-02-29")", Type::of(Kind::date)));
  EXPECT_FALSE(fits(R"("2025-02-29")", Type::of(Kind::date)));
  EXPECT_FALSE(fits(R"("2025-02-28T00:00:00Z")", Type::of(Kind::date)));
}

TEST(TypedValue, TakesNullOnlyWhereItMayBe) {
  EXPECT_FALSE(fits("null", Type::of(Kind::text)));
  EXPECT_TRUE(fits("null", Type::of(Kind::text).or_null()));
  EXPECT_TRUE(fits("null", Type::of(Kind::any)));
}

}  // namespace
}  // namespace weir::compile
