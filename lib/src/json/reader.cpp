#include "json/reader.h"

#include <algorithm>

#include "json/utf8.h"
#include <weir/error.h>

namespace weir {

namespace json {
namespace {

// match.h has these numbers of its own.
static_assert(static_cast<int>(JsonKind::kNull) == 1 && static_cast<int>(JsonKind::kFalse) == 2 &&
              static_cast<int>(JsonKind::kTrue) == 3 && static_cast<int>(JsonKind::kNumber) == 4 &&
              static_cast<int>(JsonKind::kString) == 5 &&
              static_cast<int>(JsonKind::kObject) == 6 && static_cast<int>(JsonKind::kArray) == 7);

auto walk_of(JsonSpeed speed) {
  check(speed <= fastest_json_speed(), "JsonReader: this processor cannot do that");
#ifdef __x86_64__
  if (speed == JsonSpeed::kAvx2) return match_avx2;
  if (speed == JsonSpeed::kSse2) return match_sse2;
#endif
  return match_scalar;
}

}  // namespace

Reader::Reader(const std::vector<std::string>& paths, JsonSpeed speed)
    : paths_(paths),
      scanner_(paths_),
      skeleton_(paths_),
      walk_(walk_of(speed)),
      found_(paths.size()) {}

Status Reader::read(std::string_view bytes, std::span<JsonSlot> slots) {
  text_.assign(bytes);
  if (resting_ == 0 && match(slots)) {
    ++hits_;
    if (credit_ < kCreditMax) ++credit_;
    return {};
  }
  std::fill(slots.begin(), slots.end(), JsonSlot{});
  Status status = scanner_.scan(text_, slots);
  if (resting_ > 0) {
    --resting_;
  } else if (status) {
    skeleton_.learn({text_.begin(), bytes.size()});
    note_miss();
  }
  return status;
}

bool Reader::match(std::span<JsonSlot> slots) {
  std::fill(found_.begin(), found_.end(), Found{});
  Matching matching{};
  matching.begin = text_.begin();
  matching.end = text_.end();
  matching.found = found_.data();
  matching.start = skeleton_.start();
  if (!walk_(matching)) return false;
  if (matching.has_high_bytes && find_invalid_utf8(text_.original()) != std::string_view::npos) {
    return false;
  }
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const Found& found = found_[i];
    slots[i].kind = static_cast<JsonKind>(found.kind);
    slots[i].escaped = found.escaped;
    slots[i].text = found.kind == 0 ? std::string_view() : text_.in_original(found.from, found.to);
  }
  return true;
}

void Reader::note_miss() {
  credit_ -= kMissCost;
  if (credit_ > 0) return;
  credit_ = kCreditAfterRest;
  resting_ = kRestRecords;
}

}  // namespace json

JsonSpeed fastest_json_speed() {
#ifdef __x86_64__
  return __builtin_cpu_supports("avx2") ? JsonSpeed::kAvx2 : JsonSpeed::kSse2;
#else
  return JsonSpeed::kScalar;
#endif
}

JsonReader::JsonReader(const std::vector<std::string>& paths, JsonSpeed speed)
    : slots_(paths.size()), reader_(std::make_unique<json::Reader>(paths, speed)) {}
JsonReader::~JsonReader() = default;
JsonReader::JsonReader(JsonReader&&) noexcept = default;
JsonReader& JsonReader::operator=(JsonReader&&) noexcept = default;

Status JsonReader::read(std::string_view bytes) { return reader_->read(bytes, slots_); }

std::uint64_t JsonReader::shape_hits() const { return reader_->shape_hits(); }

}  // namespace weir
