// App on a real Kafka: what it refuses to start with, what ends it, and what it goes on with.
#include <atomic>
#include <chrono>
#include <filesystem>
#include <mutex>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/contract.h"
#include <weir/app.h>
#include <weir/weir.h>

namespace weir::tests {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

// Names of one test's topics, and the plans over them.
struct Names {
  std::string in, other, out, dead;
};

Topology copy(const Names& names) {
  Builder builder(ErrorPolicy{.dead_letters = names.dead});
  const Topic<std::string, std::string> in{names.in}, out{names.out};
  builder.stream(in).to(out);
  return *builder.build();
}

// How often each key came in each second; results carry the time of the window's end.
Topology counting(const Names& names) {
  Builder builder(ErrorPolicy{.dead_letters = names.dead});
  const Topic<std::string, std::string> in{names.in};
  const Topic<std::string, std::int64_t> out{names.out};
  builder.stream(in)
      .rekey([](const std::string& value) { return value; })
      .group_by_key()
      .windowed({.size = 1s})
      .count("counts")
      .rekey([](const Windowed<std::string>& key, const std::int64_t&) { return key.key; })
      .to(out);
  return *builder.build();
}

class MemorySink final : public Sink {
 public:
  struct Shelf {
    std::mutex mutex;
    std::vector<std::string> written;
    std::vector<std::string> lasting;
    std::atomic<bool> away{false};
  };
  explicit MemorySink(Shelf& shelf) : shelf_(shelf) {}
  SinkAnswer write(std::span<const SinkRecord> batch) override {
    if (shelf_.away) return {SinkAnswer::What::again, "it is away"};
    SinkAnswer answer;
    const std::lock_guard lock(shelf_.mutex);
    for (std::size_t i = 0; i < batch.size(); ++i) {
      if (batch[i].value == "refuse me") {
        answer.refused.push_back({i, "it said so"});
      } else {
        shelf_.written.emplace_back(batch[i].value.value_or("null"));
      }
    }
    return answer;
  }
  SinkAnswer flush() override {
    if (shelf_.away) return {SinkAnswer::What::again, "it is away"};
    const std::lock_guard lock(shelf_.mutex);
    shelf_.lasting.insert(shelf_.lasting.end(), shelf_.written.begin(), shelf_.written.end());
    shelf_.written.clear();
    return {};
  }
  void close() override {}

 private:
  Shelf& shelf_;
};

class AppOnKafka : public Contract {
 protected:
  void SetUp() override {
    Contract::SetUp();
    if (IsSkipped()) return;
    names_ = {world()->unique("in"), world()->unique("other"), world()->unique("out"),
              world()->unique("dead")};
    state_ = std::filesystem::path(testing::TempDir()) / world()->unique("app");
    config_.id = world()->unique("app");
    config_.brokers = std::getenv("WEIR_TEST_BROKERS");
    config_.state_dir = state_;
    config_.session_timeout = Duration{6'000};
    config_.properties["topic.metadata.refresh.interval.ms"] = "1000";
    listener_.log = [](int level, std::string_view text) {
      if (level <= 4) std::fprintf(stderr, "<%d> %s\n", level, std::string(text).c_str());
    };
  }
  void TearDown() override { std::filesystem::remove_all(state_); }

  void make(const std::string& topic, std::int32_t partitions, kafka::Configs configs = {}) {
    const std::vector<kafka::TopicSpec> specs = {
        {.name = topic, .partitions = partitions, .configs = std::move(configs)}};
    auto created = again([&] { return admin().create_topics(specs); });
    ASSERT_TRUE(created.ok() && created.value.at(0).ok()) << created.outcome.text;
  }
  void remove(const std::string& topic) {
    const std::vector<std::string> one{topic};
    auto gone = again([&] { return admin().delete_topics(one); });
    ASSERT_TRUE(gone.ok() && gone.value.at(0).ok()) << gone.outcome.text;
  }
  void send(const std::string& topic, const std::vector<std::string>& values, Timestamp time,
            std::int32_t partition = 0) {
    auto producer = make_producer();
    for (const std::string& value : values) {
      const Outcome put = producer->produce({.topic = open(*producer, topic),
                                             .partition = partition,
                                             .key = "k",
                                             .value = value,
                                             .timestamp = time});
      ASSERT_TRUE(put.ok()) << put.text;
    }
    const Outcome flushed = again([&] { return producer->flush(kWait); });
    ASSERT_TRUE(flushed.ok()) << flushed.text;
  }
  static bool until(const std::function<bool()>& done) {
    return world()->until(done, Duration{30'000});
  }
  // Runs to the end of the input.
  AppStatus run_to_end(Topology topology) {
    AppConfig config = config_;
    config.until_end = true;
    App app(config, std::move(topology), listener_);
    AppStatus ended = app.run();
    last_ = app.snapshot();
    return ended;
  }
  std::vector<Seen> all(const std::string& topic) {
    const std::vector<std::string> one{topic};
    const auto count = admin().partitions(one);
    std::vector<Seen> found;
    for (std::int32_t p = 0; p < count.value.front(); ++p) {
      for (Seen& seen : read_all(topic, p)) found.push_back(std::move(seen));
    }
    return found;
  }

  Names names_;
  std::filesystem::path state_;
  AppConfig config_;
  AppListener listener_;
  AppSnapshot last_;
};

// ---- What it does not start with ---------------------------------------------------------------

TEST_F(AppOnKafka, SaysThatNoBrokerAnswersAndWhere) {
  config_.brokers = "127.0.0.1:1";
  config_.start_wait = Duration{2'000};
  App app(config_, copy(names_));
  const AppStatus started = app.start();
  EXPECT_EQ(started.code(), 69);
  EXPECT_THAT(started.error().text, HasSubstr("127.0.0.1:1"));
  EXPECT_THAT(started.error().text, HasSubstr("refused"));
  EXPECT_EQ(app.state(), AppState::failed);
}

TEST_F(AppOnKafka, SaysThatASourceTopicIsMissing) {
  App app(config_, copy(names_));
  const AppStatus started = app.start();
  EXPECT_EQ(started.code(), 78);
  EXPECT_THAT(started.error().text, HasSubstr(names_.in));
}

TEST_F(AppOnKafka, DoesNotShareItsStateDirectory) {
  make(names_.in, 1);
  App app(config_, copy(names_), listener_);
  ASSERT_TRUE(app.start());
  App second(config_, copy(names_));
  const AppStatus started = second.start();
  EXPECT_EQ(started.code(), 74);
  EXPECT_THAT(started.error().text, HasSubstr("in use by process"));
}

TEST_F(AppOnKafka, NeverShowsASecret) {
  config_.properties["sasl.password"] = "hush-hush";
  config_.properties["no.such.property"] = "1";
  App app(config_, copy(names_));
  const AppStatus started = app.start();
  EXPECT_EQ(started.code(), 78);
  EXPECT_THAT(started.error().text, HasSubstr("no.such.property"));
  EXPECT_EQ(app.shown_properties().at("sasl.password"), "***");
}

TEST_F(AppOnKafka, DoesNotDrainBesideAnotherInstance) {
  make(names_.in, 1);
  App app(config_, copy(names_), listener_);
  ASSERT_TRUE(app.start());
  ASSERT_TRUE(until([&] { return app.state() == AppState::running; }));
  AppConfig other = config_;
  other.state_dir = state_ / "other";
  other.until_end = other.drain = true;
  App second(other, copy(names_));
  const AppStatus started = second.start();
  EXPECT_EQ(started.code(), 75);
  EXPECT_EQ(app.state(), AppState::running);
}

TEST_F(AppOnKafka, SaysThatAChangelogIsGone) {
  make(names_.in, 1);
  send(names_.in, {"a", "b"}, 1'000);
  ASSERT_TRUE(run_to_end(counting(names_)));
  remove(config_.id + "-counts-changelog");
  const AppStatus ended = run_to_end(counting(names_));
  EXPECT_EQ(ended.code(), 78);
  EXPECT_THAT(ended.error().text, HasSubstr("counts-changelog"));
}

TEST_F(AppOnKafka, SaysThatAChangelogWasMadeAnew) {
  make(names_.in, 1);
  send(names_.in, {"a", "b"}, 1'000);
  ASSERT_TRUE(run_to_end(counting(names_)));
  remove(config_.id + "-counts-changelog");
  world()->pass(Duration{500});
  make(config_.id + "-counts-changelog", 1, {{"cleanup.policy", "compact"}});
  const AppStatus ended = run_to_end(counting(names_));
  EXPECT_EQ(ended.code(), 78);
  EXPECT_THAT(ended.error().text, HasSubstr("counts-changelog"));
}

TEST_F(AppOnKafka, SaysThatItsPlaceInTheInputIsGone) {
  make(names_.in, 1);
  send(names_.in, {"a", "b"}, 1'000);
  ASSERT_TRUE(run_to_end(copy(names_)));
  send(names_.in, {"c", "d"}, 1'000);
  const std::vector<Position> behind = {{{names_.in, 0}, 3}};
  ASSERT_TRUE(again([&] { return admin().delete_records(behind); }).ok());
  const AppStatus ended = run_to_end(copy(names_));
  EXPECT_EQ(ended.code(), 78);
  EXPECT_THAT(ended.error().text, HasSubstr(names_.in));
}

// ---- What it makes -----------------------------------------------------------------------------

TEST_F(AppOnKafka, MakesItsTopicsToKeepAnyTime) {
  make(names_.in, 2);
  App app(config_, counting(names_), listener_);
  ASSERT_TRUE(app.start());
  const std::string changelog = config_.id + "-counts-changelog";
  const std::string repartition = config_.id + "-counts-repartition";
  EXPECT_THAT(app.created_topics(), Contains(changelog));
  EXPECT_THAT(app.created_topics(), Contains(repartition));
  auto configs = admin().configs(changelog);
  EXPECT_EQ(configs.value["cleanup.policy"], "compact");
  configs = admin().configs(repartition);
  EXPECT_EQ(configs.value["retention.ms"], "-1");
  EXPECT_EQ(configs.value["message.timestamp.after.max.ms"], "9223372036854775807");
  const std::vector<std::string> topics{changelog, repartition, names_.out, names_.dead};
  EXPECT_THAT(admin().partitions(topics).value, ElementsAre(2, 2, 2, 2));
}

// ---- Running -----------------------------------------------------------------------------------

TEST_F(AppOnKafka, StopsAtTheEndOfItsInputAndGoesOnThere) {
  make(names_.in, 3);
  for (std::int32_t p = 0; p < 2; ++p) send(names_.in, {"a", "b", "c"}, 1'000, p);
  ASSERT_TRUE(run_to_end(copy(names_)));
  EXPECT_EQ(last_.total_in().records, 6U);
  EXPECT_EQ(last_.total_out().records, 6U);
  EXPECT_EQ(last_.state, AppState::stopped);
  EXPECT_THAT(all(names_.out), SizeIs(6));
  send(names_.in, {"d"}, 2'000);
  ASSERT_TRUE(run_to_end(copy(names_)));
  EXPECT_EQ(last_.total_in().records, 1U);
  EXPECT_THAT(all(names_.out), SizeIs(7));
}

TEST_F(AppOnKafka, EveryInstanceStopsOnceTheGroupIsAtTheEnd) {
  make(names_.in, 4);
  for (std::int32_t p = 0; p < 4; ++p) send(names_.in, {"a", "b", "c"}, 1'000, p);
  config_.until_end = true;
  AppConfig other = config_;
  other.state_dir = state_ / "other";
  App one(config_, counting(names_), listener_), two(other, counting(names_), listener_);
  ASSERT_TRUE(one.start());
  ASSERT_TRUE(two.start());
  const auto first = one.wait_for(Duration{60'000});
  ASSERT_TRUE(first.has_value());
  EXPECT_TRUE(*first);
  const auto second = two.wait_for(Duration{60'000});
  ASSERT_TRUE(second.has_value());
  EXPECT_TRUE(*second);
  EXPECT_EQ(one.snapshot().total_in().records + two.snapshot().total_in().records, 12U);
}

TEST_F(AppOnKafka, DrainsWindowsWhenItIsStopped) {
  make(names_.in, 2);
  send(names_.in, {"a", "a", "b"}, 1'000);
  config_.drain = true;
  App app(config_, counting(names_), listener_);
  ASSERT_TRUE(app.start());
  ASSERT_TRUE(until([&] { return app.snapshot().total_in().records == 3; }));
  EXPECT_THAT(all(names_.out), IsEmpty());
  app.stop();
  ASSERT_TRUE(app.wait());
  EXPECT_THAT(all(names_.out), SizeIs(2));
}

TEST_F(AppOnKafka, ShowsItsNumbersWhileItRuns) {
  make(names_.in, 2);
  send(names_.in, {"a", "a", "b"}, 1'000);
  App app(config_, counting(names_), listener_);
  ASSERT_TRUE(app.start());
  ASSERT_TRUE(until([&] { return app.snapshot().commits > 1; }));
  ASSERT_TRUE(until([&] { return app.state() == AppState::running; }));
  const AppSnapshot now = app.snapshot();
  EXPECT_EQ(now.in.at(names_.in).records, 3U);
  EXPECT_EQ(now.in.at(names_.in).bytes, 6U);
  EXPECT_THAT(now.tasks, SizeIs(4));
  EXPECT_THAT(now.inputs, SizeIs(4));
  EXPECT_THAT(now.stores, SizeIs(2));
  EXPECT_THAT(now.workers, SizeIs(1));
  EXPECT_GT(now.commit_seconds.count(), 0U);
  for (const AppSnapshot::Input& input : now.inputs) {
    if (input.topic != names_.in || input.partition != 0) continue;
    EXPECT_EQ(input.committed, 3);
    EXPECT_EQ(input.time, 1'000);
    EXPECT_TRUE(input.is_source);
  }
}

TEST_F(AppOnKafka, ReadsItsStoresFromOutside) {
  make(names_.in, 1);
  send(names_.in, {"a", "a", "b"}, 1'000);
  App app(config_, counting(names_), listener_);
  ASSERT_TRUE(app.start());
  const auto rows = [&] {
    int seen = 0;
    const Status read = app.scan("counts", 0, {}, {}, [&](Bytes, Bytes) { return ++seen, true; });
    return read ? seen : -1;
  };
  EXPECT_TRUE(until([&] { return rows() >= 2; }));
  EXPECT_FALSE(app.get("no-such-store", "a"));
}

TEST_F(AppOnKafka, AResultThatNoBrokerTakesIsADeadLetter) {
  make(names_.in, 1, {{"message.timestamp.after.max.ms", "9223372036854775807"}});
  make(names_.out, 1, {{"max.message.bytes", "2000"}});
  const Timestamp now = world()->now();
  send(names_.in, {"first"}, now);
  send(names_.in, {"from the future"}, later(now, Duration{3 * 3'600'000}));
  send(names_.in, {std::string(4000, 'x')}, now);
  send(names_.in, {"last"}, now);
  ASSERT_TRUE(run_to_end(copy(names_)));
  EXPECT_THAT(values(all(names_.out)), ElementsAre("first", "last"));
  EXPECT_THAT(values(all(names_.dead)), ElementsAre("from the future", std::string(4000, 'x')));
  EXPECT_EQ(last_.dead_letters.at("timestamp"), 1U);
  EXPECT_EQ(last_.dead_letters.at("too_large"), 1U);
  EXPECT_EQ(last_.aborts, 0U);
}

TEST_F(AppOnKafka, ADeadLetterBehindARepartitionTopicIsTheOriginal) {
  make(names_.in, 2);
  send(names_.in, {"new"}, 5'000, 1);
  send(names_.in, {"late", "too"}, 500, 1);
  ASSERT_TRUE(run_to_end(counting(names_)));
  EXPECT_THAT(values(all(names_.dead)), UnorderedElementsAre("late", "too"));
  EXPECT_EQ(last_.dead_letters.at("late"), 2U);
}

TEST_F(AppOnKafka, LargeStatesAndRecordsPass) {
  make(names_.in, 1, {{"max.message.bytes", "8000000"}});
  make(names_.out, 1, {{"max.message.bytes", "8000000"}});
  config_.properties["queue.buffering.max.kbytes"] = "100000";
  auto producer = make_producer();
  const std::string large(900'000, 'x');
  send(names_.in, {large}, 1'000);
  ASSERT_TRUE(run_to_end(copy(names_)));
  EXPECT_THAT(values(all(names_.out)), ElementsAre(large));
}

TEST_F(AppOnKafka, EndsWhenASourceTopicIsDeleted) {
  make(names_.in, 1);
  App app(config_, copy(names_), listener_);
  ASSERT_TRUE(app.start());
  ASSERT_TRUE(until([&] { return app.state() == AppState::running; }));
  remove(names_.in);
  const auto ended = app.wait_for(Duration{30'000});
  ASSERT_TRUE(ended.has_value());
  EXPECT_EQ(ended->code(), 78);
  EXPECT_THAT(ended->error().text, HasSubstr(names_.in));
}

TEST_F(AppOnKafka, FindsNewPartitions) {
  make(names_.in, 1);
  App app(config_, copy(names_), listener_);
  ASSERT_TRUE(app.start());
  ASSERT_TRUE(until([&] { return app.state() == AppState::running; }));
  ASSERT_TRUE(again([&] { return admin().grow_topic(names_.in, 2); }).ok());
  world()->pass(Duration{500});
  send(names_.in, {"there"}, 1'000, 1);
  EXPECT_TRUE(until([&] { return app.snapshot().total_out().records == 1; }));
}

TEST_F(AppOnKafka, DeletesWhatItHasReadOfRepartitionTopics) {
  make(names_.in, 1);
  send(names_.in, {"a", "b", "c"}, 1'000);
  config_.purge_every = Duration{300};
  App app(config_, counting(names_), listener_);
  ASSERT_TRUE(app.start());
  const std::vector<Partition> repartition = {{config_.id + "-counts-repartition", 0}};
  EXPECT_TRUE(until([&] {
    const auto begin = admin().begin_offsets(repartition);
    return begin.ok() && begin.value.front() >= 3;
  }));
}

// Producers send a megabyte unless they are told otherwise; a set of many members is more.
TEST_F(AppOnKafka, KeepsStateOfManyMegabytesInARecord) {
  make(names_.in, 1);
  std::vector<std::string> sent;
  for (int i = 0; i < 1'500; ++i) {
    std::string noise = std::to_string(i) + ":";  // That compression does not make small.
    for (std::uint32_t at = 0, x = static_cast<std::uint32_t>(i); at < 2'000; ++at) {
      x = x * 1664525 + 1013904223;
      noise.push_back(static_cast<char>('a' + (x >> 24) % 26));
    }
    sent.push_back(std::move(noise));
  }
  send(names_.in, sent, 1'000);
  Builder builder(ErrorPolicy{.dead_letters = names_.dead});
  const Topic<std::string, std::string> in{names_.in}, out{names_.out};
  const auto members = aggregates(distinct([](const std::string& value) { return value; }));
  builder.stream(in)
      .rekey([](const std::string&) { return std::string("all"); })
      .group_by_key()
      .windowed({.size = 1h})
      .aggregate("members", members.start(), members)
      .map_values([](const auto& seen) { return std::to_string(std::get<0>(*seen.result())); })
      .rekey([](const Windowed<std::string>& key, const std::string&) { return key.key; })
      .to(out);
  config_.commit_every = Duration{3'000};  // All of it in one commit.
  config_.drain = true;
  ASSERT_TRUE(run_to_end(*builder.build()));
  EXPECT_THAT(values(all(names_.out)), ElementsAre("1500"));
}

// ---- Sinks -------------------------------------------------------------------------------------

TEST_F(AppOnKafka, WritesToASinkBeforeItCommits) {
  make(names_.in, 1);
  send(names_.in, {"a", "refuse me", "b"}, 1'000);
  MemorySink::Shelf shelf;
  config_.sinks[names_.out] = [&](int) -> Result<std::unique_ptr<Sink>> {
    return std::unique_ptr<Sink>(std::make_unique<MemorySink>(shelf));
  };
  ASSERT_TRUE(run_to_end(copy(names_)));
  EXPECT_THAT(shelf.lasting, ElementsAre("a", "b"));
  EXPECT_EQ(last_.dead_letters.at("sink"), 1U);
  EXPECT_THAT(values(all(names_.dead)), ElementsAre("refuse me"));
  const std::vector<std::string> one{names_.out};
  EXPECT_THAT(admin().partitions(one).value, ElementsAre(0));  // It is no topic.
}

TEST_F(AppOnKafka, ASinkThatIsAwayHoldsUpTheInputAndLosesNothing) {
  make(names_.in, 1);
  std::vector<std::string> values;
  for (int i = 0; i < 5000; ++i) values.push_back(std::to_string(i));
  send(names_.in, values, 1'000);
  MemorySink::Shelf shelf;
  shelf.away = true;
  config_.sinks[names_.out] = [&](int) -> Result<std::unique_ptr<Sink>> {
    return std::unique_ptr<Sink>(std::make_unique<MemorySink>(shelf));
  };
  App app(config_, copy(names_), listener_);
  ASSERT_TRUE(app.start());
  ASSERT_TRUE(until([&] { return app.snapshot().aborts >= 1; }));
  EXPECT_EQ(app.snapshot().total_in().records, 0U);
  EXPECT_GT(app.snapshot().sink_retries.at(names_.out), 0U);
  shelf.away = false;
  EXPECT_TRUE(until([&] { return app.snapshot().total_in().records == 5000; }));
  const std::lock_guard lock(shelf.mutex);
  EXPECT_EQ(shelf.lasting, values);
}

}  // namespace
}  // namespace weir::tests
