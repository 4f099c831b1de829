#!/usr/bin/python3
"""The command `weir` from outside, without a broker: its answers, and those to mistakes.

    WEIR_BINARY=build/weir cli_test.py [TEST...]
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time
import unittest

sys.dont_write_bytecode = True

from program import BINARY, HEAD, JOB, ROOT, ProgramTest


class CommandLine(ProgramTest):
    def test_no_command_is_a_usage_error_that_lists_commands(self):
        _, words = self.weir(code=64)
        self.assertIn("validate", words)

    def test_help_goes_to_stdout(self):
        text, words = self.weir("--help")
        self.assertIn("usage: weir COMMAND", text)
        self.assertEqual(words, "")
        text, _ = self.weir("run", "--help")
        self.assertIn("--until-end", text)
        self.assertEqual(text, self.weir("help", "run")[0])

    def test_help_fits_a_terminal(self):
        for name in re.findall(r"^  (\w+)", self.weir("--help")[0], re.M):
            for line in self.weir(name, "--help")[0].splitlines():
                self.assertLessEqual(len(line), 80, line)

    def test_schemas_are_json(self):
        for which in ("job", "test", "generate"):
            schema = json.loads(self.weir("schema", which)[0])
            self.assertFalse(schema["additionalProperties"])
        self.weir("schema", "nothing", code=64)

    def test_a_misspelt_command_or_flag_names_the_nearest(self):
        self.assertIn("did you mean 'validate'?", self.weir("valdate", code=64)[1])
        words = self.weir("run", "--until-ende", "a.yaml", code=64)[1]
        self.assertIn("there is no flag '--until-ende'; did you mean '--until-end'?", words)

    def test_wrong_use_is_64_whatever_is_wrong(self):
        self.weir("run", code=64)
        self.weir("version", "again", code=64)
        self.weir("validate", "--format", "xml", "a.yaml", code=64)
        self.weir("run", "a.yaml", "--brokers", code=64)
        self.weir("completion", "tcsh", code=64)

    def test_a_repeated_flag_takes_one_value_each_time(self):
        path = self.write("a.yaml", JOB)
        self.weir("validate", "--set", "kafka.commit_every=50ms", "--set",
                  "streams.orders.topic=abc", path)

    def test_version(self):
        self.assertRegex(self.weir("version")[0], r"^weir \d+\.\d+\.\d+\n$")
        self.assertEqual(json.loads(self.weir("version", "-o", "json")[0])["name"], "weir")

    def test_completion_scripts_are_sound(self):
        for shell in ("bash", "zsh", "fish"):
            script = self.weir("completion", shell)[0]
            self.assertIn("until-end", script)
            if shutil.which(shell):
                subprocess.run([shell, "-n"], input=script, text=True, check=True)

    def test_bash_completes_commands_and_flags(self):
        script = self.weir("completion", "bash")[0]
        ask = (script + 'COMP_WORDS=(weir val); COMP_CWORD=1; _weir; echo "${COMPREPLY[*]}";'
               'COMP_WORDS=(weir run --unt); COMP_CWORD=2; _weir; echo "${COMPREPLY[*]}"')
        told = subprocess.run(["bash", "-c", ask], capture_output=True, text=True, check=True)
        self.assertEqual(told.stdout, "validate\n--until-end\n")

    def test_the_manual_names_every_command_and_flag(self):
        page = self.weir("man")[0].replace("\\-", "-")
        for line in self.weir("--help")[0].splitlines():
            if line.startswith("  "):
                name = line.split()[0]
                self.assertIn(f"weir {name}", page)


class Validate(ProgramTest):
    def test_a_good_job_says_so(self):
        text, words = self.weir("validate", self.write("a.yaml", JOB))
        self.assertEqual((text, words), ("", "1 file is good\n"))

    def test_findings_are_plain_lines_on_stdout(self):
        path = self.write("a.yaml", JOB.replace("amount > 100", "ammount > 100"))
        text, words = self.weir("validate", path, code=78)
        self.assertEqual(text, f"{path}:12:17: error[E201]: unknown field 'ammount' in stream "
                               "'orders' (did you mean 'amount'?)\n")
        self.assertEqual(words, "1 error, 0 warnings in 1 file\n")

    def test_a_missing_file_is_a_bad_job(self):
        self.assertIn("nowhere.yaml", self.weir("validate", "nowhere.yaml", code=78)[0])

    def test_a_folder_stands_for_its_jobs(self):
        self.write("a.yaml", JOB)
        self.write("b.generate.yaml", "weir: 1\ngenerate: b\n")
        self.assertEqual(self.weir("validate", self.folder)[1], "1 file is good\n")
        self.weir("validate", self.folder / "none", code=78)

    def test_machines_get_what_they_read(self):
        path = self.write("a.yaml", JOB.replace("amount > 100", "ammount > 100"))
        found = json.loads(self.weir("validate", path, "--format", "json", code=78)[0])
        self.assertEqual((found[0]["code"], found[0]["line"]), ("E201", 12))
        sarif = json.loads(self.weir("validate", path, "--format", "sarif", code=78)[0])
        self.assertEqual(sarif["runs"][0]["results"][0]["ruleId"], "E201")
        self.assertTrue(self.weir("validate", path, "--format", "github", code=78)[0]
                        .startswith("::error file="))
        self.assertIn("^^^^^^^", self.weir("validate", path, "--format", "pretty", code=78)[0])

    def test_set_replaces_what_the_language_has_and_nothing_else(self):
        path = self.write("a.yaml", JOB)
        self.weir("validate", path, "--set", "streams.orders.keyed_by=order_id")
        self.assertIn("--set", self.weir("validate", path, "--set", "streams.nobody=1", code=64)[1])
        self.weir("validate", path, "--set", "nothing", code=64)

    def test_what_this_version_does_not_run_is_no_good_job(self):
        for old, new, place, words in (
                ("filter: amount > 100", "aggregate: {by: order_id, window: {gap: 5m}, "
                 "fields: {n: count()}, emit: on_update}", "12:9", "sessions with"),
                ("pipelines:", "  more: {topic: orders, fields: any}\npipelines:", "8:3",
                 "read the same topic")):
            path = self.write("a.yaml", JOB.replace(old, new))
            found = self.weir("validate", path, code=78)[0]
            self.assertIn(f"a.yaml:{place}: error[E330]: ", found)
            self.assertIn(words, found)

    def test_strict_makes_warnings_fail(self):
        path = self.write("a.yaml", JOB.replace("decimal(2)", "decimal(2) or null"))
        self.weir("validate", path)
        self.weir("validate", path, "--strict", code=78)

    def test_the_readme_shows_a_good_job(self):
        text = (ROOT / "README.md").read_text()
        job = text.split("```yaml\n")[1].split("```")[0]
        self.weir("validate", "--strict", self.write("readme.yaml", job))

    def test_a_huge_file_is_refused_or_read_at_once(self):
        rows = {
            "a megabyte": "x" * (1 << 20),
            "pipelines": HEAD + "pipelines:\n" + "".join(
                f"  p{n}:\n    from: orders\n    steps:\n      - filter: amount > {n}\n"
                f"    to: t{n}\n" for n in range(5800)),
            "steps": HEAD + "pipelines:\n  p:\n    from: orders\n    steps:\n" +
                     "      - set: {x: order_id}\n" * 14_000 + "    to: t\n",
            "fields": HEAD.replace("order_id: string,", "order_id: string," + ",".join(
                f"f{n}: string" for n in range(30_000))) +
                "pipelines: {p: {from: orders, to: t}}\n",
            "keys": "".join(f"k{n}: 1\n" for n in range(50_000))}
        for what, text in rows.items():
            path = self.write("big.yaml", text)
            before = os.times()
            done = subprocess.run([BINARY, "validate", path], capture_output=True, text=True,
                                  timeout=60, check=False)
            after = os.times()
            spent = after.children_user + after.children_system - (before.children_user +
                                                                   before.children_system)
            self.assertIn(done.returncode, (0, 78), what)
            # Less than a second in an optimised build; instrumented ones take longer.
            self.assertLess(spent, 5, what)

    def test_all_shipped_jobs_are_good_and_read_at_once(self):
        began = time.monotonic()
        self.weir("validate", ROOT / "jobs")
        self.assertLess(time.monotonic() - began, 2)


class Explain(ProgramTest):
    def test_a_code_has_a_page(self):
        self.assertTrue(self.weir("explain", "E310")[0].startswith("E310: "))
        self.assertEqual(self.weir("explain", "e310"), self.weir("explain", "E310"))
        self.weir("explain", "E999", code=64)


class Expressions(ProgramTest):
    def test_results_are_json(self):
        record = '{"amount": 4, "name": "a\\"b", "none": null, "share": 0.25}'
        for text, result in (("amount * 2", "8"), ("name", '"a\\"b"'), ("none is null", "true"),
                             ("share + 1", "1.25"), ("amount > 3 and share < 1", "true")):
            self.assertEqual(self.weir("expr", text, "--on", record)[0], result + "\n")

    def test_a_mistake_shows_its_place(self):
        words = self.weir("expr", "amuont * 2", "--on", '{"amount": 4}', code=1)[1]
        self.assertIn("did you mean 'amount'?", words)
        self.assertIn("\n  amuont * 2\n  ^", words)

    def test_a_record_that_is_none_is_a_usage_error(self):
        for record in ("{", "[1]", "", "{} {}"):
            self.weir("expr", "1", "--on", record, code=64)

    def test_without_an_expression_stdin_is_read(self):
        self.assertEqual(self.weir("expr", stdin="1 + 1\n\n2 * 3\n")[0], "2\n6\n")


class Format(ProgramTest):
    UNTIDY = JOB.replace("amount > 100", "order_id = 'a=b'  # which = stays").replace(
        "\nstreams", "\n\n\n\nstreams").replace("weir: 1\n", "weir: 1   \r\n") + "\n\n"
    TIDY = JOB.replace("amount > 100", "order_id == 'a=b'  # which = stays").replace(
        "\nstreams", "\n\nstreams")

    def test_comments_stay_and_blanks_go(self):
        path = self.write("a.yaml", self.UNTIDY)
        self.assertEqual(self.weir("fmt", path)[0], path + "\n")
        self.assertEqual(pathlib.Path(path).read_text(), self.TIDY)
        self.assertEqual(self.weir("fmt", path)[0], "")

    def test_check_changes_nothing(self):
        path = self.write("a.yaml", self.UNTIDY)
        before = pathlib.Path(path).read_bytes()
        self.weir("fmt", "--check", path, code=1)
        self.assertEqual(pathlib.Path(path).read_bytes(), before)

    def test_stdin_goes_to_stdout(self):
        self.assertEqual(self.weir("fmt", "-", stdin=self.UNTIDY)[0], self.TIDY)

    def test_what_is_no_yaml_is_left_alone(self):
        path = self.write("a.yaml", "weir: [1\njob: x\n")
        self.weir("fmt", path, code=78)
        self.assertEqual(pathlib.Path(path).read_text(), "weir: [1\njob: x\n")

    def test_shipped_jobs_are_laid_out(self):
        self.weir("fmt", "--check", ROOT / "jobs")


class New(ProgramTest):
    def test_every_template_is_a_good_job_with_tests_and_a_generator(self):
        for kind in ("hello", "join", "window", "dedupe", "route"):
            self.weir("new", f"job-{kind}", "-t", kind)
            self.weir("validate", "--strict", f"job-{kind}.yaml")
            self.assertIn("0 failed", self.weir("test", f"job-{kind}.test.yaml")[0])
            records = self.weir("produce", f"job-{kind}.generate.yaml", "-n", "20", "--print")[0]
            self.assertEqual(len(records.splitlines()), 20)

    def test_nothing_is_overwritten(self):
        self.weir("new", "shop")
        self.weir("new", "shop", code=73)

    def test_a_name_has_to_be_one(self):
        self.weir("new", "../shop", code=64)


class Produce(ProgramTest):
    GENERATORS = ("shop", "order-payments", "customer-transactions", "order-analytics",
                  "streaming-events")

    def records(self, *words):
        printed = self.weir("produce", *words, "--print")[0]
        return [json.loads(line) for line in printed.splitlines()]

    def test_a_seed_gives_the_same_records(self):
        for name in self.GENERATORS:
            words = (name, "-n", "200", "--start", "2026-01-01T00:00:00Z")
            first = self.records(*words)
            self.assertEqual(first, self.records(*words))
            self.assertNotEqual(first, self.records(*words, "--seed", "7"))

    def test_a_rate_spaces_records(self):
        for rate, step in (("0.2/s", 5_000), ("2000/s", 0.5)):
            made = self.records("customer-transactions", "--rate", rate, "-n", "41", "--no-faults",
                                "--start", "2026-01-01T00:00:00Z")
            times = [record["value"]["producer_timestamp"] for record in made]
            self.assertAlmostEqual(times[-1] - times[0], 40 * step / 1000, delta=0.002)

    def test_faults_come_in_the_shares_that_are_asked_for(self):
        made = self.records("customer-transactions", "-n", "20000")
        broken = sum(isinstance(record["value"], str) for record in made)
        self.assertTrue(10 <= broken <= 90, broken)  # 0.2 % of 20,000.
        good = self.records("customer-transactions", "-n", "2000", "--no-faults")
        self.assertFalse([one for one in good if isinstance(one["value"], str)])
        times = [one["time"] for one in good]
        self.assertEqual(times, sorted(times))

    def test_payments_follow_their_orders(self):
        orders, payments = {}, []
        for record in self.records("order-payments", "-n", "2000", "--no-faults"):
            value = record["value"]
            self.assertEqual(record["key"], value["order_id"])
            if "payment_id" in value:
                payments.append(value)
                self.assertEqual(value["amount"], orders[value["order_id"]])
            else:
                orders[value["order_id"]] = value["amount"]
        self.assertTrue(100 < len(payments) < len(orders))

    def test_analytics_totals_are_those_of_the_items(self):
        for record in self.records("order-analytics", "-n", "100", "--no-faults"):
            value = record["value"]
            self.assertIsNone(record["key"])
            total = sum(item["quantity"] * item["price"] for item in value["items"])
            self.assertAlmostEqual(total, value["total_amount"], places=6)

    def test_six_kinds_of_events_have_their_fields(self):
        fields = {"user_login": "login_method", "page_view": "referrer", "item_click": "position",
                  "purchase": "quantities", "cart_add": "price", "search": "results_count"}
        seen = set()
        for record in self.records("streaming-events", "-n", "1000", "--no-faults"):
            kind = record["value"]["event_type"]
            self.assertIn(fields[kind], record["value"])
            seen.add(kind)
        self.assertEqual(seen, set(fields))

    def test_topics_follow_the_environment_and_flags(self):
        words = ("produce", "order-payments", "-n", "1", "--print")
        text = self.weir(*words, KAFKA_ORDER_TOPIC="elsewhere")[0]
        self.assertEqual(json.loads(text)["topic"], "elsewhere")
        text = self.weir(*words, "--topic", "orders=there")[0]
        self.assertEqual(json.loads(text)["topic"], "there")
        self.weir(*words, "--topic", "nobody=there", code=64)

    def test_the_rate_of_events_follows_the_environment(self):
        words = ("produce", "streaming-events", "-n", "2", "--print", "--no-faults", "--start",
                 "2025-11-24T16:00:00Z")
        for rate, second in (("4", "00.250Z"), ("0.5", "02Z")):
            lines = self.weir(*words, EVENTS_PER_SECOND=rate)[0].splitlines()
            self.assertEqual(json.loads(lines[1])["time"], "2025-11-24T16:00:" + second)

    def test_mistakes(self):
        self.assertIn("did you mean 'shop'?", self.weir("produce", "shpo", "--print", code=78)[1])
        self.weir("produce", code=64)
        self.weir("produce", "shop", "--rate", "fast", "--print", code=64)
        self.weir("produce", "shop", "-n", "many", "--print", code=64)
        path = self.write("g.yaml", "weir: 1\ngenerate: g\nstreams:\n  a:\n    topic: a\n"
                                    "    fields: {x: seq('a'), y: zeq('b'), z: w}\n")
        words = self.weir("produce", path, "--print", code=78)[1]
        self.assertIn("did you mean 'seq'?", words)
        self.assertIn("there is no field 'w'", words)

    def test_csv_rows_become_records(self):
        path = self.write("t.csv", 'id,name,amount,premium\r\n7,"Smith, ""A""",1.50,True\r\n'
                                   '8,short\r\n007,,2,false\n')
        text, words = self.weir("produce", "--csv", path, "--topic", "t", "--key", "id", "--print",
                                "--batch-size", "1")
        first, second = map(json.loads, text.splitlines())
        self.assertEqual(first["key"], "7")
        names = ("id", "name", "amount", "premium")
        self.assertEqual({name: first["value"][name] for name in names},
                         {"id": 7, "name": 'Smith, "A"', "amount": 1.5, "premium": True})
        self.assertEqual((second["value"]["id"], second["value"]["name"]), ("007", None))
        place = (second["value"]["batch_number"], second["value"]["batch_position"])
        self.assertEqual(place, (2, 1))
        self.assertIn("t.csv:3: skipped", words)

    def test_a_csv_stops_at_the_limit(self):
        path = self.write("t.csv", "id\n" + "\n".join(map(str, range(50))))
        text = self.weir("produce", "--csv", path, "--topic", "t", "-n", "7", "--print")[0]
        self.assertEqual(len(text.splitlines()), 7)


class Secrets(ProgramTest):
    MARK = "hunter2-marker"

    def test_no_message_shows_one(self):
        config = self.write("kafka.properties", "security.protocol=SASL_PLAINTEXT\n"
                            "sasl.mechanism=PLAIN\nsasl.username=u\nsasl.password=${PASSWORD}\n"
                            "no.such.property=1\n")
        text, words = self.weir("consume", "t", "--config", config, code=64, PASSWORD=self.MARK)
        self.assertNotIn(self.MARK, text + words)
        self.assertIn("no.such.property", words)

    def test_an_unset_one_is_named_not_guessed(self):
        config = self.write("kafka.properties", "sasl.password=${NOT_SET_ANYWHERE}\n")
        words = self.weir("consume", "t", "--config", config, code=64)[1]
        self.assertIn("NOT_SET_ANYWHERE", words)

    def test_properties_that_guarantees_hang_on_are_refused(self):
        words = self.weir("consume", "t", "-X", "enable.auto.commit=true", code=64)[1]
        self.assertIn("enable.auto.commit", words)


class Demo(ProgramTest):
    def test_totals_add_up(self):
        text = self.weir("demo", "--for", "4s")[0]
        self.assertLessEqual(max(map(len, text.splitlines())), 80, text)
        found = re.search(r"(\d+) records in = 2 x (\d+) pairs \+ (\d+) unmatched"
                          r" \+ (\d+) duplicates \+ (\d+) dead letters\n", text.replace(",", ""))
        self.assertIsNotNone(found, text)
        given, pairs, unmatched, duplicates, dead = map(int, found.groups())
        self.assertEqual(given, 2 * pairs + unmatched + duplicates + dead)
        self.assertGreater(pairs, 10)


class Status(ProgramTest):
    def test_nobody_there_is_69(self):
        said = self.weir("status", "--url", "http://127.0.0.1:1", code=69)[1]
        self.assertIn("nobody answers", said)


if __name__ == "__main__":
    unittest.main()
