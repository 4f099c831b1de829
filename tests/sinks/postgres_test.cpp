// The PostgreSQL sink against a server of its own.
#include <chrono>
#include <cstdlib>
#include <thread>

#include <gmock/gmock.h>
#include <libpq-fe.h>

#include <weir/postgres_sink.h>

namespace weir {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using What = SinkAnswer::What;
using Type = SinkColumn::Type;

SinkRecord record(std::string_view value) {
  return {.key = std::nullopt, .value = value, .timestamp = 0};
}

class PostgresSinkTest : public ::testing::Test {
 protected:
  PostgresSinkTest() : connection_(PQconnectdb(std::getenv("WEIR_TEST_POSTGRES"))) {
    run("drop table if exists results");
    options_.uri = std::getenv("WEIR_TEST_POSTGRES");
    options_.table = "results";
    options_.id = {"id"};
    options_.columns = {{.name = "id", .type = Type::text, .nullable = false},
                        {.name = "n", .type = Type::integer}};
    options_.create = true;
    options_.retry = {Duration(30'000), Duration(1), Duration(20)};
    options_.log = [this](int level, std::string_view line) {
      log_.push_back(std::to_string(level) + " " + std::string(line));
    };
  }
  ~PostgresSinkTest() override { PQfinish(connection_); }

  // Rows of a statement, values with | between them.
  std::vector<std::string> run(const std::string& sql) const {
    PGresult* result = PQexec(connection_, sql.c_str());
    std::vector<std::string> rows;
    for (int row = 0; row < PQntuples(result); ++row) {
      std::string& text = rows.emplace_back();
      for (int i = 0; i < PQnfields(result); ++i) {
        const bool null = PQgetisnull(result, row, i) != 0;
        text += (i > 0 ? "|" : "") + std::string(null ? "null" : PQgetvalue(result, row, i));
      }
    }
    PQclear(result);
    return rows;
  }
  std::vector<std::string> rows() const { return run("select * from results order by id"); }

  std::unique_ptr<Sink> open() const {
    auto opening = postgres_sink(options_);
    EXPECT_TRUE(opening) << opening.error().text;
    auto sink = (*opening)(0);
    EXPECT_TRUE(sink) << sink.error().text;
    return std::move(*sink);
  }
  std::string refusal_to_open() const {
    const auto opening = postgres_sink(options_);
    if (!opening) return opening.error().text;
    const auto sink = (*opening)(0);
    return sink ? "opened" : sink.error().text;
  }
  static SinkAnswer write(Sink& sink, const std::vector<SinkRecord>& batch) {
    for (;;) {
      SinkAnswer answer = sink.write(batch);
      if (answer.what != What::again) return answer;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }

  PGconn* connection_;
  PostgresOptions options_;
  std::vector<std::string> log_;
};

TEST_F(PostgresSinkTest, CreatesTheTableAndWritesEachTypeExactly) {
  options_.columns = {{.name = "id", .type = Type::text, .nullable = false},
                      {.name = "n", .type = Type::integer},
                      {.name = "amount", .type = Type::decimal, .places = 2},
                      {.name = "rate", .type = Type::real},
                      {.name = "ok", .type = Type::boolean},
                      {.name = "at", .type = Type::time},
                      {.name = "day", .type = Type::date},
                      {.name = "tags", .type = Type::list},
                      {.name = "odd \"name\".x", .type = Type::any}};
  const auto sink = open();
  const SinkAnswer answer = write(
      *sink,
      {record(R"({"id":"a\"{},\\NULL","n":-9223372036854775808,"amount":92233720368547758.07,)"
              R"("rate":0.1,"ok":true,"at":"2025-11-24T10:50:00.250Z","day":"2025-11-24",)"
              R"("tags":["x",{"y":"\n"}],"odd \"name\".x":"text","unknown":1})"),
       record(R"({"id":"NULL","n":null})")});
  EXPECT_EQ(answer.what, What::done);
  EXPECT_THAT(answer.refused, IsEmpty());
  run("set timezone = 'UTC'");
  EXPECT_THAT(rows(),
              ElementsAre("NULL|null|null|null|null|null|null|null|null",
                          R"(a"{},\NULL|-9223372036854775808|92233720368547758.07|0.1|t|)"
                          R"(2025-11-24 10:50:00.25+00|2025-11-24|["x", {"y": "\n"}]|"text")"));
}

TEST_F(PostgresSinkTest, OverwritesTheRowOfAnIdAndTakesTheLastOfABatch) {
  const auto sink = open();
  (void)write(*sink, {record(R"({"id":"a","n":1})"), record(R"({"id":"b","n":1})")});
  (void)write(*sink, {record(R"({"id":"a","n":2})"), record(R"({"id":"a","n":3})")});
  EXPECT_THAT(rows(), ElementsAre("a|3", "b|1"));
}

TEST_F(PostgresSinkTest, ARefusedRowDoesNotTakeThePlaceOfAnotherOfItsId) {
  auto sink = open();
  const std::vector batch{record(R"({"id":"a","n":1})"), record(R"({"id":"b","n":5})"),
                          record(R"({"id":"a","n":2})"), record(R"({"id":"a","n":"x"})"),
                          record(R"({"id":"a","n":"y"})")};
  SinkAnswer answer = write(*sink, batch);
  EXPECT_EQ(answer.what, What::done);
  EXPECT_EQ(answer.refused.size(), 2U);
  EXPECT_THAT(rows(), ElementsAre("a|2", "b|5"));
  options_.write = PostgresWrite::insert;
  sink = open();
  answer = write(*sink, {record(R"({"id":"c","n":"x"})"), record(R"({"id":"d","n":1})"),
                         record(R"({"id":"c","n":7})"), record(R"({"id":"c","n":8})")});
  EXPECT_EQ(answer.refused.size(), 1U);
  EXPECT_THAT(rows(), ElementsAre("a|2", "b|5", "c|7", "d|1"));
}

TEST_F(PostgresSinkTest, InsertsTheFirstOfAnId) {
  options_.write = PostgresWrite::insert;
  const auto sink = open();
  (void)write(*sink, {record(R"({"id":"a","n":1})"), record(R"({"id":"a","n":2})")});
  (void)write(*sink, {record(R"({"id":"a","n":3})")});
  EXPECT_THAT(rows(), ElementsAre("a|1"));
}

TEST_F(PostgresSinkTest, RefusesBadRowsWithTheServersReasonAndWritesTheRest) {
  run("create table results (id varchar(4) primary key, n smallint check (n <> 13), u int unique)");
  options_.columns.push_back({.name = "u", .type = Type::integer});
  const auto sink = open();
  std::vector<std::string> values;
  for (int i = 0; i < 1000; ++i) {
    const std::string n = std::to_string(i);
    values.push_back(R"({"id":")" + n + R"(","n":)" + n + R"(,"u":)" + n + "}");
  }
  values[13] = R"({"id":"13","n":13,"u":13})";        // 23514
  values[100] = R"({"id":"100","n":70000,"u":100})";  // 22003
  values[200] = R"({"id":"toolong","n":1,"u":200})";  // 22001
  values[300] = R"({"id":"300","n":1,"u":299})";      // 23505
  values[400] = R"({"id":null,"n":1,"u":400})";       // 23502
  values[500] = R"({"id":"500","n":"x","u":500})";    // 22P02
  values[600] = R"({"id":"6\u0000","n":1,"u":600})";  // No text of PostgreSQL.
  values[700] = R"([1])";                             // No object.
  std::vector<SinkRecord> batch;
  for (const std::string& value : values) batch.push_back(record(value));
  batch.push_back({.key = "gone"});
  const SinkAnswer answer = write(*sink, batch);
  EXPECT_EQ(answer.what, What::done);
  std::map<std::size_t, std::string> refused;
  for (const SinkRefusal& one : answer.refused) refused[one.record] = one.why;
  ASSERT_THAT(refused, testing::SizeIs(9));
  EXPECT_THAT(refused[13], HasSubstr("23514"));
  EXPECT_THAT(refused[100], HasSubstr("22003"));
  EXPECT_THAT(refused[200], HasSubstr("22001"));
  EXPECT_THAT(refused[300], AllOf(HasSubstr("23505"), HasSubstr("u")));
  EXPECT_THAT(refused[400], HasSubstr("23502"));
  EXPECT_THAT(refused[500], HasSubstr("22P02"));
  EXPECT_THAT(refused[600], HasSubstr("NUL"));
  EXPECT_THAT(refused, Contains(testing::Key(700)));
  EXPECT_THAT(refused, Contains(testing::Key(1000)));
  EXPECT_THAT(
      run("select count(*), sum(n) from results"),
      ElementsAre("992|" + std::to_string(499500 - 13 - 100 - 200 - 300 - 400 - 500 - 600 - 700)));
}

TEST_F(PostgresSinkTest, RefusesTextsTimesAndJsonThatTheServerCannotHave) {
  run("create table results (id text primary key, at timestamptz, j jsonb, a numeric, d float8)");
  options_.columns = {{.name = "id", .type = Type::text},
                      {.name = "at", .type = Type::time},
                      {.name = "j", .type = Type::any},
                      {.name = "a", .type = Type::any},
                      {.name = "d", .type = Type::any}};
  const auto sink = open();
  const SinkAnswer answer =
      write(*sink, {record(R"({"id":"1","at":"2025-02-31T00:00:00Z"})"),
                    record(R"({"id":"2","j":{"x":"\u0000"}})"), record("{\"id\":\"3\xff\"}"),
                    record(R"({"id":"4","a":"NaN","d":"NaN"})"), record(R"({"id":"5","a":1e-5})")});
  EXPECT_EQ(answer.what, What::done);
  std::map<std::size_t, std::string> refused;
  for (const SinkRefusal& one : answer.refused) refused[one.record] = one.why;
  ASSERT_THAT(refused, testing::SizeIs(3));
  EXPECT_THAT(refused[0], HasSubstr("22008"));
  EXPECT_THAT(refused[1], HasSubstr("22P05"));
  EXPECT_THAT(refused[2], HasSubstr("UTF-8"));
  EXPECT_THAT(run("select id, a, d from results order by id"),
              ElementsAre("4|NaN|NaN", "5|0.00001|null"));
}

TEST_F(PostgresSinkTest, TakesTwoWritingsOfOneIdForOne) {
  run("create table results (id numeric primary key, n int)");
  options_.columns[0].type = Type::decimal;
  const auto sink = open();
  EXPECT_THAT(write(*sink, {record(R"({"id":1.0,"n":1})"), record(R"({"id":1.00,"n":2})")}).refused,
              IsEmpty());
  EXPECT_THAT(run("select n from results"), ElementsAre("2"));
}

TEST_F(PostgresSinkTest, WritesTheColumnsOfTheTableWhenNoneAreDeclared) {
  run("create table results (id text primary key, n int, j jsonb)");
  options_.create = false;
  options_.columns.clear();
  const auto sink = open();
  (void)write(*sink, {record(R"({"j":"text","n":1,"id":"a"})")});
  EXPECT_THAT(rows(), ElementsAre(R"(a|1|"text")"));
}

// ---- What is wrong before the first row --------------------------------------------------------

TEST_F(PostgresSinkTest, DoesNotOpenWithoutItsTable) {
  options_.create = false;
  EXPECT_THAT(refusal_to_open(), HasSubstr("'create: true' makes it"));
}

TEST_F(PostgresSinkTest, DoesNotOpenWithoutAColumnAnIndexOrARight) {
  run("create table results (id text, other int)");
  EXPECT_THAT(refusal_to_open(), HasSubstr("no column 'n'"));
  run("alter table results add column n int");
  EXPECT_THAT(refusal_to_open(), HasSubstr("42P10"));
  run("alter table results add primary key (id)");
  EXPECT_EQ(refusal_to_open(), "opened");
  run("drop role if exists reader");
  run("create role reader login");
  run("grant select on results to reader");
  options_.create = false;
  options_.uri = std::string(std::getenv("WEIR_TEST_POSTGRES")) + "?user=reader";
  EXPECT_THAT(refusal_to_open(), AllOf(HasSubstr("42501"), HasSubstr("permission denied")));
  run("drop owned by reader");
  run("drop role reader");
}

TEST_F(PostgresSinkTest, WritesATableThatIsThereWithoutTheRightToMakeOne) {
  run("create table results (id text primary key, n bigint)");
  run("drop role if exists writer");
  run("create role writer login");
  run("grant select, insert, update on results to writer");
  ASSERT_THAT(run("select has_schema_privilege('writer', 'public', 'create')"), ElementsAre("f"));
  options_.uri = std::string(std::getenv("WEIR_TEST_POSTGRES")) + "?user=writer";
  EXPECT_EQ(refusal_to_open(), "opened");
  run("drop table results");
  EXPECT_THAT(refusal_to_open(), AllOf(HasSubstr("42501"), HasSubstr("schema public")));
  run("drop owned by writer");
  run("drop role writer");
}

TEST_F(PostgresSinkTest, DoesNotOpenWithoutItsDatabaseOrUser) {
  options_.uri += "_missing";
  EXPECT_THAT(refusal_to_open(), HasSubstr("does not exist"));
}

TEST(PostgresAddress, WrongOnesAreErrorsWithoutThePassword) {
  for (const char* wrong :
       {"postgresql://u:S3cretMarker@localhost:x:y/?nosuch=S3cretMarker",
        "postgresql://u:S3@cretMarker@localhost/d", "postgresql://u:S3/cretMarker@localhost/d"}) {
    const auto opening =
        postgres_sink({.uri = wrong, .table = "t", .id = {"id"}, .columns = {}, .log = {}});
    ASSERT_FALSE(opening) << wrong;
    EXPECT_THAT(opening.error().to_string(), Not(HasSubstr("cretMarker")));
  }
}

// ---- A server with troubles --------------------------------------------------------------------

TEST_F(PostgresSinkTest, WaitsForAServerThatIsNotThereYet) {
  options_.uri = "postgresql://u:S3cretMarker@127.0.0.1:1/d";
  options_.retry.give_up_after = Duration(200);
  const auto sink = open();
  EXPECT_THAT(log_, Contains(AllOf(HasSubstr("127.0.0.1:1"), HasSubstr("waiting for it"))));
  const SinkAnswer answer = write(*sink, {record(R"({"id":"a"})")});
  EXPECT_EQ(answer.what, What::never);
  EXPECT_THAT(answer.why, AllOf(HasSubstr("given up"), Not(HasSubstr("S3cretMarker"))));
}

TEST_F(PostgresSinkTest, ConnectsAgainWhenItsConnectionIsEnded) {
  const auto sink = open();
  run("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'weir'");
  const std::vector<SinkRecord> batch{record(R"({"id":"a","n":1})")};
  EXPECT_EQ(sink->write(batch).what, What::again);
  EXPECT_EQ(write(*sink, batch).what, What::done);
  EXPECT_THAT(rows(), ElementsAre("a|1"));
}

// As a primary that became a standby: its old connections stay, and never write again.
TEST_F(PostgresSinkTest, ConnectsAgainWhenItMayOnlyRead) {
  const auto sink = open();
  run("alter role weir set default_transaction_read_only = on");
  run("select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()");
  std::string why;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (why.find("25006") == std::string::npos && std::chrono::steady_clock::now() < end) {
    why = sink->write(std::vector{record(R"({"id":"a","n":1})")}).why;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  EXPECT_THAT(why, HasSubstr("read-only"));
  run("alter role weir reset default_transaction_read_only");
  EXPECT_EQ(write(*sink, {record(R"({"id":"a","n":1})")}).what, What::done);
  EXPECT_THAT(rows(), ElementsAre("a|1"));
}

TEST_F(PostgresSinkTest, TriesAgainAfterATimeoutOfTheServer) {
  const auto sink = open();
  run("begin");
  run("insert into results values ('a', 0)");
  options_.uri += "?options=-cstatement_timeout%3D200";
  const auto hurried = open();
  const std::vector<SinkRecord> batch{record(R"({"id":"a","n":1})")};
  const SinkAnswer answer = hurried->write(batch);
  EXPECT_EQ(answer.what, What::again);
  EXPECT_THAT(answer.why, HasSubstr("57014"));
  run("rollback");
  EXPECT_EQ(write(*hurried, batch).what, What::done);
}

// Another session in the way: what it has to say to the sink's statement.
class PostgresConflictTest : public PostgresSinkTest {
 protected:
  std::unique_ptr<Sink> open_with(const std::string& setting) {
    (void)open();  // Makes the table.
    run("insert into results values ('a', 0), ('b', 0)");
    options_.uri += "?options=-c" + setting;
    return open();
  }
  // What the first write says while `meanwhile` goes on beside it.
  template <class Meanwhile>
  static SinkAnswer first_answer(Sink& sink, Meanwhile meanwhile) {
    const std::jthread beside([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(300));
      meanwhile();
    });
    return sink.write(kBoth);
  }
  void expect_again_and_then_written(Sink& sink, const SinkAnswer& answer, const char* state) {
    EXPECT_EQ(answer.what, What::again);
    EXPECT_THAT(answer.why, HasSubstr(state));
    EXPECT_EQ(write(sink, kBoth).what, What::done);
    EXPECT_THAT(rows(), ElementsAre("a|1", "b|1"));
  }
  static inline const std::vector<SinkRecord> kBoth{record(R"({"id":"a","n":1})"),
                                                    record(R"({"id":"b","n":1})")};
};

TEST_F(PostgresConflictTest, TriesAgainAfterALockThatLasted) {
  const auto sink = open_with("lock_timeout%3D200");
  run("begin");
  run("update results set n = 7 where id = 'a'");
  const SinkAnswer answer = sink->write(kBoth);
  run("rollback");
  expect_again_and_then_written(*sink, answer, "55P03");
}

TEST_F(PostgresConflictTest, TriesAgainWhenAnotherWasFirst) {
  const auto sink = open_with("default_transaction_isolation%3Dserializable");
  run("begin");
  run("update results set n = 7 where id = 'a'");
  const SinkAnswer answer = first_answer(*sink, [this] { run("commit"); });
  expect_again_and_then_written(*sink, answer, "40001");
}

TEST_F(PostgresConflictTest, TriesAgainAfterADeadlock) {
  const auto sink = open_with("deadlock_timeout%3D1s");
  run("set deadlock_timeout = '1min'");  // The sink is the one that gives way.
  run("begin");
  run("update results set n = 7 where id = 'b'");
  const SinkAnswer answer =
      first_answer(*sink, [this] { run("update results set n = 7 where id = 'a'"); });
  run("commit");
  run("reset deadlock_timeout");
  expect_again_and_then_written(*sink, answer, "40P01");
}

TEST_F(PostgresSinkTest, WaitsWhileTheServerHasNoRoom) {
  run("drop role if exists crowded");
  run("create role crowded login connection limit 0");
  options_.uri = std::string(std::getenv("WEIR_TEST_POSTGRES")) + "?user=crowded";
  const auto sink = open();
  const SinkAnswer answer = sink->write(std::vector{record(R"({"id":"a","n":1})")});
  EXPECT_EQ(answer.what, What::again);
  EXPECT_THAT(answer.why, HasSubstr("too many connections"));
  run("drop role crowded");
}

TEST_F(PostgresSinkTest, LogsInWithAPasswordByTls) {
  run("drop role if exists secured");
  run("create role secured login superuser password 'S3cretMarker'");
  const std::string uri = std::getenv("WEIR_TEST_POSTGRES");
  const std::string dir = std::getenv("WEIR_TEST_POSTGRES_DIR");
  const auto as = [&](const std::string& password) {
    return "postgresql://secured:" + password + "@" + uri.substr(uri.find('@') + 1) +
           "?sslmode=verify-full&sslrootcert=" + dir + "/cert.pem";
  };
  options_.uri = as("S3cretMarker");
  {
    const auto sink = open();
    EXPECT_EQ(write(*sink, {record(R"({"id":"a","n":1})")}).what, What::done);
    EXPECT_THAT(run("select ssl from pg_stat_ssl join pg_stat_activity using (pid) "
                    "where usename = 'secured'"),
                ElementsAre("t"));
  }
  options_.uri = as("0therMarker");
  EXPECT_THAT(refusal_to_open(),
              AllOf(HasSubstr("authentication failed"), Not(HasSubstr("0therMarker"))));
  for (const std::string& line : log_) EXPECT_THAT(line, Not(HasSubstr("Marker")));
  run("drop owned by secured");
  run("drop role secured");
}

TEST_F(PostgresSinkTest, SaysWhatTheServerNotices) {
  (void)open();
  run("create or replace function remark() returns trigger language plpgsql as "
      "$$begin raise notice 'a remark'; return new; end$$");
  run("create trigger remark before insert on results for each row execute function remark()");
  const auto sink = open();
  EXPECT_EQ(write(*sink, {record(R"({"id":"a","n":1})")}).what, What::done);
  EXPECT_THAT(log_, Contains("5 PostgreSQL: a remark"));
  run("drop table results");
  run("drop function remark");
}

// The deadline of a statement is 8 s.
TEST_F(PostgresSinkTest, GivesUpAConnectionThatHangs) {
  const std::string dir = std::getenv("WEIR_TEST_POSTGRES_DIR");
  const std::string script = std::string(WEIR_SOURCE_DIR) + "/tests/sinks/postgres.sh ";
  const auto sink = open();
  ASSERT_EQ(std::system((script + "pause " + dir).c_str()), 0);
  const std::vector<SinkRecord> batch{record(R"({"id":"a","n":1})")};
  const SinkAnswer answer = sink->write(batch);
  EXPECT_EQ(answer.what, What::again);
  EXPECT_THAT(answer.why, HasSubstr("no answer within 8 s"));
  std::this_thread::sleep_for(std::chrono::milliseconds(25));
  EXPECT_THAT(sink->probe().why, HasSubstr("no connection within 2 s"));
  ASSERT_EQ(std::system((script + "resume " + dir).c_str()), 0);
  EXPECT_EQ(write(*sink, batch).what, What::done);
  EXPECT_THAT(rows(), ElementsAre("a|1"));
}

TEST_F(PostgresSinkTest, TheServerIsKilledPausedAndStartedAgain) {
  const std::string dir = std::getenv("WEIR_TEST_POSTGRES_DIR");
  const std::string script = std::string(WEIR_SOURCE_DIR) + "/tests/sinks/postgres.sh ";
  const auto sink = open();
  std::jthread killer([&](std::stop_token) {
    for (int i = 0; i < 2; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(700));
      EXPECT_EQ(std::system((script + "kill " + dir).c_str()), 0);
      std::this_thread::sleep_for(std::chrono::milliseconds(300));
      EXPECT_EQ(std::system((script + "restart " + dir).c_str()), 0);
    }
    EXPECT_EQ(std::system((script + "pause " + dir).c_str()), 0);
    std::this_thread::sleep_for(std::chrono::milliseconds(1000));
    EXPECT_EQ(std::system((script + "resume " + dir).c_str()), 0);
  });
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(7);
  int written = 0;
  for (; std::chrono::steady_clock::now() < end; ++written) {
    const std::string value =
        R"({"id":")" + std::to_string(written) + R"(","n":)" + std::to_string(written) + "}";
    ASSERT_EQ(write(*sink, {record(value)}).what, What::done);
  }
  killer.join();
  PQreset(connection_);
  EXPECT_THAT(run("select count(*), sum(n) from results"),
              ElementsAre(std::to_string(written) + "|" +
                          std::to_string(std::int64_t{written} * (written - 1) / 2)));
}

}  // namespace
}  // namespace weir
