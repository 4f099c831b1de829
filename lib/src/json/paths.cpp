#include "json/paths.h"

#include <weir/error.h>

namespace weir::json {
namespace {

// "a.b\.c" is {"a", "b.c"}; the empty path is {}.
std::vector<std::string> split_path(std::string_view path) {
  std::vector<std::string> keys;
  if (path.empty()) return keys;
  keys.emplace_back();
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] == '.') {
      keys.emplace_back();
    } else {
      if (path[i] == '\\' && i + 1 < path.size()) ++i;
      keys.back().push_back(path[i]);
    }
  }
  return keys;
}

}  // namespace

PathTree::PathTree(const std::vector<std::string>& paths) : nodes_(1) {
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const int slot = static_cast<int>(i);
    int node = 0;
    nodes_[0].slots_below.push_back(slot);
    for (const std::string& key : split_path(paths[i])) {
      node = child_made(node, key);
      nodes_[static_cast<std::size_t>(node)].slots_below.push_back(slot);
    }
    check(nodes_[static_cast<std::size_t>(node)].slot == kNone, "JsonReader: a path comes twice");
    nodes_[static_cast<std::size_t>(node)].slot = slot;
  }
}

int PathTree::child_made(int node, const std::string& key) {
  if (const int known = child(node, key); known != kNone) return known;
  const int made = static_cast<int>(nodes_.size());
  nodes_.emplace_back();
  nodes_[static_cast<std::size_t>(node)].children.push_back({key, made});
  return made;
}

}  // namespace weir::json
