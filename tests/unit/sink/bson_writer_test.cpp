#include "sink/bson_writer.h"

#include <gmock/gmock.h>

#include "sink/bson.h"

namespace weir::sink {
namespace {

using Type = SinkColumn::Type;

std::string written(BsonWriter& writer, std::string_view json, bool as_update = false) {
  Bson document;
  if (Status s = writer.write(json, document.get(), as_update); !s) return s.error().text;
  char* text = bson_as_canonical_extended_json(document.get(), nullptr);
  std::string made = text;
  bson_free(text);
  return made;
}

std::string written(std::vector<SinkColumn> columns, std::string_view json,
                    MongodbDecimals decimals = MongodbDecimals::decimal128) {
  BsonWriter writer(std::move(columns), decimals, MongodbTimes::date);
  return written(writer, json);
}

TEST(BsonWriter, KeepsDecimalsExactToTheEndsOfTheirRange) {
  const std::vector<SinkColumn> two{{.name = "d", .type = Type::decimal, .places = 2}};
  EXPECT_EQ(written(two, R"({"d":92233720368547758.07})"),
            R"({ "d" : { "$numberDecimal" : "92233720368547758.07" } })");
  EXPECT_EQ(written(two, R"({"d":-92233720368547758.08})"),
            R"({ "d" : { "$numberDecimal" : "-92233720368547758.08" } })");
  EXPECT_EQ(written(two, R"({"d":0.00})"), R"({ "d" : { "$numberDecimal" : "0.00" } })");
  EXPECT_EQ(written({{.name = "d", .type = Type::decimal, .places = 18}}, R"({"d":1e-18})"),
            R"({ "d" : { "$numberDecimal" : "1E-18" } })");
  EXPECT_EQ(written(two, R"({"d":0.5})", MongodbDecimals::real),
            R"({ "d" : { "$numberDouble" : "0.5" } })");
  EXPECT_EQ(written(two, R"({"d":null})"), R"({ "d" : null })");
}

TEST(BsonWriter, TakesTheSmallestIntegerThatHoldsAnUndeclaredNumber) {
  EXPECT_EQ(written({}, R"({"a":-2147483648,"b":2147483648,"c":9223372036854775808,"d":1e400})"),
            R"({ "a" : { "$numberInt" : "-2147483648" }, "b" : { "$numberLong" : "2147483648" }, )"
            R"("c" : { "$numberDouble" : "9223372036854775808.0" }, )"
            R"("d" : { "$numberDouble" : "Infinity" } })");
  EXPECT_EQ(written({}, R"({"a":1e-400,"b":-1e-400})"),
            R"({ "a" : { "$numberDouble" : "0.0" }, "b" : { "$numberDouble" : "-0.0" } })");
}

TEST(BsonWriter, ReadsEscapesInKeysAndTexts) {
  EXPECT_EQ(written({{.name = "a\"b", .type = Type::integer}}, R"({"a\"b":1,"t":"\u00e9\n"})"),
            "{ \"a\\\"b\" : { \"$numberLong\" : \"1\" }, \"t\" : \"\xc3\xa9\\n\" }");
}

TEST(BsonWriter, TakesTheLastOfARepeatedKeyInEveryObject) {
  EXPECT_EQ(written({{.name = "x", .type = Type::text}},
                    R"({"x":"1","o":{"y":"1","z":"1","\u0079":"2"},"x":"2"})"),
            R"({ "o" : { "z" : "1", "y" : "2" }, "x" : "2" })");
}

TEST(BsonWriter, FindsColumnsOutOfTheirOrder) {
  EXPECT_EQ(written({{.name = "a", .type = Type::integer}, {.name = "b", .type = Type::integer}},
                    R"({"b":1,"a":2})"),
            R"({ "b" : { "$numberLong" : "1" }, "a" : { "$numberLong" : "2" } })");
}

TEST(BsonWriter, LeavesTextThatIsNoTimeAsItIs) {
  EXPECT_EQ(written({{.name = "t", .type = Type::time}}, R"({"t":"yesterday"})"),
            R"({ "t" : "yesterday" })");
  EXPECT_EQ(written({{.name = "t", .type = Type::time}}, R"({"t":"1969-12-31T23:59:59.999Z"})"),
            R"({ "t" : { "$date" : { "$numberLong" : "-1" } } })");
}

TEST(BsonWriter, SaysWhatItCannotWriteAndGoesOn) {
  BsonWriter writer({}, MongodbDecimals::decimal128, MongodbTimes::date);
  for (const char* bad : {"", "[]", "7", "{", "{\"a\":\"\xff\"}", "{\"a\":1}x"}) {
    Bson document;
    EXPECT_FALSE(writer.write(bad, document.get(), false)) << bad;
  }
  EXPECT_EQ(written(writer, R"( {"a.b":true} )"), R"({ "a.b" : true })");
  EXPECT_EQ(written(writer, R"({"a.b":true})", true),
            "the field 'a.b' has a dot, which 'merge' takes for a path");
  EXPECT_EQ(written(writer, R"({"in":{"a.b":[]}})", true), R"({ "in" : { "a.b" : [  ] } })");
}

TEST(BsonWriter, CountsLevelsAsTheServerDoes) {
  const auto nested = [](int levels) {
    std::string text = "1";
    for (int i = 0; i < levels; ++i) text = i % 2 == 0 ? "[" + text + "]" : R"({"k":)" + text + "}";
    return R"({"top":)" + text + "}";
  };
  EXPECT_THAT(written({}, nested(99)), testing::StartsWith("{ \"top\""));
  EXPECT_EQ(written({}, nested(100)), "it is nested deeper than 100 levels");
}

}  // namespace
}  // namespace weir::sink
