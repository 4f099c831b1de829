#include "sink/bson_writer.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <set>

#include "json/text.h"
#include "json/value_at.h"
#include <weir/decimal.h>
#include <weir/time_format.h>

namespace weir::sink {

namespace {

using Type = SinkColumn::Type;

const std::vector<SinkColumn> kAnything;

std::string plain_key(const JsonSlot& key) {
  std::string plain;
  json::append_unescaped(plain, key.text);
  return plain;
}

// The members that come before another of the same key.
std::set<std::size_t> repeated(std::string_view object) {
  std::vector<std::pair<std::string, std::size_t>> keys;
  std::set<std::size_t> found;
  for (json::Members members(object); members.next();) {
    keys.emplace_back(plain_key(members.key()), keys.size());
  }
  std::ranges::sort(keys);
  for (std::size_t i = 1; i < keys.size(); ++i) {
    if (keys[i - 1].first == keys[i].first) found.insert(keys[i - 1].second);
  }
  return found;
}

// Finds the columns of members that mostly come in the columns' order.
class ColumnFinder {
 public:
  explicit ColumnFinder(const std::vector<SinkColumn>& columns) : columns_(columns) {}

  const SinkColumn* find(std::string_view key) {
    if (next_ < columns_.size() && columns_[next_].name == key) return &columns_[next_++];
    const auto found = std::ranges::find(columns_, key, &SinkColumn::name);
    if (found == columns_.end()) return nullptr;
    next_ = static_cast<std::size_t>(found - columns_.begin()) + 1;
    return &*found;
  }

 private:
  const std::vector<SinkColumn>& columns_;
  std::size_t next_ = 0;
};

bool in_order(std::string_view object, const std::vector<SinkColumn>& columns) {
  std::size_t at = 0;
  for (json::Members members(object); members.next(); ++at) {
    if (members.key().escaped) return false;
    while (at < columns.size() && columns[at].name != members.key().text) ++at;
    if (at >= columns.size()) return false;
  }
  return true;
}

int size_of(std::string_view text) { return static_cast<int>(text.size()); }

// Sign, exponent with its bias, and 113 bits of digits, of which 64 are used.
bson_decimal128_t decimal_of(std::int64_t units, int places) {
  const bool negative = units < 0;
  const auto digits = static_cast<std::uint64_t>(units);
  bson_decimal128_t made{};
  made.low = negative ? ~digits + 1 : digits;
  made.high =
      (static_cast<std::uint64_t>(6176 - places) << 49) | (negative ? std::uint64_t{1} << 63 : 0);
  return made;
}

double real_of(std::string_view number) {
  double real = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), real);
  if (error != std::errc::result_out_of_range) return real;
  // Either far too large or far too small; the exponent says which.
  const std::size_t e = number.find_first_of("eE");
  const bool small = e != std::string_view::npos && number.substr(e + 1).starts_with('-');
  const double far = small ? 0.0 : std::numeric_limits<double>::infinity();
  return number.starts_with('-') ? -far : far;
}

void append_integer(std::string_view key, std::int64_t number, bool wide, bson_t* out) {
  constexpr std::int64_t kLeast = std::numeric_limits<std::int32_t>::min();
  constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
  if (wide || number < kLeast || number > kMost) {
    bson_append_int64(out, key.data(), size_of(key), number);
  } else {
    bson_append_int32(out, key.data(), size_of(key), static_cast<std::int32_t>(number));
  }
}

bool read_integer(std::string_view text, std::int64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

Status BsonWriter::write(std::string_view json, bson_t* document, bool as_update) {
  if (Status s = reader_.read(json); !s) return s;
  as_update_ = as_update;
  return object(json.substr(json.find('{')), columns_, 1, document);
}

Status BsonWriter::key_fault(std::string_view key, int depth) const {
  if (key.find('\0') != std::string_view::npos) {
    return Error{"a field's name has a NUL in it, which MongoDB does not take"};
  }
  if (depth > 1) return {};
  if (key.empty()) return Error{"a field has an empty name, which MongoDB does not take"};
  if (key.starts_with('$')) {
    return Error{"the field '" + std::string(key) + "' starts with $, which MongoDB does not take"};
  }
  if (as_update_ && key.find('.') != std::string_view::npos) {
    return Error{"the field '" + std::string(key) + "' has a dot, which 'merge' takes for a path"};
  }
  return {};
}

Status BsonWriter::object(std::string_view text, const std::vector<SinkColumn>& columns, int depth,
                          bson_t* out) {
  if (depth > kDepthMax) {
    return Error{"it is nested deeper than " + std::to_string(kDepthMax) + " levels"};
  }
  std::set<std::size_t> skipped;
  if (!in_order(text, columns)) skipped = repeated(text);
  ColumnFinder finder(columns);
  std::size_t at = 0;
  for (json::Members members(text); members.next(); ++at) {
    if (skipped.contains(at)) continue;
    const JsonSlot& raw = members.key();
    const std::string unescaped = raw.escaped ? plain_key(raw) : std::string();
    const std::string_view key = raw.escaped ? std::string_view(unescaped) : raw.text;
    if (depth == 1 && key == "_id") continue;
    if (Status s = key_fault(key, depth); !s) return s;
    if (Status s = value(members.value(), {key, finder.find(key), depth}, out); !s) return s;
  }
  return {};
}

Status BsonWriter::array(const JsonSlot& slot, const SinkColumn* element, int depth, bson_t* out) {
  if (depth > kDepthMax) {
    return Error{"it is nested deeper than " + std::to_string(kDepthMax) + " levels"};
  }
  std::uint32_t at = 0;
  JsonElements elements(slot);
  for (JsonSlot item; elements.next(item); ++at) {
    char digits[16];
    const char* key = nullptr;
    const std::size_t size = bson_uint32_to_string(at, &key, digits, sizeof digits);
    if (Status s = value(item, {{key, size}, element, depth}, out); !s) return s;
  }
  return {};
}

Status BsonWriter::value(const JsonSlot& slot, const Place& place, bson_t* out) {
  const std::string_view key = place.key;
  switch (slot.kind) {
    case JsonKind::kMissing:
    case JsonKind::kNull:
      bson_append_null(out, key.data(), size_of(key));
      return {};
    case JsonKind::kTrue:
    case JsonKind::kFalse:
      bson_append_bool(out, key.data(), size_of(key), slot.kind == JsonKind::kTrue);
      return {};
    case JsonKind::kNumber:
      return number(slot, place, out);
    case JsonKind::kString:
      return text(slot, place, out);
    case JsonKind::kObject: {
      bson_t inner;
      bson_append_document_begin(out, key.data(), size_of(key), &inner);
      Status s = object(slot.text, place.column != nullptr ? place.column->inside : kAnything,
                        place.depth + 1, &inner);
      bson_append_document_end(out, &inner);
      return s;
    }
    case JsonKind::kArray:
      break;
  }
  const bool declared =
      place.column != nullptr && place.column->type == Type::list && !place.column->inside.empty();
  bson_t inner;
  bson_append_array_begin(out, key.data(), size_of(key), &inner);
  Status s =
      array(slot, declared ? &place.column->inside.front() : nullptr, place.depth + 1, &inner);
  bson_append_array_end(out, &inner);
  return s;
}

Status BsonWriter::number(const JsonSlot& slot, const Place& place, bson_t* out) {
  const std::string_view key = place.key;
  const Type type = place.column != nullptr ? place.column->type : Type::any;
  std::int64_t units = 0;
  if (type == Type::decimal && decimals_ == MongodbDecimals::decimal128 &&
      parse_decimal(slot.text, place.column->places, units)) {
    const bson_decimal128_t made = decimal_of(units, place.column->places);
    bson_append_decimal128(out, key.data(), size_of(key), &made);
  } else if (type == Type::decimal && decimals_ == MongodbDecimals::text) {
    bson_append_utf8(out, key.data(), size_of(key), slot.text.data(), size_of(slot.text));
  } else if (type != Type::decimal && type != Type::real && read_integer(slot.text, units)) {
    append_integer(key, units, type == Type::integer, out);
  } else {
    bson_append_double(out, key.data(), size_of(key), real_of(slot.text));
  }
  return {};
}

Status BsonWriter::text(const JsonSlot& slot, const Place& place, bson_t* out) {
  std::string_view plain = slot.text;
  if (slot.escaped) {
    scratch_.clear();
    json::append_unescaped(scratch_, slot.text);
    plain = scratch_;
  }
  const std::string_view key = place.key;
  Timestamp time = 0;
  if (place.column != nullptr && place.column->type == Type::time && times_ == MongodbTimes::date &&
      parse_time(plain, {}, time)) {
    bson_append_date_time(out, key.data(), size_of(key), time);
  } else {
    bson_append_utf8(out, key.data(), size_of(key), plain.data(), size_of(plain));
  }
  return {};
}

}  // namespace weir::sink
