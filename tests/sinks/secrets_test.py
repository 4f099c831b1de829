"""No password is anywhere in what runs leave behind that fail, each in another way."""

import json
import os
import pathlib
import signal
import subprocess
import tempfile
import time
import unittest
import urllib.parse

from sinks_world import BROKERS, MONGODB, START, Record, Run, SinkTest, page

# Each by another way into the job: as a variable, of a file, as a credential.
MARKS = {"mongodb": "m0ng0@:/?#%Marker", "postgres": "p0stgres@:/?#% Marker", "kafka": "k4fka@:/%"}
# As they are, as an address has them, and what is left of one that was cut at a special character.
MARKERS = [form for mark in MARKS.values()
           for form in (mark, urllib.parse.quote(mark, safe=""), mark.split("@")[0])]

JOB = """
weir: 1
job: <NAME>
kafka:
  properties:
    sasl.password: ${credential:kafka}
<MORE>
errors: {dlq: <NAME>.dlq}
streams:
  sales: {topic: <NAME>.sales, fields: {id: string, n: int}}
  other: {topic: <NAME>.other, fields: {id: string, n: int}}
  third: {topic: <NAME>.third, fields: {id: string, n: int}}
pipelines:
  one:
    from: sales
    to:
      mongodb: {uri: "<MONGODB_URI>", database: secrets, collection: secrets, id: id}
  two:
    from: other
    to:
      postgres: {uri: "${file:<SECRETS>/postgres}", table: secrets, id: id}
  three:
    from: third
    steps:
      - dedupe: {by: id, within: 1h}
    to: <NAME>.out
"""
NOBODY = "127.0.0.1:1"
MONGODB_URI = "mongodb://weir:${SECRET_MONGODB}@<HOST>/?serverSelectionTimeoutMS=200"
POSTGRES_URI = "postgresql://weir:<PASSWORD>@<HOST>/weir"


class Secrets(SinkTest):
    def prepare(self, mongodb=NOBODY, postgres=NOBODY, more=""):
        secrets = tempfile.TemporaryDirectory(prefix="weir-secrets-")
        self.addCleanup(secrets.cleanup)
        quoted = {name: urllib.parse.quote(mark, safe="") for name, mark in MARKS.items()}
        pathlib.Path(secrets.name, "postgres").write_text(
            POSTGRES_URI.replace("<PASSWORD>", quoted["postgres"]).replace("<HOST>", postgres))
        pathlib.Path(secrets.name, "kafka").write_text(MARKS["kafka"] + "\n")
        self.environment = {"SECRET_MONGODB": quoted["mongodb"],
                            "CREDENTIALS_DIRECTORY": secrets.name}
        self.job = self.write_job(JOB, MORE=more, SECRETS=secrets.name,
                                  MONGODB_URI=MONGODB_URI.replace("<HOST>", mongodb))
        if not more:
            for topic in ("sales", "other", "third"):
                self.cluster.create(f"{self.name}.{topic}", 1)
                self.cluster.write(f"{self.name}.{topic}", [
                    Record(b'{"id":"a","n":1}', START), Record(b"no JSON", START)])

    def run_job(self, *arguments):
        run = Run(BROKERS, self.state, self.job, *arguments, environment=self.environment)
        self.addCleanup(run.__exit__)
        return run

    def expect_clean(self, what, text):
        if isinstance(text, str):
            text = text.encode()
        for marker in MARKERS:
            self.assertNotIn(marker.encode(), text, what)

    def expect_nothing_left(self):
        for path in self.folder.rglob("*"):
            if path.is_file():
                self.expect_clean(path, path.read_bytes())
        for record in self.dead_letters():
            self.expect_clean("a dead letter", f"{record.headers}".encode() + record.value)

    def dead_letters(self):
        topic = f"{self.name}.dlq"
        return self.cluster.read(topic) if topic in self.cluster.topics() else []

    def test_servers_that_are_not_there_and_a_crash(self):
        self.prepare()
        run = self.run_job("--http", "127.0.0.1:0")
        run.wait_for("/metrics")
        url = next(one for one in run.words().split()
                   if one.endswith("/metrics")).removesuffix("/metrics")
        deadline = time.monotonic() + 20
        while len(json.loads(page(url, "/readyz")[1]).get("sinks_waiting", {})
                  .get(self.name, {})) < 2 or not self.dead_letters():
            self.assertLess(time.monotonic(), deadline, run.words())
            time.sleep(0.2)
        for path in ("/metrics", "/readyz", "/livez", "/startupz", "/api/v1/job", "/api/v1/config",
                     "/api/v1/top", "/api/v1/tap", "/api/v1/tap?step=one", "/api/v1/state",
                     "/api/v1/state/three.dedupe", "/api/v1/state/three.dedupe?key=a"):
            status, text = page(url, path)
            self.assertLess(status, 504, path)
            self.expect_clean(path, text)
        self.assertIn("***", page(url, "/api/v1/config")[1])
        self.expect_clean_commands(url)
        command = pathlib.Path(f"/proc/{run.process.pid}/cmdline").read_bytes()
        self.expect_clean("the command line", command)
        run.process.send_signal(signal.SIGABRT)
        run.wait(20)
        self.assertIn(NOBODY, run.words())
        self.expect_clean("the log", run.words())
        self.expect_nothing_left()

    def expect_clean_commands(self, url):
        """What an operator asks beside a job that fails, and a word that shows it was asked."""
        brokers = ["--brokers", BROKERS]
        state = ["--state-dir", str(self.state)]
        for words, said in (
                (["plan", self.job, *brokers, *state], NOBODY),
                (["doctor", self.job, *brokers, *state], NOBODY),
                (["dlq", "list", self.job, *brokers], "decode"),
                (["dlq", "show", self.job, *brokers], "decode"),
                (["state", "list", self.job, *state], "three.dedupe"),
                (["state", "scan", self.job, "three.dedupe", *state], ""),
                (["status", "--url", url], self.name),
                (["top", self.name, "--once", "--url", url], "mongodb"),
                (["tap", self.name, "three", "--for", "300ms", "--url", url], "")):
            for form in ("text", "json"):
                out = self.weir(*words, "-o", form)
                self.expect_clean(words, out)
                self.assertIn(said, out.decode(), words)

    def weir(self, *words):
        """What a command says, on whatever stream."""
        out = subprocess.run([os.environ["WEIR_BINARY"], *map(str, words)], timeout=60,
                             env={**os.environ, **self.environment, "NO_COLOR": "1"},
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return out.stdout

    def test_logins_that_are_refused(self):
        server = MONGODB.split("://")[1].split("/")[0].split("@")[-1]
        for host, more, word in (
                (server, "", "uthenticat"),  # That server knows nobody.
                (NOBODY, "    security.protocol: SASL_PLAINTEXT\n    sasl.mechanism: PLAIN\n"
                         "    sasl.username: weir\n", "")):
            self.prepare(mongodb=host, more=more)
            run = self.run_job()
            self.assertNotEqual(run.wait(60), 0)
            self.assertIn(word, run.words())
            self.expect_clean("the log", run.words())
            self.expect_nothing_left()

    def test_what_is_said_of_a_job(self):
        self.prepare()
        for words in (["validate", self.job], ["validate", "--format", "json", self.job],
                      ["explain", self.job]):
            out = self.weir(*words)
            self.expect_clean(words, out)
            self.assertTrue(out, words)

    def test_addresses_that_are_none(self):
        self.prepare(mongodb="127.0.0.1:notaport", postgres="x:y:z")
        run = self.run_job()
        self.assertNotEqual(run.wait(60), 0)
        self.expect_clean("the log", run.words())
        self.expect_nothing_left()


if __name__ == "__main__":
    unittest.main(verbosity=2)
