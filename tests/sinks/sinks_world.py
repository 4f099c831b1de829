"""What the sink tests share: the servers of this run, what is in them, how long a test may be."""

import gzip
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
import urllib.error
import urllib.request

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "acceptance"))

try:
    import confluent_kafka  # noqa: F401
except ModuleNotFoundError:
    print("skipped: there is no confluent_kafka for this python (python3-confluent-kafka)")
    sys.exit(77)

from cluster import Cluster, Record  # noqa: E402
from runner import Run, run_to_end  # noqa: E402

BROKERS = os.environ["WEIR_TEST_BROKERS"]
MONGODB = os.environ.get("WEIR_TEST_MONGODB", "")
POSTGRES = os.environ["WEIR_TEST_POSTGRES"]
# Where the servers keep their data; without one it is not ours, and nobody may kill it.
MONGODB_DIR = os.environ.get("WEIR_TEST_MONGODB_DIR")
POSTGRES_DIR = os.environ.get("WEIR_TEST_POSTGRES_DIR")
START = 1_763_978_400_000  # 2025-11-24T10:00:00Z


def setting(name, otherwise):
    return int(os.environ.get(name, otherwise))


def mongodb(command):
    subprocess.run([HERE / "mongo.sh", command, MONGODB_DIR], check=True)


def postgres(command):
    subprocess.run([HERE / "postgres.sh", command, POSTGRES_DIR], check=True)


def query(sql):
    out = subprocess.run(["psql", "-Atq", "-d", POSTGRES, "-c", sql], check=True,
                         capture_output=True)
    return out.stdout.decode().splitlines()


def collection(database, name, *what):
    """What mongo_tool says."""
    out = subprocess.run([os.environ["MONGO_TOOL"], MONGODB, database, name, *what], check=True,
                         capture_output=True)
    return out.stdout.decode().splitlines()


def documents(database, name):
    """Extended JSON that keeps every type."""
    return [json.loads(line) for line in collection(database, name, "dump")]


def lines_of_files(folder):
    """(folder, line) of all files of gzip that are finished."""
    found = []
    for path in folder.rglob("[!.]*.gz"):
        with gzip.open(path, "rt") as file:
            found += [(str(path.parent.relative_to(folder)), line) for line in file]
    return found


def page(url, path):
    """Status and body."""
    try:
        with urllib.request.urlopen(url + path, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def resident_kb(pid):
    words = pathlib.Path(f"/proc/{pid}/status").read_text().split()
    return int(words[words.index("VmRSS:") + 1])


class SinkTest(unittest.TestCase):
    maxDiff = 4000

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="weir-sinks-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.state = self.folder / "state"
        self.results = self.folder / "results"
        self.cluster = Cluster(BROKERS)
        # A name of its own for topics, table and collection.
        self.name = self.id().rsplit(".", 1)[-1].replace("_", "-")[:60]

    def write_job(self, text, **values):
        values = {"NAME": self.name, "FOLDER": str(self.results), "MONGODB": MONGODB,
                  "POSTGRES": POSTGRES, **values}
        for name, value in values.items():
            text = text.replace(f"<{name}>", value)
        path = self.folder / "job.yaml"
        path.write_text(text)
        return path


__all__ = ["BROKERS", "MONGODB", "MONGODB_DIR", "POSTGRES", "POSTGRES_DIR", "START", "Record",
           "Run", "SinkTest", "collection", "documents", "lines_of_files", "mongodb", "page",
           "postgres", "query", "resident_kb", "run_to_end", "setting"]
