"""What a job file says about its sinks, down to the servers and files: all of it in one run."""

import ctypes
import ctypes.util
import gzip
import json
import unittest

from sinks_world import BROKERS, START, Record, Run, SinkTest, collection, documents, query, \
    run_to_end

JOB = """
weir: 1
job: <NAME>
streams:
  sales:
    topic: <NAME>.sales
    fields: {id: string, n: int, kind: string, amount: decimal(2), at: time or null}
pipelines:
  kept:
    from: sales
    to:
      - mongodb: {uri: "<MONGODB>", database: options, collection: <NAME>-upsert, id: id,
                  batch: {records: 3, every: 20ms, in_flight: 1}}
        name: m-upsert
      - mongodb: {uri: "<MONGODB>", database: options, collection: <NAME>-merge, id: id,
                  write: merge, decimals: string, times: string}
        name: m-merge
      - mongodb: {uri: "<MONGODB>", database: options, collection: <NAME>-insert, id: n,
                  write: insert, decimals: double}
        name: m-insert
      - postgres: {uri: "<POSTGRES>", table: "<NAME>-upsert", id: id, create: true,
                   batch: {records: 2, every: 10ms, in_flight: 3}}
        name: p-upsert
      - postgres: {uri: "<POSTGRES>", table: "<NAME>-insert", id: [id, kind], write: insert,
                   create: true}
        name: p-insert
      - file: {path: <FOLDER>/csv, format: csv, compress: gzip, folders: date,
               retry: {for: 1m, backoff: 10ms..1s}}
        name: f-csv
      - file: {path: <FOLDER>/zstd, compress: zstd, partition_by: kind, roll: {records: 2}}
        name: f-zstd
      - file: {path: <FOLDER>/hours, folders: hour}
        name: f-hours
      - file: {path: <FOLDER>/lines}
        name: f-lines
"""
# id, n, kind, amount, at: in order, in one partition.
SALES = [("a", 1, "x", "1.10", "2025-11-24T10:00:00Z"), ("b", 2, "y", "2.00", None),
         ("a", 3, "x", "-3.25", "2025-11-24T23:59:59.250Z"), ("c", 4, "x", "0.05", None),
         ("a", 5, "y", "123456789012345.67", None)]
LAST = [SALES[4], SALES[1], SALES[3]]  # Of each id.


def zstd(content):
    """Frames one behind the other, unpacked."""
    library = ctypes.CDLL(ctypes.util.find_library("zstd"))
    library.ZSTD_decompress.restype = ctypes.c_size_t
    out = ctypes.create_string_buffer(1 << 16)
    size = library.ZSTD_decompress(out, ctypes.c_size_t(len(out)), content,
                                   ctypes.c_size_t(len(content)))
    return out.raw[:size].decode()


def line(sale):
    number, n, kind, amount, at = sale
    at = "null" if at is None else f'"{at}"'
    return f'{{"id":"{number}","n":{n},"kind":"{kind}","amount":{amount},"at":{at}}}\n'


class Options(SinkTest):
    def test_each_option_counts(self):
        self.job = self.write_job(JOB)
        self.cluster.create(f"{self.name}.sales", 1)
        self.cluster.write(f"{self.name}.sales", [
            Record(line(sale).encode(), START + n * 43_200_000, 0)
            for n, sale in enumerate(SALES)])
        # What another has written of the same thing: a merge leaves it, an upsert does not.
        for name in ("upsert", "merge"):
            collection("options", f"{self.name}-{name}", "put", '{"_id": "b", "other": true}')
        run_to_end(BROKERS, self.state, self.job)
        for check in (self.expect_documents, self.expect_rows, self.expect_csv, self.expect_zstd,
                      self.expect_hours, self.expect_lines):
            with self.subTest(check.__name__):
                check()

    def documents_of(self, name):
        return sorted(documents("options", f"{self.name}-{name}"), key=str)

    def expect_documents(self):
        times = {None: None,
                 SALES[0][4]: {"$date": {"$numberLong": "1763978400000"}},
                 SALES[2][4]: {"$date": {"$numberLong": "1764028799250"}}}
        self.assertEqual(self.documents_of("upsert"), sorted([
            {"_id": number, "id": number, "n": {"$numberLong": str(n)}, "kind": kind,
             "amount": {"$numberDecimal": amount}, "at": times[at]}
            for number, n, kind, amount, at in LAST], key=str))
        self.assertEqual(self.documents_of("merge"), sorted([
            {"_id": number, **({"other": True} if number == "b" else {}), "id": number,
             "n": {"$numberLong": str(n)}, "kind": kind, "amount": amount, "at": at}
            for number, n, kind, amount, at in LAST], key=str))
        # Its id is a number, and there are as many as results.
        inserted = self.documents_of("insert")
        for document in inserted:
            document["amount"] = float(document["amount"]["$numberDouble"])
        self.assertEqual(inserted, sorted([
            {"_id": {"$numberLong": str(n)}, "id": number, "n": {"$numberLong": str(n)},
             "kind": kind, "amount": float(amount), "at": times[at]}
            for number, n, kind, amount, at in SALES], key=str))

    def expect_rows(self):
        columns = "id, n, kind, amount, at at time zone 'UTC'"
        times = {None: "", SALES[0][4]: "2025-11-24 10:00:00",
                 SALES[2][4]: "2025-11-24 23:59:59.25"}

        def rows(sales):
            return sorted(f"{number}|{n}|{kind}|{amount}|{times[at]}"
                          for number, n, kind, amount, at in sales)
        self.assertEqual(query(f'select {columns} from "{self.name}-upsert" order by 1, 2'),
                         rows(LAST))
        self.assertEqual(query(f'select {columns} from "{self.name}-insert" order by 1, 2'),
                         rows([SALES[0], SALES[1], SALES[3], SALES[4]]))  # The first of (a, x).
        self.assertEqual(
            query("select column_name || ' ' || data_type || ' ' || is_nullable from "
                  f"information_schema.columns where table_name = '{self.name}-upsert' "
                  "order by ordinal_position"),
            ["id text NO", "n bigint NO", "kind text NO", "amount numeric NO",
             "at timestamp with time zone YES"])

    def files(self, name):
        """(folder, content) of each."""
        folder = self.results / name
        return sorted((str(path.parent.relative_to(folder)), path) for path in folder.rglob("*")
                      if path.is_file())

    def expect_csv(self):
        found = {}
        for folder, path in self.files("csv"):
            self.assertTrue(path.name.endswith(".csv.gz"), path)
            found.setdefault(folder, []).append(gzip.decompress(path.read_bytes()).decode())

        def lines(*sales):
            return "id,n,kind,amount,at\n" + "".join(
                f"{i},{n},{kind},{amount},{at or ''}\n" for i, n, kind, amount, at in sales)
        self.assertEqual(
            {folder: sorted(texts) for folder, texts in found.items()},
            {"date=2025-11-24": [lines(*SALES[:2])], "date=2025-11-25": [lines(*SALES[2:4])],
             "date=2025-11-26": [lines(SALES[4])]})

    def expect_zstd(self):
        found = {}
        for folder, path in self.files("zstd"):
            self.assertTrue(path.name.endswith(".jsonl.zst"), path)
            found[folder] = found.get(folder, "") + zstd(path.read_bytes())
        self.assertEqual(found, {"kind=x": line(SALES[0]) + line(SALES[2]) + line(SALES[3]),
                                 "kind=y": line(SALES[1]) + line(SALES[4])})

    def expect_hours(self):
        self.assertEqual([(folder, path.read_text()) for folder, path in self.files("hours")],
                         [(f"date=2025-11-{24 + (10 + 12 * n) // 24}/hour={(10 + 12 * n) % 24:02}",
                           line(sale)) for n, sale in enumerate(SALES)])

    def expect_lines(self):
        self.assertEqual((self.results / "lines").read_text(), "".join(map(line, SALES)))

    def test_a_sink_is_given_up_when_the_job_says(self):
        self.job = self.write_job("""
weir: 1
job: <NAME>
streams: {sales: {topic: <NAME>.sales, fields: {id: string}}}
pipelines:
  kept:
    from: sales
    to:
      postgres: {uri: "postgresql://127.0.0.1:1/d", table: t, id: id,
                 retry: {for: 1s, backoff: 10ms..20ms}}
""")
        self.cluster.create(f"{self.name}.sales", 1)
        with Run(BROKERS, self.state, self.job) as run:
            self.assertEqual(run.wait(60), 69, run.words())
            self.assertRegex(run.words(), r"127\.0\.0\.1:1.*given up after \d+ s")


if __name__ == "__main__":
    unittest.main(verbosity=2)
