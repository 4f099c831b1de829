// Learns the shapes of a topic's records from valid texts; see shape.h for what a shape is.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "json/paths.h"
#include "json/shape.h"
#include <weir/json_reader.h>

namespace weir::json {

class Skeleton {
 public:
  static constexpr std::size_t kEdgesMax = 4096;
  static constexpr std::size_t kTextBytesMax = 256 * 1024;  // Of edges that are kept as a whole.
  static constexpr std::size_t kTextMax = 64 * 1024;        // Longer texts are not learned.

  explicit Skeleton(const PathTree& paths);

  // Adds the shape of `text`. Forgets all others first when there are too many. REQUIRES: `text`
  // is valid JSON with an object at its top.
  void learn(std::string_view text);

  // Where a walk of match.h begins. Valid until the next learn().
  ShapeNode* start() { return &nodes_.front(); }

  std::size_t edge_count() const { return edges_.size(); }

 private:
  friend class Lesson;

  void clear();
  ShapeNode* add_node(int slot);
  std::int32_t container(std::int32_t outer, char bracket, std::string_view key);
  ShapeNode* node(std::int32_t container, std::string_view key, int slot);
  void add_edge(ShapeNode& from, ShapeNode* to, std::string_view text,
                const std::vector<ShapeAction>& actions);
  void add_extra(ShapeEdge& edge, std::string_view text, const std::vector<ShapeAction>& actions);

  const PathTree& paths_;
  ShapeEdge trap_;  // Never leads to the end.
  // Deques, because the shapes point to each other.
  std::deque<ShapeNode> nodes_;
  std::deque<ShapeEdge> edges_;
  std::deque<ShapeExtra> extras_;
  std::deque<std::string> texts_;
  std::deque<std::vector<ShapeAction>> actions_;
  std::size_t text_bytes_ = 0;
  // Containers and scalars by where they stand: the container around them, and their key.
  std::unordered_map<std::string, std::int32_t> containers_;
  std::unordered_map<std::string, ShapeNode*> scalars_;
};

}  // namespace weir::json
