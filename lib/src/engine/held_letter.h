// A dead letter that waits for its original: behind a repartition topic the task has not got it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/dead_letter.h"
#include <weir/record.h>
#include <weir/stage.h>

namespace weir::engine {

// Origin::topic of a source topic, as detail/layout.h tells it.
std::uint32_t origin_topic(std::string_view name);

class HeldLetter {
 public:
  HeldLetter(const Origin& origin, const DeadLetter& letter, const InputRecord& as_read);

  const Origin& origin() const { return origin_; }
  std::size_t bytes() const;
  // Null: the original cannot be had any more, and what the task read has to do.
  void send(const InputRecord* original, std::string_view job, int topic, TaskOutput& output) const;

 private:
  Origin origin_;
  std::string step_, reason_, text_;
  // What the task read, of the repartition topic.
  std::string topic_;
  std::int32_t partition_;
  std::int64_t offset_;
  Timestamp timestamp_;
  std::optional<std::string> key_, value_;
  std::vector<std::pair<std::string, std::optional<std::string>>> headers_;
};

}  // namespace weir::engine
