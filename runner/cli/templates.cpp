#include "cli/templates.h"

namespace weir::cli {

namespace {

// NAME stands for the name of the job.
constexpr std::string_view kHead =
    R"(# yaml-language-server: $schema=/usr/share/weir/schemas/job.schema.json
weir: 1
job: NAME

kafka:
  brokers: ${KAFKA_BROKERS:-localhost:9092}

errors:
  dlq: NAME.dlq

streams:
  orders:
    topic: NAME.orders
    fields:
      order_id: string
      customer_id: string or null
      amount: decimal(2)
)";

constexpr std::string_view kPayments = R"(
  payments:
    topic: NAME.payments
    fields:
      payment_id: string
      order_id: string
      amount: decimal(2)
)";

constexpr std::string_view kHello = R"(
pipelines:
  large_orders:
    from: orders
    steps:
      - filter: amount > 100
    to:
      - topic: NAME.large
        key: order_id
)";

constexpr std::string_view kWindow = R"(
pipelines:
  per_customer:
    from: orders
    steps:
      - filter: customer_id is not null
      - aggregate:
          by: customer_id
          window: {size: 1m}
          fields:
            orders: count()
            revenue: sum(amount)
          emit: on_close
    to:
      - topic: NAME.per-customer
        key: customer_id
)";

constexpr std::string_view kDedupe = R"(
pipelines:
  first_of_each:
    from: orders
    steps:
      - dedupe: {by: order_id, within: 1h}
    to:
      - topic: NAME.unique
        key: order_id
)";

constexpr std::string_view kRoute = R"(
pipelines:
  by_size:
    from: orders
    route:
      - when: amount > 1000
        to: NAME.large
      - when: amount > 100
        to: NAME.medium
      - otherwise: NAME.small
)";

constexpr std::string_view kJoin = R"(
pipelines:
  pairs:
    from: orders
    steps:
      - join:
          with: payments
          as: payment
          by: order_id
          match: once
          id: payment_id
          within: 15m
          unmatched:
            topic: NAME.unmatched
            key: order_id
      - select:
          order_id: order_id
          customer_id: customer_id
          amount: amount
          paid: payment.amount
    to:
      - topic: NAME.pairs
        key: order_id
)";

constexpr std::string_view kGenerator = R"(# weir produce NAME.generate.yaml
weir: 1
generate: NAME
seed: 1
rate: 10/s

streams:
  orders:
    topic: NAME.orders
    key: order_id
    fields:
      order_id: seq('o-', 6)
      customer_id: pick('c-', 100)
      amount: money(5, 2000)
    faults:
      duplicate: {share: 2%, after: 1s..1m}
      malformed: {share: 0.5%}
)";

constexpr std::string_view kGeneratedPayments = R"(
  payments:
    topic: NAME.payments
    key: order_id
    follows: orders
    share: 92%
    after: 1s..1m
    fields:
      payment_id: seq('p-', 6)
      order_id: orders.order_id
      amount: orders.amount
)";

// Each case begins with this: what it sends, then what has to come out.
constexpr std::string_view kTestHead = R"(# weir test NAME.test.yaml
weir: 1
test: NAME.yaml
epoch: 2026-01-01T00:00:00Z        # times below count from here

cases:
)";

constexpr std::string_view kHelloTest = R"(  - name: only orders of more than 100 go on
    steps:
      - send: orders
        records:
          - {at: 0s, value: {order_id: o-1, customer_id: c-1, amount: 100.00}}
          - {at: 1s, value: {order_id: o-2, customer_id: c-1, amount: 100.01}}
      - expect: NAME.large
        records:
          - {order_id: o-2, customer_id: c-1, amount: 100.01}

  - name: what is no order is a dead letter
    steps:
      - send: orders
        records:
          - {at: 0s, raw: '{"order_id": '}
      - expect: dlq
        match: contains
        records:
          - {reason: decode, stream: orders}
)";

constexpr std::string_view kWindowTest = R"(  - name: each customer's minute comes out once
    steps:
      - send: orders
        records:
          - {at: 0s, value: {order_id: o-1, customer_id: c-1, amount: 10.00}}
          - {at: 59s, value: {order_id: o-2, customer_id: c-1, amount: 2.50}}
          - {at: 59s, value: {order_id: o-3, customer_id: c-2, amount: 1.00}}
      - drain: true
      - expect: NAME.per-customer
        match: contains
        records:
          - {customer_id: c-1, orders: 2, revenue: 12.50}
          - {customer_id: c-2, orders: 1, revenue: 1.00}
)";

constexpr std::string_view kDedupeTest = R"(  - name: an order that comes twice goes on once
    steps:
      - send: orders
        records:
          - {at: 0s, times: 2, value: {order_id: o-1, customer_id: c-1, amount: 10.00}}
      - expect: NAME.unique
        records:
          - {order_id: o-1, customer_id: c-1, amount: 10.00}
      - discarded: {duplicate: 1}
)";

constexpr std::string_view kRouteTest = R"(  - name: orders go by their size
    steps:
      - send: orders
        records:
          - {at: 0s, value: {order_id: o-1, customer_id: c-1, amount: 1000.01}}
          - {at: 0s, value: {order_id: o-2, customer_id: c-1, amount: 1000.00}}
          - {at: 0s, value: {order_id: o-3, customer_id: c-1, amount: 100.00}}
      - expect: NAME.large
        match: contains
        records:
          - {order_id: o-1}
      - expect: NAME.medium
        match: contains
        records:
          - {order_id: o-2}
      - expect: NAME.small
        match: contains
        records:
          - {order_id: o-3}
)";

constexpr std::string_view kJoinTest =
    R"(  - name: a payment that comes before its order still matches
    steps:
      - send: payments
        records:
          - {at: 0s, value: {payment_id: p-1, order_id: o-1, amount: 9.50}}
      - send: orders
        records:
          - {at: 5s, value: {order_id: o-1, customer_id: c-1, amount: 10.00}}
      - expect: NAME.pairs
        records:
          - {order_id: o-1, customer_id: c-1, amount: 10.00, paid: 9.50}

  - name: an order without a payment comes out with the reason
    steps:
      - send: orders
        records:
          - {at: 0s, value: {order_id: o-2, customer_id: c-1, amount: 10.00}}
      - drain: true
      - expect: NAME.unmatched
        match: contains
        records:
          - {order_id: o-2, side: order, reason: no_payment}
)";

std::string_view test_of(std::string_view kind) {
  if (kind == "join") return kJoinTest;
  if (kind == "window") return kWindowTest;
  if (kind == "dedupe") return kDedupeTest;
  if (kind == "route") return kRouteTest;
  return kHelloTest;
}

std::string named(std::string_view text, const std::string& name) {
  std::string out(text);
  for (std::size_t at = 0; (at = out.find("NAME", at)) != std::string::npos; at += name.size()) {
    out.replace(at, 4, name);
  }
  return out;
}

}  // namespace

NewFiles new_files(std::string_view kind, const std::string& name) {
  std::string job(kHead);
  std::string generator(kGenerator);
  if (kind == "join") {
    job += std::string(kPayments) + std::string(kJoin);
    generator += kGeneratedPayments;
  } else if (kind == "window") {
    job += kWindow;
  } else if (kind == "dedupe") {
    job += kDedupe;
  } else if (kind == "route") {
    job += kRoute;
  } else {
    job += kHello;
  }
  return {.job = named(job, name),
          .test = named(std::string(kTestHead) + std::string(test_of(kind)), name),
          .generator = named(generator, name)};
}

}  // namespace weir::cli
