// The three jobs against a real Kafka and real SIGKILLs. Records come in while the job dies again
// and again; at the end its results are what anyone can compute from its input.
#include <chrono>
#include <filesystem>
#include <map>
#include <random>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/contract.h"
#include "broker/process.h"

namespace weir::tests {
namespace {

using ::testing::IsEmpty;

constexpr std::int32_t kPartitions = 3;
// The beginning of a minute, not long ago: brokers delete what is old by the time in it.
const Timestamp kStart = (world() == nullptr ? 0 : world()->now() / 60'000 - 30) * 60'000;

std::string member(const std::string& json, const std::string& name) {
  const std::size_t at = json.find("\"" + name + "\":");
  if (at == std::string::npos) return "";
  std::size_t from = at + name.size() + 3;
  const bool quoted = json[from] == '"';
  if (quoted) ++from;
  return json.substr(from, json.find_first_of(quoted ? "\"" : ",}", from) - from);
}

class JobCrash : public Contract {
 protected:
  void SetUp() override {
    Contract::SetUp();
    if (IsSkipped()) return;
    state_ = std::filesystem::path(testing::TempDir()) / world()->unique("job-crash");
    writer_ = make_producer();
  }
  void TearDown() override { std::filesystem::remove_all(state_); }

  void make_named_topic(const std::string& name) {
    const std::vector<kafka::TopicSpec> specs = {{.name = name, .partitions = kPartitions}};
    auto created = again([&] { return admin().create_topics(specs); });
    ASSERT_TRUE(created.ok() && created.value.at(0).ok());
  }

  std::unique_ptr<Process> run(const std::string& job, const std::string& instance,
                               std::vector<std::string> settings = {}) {
    const auto here = std::filesystem::read_symlink("/proc/self/exe").parent_path();
    std::vector<std::string> command{here / "kafka_job", job, state_ / instance, "quiet=1"};
    command.insert(command.end(), settings.begin(), settings.end());
    return std::make_unique<Process>(command);
  }

  void write_json(const std::string& topic, std::int32_t partition, Timestamp time,
                  const std::string& json) {
    const Outcome written = again([&] {
      return writer_->produce({.topic = open(*writer_, topic),
                               .partition = partition,
                               .value = json,
                               .timestamp = time});
    });
    ASSERT_TRUE(written.ok()) << written.text;
  }

  void flush() {
    const Outcome flushed = again([&] { return writer_->flush(kWait); }, Duration{60'000});
    ASSERT_TRUE(flushed.ok()) << flushed.text;
  }

  // Lets `write` add records for a while.
  template <class F>
  void write_for(Duration time, F& write) {
    const Timestamp end = later(world()->now(), time);
    for (; world()->now() < end; world()->pass(Duration{10})) write();
  }

  // Lets `write` add records while the storm of WEIR_STORM goes over the job; then the job comes to
  // its end by itself, and all windows are closed.
  template <class F>
  void storm_while(const std::string& job, F write, std::vector<std::string> settings = {}) {
    const char* name = std::getenv("WEIR_STORM");
    const std::string storm = name == nullptr ? "kill" : name;
    // A partition that was seen empty holds no window back until its task tells otherwise, and
    // event time runs a hundred times faster here than the clock: every partition has a record
    // first.
    for (int i = 0; i < 10; ++i) write();
    flush();
    if (storm == "kill") kill_again_and_again(job, write, settings);
    if (storm == "churn") come_and_go(job, write, settings);
    if (storm == "hang") hang_and_wake(job, write, settings);
    if (storm == "brokers") kill_brokers(job, write, settings);
    for (int i = 0; i < 50; ++i) write();
    flush();
    settings.push_back("end=drain");
    int code = 75;  // Members that were killed are members until their sessions end.
    for (int tries = 0; code == 75 && tries < 30; ++tries) {
      if (tries > 0) world()->pass(Duration{1'000});
      code = run(job, "one", settings)->wait();
    }
    ASSERT_EQ(code, 0);
  }

  template <class F>
  void kill_again_and_again(const std::string& job, F& write,
                            const std::vector<std::string>& settings) {
    auto process = run(job, "one", settings);
    for (int i = setting("WEIR_KILLS", 12); i > 0; --i) {
      write_for(Duration{100 + random_() % 900}, write);
      process->restart();
    }
  }

  // Each second an instance comes, leaves or is killed.
  template <class F>
  void come_and_go(const std::string& job, F& write, std::vector<std::string> settings) {
    settings.insert(settings.end(), {"membership=dynamic", "session_ms=2000"});
    std::map<int, std::unique_ptr<Process>> there;
    for (int i = setting("WEIR_TURNS", 20); i > 0; --i) {
      const int at = static_cast<int>(random_() % 3);
      std::unique_ptr<Process>& instance = there[at];
      if (!instance) {
        instance = run(job, std::to_string(at), settings);
      } else if (random_() % 2 == 0) {
        instance->ask_to_end();
        EXPECT_EQ(instance->wait(), 0);
        instance.reset();
      } else {
        instance.reset();
      }
      write_for(Duration{1'000}, write);
    }
  }

  // An instance that hangs for longer than its session is replaced; when it wakes up it does no
  // harm.
  template <class F>
  void hang_and_wake(const std::string& job, F& write, std::vector<std::string> settings) {
    settings.insert(settings.end(), {"membership=dynamic", "session_ms=2000"});
    auto one = run(job, "one", settings);
    auto two = run(job, "two", settings);
    write_for(Duration{2'000}, write);
    for (int i = setting("WEIR_TURNS", 3); i > 0; --i) {
      one->hang();
      write_for(Duration{5'000}, write);
      one->wake();
      write_for(Duration{2'000}, write);
    }
  }

  // Confirmed before the brokers die: the idempotent producer of librdkafka 2.0.2 may end for good
  // with NOT_ENOUGH_REPLICAS, and nobody could say then what the input is.
  template <class F>
  void write_much(F& write) {
    for (int i = 0; i < 200; ++i) write();
    flush();
  }

  template <class F>
  void kill_brokers(const std::string& job, F& write, const std::vector<std::string>& settings) {
    auto process = run(job, "one", settings);
    write_for(Duration{2'000}, write);
    for (const char* broker : {"1", "2", "3"}) {
      write_much(write);
      kafka(std::string("kill ") + broker);
      world()->pass(Duration{5'000});
      kafka(std::string("restart ") + broker);
      kafka("settle");
      world()->pass(Duration{500});
    }
    write_much(write);
    kafka("kill all");
    world()->pass(Duration{1'000 * setting("WEIR_DOWN_S", 15)});
    kafka("restart all");
    kafka("settle");
    write_for(Duration{3'000}, write);
    process->ask_to_end();
    EXPECT_EQ(process->wait(), 0);
  }

  static void kafka(const std::string& command) {
    const std::string script = std::string(WEIR_SOURCE_DIR) + "/tests/broker/kafka.sh ";
    const char* dir = std::getenv("WEIR_TEST_KAFKA_DIR");
    ASSERT_NE(dir, nullptr);
    ASSERT_EQ(std::system((script + command + " --dir " + dir).c_str()), 0) << command;
  }

  // What an instance had open when it was killed hides what lies behind it until that times out.
  void expect_no_open_transaction(const kafka::Partition& partition) {
    const std::vector<kafka::Partition> one{partition};
    EXPECT_TRUE(world()->until(
        [&] {
          const auto readable = admin().end_offsets(one, kafka::Isolation::kReadCommitted);
          const auto there = admin().end_offsets(one, kafka::Isolation::kReadUncommitted);
          return readable.ok() && there.ok() && readable.value == there.value;
        },
        Duration{60'000}));
  }

  std::vector<Seen> results(const std::string& topic) {
    std::vector<Seen> all;
    const std::vector<std::string> one{topic};
    const auto count = admin().partitions(one);
    for (std::int32_t p = 0; p < count.value.front(); ++p) {
      expect_no_open_transaction({topic, p});
      for (Seen& seen : read_all(topic, p)) all.push_back(std::move(seen));
    }
    return all;
  }

  std::filesystem::path state_;
  std::unique_ptr<kafka::Producer> writer_;
  std::mt19937 random_{static_cast<unsigned>(setting("WEIR_SEED", 1))};
};

struct Sums {
  std::int64_t records = 0;
  std::int64_t cents = 0;
  std::set<std::string> customers;
};

std::string money(std::int64_t cents) {
  const std::string rest = std::to_string(cents % 100);
  return std::to_string(cents / 100) + "." + (rest.size() == 1 ? "0" : "") + rest;
}

TEST_F(JobCrash, SlidingCountsAreExact) {
  make_named_topic("customer-transactions");
  std::map<Timestamp, Sums> expected;
  int written = 0;
  int broken = 0;
  storm_while("sliding-counts", [&] {
    for (int i = 0; i < 10; ++i, ++written) {
      const Timestamp time = kStart + written * 20 - static_cast<Timestamp>(random_() % 5000);
      const auto partition = static_cast<std::int32_t>(random_() % kPartitions);
      if (random_() % 50 == 0) {
        write_json("customer-transactions", partition, time, "{\"customer_id\":");
        ++broken;
        continue;
      }
      const auto cents = static_cast<std::int64_t>(random_() % 100'000);
      const std::string customer = "c" + std::to_string(random_() % 40);
      write_json("customer-transactions", partition, time,
                 "{\"customer_id\":\"" + customer + "\",\"final_amount\":" + money(cents) + "}");
      for (Timestamp start = time / 5000 * 5000; start > time - 10'000; start -= 5000) {
        Sums& sums = expected[start];
        ++sums.records;
        sums.cents += cents;
        sums.customers.insert(customer);
      }
    }
  });
  std::map<std::string, std::string> windows;
  for (const Seen& seen : results("sliding-counts")) {
    EXPECT_TRUE(windows.emplace(*seen.key, *seen.value).second) << "twice: " << *seen.key;
  }
  EXPECT_EQ(windows.size(), expected.size());
  auto window = windows.begin();
  for (const auto& [start, sums] : expected) {
    if (window == windows.end()) break;
    EXPECT_EQ(member(window->second, "record_count"), std::to_string(sums.records)) << start;
    EXPECT_EQ(member(window->second, "total_transaction_value"), money(sums.cents)) << start;
    EXPECT_EQ(member(window->second, "unique_customers"), std::to_string(sums.customers.size()));
    ++window;
  }
  EXPECT_EQ(results("sliding-counts.dlq").size(), static_cast<std::size_t>(broken));
}

TEST_F(JobCrash, OrderAnalyticsAreExact) {
  make_named_topic("orders");
  std::map<Timestamp, Sums> expected;
  int written = 0;
  storm_while("order-analytics",
              [&] {
                for (int i = 0; i < 10; ++i, ++written) {
                  const Timestamp time =
                      kStart + written * 100 - static_cast<Timestamp>(random_() % 20'000);
                  const auto cents = static_cast<std::int64_t>(random_() % 100'000);
                  const std::string user = "u" + std::to_string(random_() % 70);
                  write_json("orders", static_cast<std::int32_t>(random_() % kPartitions), time,
                             "{\"order_id\":\"o" + std::to_string(written) + "\",\"user_id\":\"" +
                                 user + "\",\"total_amount\":" + money(cents) + "}");
                  Sums& sums = expected[time / 60'000 * 60'000];
                  ++sums.records;
                  sums.cents += cents;
                  sums.customers.insert(user);
                }
              },
              {"threads=2"});
  std::map<std::string, std::string> minutes;
  for (const Seen& seen : results("analytics-results")) {
    EXPECT_TRUE(minutes.emplace(*seen.key, *seen.value).second) << "twice: " << *seen.key;
  }
  EXPECT_EQ(minutes.size(), expected.size());
  auto minute = minutes.begin();
  for (const auto& [start, sums] : expected) {
    if (minute == minutes.end()) break;
    EXPECT_EQ(member(minute->second, "total_orders"), std::to_string(sums.records)) << start;
    EXPECT_EQ(member(minute->second, "total_revenue"), money(sums.cents)) << start;
    EXPECT_EQ(member(minute->second, "unique_users"), std::to_string(sums.customers.size()));
    ++minute;
  }
  EXPECT_THAT(values(results("order-analytics.dlq")), IsEmpty());  // Nothing came too late.
}

// What becomes of each order is chosen when it is written; payments of one order lie in one
// partition, the second behind the first.
class Shop {
 public:
  std::map<std::string, std::string> pairs;  // Order: its payment.
  std::multiset<std::string> lone;           // "order_id side reason".
  std::size_t duplicates = 0;
  std::size_t dead = 0;
};

TEST_F(JobCrash, EachOrderMeetsItsFirstPaymentOnce) {
  make_named_topic("orders_topic_data_v1");
  make_named_topic("payments_topic_data_v1");
  Shop shop;
  int written = 0;
  const auto order = [&](const std::string& id, Timestamp time) {
    write_json("orders_topic_data_v1", static_cast<std::int32_t>(random_() % kPartitions), time,
               "{\"order_id\":\"" + id + "\",\"amount\":12.50}");
  };
  const auto pay = [&](const std::string& id, const std::string& payment, std::int32_t partition,
                       Timestamp time) {
    write_json("payments_topic_data_v1", partition, time,
               "{\"payment_id\":\"" + payment + "\",\"order_id\":\"" + id + "\",\"amount\":12.50}");
  };
  storm_while("order-payments", [&] {
    for (int i = 0; i < 5; ++i, ++written) {
      const Timestamp time = kStart + written * 50;
      const std::string id = "o" + std::to_string(written);
      const auto partition = static_cast<std::int32_t>(random_() % kPartitions);
      const auto fate = random_() % 20;
      if (fate == 0) {
        pay(id, "p" + id, partition, time);
        shop.lone.insert(id + " payment no_order");
        continue;
      }
      if (fate == 1) {
        order("", time);
        ++shop.dead;
        continue;
      }
      order(id, time);
      if (fate == 2) {
        shop.lone.insert(id + " order no_payment");
        continue;
      }
      pay(id, "p" + id, partition, time + 1000);
      shop.pairs[id] = "p" + id;
      if (fate == 3) {
        pay(id, "p" + id, partition, time + 1500);
        ++shop.duplicates;
      } else if (fate == 4) {
        pay(id, "q" + id, partition, time + 2000);
        shop.lone.insert(id + " payment second_payment");
      }
    }
  });
  std::map<std::string, std::string> pairs;
  for (const Seen& seen : results("order-payments")) {
    EXPECT_TRUE(pairs.emplace(*seen.key, member(*seen.value, "payment_id")).second)
        << "twice: " << *seen.key;
  }
  EXPECT_EQ(pairs, shop.pairs);
  std::multiset<std::string> lone;
  for (const Seen& seen : results("order-payments.unmatched")) {
    lone.insert(*seen.key + " " + member(*seen.value, "side") + " " +
                member(*seen.value, "reason"));
  }
  EXPECT_EQ(lone, shop.lone);
  EXPECT_EQ(results("order-payments.dlq").size(), shop.dead);
}

}  // namespace
}  // namespace weir::tests
