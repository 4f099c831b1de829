// Rows and plans that the tests of aggregates over rows share.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <weir/row_aggregate.h>

namespace weir {

inline constexpr RowType kDynamic{};
inline constexpr RowType kBool{JsonValue::Kind::kBool, 0};
inline constexpr RowType kInt{JsonValue::Kind::kInt, 0};
inline constexpr RowType kReal{JsonValue::Kind::kDouble, 0};
inline constexpr RowType kMoney{JsonValue::Kind::kDecimal, 2};
inline constexpr RowType kText{JsonValue::Kind::kString, 0};
inline constexpr RowType kTime{JsonValue::Kind::kTime, 0};
inline constexpr RowType kRaw{JsonValue::Kind::kRaw, 0};

// The columns of the rows in these tests.
enum Column : std::size_t { kUser, kAmount, kPieces, kPaid, kWeight, kAt, kColumns };

struct Row {
  Timestamp time = 0;
  JsonValue values[kColumns];
};

inline Row row(Timestamp time, JsonValue user, JsonValue amount, JsonValue pieces,
               JsonValue paid = {}, JsonValue weight = {}, JsonValue at = {}) {
  return {time, {user, amount, pieces, paid, weight, at}};
}

inline JsonValue text(std::string_view bytes) { return JsonValue::string(bytes); }
inline JsonValue money(std::int64_t cents) { return JsonValue::decimal(cents, 2); }
inline JsonValue whole(std::int64_t value) { return JsonValue::integer(value); }

inline RowAggregate make(AggregateKind kind, std::size_t column, RowType type) {
  RowAggregate made;
  made.name = "it";
  made.kind = kind;
  made.argument = column;
  made.type = type;
  return made;
}
inline RowAggregate with(RowAggregate aggregate, double parameter) {
  aggregate.parameter = parameter;
  return aggregate;
}
inline RowAggregate at_most(RowAggregate aggregate, std::uint64_t max) {
  aggregate.max = max;
  return aggregate;
}
inline RowAggregate by(RowAggregate aggregate, std::size_t column) {
  aggregate.by = column;
  return aggregate;
}

// The results as a JSON array, or the error.
inline std::string results(const RowAggregates& plan, const RowState& state) {
  std::vector<JsonValue> values(plan.size());
  std::string scratch;
  if (const Status good = plan.result(state, values, scratch); !good) return good.error().text;
  std::string json;
  for (const JsonValue& value : values) {
    json += json.empty() ? "[" : ",";
    append_json(json, value);
  }
  return json + "]";
}

inline std::string results(const RowAggregates& plan, const std::vector<Row>& rows) {
  RowState state = plan.start();
  for (const Row& each : rows) {
    if (const Status good = plan.add(state, each.values, each.time); !good) {
      return good.error().text;
    }
  }
  return results(plan, state);
}

inline std::string result(const RowAggregate& aggregate, const std::vector<Row>& rows) {
  return results(RowAggregates({aggregate}), rows);
}

inline std::vector<RowAggregate> one_of_each() {
  using enum AggregateKind;
  return {make(kCount, 0, {}),
          make(kCountIf, kPaid, kBool),
          make(kSum, kAmount, kMoney),
          make(kSum, kPieces, kInt),
          make(kSum, kWeight, kReal),
          make(kAvg, kAmount, kMoney),
          make(kAvg, kPieces, kInt),
          make(kAvg, kWeight, kReal),
          make(kMin, kAmount, kMoney),
          make(kMax, kUser, kText),
          make(kMax, kAt, kTime),
          make(kFirst, kUser, kText),
          make(kLast, kUser, kText),
          make(kAny, kPaid, kBool),
          make(kCountDistinct, kUser, kText),
          make(kCountDistinct, kAmount, kMoney),
          make(kCountDistinct, kWeight, kReal),
          with(make(kApproxDistinct, kUser, kText), 0.05),
          with(make(kApproxDistinct, kAt, kTime), 0.05),
          make(kStddev, kAmount, kMoney),
          with(make(kQuantile, kPieces, kInt), 0.5),
          at_most(make(kCollect, kUser, kText), 2),
          by(make(kArgMax, kUser, kText), kAmount),
          by(make(kArgMin, kAmount, kMoney), kPieces),
          at_most(make(kCollect, kAmount, kMoney), 9)};
}

inline std::vector<Row> four_rows() {
  return {row(30, text("ann"), money(1000), whole(2), JsonValue::boolean(true),
              JsonValue::real(0.5), JsonValue::time(500)),
          row(10, {}, money(2501), whole(4), JsonValue::boolean(false), {}, JsonValue::time(1500)),
          row(20, text("bob"), {}, whole(1), {}, JsonValue::real(0.25), {}),
          row(40, text("ann"), money(-2), whole(1), JsonValue::boolean(true), JsonValue::real(0.5),
              JsonValue::time(500))};
}

}  // namespace weir
