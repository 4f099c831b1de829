#!/usr/bin/python3
"""A job with a PostgreSQL sink and sinks of files, killed while it runs, beside a real broker.

    with_kafka.sh -- with_postgres.sh rows_and_files_test.py     WEIR_BINARY names the program

WEIR_RECORDS (4000), WEIR_KILLS (3) and WEIR_SERVER_KILLS (2) make the storm longer.
"""

import gzip
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

from cluster import Cluster, Record
from runner import Run, run_to_end

BROKERS = os.environ["WEIR_TEST_BROKERS"]
URI = os.environ["WEIR_TEST_POSTGRES"]
SERVER = os.environ["WEIR_TEST_POSTGRES_DIR"]
START = 1_763_978_400_000  # 2025-11-24T10:00:00Z

JOB = """
weir: 1
job: JOBNAME
errors: {dlq: JOBNAME.dlq}
streams:
  sales:
    topic: JOBNAME.sales
    fields: {id: string, amount: decimal(2), n: int, at: time or null}
pipelines:
  kept:
    from: sales
    to:
      - postgres: {uri: "URI", table: "JOBNAME", id: id, create: true}
      - file: {path: FOLDER, compress: gzip, folders: hour, roll: {records: 500}}
"""


def setting(name, otherwise):
    return int(os.environ.get(name, otherwise))


def server(command):
    subprocess.run([HERE / "postgres.sh", command, SERVER], check=True)


def query(sql):
    out = subprocess.run(["psql", "-Atq", "-d", URI, "-c", sql], check=True, capture_output=True)
    return out.stdout.decode().splitlines()


class RowsAndFiles(unittest.TestCase):
    maxDiff = 4000

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="weir-sinks-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.state = self.folder / "state"
        self.results = self.folder / "results"
        self.name = self.id().rsplit(".", 1)[-1].replace("_", "-")
        self.job = self.folder / "job.yaml"
        self.job.write_text(JOB.replace("JOBNAME", self.name).replace("URI", URI)
                            .replace("FOLDER", str(self.results)))
        self.cluster = Cluster(BROKERS)
        self.cluster.create(f"{self.name}.sales", 3)
        self.cluster.create(f"{self.name}.dlq", 1)

    def sales(self, count):
        """Sales of which one in a hundred has a number that no row can hold."""
        for number in range(count):
            time_ms = START + number * 7_200_000 // count
            text = (f'{{"id":"s{number}","amount":{number}.{number % 100:02},"n":{number},'
                    f'"at":"2025-11-24T10:00:00Z"}}')
            if number % 100 == 50:
                text = text.replace('"s', '"\\u0000')
            yield Record(text.encode(), time_ms, number % 3)

    def lines(self):
        found = []
        for path in self.results.rglob("file-*.gz"):
            with gzip.open(path, "rt") as file:
                found += [(path.parent.relative_to(self.results), line) for line in file]
        return found

    def test_kills_leave_each_row_once_and_no_line_out(self):
        count = setting("WEIR_RECORDS", 4000)
        sales = list(self.sales(count))
        pick = random.Random(5)
        trouble = ["weir"] * setting("WEIR_KILLS", 3) + ["server"] * setting("WEIR_SERVER_KILLS", 2)
        trouble.append("pause")
        pick.shuffle(trouble)
        run = Run(BROKERS, self.state, self.job)
        try:
            for number, what in enumerate(trouble):
                self.cluster.write(f"{self.name}.sales", sales[
                    number * count // len(trouble):(number + 1) * count // len(trouble)])
                time.sleep(pick.uniform(0.3, 2))
                if what == "weir":
                    run.kill()
                    run.log.close()
                    run = Run(BROKERS, self.state, self.job)
                elif what == "server":
                    server("kill")
                    time.sleep(pick.uniform(0.1, 1))
                    server("restart")
                else:
                    server("pause")
                    time.sleep(2)
                    server("resume")
            self.assertIsNone(run.process.poll(), run.words())
            # Started a moment ago it may not listen to signals yet.
            self.assertIn(run.stop(60), (0, -signal.SIGTERM), run.words())
        finally:
            run.__exit__()
        run_to_end(BROKERS, self.state, self.job)
        good = [number for number in range(count) if number % 100 != 50]
        self.assertEqual(
            query(f'select id, amount, n, at at time zone \'UTC\' from "{self.name}" order by n'),
            [f"s{n}|{n}.{n % 100:02}|{n}|2025-11-24 10:00:00" for n in good])
        dead = self.cluster.read(f"{self.name}.dlq")
        self.assertEqual(sorted(json.loads(record.value)["n"] for record in dead),
                         [n for n in range(count) if n % 100 == 50])
        for record in dead:
            self.assertEqual(dict(record.headers)["weir.reason"], b"sink")
        lines = self.lines()
        by_number = {}
        for folder, line in lines:
            sale = json.loads(line)
            by_number.setdefault(sale["n"], []).append((str(folder), line))
        self.assertEqual(sorted(by_number), list(range(count)))
        for number, written in by_number.items():
            hour = 10 + number * 7_200_000 // count // 3_600_000
            self.assertEqual(written[0][0], f"date=2025-11-24/hour={hour}")
            self.assertEqual(len(set(written)), 1)
        print(f"{len(lines) - count} of {count} lines twice", file=sys.stderr)
        self.assertEqual(list(self.results.rglob(".*")), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
