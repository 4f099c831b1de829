"""The binary under test: `weir run` as a process, its totals, its end."""

import os
import pathlib
import re
import signal
import subprocess
import tempfile
import time

BINARY = os.environ.get("WEIR_BINARY", "weir")
JOBS = pathlib.Path(__file__).resolve().parents[2] / "jobs"


def copy_of(folder, job, mark):
    """A shipped job whose name and topics carry a mark, so that several share a cluster."""
    copy = pathlib.Path(folder) / f"{job}-{mark}.yaml"
    copy.write_text((JOBS / f"{job}.yaml").read_text().replace(job, f"{job}-{mark}"))
    return copy


class Run:
    """One process. Ends with the test, whatever happens."""

    def __init__(self, brokers, state, *arguments, environment=None, stdout=subprocess.DEVNULL):
        # Its words go to a file: a pipe that nobody empties would stop it.
        self.log = tempfile.TemporaryFile()
        command = [BINARY, "run", *map(str, arguments), "--brokers", brokers, "--state-dir",
                   str(state), *([] if "--http" in arguments else ["--http", "off"])]
        self.process = subprocess.Popen(
            command, stdout=stdout, stderr=self.log, stdin=subprocess.DEVNULL,
            env={**os.environ, **(environment or {}), "NO_COLOR": "1"})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.log.close()

    def wait(self, seconds=120):
        """The exit status."""
        return self.process.wait(seconds)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self, seconds=30):
        self.process.send_signal(signal.SIGTERM)
        return self.wait(seconds)

    def words(self):
        self.log.seek(0)
        return self.log.read().decode(errors="replace")

    def wait_for(self, text, seconds=60):
        deadline = time.monotonic() + seconds
        while text not in self.words():
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise AssertionError(f"'{text}' was never said:\n{self.words()}")
            time.sleep(0.02)

    def totals(self):
        """The numbers of its last line: {'in': 5, 'discarded.late': 1}."""
        lines = [line for line in self.words().splitlines() if re.search(r"\btotals in=", line)]
        if not lines:
            raise AssertionError(f"no totals were said:\n{self.words()}")
        return {name: int(count) for name, count in re.findall(r"([\w.]+)=(\d+)", lines[-1])}


TRY_AGAIN = 75


def run_to_end(brokers, state, job, *arguments, environment=None, seconds=120):
    """Runs a job until the end of its input. Returns its totals.

    Only who is alone may drain, and who ended on a disk that is lost stays a member for the time
    of its session: as a scheduler does, it is tried again."""
    deadline = time.monotonic() + seconds
    while True:
        with Run(brokers, state, job, "--until-end", *arguments, environment=environment) as run:
            status = run.wait(seconds)
            if status == 0:
                return run.totals()
            if status != TRY_AGAIN or time.monotonic() > deadline:
                raise AssertionError(f"weir run ended with {status}:\n{run.words()}")
        time.sleep(2)
