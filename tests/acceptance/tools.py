"""What the tests of the operator's tools share: a job, records, the program and its schemas."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time
import unittest
import urllib.error
import urllib.request

import jsonschema
from cluster import Cluster, Record
from runner import BINARY, Run

BROKERS = os.environ["WEIR_TEST_BROKERS"]
SCHEMAS = pathlib.Path(__file__).resolve().parents[2] / "schemas"
START = 1_764_000_000_000  # 2025-11-24T16:00:00Z
MARKER = "marker-4711"     # A secret that nothing may show.

JOB = """weir: 1
job: NAME
errors: {dlq: NAME.dlq}
streams:
  orders:
    topic: NAME.in
    keyed_by: id
    watermark: {delay: 0s, idle: never}
    fields: {id: string, user: string, amount: decimal(2)}
pipelines:
  clean:
    from: orders
    steps:
      - require: amount > 0
      - dedupe: {by: id, within: 1h}
  totals:
    from: clean
    steps:
      - filter: user != 'nobody'
      - aggregate:
          by: user
          window: {size: 1m}
          fields: {orders: count(), total: sum(amount)}
    to: {topic: NAME.out, key: user}
"""


def order(number, user="ann", amount=1, at=0, **more):
    value = {"id": f"o{number}", "user": user, "amount": amount}
    return Record(json.dumps(value).encode(), START + at, key=f"o{number}".encode(), **more)


def valid(name, text):
    """What the text says, if the schema allows it."""
    found = json.loads(text)
    jsonschema.validate(found, json.loads((SCHEMAS / f"{name}.schema.json").read_text()),
                        cls=jsonschema.Draft4Validator)
    return found


def widest(text):
    return max(len(line) for line in re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", text).splitlines())


class ToolTest(unittest.TestCase):
    maxDiff = 4000

    @classmethod
    def setUpClass(cls):
        cls.cluster = Cluster(BROKERS)
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="weir-acceptance-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.state = cls.folder / "state"

    @classmethod
    def job(cls, name, text=JOB, partitions=2):
        cls.cluster.create(f"{name}.in", partitions)
        path = cls.folder / f"{name}.yaml"
        path.write_text(text.replace("NAME", name))
        return path

    @classmethod
    def start(cls, *arguments):
        run = Run(BROKERS, cls.state, *arguments, "-X", "sasl.password=${MARKER}",
                  environment={"MARKER": MARKER})
        cls.addClassCleanup(run.__exit__)
        return run

    @classmethod
    def listening(cls, job):
        run = cls.start(job, "--http", "127.0.0.1:0")
        run.wait_for("running")
        return run, re.search(r"(http://[\d.:]+)/metrics", run.words())[1]

    def finish(self, job, *arguments, code=0):
        run = self.start(job, "--until-end", *arguments)
        self.assertEqual(run.wait(60), code, run.words())
        return run

    def weir(self, *words, code=0):
        done = subprocess.run([BINARY, *map(str, words)], capture_output=True, text=True,
                              timeout=100, check=False, env={**os.environ, "NO_COLOR": "1"})
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.assertNotIn(MARKER, done.stdout + done.stderr)
        return done.stdout, done.stderr

    def get(self, url):
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                text = answer.read().decode()
                self.assertNotIn(MARKER, text)
                return 200, text
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def until(self, what, seconds=30):
        deadline = time.monotonic() + seconds
        while not (found := what()):
            self.assertLess(time.monotonic(), deadline, "it never was so")
            time.sleep(0.1)
        return found
