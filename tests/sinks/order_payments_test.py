"""The order-payment job as it is shipped, with its MongoDB sink, on a real broker.

WEIR_KEYS (2000), WEIR_KILLS (4) and WEIR_SERVER_KILLS (2) make the storm longer; WEIR_PAUSE_S (3)
is how long the server hangs in it.
"""

import collections
import contextlib
import json
import random
import signal
import socket
import threading
import time
import unittest

from sinks_world import (BROKERS, MONGODB, MONGODB_DIR, Record, Run, SinkTest, documents,
                         mongodb, run_to_end, setting)

import match_once
from runner import copy_of

COLLECTION = "orders_data_process_fact"


def plain(value):
    """A value of extended JSON as the model has it: an amount is its digits."""
    if isinstance(value, dict) and "$numberDecimal" in value:
        return value["$numberDecimal"]
    return value


class OrderPayments(SinkTest):
    def prepare(self, partitions):
        self.job = copy_of(self.folder, "order-payments", self.name)
        self.database = f"ecomm_{self.name}"[:60]
        self.job.write_text(self.job.read_text().replace("ecomm_mart", self.database))
        self.name = f"order-payments-{self.name}"
        self.topics = {"order": f"{self.name}-orders", "payment": f"{self.name}-payments"}
        self.environment = {"KAFKA_ORDER_TOPIC": self.topics["order"],
                            "KAFKA_PAYMENT_TOPIC": self.topics["payment"], "MONGODB_URI": MONGODB}
        for side, topic in self.topics.items():
            self.cluster.create(topic, partitions[side])

    def prepare_work(self, keys):
        self.work = match_once.Workload(1, keys, 3, 3)
        self.prepare(self.work.partitions)

    def write(self, begin=0.0, end=1.0):
        for side, topic in self.topics.items():
            records = self.work.records(side)
            self.cluster.write(topic, records[int(len(records) * begin):int(len(records) * end)])

    def finish(self, *arguments):
        return run_to_end(BROKERS, self.state, self.job, *arguments,
                          environment=self.environment, seconds=300)

    def expect_model(self):
        found = {}
        for document in documents(self.database, COLLECTION):
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
        self.prepare_work(setting("WEIR_KEYS", 2000) // 2)
        self.write()
        totals = self.finish()
        self.expect_model()
        self.assertEqual(totals["in"], self.work.count())
        again = self.finish("--from", "earliest", "--state-dir", str(self.state) + "-2", "--set",
                            f"job={self.name}-second")
        self.assertEqual(again["in"], self.work.count())
        self.expect_model()

    @unittest.skipUnless(MONGODB_DIR, "not our server")
    def test_a_storm_of_kills_leaves_what_the_model_says(self):
        self.prepare_work(setting("WEIR_KEYS", 2000))
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
                    mongodb("kill")
                    time.sleep(pick.uniform(0.1, 1.5))
                    mongodb("restart")
                else:
                    mongodb("pause")
                    time.sleep(setting("WEIR_PAUSE_S", 3))
                    mongodb("resume")
            self.assertIsNone(run.process.poll(), run.words())
            # Started a moment ago it may not listen to signals yet.
            self.assertIn(run.stop(60), (0, -signal.SIGTERM), run.words())
        finally:
            run.__exit__()
        self.finish()
        self.expect_model()

    # ---- The golden traces -----------------------------------------------------------------------

    def order(self, number, second, partition=0, **more):
        return ("order", second, partition, {
            "order_id": f"t{number}", "order_date": f"2025-11-24T10:{number:02}:00",
            "created_at": f"2025-11-24T10:{number:02}:01.5", "customer_id": f"customer_{number}",
            "amount": 100 + number, **more})

    def payment(self, number, which, second, partition=0, **more):
        return ("payment", second, partition, {
            "payment_id": f"p{number}.{which}", "order_id": f"t{number}",
            "payment_date": f"2025-11-24T10:{number:02}:30",
            "created_at": f"2025-11-24T10:{number:02}:31", "amount": 50.125, **more})

    @staticmethod
    def document(number, which, **more):
        return {"_id": f"t{number}", "order_id": f"t{number}",
                "order_date": f"2025-11-24T10:{number:02}:00",
                "created_at": f"2025-11-24T10:{number:02}:01.5",
                "customer_id": f"customer_{number}",
                "order_amount": {"$numberDecimal": f"{100 + number}.00"},
                "payment_id": f"p{number}.{which}",
                "payment_date": f"2025-11-24T10:{number:02}:30",
                "payment_amount": {"$numberDecimal": "50.12"}, **more}

    def traces(self):
        """(what comes in, the documents). Each speaks of an order of its own, or of none."""
        order, payment, document = self.order, self.payment, self.document
        late = 20 * 60  # Longer than an order waits.
        return [
            ([order(1, 0), payment(1, 1, 1)], [document(1, 1)]),
            ([order(2, 0), order(2, 0), payment(2, 1, 1)], [document(2, 1)]),
            ([payment(3, 1, 0), order(3, 1)], [document(3, 1)]),
            ([order(4, 0), payment(4, 1, 1), order(4, 2), payment(4, 1, 3)], [document(4, 1)]),
            ([order(5, 0), payment(5, 1, 1), payment(5, 2, 2)], [document(5, 1)]),
            ([order(6, 0), payment(6, 1, late)], []),
            ([order(7, 0), order(7, 1)], []),
            ([("order", 1, 0, b'{"order_id": "t8", "amount"'), ("payment", 1, 0, b"null")], []),
            ([order(10, 0, 0), payment(10, 1, 1, 2)], [document(10, 1)]),
            ([("order", 2, 0, {"order_id": None})], []),
            # And what else may be missing from a document, or precise in it.
            ([order(12, 0, amount=None, customer_id=None), payment(12, 1, 1, amount=0.005)],
             [document(12, 1, customer_id=None, order_amount=None,
                       payment_amount={"$numberDecimal": "0.00"})])]

    def send(self, records):
        for side, topic in self.topics.items():
            mine = sorted((r for r in records if r[0] == side), key=lambda record: record[1])
            self.cluster.write(topic, [
                Record(value if isinstance(value, bytes) else json.dumps(value).encode(),
                       match_once.START + second * 1000, partition)
                for _, second, partition, value in mine])

    def expect_documents(self, expected):
        found = {}
        for document in documents(self.database, COLLECTION):
            self.assertEqual(list(document.pop("processed_at")), ["$date"])
            found[document["_id"]] = document
        expected = {document["_id"]: document for document in expected}
        self.assertEqual(found, expected)
        for number, document in expected.items():
            self.assertEqual(list(found[number]), list(document), "the order of the fields")

    def test_the_golden_traces(self):
        self.prepare({"order": 3, "payment": 3})
        traces = self.traces()
        self.send([record for records, _ in traces for record in records])
        expected = [document for _, made in traces for document in made]
        totals = self.finish("--drain")
        self.expect_documents(expected)
        self.assertEqual(totals["discarded.duplicate"], 4)  # Of 2, two of 4, of 7.
        dead = collections.Counter(dict(record.headers)["weir.reason"]
                                   for record in self.cluster.read(f"{self.name}.dlq"))
        self.assertEqual(dead, {b"decode": 2, b"require": 1})
        alone = collections.Counter(
            (one["order_id"], one["side"], one["reason"]) for one in
            (json.loads(record.value) for record in self.cluster.read(f"{self.name}.unmatched")))
        self.assertEqual(alone, {("t5", "payment", "second_payment"): 1,
                                 ("t6", "order", "no_payment"): 1,
                                 ("t6", "payment", "no_order"): 1,
                                 ("t7", "order", "no_payment"): 1})

    def test_killed_between_the_write_and_the_commit(self):
        self.prepare({"order": 1, "payment": 1})
        self.send([self.order(9, 0), self.payment(9, 1, 1)])
        with Accomplice(MONGODB) as server:
            with Run(BROKERS, self.state, self.job,
                     environment={**self.environment, "MONGODB_URI": server.uri}) as run:
                server.victim = run.process
                self.assertEqual(run.wait(60), -signal.SIGKILL, run.words())
        self.expect_documents([self.document(9, 1)])
        self.finish()
        self.expect_documents([self.document(9, 1)])


class Accomplice:
    """Stands before the server, and kills who writes once the server has written."""

    def __init__(self, uri):
        host, port = uri.split("://")[1].split("/")[0].split("@")[-1].split(":")
        self.server = (host, int(port))
        self.victim = None
        self.door = socket.create_server(("127.0.0.1", 0))
        self.uri = f"mongodb://127.0.0.1:{self.door.getsockname()[1]}/"

    def __enter__(self):
        threading.Thread(target=self._open, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.door.close()

    def _open(self):
        while True:
            try:
                client, _ = self.door.accept()
            except OSError:
                return
            server = socket.create_connection(self.server)
            written = threading.Event()
            threading.Thread(target=self._requests, args=(client, server, written),
                             daemon=True).start()
            threading.Thread(target=self._answers, args=(server, client, written),
                             daemon=True).start()

    @staticmethod
    def _requests(client, server, written):
        with client, server:
            while data := client.recv(1 << 16):
                if b"payment_date" in data:
                    written.set()
                server.sendall(data)

    def _answers(self, server, client, written):
        with contextlib.suppress(OSError):
            while data := server.recv(1 << 16):
                if written.is_set():
                    self.victim.send_signal(signal.SIGKILL)
                    return
                client.sendall(data)


if __name__ == "__main__":
    unittest.main(verbosity=2)
