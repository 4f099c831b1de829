// The schemas that are shipped: each loads, takes what the producers send and refuses damage.
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include <weir/json_schema.h>

namespace weir {
namespace {

const std::filesystem::path kFolder = WEIR_SOURCE_DIR "/schemas";

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::string verdict(const std::string& name, std::string_view record) {
  Result<JsonSchema> schema = JsonSchema::load(text_of(kFolder / (name + ".schema.json")));
  if (!schema) return schema.error().to_string();
  const Status s = schema->validate(record);
  return s ? "" : s.error().text;
}

void accepts(const std::string& name, std::string_view record) {
  EXPECT_EQ(verdict(name, record), "") << record;
}
void refuses(const std::string& name, std::string_view record, const std::string& why) {
  EXPECT_TRUE(verdict(name, record).starts_with(why)) << record << ": " << verdict(name, record);
}

TEST(SchemaFiles, OrdersAndPayments) {
  accepts("order", R"({"order_id":"order_1","order_date":"2025-09-23T10:11:12.123456",
      "created_at":"2025-09-23T10:11:12","customer_id":"customer_7","amount":412})");
  accepts("order", R"({"order_id":"order_1","amount":null,"more":[1]})");
  refuses("order", R"({"amount":1})", "the record: 'required'");
  refuses("order", R"({"order_id":null})", "/order_id: 'type'");
  refuses("order", R"({"order_id":""})", "/order_id: 'minLength'");
  refuses("order", R"({"order_id":"o","amount":"1"})", "/amount: 'type'");
  accepts("payment", R"({"payment_id":"p","order_id":"order_1","amount":99.5})");
  refuses("payment", R"({"payment_id":"p"})", "the record: 'required'");
}

TEST(SchemaFiles, CustomerTransactions) {
  accepts("customer-transaction", "{}");
  accepts("customer-transaction", R"({"customer_id":"CUST_10001","transaction_id":"TXN_000001",
      "transaction_date":"2025-03-01 10:46:07","first_name":"Ann","last_name":"Moore",
      "email":"ann@example.com","phone":"+1-592-144-0001","age":33,"gender":"F",
      "city":"Nashville","state":"TN","zip_code":37011,"product_category":"Software","quantity":2,
      "unit_price":19.99,"total_amount":39.98,"discount":0.0,"final_amount":39.98,
      "payment_method":"Gift Card","is_premium_customer":true,"customer_since":"2021-05-28",
      "loyalty_points":120,"record_id":1,"batch_number":1,"batch_position":1,
      "producer_timestamp":1752000000.123456,"producer_timestamp_str":"2025-07-08 10:00:00"})");
  refuses("customer-transaction", R"({"quantity":"2"})", "/quantity: 'type'");
  refuses("customer-transaction", R"({"is_premium_customer":1})", "/is_premium_customer: 'type'");
}

TEST(SchemaFiles, AnalyticsOrders) {
  accepts("analytics-order", R"({"id":"a","order_id":"a","user_id":"u1","total_amount":100,
      "status":"pending","items_count":1,"event_type":"order.created",
      "created_at":"2025-11-24T10:50:00","items":[{"product_id":"p","quantity":1,"price":10.0}]})");
  accepts("analytics-order", R"({"order_id":"a","created_at":1763981400000})");
  accepts("analytics-order", R"({"id":"a","order_id":null})");
  refuses("analytics-order", R"({"user_id":"u1"})", "the record: 'anyOf'");
  refuses("analytics-order", R"({"id":""})", "the record: 'anyOf'");
  refuses("analytics-order", R"({"id":"a","items":[{"price":"10"}]})", "/items/0/price: 'type'");
}

TEST(SchemaFiles, SixTypesOfEvents) {
  const std::string common = R"("event_id":"e","user_id":"user_0001","device":"mobile",
      "location":"DE","session_id":"s","timestamp":"2025-01-01T00:00:00.123456+00:00",)";
  for (const char* own :
       {R"("event_type":"user_login","login_method":"email","success":true)",
        R"("event_type":"page_view","page":"/","referrer":"google","duration_seconds":5)",
        R"("event_type":"item_click","item_id":"item_0001","category":"books","position":1)",
        R"("event_type":"purchase","order_id":"order_1","items":["i"],"quantities":[1],
            "total_amount":10.5,"currency":"USD","payment_method":"paypal")",
        R"("event_type":"cart_add","item_id":"i","quantity":1,"category":"books","price":5.0)",
        R"("event_type":"search","search_query":"x","results_count":0,"clicked_position":null)"}) {
    accepts("event", "{" + common + own + "}");
  }
  refuses("event", "{" + common + R"("event_type":"refund"})", "/event_type: 'enum'");
  refuses("event", "{" + common + R"("event_type":"purchase","order_id":"o"})",
          "the record: 'oneOf'");
  refuses("event", R"({"event_type":"search","search_query":"x"})", "the record: 'required'");
}

TEST(SchemaFiles, Results) {
  accepts("order-payment", R"({"order_id":"o","order_date":null,"created_at":null,
      "customer_id":"c","order_amount":12.50,"payment_id":"p","payment_date":null,
      "payment_amount":null,"processed_at":"2025-11-24T10:50:00.250Z"})");
  refuses("order-payment", R"({"order_id":"o"})", "the record: 'required'");
  accepts("order-payment-unmatched",
          R"({"order_id":"o","side":"order","reason":"no_payment","record":{"order_id":"o"}})");
  refuses("order-payment-unmatched",
          R"({"order_id":"o","side":"order","reason":"late","record":{}})", "/reason: 'enum'");
  accepts("sliding-counts", R"({"window_start":"2025-11-24T10:50:00Z",
      "window_end":"2025-11-24T10:50:10Z","record_count":10,"total_transaction_value":12.00,
      "avg_transaction_value":1.2000,"unique_customers":10,"min_batch_number":1,
      "max_batch_number":2})");
  accepts("order-analytics", R"({"window_start":"2025-11-24T10:50:00Z",
      "window_end":"2025-11-24T10:51:00Z","unique_users":3,"total_orders":4,
      "total_revenue":750.00,"avg_order_value":187.5000,"processed_at":"2025-11-24T10:51:30.001Z",
      "metric_type":"order_analytics","window_type":"1_minute_window"})");
  refuses("order-analytics", R"({"window_start":"2025-11-24 10:50:00"})",
          "/window_start: 'pattern'");
}

TEST(SchemaFiles, EachOneLoads) {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    const std::string text = text_of(entry.path());
    if (text.find("json-schema.org/draft-04") == std::string::npos) continue;  // Not of records.
    Result<JsonSchema> schema = JsonSchema::load(text);
    EXPECT_TRUE(schema) << entry.path() << ": " << (schema ? "" : schema.error().to_string());
    ++count;
  }
  EXPECT_GE(count, 9);
}

}  // namespace
}  // namespace weir
