#!/usr/bin/python3
"""The sample jobs of the language's proposal, where their folder is there: those whose operators
exist are good, can be explained, and pass the tests that lie beside them.

    WEIR_BINARY=build/weir samples_test.py [TEST...]
    WEIR_SAMPLES      the folder; without it one beside the tree: ../*/samples/job-language
"""

import os
import pathlib
import sys
import unittest

sys.dont_write_bytecode = True

from program import ROOT, ProgramTest

BESIDE = sorted(ROOT.parent.glob("*/samples/job-language"))
FOLDER = pathlib.Path(os.environ.get("WEIR_SAMPLES", BESIDE[0] if BESIDE else "samples"))
# What they wait for says so itself.
LATER = {"top-products": "step 'top'", "web-sessions": "'longest'", "enrich-orders": "'tables'"}


class Samples(ProgramTest):
    def samples(self, kind):
        """Their files in a folder of this test: no file of this machine is read instead."""
        found = sorted((FOLDER / kind).glob("*.yaml"))
        self.assertTrue(found, f"no {kind} in {FOLDER}")
        folder = self.folder / kind
        folder.mkdir(exist_ok=True)
        for path in found:
            text = path.read_text().replace("${file:/etc/weir/mongo-uri}", "mongodb://mongo")
            (folder / path.name).write_text(text)
            yield folder / path.name

    def test_jobs_whose_operators_exist_are_good_and_can_be_explained(self):
        good = 0
        for path in self.samples("jobs"):
            if path.stem in LATER:
                continue
            self.weir("validate", path)
            text, _ = self.weir("explain", path)
            self.assertIn("\npipeline ", text)
            good += 1
        self.assertGreaterEqual(good, 7)

    def test_the_others_say_what_is_not_there_yet(self):
        for path in self.samples("jobs"):
            if path.stem in LATER:
                words, _ = self.weir("validate", path, code=78)
                self.assertIn(f"{LATER[path.stem]} is not part of this version", words)

    def test_tests_pass(self):
        list(self.samples("jobs"))
        for path in self.samples("tests"):
            text, _ = self.weir("test", path)
            self.assertNotIn("0 cases", text)

    def test_generators_generate(self):
        for path in self.samples("generate"):
            text, _ = self.weir("produce", path, "-n", 200, "--print")
            self.assertGreaterEqual(len(text.splitlines()), 200)


if __name__ == "__main__":
    if not FOLDER.is_dir():
        print(f"skipped: there are no sample jobs in {FOLDER}")
        sys.exit(77)
    unittest.main(verbosity=2)
