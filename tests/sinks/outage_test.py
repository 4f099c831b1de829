"""A sink whose server is away, or whose disk is full: its partitions wait, the rest of the job goes
on, memory is bounded, /readyz and a metric say so, and nothing has to be started again when the
server or the room is back.

WEIR_AWAY_S (6; of a disk 2) is for how long, WEIR_RATE (2500) how many records come in each second.
"""

import contextlib
import json
import os
import subprocess
import sys
import time
import unittest

from sinks_world import (BROKERS, MONGODB_DIR, POSTGRES_DIR, START, Record, Run, SinkTest,
                         collection, documents, lines_of_files, mongodb, page, postgres, query,
                         resident_kb, setting)

JOB = """
weir: 1
job: <NAME>
errors: {dlq: <NAME>.dlq}
streams:
  sales: {topic: <NAME>.sales, fields: {id: string, n: int}}
  visits: {topic: <NAME>.visits, fields: {n: int}}
pipelines:
  kept: {from: sales, to: {<SINK>}}
  seen: {from: visits, to: {topic: <NAME>.seen}}
"""
MB_MOST = 100


class Outage(SinkTest):
    def prepare(self, sink):
        self.job = self.write_job(JOB.replace("<SINK>", sink))
        for topic in ("sales", "visits"):
            self.cluster.create(f"{self.name}.{topic}", 3)
        self.run_ = Run(BROKERS, self.state, self.job, "--http", "127.0.0.1:0")
        self.addCleanup(self.run_.__exit__)
        self.run_.wait_for("/metrics")
        word = next(one for one in self.run_.words().split() if one.endswith("/metrics"))
        self.url = word.removesuffix("/metrics")
        self.sales = self.visits = 0

    def sell(self, count):
        self.cluster.write(f"{self.name}.sales", (
            Record(f'{{"id":"s{n}","n":{n},"padding":"{"x" * 150}"}}'.encode(), START + n, n % 3)
            for n in range(self.sales, self.sales + count)))
        self.sales += count

    def visit(self):
        """One more in each partition."""
        self.cluster.write(f"{self.name}.visits", (
            Record(f'{{"n":{self.visits + p}}}'.encode(), START, p) for p in range(3)))
        self.visits += 3

    def seen(self):
        return len(self.cluster.read(f"{self.name}.seen"))

    def wait_until(self, condition, seconds):
        deadline = time.monotonic() + seconds
        while not condition():
            self.assertIsNone(self.run_.process.poll(), self.run_.words())
            self.assertLess(time.monotonic(), deadline, self.run_.words()[-3000:])
            time.sleep(0.3)

    def ready(self):
        return page(self.url, "/readyz")[0] == 200

    def up(self, sink):
        metrics = page(self.url, "/metrics")[1]
        return f'weir_sink_up{{weir_job="{self.name}",sink="{sink}"}} 1' in metrics

    def go_through(self, sink, stop, resume, count, away=6):
        self.sell(1000)
        self.visit()
        self.wait_until(lambda: count() == 1000 and self.ready() and self.up(sink), 60)
        before = resident_kb(self.run_.process.pid)
        stop()
        most, rounds = before, setting("WEIR_AWAY_S", away)
        rate, begun, samples = setting("WEIR_RATE", 2500), time.monotonic(), []
        for number in range(rounds):
            self.sell(rate)
            if number % 10 == 0:
                self.visit()
            most = max(most, resident_kb(self.run_.process.pid))
            samples.append(resident_kb(self.run_.process.pid) >> 10)
            time.sleep(max(0, begun + number + 1 - time.monotonic()))
        # Others may have had to wait for it once.
        self.wait_until(lambda: not self.ready() and not self.up(sink), 15)
        status, body = page(self.url, "/readyz")
        self.assertEqual(status, 503)
        self.assertIn(sink, json.loads(body)["sinks_waiting"][self.name])
        self.assertIn(sink, json.loads(page(self.url, "/api/v1/job")[1])[0]["sinks_waiting"])
        top = json.loads(page(self.url, "/api/v1/top")[1])["jobs"][0]
        self.assertIn(sink, top["sinks_waiting"])
        self.wait_until(lambda: self.seen() == self.visits, 30)
        self.visit()
        self.wait_until(lambda: self.seen() == self.visits, 5)
        passed = time.monotonic() - begun
        print(f"{sink} away for {passed:.0f} s, {self.sales / passed:.0f} records/s: "
              f"{before >> 10} MB before, {most >> 10} MB at most; each 30 s: {samples[::30]}",
              file=sys.stderr)
        self.assertLess(most - before, MB_MOST << 10)
        self.assertLess(most, 2 * MB_MOST << 10)
        resume()

        def has_all():
            # A server that is busy with what waited may not find the time to count.
            with contextlib.suppress(subprocess.CalledProcessError):
                return count() == self.sales
            return False
        self.wait_until(has_all, 120 + self.sales // 500)
        self.wait_until(lambda: self.ready() and self.up(sink), 30)
        self.assertEqual(self.run_.stop(), 0, self.run_.words())

    @unittest.skipUnless(MONGODB_DIR, "not our server")
    def test_mongodb_is_killed_and_comes_back(self):
        self.prepare(f'mongodb: {{uri: "<MONGODB>", database: outages, collection: {self.name}, '
                     'id: id, retry: {for: 1h}}')
        self.go_through("mongodb", lambda: mongodb("kill"), lambda: mongodb("restart"),
                        lambda: int(collection("outages", self.name, "count")[0]))
        self.assertEqual(sorted(int(one["n"]["$numberLong"])
                                for one in documents("outages", self.name)),
                         list(range(self.sales)))

    @unittest.skipUnless(POSTGRES_DIR, "not our server")
    def test_postgres_hangs_and_goes_on(self):
        self.prepare(f'postgres: {{uri: "<POSTGRES>", table: "{self.name}", id: id, create: true, '
                     'retry: {for: 1h}}')
        try:
            self.go_through("postgres", lambda: postgres("pause"), lambda: postgres("resume"),
                            lambda: int(query(f'select count(*) from "{self.name}"')[0]))
        finally:
            postgres("resume")

    def test_a_disk_is_full_and_has_room_again(self):
        self.results.mkdir()
        made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "weir", self.results],
                              capture_output=True)
        if made.returncode != 0:
            self.skipTest("no small disk can be mounted here: " + made.stderr.decode())
        self.addCleanup(subprocess.run, ["umount", "--lazy", self.results], check=True)
        ballast = self.results / "ballast"

        def fill():
            with contextlib.suppress(OSError), open(ballast, "wb", buffering=0) as file:
                while file.write(bytes(1 << 12)):
                    pass
            said = subprocess.run([os.environ["WEIR_BINARY"], "doctor", self.job, "--brokers",
                                   BROKERS, "--state-dir", self.state], capture_output=True)
            self.assertIn(b"its disk is full", said.stdout)

        self.prepare("file: {path: <FOLDER>, compress: gzip, roll: {every: 1s}}")
        self.go_through("file", fill, ballast.unlink, lambda: len(lines_of_files(self.results)), 2)
        self.assertEqual(sorted(json.loads(line)["n"] for _, line in lines_of_files(self.results)),
                         list(range(self.sales)))
        self.assertEqual(list(self.results.rglob(".*")), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
