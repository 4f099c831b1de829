// From JSON to a value of a declared type.
#pragma once

#include <string_view>

#include "expression/arena.h"
#include "expression/type.h"
#include <weir/json_reader.h>
#include <weir/json_value.h>

namespace weir::compile {

// What `slot` means as a `type`; null where it is absent and may be. An Error, which names `field`,
// for anything else. Texts with escapes lie in `arena`, all others in the record's bytes.
Status read_typed(const JsonSlot& slot, std::string_view field, const expression::Type& type,
                  const TimeReading& times, expression::Arena& arena, JsonValue& out);

// A piece of checked JSON as a reader has it.
JsonSlot slot_of(std::string_view json);

}  // namespace weir::compile
