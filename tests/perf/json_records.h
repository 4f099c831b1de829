// Records as the seeds' producers send them, from a fixed seed: values differ in length from one
// to the next, keys do not.
#pragma once

#include <cstdint>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

namespace weir::perf {

class Records {
 public:
  // 27 fields, about 710 bytes.
  static std::vector<std::string> transactions(std::size_t count) {
    Records made(1);
    std::vector<std::string> all;
    for (std::size_t i = 0; i < count; ++i) all.push_back(made.transaction(i));
    return all;
  }

  // Nested customer and one to three items, about 330 bytes.
  static std::vector<std::string> orders(std::size_t count) {
    Records made(2);
    std::vector<std::string> all;
    for (std::size_t i = 0; i < count; ++i) all.push_back(made.order());
    return all;
  }

  // Five fields, about 150 bytes.
  static std::vector<std::string> payments(std::size_t count) {
    Records made(3);
    std::vector<std::string> all;
    for (std::size_t i = 0; i < count; ++i) all.push_back(made.payment());
    return all;
  }

 private:
  explicit Records(std::uint64_t seed) : random_(seed) {}

  std::string number(std::uint64_t below) { return std::to_string(random_() % below); }
  std::string padded(std::uint64_t below, std::size_t digits) {
    std::string text = number(below);
    return std::string(digits > text.size() ? digits - text.size() : 0, '0') + text;
  }
  std::string money(std::uint64_t below) { return number(below) + "." + padded(100, 2); }
  std::string word(std::size_t shortest, std::size_t longest) {
    std::string text(shortest + random_() % (longest - shortest + 1), 'a');
    for (char& c : text) c = static_cast<char>('a' + random_() % 26);
    return text;
  }
  std::string clock() { return padded(24, 2) + ":" + padded(60, 2) + ":" + padded(60, 2); }

  std::string transaction(std::size_t index) {
    std::string text;
    const auto add = [&text](const char* key, const std::string& value, bool quoted) {
      text += text.empty() ? "{\"" : ", \"";
      text += key;
      text += quoted ? "\": \"" + value + "\"" : "\": " + value;
    };
    add("customer_id", "CUST_" + padded(11200, 5), true);
    add("transaction_id", "TXN_" + padded(999999, 6), true);
    add("transaction_date", "2025-03-" + padded(28, 2) + " " + clock(), true);
    add("first_name", word(3, 11), true);
    add("last_name", word(3, 10), true);
    add("email", word(4, 10) + "." + word(4, 10) + number(999) + "@yahoo.com", true);
    add("phone", "+1-" + padded(999, 3) + "-144-" + padded(9999, 4), true);
    add("age", number(60), false);
    add("gender", random_() % 2 == 0 ? "F" : "M", true);
    add("city", word(5, 12), true);
    add("state", "TN", true);
    add("zip_code", number(89999), false);
    add("product_category", word(4, 16), true);
    add("quantity", number(10), false);
    add("unit_price", money(500), false);
    add("total_amount", money(5000), false);
    add("discount", random_() % 3 == 0 ? money(500) : "0.0", false);
    add("final_amount", money(5000), false);
    add("payment_method", "Gift Card", true);
    add("is_premium_customer", random_() % 2 == 0 ? "true" : "false", false);
    add("customer_since", "2021-05-" + padded(28, 2), true);
    add("loyalty_points", number(10000), false);
    add("record_id", std::to_string(index), false);
    add("batch_number", std::to_string(index / 10 + 1), false);
    add("batch_position", std::to_string(index % 10 + 1), false);
    add("producer_timestamp", "1752000000." + number(1000000), false);
    add("producer_timestamp_str", "2025-07-08 " + clock(), true);
    return text + "}";
  }

  std::string order() {
    std::string text = "{\"order_id\":\"ord-" + padded(999999999999, 12) +
                       "\",\"user_id\":\"user_" + padded(100000, 6) +
                       "\",\"customer\":{\"name\":\"Jane Q. " + word(3, 9) + "\",\"email\":\"" +
                       word(5, 12) + "@example.com\",\"tier\":\"gold\"},\"items\":[";
    const std::uint64_t items = 1 + random_() % 3;
    for (std::uint64_t i = 0; i < items; ++i) {
      text += std::string(i == 0 ? "" : ",") + "{\"sku\":\"SKU-" + padded(99999, 5) +
              "\",\"qty\":" + number(5) + ",\"price\":" + money(200) + "}";
    }
    return text + "],\"amount\":" + money(900) +
           ",\"currency\":\"USD\",\"status\":\"CREATED\",\"timestamp\":\"2026-01-15T" + clock() +
           "." + padded(1000, 3) + "Z\"}";
  }

  std::string payment() {
    return "{\"payment_id\": \"" + padded(999999999999, 12) + "-" + word(12, 12) +
           "\", \"order_id\": \"order_" + number(1000000) + "\", \"payment_date\": \"2025-09-23T" +
           clock() + "." + padded(1000000, 6) + "\", \"created_at\": \"2025-09-23T" + clock() +
           "\", \"amount\": " + number(500) + "}";
  }

  std::mt19937_64 random_;
};

}  // namespace weir::perf
