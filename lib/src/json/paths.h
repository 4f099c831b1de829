// The wanted paths as a tree of keys. Node 0 is the record itself.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir::json {

class PathTree {
 public:
  static constexpr int kNone = -1;

  // Slot i belongs to paths[i]. REQUIRES: no path twice.
  explicit PathTree(const std::vector<std::string>& paths);

  // The child of `node` for `key`, or kNone. `node` may be kNone.
  int child(int node, std::string_view key) const {
    if (node == kNone) return kNone;
    for (const Child& child : nodes_[static_cast<std::size_t>(node)].children) {
      if (child.key == key) return child.node;
    }
    return kNone;
  }

  // The slot of `node`, or kNone.
  int slot(int node) const {
    return node == kNone ? kNone : nodes_[static_cast<std::size_t>(node)].slot;
  }

  // The slots of `node` and of all below it: what a repeated key makes void.
  std::span<const int> slots_below(int node) const {
    return nodes_[static_cast<std::size_t>(node)].slots_below;
  }

 private:
  struct Child {
    std::string key;
    int node = kNone;
  };
  struct Node {
    int slot = kNone;
    std::vector<Child> children{};
    std::vector<int> slots_below{};
  };

  int child_made(int node, const std::string& key);

  std::vector<Node> nodes_;
};

}  // namespace weir::json
