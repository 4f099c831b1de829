#!/usr/bin/python3
"""What the engine costs on a real Kafka, beside bare clients of librdkafka in the same run.

    with_kafka.sh -- figures.py PROGRAMS [speed] [latency] [state] [memory] [--records N] [--keys N]

PROGRAMS is the folder with perf_job, perf_bare_client, perf_fill and perf_latency (WEIR_BENCH=ON,
RelWithDebInfo). Ratios are to the bare client; a bar stands beside each figure that has one.
"""

import argparse
import os
import pathlib
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid

import confluent_kafka as kafka

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "acceptance"))
from cluster import Cluster  # noqa: E402

BROKERS = os.environ["WEIR_TEST_BROKERS"]
PARTITIONS = 3
GHOST_SECONDS = 7  # Longer than a session.
SMALL = 1000  # Records of the run whose cost is the start.


class Ended:
    """A process that has ended: what it said, and what it took."""

    def __init__(self, command, words, status, usage, wall):
        self.words, self.wall = words, wall
        self.cpu = usage.ru_utime + usage.ru_stime
        self.megabytes = usage.ru_maxrss / 1024
        if status != 0:
            raise SystemExit(f"{command} ended with {status}:\n{words}")

    def number(self, name):
        found = re.findall(rf"\b{re.escape(name)}=([\d.]+)", self.words)
        return float(found[-1]) if found else 0.0


class Running:
    def __init__(self, *command):
        self.command = [str(word) for word in command]
        self.log = tempfile.TemporaryFile()
        self.begin = time.monotonic()
        self.process = subprocess.Popen(self.command, stdout=self.log, stderr=self.log)

    def words(self):
        self.log.seek(0)
        return self.log.read().decode(errors="replace")

    def says(self, text):
        return text in self.words()

    def wait_for(self, text, seconds=120):
        deadline = time.monotonic() + seconds
        while not self.says(text):
            if time.monotonic() > deadline:
                raise SystemExit(f"{self.command} never said {text}:\n{self.words()}")
            time.sleep(0.005)
        return time.monotonic() - self.begin

    def kill(self):
        self.process.kill()
        self.process.wait()

    def end(self, ask=False):
        if ask:
            self.process.send_signal(signal.SIGTERM)
        _, status, usage = os.wait4(self.process.pid, 0)
        self.process.returncode = 0
        wall = time.monotonic() - self.begin
        return Ended(self.command, self.words(), os.waitstatus_to_exitcode(status), usage, wall)

    def memory(self):
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return {name: int(re.search(rf"{name}:\s+(\d+)", text)[1]) / 1024
                for name in ("VmRSS", "RssAnon", "VmHWM")}


class Figures:
    def __init__(self, options):
        self.options = options
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="weir-figures-"))
        self.cluster = Cluster(BROKERS)
        self.runs = 0

    def tool(self, name, *arguments):
        return Running(self.options.programs / f"perf_{name}", *arguments)

    def job(self, name, *settings, state=None, job_id=None):
        self.runs += 1
        state = state or self.folder / f"state-{self.runs}"
        return self.tool("job", name, state, f"id={job_id or f'{name}-{self.runs}'}", "quiet=1",
                         *settings)

    def topics(self, names):
        for name in names:
            self.cluster.create(name, PARTITIONS)

    # ---- CPU per record -------------------------------------------------------------------------

    SPEED = (  # What, job, what it is filled with, its topics, keys, bar.
        ("global sliding window, 1e3 keys", "sliding-counts", "transactions",
         "customer-transactions", 1_000, 1.35),
        ("one-minute analytics, 1e3 keys", "order-analytics", "orders", "orders", 1_000, 1.4),
        ("one-minute window per key, 1e5 keys", "customer-minutes", "transactions",
         "transactions-by-customer", 100_000, 2.0),
        ("order-payment join, keyed topics", "keyed-order-payments", "payments",
         "orders-by-id,payments-by-id", 0, 4.0),
        ("the same through repartition topics", "order-payments", "payments",
         "orders_topic_data_v1,payments_topic_data_v1", 0, None),
    )

    def speed(self):
        print(f"CPU per record, {self.options.records} records in {PARTITIONS} partitions, start "
              "taken off; commit every 100 ms; medians")
        for what, job, kind, topics, keys, bar in self.SPEED:
            if self.options.only and self.options.only not in job:
                continue
            self.speed_of(what, job, kind, topics, keys, bar)

    def speed_of(self, what, job, kind, topics, keys, bar):
        self.topics(topics.split(","))
        ways = {
            "bare": lambda: self.tool("bare_client", "consume", *topics.split(",")).end(),
            "at least once": lambda: self.job(job, "guarantee=at_least_once", "end=until").end(),
            "exactly once": lambda: self.job(job, "end=until").end(),
            "a commit a second": lambda: self.job(job, "guarantee=at_least_once", "end=until",
                                                  "commit_ms=1000").end()}
        if kind == "payments":  # What the clients alone take for what a join has to write.
            written = [f"{job}-bare-out", f"{job}-bare-log"]
            self.topics(written)
            ways["bare, writing as much"] = lambda: self.tool(
                "bare_client", "pairs", *written, *topics.split(",")).end()
        self.tool("fill", kind, topics, 0, SMALL, keys).end()
        start = {way: min(run().cpu for _ in range(2)) for way, run in ways.items()}
        self.tool("fill", kind, topics, SMALL, self.options.records, keys).end()
        cost, walls, rss = {way: [] for way in ways}, {way: [] for way in ways}, 0
        for turn in range(self.options.turns):
            for way in list(ways) if turn % 2 == 0 else list(reversed(ways)):
                ended = ways[way]()
                seen = ended.number("records" if way.startswith("bare") else "in")
                if seen != self.options.records:
                    raise SystemExit(f"{job}, {way}: {seen} records\n{ended.words}")
                cost[way].append((ended.cpu - start[way]) / (seen - SMALL) * 1e6)
                walls[way].append(ended.wall)
                if way == "at least once":
                    rss = max(rss, ended.megabytes)
        us = {way: statistics.median(all_costs) for way, all_costs in cost.items()}
        ratio = us["at least once"] / us["bare"]
        writing = us.get("bare, writing as much")
        beside = "" if writing is None else (
            f"; a bare client that reads and writes as much {writing:.2f} us: the job "
            f"{us['at least once'] / writing:.2f} x of it")
        added = us["exactly once"] / us["at least once"] - 1
        print(f"  {what}: bare {us['bare']:.2f} us, job {us['at least once']:.2f} us = "
              f"{ratio:.2f} x (bar {bar or '-'}), exactly once {added:+.0%} (bar +10%), "
              f"{self.options.records / statistics.median(walls['at least once']):.0f} records/s, "
              f"max RSS {rss:.0f} MB; with a commit a second "
              f"{us['a commit a second'] / us['bare']:.2f} x; "
              f"bare {span(cost['bare'])}, job {span(cost['at least once'])}{beside}",
              flush=True)

    # ---- Latency --------------------------------------------------------------------------------

    def latency(self):
        rate, seconds = self.options.rate, self.options.seconds
        print(f"from produce to output at {rate} records/s, {seconds} s each, at least once, "
              "commit every 100 ms")
        self.topics(["forward-in", "forward-out", "bare-out"])
        ways = {"bare forwarder": (lambda: self.tool("bare_client", "forward", "forward-in",
                                                     "bare-out"), "bare-out"),
                "job": (lambda: self.job("forward", "guarantee=at_least_once", job_id="forward-l",
                                         state=self.folder / "forward"), "forward-out")}
        found = {way: [] for way in ways}
        for _ in range(self.options.turns):
            for way, (start, out) in ways.items():
                running = start()
                time.sleep(2)
                ended = self.tool("latency", "forward-in", out, rate, seconds).end()
                found[way].append((ended.number("p50_ms"), ended.number("p99_ms")))
                print(f"    {way}: {ended.words.strip()}", flush=True)
                running.kill()
        p50, p99 = ({way: statistics.median(all_runs[at] for all_runs in runs)
                     for way, runs in found.items()} for at in (0, 1))
        print(f"  p99 {p99['job']:.1f} ms beside {p99['bare forwarder']:.1f} ms = "
              f"{p99['job'] / p99['bare forwarder']:.2f} x (bar 1.5); "
              f"p50 {p50['job']:.1f} ms beside {p50['bare forwarder']:.1f} ms = "
              f"{p50['job'] / p50['bare forwarder']:.2f} x")

    # ---- State: restart, restore ----------------------------------------------------------------

    def state(self):
        keys = self.options.keys
        self.topics(["keys"])
        self.tool("fill", "keys", "keys", 0, keys, keys).end()
        state = self.folder / "keys"

        def job(*settings):
            return self.job("key-counts", *settings, "session_ms=6000", state=state,
                            job_id="key-counts")
        loaded = job("end=until").end()
        print(f"state of {keys} keys, exactly once; built at {keys / loaded.wall:.0f} records/s")
        self.restart(job)
        self.restart_under_load(job, keys)
        self.restore(job, state)

    def restart(self, job):
        waits = {"job": [], "bare member": []}
        with Sender("keys", self.options.keys) as sender, Results("key-counts") as results:
            for _ in range(self.options.turns):
                running = job()
                results.wait_for(lambda key, sender=sender, n=sender.sent: sender.is_newer(key, n))
                time.sleep(2.5)
                running.kill()
                sent = sender.sent
                running = job()
                results.wait_for(lambda key, sent=sent: sender.is_newer(key, sent))
                waits["job"].append(time.monotonic() - running.begin)
                time.sleep(0.5)
                ended = running.end(ask=True)
                print(f"    killed and started again: first new output after "
                      f"{waits['job'][-1]:.2f} s, {ended.number('restored'):.0f} records restored")
                member = self.tool("bare_client", "member", "bare-keys", "keys")
                member.wait_for("first")
                time.sleep(1)
                member.kill()
                member = self.tool("bare_client", "member", "bare-keys", "keys")
                waits["bare member"].append(member.wait_for("first"))
                member.kill()
        ours, bare = (statistics.median(waits[way]) for way in ("job", "bare member"))
        print(f"  SIGKILL to first new output {ours:.2f} s, a bare static member's first record "
              f"{bare:.2f} s: {ours - bare:+.2f} s (bar +1 s)")

    def restart_under_load(self, job, keys):
        running = job()
        running.wait_for("running")
        filling = self.tool("fill", "keys", "keys", keys, keys + keys // 2, keys)
        time.sleep(1.5)
        running.kill()
        filling.end()
        ended = job("end=until").end()
        print(f"  killed while {keys // 2} records came in: {ended.number('restored'):.0f} records "
              f"restored of a changelog of {self.length('key-counts-key-counts-changelog')}")

    def length(self, topic):
        reader = kafka.Consumer({"bootstrap.servers": BROKERS, "group.id": "length"})
        ends = [reader.get_watermark_offsets(kafka.TopicPartition(topic, p))
                for p in range(self.cluster.partitions(topic))]
        reader.close()
        return sum(high - low for low, high in ends)

    def restore(self, job, state):
        rates = {"job": [], "bare": []}
        for _ in range(self.options.turns):
            shutil.rmtree(state)
            time.sleep(GHOST_SECONDS)  # Who loses its disk has another name than before.
            running = job("membership=dynamic")
            running.wait_for("key-counts: restoring")
            running.wait_for("key-counts: running")
            ended = running.end(ask=True)
            restored = ended.number("restored")
            rates["job"].append(restored / ended.number("restore_ms") * 1000)
            bare = self.tool("bare_client", "consume", "key-counts-key-counts-changelog").end()
            rates["bare"].append(bare.number("records") / bare.number("seconds"))
        ours, bare = statistics.median(rates["job"]), statistics.median(rates["bare"])
        print(f"  restore from an empty disk: {restored:.0f} records at {ours:.0f}/s, a bare "
              f"consumer of the changelog {bare:.0f}/s: {bare / ours:.2f} x as fast (bar: "
              f"800000/s or at most 2 x)")

    # ---- Memory ---------------------------------------------------------------------------------

    def memory(self):
        """A million records, live, and fifty rebalances."""
        topics = ("orders-by-id,payments-by-id")
        names = [name for name in topics.split(",") if name not in self.cluster.topics()]
        self.topics(names)
        self.topics([name for name in ("customer-transactions",)
                     if name not in self.cluster.topics()])
        rounds, step = 50, self.options.records // 50
        settings = ("membership=dynamic", "session_ms=6000")
        steady = self.job("sliding-counts", *settings, job_id="steady")
        steady.wait_for("running")
        told = []
        for turn in range(rounds):
            beside = self.job("sliding-counts", *settings, job_id="steady")
            self.tool("fill", "transactions", "customer-transactions", turn * step,
                      (turn + 1) * step, 1000).end()
            beside.wait_for("running")
            beside.end(ask=True)
            told.append(steady.memory())
            if turn % 10 == 9:
                print(f"    after {turn + 1} members came and went, {(turn + 1) * step} records: "
                      + ", ".join(f"{name} {mb:.1f} MB" for name, mb in told[-1].items()),
                      flush=True)
        ended = steady.end(ask=True)
        print(f"  resident {told[-1]['VmRSS']:.1f} MB (bar 40), at most {ended.megabytes:.1f} MB; "
              f"{told[-1]['RssAnon'] - told[9]['RssAnon']:+.1f} MB since the tenth rebalance")


def span(values):
    return f"{min(values):.2f}-{max(values):.2f}"


class Sender:
    """Writes a hundred records a second, keys in turn."""

    def __init__(self, topic, keys):
        self.topic, self.keys, self.sent, self.over = topic, keys, 0, False
        self.thread = threading.Thread(target=self.run, daemon=True)

    def run(self):
        producer = kafka.Producer({"bootstrap.servers": BROKERS, "partitioner": "murmur2_random"})
        while not self.over:
            producer.produce(self.topic, b"1", f"key-{self.sent % self.keys:06}".encode(),
                             timestamp=1_752_000_000_000 + self.sent)
            self.sent += 1
            producer.poll(0.01)
        producer.flush(10)

    def is_newer(self, key, sent):
        return int(key[4:]) >= sent

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over = True
        self.thread.join()


class Results:
    """The keys of committed results, as they come."""

    def __init__(self, topic):
        self.consumer = kafka.Consumer({
            "bootstrap.servers": BROKERS, "group.id": str(uuid.uuid4()),
            "isolation.level": "read_committed", "fetch.wait.max.ms": 20})
        self.consumer.assign([kafka.TopicPartition(topic, p, kafka.OFFSET_END)
                              for p in range(PARTITIONS)])
        self.consumer.poll(1)

    def wait_for(self, fits, seconds=60):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            message = self.consumer.poll(0.05)
            if message is not None and not message.error() and fits(message.key().decode()):
                return
        raise SystemExit("no result came")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.consumer.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("programs", type=pathlib.Path)
    parser.add_argument("what", nargs="*", default=[])
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--keys", type=int, default=1_000_000)
    parser.add_argument("--rate", type=int, default=5_000)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    figures = Figures(options)
    try:
        for what in options.what or ("speed", "latency", "state", "memory"):
            getattr(figures, what)()
    finally:
        shutil.rmtree(figures.folder, ignore_errors=True)


if __name__ == "__main__":
    main()
