#!/usr/bin/python3
"""The shipped jobs, from outside: random input on a real broker, `weir run`, and models of it.

    with_kafka.sh -- jobs_test.py [TEST...]     WEIR_BINARY names the program

WEIR_SEED (1) makes other workloads.
"""

import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True

try:
    import confluent_kafka  # noqa: F401
except ModuleNotFoundError:
    print("skipped: there is no confluent_kafka for this python (python3-confluent-kafka)")
    sys.exit(77)

import match_once
import windows
from cluster import Cluster
from runner import Run, copy_of, run_to_end

SEED = int(os.environ.get("WEIR_SEED", "1"))
BROKERS = os.environ.get("WEIR_TEST_BROKERS")


class JobTest(unittest.TestCase):
    maxDiff = 4000

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="weir-acceptance-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.cluster = Cluster(BROKERS)
        self.mark = self.id().rsplit(".", 1)[-1].replace("_", "-")

    @property
    def state(self):
        return self.folder / "state"

    def expect_totals(self, totals, given, dead, duplicates=0):
        self.assertEqual(totals["in"], given)
        for reason in {reason for reason, _ in dead}:
            count = sum(n for (why, _), n in dead.items() if why == reason)
            self.assertEqual(totals.get(f"discarded.{reason}", 0), count)
            self.assertEqual(totals.get(f"dlq.{reason}", 0), count)
        self.assertEqual(totals.get("discarded.duplicate", 0), duplicates)


class OrderPayments(JobTest):
    def prepare(self, keys, partitions=(3, 3), keyed=False):
        self.work = match_once.Workload(SEED, keys, *partitions, keyed)
        self.job = copy_of(self.folder, "order-payments", self.mark)
        self.name = self.job.stem
        self.topics = {"order": f"{self.name}-orders", "payment": f"{self.name}-payments"}
        self.environment = {"KAFKA_ORDER_TOPIC": self.topics["order"],
                            "KAFKA_PAYMENT_TOPIC": self.topics["payment"]}
        self.arguments = ("--replace-sink", "mongodb=none")
        for side, topic in self.topics.items():
            self.cluster.create(topic, self.work.partitions[side])

    def write(self, begin=0.0, end=1.0):
        """Writes a stretch of both topics: of each its share between `begin` and `end`."""
        for side, topic in self.topics.items():
            records = self.work.records(side)
            self.cluster.write(topic, records[int(len(records) * begin):int(len(records) * end)])

    def finish(self, *arguments):
        return run_to_end(BROKERS, self.state, self.job, *self.arguments, *arguments,
                          environment=self.environment)

    def expect_outcome(self):
        found = match_once.outcome_of(self.cluster.read(self.name),
                                      self.cluster.read(f"{self.name}.unmatched"),
                                      self.cluster.read(f"{self.name}.dlq"))
        expected = self.work.outcome
        for part in ("pairs", "unmatched", "dead"):
            self.assertEqual(getattr(found, part), getattr(expected, part), part)
        self.assertEqual(self.work.count(), 2 * found.pairs.total() + found.unmatched.total() +
                         expected.duplicates + found.dead.total())

    def test_every_record_comes_out_as_exactly_one_thing(self):
        self.prepare(2000)
        self.write()
        totals = self.finish("--drain")
        self.expect_outcome()
        self.expect_totals(totals, self.work.count(), self.work.outcome.dead,
                           self.work.outcome.duplicates)
        self.assertEqual(totals["out"], self.work.outcome.pairs.total() +
                         self.work.outcome.unmatched.total())

    def test_keyed_producers_need_no_topics_between(self):
        self.prepare(1000, keyed=True)
        self.write()
        totals = self.finish("--drain", "--set", "streams.orders.keyed_by=order_id", "--set",
                             "streams.payments.keyed_by=order_id")
        self.expect_outcome()
        self.expect_totals(totals, self.work.count(), self.work.outcome.dead,
                           self.work.outcome.duplicates)
        self.assertFalse([topic for topic in self.cluster.topics()
                          if topic.startswith(self.name) and topic.endswith("-repartition")])

    def test_unequal_topics_meet_by_the_repartition(self):
        self.prepare(600, partitions=(2, 5))
        self.write()
        self.finish("--drain")
        self.expect_outcome()

    def test_slices_give_what_one_run_gives(self):
        self.prepare(600)
        for part in range(4):
            self.write(part / 4, (part + 1) / 4)
            self.finish(*(["--drain"] if part == 3 else []))
        self.expect_outcome()

    def test_a_lost_disk_changes_nothing(self):
        self.prepare(600)
        self.write(0, 0.5)
        self.finish()
        shutil.rmtree(self.state)
        self.write(0.5)
        self.finish("--drain")
        self.expect_outcome()

    def test_kills_lose_and_double_nothing(self):
        self.prepare(4000)
        pick, kills = random.Random(SEED), 20
        self.write(0, 0.02)
        for number in range(kills):
            with Run(BROKERS, self.state, self.job, *self.arguments,
                     environment=self.environment) as run:
                begin = 0.02 + 0.9 * number / kills
                run.wait_for("running")
                self.write(begin, 0.02 + 0.9 * (number + 1) / kills)
                try:
                    run.wait(pick.uniform(0, 0.4))
                    self.fail(f"it ended by itself:\n{run.words()}")
                except subprocess.TimeoutExpired:
                    run.kill()
        self.write(0.92)
        self.finish("--drain")
        self.expect_outcome()


class Windows(JobTest):
    def prepare(self, job, count, partitions=4):
        self.work = windows.Workload(job, SEED, count, partitions)
        self.job = copy_of(self.folder, job, self.mark)
        self.input = f"{self.job.stem}-input"
        self.results = self.job.stem if job == "sliding-counts" else f"{self.job.stem}-results"
        variable = "KAFKA_TOPIC" if job == "sliding-counts" else "KAFKA_ORDERS_TOPIC"
        self.environment = {variable: self.input, "KAFKA_RESULTS_TOPIC": self.results}
        self.arguments = ("--replace-sink", "console=none") if job == "sliding-counts" else ()
        self.cluster.create(self.input, partitions)

    def finish(self, *arguments):
        return run_to_end(BROKERS, self.state, self.job, *self.arguments, *arguments,
                          environment=self.environment)

    def expect_outcome(self):
        expected = {(windows.time_text(start), windows.time_text(end)): fields
                    for (start, end), fields in self.work.expected().items()}
        found = windows.results_of(self.cluster.read(self.results))
        self.assertEqual({window: as_text(fields) for window, fields in found.items()},
                         {window: as_text(fields) for window, fields in expected.items()})
        dead = match_once.outcome_of([], [], self.cluster.read(f"{self.job.stem}.dlq")).dead
        self.assertEqual(dead, self.work.expected_dead())

    def check(self, job):
        self.prepare(job, 8000)
        self.cluster.write(self.input, self.work.records)
        totals = self.finish("--drain")
        self.expect_outcome()
        self.expect_totals(totals, len(self.work.records), self.work.expected_dead())

    def test_sliding_counts(self):
        self.check("sliding-counts")

    def test_order_analytics(self):
        self.check("order-analytics")

    def test_slices_give_what_one_run_gives(self):
        self.prepare("order-analytics", 4000)
        count = len(self.work.records)
        for part in range(4):
            self.cluster.write(self.input, self.work.records[count * part // 4:
                                                             count * (part + 1) // 4])
            self.finish(*(["--drain"] if part == 3 else []))
        self.expect_outcome()


def as_text(fields):
    return {name: str(value) for name, value in fields.items()}


if __name__ == "__main__":
    if not BROKERS:
        sys.exit("WEIR_TEST_BROKERS is not set: run this by with_kafka.sh")
    unittest.main(verbosity=2)
