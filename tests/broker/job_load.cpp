#include "broker/job_load.h"

namespace weir::tests {
namespace {

std::string money(std::int64_t cents) {
  const std::string rest = std::to_string(cents % 100);
  return std::to_string(cents / 100) + "." + (rest.size() == 1 ? "0" : "") + rest;
}

std::string quoted(const std::string& name, const std::string& value) {
  return "\"" + name + "\":\"" + value + "\"";
}

struct Sums {
  std::int64_t records = 0;
  std::int64_t cents = 0;
  std::set<std::string> people;
};

// Windows of a global aggregate: for each start what must be in it.
using Expected = std::map<Timestamp, Sums>;

// Results come in the order of their windows, each once.
void check_windows(const std::vector<Seen>& results, const Expected& expected,
                   const std::vector<std::string>& members) {
  std::map<std::string, std::string> windows;
  for (const Seen& seen : results) {
    EXPECT_TRUE(windows.emplace(*seen.key, *seen.value).second) << "twice: " << *seen.key;
  }
  EXPECT_EQ(windows.size(), expected.size());
  auto window = windows.begin();
  for (const auto& [start, sums] : expected) {
    if (window == windows.end()) break;
    EXPECT_EQ(member(window->second, members[0]), std::to_string(sums.records)) << window->first;
    EXPECT_EQ(member(window->second, members[1]), money(sums.cents)) << window->first;
    EXPECT_EQ(member(window->second, members[2]), std::to_string(sums.people.size()))
        << window->first;
    ++window;
  }
}

class SlidingCountsLoad final : public JobLoad {
 public:
  explicit SlidingCountsLoad(const Options& options) : JobLoad(options) {}
  std::string job() const override { return "sliding-counts"; }
  std::vector<std::string> inputs() const override { return {"customer-transactions"}; }
  void write(int count, const Write& to) override {
    for (; count > 0; --count) {
      const Timestamp time = next_time();
      if (random_() % 50 == 0) {
        put(to, "customer-transactions", any_partition(), time, "{\"customer_id\":");
        ++by_reason_["decode"];
        continue;
      }
      const auto cents = static_cast<std::int64_t>(random_() % 100'000);
      const std::string customer = "c" + std::to_string(random_() % 40);
      put(to, "customer-transactions", any_partition(), time,
          "{" + quoted("customer_id", customer) + ",\"final_amount\":" + money(cents) + "}");
      for (Timestamp start = time / 5000 * 5000; start > time - 10'000; start -= 5000) {
        Sums& sums = expected_[start];
        ++sums.records;
        sums.cents += cents;
        sums.people.insert(customer);
      }
    }
  }
  void check(const Read& read) const override {
    check_windows(read("sliding-counts"), expected_,
                  {"record_count", "total_transaction_value", "unique_customers"});
    check_dead_letters(read, {"decode"});
  }

 private:
  Expected expected_;
};

class OrderAnalyticsLoad final : public JobLoad {
 public:
  explicit OrderAnalyticsLoad(const Options& options) : JobLoad(options) {}
  std::string job() const override { return "order-analytics"; }
  std::vector<std::string> inputs() const override { return {"orders"}; }
  void write(int count, const Write& to) override {
    for (; count > 0; --count) {
      const Timestamp time = next_time();
      const auto cents = static_cast<std::int64_t>(random_() % 100'000);
      const std::string user = "u" + std::to_string(random_() % 70);
      const bool known = random_() % 50 != 0;
      put(to, "orders", any_partition(), time,
          "{" + quoted("order_id", known ? "o" + std::to_string(steps_) : "") + "," +
              quoted("user_id", user) + ",\"total_amount\":" + money(cents) + "}");
      if (!known) {
        ++by_reason_["require"];
        continue;
      }
      Sums& sums = expected_[time / 60'000 * 60'000];
      ++sums.records;
      sums.cents += cents;
      sums.people.insert(user);
    }
  }
  void check(const Read& read) const override {
    check_windows(read("analytics-results"), expected_,
                  {"total_orders", "total_revenue", "unique_users"});
    check_dead_letters(read, {"require"});
  }

 private:
  Expected expected_;
};

// What becomes of each order is chosen when it is written. Payments of one order lie in one
// partition, the second behind the first.
class OrderPaymentsLoad final : public JobLoad {
 public:
  explicit OrderPaymentsLoad(const Options& options) : JobLoad(options) {}
  std::string job() const override { return "order-payments"; }
  std::vector<std::string> inputs() const override { return {kOrdersTopic, kPaymentsTopic}; }
  void write(int count, const Write& to) override {
    for (; count > 0; --count) {
      const Timestamp time = next_time();
      pay_until(time, to);
      const std::string id = "o" + std::to_string(steps_);
      order_and_payments(id, time, to);
    }
  }
  void finish(const Write& to) override { pay_until(kEndOfTime, to); }
  void check(const Read& read) const override {
    std::map<std::string, std::string> pairs;
    for (const Seen& seen : read("order-payments")) {
      EXPECT_TRUE(pairs.emplace(*seen.key, member(*seen.value, "payment_id")).second)
          << "twice: " << *seen.key;
    }
    EXPECT_EQ(pairs.size(), pairs_.size());
    EXPECT_TRUE(pairs == pairs_);
    std::multiset<std::string> lone;
    for (const Seen& seen : read("order-payments.unmatched")) {
      lone.insert(*seen.key + " " + member(*seen.value, "side") + " " +
                  member(*seen.value, "reason"));
    }
    EXPECT_EQ(lone.size(), lone_.size());
    EXPECT_TRUE(lone == lone_);
    check_dead_letters(read, {"require"});
    const std::size_t dead = by_reason_.contains("require") ? by_reason_.at("require") : 0;
    const std::size_t twice = by_reason_.contains("duplicate") ? by_reason_.at("duplicate") : 0;
    EXPECT_EQ(written(), 2 * pairs.size() + lone.size() + twice + dead);
  }

 private:
  static constexpr const char* kOrdersTopic = "orders_topic_data_v1";
  static constexpr const char* kPaymentsTopic = "payments_topic_data_v1";
  struct Planned {
    std::string order, payment;
    std::int32_t partition;
  };

  void order(const std::string& id, std::int32_t partition, Timestamp time, const Write& to) {
    put(to, kOrdersTopic, partition, time, "{" + quoted("order_id", id) + ",\"amount\":12.50}");
  }
  void plan(const std::string& order, const std::string& payment, std::int32_t partition,
            Timestamp time) {
    planned_.emplace(time, Planned{order, payment, partition});
  }
  void pay_until(Timestamp time, const Write& to) {
    while (!planned_.empty() && planned_.begin()->first <= time) {
      const auto& [at, payment] = *planned_.begin();
      put(to, kPaymentsTopic, payment.partition, at,
          "{" + quoted("payment_id", payment.payment) + "," + quoted("order_id", payment.order) +
              ",\"amount\":12.50}");
      planned_.erase(planned_.begin());
    }
  }
  void lonely(const std::string& id, const std::string& side, const std::string& reason) {
    lone_.insert(id + " " + side + " " + reason);
    ++by_reason_[reason];
  }

  void order_and_payments(const std::string& id, Timestamp time, const Write& to) {
    const std::int32_t partition = any_partition();
    const std::int64_t delay = options_.payment_delay.count();
    const Timestamp paid = time + 1 + static_cast<Timestamp>(random_()) % delay;
    const auto fate = random_() % 20;
    if (fate == 0) {
      plan(id, "p" + id, partition, paid);
      return lonely(id, "payment", "no_order");
    }
    if (fate == 1) {
      order("", any_partition(), time, to);
      ++by_reason_["require"];
      return;
    }
    const std::int32_t home = any_partition();
    order(id, home, time, to);
    if (fate == 2) return lonely(id, "order", "no_payment");
    if (fate == 3) {
      order(id, home, time, to);
      ++by_reason_["duplicate"];
    }
    plan(id, "p" + id, partition, paid);
    pairs_[id] = "p" + id;
    if (fate == 4) {
      plan(id, "p" + id, partition, paid + 500);
      ++by_reason_["duplicate"];
    } else if (fate == 5) {
      plan(id, "q" + id, partition, paid + 1000);
      lonely(id, "payment", "second_payment");
    }
  }

  std::multimap<Timestamp, Planned> planned_;  // Payments that are still to be written.
  std::map<std::string, std::string> pairs_;   // Order: its payment.
  std::multiset<std::string> lone_;            // "order_id side reason".
};

}  // namespace

std::string member(const std::string& json, const std::string& name) {
  const std::size_t at = json.find("\"" + name + "\":");
  if (at == std::string::npos) return "";
  std::size_t from = at + name.size() + 3;
  const bool is_text = json[from] == '"';
  if (is_text) ++from;
  return json.substr(from, json.find_first_of(is_text ? "\"" : ",}", from) - from);
}

void JobLoad::put(const Write& to, const std::string& topic, std::int32_t partition, Timestamp time,
                  std::string json) {
  if (options_.padding > 0 && json.back() == '}') {
    json.pop_back();
    json += ",\"note\":\"";
    for (std::size_t i = 0; i < options_.padding; ++i) {
      json += static_cast<char>('a' + random_() % 26);
    }
    json += "\"}";
  }
  to(topic, partition, time, json);
  ++written_;
}

Timestamp JobLoad::next_time() {
  ++steps_;
  const std::int64_t back = options_.disorder.count();
  return clock() - (back == 0 ? 0 : static_cast<Timestamp>(random_()) % back);
}

void JobLoad::check_dead_letters(const Read& read, const std::set<std::string>& reasons) const {
  std::map<std::string, std::size_t> expected;
  for (const auto& [reason, count] : by_reason_) {
    if (reasons.contains(reason)) expected[reason] = count;
  }
  std::map<std::string, std::size_t> found;
  for (const Seen& seen : read(job() + ".dlq")) {
    for (const auto& [name, value] : seen.headers) {
      if (name == "weir.reason") ++found[value.value_or("")];
    }
  }
  EXPECT_EQ(found, expected) << job();  // `late` is among what must not be there.
}

std::unique_ptr<JobLoad> make_load(const std::string& job, const JobLoad::Options& options) {
  if (job == "sliding-counts") return std::make_unique<SlidingCountsLoad>(options);
  if (job == "order-analytics") return std::make_unique<OrderAnalyticsLoad>(options);
  return std::make_unique<OrderPaymentsLoad>(options);
}

}  // namespace weir::tests
