"""`weir plan` and `weir doctor`: what they say of jobs and clusters in every state, and that they
change nothing. Part of operation_test.py, beside its broker."""

import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time
import unittest

import confluent_kafka as kafka
import jsonschema

import rights
import secure_kafka
from cluster import Cluster, Record, ends_of
from runner import BINARY, Run

BROKERS = os.environ.get("WEIR_TEST_BROKERS")
SCHEMAS = pathlib.Path(__file__).resolve().parents[2] / "schemas"
START = 1_700_000_000_000

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
      - dedupe: {by: id, within: 24h}
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


def fingerprints(folder):
    """Every file below a folder and what is in it; LMDB's list of its readers is no state."""
    return {str(path.relative_to(folder)):
            path.name if path.name == "lock.mdb" else hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.rglob("*")) if path.is_file()}


class World(unittest.TestCase):
    maxDiff = 4000

    @classmethod
    def setUpClass(cls):
        cls.cluster = Cluster(BROKERS)

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="weir-acceptance-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        part, test = self.id().split(".")[-2:]
        self.name = (part.lower() + test.replace("_", "-")[4:])[:40].rstrip("-")
        self.state = self.folder / "state"

    def job(self, text=JOB, **changes):
        for old, new in changes.items():
            self.assertIn(old, text)
            text = text.replace(old, new)
        path = self.folder / f"{self.name}.yaml"
        path.write_text(text.replace("NAME", self.name))
        return path

    def given(self, count=20, partitions=2, start=START, **config):
        self.cluster.create(f"{self.name}.in", partitions, **config)
        self.cluster.write(f"{self.name}.in", [
            Record(json.dumps({"id": f"o{n}", "amount": n}).encode(), start + n * 1000,
                   n % partitions) for n in range(count)])

    def finish(self, job, code=0):
        with Run(BROKERS, self.state, job, "--until-end") as run:
            self.assertEqual(run.wait(60), code, run.words())
            return run.words()

    def look(self, command, job, *flags, code, state=None, brokers=BROKERS):
        done = subprocess.run(
            [BINARY, command, str(job), "--brokers", brokers, "--state-dir",
             str(state or self.state), *flags],
            capture_output=True, text=True, timeout=60, check=False,
            env={**os.environ, "NO_COLOR": "1"})
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.assertNotIn(secure_kafka.PASSWORD, done.stdout + done.stderr)
        return done.stdout

    def look_as_json(self, command, job, *flags, code, **more):
        found = json.loads(self.look(command, job, *flags, "-o", "json", code=code, **more))
        jsonschema.validate(found, json.loads((SCHEMAS / f"{command}.schema.json").read_text()))
        return found

    def everything(self):
        """All that a tool could change: topics and how many records they have, their settings,
        groups and what they committed, files."""
        consumer = kafka.Consumer({"bootstrap.servers": BROKERS, "group.id": f"{self.name}"})
        admin = self.cluster.admin
        topics = admin.list_topics(timeout=20).topics
        ends = {(topic, p): ends_of(consumer, topic, p)
                for topic in topics for p in topics[topic].partitions
                if not topic.startswith("__consumer")}
        mine = [topic for topic in topics if topic.startswith(self.name)]
        asked = admin.describe_configs(
            [kafka.admin.ConfigResource(kafka.admin.ConfigResource.Type.TOPIC, topic)
             for topic in mine])
        settings = {str(one): {name: entry.value for name, entry in found.result(20).items()}
                    for one, found in asked.items()}
        inputs = [kafka.TopicPartition(topic, p) for topic in mine if topic in topics
                  for p in topics[topic].partitions]
        committed = {(one.topic, one.partition): one.offset
                     for one in consumer.committed(inputs, 20)}
        consumer.close()
        groups = sorted(group.id for group in admin.list_groups(timeout=20))
        return ends, settings, committed, groups, fingerprints(self.folder)

    def expect_to_fit(self, text):
        """What is longer than a line by itself, as paths are, may be."""
        for line in text.splitlines():
            if not any(len(word) > 60 for word in line.split()):
                self.assertLessEqual(len(line), 80, text)


class Plan(World):
    @staticmethod
    def by_area(plan, area):
        return {line["name"]: line["what"] for line in plan["lines"] if line["area"] == area}

    def test_a_new_job_makes_its_topics_and_begins(self):
        self.given()
        job = self.job()
        before = self.everything()
        plan = self.look_as_json("plan", job, code=3)
        text = self.look("plan", job, code=3)
        self.assertEqual(self.everything(), before)
        self.assertEqual((plan["ran_before"], plan["refusal"], plan["code"]), (False, None, 3))
        topics = self.by_area(plan, "topics")
        self.assertEqual(topics.pop(f"{self.name}.in"), "keep")
        self.assertEqual(set(topics.values()), {"make"})
        made = {f"{self.name}-totals.dedupe-changelog", f"{self.name}-totals.dedupe-repartition",
                f"{self.name}.out", f"{self.name}.dlq"}
        self.assertLessEqual(made, topics.keys())
        self.assertEqual(set(self.by_area(plan, "state").values()), {"new"})
        self.assertIn({"area": "input", "what": "begin", "name": f"{self.name}.in", "change": True,
                       "text": "2 partitions at the first record, 20 records to read"},
                      plan["lines"])
        self.expect_to_fit(text)
        # What it said is what a run then does.
        self.finish(job)
        self.assertLessEqual(topics.keys(), self.cluster.topics())

    def test_the_same_job_again_changes_nothing(self):
        self.given()
        job = self.job()
        self.finish(job)
        self.cluster.write(f"{self.name}.in", [Record(b'{"id":"late"}', START + 30_000)])
        before = self.everything()
        plan = self.look_as_json("plan", job, code=0)
        self.assertEqual(self.everything(), before)
        self.assertEqual(set(self.by_area(plan, "topics").values()), {"keep"})
        self.assertEqual(set(self.by_area(plan, "state").values()), {"kept"})
        self.assertIn("2 partitions, 1 record behind", json.dumps(plan))
        shutil.rmtree(self.state)
        plan = self.look_as_json("plan", job, code=0)
        self.assertEqual(set(self.by_area(plan, "state").values()), {"restored"})

    def wait_until_kept(self, job):
        """Until the job has committed and flushed once, so that there is nothing new to begin."""
        end = time.monotonic() + 20
        while time.monotonic() < end:
            plan = subprocess.run([BINARY, "plan", job, "--brokers", BROKERS, "--state-dir",
                                   self.state, "-o", "json"], capture_output=True, check=False)
            if plan.returncode == 0:
                return
            time.sleep(0.3)

    def test_beside_a_job_that_runs(self):
        self.given()
        job = self.job()
        with Run(BROKERS, self.state, job) as run:
            run.wait_for("running")
            self.wait_until_kept(job)
            plan = self.look_as_json("plan", job, code=0)
            self.assertEqual(plan["instances"], 1)
            self.assertEqual(run.stop(), 0, run.words())

    def test_a_changed_job_is_told_what_a_start_would_say(self):
        self.given()
        self.finish(self.job())
        changed = self.job(**{"size: 1m": "size: 2m"})
        before = self.everything()
        plan = self.look_as_json("plan", changed, code=78)
        self.expect_to_fit(self.look("plan", changed, code=78))
        self.assertEqual(self.everything(), before)
        self.assertEqual(self.by_area(plan, "state")["totals.aggregate"], "unfit")
        said = self.finish(changed, code=78)
        self.assertIn("was written by another version of this job", said)
        self.assertIn("was written by another version of this job", plan["refusal"])

    def test_a_missing_topic_and_a_setting_that_differs(self):
        job = self.job()
        plan = self.look_as_json("plan", job, code=78)
        self.assertEqual(self.by_area(plan, "topics")[f"{self.name}.in"], "missing")
        self.given(1)
        repartition = f"{self.name}-totals.dedupe-repartition"
        self.cluster.create(repartition, 2, **{"retention.ms": "60000"})
        # Records would be lost by their time, so run would refuse to begin.
        plan = self.look_as_json("plan", job, code=78)
        self.assertIn(f"the internal topic '{repartition}' has ", plan["refusal"])
        differs = [line for line in plan["lines"] if line["what"] == "differs"]
        self.assertIn("retention.ms is 60000, weir makes it with -1",
                      [line["text"].split(";")[0] for line in differs])


class Doctor(World):
    def findings(self, found, area, verdict):
        self.assertEqual(len(found["jobs"]), 1)
        return [one["reason"] for one in found["jobs"][0]["findings"]
                if (one["area"], one["verdict"]) == (area, verdict)]

    def expect_found(self, found, area, verdict, pattern):
        reasons = self.findings(found, area, verdict)
        self.assertTrue(any(re.search(pattern, reason) for reason in reasons),
                        f"no {verdict} of {area} says {pattern}: "
                        f"{json.dumps(found['jobs'][0]['findings'], indent=1)}")

    def test_a_job_that_is_well(self):
        self.given()
        job = self.job()
        with Run(BROKERS, self.state, job) as run:
            run.wait_for("running")
            self.cluster.write(f"{self.name}.in", [Record(b'{"id":"x"}', START + 30_000)])
            time.sleep(1)  # For its commit.
            found = self.look_as_json("doctor", job, code=0)
            self.assertEqual(found["verdict"], "ok")
            self.expect_found(found, "client", "ok", r"librdkafka 2\.")
            self.expect_found(found, "brokers", "ok", r"^1 broker, Kafka [34]\.0 or later, ")
            self.expect_found(found, "rights", "ok", "read [0-9]+ topics, write [0-9]+ topics, "
                              f"commit as the group '{self.name}', make transactions")
            self.expect_found(found, "rights", "ok", "delete what was read")
            self.expect_found(found, "clock", "ok", "the brokers stamped a record .* ago")
            self.expect_found(found, "state", "ok",
                              f"in use by process {run.process.pid}: the job runs here")
            self.expect_found(found, "disk", "ok", "are free")
            self.expect_found(found, "limits", "ok", "open files")
            self.expect_found(found, "retention", "ok",
                              "for ever; totals.1 looks back 1d")
            self.expect_to_fit(self.look("doctor", job, code=0))
            self.assertEqual(self.look("doctor", job, "-q", code=0), "")
            self.assertEqual(run.stop(), 0, run.words())

    def test_it_changes_nothing(self):
        self.given()
        job = self.job()
        self.look_as_json("doctor", job, code=0)  # Nothing is there yet.
        self.assertFalse(self.state.exists())
        self.finish(job)
        before = self.everything()
        self.look_as_json("doctor", job, code=0)
        self.assertEqual(self.everything(), before)

    def test_what_is_wrong_with_topics(self):
        job = self.job()
        found = self.look_as_json("doctor", job, code=2)
        self.expect_found(found, "topics", "bad", f"'{self.name}.in' does not exist")
        two_hours_ago = int(time.time() - 7200) * 1000
        self.given(start=two_hours_ago, **{"retention.ms": "82800000"})
        self.cluster.create(f"{self.name}-totals.dedupe-changelog", 2,
                            **{"cleanup.policy": "delete"})
        self.cluster.create(f"{self.name}-old-changelog", 1)
        self.cluster.create(f"{self.name}.out", 2, **{"retention.ms": "3600000"})
        found = self.look_as_json("doctor", job, code=2)
        self.expect_found(found, "topics", "bad", "has cleanup.policy=delete: the job relies on")
        self.expect_found(found, "start", "bad", "cleanup.policy=delete")
        self.expect_found(found, "topics", "warn", f"'{self.name}-old-changelog' looks like")
        self.expect_found(found, "retention", "warn", "keeps records 23h, and totals.1 looks back")
        self.expect_found(found, "retention", "warn",
                          "20 records to be read are older than the 1h that")
        self.expect_to_fit(self.look("doctor", job, code=2))

    def test_joined_topics_with_unequal_partitions(self):
        self.cluster.create(f"{self.name}.a", 2)
        self.cluster.create(f"{self.name}.b", 3)
        found = self.look_as_json("doctor", self.job(JOIN), code=2)
        self.expect_found(found, "topics", "bad",
                          r"joined and have unequal partitions: .*a 2, .*b 3")

    def test_records_from_the_future(self):
        self.given()
        ahead = 4_000_000_000_000  # In 2096; such topics take any time.
        self.cluster.create(f"{self.name}.b", 1, **{
            "message.timestamp.after.max.ms": "9223372036854775807"})
        self.cluster.write(f"{self.name}.b", [Record(b'{"id":"x"}', ahead)])
        job = self.job(**{"topic: NAME.in": "topic: NAME.b"})
        found = self.look_as_json("doctor", job, code=1)
        self.expect_found(found, "clock", "warn", "ahead of this clock")

    def test_a_place_that_cannot_hold_state(self):
        self.given()
        job = self.job()
        (self.folder / "file").write_text("")
        found = self.look_as_json("doctor", job, state=self.folder / "file", code=2)
        self.expect_found(found, "state", "bad", "is no folder")

    def test_sinks_that_are_not_there(self):
        self.given()
        job = self.job(**{"to: {topic: NAME.out, key: id}":
                          'to: {postgres: {uri: "postgresql://u:hunter2-marker@127.0.0.1:1/d", '
                          "table: t, id: [id, window_start]}}"})
        found = self.look_as_json("doctor", job, code=2)
        self.expect_found(found, "sinks", "bad", "PostgreSQL at 127.0.0.1:1")

    def test_sinks_with_an_address_that_is_wrong(self):
        """One finding, and all others as ever."""
        self.given()
        for sink, word in (
                ('postgres: {uri: "postgresql://u:hunter2-marker@h/d?sslmode=off", table: t, '
                 "id: [id, window_start]}", "'sslmode' in the address"),
                ('mongodb: {uri: "mongodb://u:hunter2-marker@h:port/", database: d, '
                 "collection: c, id: id}", "no address of a MongoDB server")):
            job = self.job(**{"to: {topic: NAME.out, key: id}": "to: {" + sink + "}"})
            found = self.look_as_json("doctor", job, code=2)
            self.expect_found(found, "sinks", "bad", word)
            self.expect_found(found, "topics", "ok", "")
            self.expect_found(found, "limits", "ok", "open files")
            text = self.look("doctor", job, code=2)
            self.assertIn(word, " ".join(text.split()))
            self.assertNotIn("hunter2", text + json.dumps(found))
            self.expect_to_fit(text)

    def test_brokers_that_do_not_answer(self):
        found = self.look_as_json("doctor", self.job(), brokers="127.0.0.1:1", code=2)
        self.expect_found(found, "brokers", "bad", "no broker answers at 127.0.0.1:1.*refused")
        self.expect_found(found, "state", "ok", "can be made")

    def test_a_login_without_rights(self):
        self.given()
        self.finish(self.job())
        login = ("-X", "security.protocol=SASL_PLAINTEXT", "-X", "sasl.mechanism=PLAIN", "-X",
                 f"sasl.username={secure_kafka.STRANGER}", "-X",
                 f"sasl.password={secure_kafka.PASSWORD}")
        sasl = os.environ["WEIR_TEST_SASL"]
        found = self.look_as_json("doctor", self.job(), *login, brokers=sasl, code=2)
        self.expect_found(found, "topics", "bad", "does not exist, or this login may not see it")
        self.expect_found(found, "brokers", "unknown", "their own settings may not be seen")
        for resource, kind in ((self.name, rights.TOPIC), (self.name, rights.GROUP)):
            rights.allow(BROKERS, secure_kafka.STRANGER, kind, resource, rights.DESCRIBE,
                         rights.PREFIXED)
        rights.allow(BROKERS, secure_kafka.STRANGER, rights.TOPIC, f"{self.name}.in", rights.READ)
        before = self.everything()
        found = self.look_as_json("doctor", self.job(), *login, brokers=sasl, code=2)
        self.assertEqual(self.everything(), before)
        self.expect_found(found, "rights", "bad", f"may not write '{self.name}.out'")
        self.expect_found(found, "rights", "bad", f"may not read '{self.name}-totals.*-changelog'")
        self.expect_found(found, "rights", "bad", "may not commit as the group")
        self.expect_found(found, "rights", "bad", "may not make transactions")
        self.expect_found(found, "rights", "ok", "may read 1 topic")
        self.expect_found(found, "retention", "unknown", "may not be seen")
        self.expect_to_fit(self.look("doctor", self.job(), *login, brokers=sasl, code=2))
