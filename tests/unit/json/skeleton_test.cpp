#include "json/skeleton.h"

#include <gtest/gtest.h>

namespace weir::json {
namespace {

struct Learned {
  explicit Learned(const std::vector<std::string>& wanted) : paths(wanted), skeleton(paths) {}
  PathTree paths;
  Skeleton skeleton;
};

TEST(Skeleton, KnowsAShapeOnce) {
  Learned learned({"a"});
  learned.skeleton.learn(R"({"a":1,"b":"x"})");
  EXPECT_EQ(learned.skeleton.edge_count(), 3U);
  learned.skeleton.learn(R"({"a":null,"b":12345})");
  EXPECT_EQ(learned.skeleton.edge_count(), 3U);
}

TEST(Skeleton, AnArrayOfAnyLengthIsOneShape) {
  Learned learned({"a"});
  learned.skeleton.learn(R"({"l":[{"k":1},{"k":2}],"a":0})");
  const std::size_t edges = learned.skeleton.edge_count();
  std::string many = R"({"l":[{"k":1})";
  for (int i = 0; i < 100; ++i) many += R"(,{"k":2})";
  learned.skeleton.learn(many + R"(],"a":0})");
  EXPECT_EQ(learned.skeleton.edge_count(), edges);
}

TEST(Skeleton, FieldsThatComeAndGoAddTheirEdgesOnly) {
  Learned learned({});
  learned.skeleton.learn(R"({"a":1,"b":2,"c":3})");
  EXPECT_EQ(learned.skeleton.edge_count(), 4U);
  learned.skeleton.learn(R"({"a":1,"c":3})");
  EXPECT_EQ(learned.skeleton.edge_count(), 5U);
  learned.skeleton.learn(R"({"b":2,"c":3})");
  EXPECT_EQ(learned.skeleton.edge_count(), 6U);
}

TEST(Skeleton, TheSameKeyElsewhereIsAnotherPlace) {
  Learned learned({});
  learned.skeleton.learn(R"({"a":{"k":1},"b":{"k":1},"k":[1],"l":[[1]]})");
  EXPECT_EQ(learned.skeleton.edge_count(), 5U);
  const ShapeNode* first = learned.skeleton.start()->first->target;
  EXPECT_NE(first, first->first->target);
}

TEST(Skeleton, ForgetsWhenThereAreTooManyShapes) {
  Learned learned({});
  for (int i = 0; i < 10000; ++i) {
    learned.skeleton.learn("{\"key_" + std::to_string(i) + "\":1}");
    ASSERT_LE(learned.skeleton.edge_count(), Skeleton::kEdgesMax + 2);
  }
  EXPECT_GT(learned.skeleton.edge_count(), 100U);
}

TEST(Skeleton, DoesNotLearnHugeTexts) {
  Learned learned({});
  learned.skeleton.learn("{\"a\":\"" + std::string(Skeleton::kTextMax, 'x') + "\"}");
  EXPECT_EQ(learned.skeleton.edge_count(), 0U);
}

}  // namespace
}  // namespace weir::json
