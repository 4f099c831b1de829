#!/usr/bin/python3
"""The test files of the shipped jobs once more, on a real broker: what `weir test` expects of a
job on the simulated log, `weir run --until-end` has to write.

    with_kafka.sh -- traces_test.py     WEIR_BINARY names the program

All cases run as jobs of one process, those that drain of another. Cases that crash the job, or
move its clock or its partitions, stay with `weir test`.
"""

import collections
import datetime
import json
import os
import pathlib
import re
import sys
import tempfile
import unittest
from decimal import Decimal

sys.dont_write_bytecode = True

try:
    import confluent_kafka  # noqa: F401
    import yaml
except ModuleNotFoundError as missing:
    print(f"skipped: this python has no {missing.name}")
    sys.exit(77)

from cluster import Cluster, Record
from runner import JOBS, Run

BROKERS = os.environ.get("WEIR_TEST_BROKERS")
UNFIT = {"crash", "rebalance", "advance"}


class Words(yaml.SafeLoader):
    """Scalars as they are written: the job's language, not YAML's, says what they are."""


class Quoted(str):
    """Text, whatever stands in it."""


def scalar(loader, node):
    text = loader.construct_scalar(node)
    return Quoted(text) if node.style else text


Words.yaml_implicit_resolvers = {}
Words.add_constructor("tag:yaml.org,2002:str", scalar)


def milliseconds(text):
    number, unit = re.fullmatch(r"(-?\d+)(ms|s|m|h|d)", str(text)).groups()
    return int(number) * {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}[unit]


def parsed(text):
    return json.loads(text, parse_float=Decimal)


class Case:
    def __init__(self, path, test, case, number):
        self.name = f"{path.stem}: {case['name']}"
        self.steps = case["steps"]
        self.partitions = int(case.get("partitions") or test.get("partitions") or 1)
        self.epoch = datetime.datetime.fromisoformat(test["epoch"].replace("Z", "+00:00"))
        self.mark = f"-{number}"
        self.env = test.get("env") or {}
        source = (path.parent / test["test"]).read_text()
        self.text = self._marked(source)
        self.job = yaml.load(self.text, Words)

    def runs_here(self):
        """Results of updates depend on when commits are, others do not."""
        return "on_update" not in self.text and not any(UNFIT & step.keys() for step in self.steps)

    def drains(self):
        return any("drain" in step for step in self.steps)

    def _marked(self, text):
        """Names of topics and of the job get the mark."""
        def value_of(name):
            inner = re.fullmatch(r"\$\{(\w+):-(.*)\}", name)
            return (self.env.get(inner[1], inner[2]) if inner else name) + self.mark

        return re.sub(r"(\b(?:topic|dlq|job): )([^\s,}#]*\}?)(?=[\s,}]|$)",
                      lambda found: found[1] + value_of(found[2]), text)

    def time(self, text):
        return int(self.epoch.timestamp() * 1000) + milliseconds(text)

    def value(self, node):
        """A node as JSON text: '@5s' is a time after the epoch."""
        if isinstance(node, dict):
            return "{" + ", ".join(f"{json.dumps(name)}: {self.value(one)}"
                                   for name, one in node.items()) + "}"
        if isinstance(node, list):
            return "[" + ", ".join(map(self.value, node)) + "]"
        if node.startswith("@"):
            at = self.time(node[1:])
            moment = datetime.datetime.fromtimestamp(at // 1000, datetime.timezone.utc)
            part = f".{at % 1000:03}" if at % 1000 else ""
            return json.dumps(moment.strftime("%Y-%m-%dT%H:%M:%S") + part + "Z")
        plain = re.fullmatch(r"-?\d+(\.\d+)?([eE][+-]?\d+)?|true|false|null", node)
        return node if plain and not isinstance(node, Quoted) else json.dumps(node)

    def topic_of_stream(self, stream):
        return self.job["streams"][stream]["topic"]

    def sent(self):
        """{topic: records}"""
        topics = collections.defaultdict(list)
        for stream in self.job["streams"]:
            topics[self.topic_of_stream(stream)] = []
        for step in self.steps:
            for record in step.get("records", ()) if "send" in step else ():
                value = record["raw"] if "raw" in record else self.value(record["value"])
                key = record.get("key")
                one = Record(value.encode(), self.time(record.get("at", "0s")),
                             int(record.get("partition", 0)), key.encode() if key else None)
                topics[self.topic_of_stream(step["send"])] += [one] * int(record.get("times", 1))
        return topics

    def expected(self):
        """(name, match, records), one for each name: what comes out at all."""
        every = {}
        for step in self.steps:
            if "expect" in step:
                match, records = every.get(step["expect"], (None, []))
                every[step["expect"]] = (step.get("match", "exact"), records + step["records"])
        return [(name, match, records) for name, (match, records) in every.items()]

    def topic_of(self, name):
        return self.job["errors"]["dlq"] if name == "dlq" else name + self.mark

    def outputs(self):
        return [self.topic_of(name) for name, _, _ in self.expected()]

    def discarded(self):
        counts = [step["discarded"] for step in self.steps if "discarded" in step]
        return {reason: int(count) for reason, count in counts[-1].items()} if counts else {}


def cases():
    found = []
    for path in sorted((JOBS / "tests").glob("*.test.yaml")):
        if "warehouse" in path.name:
            continue  # Its results go to PostgreSQL and files: tests/sinks/warehouse_test.py.
        test = yaml.load(path.read_text(), Words)
        for case in test["cases"]:
            found.append(Case(path, test, case, len(found)))
    return [case for case in found if case.runs_here()]


def same(actual, expected):
    """Whether a record is the one expected: its named fields, to any depth."""
    if isinstance(expected, dict):
        return isinstance(actual, dict) and all(
            name in actual and same(actual[name], value) for name, value in expected.items())
    return actual == expected


class Traces(unittest.TestCase):
    maxDiff = 4000

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="weir-traces-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.cluster = Cluster(BROKERS)

    def run_cases(self, these, *arguments):
        files = []
        for case in these:
            for topic, records in case.sent().items():
                self.cluster.create(topic, case.partitions)
                self.cluster.write(topic, records)
            files.append(self.folder / f"{case.job['job']}.yaml")
            files[-1].write_text(case.text)
        with Run(BROKERS, self.folder / "state", *files, "--until-end", "--replace-sink",
                 "mongodb=none", "--replace-sink", "console=none", *arguments) as run:
            self.assertEqual(run.wait(), 0, run.words())
            totals = run.totals()
        wanted = collections.Counter()
        there = self.cluster.topics()
        outcome = self.cluster.read_all([topic for case in these for topic in case.outputs()
                                         if topic in there])
        for case in these:
            with self.subTest(case.name):
                self.check(case, outcome)
            wanted.update({f"discarded.{why}": count for why, count in case.discarded().items()})
        for reason, count in wanted.items():
            self.assertGreaterEqual(totals.get(reason, 0), count, reason)

    def check(self, case, outcome):
        for name, match, records in case.expected():
            topic = case.topic_of(name)
            if topic not in outcome:
                continue  # A pipeline, or a sink that is replaced.
            actual = outcome[topic]
            self.assertEqual(len(actual), len(records), (topic, [one.value for one in actual]))
            if name == "dlq":
                reasons = collections.Counter(dict(one.headers)["weir.reason"].decode()
                                              for one in actual)
                self.assertEqual(reasons, collections.Counter(one["reason"] for one in records))
            else:
                self.compare(case, match, records, actual)

    def compare(self, case, match, records, actual):
        left = list(actual)
        for number, record in enumerate(records):
            envelope = {"raw", "value"} & record.keys()
            text = (record["raw"] if "raw" in record
                    else case.value(record["value"] if envelope else record))
            fields = parsed(text)
            fields.pop("processed_at", None)  # By the clock.
            key = record.get("key") if envelope else None
            at = case.time(record["at"]) if envelope and "at" in record else None
            fits = [one for one in (left[:1] if match == "exact" else left)
                    if same(parsed(one.value), fields)
                    and (key is None or one.key == key.encode())
                    and (at is None or one.timestamp == at)]
            self.assertTrue(fits, f"record {number + 1}, {text}, is not among "
                                  f"{[one.value for one in left]}")
            left.remove(fits[0])

    def test_cases_that_go_on(self):
        self.run_cases([case for case in cases() if not case.drains()])

    def test_cases_that_drain(self):
        self.run_cases([case for case in cases() if case.drains()], "--drain")


if __name__ == "__main__":
    if not BROKERS:
        sys.exit("WEIR_TEST_BROKERS is not set: run this by with_kafka.sh")
    unittest.main(verbosity=2)
