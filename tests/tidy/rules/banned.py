"""Words that say nothing about a thing: not in identifiers, not in names of files.

Only what we name ourselves counts. A use of somebody else's member (`.data()`, `std::ios_base`)
is no name of ours, nor is the prefix of a C library.
"""

import pathlib
import re

from .cpp import line_of
from .tree import Finding

ANYWHERE = {"manager", "helper", "helpers", "util", "utils", "impl", "data", "info", "misc",
            "supplier", "factory"}
FIRST = {"base", "do", "handle", "my"}
FOREIGN = re.compile(r"rd_?kafka|mdb_|mv_|bson_|mongoc_|pq|nfds|__builtin|_mm|benchmark|llvm",
                     re.I)
IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
KEYWORDS = {"do"}


def offence(name):
    """The banned word in `name`, or None."""
    parts = [part.lower() for part in WORD.findall(name)]
    if parts[:1] == ["k"] and name[:1] == "k" and name[1:2].isupper():
        parts = parts[1:]
    for part in parts:
        if part in ANYWHERE:
            return part
    # `handle` is banned as a verb: it is a noun when nothing follows it.
    if len(parts) > 1 and parts[0] in FIRST:
        return parts[0]
    return None


def is_foreign(code, start, end):
    before = code[max(0, start - 24):start].rstrip()
    if before.endswith((".", "->")) or re.search(r"\b(?:std|spdlog|fmt|rapidjson|YAML|CLI|httplib|"
                                                 r"testing|benchmark)(?:::\w+)*::$", before):
        return True
    name = code[start:end]
    # A container of ours may offer data(), since ranges and spans look for that name.
    return (name in KEYWORDS or FOREIGN.match(name) is not None
            or (name == "data" and code[end:end + 1] == "("))


def identifiers(tree):
    for path in tree.cpp():
        code = re.sub(r"^[ \t]*#include[^\n]*", lambda m: " " * len(m.group()), tree.code(path),
                      flags=re.M)
        seen = set()
        for match in IDENTIFIER.finditer(code):
            name = match.group()
            word = offence(name)
            if word is None or name in seen or is_foreign(code, match.start(), match.end()):
                continue
            seen.add(name)
            yield Finding(path, line_of(code, match.start()), "name",
                          f"`{name}`: the word `{word}` says nothing here")


def file_names(tree):
    for path in tree.files:
        word = offence(pathlib.PurePosixPath(path).name.split(".")[0])
        if word is not None:
            yield Finding(path, 1, "name", f"the word `{word}` says nothing in a file's name")
