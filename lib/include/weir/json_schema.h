// JSON Schema for records: the part of draft 4 that is checked in full, and nothing that would be
// ignored in silence.
//
//   Result<JsonSchema> schema = JsonSchema::load(text);
//   if (!schema) return schema.error();    // "#/properties/amount: unknown keyword 'minimun'"
//   if (Status s = schema->validate(bytes); !s) return dead_letter(s.error());
#pragma once

#include <memory>
#include <string_view>

#include <weir/error.h>

namespace weir {

namespace json {
class Schema;
}

// Keywords: type, enum, required, properties, patternProperties, additionalProperties,
// dependencies, minProperties, maxProperties, items, additionalItems, minItems, maxItems,
// uniqueItems, minLength, maxLength, pattern, minimum, maximum, exclusiveMinimum and
// exclusiveMaximum (true or false), allOf, anyOf, oneOf, not, $ref within the text, definitions.
// Beside patternProperties, "additionalProperties": {"not": {}} stands for false.
// Without effect and allowed: $schema, title, description, default, examples, $comment. In these
// and in enum there may be no objects.
class JsonSchema {
 public:
  // An Error, which begins with the place in the schema, for a text that is not valid JSON, an
  // unknown keyword (const, format, multipleOf, if, ... are unknown: they would not be checked), a
  // keyword with a value it cannot have, a pattern that cannot be compiled (no \d, \w, \s: write
  // [0-9]), a $ref that leads nowhere or round in a circle.
  static Result<JsonSchema> load(std::string_view text);

  ~JsonSchema();
  JsonSchema(JsonSchema&&) noexcept;
  JsonSchema& operator=(JsonSchema&&) noexcept;

  // Whether the record fits. The Error says where in the record, which keyword and where in the
  // schema: "/items/0/price: 'minimum' of #/definitions/item/properties/price". A number must have
  // no fraction as written to be an integer: 5, not 5.0. Not for two threads at once.
  Status validate(std::string_view record);

 private:
  explicit JsonSchema(std::unique_ptr<json::Schema> schema);
  std::unique_ptr<json::Schema> schema_;
};

}  // namespace weir
