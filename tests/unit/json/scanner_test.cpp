#include "json/scanner.h"

#include <string>

#include <gtest/gtest.h>

namespace weir::json {
namespace {

// What is wrong with a text and where; "" when it is valid.
struct Verdict {
  std::string text;
  std::size_t position = Error::kNowhere;
  bool operator==(const Verdict&) const = default;
};

Verdict verdict(std::string_view record) {
  const PathTree paths({"a"});
  Scanner scanner(paths);
  PaddedText text;
  text.assign(record);
  JsonSlot slot;
  const Status s = scanner.scan(text, {&slot, 1});
  if (s) return {"", Error::kNowhere};
  constexpr std::string_view kPrefix = "not valid JSON: ";
  EXPECT_TRUE(s.error().text.starts_with(kPrefix)) << s.error().text;
  return {s.error().text.substr(kPrefix.size()), s.error().position};
}

bool valid(std::string_view record) { return verdict(record).text.empty(); }

// A record whose only value is `value`.
std::string with(std::string_view value) { return "{\"a\":" + std::string(value) + "}"; }

TEST(Scanner, AcceptsEveryFormOfNumber) {
  for (const char* number : {"0",
                             "-0",
                             "1",
                             "-1",
                             "10",
                             "1234567890123456789012345678901234567890",
                             "0.0",
                             "-0.0",
                             "1.5",
                             "0.00000000000000000000000000000000000001",
                             "1e5",
                             "1E5",
                             "1e+5",
                             "1e-5",
                             "1.5e10",
                             "0e0",
                             "-0e-0",
                             "1e999999",
                             "123e-10000000",
                             "0e00001"}) {
    EXPECT_TRUE(valid(with(number))) << number;
    EXPECT_TRUE(valid(with("[" + std::string(number) + " , " + number + "]"))) << number;
  }
}

TEST(Scanner, RefusesWhatOnlyLooksLikeANumber) {
  for (const char* number :
       {"01",    "-01",          "00",    "+1",       "-",         "--1",   ".5",   "-.5",
        "1.",    "1.e5",         "1e",    "1e+",      "1e-",       "1e5.5", "0x10", "1_000",
        "1,5",   "NaN",          "nan",   "Infinity", "-Infinity", "inf",   "1a",   "1 2",
        "0.1.2", "\xef\xbc\x91", "1e0x1", "- 1",      "1-2",       "1+2"}) {
    EXPECT_FALSE(valid(with(number))) << number;
  }
}

TEST(Scanner, AcceptsEveryFormOfString) {
  for (const char* text :
       {R"("")", R"(" ")", R"("a")", R"("\"\\\/\b\f\n\r\t")", R"("\u0000")", R"("\u00e9\u00E9")",
        R"("\ud83d\ude00")", R"("\uD83D\uDE00 \udbff\udfff")", R"("\ud7ff\ue000\uffff")",
        "\"\xc3\xa9\"", "\"\xe2\x82\xac\"", "\"\xf0\x9f\x98\x80\"", "\"\xf4\x8f\xbf\xbf\"",
        "\"\xed\x9f\xbf\xee\x80\x80\"", "\"\x7f\"", R"("{}[],:")", R"("\\\\")", R"("//")"}) {
    EXPECT_TRUE(valid(with(text))) << text;
    EXPECT_TRUE(valid("{" + std::string(text) + ":0}")) << text;
  }
}

TEST(Scanner, RefusesDamagedStrings) {
  for (const char* text : {R"("\x41")",
                           R"("\a")",
                           R"("\0")",
                           R"("\'")",
                           R"('a')",
                           R"("\u")",
                           R"("\u12")",
                           R"("\u123")",
                           R"("\u123g")",
                           R"("\U0041")",
                           R"("\ud800")",
                           R"("\ud800x")",
                           R"("\ud800\n")",
                           R"("\ud800\u0041")",
                           R"("\ud800\ud800")",
                           R"("\udc00")",
                           R"("\udc00\ud800")",
                           R"("\ud83d\ude0")",
                           "\"\n\"",
                           "\"\t\"",
                           "\"\x01\"",
                           "\"\x1f\"",
                           "\"\\\n\"",
                           "\"a",
                           "\"\\\"",
                           "a",
                           R"("a"b)"}) {
    EXPECT_FALSE(valid(with(text))) << text;
    EXPECT_FALSE(valid("{" + std::string(text) + ":0}")) << text;
  }
  EXPECT_FALSE(valid(with(std::string_view("\"\0\"", 3))));
}

TEST(Scanner, RefusesInvalidUtf8) {
  for (const char* bytes :
       {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc3", "\xc3(", "\xe2\x82", "\xe2\x28\xa1",
        "\xe0\x80\x80", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x80\x80\x80",
        "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xfe",
        "\xf0\x9f\x98"}) {
    const Verdict found = verdict(with("\"12345" + std::string(bytes) + "67890\""));
    EXPECT_EQ(found.text, "invalid UTF-8");
    EXPECT_EQ(found.position, 11U);
  }
}

TEST(Scanner, AcceptsStructures) {
  for (const char* record :
       {"{}", " \t\r\n{ \t\r\n} \t\r\n", R"({"":0})", R"({"a":{}})", R"({"a":[]})", R"({"a":[ ]})",
        R"({"a":[[],[[]],{}]})", R"({"a":{"b":{"c":[1,{"d":null}]}},"e":false})",
        "{ \"a\" : 1 , \"b\" : [ 1 , 2 ] }", R"({"a":true,"a":false})", R"({"a":"}","b":"]"})"}) {
    EXPECT_TRUE(valid(record)) << record;
  }
}

TEST(Scanner, RefusesDamagedStructures) {
  for (const char* record : {"",
                             " ",
                             "{",
                             "}",
                             "{}}",
                             "{}{}",
                             "{} x",
                             "{},",
                             "{\"a\"}",
                             "{\"a\":}",
                             "{\"a\":1,}",
                             "{,\"a\":1}",
                             "{\"a\":1 \"b\":2}",
                             "{\"a\" 1}",
                             "{\"a\"::1}",
                             "{\"a\":1,,\"b\":2}",
                             "{a:1}",
                             "{1:1}",
                             "{null:1}",
                             "{\"a\":[1,]}",
                             "{\"a\":[,1]}",
                             "{\"a\":[1 2]}",
                             "{\"a\":[1}",
                             "{\"a\":{]}",
                             "{\"a\":[}]",
                             "{\"a\":[1:2]}",
                             "{\"a\":nul}",
                             "{\"a\":nulll}",
                             "{\"a\":True}",
                             "{\"a\":tru",
                             "{\"a\":undefined}",
                             "{\"a\":1}//c",
                             "{/**/}",
                             "{\"a\":1;}",
                             "{\"a\":\xc2\xa0"
                             "1}",
                             "{\"a\":1}\x0c",
                             "\x0b{}",
                             "{\"a\":#}"}) {
    EXPECT_FALSE(valid(record)) << record;
  }
  EXPECT_FALSE(valid(std::string_view("{}\0", 3)));
  EXPECT_FALSE(valid(std::string_view("{\"a\":1\0}", 8)));
}

TEST(Scanner, RefusesRecordsThatAreNoObjects) {
  for (const char* record : {"null", "true", "1", "\"a\"", "[]", "[{}]", "Obj\x01\x04"}) {
    EXPECT_EQ(verdict(record), (Verdict{"a JSON object is expected", 0})) << record;
  }
  EXPECT_EQ(verdict("\xef\xbb\xbf{}"), (Verdict{"a byte order mark", 0}));
}

TEST(Scanner, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(verdict(R"({"a":1,})"), (Verdict{"a key in quotes is expected", 7}));
  EXPECT_EQ(verdict(R"({"a" 1})"), (Verdict{"':' is expected", 5}));
  EXPECT_EQ(verdict(R"({"a":-x})"), (Verdict{"a damaged number", 5}));
  EXPECT_EQ(verdict(R"({"a":x})"), (Verdict{"a value is expected", 5}));
  EXPECT_EQ(verdict(R"({"a":trux})"), (Verdict{"a value is expected", 8}));
  EXPECT_EQ(verdict(R"({"a":[1;2]})"),
            (Verdict{"',' or the end of the object or array is expected", 7}));
  EXPECT_EQ(verdict(R"({"a":"\q"})"), (Verdict{"unknown escape in a string", 6}));
  EXPECT_EQ(verdict(R"({"a":"x\ud800"})"), (Verdict{"lone surrogate in a string", 7}));
  EXPECT_EQ(verdict(R"({"a":"\u00zz"})"), (Verdict{"\\u needs four hex digits", 6}));
  EXPECT_EQ(verdict("{\"a\":\"x\ty\"}"),
            (Verdict{"control character or end of text in a string", 7}));
  EXPECT_EQ(verdict("{} {}"), (Verdict{"text after the end of the object", 3}));
}

TEST(Scanner, EveryTruncationEndsTooEarly) {
  const std::string record =
      R"({"a":{"b":[1,-2.5e-7,true,false,null,"\u00e9\ud83d\ude00x"]},"c":"d"} )";
  for (std::size_t size = 1; size + 1 < record.size(); ++size) {
    const Verdict found = verdict(record.substr(0, size));
    EXPECT_FALSE(found.text.empty()) << size;
    EXPECT_LE(found.position, size);
  }
  EXPECT_EQ(verdict(record.substr(0, 12)), (Verdict{"the text ends too early", 12}));
}

std::string nested(std::size_t depth, char open, char close, std::string_view inner) {
  return std::string(depth, open) + std::string(inner) + std::string(depth, close);
}

TEST(Scanner, AllowsAThousandLevels) {
  EXPECT_TRUE(valid(with(nested(999, '[', ']', ""))));
  EXPECT_EQ(verdict(with(nested(1000, '[', ']', ""))), (Verdict{"nested deeper than 1,000", 1004}));
  std::string objects;
  for (int i = 0; i < 1000; ++i) objects += "{\"a\":";
  EXPECT_TRUE(valid(objects + "1" + std::string(1000, '}')));
  EXPECT_FALSE(valid("{\"a\":" + objects + "1" + std::string(1001, '}')));
  EXPECT_FALSE(valid(with(std::string(1'000'000, '['))));
}

}  // namespace
}  // namespace weir::json
