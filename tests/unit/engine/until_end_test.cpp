#include "engine/until_end.h"

#include <gtest/gtest.h>

#include "sim/sim_cluster.h"
#include <weir/weir.h>

namespace weir::engine::until_end_test {
namespace {

using namespace std::chrono_literals;

const Topic<std::string, std::int64_t> kIn{"in"};
const Topic<std::string, std::int64_t> kOut{"out"};

Topology counting() {
  Builder builder;
  builder.stream(kIn)
      .group_by([](const std::int64_t& n) { return std::to_string(n); })
      .windowed({.size = 1s})
      .count("counts")
      .rekey([](const Windowed<std::string>& key, const std::int64_t&) { return key.key; })
      .to(kOut);
  return *builder.build();
}

class UntilEndTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(cluster_.topics().create({.name = "in", .partitions = 2}).ok());
    connection_ = cluster_.connect();
    admin_ = std::move(connection_->admin().value);
    auto layout = plan_layout(topology_, {"job", 0}, *admin_);
    ASSERT_TRUE(layout);
    layout_ = std::move(*layout);
    ASSERT_TRUE(create_topics(layout_, *admin_));
  }
  void append(const std::string& topic, int partition) {
    cluster_.append({topic, partition}, {.key = "k", .value = "v", .timestamp = 1});
  }
  void commit(const std::string& topic, int partition, std::int64_t offset) {
    cluster_.group("job").commit({{topic, partition}, offset, ""});
  }
  sim::SimCluster cluster_{1};
  std::unique_ptr<sim::Connection> connection_;
  std::unique_ptr<kafka::Admin> admin_;
  const Topology topology_ = counting();
  Layout layout_;
};

TEST_F(UntilEndTest, EmptyTopicsAreAtTheirEnd) {
  EXPECT_TRUE(UntilEnd(topology_, layout_, "job").reached(*admin_));
}

TEST_F(UntilEndTest, WaitsForTheEndsOfEverySourcePartition) {
  append("in", 0);
  append("in", 1);
  UntilEnd end(topology_, layout_, "job");
  EXPECT_FALSE(end.reached(*admin_));
  commit("in", 0, 1);
  EXPECT_FALSE(end.reached(*admin_));
  commit("in", 1, 1);
  EXPECT_TRUE(end.reached(*admin_));
}

TEST_F(UntilEndTest, WhatComesLaterDoesNotCount) {
  append("in", 0);
  UntilEnd end(topology_, layout_, "job");
  EXPECT_FALSE(end.reached(*admin_));
  append("in", 0);
  commit("in", 0, 1);
  EXPECT_TRUE(end.reached(*admin_));
}

TEST_F(UntilEndTest, WaitsForWhatTheInputCaused) {
  append("in", 0);
  UntilEnd end(topology_, layout_, "job");
  EXPECT_FALSE(end.reached(*admin_));
  append("job-counts-repartition", 1);
  append("job-counts-repartition", 1);
  commit("in", 0, 1);
  EXPECT_FALSE(end.reached(*admin_));
  commit("job-counts-repartition", 1, 1);
  EXPECT_FALSE(end.reached(*admin_));
  commit("job-counts-repartition", 1, 2);
  EXPECT_TRUE(end.reached(*admin_));
}

}  // namespace
}  // namespace weir::engine::until_end_test
