#!/usr/bin/env python3
"""Runs clang-tidy (.clang-tidy says what it looks for) over sources.

    clang_tidy.py CLANG_TIDY ROOT            those that the last commit or the work since changed
    clang_tidy.py CLANG_TIDY ROOT --all      every source of lib and runner; takes many minutes
    clang_tidy.py CLANG_TIDY ROOT FILE...    these

A source takes seconds, so the test looks at what changed and at no more than SOURCES_MAX of that:
the biggest, for lack of a better order.
"""

import concurrent.futures
import os
import pathlib
import subprocess
import sys

FOLDERS = ("lib", "runner")
SOURCES_MAX = 8
FLAGS = ("-std=c++20", "-Ilib/include", "-Ilib/src", "-I.", "-Irunner", "-Itests", "-w")


def every_source(root):
    return sorted(str(path.relative_to(root)) for folder in FOLDERS
                  for path in (root / folder).rglob("*.cpp"))


def changed_sources(root):
    """Changed in the last commit or since; every one when there is no history, as in a tarball."""
    git = ["git", "-C", str(root), "diff", "--name-only", "--diff-filter=d"]
    for since in ("HEAD~1", "HEAD"):
        run = subprocess.run([*git, since, "--", *FOLDERS], capture_output=True, text=True,
                             check=False)
        if run.returncode == 0:
            return [path for path in run.stdout.splitlines() if path.endswith(".cpp")]
    return every_source(root)


def biggest(root, paths):
    return sorted(sorted(paths, key=lambda path: -(root / path).stat().st_size)[:SOURCES_MAX])


def findings(program, root, path):
    command = [program, "--quiet", path, "--", *FLAGS]
    if path.endswith("avx2.cpp"):
        command.append("-mavx2")
    run = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    return run.stdout if run.returncode else ""


def chosen(root, arguments):
    if "--all" in arguments:
        return every_source(root)
    return arguments or biggest(root, changed_sources(root))


def main(arguments):
    program, root = arguments[0], pathlib.Path(arguments[1])
    paths = chosen(root, arguments[2:])
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for path, said in zip(paths, pool.map(lambda p: findings(program, root, p), paths)):
            if said:
                failed += 1
                print(said, flush=True)
    print(f"{len(paths)} sources looked at, {failed} with findings")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
