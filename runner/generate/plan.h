// What is to be generated: streams of records whose fields are expressions, and the faults that
// real topics have.
//
//   weir: 1
//   generate: shop
//   seed: 42
//   rate: 200/s
//   streams:
//     orders:
//       topic: orders
//       key: order_id
//       fields: {order_id: "seq('o-', 6)", amount: "money(5, 400)"}
//       faults: {duplicate: {share: 2%, after: 1s..5m}, malformed: {share: 0.1%}}
//     payments:
//       topic: payments
//       follows: orders         # for `share` of the orders, `after` so long
//       share: 92%
//       after: 1s..10m
//       fields: {order_id: orders.order_id}
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "expression/syntax.h"
#include "job/diagnostic.h"
#include "job/outside.h"

namespace weir::generate {

struct Span {
  std::int64_t first_ms = 0;
  std::int64_t last_ms = 0;
};

struct Fault {
  double share = 0;
  Span span{};
};

struct Field {
  std::string name;
  expression::ExprPtr value;
};

// Of some records only: each record has the fields of its stream and of one variant.
struct Variant {
  double share = 0;
  std::vector<Field> fields;
};

struct StreamPlan {
  std::string name;
  std::string topic;
  std::string key;  // A field; empty: null keys.
  std::vector<Field> fields;
  std::vector<Variant> variants;
  int follows = -1;  // Index of an earlier stream.
  double share = 1;
  Span after{};
  std::optional<double> rate;  // Records per second, when not the plan's.
  Fault out_of_order{};
  Fault late{};
  Fault duplicate{};
  Fault malformed{};
};

struct Plan {
  std::string name;
  std::string description;
  std::uint64_t seed = 1;
  double rate = 10;
  std::vector<StreamPlan> streams;
};

// Reads a generator. Findings go to `found`; nothing when it has errors.
std::optional<Plan> read_plan(job::Diagnostics& found, const job::Outside& outside);

}  // namespace weir::generate
