// Any bytes as a record: at every speed, known shape or not, our reader and RapidJSON agree on what
// is valid and on what stands where.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "unit/json/reference.h"
#include <weir/json_reader.h>

namespace {

using weir::JsonReader;
using weir::JsonSpeed;

const std::vector<std::string> kPaths = {"a", "a.b", "c", "items", "", "n.m.k", "x\\.y"};
const std::vector<std::vector<std::string>> kKeys = {{"a"}, {"a", "b"},      {"c"},  {"items"},
                                                     {},    {"n", "m", "k"}, {"x.y"}};

void require(bool good, const char* what) {
  if (good) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

void compare(JsonReader& reader, std::string_view text) {
  const auto [expected, cannot_tell] = weir::reference::read(text);
  const weir::Status status = reader.read(text);
  if (cannot_tell) return;
  require(static_cast<bool>(status) == expected.has_value(), "the verdicts differ");
  if (!expected) return require(status.error().position <= text.size(), "position outside");
  for (std::size_t i = 0; i < kPaths.size(); ++i) {
    const weir::reference::Node node = weir::reference::find(*expected, kKeys[i]);
    require(weir::reference::node_of(reader[i]) == node, "a slot differs");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  for (int speed = 0; speed <= static_cast<int>(weir::fastest_json_speed()); ++speed) {
    // One that remembers the inputs before, and one that does not.
    static JsonReader lasting(kPaths);
    JsonReader fresh(kPaths, static_cast<JsonSpeed>(speed));
    compare(fresh, text);
    compare(fresh, text);
    compare(lasting, text);
  }
  return 0;
}
