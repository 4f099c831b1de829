#include "unit/json/reader_cases.h"

#include <cstring>
#include <random>

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include "unit/json/reference.h"

namespace weir::cases {
namespace {

const std::vector<std::string> kPaths = {"a", "a.b", "c", "items", "", "n.m.k", "x\\.y"};
const std::vector<std::vector<std::string>> kKeys = {{"a"}, {"a", "b"},      {"c"},  {"items"},
                                                     {},    {"n", "m", "k"}, {"x.y"}};

// Reads `text` and compares the verdict and all slots with the reference.
::testing::AssertionResult agrees(JsonReader& reader, std::string_view text) {
  const auto [expected, cannot_tell] = reference::read(text);
  const Status status = reader.read(text);
  if (cannot_tell) return ::testing::AssertionSuccess();
  if (static_cast<bool>(status) != expected.has_value()) {
    return ::testing::AssertionFailure()
           << (status ? "accepted" : status.error().to_string()) << ": " << text;
  }
  if (!expected) {
    if (status.error().position <= text.size()) return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure() << "position outside: " << text;
  }
  for (std::size_t i = 0; i < kPaths.size(); ++i) {
    const JsonSlot& slot = reader[i];
    if (reference::node_of(slot) != reference::find(*expected, kKeys[i])) {
      return ::testing::AssertionFailure() << "path '" << kPaths[i] << "' is " << name_of(slot.kind)
                                           << " " << slot.text << " in " << text;
    }
    const bool inside = slot.kind == JsonKind::kMissing ||
                        (slot.text.data() >= text.data() &&
                         slot.text.data() + slot.text.size() <= text.data() + text.size());
    if (!inside) return ::testing::AssertionFailure() << "a slot outside of " << text;
  }
  return ::testing::AssertionSuccess();
}

const std::vector<std::string>& samples() {
  static const std::vector<std::string> all = {
      R"({"a": {"b": "text", "z": [1, 2.50, -3e-2]}, "c": 12.75, "items": [{"q": 1}, {"q": 22}]})",
      R"({"c":"\u00e9\ud83d\ude00\n","items":[],"x.y":true,"n":{"m":{"k":null}},"e":false})",
      "{\"c\": \"Zo\xc3\xab \xe2\x82\xac\", \"\\u0061\": 1, \"a\": 123456789012345678901234567890}",
      R"({"a":{"b":1},"c":0,"a":{"z":2},"n":{"m":1},"n":{"m":{"k":5}},"items":{"a":1},)"
      R"("items":[7]})",
      " {\"long_key_that_needs_more_than_thirty_two_bytes\" : \"and a value that needs more than "
      "thirty-two bytes as well, so that blocks are crossed\" , \"c\" : [[[]],{}] } ",
      "{}"};
  return all;
}

// A random JSON value, as text.
class RandomJson {
 public:
  explicit RandomJson(std::uint64_t seed) : random_(seed) {}

  std::string object(int depth) {
    std::string text = "{" + space();
    const unsigned members = below(depth > 3 ? 2 : 6);
    for (unsigned i = 0; i < members; ++i) {
      if (i > 0) text += "," + space();
      text += "\"" + key() + "\"" + space() + ":" + space() + value(depth + 1) + space();
    }
    return text + "}";
  }

  unsigned below(unsigned limit) { return static_cast<unsigned>(random_() % limit); }

 private:
  std::string key() {
    static const char* const keys[] = {"a", "b", "c",   "items", "n",
                                       "m", "k", "x.y", "zz",    "\\u0061"};
    return keys[below(std::size(keys))];
  }
  std::string space() { return below(8) == 0 ? " \n" : ""; }

  std::string value(int depth) {
    switch (below(depth > 4 ? 6 : 8)) {
      case 0:
        return "null";
      case 1:
        return below(2) == 0 ? "true" : "false";
      case 2:
        return number();
      case 3:
        return number();
      case 4:
        return "\"" + string() + "\"";
      case 5:
        return "\"" + string() + "\"";
      case 6:
        return object(depth);
      default:
        return array(depth);
    }
  }

  std::string array(int depth) {
    std::string text = "[";
    const unsigned count = below(4);
    for (unsigned i = 0; i < count; ++i) text += (i > 0 ? "," : "") + value(depth + 1);
    return text + "]";
  }

  std::string number() {
    std::string text = below(3) == 0 ? "-" : "";
    text += below(4) == 0 ? "0" : std::to_string(1 + random_() % (1ULL << below(60)));
    if (below(2) == 0) text += "." + std::to_string(random_() % (1ULL << below(64)));
    if (below(6) == 0) text += "e" + std::to_string(static_cast<int>(below(40)) - 20);
    return text;
  }

  std::string string() {
    static const char* const pieces[] = {
        "x",       "lorem ipsum ",   "\\n", "\\\"", "\xc3\xa9",
        "\\u20ac", "\\ud83d\\ude00", "{",   "],",   "0123456789abcdef"};
    std::string text;
    const unsigned count = below(6);
    for (unsigned i = 0; i < count; ++i) text += pieces[below(std::size(pieces))];
    return text;
  }

  std::mt19937_64 random_;
};

}  // namespace

void same_as_reference_on_every_mutation(JsonSpeed speed) {
  JsonReader known(kPaths, speed);  // Knows all shapes, so that damage meets the fast way first.
  for (const std::string& sample : samples()) ASSERT_TRUE(agrees(known, sample));
  for (const std::string& sample : samples()) {
    for (std::size_t at = 0; at < sample.size(); ++at) {
      ASSERT_TRUE(agrees(known, std::string_view(sample).substr(0, at)));
      for (int byte = 0; byte < 256; ++byte) {
        std::string damaged = sample;
        damaged[at] = static_cast<char>(byte);
        ASSERT_TRUE(agrees(known, damaged)) << at << " " << byte;
      }
      std::string shorter = sample;
      ASSERT_TRUE(agrees(known, shorter.erase(at, 1)));
      std::string longer = sample;
      ASSERT_TRUE(agrees(known, longer.insert(at, 1, sample[at])));
    }
  }
}

void same_as_reference_on_random_records(JsonSpeed speed) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    RandomJson random(seed);
    JsonReader reader(kPaths, speed);
    for (int i = 0; i < 100; ++i) {
      std::string record = random.object(0);
      ASSERT_TRUE(agrees(reader, record)) << "seed " << seed;
      ASSERT_TRUE(agrees(reader, record)) << "seed " << seed;
      record[random.below(static_cast<unsigned>(record.size()))] =
          "\"\\{}[],:0e-.tn\x01\xc3 "[random.below(18)];
      ASSERT_TRUE(agrees(reader, record)) << "seed " << seed;
    }
  }
}

void reads_nothing_past_the_end(JsonSpeed speed) {
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  void* memory =
      mmap(nullptr, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(memory, MAP_FAILED);
  char* guard = static_cast<char*>(memory) + page;
  ASSERT_EQ(mprotect(guard, page, PROT_NONE), 0);
  JsonReader reader(kPaths, speed);
  for (int round = 0; round < 2; ++round) {
    for (const std::string& sample : samples()) {
      for (std::size_t size = 0; size <= sample.size(); ++size) {
        char* at = guard - size;
        std::memcpy(at, sample.data(), size);
        ASSERT_TRUE(agrees(reader, {at, size}));
      }
    }
  }
  munmap(memory, 2 * page);
}

void knows_a_shape_when_it_comes_again(JsonSpeed speed) {
  JsonReader reader(kPaths, speed);
  for (const std::string& sample : samples()) ASSERT_TRUE(reader.read(sample));
  const std::uint64_t before = reader.shape_hits();
  for (int round = 0; round < 3; ++round) {
    for (const std::string& sample : samples()) ASSERT_TRUE(agrees(reader, sample));
  }
  EXPECT_EQ(reader.shape_hits() - before, 3 * samples().size());
}

void values_of_every_length(JsonSpeed speed) {
  JsonReader reader({"s", "n", "m"}, speed);
  ASSERT_TRUE(reader.read(R"({"s":"","n":1,"m":1.5})"));
  const std::uint64_t before = reader.shape_hits();
  for (std::size_t length = 0; length < 200; ++length) {
    const std::string text(length, 'x');
    const std::string whole = "7" + std::string(length, '0');
    const std::string fraction = "-0." + std::string(length, '3') + "1";
    const std::string record =
        "{\"s\":\"" + text + "\",\"n\":" + whole + ",\"m\":" + fraction + "}";
    ASSERT_TRUE(reader.read(record)) << record;
    EXPECT_EQ(reader[0].text, text);
    EXPECT_EQ(reader[1].text, whole);
    EXPECT_EQ(reader[2].text, fraction);
  }
  EXPECT_EQ(reader.shape_hits() - before, 200U);
}

}  // namespace weir::cases
