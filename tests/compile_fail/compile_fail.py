#!/usr/bin/env python3
"""Compiles programs that must not compile, and reads what the compiler says about them.

    compile_fail.py COMPILER ROOT [CASE.cpp...]

A case is one misuse of the library. Its first line is `// error: REGEX`: the compiler's output must
match it somewhere. The misuse stands between `#ifdef MISUSE` and `#endif` (with `#else` for the
right way, if there is one): without it, the case must compile, so that a broken case cannot pass
for a refused one. A user must be able to read the answer: at most LINES_MAX lines. The library's
headers are read once, precompiled, for all of them.
"""

import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile

LINES_MAX = 30


def compiled(compiler, root, case, *flags):
    command = [compiler, "-std=c++20", "-fsyntax-only", f"-I{root}/lib/include", *flags, str(case)]
    run = subprocess.run(command, capture_output=True, text=True, check=False,
                         env={**os.environ, "LC_ALL": "C"})
    return run.returncode == 0, run.stderr


def precompiled(compiler, root, folder):
    """Flags that bring the library in, read once; none where there is no library."""
    if not (root / "lib/include/weir/weir.h").exists():
        return []
    header = pathlib.Path(folder) / "library.h"
    header.write_text("#include <weir/weir.h>\n")
    subprocess.run([compiler, "-std=c++20", f"-I{root}/lib/include", "-xc++-header", str(header)],
                   check=True)
    return ["-Winvalid-pch", "-include", str(header)]


def complaint(compiler, root, case, flags):
    """What is wrong with the case, or nothing."""
    text = case.read_text()
    expected = re.match(r"// error: (.+)\n", text)
    if not expected:
        return "the first line must be `// error: REGEX`"
    if "#ifdef MISUSE" not in text:
        return "there is no `#ifdef MISUSE`"
    fine, said = compiled(compiler, root, case, *flags)
    if not fine:
        return "does not compile without its misuse:\n" + said
    refused, said = compiled(compiler, root, case, *flags, "-DMISUSE")
    if refused:
        return "compiles, and must not"
    if not re.search(expected.group(1), said):
        return f"no line of the answer matches `{expected.group(1)}`:\n" + said
    if said.count("\n") > LINES_MAX:
        return f"the answer has {said.count(chr(10))} lines, at most {LINES_MAX}:\n" + said
    return ""


def main(arguments):
    compiler, root = arguments[0], pathlib.Path(arguments[1])
    here = pathlib.Path(__file__).parent
    cases = [pathlib.Path(case) for case in arguments[2:]] or sorted(here.glob("*.cpp"))
    failed = 0
    with tempfile.TemporaryDirectory() as folder, \
            concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        flags = precompiled(compiler, root, folder)
        said_of = pool.map(lambda case: complaint(compiler, root, case, flags), cases)
        for case, said in zip(cases, said_of):
            if said:
                failed += 1
                print(f"{case.name}: " + "\n".join(said.splitlines()[:LINES_MAX + 10]))
    print(f"{len(cases)} misuses, {failed} not refused as they should be")
    return 1 if failed or not cases else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
