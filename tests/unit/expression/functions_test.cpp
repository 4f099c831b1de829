// Results of the functions. Times, UUIDs, digests and letter cases are Python's.
#include <set>

#include <gtest/gtest.h>

#include "expression/calendar.h"
#include "expression/function.h"
#include "expression/json_text.h"
#include "expression/sha1.h"
#include "expression/utf8.h"
#include "unit/expression/evaluating.h"

namespace weir::expression::functions_test {
namespace {

struct Row {
  const char* text;
  const char* result;
};

void expect_all(std::initializer_list<Row> rows) {
  Desk desk;
  for (const Row& row : rows) EXPECT_EQ(desk(row.text), row.result) << row.text;
}

TEST(Functions, AreSortedAndSayHowTheyAreCalled) {
  std::string_view last;
  for (const Function& f : functions()) {
    EXPECT_LT(last, f.name);
    last = f.name;
    EXPECT_EQ(f.usage.find(std::string(f.name) + "("), 0U) << f.name;
    EXPECT_EQ(find_function(f.name), &f);
  }
  EXPECT_EQ(find_function("nothing"), nullptr);
  EXPECT_TRUE(is_aggregate("sum"));
  EXPECT_FALSE(is_aggregate("lower"));
}

TEST(FunctionsText, LettersKnowTheirCase) {
  expect_all({{"upper('äöüÿ')", "string ÄÖÜŸ"},
              {"upper('ςΩάώ')", "string ΣΩΆΏ"},
              {"lower('ΣΩΆΏ')", "string σωάώ"},
              {"upper('привёт')", "string ПРИВЁТ"},
              {"lower('ПРИВЁТ')", "string привёт"},
              {"upper('ĳčž')", "string ĲČŽ"},
              {"lower('ÉÈ×÷')", "string éè×÷"},
              {"upper('ß1a')", "string ß1A"},
              {"upper('')", "string "}});
}

TEST(FunctionsText, CutAndMeasureByCharacters) {
  expect_all({{"length('äb€')", "int 3"},
              {"length('')", "int 0"},
              {"substr('äbcd', 2)", "string bcd"},
              {"substr('äbcd', 1, 2)", "string äb"},
              {"substr('abc', 0, 2)", "string a"},
              {"substr('abc', -5)", "string abc"},
              {"substr('abc', 4)", "string "},
              {"substr('abc', 2, 0)", "string "},
              {"substr('abc', 1, -1)", "error: a length below 0 in 'substr('abc', 1, -1)'"},
              {"substr('abc', -9223372036854775807, 9223372036854775807)", "string "},
              {"trim('  a b\t')", "string a b"},
              {"trim('   ')", "string "},
              {"trim('')", "string "}});
}

TEST(FunctionsText, ReplaceJoinAndSplit) {
  expect_all({{"replace('aXbX', 'X', '--')", "string a--b--"},
              {"replace('aaa', 'aa', 'b')", "string ba"},
              {"replace('abc', '', 'x')", "string abc"},
              {"replace('abc', 'abc', '')", "string "},
              {"concat('a', 1, 2.50, true, t)", "string a12.50true2025-03-01T10:00:00Z"},
              {"split('a,b,,c', ',')", "json [\"a\",\"b\",\"\",\"c\"]"},
              {"split('', ',')", "json [\"\"]"},
              {"split('a\"b\\c', 'x')", "json [\"a\\\"b\\\\c\"]"},
              {"split('ab', '')", "error: an empty separator in 'split('ab', '')'"},
              {"split('a--b', '--')[1]", "string b"},
              {"contains('abc', 'bc')", "bool true"},
              {"starts_with('abc', 'bc')", "bool false"},
              {"ends_with('abc', 'bc')", "bool true"},
              {"to_string(d)", "string 10.50"},
              {"to_string(false)", "string false"},
              {"to_string(f)", "string 0.5"},
              {"to_string(list)", "string [4, 5 ,6]"},
              {"like('abc', 'a%')", "bool true"}});
}

TEST(FunctionsNumber, RoundHalfToEven) {
  expect_all({{"round(2.5)", "int 2"},
              {"round(3.5)", "int 4"},
              {"round(-2.5)", "int -2"},
              {"round(2.345, 2)", "decimal(2) 2.34"},
              {"round(2.355, 2)", "decimal(2) 2.36"},
              {"round(7)", "int 7"},
              {"round(7, 2)", "int 7"},
              {"round(25e-1)", "int 2"},
              {"round(285e-3, 2)", "decimal(2) 0.28"},
              {"floor(-1.5)", "int -2"},
              {"ceil(-1.5)", "int -1"},
              {"floor(1.5)", "int 1"},
              {"ceil(1.01)", "int 2"},
              {"floor(-15e-1)", "int -2"},
              {"ceil(1e300)", "error: overflow in 'ceil(1e300)'"},
              {"floor(3)", "int 3"}});
}

TEST(FunctionsNumber, TheRest) {
  expect_all(
      {{"abs(-5)", "int 5"},
       {"abs(-1.50)", "decimal(2) 1.50"},
       {"abs(-1e0)", "float 1"},
       {"abs(-9223372036854775807 - 1)", "error: overflow in 'abs(-9223372036854775807 - 1)'"},
       {"sign(-0.01)", "int -1"},
       {"sign(0)", "int 0"},
       {"sign(5e0)", "int 1"},
       {"mod(-7, 3)", "int -1"},
       {"mod(7.5, 2)", "decimal(1) 1.5"},
       {"min_of(3, 1.5, 2)", "decimal(1) 1.5"},
       {"max_of('a', 'c', 'b')", "string c"},
       {"max_of(1, ni)", "null"},
       {"to_int('-12')", "int -12"},
       {"to_int('1.5')", "error: this text is no int in 'to_int('1.5')'"},
       {"to_int(5.00)", "int 5"},
       {"to_int(5.5)", "error: is not whole: use floor(), ceil() or round() in 'to_int(5.5)'"},
       {"to_int(1e30)", "error: overflow in 'to_int(1e30)'"},
       {"to_int(true)", "int 1"},
       {"to_int(t)", "int 1740823200000"},
       {"to_float('1.5')", "float 1.5"},
       {"to_float('x')", "error: this text is no float in 'to_float('x')'"},
       {"to_float(d)", "float 10.5"},
       {"to_decimal('1.005', 2)", "decimal(2) 1.00"},
       {"to_decimal(1, 2)", "decimal(2) 1.00"},
       {"to_decimal('', 2)", "error: this text is no number that fits in 'to_decimal('', 2)'"},
       {"to_decimal(1e300, 2)", "error: overflow in 'to_decimal(1e300, 2)'"}});
}

TEST(FunctionsTime, Parts) {
  expect_all(
      {{"year(t)", "int 2025"},
       {"month(t)", "int 3"},
       {"day(t)", "int 1"},
       {"hour(t)", "int 10"},
       {"minute(t + 5m)", "int 5"},
       {"second(t + 61s)", "int 1"},
       {"year(day)", "int 2025"},
       {"date(t)", "string 2025-03-01"},
       {"date(day)", "string 2025-03-01"},
       {"day(to_time(-1))", "int 31"},
       {"year(to_time('0001-01-01'))", "int 1"},
       {"truncate(t + 59m, 1h)", "time 2025-03-01T10:00:00Z"},
       {"truncate(to_time('1969-12-31T23:59:59Z'), 1h)", "time 1969-12-31T23:00:00Z"},
       {"truncate(t, 0s)", "error: truncate needs a duration above 0 in 'truncate(t, 0s)'"}});
}

TEST(FunctionsTime, ToAndFromText) {
  expect_all({{"format_time(t, '%d.%m.%Y %H:%M:%S.%f %%')", "string 01.03.2025 10:00:00.000 %"},
              {"format_time(t, '%q')",
               "error: a pattern knows %Y %m %d %H %M %S %f %% in 'format_time(t, '%q')'"},
              {"format_time(t, '%')",
               "error: a pattern knows %Y %m %d %H %M %S %f %% in 'format_time(t, '%')'"},
              {"parse_time('01.03.2025 10:05', '%d.%m.%Y %H:%M')", "time 2025-03-01T10:05:00Z"},
              {"parse_time('2024-02-29 1.5', '%Y-%m-%d 1.%f')", "time 2024-02-29T00:00:00.500Z"},
              {"parse_time('2025-02-29', '%Y-%m-%d')",
               "error: names a day or a time that does not exist in 'parse_time('2025-02-29', "
               "'%Y-%m-%d')'"},
              {"parse_time('2025-2-01', '%Y-%m-%d')",
               "error: does not fit the pattern in 'parse_time('2025-2-01', '%Y-%m-%d')'"},
              {"parse_time('2025', '%Y%m')",
               "error: does not fit the pattern in 'parse_time('2025', '%Y%m')'"},
              {"parse_time('2025x', '%Y')",
               "error: does not fit the pattern in 'parse_time('2025x', '%Y')'"},
              {"to_time('2025-03-01T11:00:00+01:00') == t", "bool true"},
              {"to_time(1740823200) == t", "bool true"},
              {"to_time(x)", "time 1970-01-01T00:00:03Z"},
              {"to_time('soon')", "error: is no time in 'to_time('soon')'"}});
}

TEST(FunctionsRecord, Identity) {
  expect_all(
      {{"uuid5('dns', 'python.org')", "string 886313e1-3b8a-5372-9b90-0c9aee199e5d"},
       {"uuid5('url', 'http://example.com/b')", "string 4c11b511-b620-5be1-90d8-5308825363f3"},
       {"uuid5('oid', '1.3')", "string 7c3f19ce-da43-52bf-99db-9f3349f15d5e"},
       {"uuid5('x500', '')", "string b4bdf874-8c03-5bd8-8fd7-5e409dfd82c0"},
       {"uuid5('00000000-0000-0000-0000-000000000001', 'ä')",
        "string e05c1f12-2195-5e0e-baae-f90787239979"},
       {"uuid5('x', 'a')",
        "error: the first argument is 'dns', 'url', 'oid', 'x500' or a UUID in 'uuid5('x', 'a')'"},
       {"hash('a')", "int -2365614454823675623"},
       {"hash(7)", "int -1018723431974601694"},
       {"hash(ni)", "int 810386133280984331"},
       {"hash('a', 'b') == hash('ab')", "bool false"}});
}

TEST(FunctionsRecord, TypesOfValues) {
  expect_all({{"is_type(x, 'int')", "bool true"},
              {"is_type(xs, 'string')", "bool true"},
              {"is_type(ni, 'null')", "bool true"},
              {"is_type(list, 'list')", "bool true"},
              {"is_type(user, 'map')", "bool true"},
              {"is_type(user, 'list')", "bool false"},
              {"size(x)", "error: is neither a list nor a map in 'size(x)'"},
              {"at(x, 0)", "null"},
              {"x['a']", "null"},
              {"size(user)", "int 1"}});
}

std::string hex(const std::array<unsigned char, 20>& digest) {
  std::string text;
  for (const unsigned char byte : digest) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

TEST(Sha1, GivesTheKnownDigests) {
  EXPECT_EQ(hex(sha1("", "")), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
  EXPECT_EQ(hex(sha1("a", "bc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(hex(sha1(std::string(64, 'a'), "")), "0098ba824b5c16427bd7a1122a5a442a25ec644d");
  EXPECT_EQ(hex(sha1("", std::string(55, 'a'))), "c1c8bbdc22796e28c0e15163d20899b65621d65a");
  EXPECT_EQ(hex(sha1(std::string(30, 'a'), std::string(26, 'a'))),
            "c2db330f6083854c99d4b5bfb6e8f29f201be699");
  EXPECT_EQ(hex(sha1(std::string(1000, 'x'), "")), "c3efa690fa3fdd2e2526853eed670538ea127638");
}

TEST(Calendar, CountsDaysBothWays) {
  EXPECT_EQ(days_of(1, 1, 1), -719'162);
  EXPECT_EQ(days_of(1600, 2, 29), -135'081);
  EXPECT_EQ(days_of(1900, 2, 28), -25'509);
  EXPECT_EQ(days_of(1900, 3, 1), -25'508);
  EXPECT_EQ(days_of(2000, 2, 29), 11'016);
  EXPECT_EQ(days_of(2024, 12, 31), 20'088);
  EXPECT_EQ(days_of(9999, 12, 31), 2'932'896);
  EXPECT_EQ(days_in_month(1900, 2), 28);
  EXPECT_EQ(days_in_month(2000, 2), 29);
  for (std::int64_t day = -720'000; day < 2'940'000; day += 97) {
    const Civil at = civil_of(day * kDayMillis + 1);
    ASSERT_EQ(days_of(at.year, at.month, at.day), day);
    ASSERT_EQ(at.milli, 1);
  }
}

TEST(Utf8, TakesBytesThatAreNoneOneByOne) {
  std::size_t bytes = 0;
  EXPECT_EQ(decode_character("\xC3\xA4", 0, bytes), 0xE4U);
  EXPECT_EQ(bytes, 2U);
  for (const char* bad :
       {"\xC3", "\xFF", "\xC0\x80", "\xED\xA0\x80", "\xF5\x80\x80\x80", "\xE0\x80\x80"}) {
    EXPECT_GE(decode_character(bad, 0, bytes), kBadByte);
    EXPECT_EQ(bytes, 1U);
  }
  char out[4];
  EXPECT_EQ(std::string(out, encode_character(0x1F600, out)), "\xF0\x9F\x98\x80");
  EXPECT_EQ(std::string(out, encode_character(kBadByte + 0xFF, out)), "\xFF");
}

std::string json_value(std::string_view json) {
  Arena arena;
  JsonValue value;
  EXPECT_TRUE(value_of_json(json, arena, value));
  return Desk::shown(value);
}

TEST(JsonText, ValuesKeepTheirDigits) {
  EXPECT_EQ(json_value("1"), "int 1");
  EXPECT_EQ(json_value(" 1.50 "), "decimal(2) 1.50");
  EXPECT_EQ(json_value("1e2"), "float 100");
  EXPECT_EQ(json_value("99999999999999999999"), "float 1e+20");
  EXPECT_EQ(json_value("null"), "null");
  EXPECT_EQ(json_value("\"a\\n\\u00e4\\ud83d\\ude00\\/\""), "string a\nä\xF0\x9F\x98\x80/");
  EXPECT_EQ(json_value("{\"a\": [1, \"}\"]} x"), "json {\"a\": [1, \"}\"]}");
}

TEST(JsonText, WalkSurvivesAnyText) {
  for (const char* text : {"", "[", "{", "{\"", "{\"a", "{\"a\"", "{\"a\":", "[,", "[1", "[1,", "]",
                           "{]", "[}", "{\"a\":}", "[\"\\"}) {
    JsonWalk walk(text);
    int steps = 0;
    while (walk.next() && steps < 100) ++steps;
    EXPECT_LT(steps, 100) << text;
  }
  JsonWalk walk(R"( { "a" : 1 , "b\"" : [ 2 , 3 ] } )");
  ASSERT_TRUE(walk.next());
  EXPECT_EQ(walk.key(), "a");
  EXPECT_EQ(walk.value(), "1");
  ASSERT_TRUE(walk.next());
  EXPECT_EQ(walk.key(), "b\\\"");
  EXPECT_EQ(walk.value(), "[ 2 , 3 ]");
  EXPECT_FALSE(walk.next());
}

TEST(Arena, KeepsOneChunkAndHasALimit) {
  Arena arena;
  char* first = arena.allocate(10);
  ASSERT_NE(first, nullptr);
  ASSERT_NE(arena.allocate(100'000), nullptr);
  EXPECT_EQ(arena.allocate(Arena::kBytesMax), nullptr);
  arena.reset();
  char* again = arena.allocate(100'000);
  arena.reset();
  EXPECT_EQ(arena.allocate(100'000), again);
  std::string_view copy;
  EXPECT_TRUE(arena.copy("abc", copy));
  EXPECT_EQ(copy, "abc");
  EXPECT_TRUE(arena.copy("", copy));
}

}  // namespace
}  // namespace weir::expression::functions_test
