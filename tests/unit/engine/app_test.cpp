// App beside brokers in this process, which know no transactions: at least once. What needs a real
// Kafka is in tests/broker.
#include <atomic>
#include <chrono>
#include <filesystem>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kafka/demo_cluster.h"
#include <weir/app.h>
#include <weir/weir.h>

namespace weir {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

const Topic<std::string, std::string> kIn{"in"};
const Topic<std::string, std::string> kOut{"out"};

Topology copy() {
  Builder builder;
  builder.stream(kIn).to(kOut);
  return *builder.build();
}

Topology counts(Duration size) {
  Builder builder;
  const auto keyed = builder.stream(kIn).group_by_key();
  keyed.windowed({.size = size})
      .count("per-key")
      .to(Topic<Windowed<std::string>, std::int64_t>{"out"});
  return *builder.build();
}

class AppTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto demo = kafka::make_demo_cluster({});
    ASSERT_TRUE(demo.ok()) << demo.outcome.text;
    demo_ = std::move(demo.value);
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    state_ = std::filesystem::path(::testing::TempDir()) / "app_test" / test->name();
    std::filesystem::remove_all(state_);
    config_.id = "job";
    config_.state_dir = state_;
    config_.guarantee = Guarantee::at_least_once;
    config_.commit_every = Duration{20};
  }
  void TearDown() override { std::filesystem::remove_all(state_); }
  void fill(int records) {
    auto admin = demo_->admin();
    const std::vector<kafka::TopicSpec> specs = {{.name = "in", .partitions = 2}};
    ASSERT_TRUE(admin.value->create_topics(specs).ok());
    auto producer = std::move(demo_->producer({}).value);
    const auto topic = producer->open("in", Duration{5'000});
    ASSERT_TRUE(topic.ok());
    for (int i = 0; i < records; ++i) {
      ASSERT_TRUE(
          producer->produce({.topic = topic.value, .key = "k", .value = "v", .timestamp = 9}).ok());
    }
    ASSERT_TRUE(producer->flush(Duration{5'000}).ok());
  }
  static bool until(const std::function<bool()>& done) {
    for (int i = 0; i < 2000 && !done(); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return done();
  }
  std::shared_ptr<kafka::DemoCluster> demo_;
  std::filesystem::path state_;
  AppConfig config_;
};

TEST_F(AppTest, RunsUntilItIsStoppedAndTellsItsStates) {
  fill(10);
  std::vector<AppState> states;
  App app(config_, copy(), demo_, {.state = [&](AppState state) { states.push_back(state); }});
  ASSERT_TRUE(app.start());
  EXPECT_TRUE(until([&] { return app.snapshot().total_out().records == 10; }));
  EXPECT_EQ(app.state(), AppState::running);
  EXPECT_FALSE(app.wait_for(Duration{1}).has_value());
  app.stop();
  EXPECT_TRUE(app.wait());
  EXPECT_EQ(states.front(), AppState::starting);
  EXPECT_EQ(states.back(), AppState::stopped);
  EXPECT_THAT(states, ::testing::Contains(AppState::running));
  EXPECT_THAT(states, ::testing::Contains(AppState::stopping));
}

TEST_F(AppTest, AListenerMayStopIt) {
  fill(1);
  App* running = nullptr;
  App app(config_, copy(), demo_, {.state = [&](AppState state) {
            if (state == AppState::running) running->stop();
          }});
  running = &app;
  EXPECT_TRUE(app.run());
}

TEST_F(AppTest, EndsBeforeItBeginsWhenItIsStoppedEarly) {
  fill(1);
  App app(config_, copy(), demo_);
  app.stop();
  EXPECT_TRUE(app.run());
  EXPECT_EQ(app.state(), AppState::stopped);
  EXPECT_THAT(app.snapshot().tasks, SizeIs(0));
}

TEST_F(AppTest, IsCutOffWhenItIsDestroyed) {
  fill(1);
  App app(config_, copy(), demo_);
  ASSERT_TRUE(app.start());
}

TEST_F(AppTest, RefusesSettingsThatMakeNoSense) {
  const auto code_and_text = [&](const AppConfig& config) {
    App app(config, copy(), demo_);
    const AppStatus status = app.start();
    return std::to_string(status.code()) + " " + status.error().text;
  };
  AppConfig config = config_;
  config.id = "no name";
  EXPECT_THAT(code_and_text(config), HasSubstr("78 'no name'"));
  config = config_;
  config.threads = 0;
  EXPECT_THAT(code_and_text(config), HasSubstr("78 a job needs"));
  config = config_;
  config.state_dir.clear();
  EXPECT_THAT(code_and_text(config), HasSubstr("78 no state directory"));
  config = config_;
  config.sinks["elsewhere"] = {};
  EXPECT_THAT(code_and_text(config), HasSubstr("78 the job has no sink 'elsewhere'"));
}

TEST_F(AppTest, WithoutBrokersItSaysSo) {
  App app(config_, copy());
  const AppStatus status = app.start();
  EXPECT_EQ(status.code(), 78);
  EXPECT_THAT(status.error().text, HasSubstr("no brokers"));
}

// What a job's own function throws ends the job, not the process.
TEST_F(AppTest, AFunctionThatThrowsEndsTheJobWithItsWords) {
  fill(1);
  Builder builder;
  builder.stream(kIn)
      .map_values([](const std::string&) -> std::string { throw std::runtime_error("oh dear"); })
      .to(kOut);
  App app(config_, *builder.build(), demo_);
  const AppStatus status = app.run();
  EXPECT_EQ(status.code(), 70);
  EXPECT_THAT(status.error().text, HasSubstr("oh dear"));
  EXPECT_EQ(app.state(), AppState::failed);
}

TEST_F(AppTest, ARecordThatStopsTheJobIsItsError) {
  fill(1);
  Builder builder;
  builder.stream(kIn).require("a rule", [](const std::string&) { return false; }).to(kOut);
  App app(config_, *builder.build(), demo_);
  const AppStatus status = app.run();
  EXPECT_EQ(status.code(), 1);
  EXPECT_THAT(status.error().text, HasSubstr("a rule"));
}

// Before it joins: with nothing left to read it would be at its end before a task is opened.
TEST_F(AppTest, AStateThatDoesNotFitIsRefusedBeforeAnythingElse) {
  fill(1);
  const auto counted = [&] {
    App app(config_, counts(std::chrono::minutes(1)), demo_);
    EXPECT_TRUE(app.start());
    EXPECT_TRUE(until([&] { return app.snapshot().commits > 0; }));
    app.stop();
    return app.wait();
  };
  ASSERT_TRUE(counted());
  const AppStatus status = App(config_, counts(std::chrono::minutes(2)), demo_).start();
  EXPECT_EQ(status.code(), 78);
  EXPECT_THAT(status.error().to_string(), HasSubstr("keeps now in 'per-key'"));
  EXPECT_THAT(status.error().to_string(), HasSubstr("reset the job"));
  EXPECT_TRUE(counted());
}

// What a watchdog has to see: the other worker's loop turns on.
TEST_F(AppTest, AWorkerThatStandsStillShowsInTheSnapshot) {
  fill(2);
  config_.threads = 2;
  std::atomic<bool> held = true;
  Builder builder;
  builder.stream(kIn)
      .filter([&](const std::string&) {
        while (held) std::this_thread::sleep_for(std::chrono::milliseconds(1));
        return true;
      })
      .to(kOut);
  App app(config_, *builder.build(), demo_);
  ASSERT_TRUE(app.start());
  EXPECT_TRUE(until([&] { return app.snapshot().stands_still() > Duration(1'000); }));
  EXPECT_THAT(app.snapshot().workers, SizeIs(2));
  held = false;
  EXPECT_TRUE(until([&] { return app.snapshot().total_out().records == 2; }));
  EXPECT_TRUE(until([&] { return app.snapshot().stands_still() < Duration(500); }));
  app.stop();
  EXPECT_TRUE(app.wait());
  EXPECT_THAT(app.snapshot().workers, SizeIs(0));
}

}  // namespace
}  // namespace weir
