#include <gtest/gtest.h>

#include <weir/json_schema.h>

namespace weir {
namespace {

// The error of a schema or, when it loads, of a record that it judges; "" when all is well.
std::string verdict(std::string_view schema, std::string_view record = "{}") {
  Result<JsonSchema> loaded = JsonSchema::load(schema);
  if (!loaded) return "schema: " + loaded.error().text;
  const Status s = loaded->validate(record);
  return s ? "" : s.error().text;
}

// A schema for the field "a" alone.
std::string for_a(std::string_view schema) {
  return "{\"properties\":{\"a\":" + std::string(schema) + "}}";
}

struct Case {
  const char* schema;
  const char* good;
  const char* bad;
  const char* keyword;
};

TEST(JsonSchema, ChecksEveryKeyword) {
  const Case cases[] = {
      {R"({"type":"string"})", R"("x")", "1", "type"},
      {R"({"type":["string","null"]})", "null", "1", "type"},
      {R"({"type":"integer"})", "5", "5.5", "type"},
      {R"({"type":"boolean"})", "true", "\"true\"", "type"},
      {R"({"enum":["x",1,null]})", "1", "2", "enum"},
      {R"({"required":["k"]})", R"({"k":1})", R"({"l":1})", "required"},
      {R"({"properties":{"k":{"type":"null"}}})", R"({"k":null})", R"({"k":1})", "type"},
      {R"({"patternProperties":{"^x":{"type":"null"}}})", R"({"y":1})", R"({"x1":1})",
       "patternProperties"},
      {R"({"additionalProperties":false})", "{}", R"({"k":1})", "additionalProperties"},
      {R"({"additionalProperties":{"type":"null"}})", R"({"k":null})", R"({"k":1})", "type"},
      {R"({"dependencies":{"k":["l"]}})", R"({"k":1,"l":1})", R"({"k":1})", "dependencies"},
      {R"({"minProperties":1})", R"({"k":1})", "{}", "minProperties"},
      {R"({"maxProperties":1})", "{}", R"({"k":1,"l":1})", "maxProperties"},
      {R"({"items":{"type":"null"}})", "[null]", "[null,1]", "type"},
      {R"({"items":[{"type":"null"}],"additionalItems":false})", "[null]", "[null,1]", "items"},
      {R"({"minItems":1})", "[1]", "[]", "minItems"},
      {R"({"maxItems":1})", "[1]", "[1,2]", "maxItems"},
      {R"({"uniqueItems":true})", "[1,2]", "[1,1]", "uniqueItems"},
      {R"({"minLength":2})", R"("éé")", R"("é")", "minLength"},
      {R"({"maxLength":2})", R"("éé")", R"("abc")", "maxLength"},
      {R"({"pattern":"^o[0-9]+$"})", R"("o12")", R"("o")", "pattern"},
      {R"({"minimum":0})", "0", "-0.5", "minimum"},
      {R"({"minimum":0,"exclusiveMinimum":true})", "0.5", "0", "minimum"},
      {R"({"maximum":9})", "9", "10", "maximum"},
      {R"({"maximum":9,"exclusiveMaximum":true})", "8", "9", "maximum"},
      {R"({"allOf":[{"minimum":1},{"maximum":2}]})", "1", "3", "allOf"},
      {R"({"anyOf":[{"minimum":5},{"maximum":2}]})", "1", "3", "anyOf"},
      {R"({"oneOf":[{"minimum":1},{"maximum":2}]})", "3", "1", "oneOf"},
      {R"({"not":{"type":"null"}})", "1", "null", "not"},
  };
  for (const Case& c : cases) {
    const std::string schema = for_a(c.schema);
    EXPECT_EQ(verdict(schema, "{\"a\":" + std::string(c.good) + "}"), "") << c.schema;
    const std::string error = verdict(schema, "{\"a\":" + std::string(c.bad) + "}");
    EXPECT_NE(error.find("'" + std::string(c.keyword) + "'"), std::string::npos)
        << c.schema << ": " << error;
  }
}

TEST(JsonSchema, SaysWhereInRecordAndSchema) {
  constexpr const char* kSchema = R"({
    "definitions": {"item": {"properties": {"price": {"type": "number", "minimum": 0}}}},
    "properties": {"items": {"type": "array", "items": {"$ref": "#/definitions/item"}}}})";
  EXPECT_EQ(verdict(kSchema, R"({"items":[{"price":1},{"price":-1}]})"),
            "/items/1/price: 'minimum' of #/definitions/item/properties/price");
  EXPECT_EQ(verdict(R"({"required":["a"],"properties":{"a":{}}})", "{}"),
            "the record: 'required' of #");
}

TEST(JsonSchema, RefusesAKeywordThatStandsTwice) {
  EXPECT_EQ(verdict(R"({"type":"object","type":"array"})"),
            "schema: #: the keyword 'type' stands twice");
  EXPECT_EQ(verdict(for_a(R"({"minimum":1,"maximum":5,"minimum":2})")),
            "schema: #/properties/a: the keyword 'minimum' stands twice");
}

TEST(JsonSchema, RequiresFieldsThatHaveNoSchema) {
  EXPECT_EQ(verdict(R"({"required":["a"]})", "{}"), "the record: 'required' of #");
}

TEST(JsonSchema, RefusesKeywordsThatWouldBeIgnored) {
  for (const char* keyword :
       {"const", "format", "multipleOf", "if", "then", "else", "contains", "propertyNames", "$defs",
        "minimun", "Type", "$id", "id", "readOnly", "unevaluatedProperties", "prefixItems"}) {
    EXPECT_EQ(verdict(for_a("{\"" + std::string(keyword) + "\":1}")),
              "schema: #/properties/a: unknown keyword '" + std::string(keyword) + "'");
  }
  Result<JsonSchema> loaded = JsonSchema::load(R"({"const":1})");
  EXPECT_EQ(loaded.error().hint, "write enum with one value");
}

TEST(JsonSchema, RefusesValuesThatAKeywordCannotHave) {
  for (const char* bad : {R"({"type":"text"})",
                          R"({"type":[]})",
                          R"({"type":[["null"]]})",
                          R"({"type":1})",
                          R"({"enum":[]})",
                          R"({"enum":1})",
                          R"({"required":[]})",
                          R"({"required":"a"})",
                          R"({"required":[1]})",
                          R"({"properties":[]})",
                          R"({"properties":{"a":true}})",
                          R"({"minLength":-1})",
                          R"({"minLength":1.5})",
                          R"({"minimum":"0"})",
                          R"({"exclusiveMinimum":0})",
                          R"({"exclusiveMinimum":true})",
                          R"({"uniqueItems":1})",
                          R"({"items":true})",
                          R"({"items":[]})",
                          R"({"allOf":{}})",
                          R"({"anyOf":[]})",
                          R"({"not":[]})",
                          R"({"dependencies":{"a":"b"}})",
                          R"({"additionalProperties":1})",
                          R"({"patternProperties":{"\\d":{}}})",
                          R"({"$schema":"http://json-schema.org/draft-07/schema#"})",
                          "[]",
                          "true",
                          "1"}) {
    EXPECT_TRUE(verdict(bad).starts_with("schema: #")) << bad << ": " << verdict(bad);
  }
}

TEST(JsonSchema, RefusesPatternsThatCannotBeCompiled) {
  for (const char* bad : {R"(\\d+)", R"(\\w)", R"([a-)", R"((a)", R"(a**)", R"((?=a))"}) {
    EXPECT_EQ(verdict(for_a("{\"pattern\":\"" + std::string(bad) + "\"}")),
              "schema: #/properties/a/pattern: the pattern cannot be compiled")
        << bad;
  }
}

// It would be compiled, whatever is in it.
TEST(JsonSchema, RefusesObjectsThatAreNoSchemas) {
  for (const char* word : {"title", "description", "default", "examples", "$comment", "enum"}) {
    const std::string name(word);
    EXPECT_EQ(verdict(for_a("{\"" + name + R"(":[1,[{"pattern":"(a"}]]})")),
              "schema: #/properties/a/" + name + ": an object here would be taken for a schema");
    const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
    EXPECT_EQ(verdict(for_a("{\"" + name + "\":[" + deep + "]}")),
              "schema: #/properties/a/" + name + ": an object here would be taken for a schema");
    EXPECT_EQ(verdict(for_a("{\"" + name + R"(":[1,[null]]})"), R"({"a":1})"), "") << name;
  }
}

TEST(JsonSchema, ChecksPropertiesThatPatternsAloneName) {
  const std::string patterns = R"({"patternProperties":{"^x":{"type":"null"}},)";
  EXPECT_EQ(verdict(patterns + R"("additionalProperties":false})"),
            "schema: #: additionalProperties: false beside patternProperties cannot be checked");
  const std::string none_else = patterns + R"("additionalProperties":{"not":{}}})";
  EXPECT_EQ(verdict(none_else, R"({"x1":null,"x2":null})"), "");
  EXPECT_NE(verdict(none_else, R"({"x1":null,"y":null})"), "");
  EXPECT_NE(verdict(none_else, R"({"x1":1})"), "");
  EXPECT_NE(verdict(none_else, R"({"x1":[null]})"), "");
}

TEST(JsonSchema, RefusesReferencesThatLeadNowhere) {
  EXPECT_EQ(verdict(for_a(R"({"$ref":"#/definitions/x"})")),
            "schema: #/properties/a: $ref leads nowhere: #/definitions/x");
  EXPECT_EQ(verdict(for_a(R"({"$ref":"other.json#/x"})")),
            "schema: #/properties/a: $ref must begin with '#'");
  EXPECT_EQ(verdict(for_a(R"({"$ref":"#/properties/a"})")),
            "schema: #/properties/a: $ref goes round in a circle");
  EXPECT_EQ(verdict(for_a(R"({"$ref":"#","title":"x"})")),
            "schema: #/properties/a: what stands beside $ref is ignored");
  EXPECT_EQ(verdict(R"({"enum":["x"],"properties":{"a":{"$ref":"#/enum/0"}}})"),
            "schema: #/properties/a: $ref leads nowhere: #/enum/0");
}

TEST(JsonSchema, FollowsReferencesThatContainThemselves) {
  constexpr const char* kTree = R"({"properties":{"children":{"items":{"$ref":"#"}}},
                                    "required":["name"]})";
  EXPECT_EQ(verdict(kTree, R"({"name":1,"children":[{"name":1,"children":[]}]})"), "");
  EXPECT_NE(verdict(kTree, R"({"name":1,"children":[{"children":[]}]})"), "");
}

TEST(JsonSchema, TakesAnnotations) {
  EXPECT_EQ(verdict(R"({"$schema":"http://json-schema.org/draft-04/schema#","title":"t",
                       "description":"d","default":1,"examples":[1],"$comment":"c"})"),
            "");
}

TEST(JsonSchema, RefusesTextThatIsNoJson) {
  EXPECT_TRUE(verdict("{").starts_with("schema: the schema is not valid JSON"));
  EXPECT_TRUE(verdict("{}", "{\"a\":").starts_with("not valid JSON"));
  EXPECT_TRUE(verdict("{}", "").starts_with("not valid JSON"));
  EXPECT_TRUE(verdict(std::string(100'000, '[')).starts_with("schema: "));
  // A name, a title, a pattern: the compiler of patterns trusts its text.
  for (const char* place : {"title", "pattern"}) {
    EXPECT_TRUE(verdict("{\"" + std::string(place) + "\":\"a+(b\xf0\xf0|c){6}\"}")
                    .starts_with("schema: the schema is not valid JSON"))
        << place;
  }
}

TEST(JsonSchema, JudgesEachRecordByItself) {
  Result<JsonSchema> schema = JsonSchema::load(R"({"properties":{"a":{"minimum":0}}})");
  ASSERT_TRUE(schema);
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(schema->validate(R"({"a":1})"));
    EXPECT_FALSE(schema->validate(R"({"a":-1})"));
    EXPECT_FALSE(schema->validate(R"({"a":)"));
  }
}

}  // namespace
}  // namespace weir
