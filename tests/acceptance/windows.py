"""Windows over record time, written down a second time: sliding-counts and order-analytics.

What is late depends on the record's own partition alone, so the model needs nothing but each
partition's records in their order.
"""

import collections
import datetime
import json
import random
from decimal import ROUND_HALF_EVEN, Decimal

from cluster import Record

DELAY_MS = 30_000
START = 1_700_000_000_000


def time_text(at):
    moment = datetime.datetime.fromtimestamp(at // 1000, datetime.timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + (f".{at % 1000:03}Z" if at % 1000 else "Z")


def windows_of(at, size, every):
    first = (at - size) // every * every + every
    return [(start, start + size) for start in range(first, at + 1, every)]


def places(value, count):
    return value.quantize(Decimal(1).scaleb(-count), ROUND_HALF_EVEN)


class Windows:
    """Records by window, and the late ones, from partitions in their order."""

    def __init__(self, size, every):
        self.size, self.every = size, every
        self.reached = {}
        self.content = collections.defaultdict(list)
        self.late = collections.Counter()

    def add(self, record, fields):
        reached = self.reached.get(record.partition, -1)
        open_windows = [window for window in windows_of(record.timestamp, self.size, self.every)
                        if window[1] + DELAY_MS > reached]
        self.reached[record.partition] = max(reached, record.timestamp)
        for window in open_windows:
            self.content[window].append(fields)
        if not open_windows:
            self.late[record.value] += 1


def sum_of(rows, name):
    return sum((places(Decimal(str(row[name])), 2) for row in rows if row.get(name) is not None),
               Decimal("0.00"))


def sliding_counts(rows):
    amounts = [row for row in rows if row.get("final_amount") is not None]
    batches = [row["batch_number"] for row in rows if row.get("batch_number") is not None]
    total = sum_of(rows, "final_amount")
    return {"record_count": len(rows), "total_transaction_value": total,
            "avg_transaction_value": places(total / len(amounts), 4) if amounts else None,
            "unique_customers": len({row["customer_id"] for row in rows
                                     if row.get("customer_id") is not None}),
            "min_batch_number": min(batches, default=None),
            "max_batch_number": max(batches, default=None)}


def order_analytics(rows):
    revenue = sum_of(rows, "total_amount")
    return {"unique_users": len({row["user_id"] for row in rows if row.get("user_id") is not None}),
            "total_orders": len(rows), "total_revenue": revenue,
            "avg_order_value": places(revenue / len(rows), 4)}


class Workload:
    """Random records over partitions that move at different speeds, and what must come of them."""

    def __init__(self, job, seed, count, partitions):
        self.random = random.Random(seed)
        self.job = job
        self.make, self.summary, size, every = {
            "sliding-counts": (self._transaction, sliding_counts, 10_000, 5_000),
            "order-analytics": (self._order, order_analytics, 60_000, 60_000)}[job]
        self.windows = Windows(size, every)
        self.dead = collections.Counter()
        self.records = []
        self._fill(count, partitions)

    def _fill(self, count, partitions):
        # Each partition covers its own stretch of time, at its own pace.
        clocks = [START + self.random.randrange(120_000) for _ in range(partitions)]
        paces = [self.random.choice((20, 100, 500)) for _ in range(partitions)]
        for _ in range(count):
            partition = min(int(self.random.expovariate(1.0)), partitions - 1)
            clocks[partition] += self.random.randrange(2 * paces[partition])
            self._add(partition, clocks[partition] - self._disorder())

    def _disorder(self):
        kind = self.random.random()
        if kind < 0.8:
            return 0
        return self.random.randrange(30_000 if kind < 0.97 else 120_000)

    def _add(self, partition, at):
        if self.random.random() < 0.02:
            value = self.random.choice((b"{", b"5", b'{"x":"\xff"}', None))
            self.dead[("decode", value)] += 1
            self.records.append(Record(value, at, partition))
            return
        fields = self.make()
        record = Record(json.dumps(fields).encode(), at, partition, b"k")
        self.records.append(record)
        if self.job == "order-analytics" and not fields.get("order_id") and not fields.get("id"):
            self.dead[("require", record.value)] += 1
            return
        self.windows.add(record, fields)

    def expected(self):
        return {window: self.summary(rows) for window, rows in self.windows.content.items()}

    def expected_dead(self):
        late = {("late", value): count for value, count in self.windows.late.items()}
        return self.dead + collections.Counter(late)

    def _transaction(self):
        pick = self.random
        return self._some({
            "customer_id": f"CUST_{pick.randrange(400)}", "transaction_id": f"T{pick.random()}",
            "final_amount": pick.choice((1.1, 0.005, 99.995, 5, None, pick.uniform(1, 5000))),
            "batch_number": pick.choice((None, pick.randrange(100))), "age": 44,
            "is_premium_customer": True, "producer_timestamp": 1.5})

    def _order(self):
        pick = self.random
        names = pick.choice((("id",), ("order_id",), ("id", "order_id"), ()))
        return {**{name: pick.choice(("", f"o{pick.random()}", f"o{pick.random()}"))
                   for name in names},
                **self._some({"user_id": f"u{pick.randrange(300)}", "status": "pending",
                              "total_amount": pick.choice((None, 10, pick.uniform(1, 500))),
                              "items": [{"product_id": "p", "quantity": 2, "price": 1.5}]})}

    def _some(self, record):
        return {name: value for name, value in record.items() if self.random.random() < 0.9}


def results_of(records):
    """{window: fields} from a job's results; twice the same window is an error."""
    found = {}
    for record in records:
        value = json.loads(record.value, parse_float=Decimal)
        start, end = value.pop("window_start"), value.pop("window_end")
        if record.key != start.encode():
            raise AssertionError(f"key {record.key} of the window {start}")
        if (start, end) in found:
            raise AssertionError(f"the window {start} came out twice")
        for name in ("processed_at", "metric_type", "window_type"):
            value.pop(name, None)
        found[start, end] = value
    return found
