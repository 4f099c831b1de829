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
#include "json/skeleton.h"
#include <weir/json_reader.h>

namespace weir::json {

class Reader {
 public:
  Reader(const std::vector<std::string>& paths, JsonSpeed speed);
  Reader(const Reader&) = delete;

  Status read(std::string_view bytes, std::span<JsonSlot> slots);
  std::uint64_t shape_hits() const { return hits_; }

 private:
  // A record of a known shape is worth one credit, one of an unknown shape costs some. At zero the
  // shapes rest for a while: a topic where every record has its own keys must not pay for learning.
  static constexpr int kCreditMax = 512;
  static constexpr int kMissCost = 8;
  static constexpr int kCreditAfterRest = 32;
  static constexpr int kRestRecords = 1024;

  bool match(std::span<JsonSlot> slots);
  void note_miss();

  PathTree paths_;
  PaddedText text_;
  Scanner scanner_;
  Skeleton skeleton_;
  bool (*walk_)(Matching&);
  std::vector<Found> found_;
  std::uint64_t hits_ = 0;
  int credit_ = kCreditMax;
  int resting_ = 0;  // Records to come before shapes are tried again.
};

}  // namespace weir::json
