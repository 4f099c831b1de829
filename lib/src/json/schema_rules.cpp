#include "json/schema_rules.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <rapidjson/pointer.h>

#include "json/pattern.h"

namespace weir::json {
namespace {

using rapidjson::Value;

constexpr int kSchemaDepthMax = 64;

std::string_view text_of(const Value& value) {
  return {value.GetString(), value.GetStringLength()};
}

class Rules {
 public:
  explicit Rules(const Value& root) : root_(root) {}

  Status schema(const Value& value, const std::string& place, int depth) {
    if (!value.IsObject()) return wrong(place, "a schema is an object here");
    if (depth > kSchemaDepthMax) return wrong(place, "nested too deep");
    if (const auto ref = value.FindMember("$ref"); ref != value.MemberEnd()) {
      return reference(value, ref->value, place);
    }
    for (const auto& member : value.GetObject()) {
      // Of two of a kind one would be ignored.
      if (&value.FindMember(member.name)->value != &member.value) {
        return wrong(place, "the keyword '" + std::string(text_of(member.name)) + "' stands twice");
      }
      const Status s = keyword(text_of(member.name), member.value, place, depth);
      if (!s) return s;
    }
    const bool has_bounds =
        has(value, "exclusiveMinimum", "minimum") && has(value, "exclusiveMaximum", "maximum");
    if (!has_bounds) return wrong(place, "an exclusive bound needs its minimum or maximum");
    return rest_is_checked(value, place);
  }

 private:
  using Rule = Status (Rules::*)(const Value&, const std::string&, int);
  struct Keyword {
    std::string_view name;
    Rule rule;
  };

  static Status wrong(const std::string& place, const std::string& what, std::string hint = "") {
    return Error{place + ": " + what, std::move(hint)};
  }

  // RapidJSON judges the value of a property that a pattern alone names by the schema of the object
  // when there may be no others, and loses its way in it.
  static Status rest_is_checked(const Value& value, const std::string& place) {
    const auto rest = value.FindMember("additionalProperties");
    if (rest == value.MemberEnd() || !rest->value.IsFalse()) return {};
    if (!value.HasMember("patternProperties")) return {};
    return wrong(place, "additionalProperties: false beside patternProperties cannot be checked",
                 R"(write "additionalProperties": {"not": {}})");
  }

  // Whether the second keyword is there if the first one is.
  static bool has(const Value& value, const char* name, const char* needed) {
    return !value.HasMember(name) || value.HasMember(needed);
  }

  Status keyword(std::string_view name, const Value& value, const std::string& place, int depth) {
    static constexpr Keyword kKeywords[] = {
        {"type", &Rules::type},
        {"enum", &Rules::some_values},
        {"required", &Rules::names},
        {"properties", &Rules::schemas_by_name},
        {"definitions", &Rules::schemas_by_name},
        {"patternProperties", &Rules::schemas_by_pattern},
        {"additionalProperties", &Rules::flag_or_schema},
        {"additionalItems", &Rules::flag_or_schema},
        {"dependencies", &Rules::dependencies},
        {"items", &Rules::schema_or_schemas},
        {"allOf", &Rules::some_schemas},
        {"anyOf", &Rules::some_schemas},
        {"oneOf", &Rules::some_schemas},
        {"not", &Rules::schema},
        {"minProperties", &Rules::count},
        {"maxProperties", &Rules::count},
        {"minItems", &Rules::count},
        {"maxItems", &Rules::count},
        {"minLength", &Rules::count},
        {"maxLength", &Rules::count},
        {"minimum", &Rules::number},
        {"maximum", &Rules::number},
        {"exclusiveMinimum", &Rules::flag},
        {"exclusiveMaximum", &Rules::flag},
        {"uniqueItems", &Rules::flag},
        {"pattern", &Rules::pattern},
        {"$schema", &Rules::draft},
        {"title", &Rules::plain_value},
        {"description", &Rules::plain_value},
        {"default", &Rules::plain_value},
        {"examples", &Rules::plain_value},
        {"$comment", &Rules::plain_value},
    };
    for (const Keyword& known : kKeywords) {
      if (known.name != name) continue;
      return (this->*known.rule)(value, place + "/" + std::string(name), depth + 1);
    }
    return wrong(place, "unknown keyword '" + std::string(name) + "'", hint_for(name));
  }

  static std::string hint_for(std::string_view name) {
    if (name == "const") return "write enum with one value";
    if (name == "$defs") return "write definitions";
    if (name == "multipleOf") return "it is not exact for decimals";
    if (name == "format") return "it would not be checked; write a pattern";
    return "it would be ignored";
  }

  // RapidJSON compiles every object in a schema as one, wherever it stands.
  static bool is_plain(const Value& value, int depth) {
    if (!value.IsArray()) return !value.IsObject();
    const auto list = value.GetArray();
    return depth <= kSchemaDepthMax && std::all_of(list.begin(), list.end(), [&](const Value& one) {
             return is_plain(one, depth + 1);
           });
  }
  Status plain_value(const Value& value, const std::string& place, int depth) {
    if (is_plain(value, depth)) return {};
    return wrong(place, "an object here would be taken for a schema");
  }

  Status draft(const Value& value, const std::string& place, int) {
    constexpr std::string_view kDraft4 = "http://json-schema.org/draft-04/schema";
    std::string_view text = value.IsString() ? text_of(value) : std::string_view();
    if (text.ends_with('#')) text.remove_suffix(1);
    if (text == kDraft4) return {};
    return wrong(place, "only draft 4 is understood", std::string(kDraft4) + "#");
  }

  Status type(const Value& value, const std::string& place, int depth) {
    if (value.IsArray()) {
      if (value.Empty()) return wrong(place, "no type at all");
      for (const Value& one : value.GetArray()) {
        if (!one.IsString()) return wrong(place, "types are names");
        const Status s = type(one, place, depth);
        if (!s) return s;
      }
      return {};
    }
    if (!value.IsString()) return wrong(place, "a type is a name or a list of names");
    for (const char* known :
         {"object", "array", "string", "number", "integer", "boolean", "null"}) {
      if (text_of(value) == known) return {};
    }
    return wrong(place, "unknown type '" + std::string(text_of(value)) + "'");
  }

  Status some_values(const Value& value, const std::string& place, int depth) {
    if (!value.IsArray() || value.Empty()) return wrong(place, "a list of values is expected");
    return plain_value(value, place, depth);
  }

  Status names(const Value& value, const std::string& place, int) {
    if (!value.IsArray() || value.Empty()) return wrong(place, "a list of names is expected");
    for (const Value& one : value.GetArray()) {
      if (!one.IsString()) return wrong(place, "a list of names is expected");
    }
    return {};
  }

  Status count(const Value& value, const std::string& place, int) {
    return value.IsUint() ? Status() : wrong(place, "a count is expected");
  }
  Status number(const Value& value, const std::string& place, int) {
    return value.IsNumber() ? Status() : wrong(place, "a number is expected");
  }
  Status flag(const Value& value, const std::string& place, int) {
    return value.IsBool() ? Status() : wrong(place, "true or false is expected");
  }

  Status pattern(const Value& value, const std::string& place, int) {
    if (value.IsString() && is_plain_pattern(text_of(value))) return {};
    return wrong(place, "the pattern cannot be compiled",
                 "no \\d, \\w, \\s, no anchors inside: write [0-9], ^(a|b)$ and so on");
  }

  Status schemas_by_name(const Value& value, const std::string& place, int depth) {
    if (!value.IsObject()) return wrong(place, "an object of schemas is expected");
    for (const auto& member : value.GetObject()) {
      const Status s =
          schema(member.value, place + "/" + std::string(text_of(member.name)), depth + 1);
      if (!s) return s;
    }
    return {};
  }

  Status schemas_by_pattern(const Value& value, const std::string& place, int depth) {
    if (!value.IsObject()) return wrong(place, "an object of schemas is expected");
    for (const auto& member : value.GetObject()) {
      const Status s = pattern(member.name, place, depth);
      if (!s) return s;
    }
    return schemas_by_name(value, place, depth);
  }

  Status some_schemas(const Value& value, const std::string& place, int depth) {
    if (!value.IsArray() || value.Empty()) return wrong(place, "a list of schemas is expected");
    int index = 0;
    for (const Value& one : value.GetArray()) {
      const Status s = schema(one, place + "/" + std::to_string(index++), depth + 1);
      if (!s) return s;
    }
    return {};
  }

  Status schema_or_schemas(const Value& value, const std::string& place, int depth) {
    return value.IsArray() ? some_schemas(value, place, depth) : schema(value, place, depth);
  }
  Status flag_or_schema(const Value& value, const std::string& place, int depth) {
    return value.IsBool() ? Status() : schema(value, place, depth);
  }

  Status dependencies(const Value& value, const std::string& place, int depth) {
    if (!value.IsObject()) return wrong(place, "an object is expected");
    for (const auto& member : value.GetObject()) {
      const std::string at = place + "/" + std::string(text_of(member.name));
      const Status s = member.value.IsArray() ? names(member.value, at, depth)
                                              : schema(member.value, at, depth + 1);
      if (!s) return s;
    }
    return {};
  }

  // What stands beside a $ref is ignored; a $ref that leads to a $ref may go round in a circle.
  Status reference(const Value& value, const Value& ref, const std::string& place) {
    if (value.MemberCount() != 1) return wrong(place, "what stands beside $ref is ignored");
    const Value* at = &ref;
    for (int steps = 0; steps < kSchemaDepthMax; ++steps) {
      if (!at->IsString() || !text_of(*at).starts_with("#")) {
        return wrong(place, "$ref must begin with '#'", "everything lies in one text");
      }
      const rapidjson::Pointer pointer(at->GetString(), at->GetStringLength());
      const Value* target = pointer.IsValid() ? pointer.Get(root_) : nullptr;
      if (target == nullptr || !target->IsObject() || !is_schema_place(pointer)) {
        return wrong(place, "$ref leads nowhere: " + std::string(text_of(*at)));
      }
      const auto next = target->FindMember("$ref");
      if (next == target->MemberEnd()) return {};
      at = &next->value;
    }
    return wrong(place, "$ref goes round in a circle");
  }

  // The validator knows the schemas it meets on its way; definitions are the place for others.
  static bool is_schema_place(const rapidjson::Pointer& pointer) {
    if (pointer.GetTokenCount() == 0) return true;
    if (pointer.GetTokenCount() % 2 != 0) return false;
    for (std::size_t i = 0; i < pointer.GetTokenCount(); i += 2) {
      const std::string_view name = pointer.GetTokens()[i].name;
      if (name != "definitions" && name != "properties") return false;
    }
    return true;
  }

  const Value& root_;
};

}  // namespace

Status check_schema(const rapidjson::Value& schema) { return Rules(schema).schema(schema, "#", 0); }

}  // namespace weir::json
