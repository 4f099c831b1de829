#!/usr/bin/python3
"""The alert rules by promtool, and the form of what Grafana reads. Whether metrics exist and
queries answer is tested beside a job that runs: tests/sinks/warehouse_test.py."""

import json
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

PACKAGING = pathlib.Path(__file__).resolve().parents[2] / "packaging"
RULES = PACKAGING / "prometheus" / "weir.rules.yaml"
RULES_TEST = PACKAGING / "prometheus" / "weir.rules.test.yaml"
GRAFANA = PACKAGING / "grafana"
DASHBOARDS = sorted((GRAFANA / "dashboards").glob("*.json"))

# The keys that Grafana's model has for what is used here.
DASHBOARD = {"uid", "title", "tags", "timezone", "editable", "schemaVersion", "version", "refresh",
             "time", "templating", "annotations", "panels"}
PANEL = {"id", "type", "title", "description", "datasource", "gridPos", "targets", "fieldConfig",
         "options"}
TARGET = {"prometheus": {"refId", "datasource", "expr", "editorMode", "range", "instant",
                         "legendFormat"},
          "postgres": {"refId", "datasource", "format", "editorMode", "rawQuery", "rawSql"}}
DEFAULTS = {"unit", "min", "max", "decimals", "thresholds", "custom"}
TYPES = {"timeseries", "gauge", "piechart", "stat"}


def promtool(*words):
    return subprocess.run(["promtool", *map(str, words)], capture_output=True, text=True,
                          check=False)


@unittest.skipUnless(shutil.which("promtool"), "there is no promtool (prometheus)")
class Rules(unittest.TestCase):
    def test_they_are_sound_and_pass_their_tests(self):
        for words in (("check", "rules", RULES), ("test", "rules", RULES_TEST)):
            done = promtool(*words)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_the_configuration_beside_them_is_good(self):
        with tempfile.TemporaryDirectory(prefix="weir-monitoring-") as folder:
            config = pathlib.Path(folder) / "prometheus.yml"
            text = (PACKAGING / "prometheus" / "prometheus.yml").read_text()
            self.assertIn("/usr/share/weir/prometheus/weir.rules.yaml", text)
            config.write_text(text.replace("/usr/share/weir/prometheus", str(RULES.parent)))
            done = promtool("check", "config", config)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_each_alert_is_tested_and_says_what_to_do(self):
        rules, tests = RULES.read_text(), RULES_TEST.read_text()
        alerts = re.findall(r"- alert: (\w+)", rules)
        self.assertGreaterEqual(len(alerts), 10)
        for part in rules.split("- alert: ")[1:]:
            for key in ("expr:", "severity:", "summary:", "description:"):
                self.assertIn(key, part)
        for alert in alerts:
            fires = (re.search(rf"alertname: {alert}\n +exp_alerts:\n", tests) or
                     re.search(rf'\{{labels: .*alertname="{alert}".*value: 1\}}', tests))
            self.assertTrue(fires, f"no test lets {alert} fire")


class Dashboards(unittest.TestCase):
    def setUp(self):
        text = (GRAFANA / "provisioning" / "datasources" / "weir.yaml").read_text()
        self.sources = dict(zip(re.findall(r"uid: (\S+)", text), re.findall(r"type: (\S+)", text)))

    def test_panels_have_what_grafana_knows_and_nothing_else(self):
        self.assertTrue(DASHBOARDS)
        for path in DASHBOARDS:
            dashboard = json.loads(path.read_text())
            self.assertLessEqual(dashboard.keys(), DASHBOARD)
            ids = [panel["id"] for panel in dashboard["panels"]]
            self.assertEqual(len(ids), len(set(ids)))
            for panel in dashboard["panels"]:
                self.look_at_panel(panel)

    def look_at_panel(self, panel):
        self.assertEqual(panel.keys(), PANEL, panel["title"])
        self.assertIn(panel["type"], TYPES)
        self.assertTrue(panel["description"])
        self.assertLessEqual(panel["fieldConfig"]["defaults"].keys(), DEFAULTS)
        place = panel["gridPos"]
        self.assertLessEqual(place["x"] + place["w"], 24)
        refs = [target["refId"] for target in panel["targets"]]
        self.assertEqual(len(refs), len(set(refs)))
        for target in panel["targets"]:
            source = target["datasource"]
            self.assertEqual(self.sources[source["uid"]], source["type"])
            self.assertLessEqual(target.keys(), TARGET[source["type"]])

    def test_panels_do_not_overlap(self):
        for path in DASHBOARDS:
            taken = set()
            for panel in json.loads(path.read_text())["panels"]:
                place = panel["gridPos"]
                cells = {(x, y) for x in range(place["x"], place["x"] + place["w"])
                         for y in range(place["y"], place["y"] + place["h"])}
                self.assertFalse(cells & taken, panel["title"])
                taken |= cells

    def test_the_second_seeds_eight_panels(self):
        dashboard = json.loads((GRAFANA / "dashboards" / "weir-streaming-events.json").read_text())
        self.assertEqual(
            [(panel["type"], panel["title"]) for panel in dashboard["panels"]],
            [("timeseries", "Events per minute"), ("gauge", "Processing delay"),
             ("piechart", "Events by type"), ("timeseries", "Records per commit"),
             ("stat", "Produced"), ("stat", "Processed"), ("stat", "Failed"),
             ("stat", "Success rate")])
        words = (GRAFANA / "README.md").read_text()
        for panel in dashboard["panels"]:
            self.assertIn(f"| {panel['title']} |", words)

    def test_the_provider_looks_where_the_package_puts_them(self):
        provider = (GRAFANA / "provisioning" / "dashboards" / "weir.yaml").read_text()
        self.assertIn("path: /usr/share/weir/grafana/dashboards", provider)
        installed = (PACKAGING / "debian" / "weir.install").read_text()
        self.assertIn("packaging/grafana/dashboards/*.json usr/share/weir/grafana/dashboards",
                      installed)


if __name__ == "__main__":
    unittest.main(verbosity=2)
