// What the sink costs beside a client that does nothing but send the same batches.
#include <gmock/gmock.h>

#include "sinks/cost.h"
#include "sinks/mongo_world.h"

namespace weir {
namespace {

using Type = SinkColumn::Type;

using tests::Cost;
using tests::cost_of;

constexpr std::size_t kBatch = 1000;

std::string id_of(int number) { return "order-" + std::to_string(1'000'000 + number); }

// As a program of its own would write a pair.
void append_pair(mongoc_bulk_operation_t* bulk, int number, const bson_t* upsert) {
  const std::string id = id_of(number);
  bson_decimal128_t amount{};
  bson_decimal128_from_string("1999.90", &amount);
  bson_t document = BSON_INITIALIZER;
  BSON_APPEND_UTF8(&document, "_id", id.c_str());
  BSON_APPEND_UTF8(&document, "order_id", id.c_str());
  BSON_APPEND_UTF8(&document, "order_date", "2025-11-24T10:50:00Z");
  BSON_APPEND_UTF8(&document, "created_at", "2025-11-24T10:50:00Z");
  BSON_APPEND_UTF8(&document, "customer_id", "customer-77");
  BSON_APPEND_DECIMAL128(&document, "order_amount", &amount);
  BSON_APPEND_UTF8(&document, "payment_id", id.c_str());
  BSON_APPEND_UTF8(&document, "payment_date", "2025-11-24T10:51:00Z");
  BSON_APPEND_DECIMAL128(&document, "payment_amount", &amount);
  BSON_APPEND_DATE_TIME(&document, "processed_at", 1'763'981'400'250);
  bson_t selector = BSON_INITIALIZER;
  BSON_APPEND_UTF8(&selector, "_id", id.c_str());
  mongoc_bulk_operation_replace_one_with_opts(bulk, &selector, &document, upsert, nullptr);
  bson_destroy(&selector);
  bson_destroy(&document);
}

void write_bare(mongoc_collection_t* collection, int documents) {
  bson_t* const upsert = BCON_NEW("upsert", BCON_BOOL(true));
  bson_t* const unordered = BCON_NEW("ordered", BCON_BOOL(false));
  for (int at = 0; at < documents; at += static_cast<int>(kBatch)) {
    mongoc_bulk_operation_t* bulk =
        mongoc_collection_create_bulk_operation_with_opts(collection, unordered);
    for (int i = 0; i < static_cast<int>(kBatch); ++i) append_pair(bulk, at + i, upsert);
    bson_error_t error{};
    EXPECT_NE(mongoc_bulk_operation_execute(bulk, nullptr, &error), 0U) << error.message;
    mongoc_bulk_operation_destroy(bulk);
  }
  bson_destroy(unordered);
  bson_destroy(upsert);
}

std::vector<std::string> results(int documents) {
  std::vector<std::string> values;
  for (int i = 0; i < documents; ++i) {
    const std::string id = id_of(i);
    values.push_back(R"({"order_id":")" + id +
                     R"(","order_date":"2025-11-24T10:50:00Z","created_at":)"
                     R"("2025-11-24T10:50:00Z","customer_id":"customer-77",)"
                     R"("order_amount":1999.90,"payment_id":")" +
                     id +
                     R"(","payment_date":"2025-11-24T10:51:00Z","payment_amount":1999.90,)"
                     R"("processed_at":"2025-11-24T10:50:00.250Z"})");
  }
  return values;
}

void write_by_sink(Sink& sink, const std::vector<std::string>& values) {
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < kBatch; ++i) keys.emplace_back();
  for (std::size_t at = 0; at < values.size(); at += kBatch) {
    std::vector<SinkRecord> batch;
    for (std::size_t i = 0; i < kBatch; ++i) {
      keys[i] = id_of(static_cast<int>(at + i));
      batch.push_back({.key = keys[i], .value = values[at + i], .timestamp = 0});
    }
    EXPECT_EQ(sink.write(batch).what, SinkAnswer::What::done);
    EXPECT_EQ(sink.flush().what, SinkAnswer::What::done);
  }
}

TEST(MongodbSink, IsNearlyAsFastAsABareClient) {
  const int documents = tests::documents_to_write();
  const std::string uri = tests::variable("WEIR_TEST_MONGODB");
  tests::MongoCollection collection(uri, "rate");
  const auto opening =
      mongodb_sink({.uri = uri,
                    .database = "weir_tests",
                    .collection = "rate",
                    .columns = {{.name = "order_id", .type = Type::text},
                                {.name = "order_date", .type = Type::text},
                                {.name = "created_at", .type = Type::text},
                                {.name = "customer_id", .type = Type::text},
                                {.name = "order_amount", .type = Type::decimal, .places = 2},
                                {.name = "payment_id", .type = Type::text},
                                {.name = "payment_date", .type = Type::text},
                                {.name = "payment_amount", .type = Type::decimal, .places = 2},
                                {.name = "processed_at", .type = Type::time}},
                    .log = {}});
  ASSERT_TRUE(opening);
  const auto sink = (*opening)(0);
  ASSERT_TRUE(sink);
  const std::vector<std::string> values = results(documents);
  write_bare(collection.get(), documents);  // The server's first writes are its slowest.
  std::vector<std::string> bare_documents;
  Cost bare;
  Cost ours;
  for (int round = 0; round < 3; ++round) {
    const Cost a = cost_of([&] { write_bare(collection.get(), documents); });
    if (round == 0) bare_documents = collection.documents();
    const Cost b = cost_of([&] { write_by_sink(**sink, values); });
    bare.add(a);
    ours.add(b);
  }
  EXPECT_EQ(collection.documents(), bare_documents) << "not the same work";
  tests::print_costs("MongoDB", 3.0 * documents, bare, ours);
  tests::expect_nearly_as_good(bare, ours);
}

}  // namespace
}  // namespace weir
