// What the PostgreSQL sink costs beside a client that does nothing but send the same batches.
#include <cstdlib>

#include <gmock/gmock.h>
#include <libpq-fe.h>

#include "sinks/cost.h"
#include <weir/postgres_sink.h>

namespace weir {
namespace {

using Type = SinkColumn::Type;
using tests::Cost;
using tests::cost_of;

constexpr int kBatch = 1000;
constexpr const char* kStatement =
    "insert into rate (order_id, customer_id, order_amount, payment_id, payment_amount, paid_at, n)"
    " select * from unnest($1::text[], $2::text[], $3::numeric[], $4::text[], $5::numeric[], "
    "$6::timestamptz[], $7::bigint[]) on conflict (order_id) do update set customer_id = "
    "excluded.customer_id, order_amount = excluded.order_amount, payment_id = excluded.payment_id, "
    "payment_amount = excluded.payment_amount, paid_at = excluded.paid_at, n = excluded.n";

std::string id_of(int number) { return "order-" + std::to_string(1'000'000 + number); }

void append(std::string& array, const std::string& value) {
  array += array.empty() ? "{\"" : ",\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') array += '\\';
    array += c;
  }
  array += '"';
}

// As a program of its own would write pairs.
void write_bare(PGconn* connection, int rows) {
  for (int at = 0; at < rows; at += kBatch) {
    std::string columns[7];
    for (int i = at; i < at + kBatch; ++i) {
      const std::string id = id_of(i);
      append(columns[0], id);
      append(columns[1], "customer-77");
      append(columns[2], "1999.90");
      append(columns[3], id);
      append(columns[4], "1999.90");
      append(columns[5], "2025-11-24T10:50:00.250Z");
      append(columns[6], std::to_string(i));
    }
    const char* values[7];
    for (int i = 0; i < 7; ++i) {
      columns[i] += '}';
      values[i] = columns[i].c_str();
    }
    PGresult* result =
        PQexecParams(connection, kStatement, 7, nullptr, values, nullptr, nullptr, 0);
    EXPECT_EQ(PQresultStatus(result), PGRES_COMMAND_OK) << PQerrorMessage(connection);
    PQclear(result);
  }
}

std::vector<std::string> results(int rows) {
  std::vector<std::string> values;
  for (int i = 0; i < rows; ++i) {
    const std::string id = id_of(i);
    values.push_back(R"({"order_id":")" + id +
                     R"(","customer_id":"customer-77","order_amount":1999.90,"payment_id":")" + id +
                     R"(","payment_amount":1999.90,"paid_at":"2025-11-24T10:50:00.250Z","n":)" +
                     std::to_string(i) + "}");
  }
  return values;
}

void write_by_sink(Sink& sink, const std::vector<std::string>& values) {
  for (std::size_t at = 0; at < values.size(); at += kBatch) {
    std::vector<SinkRecord> batch;
    for (std::size_t i = at; i < at + kBatch; ++i) {
      batch.push_back({.key = std::nullopt, .value = values[i], .timestamp = 0});
    }
    EXPECT_EQ(sink.write(batch).what, SinkAnswer::What::done);
    EXPECT_EQ(sink.flush().what, SinkAnswer::What::done);
  }
}

std::string digest(PGconn* connection) {
  PGresult* result =
      PQexec(connection, "select md5(string_agg(r::text, ',' order by order_id)) from rate r");
  std::string text = PQgetvalue(result, 0, 0);
  PQclear(result);
  return text;
}

TEST(PostgresSink, IsNearlyAsFastAsABareClient) {
  const int rows = tests::documents_to_write();
  const std::string uri = std::getenv("WEIR_TEST_POSTGRES");
  PGconn* connection = PQconnectdb(uri.c_str());
  const auto opening =
      postgres_sink({.uri = uri,
                     .table = "rate",
                     .id = {"order_id"},
                     .create = true,
                     .columns = {{.name = "order_id", .type = Type::text, .nullable = false},
                                 {.name = "customer_id", .type = Type::text},
                                 {.name = "order_amount", .type = Type::decimal, .places = 2},
                                 {.name = "payment_id", .type = Type::text},
                                 {.name = "payment_amount", .type = Type::decimal, .places = 2},
                                 {.name = "paid_at", .type = Type::time},
                                 {.name = "n", .type = Type::integer}},
                     .log = {}});
  ASSERT_TRUE(opening);
  const auto sink = (*opening)(0);
  ASSERT_TRUE(sink);
  const std::vector<std::string> values = results(rows);
  write_bare(connection, rows);  // Inserts; from here on both update.
  const std::string bare_rows = digest(connection);
  Cost bare;
  Cost ours;
  for (int round = 0; round < 3; ++round) {
    bare.add(cost_of([&] { write_bare(connection, rows); }));
    ours.add(cost_of([&] { write_by_sink(**sink, values); }));
  }
  EXPECT_EQ(digest(connection), bare_rows) << "not the same work";
  tests::print_costs("PostgreSQL", 3.0 * rows, bare, ours);
  tests::expect_nearly_as_good(bare, ours);
  PQclear(PQexec(connection, "drop table rate"));
  PQfinish(connection);
}

}  // namespace
}  // namespace weir
