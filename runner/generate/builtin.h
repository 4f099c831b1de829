// The generators that come with weir.
#pragma once

#include <span>
#include <string_view>

namespace weir::generate {

struct Builtin {
  std::string_view name;
  std::string_view yaml;
};

std::span<const Builtin> builtins();
const Builtin* find_builtin(std::string_view name);

}  // namespace weir::generate
