#include "job/load.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "job/diagnostic_print.h"

namespace weir::job {
namespace {

namespace fs = std::filesystem;

std::string contents(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<fs::path> jobs_in(const std::string& folder) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(std::string(WEIR_SOURCE_DIR) + "/" + folder)) {
    if (entry.path().extension() == ".yaml") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

// An outside with nothing in it but what a test puts there.
LoadOptions alone(std::map<std::string, std::string> variables = {}) {
  LoadOptions options;
  options.outside.environment = [variables](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
  options.outside.file = [](const std::string& path) -> Result<std::string> {
    if (path == "/secret") return std::string("hunter2\n");
    return Error{"cannot read '" + path + "'"};
  };
  return options;
}

struct Job {
  explicit Job(std::string text, LoadOptions options = alone())
      : source("job.yaml", std::move(text)), found(source), loaded(load_job(found, options)) {}
  std::string said() const { return print_plain(found.all()); }
  Source source;
  Diagnostics found;
  Loaded loaded;
};

Job shipped(const std::string& name, LoadOptions options = alone()) {
  return Job(contents(std::string(WEIR_SOURCE_DIR) + "/jobs/" + name), std::move(options));
}

const PipelinePlan& pipeline(const Job& job, std::string_view name) {
  for (const PipelinePlan& one : job.loaded.plan->pipelines) {
    if (one.name == name) return one;
  }
  ADD_FAILURE() << "no pipeline " << name;
  return job.loaded.plan->pipelines[0];
}

std::string fields(const Schema& schema) {
  std::string all;
  for (const auto& [name, slot] : output_fields(schema)) all += (all.empty() ? "" : ", ") + name;
  return all;
}

TEST(BrokenJobs, GiveTheFindingsThatAreWrittenDown) {
  const std::vector<fs::path> paths = jobs_in("tests/jobs/broken");
  EXPECT_GE(paths.size(), 60U);
  for (const fs::path& path : paths) {
    const Source source(path.filename().string(), contents(path));
    Diagnostics found(source);
    load_job(found, alone());
    fs::path expected = path;
    expected.replace_extension(".expected");
    EXPECT_EQ(print_plain(found.all()), contents(expected)) << path;
    EXPECT_FALSE(found.all().empty()) << path;
    for (const Diagnostic& d : found.all()) {
      EXPECT_NE(find_code_page(d.code), nullptr) << d.code;
      EXPECT_GT(d.line, 0) << path;
    }
  }
}

TEST(ShippedJobs, HaveNoFindings) {
  for (const std::string folder : {"jobs", "jobs/variants"}) {
    for (const fs::path& path : jobs_in(folder)) {
      const Job job(contents(path));
      EXPECT_EQ(job.said(), "") << path;
      ASSERT_TRUE(job.loaded.plan) << path;
      EXPECT_EQ(job.loaded.plan->name, path.stem().string());
    }
  }
}

TEST(ShippedJobs, ValidateQuickly) {
  const auto start = std::chrono::steady_clock::now();
  for (const std::string folder : {"jobs", "jobs/variants"}) {
    for (const fs::path& path : jobs_in(folder)) Job(contents(path));
  }
  // 50 ms in an optimised build; instrumented ones are slower.
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(2));
}

TEST(OrderPayments, IsWhatTheContractSays) {
  const Job job = shipped("order-payments.yaml");
  const JobPlan& plan = *job.loaded.plan;
  EXPECT_TRUE(plan.kafka.exactly_once);
  EXPECT_EQ(plan.kafka.brokers, "");  // Where they are is the environment's: run/connection.h.
  EXPECT_EQ(plan.errors.dlq, "order-payments.dlq");
  EXPECT_EQ(plan.errors.decode, Answer::dlq);
  EXPECT_EQ(plan.errors.stop_above_share, 0);
  ASSERT_EQ(plan.streams.size(), 2U);
  EXPECT_EQ(plan.streams[0].topic, "orders_topic_data_v1");
  EXPECT_EQ(plan.streams[1].topic, "payments_topic_data_v1");
  EXPECT_EQ(plan.streams[0].idle_ms, 60'000);
  EXPECT_FALSE(plan.streams[0].time);
  const PipelinePlan& pairs = pipeline(job, "pairs");
  const JoinPlan& join = *pairs.steps[0].join;
  EXPECT_TRUE(join.match_once);
  EXPECT_EQ(join.before_ms, 900'000);
  EXPECT_EQ(join.after_ms, 900'000);
  EXPECT_EQ(join.delay_ms, 30'000);
  EXPECT_EQ(join.remember_ms, 3'600'000);
  EXPECT_TRUE(join.left_repartition);
  EXPECT_TRUE(join.right_repartition);
  EXPECT_EQ(join.left_word, "order");
  EXPECT_EQ(join.right_word, "payment");
  EXPECT_EQ(pairs.steps[0].store, "pairs.join");
  EXPECT_EQ(fields(join.unmatched), "order_id, side, reason, record");
  ASSERT_EQ(join.unmatched_sinks.size(), 1U);
  EXPECT_EQ(join.unmatched_sinks[0].topic, "order-payments.unmatched");
  EXPECT_EQ(fields(pairs.out),
            "order_id, order_date, created_at, customer_id, order_amount, payment_id, "
            "payment_date, payment_amount, processed_at");
  ASSERT_EQ(pairs.sinks.size(), 2U);
  EXPECT_EQ(pairs.sinks[0].name, "order-payments");
  EXPECT_EQ(pairs.sinks[1].name, "mongodb");
  EXPECT_EQ(pairs.sinks[1].mongodb->collection, "orders_data_process_fact");
}

TEST(OrderPayments, TakesItsValuesFromTheEnvironment) {
  const Job job =
      shipped("order-payments.yaml", alone({{"STATE_TIMEOUT_MINUTES", "90"},
                                            {"KAFKA_ORDER_TOPIC", "stream_order_producer"},
                                            {"MONGODB_URI", "mongodb://u:p@h/"}}));
  ASSERT_TRUE(job.loaded.plan) << job.said();
  EXPECT_EQ(job.loaded.plan->streams[0].topic, "stream_order_producer");
  const JoinPlan& join = *pipeline(job, "pairs").steps[0].join;
  EXPECT_EQ(join.after_ms, 5'400'000);
  EXPECT_EQ(join.remember_ms, 5'400'000);
  EXPECT_EQ(job.loaded.redacted_json.find("u:p"), std::string::npos);
  EXPECT_EQ(job.said(), "");
}

TEST(OrderPayments, KeyedProducersSaveTheRepartition) {
  LoadOptions options = alone();
  options.set = {{"streams.orders.keyed_by", "order_id"},
                 {"streams.payments.keyed_by", "order_id"}};
  const Job job = shipped("order-payments.yaml", options);
  ASSERT_TRUE(job.loaded.plan) << job.said();
  EXPECT_FALSE(pipeline(job, "pairs").steps[0].join->left_repartition);
  EXPECT_FALSE(pipeline(job, "pairs").steps[0].join->right_repartition);
}

TEST(SlidingCounts, IsWhatTheContractSays) {
  const Job job = shipped("sliding-counts.yaml");
  const PipelinePlan& counts = pipeline(job, "counts");
  const AggregatePlan& plan = *counts.steps[0].aggregate;
  EXPECT_EQ(job.loaded.plan->streams[0].schema.columns.size(), 27U);
  EXPECT_EQ(plan.size_ms, 10'000);
  EXPECT_EQ(plan.every_ms, 5'000);
  EXPECT_EQ(plan.grace_ms, 30'000);
  EXPECT_FALSE(plan.on_update);
  EXPECT_FALSE(plan.repartition);
  EXPECT_EQ(fields(counts.out),
            "window_start, window_end, record_count, total_transaction_value, "
            "avg_transaction_value, unique_customers, min_batch_number, max_batch_number");
  EXPECT_EQ(counts.sinks[1].kind, SinkPlan::Kind::console);
  LoadOptions options = alone();
  options.outside.params = {{"window", "1m"}, {"slide", "20s"}};
  const Job other = shipped("sliding-counts.yaml", options);
  EXPECT_EQ(pipeline(other, "counts").steps[0].aggregate->size_ms, 60'000);
}

TEST(OrderAnalytics, IsWhatTheContractSays) {
  const Job job = shipped("order-analytics.yaml");
  const PipelinePlan& minute = pipeline(job, "per_minute");
  EXPECT_EQ(fields(minute.out),
            "window_start, window_end, unique_users, total_orders, total_revenue, "
            "avg_order_value, processed_at, metric_type, window_type");
  const int average = minute.out.find("avg_order_value");
  EXPECT_EQ(minute.out.columns[static_cast<std::size_t>(average)].type.to_string(), "decimal(4)");
  EXPECT_EQ(minute.sinks[0].topic, "analytics-results");
}

const std::string kShop = R"(weir: 1
job: shop
streams:
  orders:
    topic: orders
    keyed_by: order_id
    fields: {order_id: string, amount: decimal(2) or null, user: {id: string, age: int or null}}
  payments:
    topic: payments
    keyed_by: id
    fields: {id: string, order_id: string, paid: decimal(2)}
pipelines:
  all:
    from: orders
    steps:
)";

Job shop(const std::string& steps) { return Job(kShop + steps + "    to: out\n"); }

TEST(Steps, AssignCopiesOrComputes) {
  const Job job =
      shop("      - set:\n          amount: amount ?? 0\n          twice: amount * 2\n");
  ASSERT_TRUE(job.loaded.plan) << job.said();
  const StepPlan& step = pipeline(job, "all").steps[0];
  EXPECT_EQ(fields(step.out), "order_id, amount, user, twice");
  EXPECT_EQ(step.assignments.size(), step.out.columns.size());
  EXPECT_EQ(step.assignments[0].from_slot, 0);
  EXPECT_TRUE(step.assignments[1].value);
  EXPECT_EQ(step.out.columns[1].type.to_string(), "decimal(2)");
  // Expressions see the record as it was before the step.
  EXPECT_EQ(step.out.columns.back().type.to_string(), "decimal(2) or null");
}

TEST(Steps, UnsetMovesTheOthers) {
  const Job job =
      shop("      - unset: [amount]\n      - filter: user.age > 18 and user.age is not null\n");
  ASSERT_TRUE(job.loaded.plan) << job.said();
  EXPECT_EQ(fields(pipeline(job, "all").out), "order_id, user");
  EXPECT_EQ(pipeline(job, "all").steps[1].condition->slots(), std::vector<int>{3});
}

TEST(Steps, FilterTellsWhatIsNotNull) {
  const Job job = shop("      - require: amount is not null\n      - filter: amount > 1\n");
  EXPECT_EQ(job.said().find("W120"), std::string::npos) << job.said();
}

TEST(Steps, KeysFollowTheirColumns) {
  const Job kept = shop(
      "      - select: {id: order_id, n: 1}\n"
      "      - aggregate: {by: id, window: {size: 1m}, fields: {n: count()}}\n");
  ASSERT_TRUE(kept.loaded.plan) << kept.said();
  EXPECT_FALSE(pipeline(kept, "all").steps[1].aggregate->repartition);
  const Job lost = shop(
      "      - select: {id: upper(order_id)}\n"
      "      - aggregate: {by: id, window: {size: 1m}, fields: {n: count()}}\n");
  EXPECT_TRUE(pipeline(lost, "all").steps[1].aggregate->repartition);
}

TEST(Steps, JoinPutsTheOtherRecordUnderItsName) {
  const Job job = shop(
      "      - join: {with: payments, as: p, by: {left: order_id, right: order_id}, type: left, "
      "within: {before: 0s, after: 5m}}\n"
      "      - set:\n          state: case when p is null then 'open' else p.id end\n");
  ASSERT_TRUE(job.loaded.plan) << job.said();
  const StepPlan& step = pipeline(job, "all").steps[0];
  EXPECT_EQ(step.join->before_ms, 0);
  EXPECT_EQ(step.join->after_ms, 300'000);
  EXPECT_FALSE(step.join->left_repartition);
  EXPECT_TRUE(step.join->right_repartition);  // Payments are keyed by their own id.
  EXPECT_TRUE(step.out.columns[static_cast<std::size_t>(step.join->first_right_slot) - 1].presence);
  const int paid = step.out.find("p.paid");
  ASSERT_GE(paid, step.join->first_right_slot);
  EXPECT_EQ(step.out.columns[static_cast<std::size_t>(paid)].type.to_string(),
            "decimal(2) or null");
  EXPECT_EQ(fields(step.out), "order_id, amount, user, p.id, p.order_id, p.paid");
}

TEST(Steps, AntiJoinKeepsTheLeftRow) {
  const Job job = shop("      - join: {with: payments, by: order_id, type: anti, within: 5m}\n");
  ASSERT_TRUE(job.loaded.plan) << job.said();
  EXPECT_EQ(fields(pipeline(job, "all").out), "order_id, amount, user");
}

TEST(Steps, AggregatesReadTheirArguments) {
  const Job job = shop(
      "      - aggregate:\n          by: order_id\n          window: {gap: 30m}\n"
      "          fields:\n            total: sum(amount * 2)\n"
      "            oldest: arg_max(user.id, user.age)\n"
      "            rough: approx_distinct(user.id, 0.05)\n"
      "            adults: count_if(user.age > 17)\n"
      "            some: collect(user.id, 5)\n");
  ASSERT_TRUE(job.loaded.plan) << job.said();
  const AggregatePlan& plan = *pipeline(job, "all").steps[0].aggregate;
  EXPECT_EQ(plan.window, WindowKind::session);
  EXPECT_EQ(plan.gap_ms, 1'800'000);
  ASSERT_EQ(plan.aggregates.size(), 5U);
  EXPECT_EQ(plan.arguments.size(), 6U);
  EXPECT_EQ(plan.aggregates[1].argument, 1U);
  EXPECT_EQ(plan.aggregates[1].by, 2U);
  EXPECT_DOUBLE_EQ(plan.aggregates[2].parameter, 0.05);
  EXPECT_EQ(plan.aggregates[4].max, 5U);
  EXPECT_EQ(plan.first_result_slot, 3);
  EXPECT_EQ(pipeline(job, "all").steps[0].store, "all.aggregate");
}

TEST(Steps, LogReadsItsExpressions) {
  const Job job =
      shop("      - log: {message: 'order {order_id} of {upper(user.id)}!', at_most: 5/m}\n");
  ASSERT_TRUE(job.loaded.plan) << job.said();
  const LogPlan& log = *pipeline(job, "all").steps[0].log;
  EXPECT_EQ(log.texts, (std::vector<std::string>{"order ", " of ", "!"}));
  EXPECT_EQ(log.values.size(), 2U);
  EXPECT_EQ(pipeline(job, "all").steps[0].kind, StepKind::log);
  const Job bad = shop("      - log: {message: 'order {ordr_id}'}\n");
  EXPECT_NE(bad.said().find("job.yaml:16:32: error[E201]"), std::string::npos) << bad.said();
}

TEST(OpenStreams, LearnWhatIsAskedFor) {
  const Job job(R"(weir: 1
job: open
streams:
  a: {topic: a, fields: any}
  b: {topic: b, fields: any}
pipelines:
  both:
    from: a
    steps:
      - filter: kind == 'x'
      - join: {with: b, as: other, by: id, within: 5m}
      - set:
          sum: other.n + size.of.it
    to: out
)");
  ASSERT_TRUE(job.loaded.plan) << job.said();
  const auto names = [&](std::size_t stream) {
    std::string all;
    for (const auto& column : job.loaded.plan->streams[stream].schema.columns)
      all += column.name + " ";
    return all;
  };
  EXPECT_EQ(names(0), " kind id size.of.it ");
  EXPECT_EQ(names(1), " id n ");
  EXPECT_EQ(job.found.all()[0].code, "W121");
}

TEST(Pipelines, ComeBehindWhatTheyRead) {
  const Job job(R"(weir: 1
job: chain
streams:
  a: {topic: a, fields: {x: int}}
pipelines:
  last: {from: [middle, first], to: out}
  middle: {from: first}
  first: {from: a}
)");
  ASSERT_TRUE(job.loaded.plan) << job.said();
  ASSERT_EQ(job.loaded.plan->pipelines.size(), 3U);
  EXPECT_EQ(job.loaded.plan->pipelines[0].name, "first");
  EXPECT_EQ(job.loaded.plan->pipelines[1].name, "middle");
  EXPECT_EQ(job.loaded.plan->pipelines[2].from[0].index, 1U);
}

TEST(Routes, KeepTheirOrder) {
  const Job job(R"(weir: 1
job: routes
streams:
  a: {topic: a, fields: {x: int}}
pipelines:
  p:
    from: a
    route:
      - when: x > 5
        to: {topic: big, key: x}
      - otherwise: small
)");
  ASSERT_TRUE(job.loaded.plan) << job.said();
  const PipelinePlan& p = job.loaded.plan->pipelines[0];
  ASSERT_EQ(p.routes.size(), 2U);
  EXPECT_TRUE(p.routes[0].when);
  EXPECT_FALSE(p.routes[1].when);
  EXPECT_EQ(p.routes[1].sinks[0].topic, "small");
}

TEST(Secrets, AreNeverShown) {
  const std::string text = R"(weir: 1
job: secrets
kafka:
  properties:
    ssl.key.password: ${file:/secret}
    sasl.password: inline
streams:
  a: {topic: a, fields: {x: int}}
pipelines:
  p: {from: a, to: out}
)";
  const Job job(text);
  ASSERT_TRUE(job.loaded.plan) << job.said();
  EXPECT_EQ(job.loaded.plan->kafka.properties[0].second, "hunter2");
  EXPECT_EQ(job.loaded.redacted_json.find("hunter2"), std::string::npos);
  EXPECT_EQ(job.loaded.redacted_json.find("inline"), std::string::npos);
  const std::string pretty = print_pretty(job.found.all(), false);
  EXPECT_NE(pretty.find("W130"), std::string::npos);
  EXPECT_EQ(pretty.find("inline"), std::string::npos);
}

// What is said of a job with that sink.
std::string said_of(const std::string& sink, const std::string& more = "") {
  const Job job("weir: 1\njob: p\n" + more +
                "streams:\n  a: {topic: a, fields: {x: int}}\n"
                "pipelines:\n  p:\n    from: a\n    to:\n      " +
                sink + "\n");
  return job.said();
}
std::string said_of_postgres(const std::string& uri) {
  return said_of("postgres: {uri: '" + uri + "', table: t, id: x}");
}
std::string said_of_mongodb(const std::string& uri) {
  return said_of("mongodb: {uri: '" + uri + "', database: d, collection: c, id: x}");
}

TEST(Sinks, AnAddressThatNoServerCanHaveIsAnErrorWithItsPlace) {
  const std::string place = ":9:23: error[E403]: ";
  for (const auto& [uri, words] : std::vector<std::pair<std::string, std::string>>{
           {"postgresql://h/d?sslmode=off", "'sslmode' in the address"},
           {"postgresql://h:99999/d", "'port' in the address"},
           {"postgresql://h:54a/d", "'port' in the address"},
           {"host=h port=x dbname=d", "'port' in the address"},
           {"postgresql://h:1,g:2,i:3/d?port=1,2", "do not fit together"},
           {"postgresql://h/d?sslmod=require", "no address of a PostgreSQL server"},
           {"postgresql://u:Hunter2/d", "'port' in the address"},
           {"host", "no address of a PostgreSQL server"}}) {
    const std::string said = said_of_postgres(uri);
    EXPECT_NE(said.find(place), std::string::npos) << uri << ": " << said;
    EXPECT_NE(said.find(words), std::string::npos) << uri << ": " << said;
    EXPECT_NE(said.find(" ("), std::string::npos) << "no hint: " << said;
    EXPECT_EQ(said.find("Hunter2"), std::string::npos) << said;
  }
  for (const auto& [uri, words] : std::vector<std::pair<std::string, std::string>>{
           {"mongodb://h:port/", "no address of a MongoDB server"},
           {"mongodb://u:Hunter2/d", "no address of a MongoDB server"},
           {"mongodb://h/?nosuch=1", "nosuch"},
           {"h:27017", "it starts with mongodb://"}}) {
    const std::string said = said_of_mongodb(uri);
    EXPECT_NE(said.find(":9:22: error[E403]: "), std::string::npos) << uri << ": " << said;
    EXPECT_NE(said.find(words), std::string::npos) << uri << ": " << said;
    EXPECT_EQ(said.find("Hunter2"), std::string::npos) << said;
  }
}

TEST(Sinks, AnAddressThatAServerMayHaveIsGood) {
  for (const char* uri :
       {"postgres://h/d", "postgresql://", "postgresql://h:1,g:2/d?target_session_attrs=read-write",
        "host=h,g port=5432 sslmode=verify-full", "postgresql:///d?host=/run/postgresql",
        "postgresql://u@h/d?hostaddr=127.0.0.1&connect_timeout=3", "service=mart"}) {
    EXPECT_EQ(said_of_postgres(uri), "") << uri;
  }
  for (const char* uri : {"mongodb://h", "mongodb://h:1,g:2/?replicaSet=r",
                          "mongodb+srv://u@cluster.shop.example/"}) {
    EXPECT_EQ(said_of_mongodb(uri), "") << uri;
  }
}

TEST(Sinks, APasswordInTheFileIsSeenWhateverItIs) {
  for (const char* uri : {"mongodb://u:s3cret@h/", "mongodb://u:s3/cret@h", "mongodb://u:s3@cret@h",
                          "mongodb://u:s3%40cret@h/?tls=true"}) {
    const std::string said = said_of_mongodb(uri);
    EXPECT_NE(said.find("warning[W130]"), std::string::npos) << uri << ": " << said;
    EXPECT_EQ(said.find("cret@"), std::string::npos) << said;
  }
  EXPECT_NE(said_of_postgres("host=h password=s3cret").find("W130"), std::string::npos);
  EXPECT_EQ(said_of_mongodb("mongodb://u@h:27017/"), "");
}

TEST(Sinks, AFileThatGrowsMayHaveResultsTwice) {
  EXPECT_NE(said_of("file: {path: lines}").find(":9:20: warning[W104]"), std::string::npos)
      << said_of("file: {path: lines}");
  EXPECT_NE(said_of("file: {path: lines, retry: {for: 1h}}").find("W104"), std::string::npos);
  EXPECT_EQ(said_of("file: {path: lines, roll: {every: 10m}}"), "");
  EXPECT_EQ(said_of("file: {path: lines, compress: gzip}"), "");
  EXPECT_EQ(said_of("file: {path: lines}", "kafka: {guarantee: at_least_once}\n"), "");
}

TEST(Postgres, IdIsAColumn) {
  const std::string start =
      "weir: 1\njob: p\nstreams:\n  a: {topic: a, fields: {x: int, y: int or null}}\n"
      "pipelines:\n  p:\n    from: a\n    to:\n      postgres:\n        uri: postgres://h/d\n"
      "        table: t\n        id: ";
  EXPECT_EQ(Job(start + "x\n").said(), "");
  EXPECT_NE(Job(start + "y\n").said().find("E406"), std::string::npos);
  EXPECT_NE(Job(start + "z\n").said().find("E201"), std::string::npos);
}

}  // namespace
}  // namespace weir::job
