#include <vector>

#include <gtest/gtest.h>

#include <weir/json_reader.h>

namespace weir {
namespace {

// The elements of an array, as "kind:text".
std::vector<std::string> elements_of(const std::string& array) {
  JsonReader reader({"a"});
  const std::string record = "{\"a\":" + array + "}";
  EXPECT_TRUE(reader.read(record)) << record;
  std::vector<std::string> all;
  JsonElements elements(reader[0]);
  for (JsonSlot element; elements.next(element);) {
    all.push_back(std::string(name_of(element.kind)) + ":" + std::string(element.text) +
                  (element.escaped ? " escaped" : ""));
  }
  JsonSlot more;
  EXPECT_FALSE(elements.next(more));
  return all;
}

using All = std::vector<std::string>;

TEST(JsonElements, AreNoneInAnEmptyArray) {
  EXPECT_EQ(elements_of("[]"), All());
  EXPECT_EQ(elements_of("[ \n ]"), All());
}

TEST(JsonElements, ComeInTheirOrderWithTheirKinds) {
  EXPECT_EQ(
      elements_of(R"([1, "two" ,null,true,false ,-3.5e2])"),
      (All{"a number:1", "text:two", "null:null", "true:true", "false:false", "a number:-3.5e2"}));
}

TEST(JsonElements, AreWholeObjectsAndArrays) {
  EXPECT_EQ(elements_of(R"([{"k":"}]","l":[{}]},[[1],[2]],{}])"),
            (All{R"(an object:{"k":"}]","l":[{}]})", "an array:[[1],[2]]", "an object:{}"}));
}

TEST(JsonElements, KeepEscapes) {
  EXPECT_EQ(elements_of(R"(["a\"b","\\","","c"])"),
            (All{R"(text:a\"b escaped)", R"(text:\\ escaped)", "text:", "text:c"}));
}

}  // namespace
}  // namespace weir
