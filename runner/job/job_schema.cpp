#include "job/job_schema.h"

#include <algorithm>
#include <vector>

#include "job/diagnostic_print.h"
#include "job/language.h"

namespace weir::job {

namespace {

constexpr std::string_view kDuration = "[0-9]+(ms|s|m|h|d)";
// Values from outside are put in before anything is checked.
constexpr std::string_view kOutside = ".*\\$\\{.*";
constexpr std::string_view kName = "^[A-Za-z_][A-Za-z0-9_]*$";

// What a scalar looks like, as a regular expression without anchors; empty: anything.
std::string pattern_of(const KeySpec& key) {
  std::string pattern;
  switch (key.want) {
    case Want::name:
      pattern = "[A-Za-z_][A-Za-z0-9_]*";
      break;
    case Want::dash_name:
      pattern = "[a-z][a-z0-9-]{0,62}";
      break;
    case Want::duration:
      pattern = kDuration;
      break;
    case Want::size:
      pattern = "[0-9]+(B|KiB|MiB|GiB|TiB)";
      break;
    case Want::percent:
      pattern = "[0-9]+(\\.[0-9]+)?%";
      break;
    case Want::rate:
      pattern = "[0-9]+(\\.[0-9]+)?/(s|m|h)";
      break;
    case Want::range:
      pattern = std::string(kDuration) + "\\.\\." + std::string(kDuration);
      break;
    default:
      break;
  }
  for (const std::string_view word : key.words) {
    pattern += (pattern.empty() ? "" : "|") + std::string(word);
  }
  if (pattern.empty()) return {};
  return "^(" + pattern + "|" + std::string(kOutside) + ")$";
}

class SchemaPrinter {
 public:
  std::string run() {
    std::string top = object(job_language(), false);
    std::string definitions;
    // Printing one map may name others; each is printed once, under its own name.
    for (std::size_t i = 0; i < maps_.size(); ++i) {
      const MapSpec* map = maps_[i];
      definitions += (definitions.empty() ? "\n    " : ",\n    ") + json_quoted(name_of(*map)) +
                     ": {" + object(*map, map == &step_language()) + "}";
    }
    definitions +=
        ",\n    \"type\": {\"type\": [\"string\", \"object\", \"array\"], \"pattern\": "
        "\"^((string|int|float|bool|time|date|any|decimal\\\\([0-9]{1,2}\\\\))( or null)?)$\", "
        "\"items\": {\"$ref\": \"#/definitions/type\"}, \"maxItems\": 1, "
        "\"additionalProperties\": {\"$ref\": \"#/definitions/type\"}}";
    return "{\n  \"$schema\": \"http://json-schema.org/draft-07/schema#\",\n"
           "  \"title\": \"weir job\",\n  " +
           top + ",\n  \"definitions\": {" + definitions + "\n  }\n}\n";
  }

 private:
  // "sink 'mongodb'" is #/definitions/sink-mongodb.
  static std::string name_of(const MapSpec& map) {
    std::string name;
    for (const char c : map.name) {
      const bool letter = (c >= 'a' && c <= 'z') || c == '_';
      if (letter) name += c;
      if (c == ' ' && !name.empty()) name += '-';
    }
    return name;
  }

  std::string reference(const MapSpec& map) {
    if (std::find(maps_.begin(), maps_.end(), &map) == maps_.end()) maps_.push_back(&map);
    return "\"$ref\": \"#/definitions/" + name_of(map) + "\"";
  }

  std::string object(const MapSpec& map, bool one_key) {
    std::string required;
    std::string properties;
    for (const KeySpec& key : map.keys) {
      if (key.required) required += (required.empty() ? "" : ", ") + json_quoted(key.name);
      properties +=
          (properties.empty() ? "" : ", ") + json_quoted(key.name) + ": {" + value(key) + "}";
    }
    std::string all = "\"type\": \"object\", \"additionalProperties\": false";
    if (one_key) all += ", \"minProperties\": 1, \"maxProperties\": 1";
    if (!required.empty()) all += ", \"required\": [" + required + "]";
    return all + ", \"properties\": {" + properties + "}";
  }

  std::string value(const KeySpec& key) {
    std::string all = shape(key);
    if (!key.initial.empty()) all += ", \"default\": " + json_quoted(key.initial);
    // Beside a $ref other words do not count in draft 7.
    if (!all.starts_with("\"$ref\"")) all += ", \"description\": " + json_quoted(key.doc);
    return all;
  }

  std::string members(const KeySpec& key) {
    return ", \"additionalProperties\": {" + reference(*key.map) + "}";
  }

  // A scalar, and the map that may stand in its place.
  std::string scalar(const KeySpec& key, std::string types) {
    std::string all;
    const std::string pattern = pattern_of(key);
    if (!pattern.empty()) all += ", \"pattern\": " + json_quoted(pattern);
    if (key.map != nullptr) {
      types += ", \"object\"";
      all += ", " + properties_of(*key.map);
    }
    return "\"type\": [" + types + "]" + all;
  }

  std::string properties_of(const MapSpec& map) {
    const std::string all = object(map, false);
    return all.substr(all.find("\"additionalProperties\""));
  }

  std::string shape(const KeySpec& key) {
    constexpr std::string_view kOneOrMore = "\"type\": [\"string\", \"array\"";
    const std::string names = ", \"propertyNames\": {\"pattern\": " + json_quoted(kName) + "}";
    const std::string any_scalar = "{\"type\": [\"string\", \"number\", \"boolean\"]}";
    switch (key.want) {
      case Want::none:
        return reference(*key.map);
      case Want::version:
        return "\"const\": 1";
      case Want::integer:
        return "\"type\": [\"integer\", \"string\"], \"minimum\": 1";
      case Want::count:
        return "\"type\": [\"integer\", \"string\"], \"minimum\": 0";
      case Want::boolean:
        return "\"type\": [\"boolean\", \"string\"]";
      case Want::expression:
        return "\"type\": [\"string\", \"number\", \"boolean\"]";
      case Want::expressions:
      case Want::sources: {
        std::string all(kOneOrMore);
        if (key.map != nullptr) all += ", \"object\"";
        all += "], \"items\": {\"type\": \"string\"}, \"minItems\": 1";
        return key.map != nullptr ? all + ", " + properties_of(*key.map) : all;
      }
      case Want::names:
        return "\"type\": \"array\", \"items\": {\"type\": \"string\"}";
      case Want::fields:
        return "\"type\": [\"object\", \"string\"], \"pattern\": \"^any$\"" + names +
               ", \"additionalProperties\": {\"$ref\": \"#/definitions/type\"}";
      case Want::expressions_by_name:
        return "\"type\": \"object\"" + names + ", \"additionalProperties\": " + any_scalar;
      case Want::aggregates_by_name:
        return "\"type\": \"object\", \"minProperties\": 1" + names +
               ", \"additionalProperties\": {\"type\": \"string\"}";
      case Want::constants_by_name:
        return "\"type\": \"object\", \"additionalProperties\": " + any_scalar;
      case Want::maps_by_name:
        return "\"type\": \"object\", \"minProperties\": 1" + names + members(key);
      case Want::maps:
        return "\"type\": \"array\", \"minItems\": 1, \"items\": {" + reference(*key.map) + "}";
      case Want::steps:
        return "\"type\": \"array\", \"items\": {" + reference(*key.map) + "}";
      case Want::sinks:
        // One definition for both: a list holds what may also stand alone.
        return "\"type\": [\"string\", \"object\", \"array\"], \"items\": {\"type\": [\"string\", "
               "\"object\"], " +
               properties_of(*key.map) + "}, " + properties_of(*key.map);
      default:
        return scalar(key, key.want == Want::text ? "\"string\", \"number\"" : "\"string\"");
    }
  }

  std::vector<const MapSpec*> maps_;  // In the order they were first named.
};

}  // namespace

std::string job_schema() { return SchemaPrinter().run(); }

}  // namespace weir::job
