#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/schema.h>
#include <rapidjson/stringbuffer.h>

#include "json/schema_rules.h"
#include <weir/json_schema.h>

namespace weir {

namespace json {

class Schema {
 public:
  explicit Schema(const rapidjson::Document& text) : schema_(text), validator_(schema_) {}

  Status validate(std::string_view record) {
    constexpr unsigned kFlags =
        rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag;
    validator_.Reset();
    rapidjson::MemoryStream bytes(record.data(), record.size());
    const rapidjson::ParseResult result = reader_.Parse<kFlags>(bytes, validator_);
    if (!validator_.IsValid()) return misfit();
    if (result) return {};
    return Error{std::string("not valid JSON: ") + rapidjson::GetParseError_En(result.Code()), "",
                 result.Offset()};
  }

 private:
  static std::string text_of(const rapidjson::Pointer& pointer, bool in_schema) {
    rapidjson::StringBuffer text;
    if (in_schema) {
      pointer.StringifyUriFragment(text);
    } else {
      pointer.Stringify(text);
    }
    return {text.GetString(), text.GetSize()};
  }

  Status misfit() const {
    const std::string place = text_of(validator_.GetInvalidDocumentPointer(), false);
    return Error{(place.empty() ? "the record" : place) + ": '" +
                 validator_.GetInvalidSchemaKeyword() + "' of " +
                 text_of(validator_.GetInvalidSchemaPointer(), true)};
  }

  rapidjson::SchemaDocument schema_;
  rapidjson::SchemaValidator validator_;
  rapidjson::Reader reader_;
};

}  // namespace json

JsonSchema::JsonSchema(std::unique_ptr<json::Schema> schema) : schema_(std::move(schema)) {}
JsonSchema::~JsonSchema() = default;
JsonSchema::JsonSchema(JsonSchema&&) noexcept = default;
JsonSchema& JsonSchema::operator=(JsonSchema&&) noexcept = default;

Result<JsonSchema> JsonSchema::load(std::string_view text) {
  rapidjson::Document document;
  // Patterns in bad UTF-8 would be compiled beyond their ends.
  document.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag>(
      text.data(), text.size());
  if (document.HasParseError()) {
    return Error{std::string("the schema is not valid JSON: ") +
                     rapidjson::GetParseError_En(document.GetParseError()),
                 "", document.GetErrorOffset()};
  }
  if (Status s = json::check_schema(document); !s) return s.error();
  return JsonSchema(std::make_unique<json::Schema>(document));
}

Status JsonSchema::validate(std::string_view record) { return schema_->validate(record); }

}  // namespace weir
