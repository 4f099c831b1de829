"""tests/unit mirrors lib/src and runner; every source is named in a CMakeLists.txt."""

import posixpath
import re

from .tree import Finding

# Folders that are tested through another one, and where.
TESTED_IN = {
    "lib/src/testing": "tests/topology/",  # The driver of those tests.
}
SUBJECTS = ("lib/src/", "lib/include/weir/", "runner/")


def noun(path):
    return posixpath.basename(path).split(".")[0]


def tests_have_a_subject(tree):
    """tests/unit/FOLDER tests lib/src/FOLDER or runner/FOLDER; unit/weir, the public headers."""
    folders = {posixpath.dirname(path) for path in tree.cpp(*SUBJECTS)}
    for path in tree.cpp("tests/unit/"):
        folder = path.split("/")[2]
        if not folders & {f"lib/src/{folder}", f"runner/{folder}", f"lib/include/{folder}",
                          folder}:
            yield Finding(path, 1, "mirror", f"neither lib nor runner has a folder {folder}")


def sources_have_a_test(tree):
    """A folder of sources has a folder of tests."""
    folders = {posixpath.dirname(path) for path in tree.cpp("lib/src/", "runner/")
               if path.endswith(".cpp")}
    for folder in sorted(folders - {"lib/src", "runner"}):
        name = folder.split("/")[-1]
        tests = [f"tests/unit/{name}/", f"tests/{name}/"]
        tests += [TESTED_IN[folder]] if folder in TESTED_IN else []
        if not any(path.endswith("_test.cpp") for path in tree.cpp(*tests)):
            yield Finding(folder, 1, "mirror", f"no tests in {tests[0]}")


def listed(tree):
    """A test that no list names is never run."""
    lists = {}
    for path, text in tree.files.items():
        if path.endswith("CMakeLists.txt"):
            top = path.split("/")[0]
            lists[top] = lists.get(top, "") + re.sub(r"#[^\n]*", "", text)
    words = {top: set(re.split(r"[\s()/\"]+", text)) for top, text in lists.items()}
    for path in tree.cpp("lib/src/", "runner/", "tests/"):
        if not path.endswith(".cpp") or path.startswith("tests/compile_fail/"):
            continue
        named = words.get(path.split("/")[0], set())
        if posixpath.basename(path) not in named and noun(path) not in named:
            yield Finding(path, 1, "list", "no CMakeLists.txt names it")


def lines_of(tree, code):
    prefixes = ("lib/", "runner/") if code else ("tests/",)
    return sum(tree.files[path].count("\n") for path in tree.cpp(*prefixes))
