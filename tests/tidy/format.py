#!/usr/bin/env python3
"""Asks clang-format whether it would change anything.

    format.py CLANG_FORMAT ROOT          names each file that is not laid out as it would be
    format.py CLANG_FORMAT ROOT --fix    lays them out
"""

import pathlib
import subprocess
import sys

FOLDERS = ("lib", "runner", "tests")


def main(arguments):
    program, root = arguments[0], pathlib.Path(arguments[1])
    files = sorted(path for folder in FOLDERS for path in (root / folder).rglob("*")
                   if path.suffix in (".h", ".cpp"))
    mode = ["-i"] if "--fix" in arguments else ["--dry-run"]
    run = subprocess.run([program, *mode, *files], capture_output=True, text=True, check=False)
    wrong = sorted({line.split(":")[0] for line in run.stderr.splitlines()
                    if "-Wclang-format-violations" in line})
    for path in wrong:
        print(f"{path}: clang-format would change it")
    print(f"{len(files)} files, {len(wrong)} to be laid out")
    return 1 if wrong or run.returncode else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
