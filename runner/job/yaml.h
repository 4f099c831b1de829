// YAML as a tree of nodes that know their places. What YAML accepts silently and means otherwise
// (duplicate keys, merge keys, tags, an expression cut in two by a comma) is a finding here.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "job/diagnostic.h"
#include "job/source.h"

namespace weir::job {

struct Node {
  enum class Kind { null, scalar, list, map };
  enum class Style { plain, single_quoted, double_quoted, block };

  Kind kind = Kind::null;
  Style style = Style::plain;  // Of a scalar.
  bool flow = false;           // Of a list or map: written as [...] or {...}.
  bool from_outside = false;   // The text is not what the file says: ${...} or --set.
  bool secret = false;         // Never to be printed.
  Place place;                 // Of a scalar, all of it; of a list or map, its first character.
  std::string text;            // Of a scalar.
  std::vector<Node> keys;      // Of a map, in the order of the file; as many as items.
  std::vector<Node> items;     // Of a list or map.

  bool is_scalar() const { return kind == Kind::scalar; }
  bool is_list() const { return kind == Kind::list; }
  bool is_map() const { return kind == Kind::map; }
  bool is_null() const { return kind == Kind::null; }

  // The value or the key node of `key` in a map, or null.
  const Node* find(std::string_view key) const;
  Node* find(std::string_view key);
  const Node* find_key(std::string_view key) const;
};

inline constexpr int kYamlDepthMax = 64;
inline constexpr std::size_t kYamlKeysMax = 5000;  // Of one map: each is compared with the others.

// Reads one document. Nothing when the text is not YAML; otherwise the tree, and the findings about
// it. The tree owns its text; places refer to the source of `found`.
std::optional<Node> read_yaml(Diagnostics& found);

// Where character `index` of the scalar's text stands in the file, whatever the quoting or folding.
// For texts from outside: the start of the scalar.
std::size_t offset_in_file(const Source& source, const Node& scalar, std::size_t index);
// The same for the bytes [first, last) of the text.
Place place_in_file(const Source& source, const Node& scalar, std::size_t first, std::size_t last);

// What yaml-cpp's message about `offset` means, in plain words.
struct SyntaxAdvice {
  std::string text;
  std::string hint;
};
SyntaxAdvice explain_syntax(const Source& source, std::size_t offset, std::string_view message);

}  // namespace weir::job
