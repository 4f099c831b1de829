// A value of a row whose types are known only at run time, and rows written as JSON.
//
//   const JsonTemplate row({"order_id", "total", "at"});
//   const JsonValue values[] = {JsonValue::string("o1"), JsonValue::decimal(75000, 2),
//                               JsonValue::time(0)};
//   row.write(values, out);  // {"order_id":"o1","total":750.00,"at":"1970-01-01T00:00:00Z"}
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <weir/time.h>

namespace weir {

// A tag and 8 bytes. Text is a view: whoever makes the value keeps the bytes.
class JsonValue {
 public:
  enum class Kind : std::uint8_t { kNull, kBool, kInt, kDouble, kDecimal, kString, kTime, kRaw };

  constexpr JsonValue() : int_(0) {}
  static constexpr JsonValue null() { return {}; }
  static constexpr JsonValue boolean(bool value) { return JsonValue(Kind::kBool, value ? 1 : 0); }
  static constexpr JsonValue integer(std::int64_t value) { return JsonValue(Kind::kInt, value); }
  static constexpr JsonValue time(Timestamp value) { return JsonValue(Kind::kTime, value); }
  static constexpr JsonValue decimal(std::int64_t units, int places) {
    JsonValue made(Kind::kDecimal, units);
    made.places_ = static_cast<std::uint8_t>(places);
    return made;
  }
  static constexpr JsonValue real(double value) {
    JsonValue made;
    made.kind_ = Kind::kDouble;
    made.double_ = value;
    return made;
  }
  // Text without escapes. REQUIRES: less than 4 GiB.
  static constexpr JsonValue string(std::string_view text) { return {Kind::kString, text}; }
  // A piece of valid JSON, passed through as it is.
  static constexpr JsonValue raw(std::string_view json) { return {Kind::kRaw, json}; }

  constexpr Kind kind() const { return kind_; }
  constexpr bool is_null() const { return kind_ == Kind::kNull; }

  // REQUIRES, for each: a value of that kind.
  constexpr bool as_bool() const { return int_ != 0; }
  constexpr std::int64_t as_int() const { return int_; }              // kInt
  constexpr std::int64_t units() const { return int_; }               // kDecimal
  constexpr int places() const { return places_; }                    // kDecimal
  constexpr Timestamp as_time() const { return int_; }                // kTime
  constexpr double as_double() const { return double_; }              // kDouble
  constexpr std::string_view text() const { return {text_, size_}; }  // kString, kRaw

 private:
  constexpr JsonValue(Kind kind, std::int64_t value) : kind_(kind), int_(value) {}
  constexpr JsonValue(Kind kind, std::string_view text)
      : kind_(kind), size_(static_cast<std::uint32_t>(text.size())), text_(text.data()) {}

  Kind kind_ = Kind::kNull;
  std::uint8_t places_ = 0;
  std::uint32_t size_ = 0;
  union {
    std::int64_t int_;
    double double_;
    const char* text_;
  };
};
static_assert(sizeof(JsonValue) == 16);

// Appends `value` as JSON: decimals with their places, doubles in the shortest form that reads back
// the same, times as `append_time_text` has them. NaN, infinities and times without a text are
// null; bytes in text that are not valid UTF-8 become U+FFFD.
void append_json(std::string& out, const JsonValue& value);

// The same for numbers that are no JsonValue.
void append_json_float(std::string& out, float value);
void append_json_unsigned(std::string& out, std::uint64_t value);

// An object with given names, ready to be filled with values.
class JsonTemplate {
 public:
  explicit JsonTemplate(std::span<const std::string> names);
  explicit JsonTemplate(std::initializer_list<std::string> names)
      : JsonTemplate(std::span<const std::string>(names.begin(), names.size())) {}

  // Appends the object; no allocation but for the growth of `out`. REQUIRES: as many values as
  // names.
  void write(std::span<const JsonValue> values, std::string& out) const;

  std::size_t size() const { return prefixes_.size(); }

 private:
  std::vector<std::string> prefixes_;  // `{"a":`, `,"b":`, ...
};

}  // namespace weir
