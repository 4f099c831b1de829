#!/usr/bin/python3
"""The order-payment job as it is shipped, with its MongoDB sink, on a real broker.

    with_kafka.sh -- with_mongo.sh order_payments_test.py [TEST...]

WEIR_BINARY and MONGO_DUMP name the programs. WEIR_KEYS (3000), WEIR_KILLS (4) and
WEIR_SERVER_KILLS (2) make the storm longer; WEIR_PAUSE_S (3) is how long the server hangs in it,
and WEIR_AWAY_S (8) how long it is away while memory is watched.
"""

import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "acceptance"))

try:
    import confluent_kafka  # noqa: F401
except ModuleNotFoundError:
    print("skipped: there is no confluent_kafka for this python (python3-confluent-kafka)")
    sys.exit(77)

import match_once
from cluster import Cluster
from runner import Run, copy_of, run_to_end

BROKERS = os.environ["WEIR_TEST_BROKERS"]
URI = os.environ["WEIR_TEST_MONGODB"]
SERVER = os.environ.get("WEIR_TEST_MONGODB_DIR")
SECRET = "S3cretMarker"


def setting(name, otherwise):
    return int(os.environ.get(name, otherwise))


def server(command):
    subprocess.run([HERE / "mongo.sh", command, SERVER], check=True)


def resident_kb(pid):
    words = pathlib.Path(f"/proc/{pid}/status").read_text().split()
    return int(words[words.index("VmRSS:") + 1])


def plain(value):
    """A value of extended JSON as the model has it: an amount is its digits."""
    if isinstance(value, dict) and "$numberDecimal" in value:
        return value["$numberDecimal"]
    return value


class OrderPayments(unittest.TestCase):
    maxDiff = 4000

    def prepare(self, keys):
        folder = tempfile.TemporaryDirectory(prefix="weir-sinks-")
        self.addCleanup(folder.cleanup)
        self.state = pathlib.Path(folder.name) / "state"
        self.cluster = Cluster(BROKERS)
        mark = self.id().rsplit(".", 1)[-1].replace("_", "-")
        self.work = match_once.Workload(1, keys, 3, 3)
        self.job = copy_of(folder.name, "order-payments", mark)
        self.job.write_text(self.job.read_text().replace("ecomm_mart", f"ecomm_{mark}"))
        self.database = f"ecomm_{mark}"
        self.name = f"order-payments-{mark}"
        self.topics = {"order": f"{self.name}-orders", "payment": f"{self.name}-payments"}
        self.environment = {"KAFKA_ORDER_TOPIC": self.topics["order"],
                            "KAFKA_PAYMENT_TOPIC": self.topics["payment"], "MONGODB_URI": URI}
        for side, topic in self.topics.items():
            self.cluster.create(topic, self.work.partitions[side])

    def write(self, begin=0.0, end=1.0):
        for side, topic in self.topics.items():
            records = self.work.records(side)
            self.cluster.write(topic, records[int(len(records) * begin):int(len(records) * end)])

    def finish(self, *arguments):
        return run_to_end(BROKERS, self.state, self.job, *arguments,
                          environment=self.environment, seconds=300)

    def documents(self):
        dump = subprocess.run([os.environ["MONGO_DUMP"], URI, self.database,
                               "orders_data_process_fact"], check=True, capture_output=True)
        return [json.loads(line) for line in dump.stdout.decode().splitlines()]

    def expect_model(self):
        found = {}
        for document in self.documents():
            number = document.pop("_id")
            self.assertEqual(number, document["order_id"])
            self.assertIn("$date", document.pop("processed_at"))
            self.assertNotIn(number, found)
            found[number] = {name: plain(value) for name, value in document.items()}
        expected = {}
        for pair, count in self.work.outcome.pairs.items():
            self.assertEqual(count, 1)
            expected[dict(pair)["order_id"]] = dict(pair)
        self.assertEqual(found.keys(), expected.keys())
        for number, document in expected.items():
            self.assertEqual(found[number], document)
            self.assertEqual(list(found[number]), list(document), "the order of the fields")

    def test_each_pair_becomes_its_document(self):
        self.prepare(1500)
        self.write()
        totals = self.finish()
        self.expect_model()
        self.assertEqual(totals["in"], self.work.count())
        again = self.finish("--from", "earliest", "--state-dir", str(self.state) + "-2", "--set",
                            f"job={self.name}-second")
        self.assertEqual(again["in"], self.work.count())
        self.expect_model()

    @unittest.skipUnless(SERVER, "not our server")
    def test_a_storm_of_kills_leaves_what_the_model_says(self):
        self.prepare(setting("WEIR_KEYS", 3000))
        kills, server_kills = setting("WEIR_KILLS", 4), setting("WEIR_SERVER_KILLS", 2)
        pick = random.Random(7)
        trouble = ["server"] * server_kills + ["pause"] + ["weir"] * kills
        pick.shuffle(trouble)
        run = Run(BROKERS, self.state, self.job, environment=self.environment)
        try:
            for number, what in enumerate(trouble):
                self.write(number / len(trouble), (number + 1) / len(trouble))
                time.sleep(pick.uniform(0.3, 2.5))
                if what == "weir":
                    run.kill()
                    run.log.close()
                    run = Run(BROKERS, self.state, self.job, environment=self.environment)
                elif what == "server":
                    server("kill")
                    time.sleep(pick.uniform(0.1, 1.5))
                    server("restart")
                else:
                    server("pause")
                    time.sleep(setting("WEIR_PAUSE_S", 3))
                    server("resume")
            self.assertIsNone(run.process.poll(), run.words())
            # Started a moment ago it may not listen to signals yet.
            self.assertIn(run.stop(60), (0, -signal.SIGTERM), run.words())
        finally:
            run.__exit__()
        self.finish()
        self.expect_model()

    def test_memory_is_bounded_while_the_server_is_away(self):
        self.prepare(setting("WEIR_KEYS", 20000))
        self.write(0, 0.01)
        away = {**self.environment,
                "MONGODB_URI": "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=200"}
        with Run(BROKERS, self.state, self.job, environment=away) as run:
            run.wait_for("waiting for it")
            time.sleep(2)
            before = resident_kb(run.process.pid)
            self.write(0.01, 1)
            most, end = before, time.monotonic() + setting("WEIR_AWAY_S", 8)
            while time.monotonic() < end:
                most = max(most, resident_kb(run.process.pid))
                time.sleep(0.2)
            self.assertIsNone(run.process.poll(), run.words())
            print(f"{before >> 10} MB before, {most >> 10} MB at most", file=sys.stderr)
            self.assertLess(most - before, 100 << 10)
            run.stop()
        self.finish()
        self.expect_model()

    def test_no_password_is_left_behind(self):
        self.prepare(50)
        self.write()
        hidden = f"mongodb://weir:{SECRET}@127.0.0.1:1/?serverSelectionTimeoutMS=200"
        with Run(BROKERS, self.state, self.job, environment={
                **self.environment, "MONGODB_URI": hidden}) as run:
            run.wait_for("waiting for it")
            time.sleep(3)
            command = pathlib.Path(f"/proc/{run.process.pid}/cmdline").read_bytes()
            self.assertNotIn(SECRET.encode(), command)
            self.assertIsNone(run.process.poll(), run.words())
            run.stop()
            self.assertIn("127.0.0.1:1", run.words())
            self.assertNotIn(SECRET, run.words())
        for record in self.cluster.read(f"{self.name}.dlq"):
            self.assertNotIn(SECRET, f"{record.headers}{record.value}")
        for path in self.state.rglob("*"):
            if path.is_file():
                self.assertNotIn(SECRET.encode(), path.read_bytes(), path)


if __name__ == "__main__":
    unittest.main(verbosity=2)
