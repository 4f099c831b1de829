#!/usr/bin/env python3
"""Counts the instructions of each workload under callgrind and holds them against the kept file.

    instructions.py PROGRAM KEPT            fails on more than TOLERANCE over, or more allocations
    instructions.py PROGRAM KEPT --keep     writes what was counted into KEPT

KEPT has one line per workload, `name instructions/record allocations/run`, and comments after #.
A workload that got cheaper than the tolerance fails as well: keep the gain, or it is lost silently.
And a job file, yaml_NAME, may cost a little more than the same job in C++, whole_NAME, and no more.
"""

import concurrent.futures
import os
import re
import subprocess
import sys
import tempfile

TOLERANCE = 0.10
YAML_MAX = 1.15  # Of what the same job costs in C++.
HEADER = """# What each workload of tests/perf/instructions may cost on Debian 12's g++ -O2.
# Counted exactly by callgrind; 10 % in either direction fails. After a change that is meant:
#   ctest prints the command that writes this file.
# workload  instructions/record  allocations/run
"""


def counted(program, name):
    """(instructions per record, allocations) of one workload."""
    with tempfile.TemporaryDirectory() as folder:
        run = subprocess.run(
            ["valgrind", "--tool=callgrind", "--toggle-collect=weir_counted",
             f"--callgrind-out-file={folder}/out", program, name],
            capture_output=True, text=True, check=False)
    collected = re.search(r"Collected : (\d+)", run.stderr)
    if run.returncode or not collected:
        sys.exit(f"{name}: callgrind failed\n{run.stderr}")
    _, records, allocations = run.stdout.split()
    return int(collected.group(1)) / int(records), int(allocations)


def kept(path):
    lines = [line.split("#")[0].split() for line in open(path, encoding="utf-8")]
    return {line[0]: (float(line[1]), int(line[2])) for line in lines if line}


def complaint(now, was):
    """Why the count `now` is not what is kept, or nothing. Both are (instructions, allocations)."""
    if was is None:
        return "is not in the file"
    if now is None:
        return "is in the file, but the program does not know it"
    if now[1] > was[1]:
        return f"allocates {now[1]} times a run, at most {was[1]}"
    change = now[0] / was[0] - 1
    if abs(change) > TOLERANCE:
        return f"{'slower' if change > 0 else 'faster'} by {abs(change) * 100:.1f} %"
    return ""


def languages(now):
    """[(job, what its file costs of the same in C++)] of what was counted."""
    return [(name.removeprefix("yaml_"), cost / now[name.replace("yaml_", "whole_")][0])
            for name, (cost, _) in sorted(now.items()) if name.startswith("yaml_")]


def main(arguments):
    program, path = arguments[0], arguments[1]
    names = subprocess.run([program], capture_output=True, text=True, check=True).stdout.split()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        now = dict(zip(names, pool.map(lambda name: counted(program, name), names)))
    if "--keep" in arguments:
        with open(path, "w", encoding="utf-8") as file:
            file.write(HEADER)
            file.writelines(f"{name} {cost:.1f} {allocations}\n"
                            for name, (cost, allocations) in sorted(now.items()))
        return 0
    was = kept(path)
    failed = 0
    for name in sorted(now.keys() | was.keys()):
        wrong = complaint(now.get(name), was.get(name))
        failed += bool(wrong)
        cost, allocations = now.get(name) or was[name]
        print(f"{name:32} {cost:12.1f} instructions/record {allocations:6} allocations  {wrong}")
    for job, ratio in languages(now):
        wrong = "" if ratio <= YAML_MAX else f"more than {YAML_MAX}"
        failed += bool(wrong)
        print(f"{job:32} {ratio:12.2f} of C++ as a job file  {wrong}")
    if failed:
        print(f"{failed} workloads differ. When the change is meant:\n"
              f"  python3 {__file__} {program} {path} --keep")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
