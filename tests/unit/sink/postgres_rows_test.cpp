#include "sink/postgres_rows.h"

#include <gmock/gmock.h>

#include "sink/postgres_connection.h"

namespace weir::sink::postgres_rows_test {
namespace {

using ::testing::ElementsAre;
using ::testing::StrEq;
using Type = SinkColumn::Type;
using What = PostgresAnswer::What;

PostgresOptions sales() {
  PostgresOptions options;
  options.table = "shop.sales";
  options.id = {"id"};
  options.columns = {{.name = "id", .type = Type::text},
                     {.name = "amount", .type = Type::decimal, .places = 2},
                     {.name = "at", .type = Type::time, .nullable = false}};
  return options;
}

TEST(PostgresStatement, CreatesWhatIsDeclared) {
  EXPECT_EQ(create_statement(sales()),
            "create table if not exists \"shop\".\"sales\" (\"id\" text not null, \"amount\" "
            "numeric(19,2), \"at\" timestamp with time zone not null, primary key (\"id\"))");
}

TEST(PostgresStatement, UpsertsOverArrays) {
  const std::vector<TableColumn> columns{{"id", "text"}, {"amount", "numeric"}};
  PostgresOptions options = sales();
  EXPECT_EQ(insert_statement(options, columns),
            "insert into \"shop\".\"sales\" (\"id\", \"amount\") select * from "
            "unnest($1::text[], $2::numeric[]) on conflict (\"id\") do update set \"amount\" = "
            "excluded.\"amount\"");
  options.write = PostgresWrite::insert;
  EXPECT_THAT(insert_statement(options, columns), testing::EndsWith("do nothing"));
  options.write = PostgresWrite::upsert;
  EXPECT_THAT(insert_statement(options, {{"id", "text"}}), testing::EndsWith("do nothing"));
}

TEST(PostgresStatement, QuotesNames) {
  EXPECT_EQ(quoted_name("a\"; drop table x"), "\"a\"\"; drop table x\"");
  EXPECT_EQ(quoted_table("plain"), "\"plain\"");
}

TEST(PostgresRows, BecomeArraysOfText) {
  PostgresRows rows({{"id", "text"}, {"n", "bigint"}, {"j", "jsonb"}, {"a.b", "text"}}, {"id"});
  ASSERT_TRUE(rows.add(R"({"id":"x","n":1,"j":{"k":"\n"},"a.b":"dot"})"));
  ASSERT_TRUE(rows.add(R"({"n":true,"id":"NULL","j":"te\"xt"})"));
  ASSERT_TRUE(rows.add(R"({"id":"a\"\\,{}","n":null})"));
  EXPECT_THAT(rows.arrays({0, 1, 2}),
              ElementsAre(StrEq(R"({"x","NULL","a\"\\,{}"})"), StrEq(R"({"1","true",NULL})"),
                          StrEq(R"({"{\"k\":\"\\n\"}","\"te\\\"xt\"",NULL})"),
                          StrEq(R"({"dot",NULL,NULL})")));
  EXPECT_THAT(rows.arrays({1}), ElementsAre(StrEq(R"({"NULL"})"), StrEq(R"({"true"})"),
                                            StrEq(R"({"\"te\\\"xt\""})"), StrEq("{NULL}")));
  EXPECT_THAT(rows.arrays({}), ElementsAre(StrEq("{}"), StrEq("{}"), StrEq("{}"), StrEq("{}")));
}

TEST(PostgresRows, KnowTheirIdsAndLeaveOutWhatCannotBe) {
  PostgresRows rows({{"a", "text"}, {"b", "text"}}, {"b", "a"});
  ASSERT_TRUE(rows.add(R"({"a":"1","b":"23"})"));
  EXPECT_FALSE(rows.add(R"({"a":"1","b":"x\u0000"})"));
  EXPECT_FALSE(rows.add("[]"));
  ASSERT_TRUE(rows.add(R"({"a":"31","b":"2"})"));
  ASSERT_TRUE(rows.add(R"({"b":"23","a":"1"})"));
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_NE(rows.id_of(0), rows.id_of(1));
  EXPECT_EQ(rows.id_of(0), rows.id_of(2));
  const auto all = ElementsAre(StrEq(R"({"1","31","1"})"), StrEq(R"({"23","2","23"})"));
  EXPECT_THAT(rows.arrays({0, 1, 2}), all) << "nothing of those that were left out";
  EXPECT_THAT(rows.arrays({0, 2}), ElementsAre(StrEq(R"({"1","1"})"), StrEq(R"({"23","23"})")));
  EXPECT_THAT(rows.arrays({0, 1, 2}), all);
  rows.clear();
  EXPECT_EQ(rows.size(), 0U);
}

TEST(PostgresAnswer, GoesByTheClassOfTheState) {
  for (const char* bad : {"22P02", "22003", "22008", "22021", "22P05", "23505", "23514", "23502",
                          "21000", "44000", "54000", "P0001"}) {
    EXPECT_EQ(meaning_of(bad), What::kBadRow) << bad;
  }
  for (const char* passing : {"40001", "40P01", "55P03", "57014", "57P01", "53300", "08006", ""}) {
    EXPECT_EQ(meaning_of(passing), What::kAgain) << passing;
  }
  for (const char* lasting : {"28P01", "3D000", "42501", "42P10", "0A000"}) {
    EXPECT_EQ(meaning_of(lasting), What::kNever) << lasting;
  }
}

}  // namespace
}  // namespace weir::sink::postgres_rows_test
