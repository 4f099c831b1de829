#!/usr/bin/env python3
"""The gate must close on a tenth more instructions, on one more allocation, and on a lost name."""

import pathlib
import tempfile
import unittest

from instructions import YAML_MAX, complaint, kept, languages


class Gate(unittest.TestCase):
    def test_lets_small_changes_pass(self):
        self.assertEqual(complaint((109.9, 0), (100.0, 0)), "")
        self.assertEqual(complaint((90.1, 0), (100.0, 0)), "")

    def test_closes_on_a_tenth(self):
        self.assertEqual(complaint((110.1, 0), (100.0, 0)), "slower by 10.1 %")
        self.assertEqual(complaint((89.0, 0), (100.0, 0)), "faster by 11.0 %")

    def test_closes_on_one_allocation(self):
        self.assertEqual(complaint((100.0, 1), (100.0, 0)), "allocates 1 times a run, at most 0")
        self.assertEqual(complaint((100.0, 0), (100.0, 1)), "")

    def test_closes_on_a_workload_without_a_number(self):
        self.assertEqual(complaint((100.0, 0), None), "is not in the file")
        self.assertIn("does not know it", complaint(None, (100.0, 0)))

    def test_compares_a_job_file_with_the_same_job(self):
        now = {"yaml_a": (120.0, 0), "whole_a": (100.0, 3), "job_a": (50.0, 0), "json": (1.0, 0)}
        self.assertEqual(languages(now), [("a", 1.2)])
        self.assertGreater(1.2, YAML_MAX)
        with self.assertRaises(KeyError):
            languages({"yaml_b": (1.0, 0)})

    def test_reads_what_is_kept(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "kept.txt"
            path.write_text("# comment\njson 12.5 0  # because\n\nstate 3 1\n")
            self.assertEqual(kept(path), {"json": (12.5, 0), "state": (3.0, 1)})


if __name__ == "__main__":
    unittest.main()
