// What `look_at` says of a PostgreSQL server, and that it leaves nothing there.
#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <libpq-fe.h>

#include <weir/sink_look.h>

namespace weir {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Is = SinkLook::Is;
using Type = SinkColumn::Type;

class PostgresLook : public ::testing::Test {
 protected:
  PostgresLook() : connection_(PQconnectdb(std::getenv("WEIR_TEST_POSTGRES"))) {
    run("drop table if exists looked_at");
    options_.uri = std::getenv("WEIR_TEST_POSTGRES");
    options_.table = "looked_at";
    options_.id = {"id"};
    options_.columns = {{.name = "id", .type = Type::text, .nullable = false},
                        {.name = "n", .type = Type::integer}};
  }
  ~PostgresLook() override { PQfinish(connection_); }

  std::string run(const std::string& sql) const {
    PGresult* result = PQexec(connection_, sql.c_str());
    const std::string first = PQntuples(result) > 0 ? PQgetvalue(result, 0, 0) : "";
    PQclear(result);
    return first;
  }
  PGconn* connection_;
  PostgresOptions options_;
};

TEST_F(PostgresLook, ATableThatTheJobWouldMakeIsNotMade) {
  options_.create = true;
  EXPECT_EQ(look_at(options_).is, Is::missing);
  EXPECT_EQ(run("select to_regclass('looked_at') is null"), "t");
}

TEST_F(PostgresLook, ATableThatNobodyMakesIsRefused) {
  const SinkLook look = look_at(options_);
  EXPECT_EQ(look.is, Is::refused);
  EXPECT_THAT(look.why, HasSubstr("there is no such table; 'create: true' makes it"));
}

TEST_F(PostgresLook, ATableThatFitsIsReadyAndStaysEmpty) {
  run("create table looked_at (id text primary key, n bigint)");
  for (const bool create : {true, false}) {
    options_.create = create;
    const SinkLook look = look_at(options_);
    EXPECT_EQ(look.is, Is::ready) << look.why;
  }
  EXPECT_EQ(run("select count(*) from looked_at"), "0");
}

TEST_F(PostgresLook, ATableThatDoesNotFitIsRefusedWithTheReason) {
  run("create table looked_at (id text primary key)");
  EXPECT_THAT(look_at(options_).why, HasSubstr("no column 'n'"));
  run("drop table looked_at; create table looked_at (id text, n bigint)");
  EXPECT_EQ(look_at(options_).is, Is::refused);
}

TEST_F(PostgresLook, AServerThatIsNotThereIsNamedWithoutItsPassword) {
  options_.uri = "postgresql://ann:hunter2@127.0.0.1:1/weir";
  const SinkLook look = look_at(options_);
  EXPECT_EQ(look.is, Is::unreachable);
  EXPECT_THAT(look.why, HasSubstr("127.0.0.1:1"));
  EXPECT_THAT(look.why, Not(HasSubstr("hunter2")));
}

}  // namespace
}  // namespace weir
