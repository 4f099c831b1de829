#include "json/reader.h"

#include <algorithm>

namespace weir {

namespace json {

Reader::Reader(const std::vector<std::string>& paths, JsonSpeed)
    : paths_(paths), scanner_(paths_) {}

Status Reader::read(std::string_view bytes, std::span<JsonSlot> slots) {
  text_.assign(bytes);
  std::fill(slots.begin(), slots.end(), JsonSlot{});
  return scanner_.scan(text_, slots);
}

}  // namespace json

JsonSpeed fastest_json_speed() { return JsonSpeed::kScalar; }

JsonReader::JsonReader(const std::vector<std::string>& paths, JsonSpeed speed)
    : slots_(paths.size()), reader_(std::make_unique<json::Reader>(paths, speed)) {}
JsonReader::~JsonReader() = default;
JsonReader::JsonReader(JsonReader&&) noexcept = default;
JsonReader& JsonReader::operator=(JsonReader&&) noexcept = default;

Status JsonReader::read(std::string_view bytes) { return reader_->read(bytes, slots_); }

std::uint64_t JsonReader::shape_hits() const { return reader_->shape_hits(); }

}  // namespace weir
