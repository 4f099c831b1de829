#include <gtest/gtest.h>

#include <weir/json_reader.h>

namespace weir {
namespace {

// What a reader that knows the shape and one that does not find at `path`: "kind:text".
std::string found(const std::string& path, const std::string& record) {
  const auto show = [](const JsonSlot& slot) {
    return std::string(name_of(slot.kind)) + ":" + std::string(slot.text) +
           (slot.escaped ? " escaped" : "");
  };
  JsonReader reader({path});
  EXPECT_TRUE(reader.read(record)) << record;
  const std::string first = show(reader[0]);
  EXPECT_TRUE(reader.read(record)) << record;
  EXPECT_EQ(show(reader[0]), first) << record;
  EXPECT_EQ(reader.shape_hits(), 1U);
  return first;
}

TEST(JsonReader, FindsScalars) {
  const std::string record =
      R"({"s":"text","e":"a\"b","n":-1.50e3,"t":true,"f":false,"z":null,"":"empty"})";
  EXPECT_EQ(found("s", record), "text:text");
  EXPECT_EQ(found("e", record), "text:a\\\"b escaped");
  EXPECT_EQ(found("n", record), "a number:-1.50e3");
  EXPECT_EQ(found("t", record), "true:true");
  EXPECT_EQ(found("f", record), "false:false");
  EXPECT_EQ(found("z", record), "null:null");
  EXPECT_EQ(found("missing", record), "missing:");
  EXPECT_EQ(found("", record), "an object:" + record);
}

TEST(JsonReader, FindsWhatIsNested) {
  const std::string record = R"({"a":{"b":{"c":"deep"},"c":1},"c":2,"l":[{"c":3}]})";
  EXPECT_EQ(found("a.b.c", record), "text:deep");
  EXPECT_EQ(found("a.c", record), "a number:1");
  EXPECT_EQ(found("c", record), "a number:2");
  EXPECT_EQ(found("a.b", record), R"(an object:{"c":"deep"})");
  EXPECT_EQ(found("l", record), R"(an array:[{"c":3}])");
  EXPECT_EQ(found("l.c", record), "missing:");
  EXPECT_EQ(found("c.a", record), "missing:");
}

TEST(JsonReader, TheLastOfARepeatedKeyCounts) {
  EXPECT_EQ(found("a", R"({"a":1,"a":2})"), "a number:2");
  EXPECT_EQ(found("a", R"({"a":1,"\u0061":"x"})"), "text:x");
  EXPECT_EQ(found("a", R"({"a":[1],"a":{"b":2}})"), R"(an object:{"b":2})");
  EXPECT_EQ(found("a.b", R"({"a":{"b":1},"a":{"c":2}})"), "missing:");
  EXPECT_EQ(found("a.b", R"({"a":{"b":1},"a":5})"), "missing:");
  EXPECT_EQ(found("a.b", R"({"a":{"b":1},"a":[]})"), "missing:");
  EXPECT_EQ(found("a.b", R"({"a":{"b":1,"b":3}})"), "a number:3");
  EXPECT_EQ(found("a.b.c", R"({"a":{"b":{"c":1}},"a":{"b":{}}})"), "missing:");
}

// Two known shapes make a third one, in which a key comes twice.
TEST(JsonReader, ShapesThatJoinKeepToTheLastKeyToo) {
  JsonReader reader({"a.b"});
  ASSERT_TRUE(reader.read(R"({"a":{"b":1},"x":0})"));
  ASSERT_TRUE(reader.read(R"({"x":0,"a":{"c":2}})"));
  const std::uint64_t before = reader.shape_hits();
  ASSERT_TRUE(reader.read(R"({"a":{"b":1},"x":0,"a":{"c":2}})"));
  EXPECT_EQ(reader.shape_hits(), before + 1);
  EXPECT_EQ(reader[0].kind, JsonKind::kMissing);
}

TEST(JsonReader, NothingIsLeftOfTheRecordBefore) {
  JsonReader reader({"a", "b"});
  ASSERT_TRUE(reader.read(R"({"a":1,"b":2})"));
  ASSERT_TRUE(reader.read(R"({"a":1})"));
  EXPECT_EQ(reader[1].kind, JsonKind::kMissing);
  ASSERT_TRUE(reader.read(R"({"a":1,"b":2})"));
  ASSERT_TRUE(reader.read(R"({"a":1})"));
  EXPECT_EQ(reader[1].kind, JsonKind::kMissing);
  EXPECT_EQ(reader.shape_hits(), 2U);
}

TEST(JsonReader, AnEmptyReaderAcceptsNothingBeforeItHasRead) {
  JsonReader reader({"a"});
  EXPECT_FALSE(reader.read(""));
  EXPECT_FALSE(reader.read("\x01"));
  EXPECT_FALSE(reader.read(std::string_view("\0", 1)));
}

TEST(JsonReader, ADamagedRecordOfAKnownShapeHasItsPosition) {
  JsonReader reader({"a"});
  ASSERT_TRUE(reader.read(R"({"a":1,"b":"x"})"));
  const Status s = reader.read(R"({"a":1,"b":x})");
  ASSERT_FALSE(s);
  EXPECT_EQ(s.error().position, 11U);
  EXPECT_EQ(s.error().to_string(), "not valid JSON: a value is expected at byte 11");
}

TEST(JsonReader, InvalidUtf8IsSeenBehindAnEscape) {
  JsonReader reader({"a"});
  ASSERT_TRUE(reader.read(R"({"a":"x"})"));
  EXPECT_TRUE(reader.read("{\"a\":\"\\n Zo\xc3\xab\"}"));
  EXPECT_FALSE(reader.read("{\"a\":\"\\n Zo\xc3\"}"));
  EXPECT_FALSE(reader.read("{\"a\":\"Zo\xc3\"}"));
}

// Records that never repeat a shape cost no more and more memory; those that do are found again.
TEST(JsonReader, GivesUpOnShapesForAWhile) {
  JsonReader reader({"a"});
  for (int i = 0; i < 5000; ++i) {
    const std::string record = "{\"k" + std::to_string(i) + "\":1,\"a\":" + std::to_string(i) + "}";
    ASSERT_TRUE(reader.read(record));
    ASSERT_EQ(reader[0].text, std::to_string(i));
  }
  for (int i = 0; i < 3000; ++i) ASSERT_TRUE(reader.read(R"({"a":1,"b":2})"));
  EXPECT_GT(reader.shape_hits(), 1500U);
}

TEST(JsonReader, CanBeMoved) {
  JsonReader first({"a"});
  ASSERT_TRUE(first.read(R"({"a":1})"));
  JsonReader second = std::move(first);
  ASSERT_TRUE(second.read(R"({"a":2})"));
  EXPECT_EQ(second[0].text, "2");
  EXPECT_EQ(second.shape_hits(), 1U);
}

TEST(JsonReader, ReadsLongRecords) {
  JsonReader reader({"a"});
  for (const std::size_t size : {1000U, 100'000U, 3'000'000U, 10U}) {
    const std::string text(size, 'x');
    const std::string record = "{\"a\":\"" + text + "\"}";
    ASSERT_TRUE(reader.read(record));
    EXPECT_TRUE(reader[0].text == text);
  }
}

}  // namespace
}  // namespace weir
