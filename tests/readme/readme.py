#!/usr/bin/env python3
"""The README's C++ example is the program beside this file, and prints what the README says.

    readme.py README.md example.cpp EXAMPLE_PROGRAM
"""
import re
import subprocess
import sys


def blocks(text, language):
    return re.findall(r"^```" + language + r"\n(.*?)^```$", text, re.M | re.S)


def main(readme, source, program):
    text = open(readme, encoding="utf-8").read()
    code = open(source, encoding="utf-8").read()
    shown = blocks(text, "cpp")
    if code not in shown:
        sys.exit(f"{readme} does not show {source} as it is: copy it into its ```cpp block")
    printed = subprocess.run([program], check=True, capture_output=True, text=True).stdout
    if printed not in blocks(text, "text"):
        sys.exit(f"{readme} does not show in a ```text block what the example prints:\n{printed}")
    print("the example is the README's, and prints what it says")


if __name__ == "__main__":
    main(*sys.argv[1:])
