"""Debian's Prometheus beside a test: it scrapes one target, and is asked what it has seen."""

import json
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

CONFIG = """global: {scrape_interval: 1s}
scrape_configs:
  - job_name: weir
    static_configs: [{targets: ['TARGET']}]
"""


class Prometheus:
    def __init__(self, target):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="weir-prometheus-"))
        (self.folder / "config.yml").write_text(CONFIG.replace("TARGET", target))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{free.getsockname()[1]}"
        self.log = open(self.folder / "log", "wb")  # pylint: disable=consider-using-with
        self.process = subprocess.Popen(
            ["prometheus", f"--config.file={self.folder}/config.yml",
             f"--storage.tsdb.path={self.folder}/data", f"--web.listen-address={self.address}"],
            stdout=self.log, stderr=self.log)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def query(self, text):
        """[(labels, value)], nothing while it cannot answer yet."""
        url = f"http://{self.address}/api/v1/query?" + urllib.parse.urlencode({"query": text})
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                found = json.load(answer)["data"]["result"]
        except (urllib.error.URLError, ConnectionError):
            return []
        return [(one["metric"], float(one["value"][1])) for one in found]

    def wait_for(self, text, value, seconds=60):
        deadline = time.monotonic() + seconds
        while [found for _, found in self.query(text)] != [value]:
            if time.monotonic() > deadline:
                log = (self.folder / "log").read_text(errors="replace")
                raise AssertionError(f"{text} is {self.query(text)}, not {value}:\n{log[-2000:]}")
            time.sleep(0.3)
