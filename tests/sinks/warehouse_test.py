#!/usr/bin/python3
"""The warehouse end to end: generated events, six queries, files and PostgreSQL against a model of
them; the dashboard's queries and the alert rules against a real Prometheus that scrapes the job.

    with_kafka.sh -- with_postgres.sh warehouse_test.py     WEIR_BINARY names the program

Without Prometheus that part is left out, and the exit is 77.
"""

import collections
import gzip
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
import time
import unittest
import urllib.parse
import urllib.request

sys.dont_write_bytecode = True

from sinks_world import BROKERS, HERE, POSTGRES, postgres, query  # First: it may skip all.

import confluent_kafka as kafka
import six_queries
from cluster import Cluster
from runner import BINARY, Run

ROOT = HERE.parents[1]
JOB = ROOT / "jobs" / "variants" / "streaming-events-warehouse.yaml"
NAME, TOPIC = "streaming-events-warehouse", "streaming-events"
DASHBOARD = ROOT / "packaging" / "grafana" / "dashboards" / "weir-streaming-events.json"
RULES = ROOT / "packaging" / "prometheus" / "weir.rules.yaml"
HISTORY = int(os.environ.get("WEIR_RECORDS", "6000"))  # Events of the past, 4 a second.
TABLES = ("raw_events", "event_counts", "user_activity", "purchase_metrics", "session_metrics",
          "device_stats")
KEYS = {"event_counts": ("event_type",), "user_activity": ("user_id",), "purchase_metrics": (),
        "session_metrics": ("session_id",), "device_stats": ("device", "location")}


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def got(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read().decode()


def until(done, seconds, what):
    deadline = time.monotonic() + seconds
    while True:
        found = done()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.2)


def rows(sql):
    """Of a query: a list of objects."""
    text = f"select coalesce(json_agg(t), '[]') from ({sql}) t"
    return json.loads("\n".join(query(text)), parse_float=six_queries.Decimal)


def in_model_terms(name, row):
    """A row, of a table or of a file, as the model has it: key and fields."""
    row = dict(row)
    for field in ("window_start", "first_event", "last_event", "session_start", "session_end"):
        if field in row:
            row[field] = six_queries.time_of(row[field])
    row.pop("window_end")
    key = (*(row.pop(field) for field in KEYS[name]), row.pop("window_start"))
    for field, value in row.items():
        if isinstance(value, six_queries.Decimal) and value == int(value) and \
                field in ("event_count", "unique_users", "unique_sessions"):
            row[field] = int(value)
    return key, row


class Prometheus:
    """A real one that scrapes the job every second."""

    def __init__(self, folder, target):
        self.port = free_port()
        config = folder / "prometheus.yml"
        config.write_text(
            "global: {scrape_interval: 1s, evaluation_interval: 1s}\n"
            f"rule_files: [{RULES}]\n"
            "scrape_configs:\n  - job_name: weir\n    static_configs:\n"
            f"      - targets: ['{target}']\n")
        self.log = open(folder / "prometheus.log", "wb")
        self.process = subprocess.Popen(
            ["prometheus", f"--config.file={config}", f"--storage.tsdb.path={folder / 'tsdb'}",
             f"--web.listen-address=127.0.0.1:{self.port}"], stdout=self.log, stderr=self.log)

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.log.close()

    def ask(self, path, **arguments):
        query = urllib.parse.urlencode(arguments)
        answer = json.loads(got(f"http://127.0.0.1:{self.port}/api/v1/{path}?{query}"))
        if answer["status"] != "success":
            raise AssertionError(answer)
        return answer["data"]

    def is_scraping(self):
        try:
            targets = self.ask("targets")["activeTargets"]
        except OSError:
            return False
        return bool(targets) and all(target["health"] == "up" for target in targets)


def queries_of(dashboard):
    """(panel, query) for Prometheus, with values for Grafana's variables."""
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            if "expr" in target:
                query = target["expr"].replace("$job", NAME).replace("$__rate_interval", "10s")
                yield panel["title"], query.replace("[5m:]", "[20s:1s]")


WORD = re.compile(r"(weir_[a-z_]+|process_[a-z_]+)(\{[^}]*\})?")
OWN = {"weir_job"}  # A label, and the labels that Prometheus adds.
ADDED = {"job", "instance", "__name__", "le"}


def metrics_used():
    """Each metric in dashboard and rules, with the labels it is asked for."""
    texts = [query for _, query in queries_of(json.loads(DASHBOARD.read_text()))]
    dashboard = json.loads(DASHBOARD.read_text())
    texts += [one["query"]["query"].replace("label_values", "")
              for one in dashboard["templating"]["list"]]
    texts += [one["expr"] for one in dashboard["annotations"]["list"]]
    expressions = re.findall(r"expr: (.*?)\n\s+(?:for|labels):", RULES.read_text(), re.S)
    used = collections.defaultdict(set)
    for text in texts + expressions:
        for name, labels in WORD.findall(text):
            if name not in OWN:
                used[name] |= set(re.findall(r"(\w+)\s*=?[=~!]", labels))
        for name, by in re.findall(r"by \(([^)]*)\) \(+(?:rate|delta|deriv|increase)?\(?(weir_\w+)",
                                   text):
            used[by] |= {label.strip() for label in name.split(",")}
    return used


def metrics_there(page):
    there = collections.defaultdict(set)
    for line in page.splitlines():
        match = re.match(r"(\w+)(?:\{(.*)\})? ", line)
        if match and not line.startswith("#"):
            there[match[1]] |= set(re.findall(r'(\w+)="', match[2] or ""))
    return there


class Warehouse(unittest.TestCase):
    maxDiff = 4000

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="weir-warehouse-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.files = self.folder / "warehouse"
        self.environment = {"WAREHOUSE_URI": POSTGRES, "OUTPUT_PATH": str(self.files)}
        self.cluster = Cluster(BROKERS)
        self.cluster.create(TOPIC, 3)

    def start(self, *arguments):
        run = Run(BROKERS, self.folder / "state", JOB, *arguments, environment=self.environment)
        self.addCleanup(run.__exit__)
        return run

    def produce_history(self):
        """The generator's events of the last hour, which is over in a moment."""
        start = time.time() - HISTORY / 4 - 900
        made = subprocess.run(
            [BINARY, "produce", "streaming-events", "--print", "-n", str(HISTORY), "--rate", "4/s",
             "--seed", "7", "--start", time.strftime("%FT%TZ", time.gmtime(start))],
            check=True, capture_output=True)
        producer = kafka.Producer({"bootstrap.servers": BROKERS, "linger.ms": 20,
                                   "partitioner": "murmur2_random"})
        for line in made.stdout.splitlines():
            record = json.loads(line)
            value = record["value"]
            text = value if isinstance(value, str) else json.dumps(value)
            producer.produce(TOPIC, text, record["key"],
                             timestamp=six_queries.time_of(record["time"]))
            producer.poll(0)
        self.assertEqual(producer.flush(60), 0)

    def produce_live(self, seconds=300):
        live = subprocess.Popen([BINARY, "produce", "streaming-events", "--rate", "100/s", "--for",
                                 f"{seconds}s", "--brokers", BROKERS, "-q"])
        self.addCleanup(lambda: (live.kill(), live.wait()))
        return live

    def test_six_queries_fill_the_warehouse_and_the_dashboard(self):
        self.produce_history()
        target = f"127.0.0.1:{free_port()}"
        run = self.start("--http", target)
        run.wait_for("running", 60)
        watched = self.watch(run, target) if shutil.which("prometheus") else None
        if watched is None:
            self.produce_live(20).wait(100)
        self.assertEqual(run.stop(60), 0, run.words())
        self.finish()
        records = self.cluster.read(TOPIC)
        model = six_queries.SixQueries(records)
        self.assertGreater(model.dead, 0)
        self.assertGreater(model.late["event_counts"], 0)
        self.expect_tables(model)
        self.expect_files(model)
        if watched is None:
            self.skipTest("there is no prometheus: dashboard and alerts were not looked at")
        self.expect_numbers(watched, model, len(records))

    def finish(self):
        """What only an instance that is alone may do: the one before has to have left."""
        for _ in range(40):
            run = self.start("--until-end", "--drain")
            if run.wait(120) == 0:
                return
            self.assertEqual(run.process.returncode, 75, run.words())
            time.sleep(2)
        self.fail("it was never alone")

    # ---- Tables and files ----------------------------------------------------------------------

    def expect_tables(self, model):
        for name in KEYS:
            found = [in_model_terms(name, row) for row in rows(f"select * from {name}")]
            self.assertEqual(len(found), len(dict(found)))
            self.assertIsNone(six_queries.difference(name, model.rows(name), dict(found)))
        raw = {row["event_id"]: row for row in rows("select * from raw_events")}
        self.expect_raw(model, raw)

    def expect_raw(self, model, raw):
        self.assertEqual(raw.keys(), model.raw.keys())
        for event_id, event in model.raw.items():
            row = raw[event_id]
            self.assertEqual(six_queries.time_of(row["event_time"]), event["at"])
            self.assertIsNotNone(row["processing_time"])
            for field, value in event.items():
                if field in ("at", "timestamp"):
                    continue
                if field in ("total_amount", "price"):
                    value = six_queries.money(value)
                self.assertEqual(row[field], value, f"{field} of {event_id}")

    def lines(self, name):
        for path in sorted((self.files / name).rglob("*.gz")):
            self.assertRegex(str(path.parent.relative_to(self.files / name)),
                             r"^date=\d{4}-\d\d-\d\d/hour=\d\d$")
            with gzip.open(path, "rt") as file:
                for line in file:
                    yield json.loads(line, parse_float=six_queries.Decimal)

    def expect_files(self, model):
        for name in KEYS:
            found = dict(in_model_terms(name, line) for line in self.lines(name))
            self.assertIsNone(six_queries.difference(name, model.rows(name), found))
        self.expect_raw(model, {line["event_id"]: line for line in self.lines("raw_events")})

    # ---- Prometheus ----------------------------------------------------------------------------

    def watch(self, run, target):
        """Asks everything that the dashboard asks while events come in, and the server of the
        tables is gone for a moment. Returns the single numbers once all is read."""
        prometheus = Prometheus(self.folder, target)
        self.addCleanup(prometheus.stop)
        until(prometheus.is_scraping, 30, "Prometheus scrapes the job")
        live = self.produce_live()
        time.sleep(4)
        postgres("pause")
        page = until(lambda: self.page_with_retries(target), 60, "the sink retries")
        postgres("resume")
        self.assertIsNone(live.poll(), "the events ended before the panels were asked for")
        self.expect_metrics(page)
        dashboard = json.loads(DASHBOARD.read_text())
        self.assertEqual(len(dashboard["panels"]), 8)
        asked = list(queries_of(dashboard))
        for panel, query in asked:
            # While the server was away nothing was committed: there is no ratio of nothing.
            until(lambda q=query: self.has_numbers(prometheus, q), 60, f"{panel}: {query}")
        self.expect_rules(prometheus)
        live.send_signal(signal.SIGINT)
        self.assertIn(live.wait(60), (0, 130))
        until(lambda: self.lag(target) == 0, 60, "all is read")
        time.sleep(3)  # Scraped once more.
        return {panel: [float(one["value"][1])
                        for one in prometheus.ask("query", query=query)["result"]]
                for panel, query in asked}

    @staticmethod
    def has_numbers(prometheus, query):
        found = prometheus.ask("query", query=query)["result"]
        return found and all(one["value"][1] != "NaN" for one in found)

    def page_with_retries(self, target):
        page = got(f"http://{target}/metrics")
        # Of partitions it tells when it has them: other machines take long to join.
        told = re.search(r"^weir_sink_retries_total\{.*\} [1-9]", page, re.M) and \
            re.search(r"^weir_consumer_lag_records\{", page, re.M)
        return page if told else None

    def lag(self, target):
        page = got(f"http://{target}/metrics")
        return sum(float(value) for value in
                   re.findall(rf'^weir_consumer_lag_records\{{.*"{TOPIC}".*\}} (\S+)', page, re.M))

    def expect_metrics(self, page):
        there = metrics_there(page)
        for name, labels in metrics_used().items():
            self.assertIn(name, there, "in dashboard or rules, and not in /metrics")
            self.assertLessEqual(labels - ADDED, there[name], f"labels of {name}")

    def expect_rules(self, prometheus):
        groups = prometheus.ask("rules")["groups"]
        rules = [rule for group in groups for rule in group["rules"]]
        self.assertGreaterEqual(len(rules), 10)
        for rule in rules:
            self.assertEqual(rule["health"], "ok", rule)
        firing = [rule["name"] for rule in rules if rule["state"] == "firing"]
        self.assertEqual(firing, [])

    def expect_numbers(self, watched, model, count):
        self.assertEqual(watched["Produced"], [count])
        self.assertEqual(watched["Processed"], [count])
        self.assertEqual(watched["Failed"], [model.dead])
        self.assertAlmostEqual(watched["Success rate"][0], 100 * (count - model.dead) / count, 3)
        self.assertEqual(watched["Processing delay"], [0])
        dashboard = json.loads(DASHBOARD.read_text())
        pie = [target["rawSql"] for panel in dashboard["panels"] for target in panel["targets"]
               if "rawSql" in target]
        self.assertEqual(len(pie), 1)
        sql = re.sub(r"\$__timeFilter\((\w+)\)", r"\1 between '2000-01-01' and '2100-01-01'",
                     pie[0])
        by_type = collections.Counter()
        for (event_type, _), row in model.rows("event_counts").items():
            by_type[event_type] += row["event_count"]
        self.assertEqual({row["metric"]: int(row["value"]) for row in rows(sql)}, by_type)


if __name__ == "__main__":
    unittest.main(verbosity=2)
