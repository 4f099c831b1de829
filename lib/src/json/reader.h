// What a JsonReader holds.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "json/padded.h"
#include "json/paths.h"
#include "json/scanner.h"
#include <weir/json_reader.h>

namespace weir::json {

class Reader {
 public:
  Reader(const std::vector<std::string>& paths, JsonSpeed speed);
  Reader(const Reader&) = delete;

  Status read(std::string_view bytes, std::span<JsonSlot> slots);
  std::uint64_t shape_hits() const { return 0; }

 private:
  PathTree paths_;
  PaddedText text_;
  Scanner scanner_;
};

}  // namespace weir::json
