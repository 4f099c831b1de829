// Lazy reading of JSON records: only the wanted fields are taken out, the whole text is checked.
//
//   JsonReader reader({"order_id", "customer.tier", "items"});
//   if (Status s = reader.read(bytes); !s) return dead_letter(s.error());
//   std::string_view id;
//   if (Status s = read_string(reader[0], "order_id", scratch, id); !s) return
//   dead_letter(s.error());
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <weir/error.h>
#include <weir/time_format.h>

namespace weir {

enum class JsonKind : std::uint8_t {
  kMissing,
  kNull,
  kFalse,
  kTrue,
  kNumber,
  kString,
  kObject,
  kArray
};

// "number", "an object", ...: for messages.
std::string_view name_of(JsonKind kind);

// What stands at a wanted path. `text` is a view of the record's bytes: a number's digits, what
// lies between a string's quotes (with its escapes, if `escaped`), an object or array as it is.
struct JsonSlot {
  std::string_view text{};
  JsonKind kind = JsonKind::kMissing;
  bool escaped = false;

  bool is_absent() const { return kind <= JsonKind::kNull; }
  bool operator==(const JsonSlot&) const = default;
};

// How the bytes are looked at. Chosen by what the processor can do; all give the same slots.
enum class JsonSpeed : std::uint8_t { kScalar, kSse2, kAvx2 };
JsonSpeed fastest_json_speed();

namespace json {
class Reader;
}

// Reads records of one topic. It learns their shapes: keys and punctuation that it has seen compare
// in bulk, so a producer that repeats itself is read fastest. Whatever does not fit a known shape
// is read in full, with the same result. No allocation once shapes and sizes are known. Not for two
// threads at once.
//
// Refused: text that is not valid JSON, whose top is not an object, invalid UTF-8, a byte order
// mark, a lone surrogate, nesting over 1,000. Of a repeated key the last one counts.
class JsonReader {
 public:
  static constexpr int kDepthMax = 1000;

  // A path is keys with dots between them, "customer.tier"; in a key, `\.` is a dot and `\\` a
  // backslash. Paths do not go into arrays: an array is one slot. The empty path is the record.
  // REQUIRES: no path twice.
  explicit JsonReader(const std::vector<std::string>& paths,
                      JsonSpeed speed = fastest_json_speed());
  ~JsonReader();
  JsonReader(JsonReader&&) noexcept;
  JsonReader& operator=(JsonReader&&) noexcept;

  // Fills the slots from `bytes`, which need no NUL behind them; on an error, which has a position,
  // the slots mean nothing. The slots point into `bytes`.
  Status read(std::string_view bytes);

  // In the order of the paths.
  std::span<const JsonSlot> slots() const { return slots_; }
  const JsonSlot& operator[](std::size_t path) const { return slots_[path]; }

  // Records that fitted a learned shape, for tests and metrics.
  std::uint64_t shape_hits() const;

 private:
  std::vector<JsonSlot> slots_;
  std::unique_ptr<json::Reader> reader_;
};

// The elements of an array slot, one after the other.
//
//   JsonElements elements(reader[2]);
//   for (JsonSlot item; elements.next(item);) ...
class JsonElements {
 public:
  // REQUIRES: `array` comes from a JsonReader or JsonElements and is an array.
  explicit JsonElements(const JsonSlot& array);
  bool next(JsonSlot& element);

 private:
  std::string_view rest_;
};

// What a slot means as a value of a type. An Error, which names `field`, when the slot has no value
// or one of another type; nothing is guessed: text is never a number, a number never text.

Status read_bool(const JsonSlot& slot, std::string_view field, bool& into);

// Takes 5, 5.0 and 5e0, but not 5.5 and nothing beyond 64 bits.
Status read_int(const JsonSlot& slot, std::string_view field, std::int64_t& into);

// The nearest double; too large a number is an error, too small a one is 0.
Status read_double(const JsonSlot& slot, std::string_view field, double& into);

// As `parse_decimal` does: rounded half to even, no double in between.
Status read_decimal(const JsonSlot& slot, std::string_view field, int places, std::int64_t& units);

// The text without escapes. It lies in the record's bytes where there are none, else in `scratch`,
// which is overwritten.
Status read_string(const JsonSlot& slot, std::string_view field, std::string& scratch,
                   std::string_view& into);

// From text or a number, as `parse_time` does.
Status read_time(const JsonSlot& slot, std::string_view field, const TimeReading& reading,
                 Timestamp& into);

}  // namespace weir
