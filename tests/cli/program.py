"""`weir` as a process: run it, look at what it says."""

import os
import pathlib
import subprocess
import tempfile
import unittest

BINARY = os.environ["WEIR_BINARY"]
ROOT = pathlib.Path(__file__).resolve().parents[2]

# What a job file in a test begins with.
HEAD = """weir: 1
job: small
errors: {dlq: small.dlq}
streams:
  orders:
    topic: orders
    fields: {order_id: string, amount: decimal(2)}
"""
JOB = HEAD + """pipelines:
  large:
    from: orders
    steps:
      - filter: amount > 100
    to: {topic: large, key: order_id}
"""


class ProgramTest(unittest.TestCase):
    maxDiff = 4000

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="weir-cli-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return str(path)

    def weir(self, *words, code=0, stdin="", **environment):
        """Runs it and checks its exit code. Returns (stdout, stderr)."""
        done = subprocess.run([BINARY, *map(str, words)], input=stdin, capture_output=True,
                              text=True, timeout=60, cwd=self.folder,
                              env={**os.environ, "NO_COLOR": "1", **environment})
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout, done.stderr
