#include "json/paths.h"

#include <gtest/gtest.h>

namespace weir::json {
namespace {

TEST(PathTree, FollowsKeysToSlots) {
  const PathTree tree({"a", "b.c", "b", "d\\.e", "f\\\\", "", "g."});
  EXPECT_EQ(tree.slot(0), 5);
  EXPECT_EQ(tree.slot(tree.child(0, "a")), 0);
  EXPECT_EQ(tree.slot(tree.child(0, "b")), 2);
  EXPECT_EQ(tree.slot(tree.child(tree.child(0, "b"), "c")), 1);
  EXPECT_EQ(tree.slot(tree.child(0, "d.e")), 3);
  EXPECT_EQ(tree.slot(tree.child(0, "f\\")), 4);
  EXPECT_EQ(tree.slot(tree.child(tree.child(0, "g"), "")), 6);
}

TEST(PathTree, KnowsNothingElse) {
  const PathTree tree({"a.b"});
  EXPECT_EQ(tree.child(0, "b"), PathTree::kNone);
  EXPECT_EQ(tree.child(0, "a.b"), PathTree::kNone);
  EXPECT_EQ(tree.slot(tree.child(0, "a")), PathTree::kNone);
  EXPECT_EQ(tree.child(PathTree::kNone, "a"), PathTree::kNone);
  EXPECT_EQ(tree.slot(PathTree::kNone), PathTree::kNone);
}

TEST(PathTree, ListsTheSlotsThatARepeatedKeyMakesVoid) {
  const PathTree tree({"a.b", "a", "a.c.d", "e"});
  const auto below = tree.slots_below(tree.child(0, "a"));
  EXPECT_EQ(std::vector<int>(below.begin(), below.end()), (std::vector<int>{0, 1, 2}));
}

TEST(PathTreeDeath, APathMustNotComeTwice) {
  EXPECT_DEATH(PathTree({"a", "b", "a"}), "a path comes twice");
}

}  // namespace
}  // namespace weir::json
