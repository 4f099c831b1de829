// The lazy reader on the producers' records, and rows written as JSON. RapidJSON's DOM takes 24,500
// (27 fields), 13,800 (nested) and 6,900 (5 fields) instructions for the same records, counted
// once; json_reading.cpp runs it beside us.
#include <string>
#include <vector>

#include "perf/json_records.h"
#include "perf/workload.h"
#include <weir/json_reader.h>
#include <weir/json_value.h>

namespace weir::perf {
namespace {

constexpr std::size_t kRecords = 1000;

class Reading : public Workload {
 public:
  Reading(std::vector<std::string> records, const std::vector<std::string>& paths)
      : records_(std::move(records)), reader_(paths, JsonSpeed::kSse2) {}

  void run() override {
    for (const std::string& record : records_) {
      keep(static_cast<bool>(reader_.read(record)));
      keep(reader_[0]);
    }
  }

 private:
  std::vector<std::string> records_;
  JsonReader reader_;
};

struct Transactions final : Reading {
  Transactions()
      : Reading(Records::transactions(kRecords),
                {"customer_id", "final_amount", "producer_timestamp"}) {}
};
struct Orders final : Reading {
  Orders()
      : Reading(Records::orders(kRecords), {"order_id", "user_id", "customer.tier", "amount"}) {}
};
struct Payments final : Reading {
  Payments() : Reading(Records::payments(kRecords), {"payment_id", "order_id", "amount"}) {}
};

class Rows final : public Workload {
 public:
  void run() override {
    for (std::size_t i = 0; i < kRecords; ++i) {
      const auto number = static_cast<std::int64_t>(i);
      const JsonValue values[] = {JsonValue::time(1'768'471'200'000 + number * 60'000),
                                  JsonValue::time(1'768'471'260'000 + number * 60'000),
                                  JsonValue::string("CUST_00042"),
                                  JsonValue::integer(123 + number),
                                  JsonValue::integer(456 + number),
                                  JsonValue::decimal(1'234'567 + number, 2)};
      out_.clear();
      row_.write(values, out_);
      keep(out_);
    }
  }

 private:
  JsonTemplate row_{"window_start", "window_end",  "customer_id",
                    "unique_users", "order_count", "total_revenue"};
  std::string out_;
};

const bool kTransactions = add_workload<Transactions>("json_3_of_27_fields", kRecords);
const bool kOrders = add_workload<Orders>("json_4_nested_fields", kRecords);
const bool kPayments = add_workload<Payments>("json_3_of_5_fields", kRecords);
const bool kRows = add_workload<Rows>("json_row", kRecords);

}  // namespace
}  // namespace weir::perf
