"""What a sink refused is given to it again, once what was wrong there is mended."""

import json
import os
import pathlib
import subprocess
import sys
import unittest

import jsonschema
from sinks_world import BROKERS, START, Record, SinkTest, query, run_to_end

SCHEMA = pathlib.Path(__file__).resolve().parents[2] / "schemas" / "dlq-change.schema.json"
JOB = """
weir: 1
job: <NAME>
errors: {dlq: <NAME>.dlq}
streams:
  sales: {topic: <NAME>.sales, fields: {id: string, n: int}}
pipelines:
  kept:
    from: sales
    to:
      postgres: {uri: "<POSTGRES>", table: "<NAME>", id: id}
"""


class Replay(SinkTest):
    def dlq(self, *words, code=0):
        out = subprocess.run(
            [os.environ["WEIR_BINARY"], "dlq", words[0], str(self.job), "--brokers", BROKERS,
             *words[1:]], capture_output=True, text=True, timeout=100)
        self.assertEqual(out.returncode, code, out.stdout + out.stderr)
        return out.stdout + out.stderr

    def change(self, *words, code=0):
        told = json.loads(self.dlq(*words, "-o", "json", code=code).splitlines()[0])
        jsonschema.validate(told, json.loads(SCHEMA.read_text()))
        return told

    def listed(self):
        return {(one["reason"], one["step"]): one["count"]
                for one in json.loads(self.dlq("list", "-o", "json").splitlines()[0])["groups"]}

    def rows(self):
        return query(f'select id, n from "{self.name}" order by n')

    def test_rows_that_were_refused_are_given_again(self):
        self.job = self.write_job(JOB)
        query(f'create table "{self.name}" (id text primary key, n bigint check (n < 100))')
        self.cluster.create(f"{self.name}.sales", 1)
        self.cluster.write(f"{self.name}.sales", [
            Record(b'{"id":"a","n":1}', START), Record(b'{"id":"b","n":500}', START + 1),
            Record(b"no JSON", START + 2), Record(b'{"id":"c","n":600}', START + 3)])
        run_to_end(BROKERS, self.state, self.job)
        self.assertEqual(self.rows(), ["a|1"])
        self.assertEqual(self.listed(), {("sink", "postgres"): 2, ("decode", "sales"): 1})
        plan = self.change("replay")
        self.assertEqual((plan["letters"], plan["sinks"], plan["topics"], plan["done"]),
                         (3, {"postgres": 2}, {f"{self.name}.sales": 1}, False))
        self.assertEqual(self.rows(), ["a|1"])
        # Nothing is mended yet: they are refused again, and stay.
        words = self.dlq("replay", "--step", "postgres", "--yes", code=1)
        self.assertIn("2 of them were refused again: ", words)
        self.assertIn("check constraint", words)
        self.assertEqual(self.listed(), {("sink", "postgres"): 2, ("decode", "sales"): 1})
        query(f'alter table "{self.name}" drop constraint "{self.name}_n_check"')
        done = self.change("replay", "--yes")
        self.assertEqual((done["letters"], done["refused"]), (3, 0))
        self.assertEqual(self.rows(), ["a|1", "b|500", "c|600"])
        self.assertEqual(self.listed(), {})
        again = self.cluster.read(f"{self.name}.sales")[-1]
        self.assertEqual((again.value, again.timestamp), (b"no JSON", START + 2))
        self.assertEqual(self.change("replay", "--yes")["letters"], 0)


if __name__ == "__main__":
    sys.exit(unittest.main(verbosity=2))
