#!/usr/bin/env python3
"""Prints what the RUN instructions of one stage of a Containerfile tell a shell to do.

containerfile.py FILE STAGE     STAGE counts from 0
"""
import pathlib
import re
import sys


def instructions(text):
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    for instruction in re.sub(r"\\\n\s*", "", "\n".join(lines)).splitlines():
        if instruction.strip():
            yield instruction.split(None, 1)


stage = -1
print("set -eu")
for word, rest in instructions(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8")):
    if word == "FROM":
        stage += 1
    elif word == "RUN" and stage == int(sys.argv[2]):
        print(re.sub(r"^(--\S+\s+)*", "", rest))
