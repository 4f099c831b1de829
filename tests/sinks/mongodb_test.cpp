// The MongoDB sink against a server, through a proxy that breaks what the test wants broken.
#include <chrono>
#include <fstream>
#include <thread>

#include <gmock/gmock.h>

#include "sinks/mongo_proxy.h"
#include "sinks/mongo_world.h"

namespace weir {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using tests::MongoCollection;
using tests::MongoProxy;
using What = SinkAnswer::What;
using Fault = MongoProxy::Fault;
using Type = SinkColumn::Type;

SinkRecord record(std::string_view key, std::string_view value) {
  return {.key = key, .value = value, .timestamp = 0};
}

class MongodbSinkTest : public ::testing::Test {
 protected:
  MongodbSinkTest()
      : uri_(tests::variable("WEIR_TEST_MONGODB")),
        server_(uri_),
        proxy_(server_.host, server_.port),
        collection_(uri_, testing::UnitTest::GetInstance()->current_test_info()->name()) {
    options_.uri = server_.through(proxy_.port(), "socketTimeoutMS=700&directConnection=true");
    options_.database = "weir_tests";
    options_.collection = collection_.name();
    options_.retry = {Duration(20'000), Duration(1), Duration(20)};
    options_.log = [this](int level, std::string_view line) {
      log_.push_back(std::to_string(level) + " " + std::string(line));
    };
  }

  std::unique_ptr<Sink> open() { return open(options_); }
  static std::unique_ptr<Sink> open(const MongodbOptions& options) {
    auto opening = mongodb_sink(options);
    EXPECT_TRUE(opening) << opening.error().text;
    auto sink = (*opening)(0);
    EXPECT_TRUE(sink) << sink.error().text;
    return std::move(*sink);
  }
  // The same call until it is done, as a worker makes it.
  static SinkAnswer write(Sink& sink, const std::vector<SinkRecord>& batch, int* tries = nullptr) {
    for (int i = 1;; ++i) {
      if (tries != nullptr) *tries = i;
      SinkAnswer answer = sink.write(batch);
      if (answer.what != What::again) return answer;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }
  // What one write of a document comes to when the first command of it is broken.
  void expect_written_after(Fault fault, int code, const std::string& why) {
    const auto sink = open();
    proxy_.break_next(fault, code);
    const std::vector<SinkRecord> batch{record("a", R"({"n":1})")};
    const SinkAnswer first = sink->write(batch);
    EXPECT_EQ(first.what, What::again);
    EXPECT_THAT(first.why, AllOf(HasSubstr(why), HasSubstr("127.0.0.1:")));
    EXPECT_EQ(write(*sink, batch).what, What::done);
    EXPECT_THAT(documents(), ElementsAre(R"({ "_id" : "a", "n" : { "$numberInt" : "1" } })"));
  }

  std::vector<std::string> documents() const { return collection_.documents(); }

  const std::string uri_;
  const tests::MongoAddress server_;
  MongoProxy proxy_;
  MongoCollection collection_;
  MongodbOptions options_;
  std::vector<std::string> log_;
};

TEST_F(MongodbSinkTest, WritesWhatIsDeclaredWithItsType) {
  options_.columns = {{.name = "amount", .type = Type::decimal, .places = 2},
                      {.name = "at", .type = Type::time},
                      {.name = "count", .type = Type::integer},
                      {.name = "rate", .type = Type::real},
                      {.name = "payment",
                       .type = Type::map,
                       .inside = {{.name = "fee", .type = Type::decimal, .places = 3}}},
                      {.name = "prices",
                       .type = Type::list,
                       .inside = {{.name = "", .type = Type::decimal, .places = 2}}}};
  const auto sink = open();
  const SinkAnswer answer = write(
      *sink, {record("o1", R"({"amount":-19.90,"at":"2025-11-24T10:50:00.250Z","count":3,"rate":2,)"
                           R"("payment":{"fee":0.125,"who":"Zo\u00eb"},"prices":[1.50,null],)"
                           R"("more":[1,4294967296,0.5,true,{}],"none":null})")});
  EXPECT_EQ(answer.what, What::done);
  EXPECT_THAT(answer.refused, IsEmpty());
  EXPECT_THAT(
      documents(),
      ElementsAre(R"({ "_id" : "o1", "amount" : { "$numberDecimal" : "-19.90" }, )"
                  R"("at" : { "$date" : { "$numberLong" : "1763981400250" } }, )"
                  R"("count" : { "$numberLong" : "3" }, "rate" : { "$numberDouble" : "2.0" }, )"
                  R"("payment" : { "fee" : { "$numberDecimal" : "0.125" }, "who" : "Zoë" }, )"
                  R"("prices" : [ { "$numberDecimal" : "1.50" }, null ], )"
                  R"("more" : [ { "$numberInt" : "1" }, { "$numberLong" : "4294967296" }, )"
                  R"({ "$numberDouble" : "0.5" }, true, {  } ], "none" : null })"));
}

TEST_F(MongodbSinkTest, WritesDecimalsAndTimesAsTextIfAsked) {
  options_.columns = {{.name = "amount", .type = Type::decimal, .places = 2},
                      {.name = "at", .type = Type::time}};
  options_.decimals = MongodbDecimals::text;
  options_.times = MongodbTimes::text;
  const auto sink = open();
  (void)write(*sink, {record("o1", R"({"amount":7.00,"at":"2025-11-24T10:50:00Z"})")});
  EXPECT_THAT(documents(),
              ElementsAre(R"({ "_id" : "o1", "amount" : "7.00", "at" : "2025-11-24T10:50:00Z" })"));
}

TEST_F(MongodbSinkTest, ReplacesTheDocumentOfAKeyAndTakesTheLastOfABatch) {
  const auto sink = open();
  (void)write(*sink, {record("a", R"({"x":1,"y":1})"), record("b", R"({"x":1})")});
  (void)write(*sink, {record("a", R"({"x":2})"),
                      record("b", R"({"x":2})"),
                      record("a", R"({"_id":"other","x":3})"),
                      {.key = "b"},
                      {.key = "never"}});
  EXPECT_THAT(documents(), ElementsAre(R"({ "_id" : "a", "x" : { "$numberInt" : "3" } })"));
}

TEST_F(MongodbSinkTest, ARefusedResultDoesNotTakeThePlaceOfTheOneBeforeIt) {
  collection_.add_unique_index("email");
  const auto sink = open();
  const SinkAnswer answer =
      write(*sink, {record("holder", R"({"email":"x"})"), record("a", R"({"email":"1"})"),
                    record("a", R"({"email":"2"})"), record("b", R"({"email":"b"})"),
                    record("a", R"({"email":"x"})"), record("a", "[]")});
  ASSERT_EQ(answer.refused.size(), 2U);
  EXPECT_EQ(answer.refused[0].record, 5U);
  EXPECT_EQ(answer.refused[1].record, 4U);
  EXPECT_THAT(documents(),
              ElementsAre(R"({ "_id" : "a", "email" : "2" })", R"({ "_id" : "b", "email" : "b" })",
                          R"({ "_id" : "holder", "email" : "x" })"));
}

TEST_F(MongodbSinkTest, MergesFieldsIntoADocument) {
  options_.write = MongodbWrite::merge;
  const auto sink = open();
  const SinkAnswer answer =
      write(*sink, {record("a", R"({"x":"1","y":"1"})"), record("a", R"({"x":"2"})"),
                    record("b", R"({})"), record("c", R"({"p.q":1})")});
  ASSERT_EQ(answer.refused.size(), 1U);
  EXPECT_EQ(answer.refused[0].record, 3U);
  EXPECT_THAT(answer.refused[0].why, HasSubstr("dot"));
  EXPECT_THAT(documents(),
              ElementsAre(R"({ "_id" : "a", "x" : "2", "y" : "1" })", R"({ "_id" : "b" })"));
}

TEST_F(MongodbSinkTest, InsertsTheFirstOfEachKeyAndNoOther) {
  options_.write = MongodbWrite::insert;
  options_.integer_ids = true;
  const auto sink = open();
  const SinkAnswer answer = write(*sink, {record("7", R"({"x":"1"})"), record("7", R"({"x":"2"})"),
                                          record("seven", R"({"x":"3"})")});
  ASSERT_EQ(answer.refused.size(), 1U);
  EXPECT_EQ(answer.refused[0].record, 2U);
  (void)write(*sink, {record("7", R"({"x":"4"})")});
  EXPECT_THAT(documents(), ElementsAre(R"({ "_id" : { "$numberLong" : "7" }, "x" : "1" })"));
}

TEST_F(MongodbSinkTest, RefusesWhatTheServerRefusesWithItsReasonAndWritesTheRest) {
  collection_.add_unique_index("email");
  options_.batch_records = 2;
  const auto sink = open();
  const SinkAnswer answer =
      write(*sink, {record("a", R"({"email":"x"})"), record("b", R"({"email":"x"})"),
                    record("c", R"({"email":"y"})"), record("d", R"({"email":"y"})"),
                    record("e", R"({"email":"z"})")});
  EXPECT_EQ(answer.what, What::done);
  ASSERT_EQ(answer.refused.size(), 2U);
  EXPECT_EQ(answer.refused[0].record, 1U);
  EXPECT_THAT(answer.refused[0].why, AllOf(HasSubstr("E11000"), HasSubstr("email")));
  EXPECT_EQ(answer.refused[1].record, 3U);
  EXPECT_EQ(documents().size(), 3U);
  EXPECT_THAT(log_, testing::Contains(HasSubstr("unique by email")));
}

TEST_F(MongodbSinkTest, RefusesWhatNoServerIsAskedAbout) {
  const auto sink = open();
  const std::string large = R"({"text":")" + std::string((16 << 20) + 10, 'x') + R"("})";
  std::string deep = "1";
  for (int i = 0; i < 101; ++i) deep = R"({"d":)" + deep + "}";
  const SinkAnswer answer =
      write(*sink, {{.key = std::nullopt, .value = "{}"},
                    record("b", "[1]"),
                    record("c", large),
                    record("d", deep),
                    record("e", R"({"":1})"),
                    record("f", R"({"$x":1})"),
                    record("g", R"({"a\u0000":1})"),
                    record("h", "{\"a\":\"\xff\"}"),
                    record("i", R"({"ok":true,"in":{"$x":1,"a.b":"\u0000"}})"),
                    record("j", R"({"twice":1,"other":1,"twice":"2"})")});
  EXPECT_EQ(answer.what, What::done);
  ASSERT_EQ(answer.refused.size(), 8U);
  for (std::size_t i = 0; i < 8; ++i) EXPECT_EQ(answer.refused[i].record, i);
  EXPECT_THAT(answer.refused[2].why, HasSubstr("16 MiB"));
  EXPECT_THAT(answer.refused[3].why, HasSubstr("100 levels"));
  EXPECT_THAT(documents(), testing::SizeIs(2));
  EXPECT_THAT(documents()[1], HasSubstr(R"("other" : { "$numberInt" : "1" }, "twice" : "2")"));
}

TEST_F(MongodbSinkTest, AsksNobodyForNothing) {
  const auto sink = open();
  const int before = proxy_.writes();
  EXPECT_EQ(write(*sink, {{.key = std::nullopt, .value = "{}"}}).refused.size(), 1U);
  EXPECT_EQ(write(*sink, {}).what, What::done);
  EXPECT_EQ(proxy_.writes(), before);
}

// ---- Each row of what can happen ---------------------------------------------------------------

TEST_F(MongodbSinkTest, WritesAgainAfterALostRequest) {
  expect_written_after(Fault::lose_request, 0, "");
}
TEST_F(MongodbSinkTest, WritesAgainAfterHalfARequest) {
  expect_written_after(Fault::half_request, 0, "");
}
TEST_F(MongodbSinkTest, WritesAgainAfterALostReply) {
  expect_written_after(Fault::lose_reply, 0, "");
}
TEST_F(MongodbSinkTest, WritesAgainAfterAServerThatHangs) {
  expect_written_after(Fault::stall, 0, "");
}
TEST_F(MongodbSinkTest, WritesAgainAfterAWriteConcernThatWasNotMet) {
  expect_written_after(Fault::concern, 64, "");
}
TEST_F(MongodbSinkTest, WritesAgainWhenTheServerShutsDown) {
  expect_written_after(Fault::error, 91, "code 91");
}
TEST_F(MongodbSinkTest, WritesAgainWhenTheServerSteppedDown) {
  expect_written_after(Fault::error, 189, "code 189");
}
TEST_F(MongodbSinkTest, WritesAgainWhenTheServerIsNoPrimary) {
  expect_written_after(Fault::error, 10107, "code 10107");
}
TEST_F(MongodbSinkTest, WritesAgainWhenTheServerIsInterrupted) {
  expect_written_after(Fault::error, 11600, "code 11600");
}
TEST_F(MongodbSinkTest, WritesAgainWhenTheServerRecovers) {
  expect_written_after(Fault::error, 13435, "code 13435");
}

TEST_F(MongodbSinkTest, EndsTheJobWhenTheUserMayNotWrite) {
  const auto sink = open();
  proxy_.break_next(Fault::error, 13);
  const std::vector<SinkRecord> batch{record("a", "{}")};
  const SinkAnswer answer = sink->write(batch);
  EXPECT_EQ(answer.what, What::never);
  EXPECT_THAT(answer.why, HasSubstr("broken by the test (code 13)"));
}

TEST_F(MongodbSinkTest, DoesNotOpenWhenTheUserMayNotWrite) {
  proxy_.break_next(Fault::error, 13);
  const auto opening = mongodb_sink(options_);
  ASSERT_TRUE(opening);
  const auto sink = (*opening)(0);
  ASSERT_FALSE(sink);
  EXPECT_THAT(sink.error().text, HasSubstr("code 13"));
}

TEST_F(MongodbSinkTest, TriesAgainWithoutLosingWhatAnEarlierBulkOfTheCallWrote) {
  options_.batch_records = 1;
  const auto sink = open();
  const std::vector<SinkRecord> batch{record("a", R"({"n":1})"), record("b", R"({"n":1})")};
  proxy_.break_next(Fault::lose_reply);
  int tries = 0;
  EXPECT_EQ(write(*sink, batch, &tries).what, What::done);
  EXPECT_GT(tries, 1);
  EXPECT_EQ(documents().size(), 2U);
}

TEST_F(MongodbSinkTest, IsLeftToTheDriverOnceWhereThatMayRetry) {
  MongoProxy replicas(server_.host, server_.port, true);
  options_.uri = server_.through(replicas.port(), "replicaSet=proxy");
  const auto sink = open();
  const std::vector<SinkRecord> batch{record("a", R"({"n":1})")};
  for (const auto& [fault, code] :
       {std::pair(Fault::lose_reply, 0), std::pair(Fault::error, 91),
        std::pair(Fault::error, 10107), std::pair(Fault::concern, 91)}) {
    const int before = replicas.writes();
    replicas.break_next(fault, code);
    EXPECT_EQ(sink->write(batch).what, What::done) << code;
    EXPECT_EQ(replicas.writes() - before, 2) << "the driver has sent it twice";
  }
  // It tries no third time: that is the sink's.
  replicas.break_next(Fault::error, 91, 2);
  const SinkAnswer twice = sink->write(batch);
  EXPECT_EQ(twice.what, What::again);
  EXPECT_THAT(twice.why, HasSubstr("code 91"));
  EXPECT_EQ(write(*sink, batch).what, What::done);
  EXPECT_EQ(documents().size(), 1U);
}

TEST_F(MongodbSinkTest, IsNotLeftToADriverThatMayNotRetry) {
  options_.uri = server_.through(proxy_.port());  // No replica set.
  const auto sink = open();
  const int before = proxy_.writes();
  proxy_.break_next(Fault::error, 91);
  const std::vector<SinkRecord> batch{record("a", R"({"n":1})")};
  EXPECT_EQ(sink->write(batch).what, What::again);
  EXPECT_EQ(proxy_.writes() - before, 1);
}

// The driver would split what is larger than a command, and forget what it was told of the parts.
TEST_F(MongodbSinkTest, SendsNoMoreThanOneCommandTakesAndKeepsEachReason) {
  collection_.add_unique_index("email");
  options_.uri = server_.through(proxy_.port());
  const auto sink = open();
  const std::string large(11 << 20, 'x');
  const auto value = [&](const char* email) {
    return R"({"email":")" + std::string(email) + R"(","text":")" + large + "\"}";
  };
  const std::vector<std::string> values{value("x"), value("x"), value("x")};
  const std::vector<SinkRecord> batch{record("a", values[0]), record("b", values[1]),
                                      record("c", values[2])};
  const int before = proxy_.writes();
  proxy_.break_next(Fault::lose_reply, 0, 1, 1);  // Of the second.
  EXPECT_EQ(sink->write(batch).what, What::again);
  EXPECT_EQ(proxy_.writes() - before, 2);
  const SinkAnswer answer = write(*sink, batch);
  EXPECT_EQ(answer.what, What::done);
  ASSERT_EQ(answer.refused.size(), 2U);
  EXPECT_EQ(answer.refused[0].record, 1U);
  EXPECT_EQ(answer.refused[1].record, 2U);
  for (const SinkRefusal& one : answer.refused) EXPECT_THAT(one.why, HasSubstr("E11000"));
  EXPECT_EQ(documents().size(), 1U);
}

TEST_F(MongodbSinkTest, WaitsForTheReplicaSetThatTheAddressNames) {
  options_.uri = server_.through(proxy_.port(), "replicaSet=other&serverSelectionTimeoutMS=300");
  const auto sink = open();
  std::this_thread::sleep_for(std::chrono::milliseconds(25));
  const std::vector<SinkRecord> batch{record("a", "{}")};
  const SinkAnswer answer = sink->write(batch);
  EXPECT_EQ(answer.what, What::again);
  EXPECT_THAT(answer.why, AllOf(HasSubstr("code 13053"), HasSubstr("127.0.0.1:")));
}

TEST_F(MongodbSinkTest, LooksUpTheServersOfAnSrvAddress) {
  options_.uri = "mongodb+srv://u:S3cretMarker@db.weir.invalid/?serverSelectionTimeoutMS=200";
  const auto opening = mongodb_sink(options_);
  // Depending on who answers for names here it fails at once, or is asked again.
  std::string why = opening ? "" : opening.error().text;
  if (opening) {
    const auto sink = (*opening)(0);
    why = sink ? (log_.empty() ? "" : log_.back()) : sink.error().text;
  }
  EXPECT_THAT(why, AllOf(HasSubstr("db.weir.invalid"), Not(HasSubstr("S3cretMarker"))));
}

TEST_F(MongodbSinkTest, SaysWhenItsPoolIsTooSmall) {
  options_.uri = server_.through(proxy_.port(), "maxPoolSize=1");
  const auto opening = mongodb_sink(options_);
  ASSERT_TRUE(opening);
  const auto first = (*opening)(0);
  EXPECT_TRUE(first);
  const auto second = (*opening)(1);
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().text, HasSubstr("connections are taken"));
}

TEST_F(MongodbSinkTest, ProbesAServerThatWasAway) {
  options_.retry = {Duration(20'000), Duration(1), Duration(20)};
  const auto sink = open();
  proxy_.break_next(Fault::error, 91, 2);
  const std::vector<SinkRecord> batch{record("a", "{}")};
  EXPECT_EQ(sink->write(batch).what, What::again);
  std::this_thread::sleep_for(std::chrono::milliseconds(25));
  EXPECT_EQ(sink->probe().what, What::again) << "it may not write yet";
  std::this_thread::sleep_for(std::chrono::milliseconds(45));
  EXPECT_EQ(sink->probe().what, What::done);
  EXPECT_EQ(write(*sink, batch).what, What::done);
}

TEST_F(MongodbSinkTest, WritesByTlsToAServerThatItTrustsAndToNoOther) {
  const std::string dir = tests::variable("WEIR_TEST_MONGODB_DIR");
  if (dir.empty()) GTEST_SKIP() << "not our server";
  const std::string script = std::string(WEIR_SOURCE_DIR) + "/tests/sinks/mongo.sh ";
  const std::string tls = dir + "-tls";
  ASSERT_EQ(std::system((script + "start " + tls + " tls >" + dir + "/tls-uri").c_str()), 0);
  std::string uri;
  std::getline(std::ifstream(dir + "/tls-uri"), uri);
  {
    const MongoCollection other(uri, "tls");
    options_.uri = uri;
    options_.collection = "tls";
    const auto sink = open();
    EXPECT_EQ(write(*sink, {record("a", R"({"n":1})")}).what, What::done);
    EXPECT_THAT(other.documents(), ElementsAre(R"({ "_id" : "a", "n" : { "$numberInt" : "1" } })"));
  }
  // Another authority, and no TLS at all.
  const std::string address = uri.substr(0, uri.find('?'));
  for (const char* how :
       {"?tls=true&serverSelectionTimeoutMS=300", "?serverSelectionTimeoutMS=300"}) {
    options_.uri = address + how;
    const auto sink = open();
    std::this_thread::sleep_for(std::chrono::milliseconds(25));
    const SinkAnswer answer = sink->write(std::vector{record("b", "{}")});
    EXPECT_EQ(answer.what, What::again) << how;
    EXPECT_THAT(answer.why, HasSubstr("code 13053"));
  }
  EXPECT_EQ(std::system((script + "stop " + tls).c_str()), 0);
}

TEST_F(MongodbSinkTest, GivesUpAfterTheTimeThatTheJobSays) {
  options_.retry = {Duration(300), Duration(1), Duration(20)};
  const auto sink = open();
  proxy_.break_next(Fault::error, 91, 1'000'000);
  const SinkAnswer answer = write(*sink, {record("a", "{}")});
  EXPECT_EQ(answer.what, What::never);
  EXPECT_THAT(answer.why, HasSubstr("given up after"));
}

TEST_F(MongodbSinkTest, RestsBetweenTwoAttempts) {
  options_.retry = {Duration(20'000), Duration(300), Duration(10'000)};
  const auto sink = open();
  proxy_.break_next(Fault::error, 91);
  const std::vector<SinkRecord> batch{record("a", "{}")};
  EXPECT_EQ(sink->write(batch).what, What::again);
  const int asked = proxy_.writes();
  EXPECT_EQ(sink->write(batch).what, What::again);
  EXPECT_EQ(proxy_.writes(), asked);
  EXPECT_EQ(write(*sink, batch).what, What::done);
}

TEST_F(MongodbSinkTest, WaitsForAServerThatIsNotThereYet) {
  options_.uri = "mongodb://user:S3cretMarker@127.0.0.1:1/?serverSelectionTimeoutMS=200";
  const auto sink = open();
  EXPECT_THAT(log_, testing::Contains(AllOf(HasSubstr("4 MongoDB at 127.0.0.1:1, weir_tests."),
                                            HasSubstr("waiting for it"))));
  const std::vector<SinkRecord> batch{record("a", "{}")};
  std::this_thread::sleep_for(std::chrono::milliseconds(25));
  const SinkAnswer answer = sink->write(batch);
  EXPECT_EQ(answer.what, What::again);
  EXPECT_THAT(answer.why, AllOf(HasSubstr("code 13053"), Not(HasSubstr("S3cretMarker"))));
  for (const std::string& line : log_) EXPECT_THAT(line, Not(HasSubstr("S3cretMarker")));
}

// The server knows no authentication, which it says in its way: no password shows.
TEST_F(MongodbSinkTest, EndsTheJobWhenTheLoginFails) {
  options_.uri = "mongodb://user:S3cretMarker@127.0.0.1:" + std::to_string(proxy_.port()) +
                 "/?directConnection=true";
  const auto opening = mongodb_sink(options_);
  ASSERT_TRUE(opening);
  const auto sink = (*opening)(0);
  ASSERT_FALSE(sink);
  EXPECT_THAT(sink.error().text, AllOf(HasSubstr("code 11"), Not(HasSubstr("S3cretMarker"))));
}

TEST_F(MongodbSinkTest, TheServerIsKilledAndStartedAgain) {
  const std::string dir = tests::variable("WEIR_TEST_MONGODB_DIR");
  if (dir.empty()) GTEST_SKIP() << "not our server";
  const std::string script = std::string(WEIR_SOURCE_DIR) + "/tests/sinks/mongo.sh ";
  options_.retry.give_up_after = Duration(200'000);  // Its start may take long.
  const auto sink = open();
  std::vector<std::string> expected;
  std::jthread killer([&](std::stop_token) {
    for (int i = 0; i < 2; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(700));
      EXPECT_EQ(std::system((script + "kill " + dir).c_str()), 0);
      std::this_thread::sleep_for(std::chrono::milliseconds(300));
      EXPECT_EQ(std::system((script + "restart " + dir).c_str()), 0);
    }
    EXPECT_EQ(std::system((script + "pause " + dir).c_str()), 0);
    std::this_thread::sleep_for(std::chrono::milliseconds(1500));
    EXPECT_EQ(std::system((script + "resume " + dir).c_str()), 0);
  });
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(7);
  for (int i = 0; std::chrono::steady_clock::now() < end; ++i) {
    const std::string key = "k" + std::to_string(1'000'000 + i);
    expected.push_back(R"({ "_id" : ")" + key + R"(", "n" : ")" + std::to_string(i) + R"(" })");
    const std::string value = R"({"n":")" + std::to_string(i) + R"("})";
    ASSERT_EQ(write(*sink, {record(key, value)}).what, What::done);
  }
  EXPECT_EQ(documents(), expected);
}

}  // namespace
}  // namespace weir
