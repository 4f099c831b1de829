#!/usr/bin/python3
"""`weir run` and its tools as an operator meets them, on a real broker: several jobs at once, the
flags, signals, mistakes, changed jobs, logins, probes and metrics.

    operation_test.py [TEST...]     WEIR_BINARY names the program; it starts its own broker
"""

import fcntl
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.request

sys.dont_write_bytecode = True

try:
    import confluent_kafka  # noqa: F401
except ModuleNotFoundError:
    print("skipped: there is no confluent_kafka for this python (python3-confluent-kafka)")
    sys.exit(77)

import doctor_test
import first_result
import secure_kafka
from cluster import Record
from logins import Logins
from operation import BROKERS, JOB, JOIN, START, OperationTest, order
from prometheus_server import Prometheus
from runner import Run, run_to_end

KAFKA = pathlib.Path(__file__).resolve().parents[1] / "broker" / "kafka.sh"


class Unreachable:
    """Nobody listens there. It takes as long as it is patient, so it goes on beside the tests."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="weir-acceptance-"))
        job = self.folder / "job.yaml"
        job.write_text(JOB.replace("NAME", "unreachable"))
        self.began = time.monotonic()
        self.seconds = None
        self.run = Run("127.0.0.1:1", self.folder / "state", job)
        self.waiting = threading.Thread(target=self._wait)
        self.waiting.start()

    def _wait(self):
        self.run.process.wait()
        self.seconds = time.monotonic() - self.began

    def end(self):
        self.waiting.join()
        words, code = self.run.words(), self.run.process.returncode
        shutil.rmtree(self.folder, ignore_errors=True)
        return code, self.seconds, words


class Running(OperationTest):
    def test_several_jobs_in_one_process(self):
        jobs = []
        for number in range(3):
            name = f"{self.name}-{number}"
            self.given(*[order("x", at) for at in range(number + 1)], name=name, partitions=2)
            jobs.append(self.job(name=name))
        run = self.finish(*jobs, "--drain", "--threads", "2")
        self.assertEqual(run.totals()["in"], 6)
        for number in range(3):
            self.assertEqual(self.results(f"{self.name}-{number}"), {("x", number + 1)})

    def test_several_instances_share_the_work_until_the_end(self):
        self.given(*[Record(json.dumps({"id": f"k{n % 7}", "amount": 1}).encode(), START + n % 5,
                            n % 4) for n in range(4200)], partitions=4)
        job, session = self.job(), ("-X", "session.timeout.ms=6000")
        runs = [self.start(job, "--until-end", *session, state=self.folder / f"state-{n}")
                for n in range(3)]
        for run in runs:
            self.assertEqual(run.wait(100), 0, run.words())
        # Every record was committed by one of them, also where partitions moved meanwhile.
        self.assertEqual(sum(run.totals()["in"] for run in runs), 4200)
        # What is open lies in the changelogs. Who drains has to be alone: their sessions end first.
        run_to_end(BROKERS, self.folder / "last", job, "--drain", *session)
        self.assertEqual(self.results(), {(f"k{n}", 600) for n in range(7)})

    def test_two_jobs_of_one_name_are_refused(self):
        other = shutil.copy(self.job(), self.folder / "other.yaml")
        self.assertIn("two jobs are called", self.finish(self.job(), other, code=64).words())

    def test_from_says_where_a_new_job_begins(self):
        self.given(order("a", 0), order("b", 10_000), order("c", 20_000))
        for where, found in (("earliest", {"a", "b", "c"}), ("latest", set()),
                             ("2023-11-14T22:13:30Z", {"b", "c"})):
            name = f"{self.name}-{where[:4].lower()}"
            job = self.job(JOB.replace("NAME.in", f"{self.name}.in"), name)
            self.finish(job, "--drain", "--from", where)
            self.assertEqual({key for key, _ in self.results(name)}, found, where)

    def test_for_ends_a_run(self):
        self.given()
        run = self.start(self.job(), "--for", "1s")
        began = time.monotonic()
        self.assertEqual(run.wait(20), 0, run.words())
        self.assertGreater(time.monotonic() - began, 0.9)

    def test_a_sink_is_replaced_by_a_file(self):
        self.given(order("a", 0))
        self.finish(self.job(), "--drain", "--replace-sink",
                    f"{self.name}.out=file:{self.folder}/out.jsonl")
        lines = (self.folder / "out.jsonl").read_text().splitlines()
        self.assertEqual([json.loads(line)["orders"] for line in lines], [1])

    def test_a_slow_start_ends_well_when_it_is_stopped(self):
        run = self.start(self.job(), brokers="127.0.0.1:1")
        run.wait_for("kafka: ")
        self.assertEqual(run.stop(5), 0, run.words())


class Stopping(OperationTest):
    def test_a_signal_commits_and_ends(self):
        self.given(order("a", 0))
        run = self.start(self.job())
        run.wait_for("running")
        self.assertEqual(run.stop(10), 0, run.words())
        self.assertRegex(run.words().splitlines()[-1], r"^totals in=\d+ out=\d+")

    def test_drain_at_a_signal_closes_what_is_open(self):
        self.given(order("a", 0))
        run = self.start(self.job(), "--drain")
        run.wait_for("running")
        time.sleep(0.5)
        self.assertEqual(run.stop(10), 0, run.words())
        self.assertEqual(self.results(), {("a", 1)})

    def test_a_second_signal_does_not_wait_for_brokers_that_hang(self):
        self.given(*[order("a", at) for at in range(2000)])
        run = self.start(self.job())
        run.wait_for("running")
        folder = os.environ["WEIR_TEST_KAFKA_DIR"]
        subprocess.run([KAFKA, "pause", "1", "--dir", folder], check=True)
        try:
            run.process.send_signal(signal.SIGTERM)
            time.sleep(0.3)
            run.process.send_signal(signal.SIGTERM)
            began = time.monotonic()
            self.assertIn(run.wait(20), (0, 75), run.words())
            self.assertLess(time.monotonic() - began, 4)
        finally:
            subprocess.run([KAFKA, "resume", "1", "--dir", folder], check=True)
        self.finish(self.job(), "--drain")
        self.assertEqual(self.results(), {("a", 2000)})


class Mistakes(OperationTest):
    def test_a_missing_topic_is_named(self):
        words = self.finish(self.job(), code=78).words()
        self.assertIn(f"the topic '{self.name}.in' does not exist", words)

    def test_unequal_partitions_are_named(self):
        self.cluster.create(f"{self.name}.a", 2)
        self.cluster.create(f"{self.name}.b", 3)
        words = self.finish(self.job(JOIN), code=78).words()
        self.assertIn(f"'{self.name}.a' has 2 partitions and '{self.name}.b' has 3", words)

    def test_one_process_has_a_state_directory(self):
        self.given()
        first = self.start(self.job())
        first.wait_for("running")
        words = self.finish(self.job(), code=74).words()
        self.assertIn(f"in use by process {first.process.pid}", words)

    def test_who_drains_has_to_be_alone(self):
        self.given(order("a", 0))
        first = self.start(self.job())
        first.wait_for("running")
        words = self.finish(self.job(), "--drain", code=75, state=self.folder / "other").words()
        self.assertIn("only one that is alone may drain", words)
        self.assertEqual(self.results(), set())

    def test_a_state_directory_has_to_be_writable(self):
        (self.folder / "file").write_text("")
        words = self.finish(self.job(), code=74, state=self.folder / "file").words()
        self.assertIn(f"cannot make {self.folder}/file", words)

    def test_an_address_that_is_taken_is_refused(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            address = f"127.0.0.1:{taken.getsockname()[1]}"
            words = self.finish(self.job(), "--http", address, code=73).words()
        self.assertIn(f"cannot listen on {address}", words)

    def test_a_changed_job_says_what_does_not_fit(self):
        self.given(order("a", 0))
        self.finish(self.job())
        for old, new in (("count()", "count_distinct(amount)"), ("{size: 1m}", "{size: 2m}")):
            words = self.finish(self.job(**{old: new}), code=78).words()
            self.assertIn("'totals.aggregate' (reset the job", words)
        self.finish(self.job(**{"sum(amount)": "sum(amount * 2)"}), "--drain")
        self.assertEqual(self.results(), {("a", 1)})

    def test_what_cannot_be_read_may_end_the_job_and_what_breaks_a_rule_not(self):
        self.given(order("", 0), order("a", 1), Record(b"{", START + 2))
        job = self.job(**{"{dlq: NAME.dlq}": "{dlq: NAME.dlq, decode: stop}"})
        words = self.finish(job, code=1).words()
        self.assertIn(f"{self.name}.in, partition 0, offset 2", words)
        self.assertIn("the job is to stop at such records", words)
        other = self.job(**{"{dlq: NAME.dlq}": "{dlq: NAME.dlq, process: drop}"})
        run = self.finish(other, "--drain")
        self.assertEqual(self.results(), {("a", 1)})
        self.assertEqual(len(self.cluster.read(f"{self.name}.dlq")), 1)
        self.assertIn("discarded.require=1", run.words())

    def test_where_a_job_makes_no_topics_a_missing_one_is_named(self):
        self.given(order("a", 0))
        job = self.job(**{"errors:": "kafka: {topics: {create: false}}\nerrors:"})
        for topic in (".out", ".dlq"):
            missing = f"the topic '{self.name}{topic}' does not exist"
            self.assertIn(missing, self.finish(job, code=78).words())
            plan, words = self.weir("plan", job, "--brokers", BROKERS, "--state-dir", self.state,
                                    code=78)
            self.assertIn(missing, " ".join((plan + words).split()))
            self.cluster.create(f"{self.name}{topic}", 1)
        self.finish(job, "--drain")
        self.assertEqual(self.results(), {("a", 1)})

    def test_topics_with_more_replicas_than_brokers_are_refused(self):
        self.given(order("a", 0))
        job = self.job(**{"errors:": "kafka: {topics: {replication: 3}}\nerrors:"})
        words = self.finish(job, code=73).words()
        self.assertRegex(words, "(?i)replication")

    def test_a_job_that_needs_other_topics_says_so(self):
        self.given(order("a", 0))
        self.finish(self.job())
        words = self.finish(self.job(**{"      - aggregate":
                                        "      - dedupe: {by: id, within: 1h}\n      - aggregate"}),
                            code=78).words()
        self.assertIn("or the job was changed", words)


class Logs(OperationTest):
    def test_topics_are_made_as_the_job_says(self):
        self.given(order("a", 0), partitions=3)
        sink = {"{topic: NAME.out, key: id}": "{topic: NAME.out, key: id, partitions: 2}"}
        job = self.job(**sink)
        self.finish(job, "--drain")
        found = {topic: self.cluster.partitions(f"{self.name}{topic}")
                 for topic in (".out", ".dlq", "-totals.aggregate-changelog")}
        self.assertEqual(found, {".out": 2, ".dlq": 3, "-totals.aggregate-changelog": 3})

    def test_lines_can_be_read_by_machines(self):
        self.given(order("a", 0))
        steps = {"      - require: id != ''": "      - log: {message: 'got {id}', level: warn}"}
        run = self.finish(self.job(**steps), "--drain", "--log-format", "json")
        lines = [json.loads(line) for line in run.words().splitlines()]
        self.assertTrue(all({"time", "level", "message"} <= line.keys() for line in lines), lines)
        self.assertIn({"level": "warn", "job": self.name, "message": "got a"},
                      [{key: line.get(key) for key in ("level", "job", "message")}
                       for line in lines])
        self.assertTrue(lines[-1]["message"].startswith("totals in=1 out=1"), lines)
        quiet = self.finish(self.job(**steps), "--log-level", "error", "--log-format", "logfmt")
        self.assertRegex(quiet.words(), r'^time=\S+ level=info msg="totals in=0 out=0"\n$')


class Resetting(OperationTest):
    def test_shows_what_it_would_do_and_does_it_when_told(self):
        self.given(order("a", 0))
        job = self.job()
        self.finish(job, "-X", "session.timeout.ms=1000")
        where = (job, "--state-dir", self.state, "--brokers", BROKERS)
        plan, words = self.weir("reset", *where)
        self.assertIn(f"delete   topic {self.name}-totals.aggregate-changelog", plan)
        self.assertIn("nothing was changed", words)
        self.assertTrue((self.state / self.name).exists())
        self.weir("reset", *where, "--yes")
        self.assertFalse((self.state / self.name).exists())
        self.assertEqual([topic for topic in self.cluster.topics()
                          if topic.startswith(f"{self.name}-")], [])
        self.finish(job, "--drain")
        self.assertEqual(self.results(), {("a", 1)})

    def test_is_refused_while_the_job_runs(self):
        self.given()
        run = self.start(self.job())
        run.wait_for("running")
        _, words = self.weir("reset", self.job(), "--state-dir", self.state, "--brokers", BROKERS,
                             "--yes", code=75)
        self.assertIn("an instance of the job is running", words)


class Watching(OperationTest):
    def get(self, url):
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.read().decode()

    def running(self, *arguments, job=None, **more):
        run = self.start(job or self.job(), "--http", "127.0.0.1:0", *arguments, **more)
        run.wait_for("running")
        return run, re.search(r"(http://[\d.:]+)/metrics", run.words())[1]

    # Every metric of the list, but for the process's own.
    LIST = """
        weir_build_info weir_job_info weir_job_state weir_records_in_total weir_bytes_in_total
        weir_records_out_total weir_bytes_out_total weir_records_discarded_total weir_errors_total
        weir_dlq_records_total weir_sink_retries_total weir_sink_up
        weir_end_to_end_latency_seconds_count weir_commit_duration_seconds_count
        weir_transactions_total weir_consumer_lag_records weir_consumer_lag_seconds
        weir_watermark_timestamp_seconds weir_watermark_lag_seconds weir_partitions_idle
        weir_store_entries weir_store_size_bytes weir_step_records_in_total
        weir_step_records_out_total weir_step_duration_seconds_count weir_windows_open
        weir_windows_closed_total
        weir_store_map_used_ratio weir_restore_records_remaining
        weir_restore_records_total
        weir_key_mismatch_total weir_tasks weir_rebalances_total
        weir_sink_write_duration_seconds_count
        weir_rebalance_duration_seconds_count weir_processing_latency_seconds_count
        weir_late_by_seconds_count weir_store_operation_duration_seconds_count
        weir_thread_busy_ratio weir_thread_idle_ratio weir_thread_backpressured_ratio
        weir_kafka_queued_records weir_kafka_round_trip_seconds weir_kafka_waiting_requests
        weir_kafka_errors_total weir_kafka_timeouts_total
        weir_config_reloads_total
        weir_config_last_reload_successful weir_config_last_reload_success_timestamp_seconds
        """.split()

    def expected_of_known_input(self):
        """{metric{labels}: value}: two orders of one window, a later one that closes it, two late
        ones, one that breaks the rule and one that is no JSON. Keys are null."""
        source = f'topic="{self.name}.in",partition="0"'
        step = 'step="totals.aggregate"'
        return {
            'weir_job_state{state="running"}': 1, 'weir_job_state{state="failed"}': 0,
            'weir_records_in_total{stream="orders"}': 7,
            'weir_bytes_in_total{stream="orders"}':
                sum(len(one.value) for one in self.cluster.read(f"{self.name}.in")),
            f'weir_records_out_total{{sink="{self.name}.out"}}': 2,
            'weir_records_out_total{sink="file"}': 2,
            'weir_step_records_in_total{step="totals.1"}': 6,
            'weir_step_records_out_total{step="totals.1"}': 5,
            f'weir_step_records_out_total{{{step}}}': 2,
            f'weir_windows_open{{{step}}}': 1, f'weir_windows_closed_total{{{step}}}': 2,
            'weir_records_discarded_total{reason="late",intentional="true"}': 2,
            'weir_errors_total{stage="decode"}': 1, 'weir_errors_total{stage="process"}': 1,
            'weir_errors_total{stage="commit"}': 0,
            'weir_dlq_records_total{reason="decode"}': 1,
            'weir_dlq_records_total{reason="require"}': 1,
            'weir_dlq_records_total{reason="late"}': 2,
            f'weir_end_to_end_latency_seconds_count{{sink="{self.name}.out"}}': 2,
            f'weir_processing_latency_seconds_count{{sink="{self.name}.out"}}': 2,
            # They are 3 ms and 30 s into time and come when their partition has reached 100 s.
            'weir_late_by_seconds_count{stream="orders"}': 2,
            'weir_late_by_seconds_sum{stream="orders"}': 99.997 + 70,
            'weir_sink_retries_total{sink="file"}': 0, 'weir_sink_up{sink="file"}': 1,
            'weir_transactions_total{outcome="aborted"}': 0,
            f'weir_consumer_lag_records{{{source}}}': 0,
            f'weir_consumer_lag_seconds{{{source}}}': 0,
            'weir_watermark_timestamp_seconds{stream="orders"}': (START + 100_000) / 1000,
            'weir_partitions_idle{stream="orders"}': 0,
            'weir_restore_records_remaining{store="totals.aggregate",partition="0"}': 0,
            'weir_key_mismatch_total{stream="orders"}': 1,
            'weir_tasks{}': 1, 'weir_rebalances_total{reason="assigned"}': 1,
            'weir_rebalances_total{reason="revoked"}': 0,
            'weir_rebalances_total{reason="lost"}': 0, 'weir_rebalance_duration_seconds_count{}': 1,
            'weir_thread_backpressured_ratio{thread="0"}': 0,
            f'weir_kafka_timeouts_total{{client="consumer",broker="{BROKERS}"}}': 0,
            f'weir_kafka_timeouts_total{{client="producer",broker="{BROKERS}"}}': 0,
            'weir_kafka_queued_records{client="producer"}': 0,
            'weir_config_last_reload_successful{}': 1}

    def test_prometheus_reads_every_metric_and_they_are_true(self):
        self.assertIsNotNone(shutil.which("prometheus"), "Debian's package prometheus is missing")
        self.given(order("a", 0, 1), order("b", 10, 2), order("", 2), Record(b"{", START),
                   order("a", 100_000), order("a", 3), order("a", 30_000))
        sinks = f"[{{topic: NAME.out, key: id}}, {{file: {{path: {self.folder}/out.jsonl}}}}]"
        job = self.job(**{"    topic: NAME.in": "    topic: NAME.in\n    keyed_by: id",
                          "{topic: NAME.out, key: id}": sinks})
        _, url = self.running("-X", "statistics.interval.ms=500", job=job)
        with Prometheus(url.removeprefix("http://")) as server:
            own = f'weir_job="{self.name}"'
            server.wait_for(f'sum(weir_records_out_total{{{own}}})', 4)
            time.sleep(2)  # Two scrapes of what is at rest now.
            self.assertEqual([value for _, value in server.query("up")], [1])
            found = {labels["__name__"] for labels, _ in server.query(f"{{{own}}}")}
            found |= {labels["__name__"] for labels, _ in server.query("weir_build_info")}
            self.assertEqual([name for name in self.LIST if name not in found], [])
            for text, value in self.expected_of_known_input().items():
                values = [one for _, one in server.query(text.replace("{", f"{{{own},", 1))]
                self.assertEqual(len(values), 1, text)
                self.assertAlmostEqual(values[0], value, msg=text)
            told = dict((labels["__name__"], labels) for labels, _ in
                        server.query('{__name__=~"weir_build_info|weir_job_info"}'))
            self.assertRegex(told["weir_job_info"]["sha256"], "^[0-9a-f]{64}$")
            self.assertRegex(told["weir_build_info"]["librdkafka"], r"^\d+\.\d+")
        checked = subprocess.run(["promtool", "check", "metrics"], input=self.get(f"{url}/metrics"),
                                 capture_output=True, text=True, check=False)
        self.assertEqual((checked.returncode, checked.stderr), (0, ""), checked.stderr)

    def test_probes_and_pages_answer(self):
        self.given()
        _, url = self.running("-X", "client.id=marker")
        for page in ("/livez", "/readyz", "/startupz"):
            self.assertIs(json.loads(self.get(url + page))["ok"], True)
        self.assertEqual(json.loads(self.get(f"{url}/api/v1/config"))[0]["job"], self.name)
        self.assertEqual(json.loads(self.get(f"{url}/api/v1/job"))[0]["state"], "running")
        told = json.loads(self.weir("status", "--url", url, "-o", "json")[0])
        self.assertEqual(told[0]["job"], self.name)

    def test_systemd_hears_when_it_is_ready_alive_and_stopping(self):
        self.given()
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
            systemd.bind(str(self.folder / "notify"))
            systemd.settimeout(20)
            run = self.start(self.job(), environment={"NOTIFY_SOCKET": str(self.folder / "notify"),
                                                      "WATCHDOG_USEC": "600000"})
            told = []
            while told.count("WATCHDOG=1") < 3 or "READY=1" not in told:
                told.append(systemd.recv(1000).decode())
            self.assertEqual(run.stop(), 0)
            systemd.settimeout(1)
            while "STOPPING=1" not in told:
                told.append(systemd.recv(1000).decode())
        self.assertTrue(any(word.startswith("STATUS=totals in=") for word in told), told)

    def test_the_watchdog_hears_nothing_while_a_worker_stands_still(self):
        self.given(*[order(f"order-{number}", number * 60_000) for number in range(1000)])
        reader, writer = os.pipe()
        fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)  # Full before all results are printed.
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd, open(reader, "rb") as out:
            systemd.bind(str(self.folder / "notify"))
            systemd.settimeout(20)
            run = self.start(self.job(), "--replace-sink", f"{self.name}.out=console",
                             environment={"NOTIFY_SOCKET": str(self.folder / "notify"),
                                          "WATCHDOG_USEC": "900000"}, stdout=writer)
            os.close(writer)

            def told(word, times):
                heard = []
                while heard.count(word) < times and len(heard) < 200:
                    heard.append(systemd.recv(1000).decode().split(" ")[0])
                return heard
            told("READY=1", 1)
            told("STATUS=totals", 4)  # What was heard before it stood still.
            self.assertNotIn("WATCHDOG=1", told("STATUS=totals", 5))
            threading.Thread(target=out.read).start()
            self.assertIn("WATCHDOG=1", told("WATCHDOG=1", 1))
            self.assertEqual(run.stop(), 0)


class Patience(OperationTest):
    """Last, for what it waits for began before all others."""

    def test_z_no_broker_is_69_within_half_a_minute(self):
        code, seconds, words = unreachable.end()
        self.assertEqual(code, 69, words)
        self.assertLess(seconds, 30)
        self.assertIn("no broker answers at 127.0.0.1:1", words)
        self.assertIn("Connection refused", words)
        self.assertLess(len(words.splitlines()), 12, words)


if __name__ == "__main__":
    if not BROKERS:
        if not shutil.which("keytool"):
            print("skipped: there is no keytool")
            sys.exit(77)
        secure_kafka.run_beside([sys.executable, *sys.argv])
    unreachable = Unreachable()
    tests = unittest.TestSuite(
        unittest.defaultTestLoader.loadTestsFromTestCase(part)
        for part in (Running, Stopping, Mistakes, Logs, Resetting, Logins, Watching, Patience,
                     doctor_test.Plan, doctor_test.Doctor, first_result.FirstResult))
    if len(sys.argv) > 1:
        tests = unittest.defaultTestLoader.loadTestsFromNames(sys.argv[1:], sys.modules["__main__"])
    result = unittest.TextTestRunner(verbosity=2).run(tests)
    if not unreachable.run.process.poll() is not None:
        unreachable.run.kill()
    sys.exit(not result.wasSuccessful())
