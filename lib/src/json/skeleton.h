// Learns the shapes of a topic's records from valid texts; see shape.h for what a shape is.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "json/paths.h"
#include "json/shape.h"
#include <weir/json_reader.h>

namespace weir::json {

class Skeleton {
 public:
  static constexpr std::size_t kEdgesMax = 4096;
  static constexpr std::size_t kLongBytesMax = 256 * 1024;  // Of edges longer than kEdgeBytes.
  static constexpr std::size_t kTextMax = 64 * 1024;        // Longer texts are not learned.

  explicit Skeleton(const PathTree& paths);

  // Adds the shape of `text`. Forgets all others first when there are too many. REQUIRES: `text`
  // is valid JSON with an object at its top.
  void learn(std::string_view text);

  // For a walk of match.h; the caller adds the text and the slots.
  void lend_to(Matching& matching) {
    matching.nodes = nodes_.data();
    matching.edges = edges_.data();
    matching.actions = actions_.data();
  }

  std::size_t edge_count() const { return edges_.size() - 1; }

 private:
  friend class Lesson;
  static constexpr std::int32_t kUnknown = -1;

  void clear();
  std::int32_t& place(std::int32_t container, char kind, std::string_view key);
  std::int32_t container(std::int32_t outer, char bracket, std::string_view key);
  std::int32_t node(std::int32_t container, std::string_view key, int slot);
  void add_edge(std::int32_t from, std::int32_t to, std::string_view text,
                const std::vector<ShapeAction>& actions);

  const PathTree& paths_;
  std::vector<ShapeNode> nodes_;
  std::vector<ShapeEdge> edges_;
  std::vector<ShapeAction> actions_;
  std::deque<std::string> long_texts_;
  std::size_t long_bytes_ = 0;
  // Containers and scalars by where they stand: container number, kind, key.
  std::unordered_map<std::string, std::int32_t> places_;
  std::int32_t container_count_ = 0;
};

}  // namespace weir::json
