#include "cli/json_view.h"

#include <gmock/gmock.h>

namespace weir::cli {
namespace {

TEST(JsonView, FindsItsWay) {
  const JsonView json(R"({"a":[1,2.5,{"b":"x\"y"}],"n":null,"k":{"late":3}})");
  ASSERT_EQ(json["a"].list().size(), 3U);
  EXPECT_EQ(json["a"].list()[1].number(), 2.5);
  EXPECT_EQ(json["a"].list()[2]["b"].string(), "x\"y");
  EXPECT_TRUE(json["n"].is_null());
  EXPECT_EQ(json["k"].members().front().first, "late");
  EXPECT_EQ(json["k"]["late"].number(), 3);
}

TEST(JsonView, WhatIsNotThereIsNothing) {
  const JsonView json("{}");
  EXPECT_TRUE(json["a"]["b"].is_null());
  EXPECT_TRUE(json["a"].list().empty());
  EXPECT_EQ(json["a"].number(), 0);
  EXPECT_EQ(json["a"].string(), "");
  EXPECT_TRUE(JsonView("<html>")["error"].is_null());
}

}  // namespace
}  // namespace weir::cli
