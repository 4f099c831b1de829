// The MongoDB sink beside a server that wants a password, by TLS.
#include <chrono>
#include <thread>

#include <gmock/gmock.h>

#include "sinks/mongo_world.h"

namespace weir {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using What = SinkAnswer::What;

class MongodbLoginTest : public ::testing::Test {
 protected:
  MongodbLoginTest() : uri_(tests::variable("WEIR_TEST_LOGIN")), server_(uri_) {
    // "user:password@"
    const std::size_t colon = server_.login.find(':');
    secret_ = server_.login.substr(colon + 1, server_.login.size() - colon - 2);
  }

  std::string with_mechanism(const std::string& mechanism) const {
    return uri_ + "&authMechanism=" + mechanism;
  }
  // An opened sink, or why not.
  Result<std::unique_ptr<Sink>> open(const std::string& uri) {
    const auto opening =
        mongodb_sink({.uri = uri,
                      .database = "weir_tests",
                      .collection = "login",
                      .columns = {},
                      .retry = {Duration(20'000), Duration(1), Duration(20)},
                      .log = [this](int, std::string_view line) { log_.emplace_back(line); }});
    if (!opening) return opening.error();
    return (*opening)(0);
  }
  // The same call until it is done, as a worker makes it.
  static SinkAnswer write(Sink& sink, const std::string& key) {
    const std::vector<SinkRecord> batch{{.key = key, .value = R"({"n":1})"}};
    for (;;) {
      SinkAnswer answer = sink.write(batch);
      if (answer.what != What::again) return answer;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }
  void expect_no_secret(const std::string& secret) const {
    for (const std::string& line : log_) EXPECT_THAT(line, Not(HasSubstr(secret)));
  }

  const std::string uri_;
  const tests::MongoAddress server_;
  std::string secret_;
  std::vector<std::string> log_;
};

TEST_F(MongodbLoginTest, WritesWithEitherMechanism) {
  const tests::MongoCollection collection(uri_, "login");
  for (const char* mechanism : {"SCRAM-SHA-256", "SCRAM-SHA-1"}) {
    const auto sink = open(with_mechanism(mechanism));
    ASSERT_TRUE(sink) << mechanism << ": " << sink.error().text;
    EXPECT_EQ(write(**sink, mechanism).what, What::done);
  }
  EXPECT_THAT(collection.documents(), SizeIs(2));
  ASSERT_GE(secret_.size(), 8U);
  expect_no_secret(secret_);
}

TEST_F(MongodbLoginTest, DoesNotOpenWithAWrongPassword) {
  std::string wrong = uri_;
  wrong.replace(wrong.find(secret_), secret_.size(), "S3cretMarker");
  const auto sink = open(wrong);
  ASSERT_FALSE(sink);
  EXPECT_THAT(sink.error().text, HasSubstr("uthenticat"));
  EXPECT_THAT(sink.error().to_string(), Not(HasSubstr("S3cretMarker")));
  expect_no_secret("S3cretMarker");
}

TEST_F(MongodbLoginTest, LogsInAgainWhenTheServerIsBack) {
  const std::string dir = tests::variable("WEIR_TEST_LOGIN_DIR");
  if (dir.empty()) GTEST_SKIP() << "not our server";
  const std::string script = std::string(WEIR_SOURCE_DIR) + "/tests/sinks/ferretdb.sh ";
  const tests::MongoCollection collection(uri_, "login");
  const auto sink = open(uri_);
  ASSERT_TRUE(sink);
  EXPECT_EQ(write(**sink, "before").what, What::done);
  ASSERT_EQ(std::system((script + "restart " + dir).c_str()), 0);
  EXPECT_EQ(write(**sink, "after").what, What::done);
  EXPECT_THAT(collection.documents(), SizeIs(2));
  expect_no_secret(secret_);
}

}  // namespace
}  // namespace weir
