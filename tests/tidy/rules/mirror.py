"""tests/unit mirrors lib/src and runner; every source is named in a CMakeLists.txt."""

import posixpath
import re

from .includes import included
from .tree import Finding

# Sources without a test of their own name, and why.
UNTESTED = {
    "runner/main.cpp": "calls one function",
}
SUBJECTS = ("lib/src/", "lib/include/weir/", "runner/", "tests/support/")


def noun(path):
    return posixpath.basename(path).split(".")[0]


def belongs(test, subject):
    """`overlay_test` and `overlay_random_test` both belong to `overlay`."""
    return test == subject + "_test" or test.startswith(subject + "_")


def tests_have_a_subject(tree):
    subjects = {noun(path) for path in tree.cpp(*SUBJECTS)}
    for path in tree.cpp("tests/unit/"):
        test = noun(path)
        if test.endswith("_test") and not any(belongs(test, subject) for subject in subjects):
            yield Finding(path, 1, "mirror", "named after no file of lib or runner")


def sources_have_a_test(tree):
    """A test bears the source's name, or at least includes the header of that name."""
    paths = tree.cpp("tests/")
    tests = {noun(path) for path in paths if noun(path).endswith("_test")}
    seen = {noun(name) for path in paths for _, name, _ in included(tree, path)}
    for path in tree.cpp("lib/src/", "runner/"):
        if not path.endswith(".cpp") or path in UNTESTED or noun(path) in seen:
            continue
        if not any(belongs(test, noun(path)) for test in tests):
            yield Finding(path, 1, "mirror", f"no test: {noun(path)}_test.cpp does not exist")


def listed(tree):
    """A test that no list names is never run."""
    lists = {path: text for path, text in tree.files.items() if path.endswith("CMakeLists.txt")}
    for path in tree.cpp("lib/src/", "runner/", "tests/"):
        if not path.endswith(".cpp") or path.startswith("tests/compile_fail/"):
            continue
        near = [text for name, text in lists.items()
                if path.startswith(posixpath.dirname(name) + "/") and name != "CMakeLists.txt"]
        name = re.compile(r"(?<![\w-])" + re.escape(posixpath.basename(path)) + r"(?![\w.])")
        stem = re.compile(r"(?<![\w-])" + re.escape(noun(path)) + r"(?![\w.])")
        if not any(name.search(text) or stem.search(text) for text in near):
            yield Finding(path, 1, "list", "no CMakeLists.txt names it")


def lines_of(tree, code):
    prefixes = ("lib/", "runner/") if code else ("tests/",)
    return sum(tree.files[path].count("\n") for path in tree.cpp(*prefixes))
