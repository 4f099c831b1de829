"""One job with a sink of each kind, killed while it runs, beside servers that are killed too. Each
id has several results, one after the other, in batches of their own: a batch that was written twice
or late would leave an older one.

WEIR_RESULTS (4000), WEIR_KILLS (3) and WEIR_SERVER_KILLS (1, of each server) make the storm longer,
WEIR_PAUSE_S (3) is how long the servers hang in it. WEIR_SEED (5) orders what happens.
"""

import json
import random
import signal
import sys
import time
import unittest

from sinks_world import (BROKERS, MONGODB_DIR, POSTGRES_DIR, START, Record, Run, SinkTest,
                         collection, documents, lines_of_files, mongodb, postgres, query,
                         run_to_end, setting)

JOB = """
weir: 1
job: <NAME>
errors: {dlq: <NAME>.dlq}
streams:
  sales:
    topic: <NAME>.sales
    fields: {id: string, label: string, amount: decimal(2), n: int, at: time or null}
pipelines:
  kept:
    from: sales
    to:
      - mongodb: {uri: "<MONGODB>", database: storms, collection: <NAME>, id: id, batch: <BATCH>}
      - postgres: {uri: "<POSTGRES>", table: "<NAME>", id: id, create: true, batch: <BATCH>}
      - file: {path: <FOLDER>, compress: gzip, folders: hour, roll: {records: 500}}
"""
BATCH = "{records: 90, every: 30ms, in_flight: 3}"
VERSIONS = 4  # Of each id. The last one of some is refused: then the one before it stays.
BLOCK = 100  # Ids that change by turns: more than one partition has in a batch.


class Storm(SinkTest):
    @staticmethod
    def id_of(number):
        return number // (BLOCK * VERSIONS) * BLOCK + number % BLOCK

    @staticmethod
    def no_row(number):
        """PostgreSQL has no NUL in a text."""
        return number % (BLOCK * VERSIONS) == BLOCK * VERSIONS - 50

    @staticmethod
    def no_document(number):
        """Another document has this label, and an index says that it is the only one."""
        return number % (BLOCK * VERSIONS) == BLOCK * VERSIONS - 75

    def expected(self, refused):
        """The number of each id's last result that is not refused."""
        last = {}
        for number in range(self.count):
            if not refused(number):
                last[self.id_of(number)] = number
        return sorted(last.values())

    def text(self, number):
        label = "taken" if self.no_document(number) else f"l{number}"
        if self.no_row(number):
            label += "\\u0000"
        return (f'{{"id":"s{self.id_of(number)}","label":"{label}",'
                f'"amount":{number}.{number % 100:02},"n":{number},"at":"2025-11-24T10:00:00Z"}}')

    def time_of(self, number):
        return START + number * 7_200_000 // self.count

    def sales(self, begin, end):
        for number in range(begin, end):
            yield Record(self.text(number).encode(), self.time_of(number), self.id_of(number) % 3)

    def trouble(self):
        kinds = ["weir"] * setting("WEIR_KILLS", 3) + ["pause"]
        kinds += ["mongodb", "postgres"] * setting("WEIR_SERVER_KILLS", 1)
        self.pick.shuffle(kinds)
        return kinds

    def happen(self, what, run):
        if what == "weir":
            run.kill()
            run.log.close()
            return Run(BROKERS, self.state, self.job)
        if what == "pause":
            mongodb("pause")
            postgres("pause")
            time.sleep(setting("WEIR_PAUSE_S", 3))
            mongodb("resume")
            postgres("resume")
            return run
        server = mongodb if what == "mongodb" else postgres
        server("kill")
        time.sleep(self.pick.uniform(0.1, 1))
        server("restart")
        return run

    @unittest.skipUnless(MONGODB_DIR and POSTGRES_DIR, "not our servers")
    def test_a_storm_of_kills(self):
        self.count = setting("WEIR_RESULTS", 4000)
        self.pick = random.Random(setting("WEIR_SEED", 5))
        self.job = self.write_job(JOB, BATCH=BATCH)
        self.cluster.create(f"{self.name}.sales", 3)
        self.cluster.create(f"{self.name}.dlq", 1)
        collection("storms", self.name, "put", '{"_id": "holder", "label": "taken"}')
        collection("storms", self.name, "unique", "label")
        trouble = self.trouble()
        run = Run(BROKERS, self.state, self.job)
        try:
            for number, what in enumerate(trouble):
                self.cluster.write(f"{self.name}.sales", self.sales(
                    number * self.count // len(trouble), (number + 1) * self.count // len(trouble)))
                time.sleep(self.pick.uniform(0.3, 2))
                print(f"storm {number + 1}/{len(trouble)}: {what}", file=sys.stderr, flush=True)
                run = self.happen(what, run)
            self.assertIsNone(run.process.poll(), run.words())
            # Started a moment ago it may not listen to signals yet.
            self.assertIn(run.stop(60), (0, -signal.SIGTERM), run.words())
        finally:
            run.__exit__()
        run_to_end(BROKERS, self.state, self.job, seconds=1200)
        with self.subTest("mongodb"):
            self.expect_collection()
        with self.subTest("postgres"):
            self.expect_table()
        with self.subTest("files"):
            self.expect_files()
        with self.subTest("dead letters"):
            self.expect_dead_letters()

    def expect_collection(self):
        found = {}
        for document in documents("storms", self.name):
            if document["_id"] == "holder":
                continue
            number = int(document["n"]["$numberLong"])
            self.assertNotIn(number, found)
            found[number] = document
        self.assertEqual(sorted(found), self.expected(self.no_document))
        for number, document in found.items():
            sale = json.loads(self.text(number))
            self.assertEqual(document, {
                "_id": sale["id"], "id": sale["id"], "label": sale["label"],
                "amount": {"$numberDecimal": f"{number}.{number % 100:02}"},
                "n": {"$numberLong": str(number)},
                "at": {"$date": {"$numberLong": str(START)}}})

    def expect_table(self):
        self.assertEqual(
            query("select id, label, amount, n, at at time zone 'UTC' "
                  f'from "{self.name}" order by n'),
            [f"s{self.id_of(n)}|{'taken' if self.no_document(n) else f'l{n}'}|"
             f"{n}.{n % 100:02}|{n}|2025-11-24 10:00:00" for n in self.expected(self.no_row)])

    def expect_files(self):
        expected = sorted((f"date=2025-11-24/hour={10 + n * 2 // self.count}",
                           self.text(n) + "\n") for n in range(self.count))
        self.assertEqual(sorted(lines_of_files(self.results)), expected)
        self.assertEqual(list(self.results.rglob(".*")), [])

    def expect_dead_letters(self):
        dead = self.cluster.read(f"{self.name}.dlq")
        self.assertEqual(sorted(json.loads(record.value)["n"] for record in dead),
                         [n for n in range(self.count) if self.no_row(n) or self.no_document(n)])
        for record in dead:
            headers = dict(record.headers)
            self.assertEqual(headers["weir.reason"], b"sink")
            why = b"NUL" if self.no_row(json.loads(record.value)["n"]) else b"E11000"
            self.assertIn(why, headers["__streams.errors.message"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
