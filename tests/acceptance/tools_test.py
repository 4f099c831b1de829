#!/usr/bin/python3
"""The tools of who looks after a running job, on a real broker: top, tap, state, dlq, stop_above.
What they print as JSON is held against the schemas that are installed.

    tools_test.py [TEST...]     WEIR_BINARY names the program; WEIR_TEST_BROKERS its brokers
"""

import collections
import fcntl
import json
import os
import pathlib
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
import unittest
import urllib.parse

sys.dont_write_bytecode = True

try:
    import confluent_kafka  # noqa: F401
    import jsonschema  # noqa: F401
except ModuleNotFoundError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

from cluster import Record
from runner import BINARY
from tools import BROKERS, JOB, START, ToolTest, order, valid, widest

class Watching(ToolTest):
    """One job at work all the time: top and tap."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.path = cls.job("watched")
        cls.cluster.write("watched.in", [order(0, amount=0), Record(b"{", START)])
        cls.run_of, cls.url = cls.listening(cls.path)
        cls.enough = threading.Event()
        cls.feeder = threading.Thread(target=cls.feed)
        cls.feeder.start()
        cls.addClassCleanup(cls.feeder.join)
        cls.addClassCleanup(cls.enough.set)

    @classmethod
    def feed(cls):
        """Some hundred orders a second; each id comes twice, every tenth is nobody's."""
        number = 0
        while not cls.enough.wait(0.05):
            fresh = range(number, number + 10)
            number += 10
            cls.cluster.write("watched.in", [
                order(n, "nobody" if n % 10 == 9 else f"u{n % 3}", n + 1, n, partition=n % 2)
                for n in fresh for _ in range(2)])

    def look(self):
        return valid("top", self.weir("top", "--url", self.url, "-o", "json")[0])["jobs"][0]

    def test_top_counts_what_flows(self):
        def settled():
            job = self.look()
            steps = {step["step"]: step for step in job["steps"]}
            return (job, steps) if steps["totals.1"]["in"] > 50 else None
        job, steps = self.until(settled)
        self.assertEqual([(step["step"], step["kind"]) for step in job["steps"]], [
            ("orders", "source"), ("clean.1", "require"), ("clean.2", "dedupe"),
            ("totals.1", "filter"), ("totals.2", "aggregate"), ("watched.out", "sink")])
        # Of one job at one moment; tasks publish one after the other.
        self.assertEqual(steps["orders"]["discarded"], {"decode": 1})
        self.assertEqual(steps["clean.1"]["discarded"], {"require": 1})
        self.assertEqual(steps["clean.1"]["in"], steps["clean.1"]["out"] + 1)
        self.assertEqual(steps["orders"]["in"], steps["orders"]["out"] + 1)
        self.assertEqual(steps["orders"]["out"], steps["clean.1"]["in"])
        dedupe = steps["clean.2"]
        self.assertEqual(dedupe["in"], dedupe["out"] + dedupe["discarded"]["duplicate"])
        self.assertGreater(dedupe["discarded"]["duplicate"], 20)
        self.assertEqual(steps["totals.1"]["in"], dedupe["out"])
        # Every tenth is dropped, and they come by tens.
        share = steps["totals.1"]["out"] / steps["totals.1"]["in"]
        self.assertTrue(0.85 < share < 0.95, share)
        self.assertGreater(steps["totals.2"]["open_windows"], 0)
        self.assertGreater(steps["orders"]["busy_seconds"], 0)
        self.assertEqual(dedupe["stores"], ["clean.dedupe"])
        self.assertEqual(job["streams"][0]["stream"], "orders")
        self.assertEqual(len(job["streams"][0]["partitions"]), 2)

    def test_top_once_is_a_page_of_80_columns(self):
        # Of a moment in which records flowed: on a busy machine there are others.
        flowing = r"(?m)^clean.2 +dedupe +[1-9]\S* +[1-9]\S* +[1-9]\S* duplicate"
        for _ in range(20):
            text, _ = self.weir("top", "--url", self.url, "--once", "--sort", "in")
            if re.search(flowing, text):
                break
        self.assertLessEqual(widest(text), 80, text)
        self.assertRegex(text, r"^watched  running \d\d:\d\d:\d\d  in \d+(\.\d)?k?/s")
        self.assertRegex(text, flowing)
        self.assertRegex(text, r"(?m)^orders +\d+ +2025-11-24T16:\S+")
        only, _ = self.weir("top", "watched", "--url", self.url, "--once", "--filter", "dedupe")
        self.assertIn("clean.2", only)
        self.assertNotIn("totals.1", only)

    def test_top_lives_on_a_terminal(self):
        process, screen = pty.fork()
        if process == 0:
            os.environ["TERM"] = "xterm"
            os.execlp(BINARY, BINARY, "top", "--url", self.url, "--interval", "300ms")
        fcntl.ioctl(screen, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        seen = b""

        def shows(words, seconds=20):
            nonlocal seen
            deadline = time.monotonic() + seconds
            while words not in seen:
                self.assertLess(time.monotonic(), deadline, seen[-3000:].decode())
                if select.select([screen], [], [], 0.2)[0]:
                    seen += os.read(screen, 65536)
            seen = b""
        shows(b"q quit   s sort   / filter")
        os.write(screen, b"s")
        shows(b"s sort (in)")
        os.write(screen, b"/dedupe\n")
        shows(b"filter: dedupe")
        os.write(screen, b"q")
        shows(b"\x1b[?1049l")
        self.assertEqual(os.waitpid(process, 0)[1], 0)
        os.close(screen)

    def test_top_says_what_is_wrong(self):
        self.assertIn("nobody answers", self.weir("top", "--url", "http://127.0.0.1:1", "--once",
                                                  code=69)[1])
        self.assertIn("no job 'other' runs", self.weir("top", "other", "--url", self.url, "--once",
                                                       code=64)[1])
        self.assertIn("no terminal", self.weir("top", "--url", self.url, code=64)[1])
        self.weir("top", "--url", self.url, "--interval", "now", code=64)

    def test_tap_shows_samples_of_both_sides(self):
        lines, words = self.weir("tap", "watched", "totals.1", "--url", self.url, "-o", "json",
                                 "--limit", "300", "--rate", "1000")
        samples = [valid("tap-sample", line) for line in lines.splitlines()]
        self.assertEqual(len(samples), 300)
        self.assertEqual({one["side"] for one in samples}, {"in", "out"})
        users = {side: {one["value"]["user"] for one in samples if one["side"] == side}
                 for side in ("in", "out")}
        self.assertEqual(users["in"], {"u0", "u1", "u2", "nobody"})
        self.assertEqual(users["out"], {"u0", "u1", "u2"})
        self.assertIn("300 shown", words)

    def test_tap_shows_what_a_condition_holds_for(self):
        lines, _ = self.weir("tap", self.path, "clean.2", "--out", "--url", self.url, "--where",
                             "user = 'u1' and amount > 5", "--limit", "5", "-o", "json")
        for line in lines.splitlines():
            sample = valid("tap-sample", line)
            self.assertEqual((sample["side"], sample["value"]["user"]), ("out", "u1"))
            self.assertGreater(sample["value"]["amount"], 5)

    def test_tap_looks_at_no_more_than_its_rate(self):
        lines, words = self.weir("tap", "watched", "orders", "--url", self.url, "--rate", "5",
                                 "--for", "2s")
        # Five of the second before, five of each second that passes.
        self.assertLessEqual(len(lines.splitlines()), 5 * 5)
        passed, looked_at = re.search(r"([\d,]+) records passed, ([\d,]+) were looked at",
                                      words).groups()
        self.assertGreater(int(passed.replace(",", "")), int(looked_at.replace(",", "")))

    def test_a_tap_ends_with_who_asked_for_it(self):
        code, text = self.get(f"{self.url}/api/v1/tap?step=orders")
        self.assertEqual(code, 200, text)
        name = json.loads(text)["id"]
        self.assertEqual(self.get(f"{self.url}/api/v1/tap?id={name}")[0], 200)
        time.sleep(6)
        self.assertEqual(self.get(f"{self.url}/api/v1/tap?id={name}")[0], 410)

    def test_tap_says_what_is_wrong(self):
        tap = ("tap", "watched")
        words = self.weir(*tap, "clean.3", "--url", self.url, code=64)[1]
        self.assertIn("there is no step 'clean.3' (did you mean 'clean.", words)
        words = self.weir(*tap, "orders", "--in", "--url", self.url, code=64)[1]
        self.assertIn("no records go into 'orders'", words)
        self.assertIn("--where", self.weir(*tap, "orders", "--where", "amount >", "--url",
                                           self.url, code=64)[1])
        self.weir("tap", "other", "orders", "--url", self.url, code=64)
        self.weir(*tap, "orders", "--url", "http://127.0.0.1:1", code=69)
        self.weir(*tap, "orders", "--rate", "0", "--url", self.url, code=64)

    def test_metrics_name_the_steps(self):
        text = self.until(lambda: (t := self.get(f"{self.url}/metrics")[1])
                          and "weir_step_duration_seconds_count" in t and t)
        for name in ("weir_step_records_in_total", "weir_step_records_out_total"):
            self.assertIn(f'{name}{{weir_job="watched",step="clean.1",kind="require"}}', text)
        self.assertIn('weir_windows_open{weir_job="watched",step="totals.aggregate"}', text)
        self.assertIn('weir_store_size_bytes{weir_job="watched",store="clean.dedupe"}', text)


class State(ToolTest):
    """A job that has ended, and then runs again."""

    def setUp(self):
        if "kept.in" in self.cluster.topics():
            return
        type(self).path = self.job("kept")
        self.cluster.write("kept.in", [order(n, f"u{n % 3}", n, n * 1000, partition=n % 2)
                                       for n in range(1, 91)])
        self.finish(self.path)

    def state_of(self, *words, code=0):
        return self.weir("state", words[0], self.path, *words[1:], "--state-dir", self.state,
                         code=code)

    @staticmethod
    def model():
        """What windows hold for a user: orders 1 to 90 are a second apart, a window is a minute."""
        found = collections.defaultdict(lambda: (0, 0))
        for n in range(1, 91):
            orders, total = found[f"u{n % 3}", n // 60]
            found[f"u{n % 3}", n // 60] = orders + 1, total + n
        return found

    def windows(self, lines):
        found = {}
        for row in lines:
            self.assertEqual(row["window_start"][:17], row["value"]["window_start"][:17])
            minute = int(row["window_start"][14:16])
            self.assertEqual(row["window_end"], f"2025-11-24T16:{minute + 1:02}:00Z")
            found[row["key"], minute] = row["value"]["orders"], row["value"]["total"]
        return found

    def open_windows(self):
        """Closed ones are gone: time has come to 1 min 29 s, and all partitions are past it."""
        return {at: sums for at, sums in self.model().items() if at[1] == 1}

    def test_list(self):
        told = valid("state", self.state_of("list", "-o", "json")[0])
        entries = collections.Counter()
        for store in told["stores"]:
            entries[store["store"], store["kind"]] += store["entries"]
        # An entry for each id, a row for the time of each task.
        self.assertGreaterEqual(entries["clean.dedupe", "dedupe"], 90)
        self.assertIn(("totals.aggregate", "windows"), entries)
        text, _ = self.state_of("list")
        self.assertLessEqual(widest(text), 80, text)
        self.assertIn("FILL", text)

    def test_rows_are_what_the_job_has_counted(self):
        lines = [valid("state-row", line) for line in
                 self.state_of("dump", "totals.aggregate", "-o", "json")[0].splitlines()]
        self.assertEqual(self.windows(lines), self.open_windows())
        some, words = self.state_of("scan", "clean.dedupe")
        self.assertEqual(len(some.splitlines()), 20)
        self.assertIn("there is more", words)
        all_ids = self.state_of("dump", "clean.dedupe", "-o", "json")[0].splitlines()
        self.assertEqual({valid("state-row", line)["key"] for line in all_ids},
                         {f"o{n}" for n in range(1, 91)})

    def test_a_key(self):
        text, _ = self.state_of("get", "totals.aggregate", "--key", "u1")
        self.assertIn("2025-11-24T16:01:00Z to 2025-11-24T16:02:00Z", text)
        self.assertIn('"orders":10', text)
        self.assertIn("nothing of it", self.state_of("get", "totals.aggregate", "--key", "u9",
                                                     code=1)[1])

    def test_mistakes(self):
        words = self.state_of("get", "totals.agregate", "--key", "u1", code=64)[1]
        self.assertIn("no store 'totals.agregate' (did you mean 'totals.aggregate'", words)
        self.state_of("get", "totals.aggregate", code=64)
        self.state_of("look", code=64)
        self.weir("state", "list", self.path, "--state-dir", self.folder / "nowhere", code=74)
        self.weir("state", "list", self.folder / "nowhere.yaml", code=78)

    def test_z_beside_the_running_job_and_over_http(self):
        run, url = self.listening(self.path)
        expected = self.open_windows()
        key = urllib.parse.quote("u1")

        def asked():
            code, text = self.get(f"{url}/api/v1/state/totals.aggregate?key={key}")
            return code == 200 and json.loads(text)["rows"]
        rows = self.until(asked)
        for row in rows:
            valid("state-row", json.dumps(row))
        self.assertEqual(self.windows(rows), {at: sums for at, sums in expected.items()
                                              if at[0] == "u1"})
        self.cluster.write("kept.in", [order(1000, "u1", 5, 95_000)])
        grown = (expected["u1", 1][0] + 1, expected["u1", 1][1] + 5)

        def beside():
            lines = self.state_of("get", "totals.aggregate", "--key", "u1", "-o", "json")[0]
            return self.windows(map(json.loads, lines.splitlines())) == {("u1", 1): grown}
        self.until(beside)
        code, text = self.get(f"{url}/api/v1/state")
        self.assertEqual(code, 200)
        valid("state", json.dumps(json.loads(text)["jobs"][0]))
        self.assertEqual(self.get(f"{url}/api/v1/state/nothing")[0], 404)
        self.assertEqual(self.get(f"{url}/api/v1/state/totals.aggregate?limit=no")[0], 400)
        self.assertIsNone(run.process.poll())


class DeadLetters(ToolTest):
    def setUp(self):
        self.name = self.id().rsplit(".", 1)[-1].replace("_", "-")[5:40].rstrip("-")
        self.path = self.job(self.name)

    def dlq(self, action, *words, code=0):
        return self.weir("dlq", action, self.path, *words, "--brokers", BROKERS, code=code)

    def groups(self, *words):
        told = valid("dlq-list", self.dlq("list", "-o", "json", *words)[0])
        return {one["reason"]: one["count"] for one in told["groups"]}

    def bad_records(self):
        headers = [("trace", b"1"), ("trace", None), ("trace", b"2")]
        self.cluster.write(f"{self.name}.in", [
            order(1, at=0), order(2, amount=0, at=1000, headers=headers),
            order(3, amount=-4, at=2000, partition=1), Record(b'{"id":', START + 3000, key=b"k"),
            order(4, at=90_000), order(5, at=1000)])
        self.finish(self.path)

    def inputs(self):
        return self.cluster.read(f"{self.name}.in")

    def test_letters_are_listed_and_shown(self):
        self.bad_records()
        self.assertEqual(self.groups(), {"decode": 1, "require": 2, "late": 1})
        text, _ = self.dlq("list")
        self.assertRegex(text, r"(?m)^require +clean.1 +2 +2025-11-24T16:00:01 +16:00:02\n"
                               r"  \S+/[01]@\d+  amount > 0\n")
        shown = [valid("dlq-letter", line)["step"] for line in
                 self.dlq("show", "-o", "json")[0].splitlines()]
        self.assertEqual(sorted(shown), ["clean.1", "clean.1", "orders", "totals.2"])
        self.assertIn("late in totals.2  ", self.dlq("show", "--reason", "late")[0])
        letters = [valid("dlq-letter", line) for line in
                   self.dlq("show", "--reason", "require", "-o", "json")[0].splitlines()]
        self.assertEqual([one["value"]["id"] for one in sorted(
            letters, key=lambda one: one["time"])], ["o2", "o3"])
        first = next(one for one in letters if one["value"]["id"] == "o2")
        self.assertEqual(first["headers"], [["trace", "1"], ["trace", None], ["trace", "2"]])
        self.assertEqual((first["from"]["topic"], first["step"]), (f"{self.name}.in", "clean.1"))
        self.assertIn("header trace = 1", self.dlq("show", "--reason", "require")[0])
        self.assertEqual(self.groups("--where", "amount < -1"), {"require": 1})
        self.assertEqual(self.groups("--since", "2025-11-24T16:00:03Z"), {"decode": 1})
        self.assertEqual(self.groups("--step", "clean.1"), {"require": 2})
        self.assertEqual(self.groups("--step", "orders"), {"decode": 1})
        self.assertEqual(self.groups("--step", "totals.2"), {"late": 1})
        self.assertEqual(self.groups("--since", "1h"), {})

    def test_replay_writes_records_back_as_they_were(self):
        self.bad_records()
        plan, words = self.dlq("replay", "--reason", "require")
        self.assertIn(f"replay   2 letters to topic {self.name}.in", plan)
        self.assertIn("nothing was changed", words)
        self.assertEqual(len(self.inputs()), 6)
        done = valid("dlq-change", self.dlq("replay", "--where", "amount = 0", "--yes", "-o",
                                            "json")[0])
        self.assertEqual((done["done"], done["letters"]), (True, 1))
        original, again = [one for one in self.inputs() if one.key == b"o2"]
        self.assertEqual((again.value, again.timestamp, again.partition, again.headers),
                         (original.value, original.timestamp, original.partition,
                          original.headers))
        self.assertEqual(self.groups(), {"decode": 1, "require": 1, "late": 1})
        self.assertIn("nothing: no dead letters match",
                      self.dlq("replay", "--where", "amount = 0", "--yes")[0])
        self.finish(self.path)  # It fails again, and is a new letter.
        self.assertEqual(self.groups(), {"decode": 1, "require": 2, "late": 1})

    def test_drop_takes_letters_off_the_list(self):
        self.bad_records()
        self.dlq("drop", "--reason", "decode")
        self.assertIn("decode", self.groups())
        valid("dlq-change", self.dlq("drop", "--reason", "decode", "-o", "json")[0])
        self.dlq("drop", "--reason", "decode", "--yes")
        self.assertEqual(self.groups(), {"require": 2, "late": 1})
        told = valid("dlq-list", self.dlq("list", "-o", "json")[0])
        self.assertEqual(told["handled"], 1)
        self.assertEqual(len(self.inputs()), 6)

    def test_who_is_killed_while_it_replays_repeats_and_loses_nothing(self):
        count = 8000
        self.cluster.write(f"{self.name}.in", [order(n, amount=0, at=n, partition=n % 2)
                                               for n in range(count)])
        self.finish(self.path)
        kills = 0
        for attempt in range(40):
            process = subprocess.Popen(
                [BINARY, "dlq", "replay", self.path, "--yes", "--brokers", BROKERS],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                process.wait(0.35 + 0.1 * (attempt % 9))
                break
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()
                kills += 1
        self.dlq("replay", "--yes")
        self.assertGreater(kills, 1)
        again = collections.Counter(one.key for one in self.inputs())
        self.assertEqual(set(again.values()), {2}, again.most_common(3))
        self.assertEqual(len(again), count)
        self.assertEqual(self.groups(), {})

    def test_mistakes(self):
        self.assertIn("there is no topic 'mistakes.dlq'", self.dlq("list", code=69)[1])
        self.assertIn("none of list", self.dlq("empty", code=64)[1])
        self.assertIn("--where", self.dlq("list", "--where", "amount >", code=64)[1])
        self.assertIn("--since", self.dlq("list", "--since", "lately", code=64)[1])
        silent = self.folder / "silent.yaml"
        silent.write_text(self.path.read_text().replace("errors: {dlq: mistakes.dlq}\n", ""))
        self.assertIn("keeps no dead letters", self.weir("dlq", "list", silent, "--brokers",
                                                         BROKERS, code=64)[1])
        self.weir("dlq", "list", self.folder / "nowhere.yaml", code=78)


class StopAbove(ToolTest):
    def given(self, name, one_of):
        path = self.job(name, JOB.replace("{dlq: NAME.dlq}",
                                          "{dlq: NAME.dlq, stop_above: {share: 5%, over: 1m}}"))
        self.cluster.write(f"{name}.in", [order(n, amount=0 if n % one_of == 0 else 1, at=n)
                                          for n in range(200)])
        return path

    def test_too_many_dead_letters_end_the_job(self):
        run = self.finish(self.given("bad", 3), code=65)
        self.assertRegex(run.words(), r"too many dead letters: \d+ of the last \d+ records, "
                                      r"[\d.]+ %; the job allows 5 %")

    def test_a_few_do_not(self):
        self.finish(self.given("fair", 25))


class Patience(ToolTest):
    """Nobody listens there: these take as long as the tools are patient, beside the others."""

    def test_no_broker_is_69(self):
        code, words = unreachable.result()
        self.assertEqual(code, 69, words)
        self.assertIn("no broker answers at 127.0.0.1:1", words)


class Unreachable(threading.Thread):
    def run(self):
        with tempfile.TemporaryDirectory(prefix="weir-acceptance-") as folder:
            path = pathlib.Path(folder) / "job.yaml"
            path.write_text(JOB.replace("NAME", "unreachable"))
            self.done = subprocess.run([BINARY, "dlq", "list", path, "--brokers", "127.0.0.1:1"],
                                       capture_output=True, text=True, timeout=60, check=False)

    def result(self):
        self.join()
        return self.done.returncode, self.done.stderr


if __name__ == "__main__":
    unreachable = Unreachable()
    unreachable.start()
    tests = unittest.TestSuite(
        unittest.defaultTestLoader.loadTestsFromTestCase(part)
        for part in (Watching, State, DeadLetters, StopAbove, Patience))
    if len(sys.argv) > 1:
        tests = unittest.defaultTestLoader.loadTestsFromNames(sys.argv[1:], sys.modules["__main__"])
    sys.exit(not unittest.TextTestRunner(verbosity=2).run(tests).wasSuccessful())
