#!/usr/bin/env python3
"""The driver must notice a case that compiles, one that is broken, and an unreadable answer."""

import contextlib
import io
import pathlib
import tempfile
import unittest

import compile_fail

REFUSED = "// error: expected\n#ifdef MISUSE\nint a = ;\n#endif\n"


class CompileFail(unittest.TestCase):
    def said(self, text):
        with tempfile.TemporaryDirectory() as folder, \
                contextlib.redirect_stdout(io.StringIO()) as out:
            case = pathlib.Path(folder) / "case.cpp"
            case.write_text(text)
            status = compile_fail.main(["g++", folder, str(case)])
        return status, out.getvalue()

    def complains(self, text, about):
        status, out = self.said(text)
        self.assertEqual(status, 1)
        self.assertIn(about, out)

    def test_a_refused_misuse_passes(self):
        self.assertEqual(self.said(REFUSED), (0, "1 misuses, 0 not refused as they should be\n"))

    def test_a_misuse_that_compiles_fails(self):
        self.complains(REFUSED.replace("int a = ;", ""), "compiles, and must not")

    def test_a_case_that_never_compiles_fails(self):
        self.complains(REFUSED + "int b = ;\n", "does not compile without its misuse")

    def test_another_answer_fails(self):
        self.complains(REFUSED.replace("expected", "no such"), "no line of the answer matches")

    def test_a_long_answer_fails(self):
        self.complains(REFUSED.replace("int a = ;", "int a = ;\n" * 20), "lines, at most 30")

    def test_a_case_must_say_what_it_expects(self):
        self.complains("int a = ;\n", "the first line must be")
        self.complains("// error: expected\n", "there is no `#ifdef MISUSE`")


if __name__ == "__main__":
    unittest.main()
