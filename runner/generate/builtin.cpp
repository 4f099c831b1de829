#include "generate/builtin.h"

namespace weir::generate {

namespace {

constexpr Builtin kBuiltins[] = {
#include "builtin_texts.inc"
};

}  // namespace

std::span<const Builtin> builtins() { return kBuiltins; }

const Builtin* find_builtin(std::string_view name) {
  for (const Builtin& builtin : kBuiltins) {
    if (builtin.name == name) return &builtin;
  }
  return nullptr;
}

}  // namespace weir::generate
