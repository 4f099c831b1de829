// What the jobs read in measurements: records in the order of time, from a fixed seed.
#pragma once

#include <string>
#include <vector>

#include "perf/json_records.h"
#include <weir/time.h>

namespace weir::perf {

struct Fed {
  const char* topic;
  std::string value;
  Timestamp time;
};

inline std::vector<Fed> transactions_in_time(std::size_t count) {
  std::vector<Fed> fed;
  Timestamp time = 1'752'000'000'000;
  for (std::string& record : Records::transactions(count)) {
    fed.push_back({"customer-transactions", std::move(record), time += 3});
  }
  return fed;
}

inline std::vector<Fed> orders_in_time(std::size_t count) {
  std::vector<Fed> fed;
  Timestamp time = 1'752'000'000'000;
  for (std::string& record : Records::orders(count)) {
    const std::size_t at = record.find("\"amount\"");
    record.replace(at, 8, "\"total_amount\"");
    fed.push_back({"orders", std::move(record), time += 20});
  }
  return fed;
}

// Each order and, a little later, its payment.
inline std::vector<Fed> orders_and_payments(std::size_t pairs) {
  std::vector<Fed> fed;
  Timestamp time = 1'752'000'000'000;
  const std::vector<std::string> payments = Records::payments(pairs);
  for (std::size_t i = 0; i < pairs; ++i) {
    const std::string id = "order_" + std::to_string(100'000 + i);
    std::string order = "{\"order_id\": \"" + id +
                        "\", \"order_date\": \"2025-09-23T10:11:12.123456\", \"created_at\": "
                        "\"2025-09-23T10:11:13\", \"customer_id\": \"customer_" +
                        std::to_string(i % 100) +
                        "\", \"amount\": " + std::to_string(100 + i % 900) + "}";
    std::string payment = payments[i];
    const std::size_t from = payment.find("\"order_id\": \"") + 13;
    payment.replace(from, payment.find('"', from) - from, id);
    fed.push_back({"orders_topic_data_v1", std::move(order), time += 2});
    fed.push_back({"payments_topic_data_v1", std::move(payment), time += 3});
  }
  return fed;
}

}  // namespace weir::perf
