"""What the tests of an operator's work share: small jobs, their input, runs that end in time."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from cluster import Cluster, Record
from runner import BINARY, Run

BROKERS = os.environ.get("WEIR_TEST_BROKERS")
START = 1_700_000_000_000  # The beginning of a minute and 20 s.

JOB = """weir: 1
job: NAME
errors: {dlq: NAME.dlq}
streams:
  orders:
    topic: NAME.in
    fields: {id: string, amount: decimal(2) or null}
pipelines:
  totals:
    from: orders
    steps:
      - require: id != ''
      - aggregate:
          by: id
          window: {size: 1m}
          fields: {orders: count(), total: sum(amount)}
    to: {topic: NAME.out, key: id}
"""
JOIN = """weir: 1
job: NAME
errors: {dlq: NAME.dlq}
streams:
  a: {topic: NAME.a, keyed_by: id, fields: {id: string}}
  b: {topic: NAME.b, keyed_by: id, fields: {id: string}}
pipelines:
  pairs:
    from: a
    steps:
      - join: {with: b, as: b, by: id, within: 1m}
    to: {topic: NAME.out, key: id}
"""


def order(name, at, amount=1):
    return Record(json.dumps({"id": name, "amount": amount}).encode(), START + at)


class OperationTest(unittest.TestCase):
    maxDiff = 4000

    @classmethod
    def setUpClass(cls):
        cls.cluster = Cluster(BROKERS)

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="weir-acceptance-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.name = self.id().rsplit(".", 1)[-1].replace("_", "-")[5:40].rstrip("-")
        self.state = self.folder / "state"

    def job(self, text=JOB, name=None, **changes):
        name = name or self.name
        for old, new in changes.items():
            self.assertIn(old, text)
            text = text.replace(old, new)
        path = self.folder / f"{name}.yaml"
        path.write_text(text.replace("NAME", name))
        return path

    def given(self, *records, name=None, partitions=1):
        topic = f"{name or self.name}.in"
        if topic not in self.cluster.topics():
            self.cluster.create(topic, partitions)
        self.cluster.write(topic, records)

    def results(self, name=None):
        return {(value["id"], value["orders"]) for value in
                (json.loads(one.value) for one in self.cluster.read(f"{name or self.name}.out"))}

    def start(self, *arguments, brokers=BROKERS, state=None, **more):
        run = Run(brokers, state or self.state, *arguments, **more)
        self.addCleanup(run.__exit__)
        return run

    def finish(self, *arguments, code=0, **more):
        run = self.start(*arguments, "--until-end", **more)
        self.assertEqual(run.wait(60), code, run.words())
        return run

    def weir(self, *words, code=0):
        done = subprocess.run([BINARY, *map(str, words)], capture_output=True, text=True,
                              timeout=100, check=False, env={**os.environ, "NO_COLOR": "1"})
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout, done.stderr
