#!/usr/bin/env python3
"""Compiles each header by itself: whoever includes it needs nothing before it.

    headers.py COMPILER ROOT [--together] [FLAG...]

Exit status 1 and the compiler's first lines when a header does not stand alone. An internal header
that some source includes before everything else is left out: the build has compiled it alone.
With --together the build compiles sources of one folder as one, which proves that of none but the
sinks and the tests.
The standard headers that most of them include are read once, as the build does it; that each asks
for those it uses is a rule of tidy.py.
"""

import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile

from rules.precompiled import NAMES

FOLDERS = ("lib/include", "lib/src", "runner", "tests")
STRICT = ("-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-Wpedantic", "-Wshadow",
          "-Wconversion", "-Werror")
LINES_SHOWN = 12


def proved_by_the_build(root, together):
    """The internal headers that stand first in a source."""
    alone = ("lib/src/sink", "tests") if together else FOLDERS[1:]
    first = re.compile(r'^#include "([^"]+)"', re.M)
    any_include = re.compile(r"^#include", re.M)
    for source in (path for folder in alone for path in (root / folder).rglob("*.cpp")):
        text = source.read_text(errors="replace")
        start = any_include.search(text)
        found = first.match(text, start.start()) if start else None
        if found:
            yield from (path / found.group(1) for path in
                        (source.parent, root / "lib/src", root / "runner", root / "tests", root))


def compiled(compiler, root, flags, header):
    """What the compiler says about a file that includes the header alone, or nothing."""
    command = [compiler, *STRICT, f"-I{root}/lib/include", f"-I{root}/lib/src", f"-I{root}",
               f"-I{root}/tests", f"-I{root}/runner", *flags, "-include", str(header), "-xc++", "-"]
    run = subprocess.run(command, input="", capture_output=True, text=True, check=False)
    return run.stderr if run.returncode else ""


def precompiled(compiler, folder):
    """Flags that bring the standard headers in, read once. Only g++ does it this way."""
    header = pathlib.Path(folder) / "standard.h"
    header.write_text("".join(f"#include <{name}>\n" for name in sorted(NAMES)))
    if "clang" in compiler:
        return []
    subprocess.run([compiler, *STRICT[:1], *STRICT[2:], "-xc++-header", str(header)], check=True)
    return ["-Winvalid-pch", "-include", str(header)]


def main(arguments):
    with tempfile.TemporaryDirectory() as folder:
        together = "--together" in arguments
        flags = [*(flag for flag in arguments[2:] if flag != "--together"),
                 *precompiled(arguments[0], folder),
                 f'-DWEIR_SOURCE_DIR="{arguments[1]}"']
        return check(arguments[0], pathlib.Path(arguments[1]), flags, together)


def check(compiler, root, flags, together):
    known = set(proved_by_the_build(root, together))
    headers = sorted(header for folder in FOLDERS for header in (root / folder).rglob("*.h")
                     if header not in known)
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        answers = pool.map(lambda header: compiled(compiler, root, flags, header), headers)
        for header, said in zip(headers, answers):
            if said:
                failed += 1
                print(f"{header.relative_to(root)} does not compile alone:")
                print("\n".join(said.splitlines()[:LINES_SHOWN]))
    print(f"{len(headers)} headers compiled, {failed} failed")
    return 1 if failed or not headers else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
