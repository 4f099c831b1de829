#!/usr/bin/env python3
"""Compiles each header by itself: whoever includes it needs nothing before it.

    headers.py COMPILER ROOT [FLAG...]

Exit status 1 and the compiler's first lines when a header does not stand alone.
"""

import concurrent.futures
import os
import pathlib
import subprocess
import sys

FOLDERS = ("lib/include", "lib/src", "runner", "tests")
STRICT = ("-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-Wpedantic", "-Wshadow",
          "-Wconversion", "-Werror")
LINES_SHOWN = 12


def compiled(compiler, root, flags, header):
    """What the compiler says about a file that includes the header alone, or nothing."""
    command = [compiler, *STRICT, f"-I{root}/lib/include", f"-I{root}/lib/src", f"-I{root}",
               f"-I{root}/tests", f"-I{root}/runner", *flags, "-include", str(header), "-xc++", "-"]
    run = subprocess.run(command, input="", capture_output=True, text=True, check=False)
    return run.stderr if run.returncode else ""


def main(arguments):
    compiler, root, flags = arguments[0], pathlib.Path(arguments[1]), arguments[2:]
    headers = sorted(header for folder in FOLDERS for header in (root / folder).rglob("*.h"))
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
