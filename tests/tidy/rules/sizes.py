"""How long a line, a file and a function may be."""

from .cpp import functions as functions_of
from .tree import CPP, SCRIPTS, Finding

LINE_MAX = 100
SHELL_LINE_MAX = 120  # A command of the shell does not fold well.
FILE_MAX = 500
FUNCTION_MAX = 70


def lines(tree):
    for path, text in tree.files.items():
        if not path.endswith(CPP + SCRIPTS) and not path.endswith("CMakeLists.txt"):
            continue
        limit = SHELL_LINE_MAX if path.endswith(".sh") else LINE_MAX
        for number, line in enumerate(text.splitlines(), 1):
            if len(line) > limit:
                yield Finding(path, number, "line", f"{len(line)} columns, at most {limit}")


def files(tree):
    for path, text in tree.files.items():
        count = text.count("\n")
        if path.endswith(CPP + SCRIPTS) and count > FILE_MAX:
            yield Finding(path, count, "file", f"{count} lines, at most {FILE_MAX}: "
                          "look for the second noun")


def functions(tree):
    for path in tree.cpp():
        for first, last, header in functions_of(tree.code(path)):
            if last - first + 1 > FUNCTION_MAX:
                name = " ".join(header.split())[:60]
                yield Finding(path, first, "function",
                              f"{last - first + 1} lines, at most {FUNCTION_MAX}: {name}")
