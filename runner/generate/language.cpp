#include "generate/language.h"

#include <array>

#include "job/diagnostic_print.h"

namespace weir::generate {

namespace {

constexpr auto kMoved = std::to_array<GeneratorKey>({
    {"share", Takes::share, "How many of the records: 2%."},
    {"by", Takes::span, "How much earlier than its neighbours a record is: 1s..20s."},
});
constexpr GeneratorMap kMovedMap{kMoved};

constexpr auto kRepeated = std::to_array<GeneratorKey>({
    {"share", Takes::share, "How many of the records: 2%."},
    {"after", Takes::span, "How long after the first one: 1s..5m."},
});
constexpr GeneratorMap kRepeatedMap{kRepeated};

constexpr auto kMalformed = std::to_array<GeneratorKey>({
    {"share", Takes::share, "How many of the records: 0.1%."},
});
constexpr GeneratorMap kMalformedMap{kMalformed};

constexpr auto kFaults = std::to_array<GeneratorKey>({
    {"out_of_order", Takes::map, "Records that come after later ones.", false, &kMovedMap},
    {"late", Takes::map, "The same, so much that windows have closed.", false, &kMovedMap},
    {"duplicate", Takes::map, "Records that come twice.", false, &kRepeatedMap},
    {"malformed", Takes::map, "Records that are no JSON.", false, &kMalformedMap},
});
constexpr GeneratorMap kFaultsMap{kFaults};

constexpr auto kVariant = std::to_array<GeneratorKey>({
    {"share", Takes::share, "How many of the records are of this kind: 25%."},
    {"fields", Takes::expressions, "Its fields, besides those of all."},
});
constexpr GeneratorMap kVariantMap{kVariant};

constexpr auto kStream = std::to_array<GeneratorKey>({
    {"topic", Takes::text, "Where its records go.", true},
    {"key", Takes::text, "The field that is the record's key; absent: null."},
    {"fields", Takes::expressions, "What a record holds.", true},
    {"variants", Takes::maps, "Kinds of records.", false, &kVariantMap},
    {"follows", Takes::text, "An earlier stream: one record for one of its."},
    {"share", Takes::share, "Of the records that it follows: 92%."},
    {"after", Takes::span, "How long after the record that it follows: 1s..10m."},
    {"rate", Takes::rate, "Of this stream alone: 200/s."},
    {"faults", Takes::map, "What real topics have.", false, &kFaultsMap},
});
constexpr GeneratorMap kStreamMap{kStream};

constexpr auto kFile = std::to_array<GeneratorKey>({
    {"weir", Takes::version, "The version of the language: 1."},
    {"generate", Takes::text, "The generator's name.", true},
    {"description", Takes::text, "What it is for."},
    {"seed", Takes::integer, "Of the random choices: the same seed, the same records."},
    {"rate", Takes::rate, "Records of the first stream: 200/s, 0.2/s."},
    {"streams", Takes::maps_by_name, "What is generated.", true, &kStreamMap},
});
constexpr GeneratorMap kFileMap{kFile};

constexpr std::string_view kSpan = R"("type": "string", "pattern": "^[0-9]+(ms|s|m|h|d))"
                                   R"((\\.\\.[0-9]+(ms|s|m|h|d))?$")";

std::string object(const GeneratorMap& map);

std::string shape(const GeneratorKey& key) {
  switch (key.takes) {
    case Takes::version:
      return "\"const\": 1";
    case Takes::integer:
      return "\"type\": \"integer\", \"minimum\": 0";
    case Takes::rate:
      return R"("type": "string", "pattern": "^[0-9.]+/(s|m|h)$")";
    case Takes::share:
      return R"("type": "string", "pattern": "^[0-9.]+%$")";
    case Takes::span:
      return std::string(kSpan);
    case Takes::expressions:
      return R"("type": "object", "additionalProperties": )"
             R"({"type": ["string", "number", "boolean", "null"]})";
    case Takes::map:
      return object(*key.map);
    case Takes::maps:
      return "\"type\": \"array\", \"items\": {" + object(*key.map) + "}";
    case Takes::maps_by_name:
      return "\"type\": \"object\", \"minProperties\": 1, \"additionalProperties\": {" +
             object(*key.map) + "}";
    case Takes::text:
      break;
  }
  return "\"type\": \"string\"";
}

std::string object(const GeneratorMap& map) {
  std::string required;
  std::string properties;
  for (const GeneratorKey& key : map.keys) {
    if (key.required) required += (required.empty() ? "" : ", ") + job::json_quoted(key.name);
    properties += (properties.empty() ? "" : ", ") + job::json_quoted(key.name) + ": {" +
                  shape(key) + ", \"description\": " + job::json_quoted(key.doc) + "}";
  }
  std::string all = "\"type\": \"object\", \"additionalProperties\": false";
  if (!required.empty()) all += ", \"required\": [" + required + "]";
  return all + ", \"properties\": {" + properties + "}";
}

}  // namespace

const GeneratorMap* GeneratorMap::inside(std::string_view key) const {
  for (const GeneratorKey& known : keys) {
    if (known.name == key) return known.map;
  }
  return nullptr;
}

std::vector<std::string> GeneratorMap::names() const {
  std::vector<std::string> all;
  for (const GeneratorKey& key : keys) all.emplace_back(key.name);
  return all;
}

const GeneratorMap& generator_language() { return kFileMap; }

std::string generator_schema() {
  return "{\n  \"$schema\": \"http://json-schema.org/draft-07/schema#\",\n"
         "  \"title\": \"weir generator\",\n  " +
         object(kFileMap) + "\n}\n";
}

}  // namespace weir::generate
