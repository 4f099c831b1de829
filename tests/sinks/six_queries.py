"""The six queries of streaming-events, written down a second time.

What is late depends on the record's own partition alone, so the model needs nothing but each
partition's records in their order.
"""

import collections
import datetime
import json
from decimal import ROUND_HALF_EVEN, Decimal

MINUTE = 60_000
DELAY = 5 * MINUTE
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
TEXTS = ("event_id", "event_type", "user_id", "device", "location", "session_id")
LISTED = 100  # Of a list that a query collects.


def time_of(text):
    """Milliseconds of an ISO time, cut off below."""
    moment = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return (moment - EPOCH) // datetime.timedelta(milliseconds=1)


def money(value):
    return Decimal(str(value)).quantize(Decimal("0.01"), ROUND_HALF_EVEN)


def decoded(value):
    """The fields of a good record, with its time; None for a dead letter."""
    try:
        fields = json.loads(value)
    except ValueError:
        return None
    if not isinstance(fields, dict) or any(not isinstance(fields.get(t), str) for t in TEXTS):
        return None
    return {**fields, "at": time_of(fields["timestamp"])}


class Query:
    """One windowed query: which records, by what, in which windows."""

    def __init__(self, size, every, key, summary, only=lambda event: True):
        self.size, self.every, self.key, self.summary, self.only = size, every, key, summary, only
        self.content = collections.defaultdict(list)

    def add(self, event, reached):
        """Whether the record came too late for all of its windows."""
        if not self.only(event):
            return False
        at = event["at"]
        first = (at - self.size) // self.every * self.every + self.every
        starts = [start for start in range(first, at + 1, self.every)
                  if start + self.size + DELAY > reached]
        for start in starts:
            self.content[(*self.key(event), start)].append(event)
        return not starts

    def rows(self):
        return {key: self.summary(sorted(events, key=lambda event: event["at"]))
                for key, events in self.content.items()}


def types_of(events):
    return [event["event_type"] for event in events][:LISTED]


def distinct(events, name):
    return len({event[name] for event in events})


def activity(events):
    return {"event_count": len(events), "event_types": types_of(events),
            "first_event": events[0]["at"], "last_event": events[-1]["at"]}


def purchases(events):
    amounts = [money(event["total_amount"]) for event in events]
    average = (sum(amounts) / len(amounts)).quantize(Decimal("0.0001"), ROUND_HALF_EVEN)
    return {"total_orders": len(events), "total_revenue": sum(amounts),
            "avg_order_value": average, "max_order_value": max(amounts),
            "min_order_value": min(amounts), "unique_buyers": distinct(events, "user_id")}


def session(events):
    start, end = events[0]["at"], events[-1]["at"]
    return {"event_count": len(events), "event_types": types_of(events), "session_start": start,
            "session_end": end, "duration_seconds": (end - start) // 1000}


def queries():
    return {
        "event_counts": Query(
            MINUTE, MINUTE, lambda e: (e["event_type"],),
            lambda es: {"event_count": len(es), "unique_users": distinct(es, "user_id")}),
        "user_activity": Query(5 * MINUTE, MINUTE, lambda e: (e["user_id"],), activity),
        "purchase_metrics": Query(10 * MINUTE, 10 * MINUTE, lambda e: (), purchases,
                                  lambda e: e["event_type"] == "purchase"),
        "session_metrics": Query(5 * MINUTE, 5 * MINUTE, lambda e: (e["session_id"],), session),
        "device_stats": Query(
            10 * MINUTE, 10 * MINUTE, lambda e: (e["device"], e["location"]),
            lambda es: {"event_count": len(es), "unique_users": distinct(es, "user_id"),
                        "unique_sessions": distinct(es, "session_id")}),
    }


# What is estimated, and how far off it may be: three times the error that the job asks for.
ESTIMATED = {("event_counts", "unique_users"), ("device_stats", "unique_users"),
             ("device_stats", "unique_sessions")}
ESTIMATE_SHARE = 0.15


class SixQueries:
    """What must come of a topic's records."""

    def __init__(self, records):
        self.queries = queries()
        self.raw, self.dead = {}, 0
        self.late = collections.Counter()  # By query.
        reached = {}
        for record in records:
            event = decoded(record.value)
            if event is None:
                self.dead += 1
                continue
            self.raw[event["event_id"]] = event
            before = reached.get(record.partition, -1)
            for name, query in self.queries.items():
                self.late[name] += query.add(event, before)
            reached[record.partition] = max(before, event["at"])

    def rows(self, name):
        return self.queries[name].rows()


def difference(name, expected, found):
    """The first thing in which a query's rows are not what they must be; None when all is well."""
    if expected.keys() != found.keys():
        return f"{name}: missing {sorted(expected.keys() - found.keys())[:3]}, " \
               f"too many {sorted(found.keys() - expected.keys())[:3]}"
    for key, row in expected.items():
        for field, value in row.items():
            has = found[key][field]
            if (name, field) in ESTIMATED:
                good = abs(has - value) <= max(1, ESTIMATE_SHARE * value)
            else:
                good = has == value
            if not good:
                return f"{name} {key}: {field} is {has}, not {value}"
    return None
