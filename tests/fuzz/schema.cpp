// Any bytes as a schema and a record, with a zero byte between them: nothing crashes, and a record
// is judged the same when it is judged again.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <weir/json_schema.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const std::size_t end = text.find('\0');
  weir::Result<weir::JsonSchema> schema = weir::JsonSchema::load(text.substr(0, end));
  if (!schema || end == std::string_view::npos) return 0;
  const std::string_view record = text.substr(end + 1);
  const bool fits = static_cast<bool>(schema->validate(record));
  (void)schema->validate("{\"another\": [1, \"record\"]}");
  if (static_cast<bool>(schema->validate(record)) != fits) std::abort();
  return 0;
}
