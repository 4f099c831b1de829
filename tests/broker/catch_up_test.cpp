// A backlog gives what a live run gives, whoever reads it and however fast: nothing in it is late
// because another partition was read faster, and one, two or three instances give the same bytes.
//
// The brokers wait a moment for all members (group.initial.rebalance.delay.ms), or the first
// instance would be done before the second has joined.
#include <algorithm>
#include <filesystem>

#include <gtest/gtest.h>

#include "broker/job_world.h"
#include "broker/process.h"
#include "jobs/order_analytics.h"
#include "jobs/order_payment.h"
#include <weir/app.h>

namespace weir::tests {
namespace {

using namespace std::chrono_literals;

using MakeTopology = std::function<Result<Topology>()>;

class CatchUp : public JobWorld {
 protected:
  struct Shape {
    int instances = 1;
    int threads = 1;
  };
  struct Totals {
    std::uint64_t in = 0;
    std::map<std::string, std::uint64_t> discarded{};
    int idle_instances = 0;  // That had nothing to do.
  };

  void SetUp() override {
    JobWorld::SetUp();
    if (IsSkipped()) return;
    start_ = (world()->now() / 60'000 - 60L * 24 * 60) * 60'000;
    state_ = std::filesystem::path(testing::TempDir()) / world()->unique("catch-up");
  }
  void TearDown() override {
    std::filesystem::remove_all(state_);
    JobWorld::TearDown();
  }

  AppConfig config_of(const std::string& id, int instance, int threads) const {
    AppConfig config;
    config.id = id;
    config.brokers = std::getenv("WEIR_TEST_BROKERS");
    config.state_dir = state_ / std::to_string(instance);
    config.membership = Membership::dynamic;
    config.threads = threads;
    config.until_end = true;
    return config;
  }

  // Runs the job over all there is, then closes what is open. `id` is new each time.
  Totals run(const std::string& id, const MakeTopology& make, Shape shape) {
    Totals totals;
    std::vector<std::unique_ptr<App>> apps;
    for (int i = 0; i < shape.instances; ++i) {
      apps.push_back(std::make_unique<App>(config_of(id, i, shape.threads), *make()));
      const AppStatus started = apps.back()->start();
      EXPECT_TRUE(started) << started.error().to_string();
    }
    for (const auto& app : apps) {
      const auto ended = app->wait_for(Duration{120'000});
      EXPECT_TRUE(ended && *ended) << (ended ? ended->error().to_string() : "it goes on");
      add(totals, *app);
    }
    apps.clear();
    AppConfig config = config_of(id, 0, 1);
    config.drain = true;
    App last(config, *make());
    const AppStatus drained = last.run();
    EXPECT_TRUE(drained) << drained.error().to_string();
    const AppSnapshot now = last.snapshot();
    EXPECT_EQ(now.total_in().records, 0U);
    return totals;
  }
  static void add(Totals& totals, const App& app) {
    const AppSnapshot now = app.snapshot();
    totals.in += now.total_in().records;
    totals.idle_instances += now.total_in().records == 0 ? 1 : 0;
    for (const auto& [reason, records] : now.discarded_by_reason()) {
      totals.discarded[reason] += records;
    }
  }

  void expect_right_in_any_shape(JobLoad& load, const MakeTopology& make) {
    load.finish(writing());
    flush();
    std::map<std::string, std::uint64_t> discarded;
    for (const char* reason : {"require", "duplicate"}) {
      const auto found = load.by_reason().find(reason);
      if (found != load.by_reason().end()) discarded[reason] = found->second;
    }
    for (const Shape shape : {Shape{1, 1}, {2, 1}, {3, 1}, {1, 2}, {1, 3}}) {
      const std::string id =
          load.job() + "-" + std::to_string(shape.instances) + "x" + std::to_string(shape.threads);
      SCOPED_TRACE(id);
      const Totals totals = run(id, make, shape);
      EXPECT_EQ(totals.in, load.written());
      EXPECT_EQ(totals.discarded, discarded);  // Nothing is late.
      EXPECT_EQ(totals.idle_instances, 0);
      load.check(reading());
      forget_results();
    }
  }

  Timestamp start_ = 0;
  std::filesystem::path state_;
};

// Most records lie in one partition: whoever reads all of them as fast is at the end of the others
// long before.
constexpr unsigned kCrowd = 70;

TEST_F(CatchUp, NoOrderOfABacklogIsLate) {
  const auto load = make_load("order-analytics", {.start = start_,
                                                  .pace = Duration{10},
                                                  .disorder = Duration{5'000},
                                                  .padding = 230,
                                                  .crowd = kCrowd});
  make_inputs(*load);
  load->write(60'000, writing());
  expect_right_in_any_shape(*load, [] { return jobs::order_analytics(); });
}

TEST_F(CatchUp, NoOrderOfABacklogMissesItsPayment) {
  const auto load = make_load("order-payments", {.start = start_,
                                                 .pace = Duration{100},
                                                 .payment_delay = Duration{10 * 60'000},
                                                 .padding = 150,
                                                 .crowd = kCrowd});
  make_inputs(*load);
  load->write(30'000, writing());
  expect_right_in_any_shape(*load, jobs::order_payment);
}

// ---- The same bytes ----------------------------------------------------------------------------

const Topic<NoKey, std::string> kLeft{"uneven-left"}, kRight{"uneven-right"};
const Topic<std::string, std::string> kCounts{"uneven-counts"}, kPairs{"uneven-pairs"},
    kAll{"uneven-all"};

std::string key_of(const std::string& value) { return value.substr(0, value.find(' ')); }

std::string window_text(const Window& window, std::int64_t count) {
  return std::to_string(window.start) + " " + std::to_string(count);
}

Result<Topology> uneven() {
  Builder builder(ErrorPolicy{.dead_letters = "uneven-dead"});
  const auto left = builder.stream(kLeft).rekey(key_of);
  const auto right = builder.stream(kRight).rekey(key_of);
  left.group_by_key()
      .windowed({.size = 10s, .every = 5s, .grace = 20s})
      .count("counts")
      .map([](const Windowed<std::string>& key, std::int64_t count) {
        return std::pair{key.key, window_text(key.window, count)};
      })
      .to(kCounts);
  left.join("pairs", right,
            [](const std::string* l, const std::string* r) {
              return (l == nullptr ? "nothing" : *l) + "|" + (r == nullptr ? "nothing" : *r);
            },
            {.before = 2s, .after = 3s, .grace = 20s, .type = JoinType::outer})
      .to(kPairs);
  builder.stream(kLeft)
      .group_all()
      .windowed({.size = 30s, .grace = 20s})
      .count("all")
      .map([](const Windowed<NoKey>& key, std::int64_t count) {
        return std::pair{std::string("all"), window_text(key.window, count)};
      })
      .to(kAll);
  return builder.build();
}

// What came out for each key. Windows come in the order of their ends, `in_order`; between two
// inputs, and between partitions, the order is open, and so is that of a key's pairs.
using PerKey = std::map<std::string, std::vector<std::string>>;

PerKey per_key(const std::vector<Seen>& results, bool in_order) {
  PerKey all;
  for (const Seen& seen : results) {
    all[*seen.key].push_back(*seen.value + " at " + std::to_string(seen.timestamp));
  }
  for (auto& [key, values] : all) {
    if (!in_order) std::sort(values.begin(), values.end());
  }
  return all;
}

// The first difference of two results, for people.
std::string difference(const PerKey& one, const PerKey& other) {
  for (const auto& [key, values] : one) {
    const auto found = other.find(key);
    if (found == other.end()) return key + " is missing";
    const auto [a, b] =
        std::mismatch(values.begin(), values.end(), found->second.begin(), found->second.end());
    if (a == values.end() && b == found->second.end()) continue;
    return key + ", result " + std::to_string(a - values.begin()) + " of " +
           std::to_string(values.size()) + " and " + std::to_string(found->second.size()) + ": " +
           (a == values.end() ? "nothing" : *a) + " but " +
           (b == found->second.end() ? "nothing" : *b);
  }
  return one.size() == other.size() ? "" : "more keys";
}

class Uneven : public CatchUp {
 protected:
  static constexpr std::int32_t kParts = 4;

  // Each partition has its own pace and its own stretch of time, and a few records that are late.
  void write_uneven(const std::string& topic, std::mt19937& random) {
    const std::vector<kafka::TopicSpec> specs = {{.name = topic, .partitions = kParts}};
    auto created = again([&] { return admin().create_topics(specs); });
    ASSERT_TRUE(created.ok() && created.value.at(0).ok());
    const std::int64_t step_ms[kParts] = {40, 300, 1'500, 6'000};
    const std::int64_t begin_s[kParts] = {120, 0, 60, 30};
    for (std::int32_t part = 0; part < kParts; ++part) {
      Timestamp time = start_ + begin_s[part] * 1'000;
      for (int i = 0; time < start_ + 600'000;
           ++i, time += 1 + static_cast<Timestamp>(random()) % (2 * step_ms[part])) {
        const auto kind = random() % 100;
        const std::int64_t back = kind < 80 ? 0 : kind < 97 ? 15'000 : 60'000;
        const Timestamp at = time - (back == 0 ? 0 : static_cast<Timestamp>(random()) % back);
        const std::string key =
            random() % 2 == 0 ? "spread" + std::to_string(random() % 40)
                              : "own" + std::to_string(part) + "-" + std::to_string(random() % 40);
        write_json(topic, part, at,
                   key + " " + topic + std::to_string(part) + "." + std::to_string(i) +
                       std::string(100, '.'));
        ++written_;
      }
    }
  }

  std::uint64_t written_ = 0;
};

TEST_F(Uneven, AnyNumberOfInstancesGivesTheSameBytes) {
  std::mt19937 random(static_cast<unsigned>(setting("WEIR_SEED", 1)));
  write_uneven("uneven-left", random);
  write_uneven("uneven-right", random);
  flush();
  std::map<std::string, PerKey> first;
  std::map<std::string, std::uint64_t> first_discarded;
  for (const int instances : {1, 2, 3}) {
    SCOPED_TRACE(std::to_string(instances) + " instances");
    const Totals totals = run("uneven-" + std::to_string(instances), uneven, {instances, 1});
    EXPECT_EQ(totals.idle_instances, 0);
    EXPECT_GT(totals.discarded.at("late"), 0U);
    if (instances == 1) first_discarded = totals.discarded;
    EXPECT_EQ(totals.discarded, first_discarded);
    for (const char* topic : {"uneven-counts", "uneven-pairs", "uneven-all"}) {
      PerKey found = per_key(results(topic), topic != std::string("uneven-pairs"));
      EXPECT_FALSE(found.empty());
      if (instances == 1) {
        first[topic] = std::move(found);
      } else {
        EXPECT_EQ(difference(first[topic], found), "") << topic;
      }
    }
    forget_results();
  }
}

}  // namespace
}  // namespace weir::tests
