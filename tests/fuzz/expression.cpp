// Any text as an expression over a row of every type: it is refused, or it gives a value of the
// type that was promised, or an error of the record.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "unit/expression/evaluating.h"

namespace {

bool keeps_promise(const weir::expression::Type& type, const weir::JsonValue& value) {
  using weir::JsonValue;
  using weir::expression::Kind;
  if (value.is_null()) return type.nullable || type.is(Kind::null);
  switch (type.kind) {
    case Kind::boolean:
      return value.kind() == JsonValue::Kind::kBool;
    case Kind::integer:
    case Kind::duration:
      return value.kind() == JsonValue::Kind::kInt;
    case Kind::real:
      return value.kind() == JsonValue::Kind::kDouble;
    case Kind::decimal:
      return value.kind() == JsonValue::Kind::kDecimal && value.places() == type.places;
    case Kind::text:
    case Kind::date:
      return value.kind() == JsonValue::Kind::kString;
    case Kind::time:
      return value.kind() == JsonValue::Kind::kTime;
    case Kind::list:
    case Kind::map:
      return value.kind() == JsonValue::Kind::kRaw;
    case Kind::null:
      return false;
    case Kind::any:
      return true;
  }
  return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace weir::expression;
  Desk desk;
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const weir::Result<Program> program = compile(text, desk.scope());
  if (!program) return 0;
  const Outcome outcome = program->evaluate(desk.row, desk.facts, desk.scratch);
  if (!outcome.failed() && !keeps_promise(program->type(), outcome.value)) __builtin_trap();
  return 0;
}
