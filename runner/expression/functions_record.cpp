// Functions about the record, about JSON it carries, and about identity.
#include <array>
#include <bit>

#include "expression/function.h"
#include "expression/json_text.h"
#include "expression/sha1.h"

namespace weir::expression::body {

namespace {

using Args = std::span<const JsonValue>;
using ValueKind = JsonValue::Kind;
constexpr std::string_view kNoRoom = "the texts of this record are larger than 64 MiB";

}  // namespace

bool record_time(CallFrame& frame, Args, JsonValue& out) {
  out = JsonValue::time(frame.facts.record_time);
  return true;
}
bool arrival_time(CallFrame& frame, Args, JsonValue& out) {
  out = JsonValue::time(frame.facts.arrival_time);
  return true;
}
bool now(CallFrame& frame, Args, JsonValue& out) {
  out = JsonValue::time(frame.facts.now);
  return true;
}
bool topic(CallFrame& frame, Args, JsonValue& out) {
  out = JsonValue::string(frame.facts.topic);
  return true;
}
bool partition(CallFrame& frame, Args, JsonValue& out) {
  out = JsonValue::integer(frame.facts.partition);
  return true;
}
bool offset(CallFrame& frame, Args, JsonValue& out) {
  out = JsonValue::integer(frame.facts.offset);
  return true;
}

// The last one counts, as it does for Kafka's own clients.
bool header(CallFrame& frame, Args args, JsonValue& out) {
  out = JsonValue::null();
  for (const Header& header : frame.facts.headers) {
    if (header.name != args[0].text()) continue;
    out = header.value ? JsonValue::string(*header.value) : JsonValue::null();
  }
  return true;
}

bool size(CallFrame& frame, Args args, JsonValue& out) {
  if (args[0].kind() != ValueKind::kRaw) return frame.fail("is neither a list nor a map");
  std::int64_t count = 0;
  for (JsonWalk walk(args[0].text()); walk.next();) ++count;
  out = JsonValue::integer(count);
  return true;
}

namespace {

// Of a repeated key the last one counts, as everywhere.
bool member(CallFrame& frame, std::string_view map, std::string_view wanted, bool& found,
            std::string_view& value) {
  found = false;
  for (JsonWalk walk(map); walk.next();) {
    std::string_view key;
    if (!unescape(walk.key(), frame.arena, key)) return frame.fail(kNoRoom);
    if (key != wanted) continue;
    found = true;
    value = walk.value();
  }
  return true;
}

}  // namespace

bool has(CallFrame& frame, Args args, JsonValue& out) {
  bool found = false;
  std::string_view value;
  if (args[0].kind() == ValueKind::kRaw && JsonWalk(args[0].text()).is_map() &&
      !member(frame, args[0].text(), args[1].text(), found, value)) {
    return false;
  }
  out = JsonValue::boolean(found);
  return true;
}

// Elements count from 0; what is not there is null, also in something that holds nothing.
bool at(CallFrame& frame, Args args, JsonValue& out) {
  out = JsonValue::null();
  if (args[0].kind() != ValueKind::kRaw) return true;
  JsonWalk walk(args[0].text());
  std::string_view value;
  bool found = false;
  if (walk.is_map()) {
    if (args[1].kind() != ValueKind::kString)
      return frame.fail("a map is asked by the name of a field");
    if (!member(frame, args[0].text(), args[1].text(), found, value)) return false;
  } else {
    if (args[1].kind() != ValueKind::kInt) return frame.fail("a list is asked by a number");
    std::int64_t index = args[1].as_int();
    while (index >= 0 && !found && walk.next()) {
      found = index-- == 0;
      value = walk.value();
    }
  }
  if (!found) return true;
  return value_of_json(value, frame.arena, out) || frame.fail(kNoRoom);
}

bool is_type(CallFrame& frame, Args args, JsonValue& out) {
  const std::string_view name = args[1].text();
  bool yes = false;
  switch (args[0].kind()) {
    case ValueKind::kNull:
      yes = name == "null";
      break;
    case ValueKind::kBool:
      yes = name == "bool";
      break;
    case ValueKind::kInt:
      yes = name == "int";
      break;
    case ValueKind::kDouble:
      yes = name == "float";
      break;
    case ValueKind::kDecimal:
      yes = name == "decimal" || name == "float";
      break;
    case ValueKind::kString:
      yes = name == "string";
      break;
    case ValueKind::kTime:
      yes = name == "time";
      break;
    case ValueKind::kRaw: {
      const JsonWalk walk(args[0].text());
      yes = walk.is_map() ? name == "map" : name == "list";
      break;
    }
  }
  (void)frame;  // No value of any kind is an error here.
  out = JsonValue::boolean(yes);
  return true;
}

namespace {

// FNV-1a over 64 bits, then mixed, since its last byte hardly reaches the high bits.
class Hash {
 public:
  void add(std::string_view bytes) {
    for (const char c : bytes) {
      state_ = (state_ ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
    }
  }
  void add(std::uint64_t number) {
    std::array<char, 8> bytes{};
    for (char& byte : bytes) {
      byte = static_cast<char>(number & 0xFF);
      number >>= 8;
    }
    add(std::string_view(bytes.data(), bytes.size()));
  }
  std::int64_t finish() const {
    std::uint64_t h = state_;
    h = (h ^ h >> 33) * 0xff51afd7ed558ccdU;
    h = (h ^ h >> 33) * 0xc4ceb9fe1a85ec53U;
    return static_cast<std::int64_t>(h ^ h >> 33);
  }

 private:
  std::uint64_t state_ = 0xcbf29ce484222325U;
};

}  // namespace

// Equal values give equal numbers for ever: this may be stored.
bool hash(CallFrame&, Args args, JsonValue& out) {
  Hash sum;
  for (const JsonValue& x : args) {
    switch (x.kind()) {
      case ValueKind::kNull:
        sum.add("n");
        break;
      case ValueKind::kString:
      case ValueKind::kRaw:
        sum.add("s");
        sum.add(x.text().size());
        sum.add(x.text());
        break;
      case ValueKind::kDouble:
        sum.add("f");
        sum.add(std::bit_cast<std::uint64_t>(x.as_double()));
        break;
      case ValueKind::kDecimal:
        sum.add("d");
        sum.add(static_cast<std::uint64_t>(x.places()));
        sum.add(static_cast<std::uint64_t>(x.units()));
        break;
      default:
        sum.add("i");
        sum.add(static_cast<std::uint64_t>(x.as_int()));
        break;
    }
  }
  out = JsonValue::integer(sum.finish());
  return true;
}

namespace {

using Uuid = std::array<char, 16>;

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The names of RFC 4122, or a UUID as text.
bool name_space(std::string_view text, Uuid& into) {
  constexpr std::array<std::pair<std::string_view, char>, 4> kKnown{
      {{"dns", '0'}, {"url", '1'}, {"oid", '2'}, {"x500", '4'}}};
  std::array<char, 36> spelled{};
  for (const auto& [name, digit] : kKnown) {
    if (text != name) continue;
    constexpr std::string_view kForm = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";
    kForm.copy(spelled.data(), spelled.size());
    spelled[7] = digit;
    text = {spelled.data(), spelled.size()};
    break;
  }
  if (text.size() != 36) return false;
  std::size_t byte = 0;
  for (std::size_t i = 0; i < text.size();) {
    if (i == 8 || i == 13 || i == 18 || i == 23) {
      if (text[i++] != '-') return false;
      continue;
    }
    const int high = hex_digit(text[i]);
    const int low = hex_digit(text[i + 1]);
    if (high < 0 || low < 0) return false;
    into[byte++] = static_cast<char>(high << 4 | low);
    i += 2;
  }
  return true;
}

}  // namespace

bool uuid5(CallFrame& frame, Args args, JsonValue& out) {
  constexpr std::string_view kHex = "0123456789abcdef";
  Uuid space{};
  if (!name_space(args[0].text(), space)) {
    return frame.fail("the first argument is 'dns', 'url', 'oid', 'x500' or a UUID");
  }
  auto digest = sha1({space.data(), space.size()}, args[1].text());
  digest[6] = static_cast<unsigned char>((digest[6] & 0x0F) | 0x50);
  digest[8] = static_cast<unsigned char>((digest[8] & 0x3F) | 0x80);
  char* const start = frame.arena.allocate(36);
  if (start == nullptr) return frame.fail(kNoRoom);
  char* end = start;
  for (std::size_t i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) *end++ = '-';
    *end++ = kHex[digest[i] >> 4];
    *end++ = kHex[digest[i] & 15];
  }
  out = JsonValue::string({start, 36});
  return true;
}

}  // namespace weir::expression::body
