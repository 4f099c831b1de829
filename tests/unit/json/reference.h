// What a JSON text means, found out with RapidJSON: the reference for our own reader. It builds a
// tree, slowly; the rules that RapidJSON does not have are added by hand.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <rapidjson/encodedstream.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <weir/json_reader.h>

namespace weir::reference {

struct Node {
  JsonKind kind = JsonKind::kMissing;
  std::string text;  // Of a string, without escapes; of a number, as written.
  std::vector<std::pair<std::string, Node>> members;  // Keys are empty in arrays.
  bool operator==(const Node&) const = default;
};

class TreeBuilder {
 public:
  bool Null() { return add({JsonKind::kNull, "", {}}); }
  bool Bool(bool b) { return add({b ? JsonKind::kTrue : JsonKind::kFalse, "", {}}); }
  bool Int(int) { return false; }
  bool Uint(unsigned) { return false; }
  bool Int64(std::int64_t) { return false; }
  bool Uint64(std::uint64_t) { return false; }
  bool Double(double) { return false; }
  bool RawNumber(const char* text, rapidjson::SizeType size, bool) {
    return add({JsonKind::kNumber, std::string(text, size), {}});
  }
  bool String(const char* text, rapidjson::SizeType size, bool) {
    note_text({text, size});
    return add({JsonKind::kString, std::string(text, size), {}});
  }
  bool StartObject() { return open(JsonKind::kObject); }
  bool Key(const char* text, rapidjson::SizeType size, bool) {
    keys_.back().assign(text, size);
    note_text({text, size});
    return true;
  }
  bool EndObject(rapidjson::SizeType) { return close(); }
  bool StartArray() { return open(JsonKind::kArray); }
  bool EndArray(rapidjson::SizeType) { return close(); }

  Node root;
  std::size_t deepest = 0;
  bool has_surrogate = false;

 private:
  // RapidJSON lets a lone low surrogate pass and writes it as UTF-8 that is none.
  void note_text(std::string_view text) {
    for (std::size_t i = 0; i + 1 < text.size(); ++i) {
      has_surrogate |= text[i] == '\xed' && static_cast<unsigned char>(text[i + 1]) >= 0xa0;
    }
  }

  bool open(JsonKind kind) {
    open_.push_back({kind, "", {}});
    keys_.emplace_back();
    deepest = std::max(deepest, open_.size());
    return true;
  }
  bool close() {
    Node node = std::move(open_.back());
    open_.pop_back();
    keys_.pop_back();
    return add(std::move(node));
  }
  bool add(Node node) {
    if (open_.empty()) {
      root = std::move(node);
    } else {
      open_.back().members.emplace_back(keys_.back(), std::move(node));
    }
    return true;
  }

  std::vector<Node> open_;
  std::vector<std::string> keys_;
};

// What RapidJSON makes of a text. It refuses numbers that no double can hold, which are valid JSON:
// then it cannot tell.
struct Reading {
  std::optional<Node> tree{};  // Of valid JSON.
  bool cannot_tell = false;
};

// Of any JSON text.
inline Reading read_any(std::string_view text) {
  // To RapidJSON a NUL is the end.
  if (text.empty() || text.find('\0') != std::string_view::npos) return {};
  rapidjson::MemoryStream bytes(text.data(), text.size());
  rapidjson::Reader reader;
  TreeBuilder builder;
  constexpr unsigned kFlags =
      rapidjson::kParseValidateEncodingFlag | rapidjson::kParseNumbersAsStringsFlag;
  const rapidjson::ParseResult result = reader.Parse<kFlags>(bytes, builder);
  if (result.Code() == rapidjson::kParseErrorNumberTooBig) return {.cannot_tell = true};
  if (!result || builder.has_surrogate || builder.deepest > JsonReader::kDepthMax) return {};
  return {.tree = std::move(builder.root)};
}

// Of a record.
inline Reading read(std::string_view text) {
  Reading reading = read_any(text);
  if (reading.tree && reading.tree->kind != JsonKind::kObject) return {};
  return reading;
}

// What stands at a path: of a repeated key the last one counts.
inline Node find(const Node& root, const std::vector<std::string>& keys) {
  const Node* node = &root;
  for (const std::string& key : keys) {
    const Node* next = nullptr;
    if (node->kind == JsonKind::kObject) {
      for (const auto& [name, member] : node->members) {
        if (name == key) next = &member;
      }
    }
    if (next == nullptr) return {};
    node = next;
  }
  return *node;
}

// The same, of a slot.
inline Node node_of(const JsonSlot& slot) {
  if (slot.kind == JsonKind::kObject || slot.kind == JsonKind::kArray) {
    return read_any(slot.text).tree.value_or(Node{});
  }
  Node node{slot.kind, "", {}};
  if (slot.kind == JsonKind::kNumber) node.text = slot.text;
  if (slot.kind == JsonKind::kString) {
    std::string scratch;
    std::string_view text;
    if (read_string(slot, "", scratch, text)) node.text = text;
  }
  return node;
}

}  // namespace weir::reference
