// The words of generator files as tables: the reader checks by them, and the JSON Schema for
// editors is printed from them.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir::generate {

enum class Takes {
  text,
  version,
  integer,
  rate,
  share,
  span,
  expressions,
  map,
  maps,
  maps_by_name
};

struct GeneratorMap;

struct GeneratorKey {
  std::string_view name;
  Takes takes;
  std::string_view doc;
  bool required = false;
  const GeneratorMap* map = nullptr;
};

struct GeneratorMap {
  std::span<const GeneratorKey> keys;

  const GeneratorMap* inside(std::string_view key) const;  // REQUIRES: it is a key with a map.
  std::vector<std::string> names() const;
};

const GeneratorMap& generator_language();  // The top of a file.

// JSON Schema, draft 7, with a line end.
std::string generator_schema();

}  // namespace weir::generate
