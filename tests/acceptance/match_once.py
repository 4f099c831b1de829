"""The join `match: once`, written down a second time: a workload, and what must come of it.

The model follows one key at a time, because no rule speaks of two. It needs no clock: a workload
stays within the time that is remembered, and its disorder within the join's patience.
"""

import collections
import json
import random
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal

from cluster import Record

WITHIN_MS = 15 * 60_000
JITTER_MS = 20_000  # Less than the job's delay of 30 s.
START = 1_700_000_000_000

ORDER_FIELDS = ("order_id", "order_date", "created_at", "customer_id", "amount")
PAYMENT_FIELDS = ("payment_id", "order_id", "payment_date", "created_at", "amount")


def money(value):
    """What the output shows of an amount: two places, half to even."""
    return None if value is None else Decimal(str(value)).quantize(Decimal("0.01"), ROUND_HALF_EVEN)


def shown(record, fields):
    return {name: money(record.get(name)) if name == "amount" else record.get(name)
            for name in fields}


@dataclass
class Outcome:
    pairs: collections.Counter = field(default_factory=collections.Counter)
    unmatched: collections.Counter = field(default_factory=collections.Counter)
    duplicates: int = 0
    dead: collections.Counter = field(default_factory=collections.Counter)

    def add_pair(self, order, payment):
        self.pairs[frozen({
            "order_id": order["order_id"], "order_date": order.get("order_date"),
            "created_at": order.get("created_at"), "customer_id": order.get("customer_id"),
            "order_amount": money(order.get("amount")), "payment_id": payment["payment_id"],
            "payment_date": payment.get("payment_date"),
            "payment_amount": money(payment.get("amount"))})] += 1

    def add_unmatched(self, side, reason, record):
        fields = ORDER_FIELDS if side == "order" else PAYMENT_FIELDS
        self.unmatched[frozen({"order_id": record["order_id"], "side": side, "reason": reason,
                               "record": shown(record, fields)})] += 1


def frozen(value):
    """A result as something that can be counted; fields keep their order."""
    if isinstance(value, dict):
        return tuple((name, frozen(member)) for name, member in value.items())
    return str(value) if isinstance(value, Decimal) else value  # 5.00 is not 5.


class Key:
    """What the rules of the join say of one key."""

    def __init__(self, outcome):
        self.outcome = outcome
        self.order = None      # (record, time) that waits
        self.seen = False
        self.matched = False
        self.payments = []     # (record, time) that wait, in the order they came
        self.payment_ids = set()

    def add_order(self, record, at):
        if self.seen:
            self.outcome.duplicates += 1
            return
        self.seen = True
        for payment, paid_at in self.payments:
            if abs(at - paid_at) <= WITHIN_MS:
                self.pair(record, payment)
                return
        self.order = (record, at)

    def add_payment(self, record, at):
        if record["payment_id"] in self.payment_ids:
            self.outcome.duplicates += 1
            return
        self.payment_ids.add(record["payment_id"])
        if self.order is not None and abs(at - self.order[1]) <= WITHIN_MS:
            self.pair(self.order[0], record)
        elif self.matched:
            self.outcome.add_unmatched("payment", "second_payment", record)
        else:
            self.payments.append((record, at))

    def pair(self, order, payment):
        self.outcome.add_pair(order, payment)
        self.order, self.matched = None, True
        for waiting, _ in self.payments:
            if waiting is not payment:
                self.outcome.add_unmatched("payment", "second_payment", waiting)
        self.payments = []

    def end(self):
        if self.order is not None:
            self.outcome.add_unmatched("order", "no_payment", self.order[0])
        for payment, _ in self.payments:
            self.outcome.add_unmatched("payment", "no_order", payment)


BAD_VALUES = (b"", b"{", b"[]", b'"text"', b"null", b'{"order_id":5}', b'{"amount":"5.00"}',
              b'\xef\xbb\xbf{"order_id":"x"}', b'{"order_id":"\xff"}', b'{"order_id":"\\ud800"}',
              b'{"order_id":"x",}', b'{"other":[1,2,}', b'{"amount":92233720368547758079}', None)
WITHOUT_ID = ("null", "missing", "empty")


class Workload:
    """Orders and payments of a seed, and their outcome."""

    def __init__(self, seed, keys, order_partitions, payment_partitions, keyed=False):
        """`keyed`: producers key by order id, so a key has one partition in both topics."""
        self.random = random.Random(seed)
        self.keyed = keyed
        self.partitions = {"order": order_partitions, "payment": payment_partitions}
        self.sent = {"order": [], "payment": []}
        self.outcome = Outcome()
        for number in range(keys):
            self._add_key(f"o{seed}-{number}")
        self._add_bad(keys // 20 + len(BAD_VALUES))

    def records(self, side):
        """All records of a topic: in time order, but for the jitter."""
        return [record for _, _, record in sorted(self.sent[side], key=lambda s: s[:2])]

    def count(self):
        return sum(len(sent) for sent in self.sent.values())

    def _add_key(self, order_id):
        """One order with payments as they happen: early, late, twice, never."""
        pick, ordered_at = self.random, START + self.random.randrange(20 * 60_000)
        events = []
        if pick.random() < 0.93:
            order = self._order(order_id)
            events.append((ordered_at, "order", order))
            for _ in range(pick.choice((0, 0, 0, 1, 2))):  # Sent again, whatever it says now.
                again = order if pick.random() < 0.5 else self._order(order_id)
                events.append((ordered_at + pick.randrange(1, 15 * 60_000), "order", again))
        for paid_at in self._payment_times(ordered_at):
            payment = self._payment(order_id, f"p{len(self.sent['payment'])}-{pick.random():.9f}")
            events.append((paid_at, "payment", payment))
            if pick.random() < 0.15:
                events.append((paid_at + pick.randrange(1, 60_000), "payment", payment))
        self._send_key(events)

    def _payment_times(self, ordered_at):
        pick = self.random
        kind = pick.random()
        if kind < 0.10:
            return []
        if kind < 0.15:
            return [ordered_at + pick.choice((WITHIN_MS, -WITHIN_MS))]
        if kind < 0.20:
            return [ordered_at + pick.choice((WITHIN_MS + 1, -WITHIN_MS - 1))]
        count = pick.choice((1, 1, 1, 1, 2, 3))
        return [ordered_at + pick.randrange(-5 * 60_000, 10 * 60_000) for _ in range(count)]

    def _send_key(self, events):
        """A key stays in one partition of each topic, and in order there: 'first' is defined."""
        place = {side: self._uneven(count) for side, count in self.partitions.items()}
        if self.keyed:
            place["payment"] = place["order"]
        shift = self.random.randrange(JITTER_MS)  # Out of order, but not within the key.
        key = Key(self.outcome)
        events.sort(key=lambda event: event[0])
        for number, (at, side, record) in enumerate(events):
            (key.add_order if side == "order" else key.add_payment)(record, at)
            self._send(side, at + shift, number, at, place[side], self._text(record),
                       record["order_id"].encode() if self.keyed else None)
        key.end()

    def _uneven(self, count):
        return min(int(self.random.expovariate(1.0)), count - 1)

    def _send(self, side, written_at, number, at, partition, value, key=None):
        if key is None and self.random.random() >= 0.5:
            key = b"whatever"
        self.sent[side].append((written_at, len(self.sent[side]) * 16 + number,
                                Record(value, at, partition, key)))

    def _add_bad(self, count):
        for number in range(count):
            side = self.random.choice(("order", "payment"))
            at = START + self.random.randrange(20 * 60_000)
            if number < len(BAD_VALUES) or self.random.random() < 0.5:
                value, reason = BAD_VALUES[number % len(BAD_VALUES)], "decode"
            else:
                value, reason = self._without_id(side), "require"
            self.outcome.dead[(reason, value)] += 1
            self._send(side, at, 0, at, self._uneven(self.partitions[side]), value)

    def _without_id(self, side):
        record = self._order("o") if side == "order" else self._payment("o", "p")
        name = "order_id" if side == "order" else self.random.choice(("order_id", "payment_id"))
        kind = self.random.choice(WITHOUT_ID)
        if kind == "missing":
            del record[name]
        else:
            record[name] = None if kind == "null" else ""
        return self._text(record)

    def _order(self, order_id):
        return self._some({"order_id": order_id, "order_date": "2025-11-24",
                           "created_at": f"2025-11-24T10:{self.random.randrange(60):02}:00Z",
                           "customer_id": f"c{self.random.randrange(50)} \u00e9\"\\",
                           "amount": self._amount(), "items": [1, {"a": None}]}, "order_id")

    def _payment(self, order_id, payment_id):
        return self._some({"payment_id": payment_id, "order_id": order_id,
                           "payment_date": "2025-11-25", "created_at": None,
                           "amount": self._amount()}, "order_id", "payment_id")

    def _some(self, record, *always):
        return {name: value for name, value in record.items()
                if name in always or self.random.random() < 0.9}

    def _amount(self):
        return self.random.choice((0, 5, 19.99, 59.970000000000006, 0.125, 0.135, -3.5, None,
                                   round(self.random.uniform(1, 9999), 2)))

    @staticmethod
    def _text(record):
        return json.dumps(record, ensure_ascii=False).encode()


def outcome_of(pairs, unmatched, dead):
    """The outcome that a run left in its three topics."""
    found = Outcome()
    for record in pairs:
        value = json.loads(record.value, parse_float=Decimal)
        if not value.pop("processed_at", None):
            raise AssertionError(f"a pair without processed_at: {record.value}")
        expect_key(record, value["order_id"])
        found.pairs[frozen(value)] += 1
    for record in unmatched:
        value = json.loads(record.value, parse_float=Decimal)
        expect_key(record, value["order_id"])
        found.unmatched[frozen(value)] += 1
    for record in dead:
        found.dead[(dict(record.headers)["weir.reason"].decode(), record.value)] += 1
    return found


def expect_key(record, key):
    if record.key != key.encode():
        raise AssertionError(f"key {record.key}, expected {key}: {record.value}")
