#!/usr/bin/env python3
"""Checks the rules of the house that no compiler checks.

    tidy.py ROOT            checks every file that git would keep; prints FILE:LINE: [rule] text
    tidy.py ROOT --ratio    prints the lines of code and of tests as well

Exit status 1 when anything was found. One rule lives in one module of rules/; a rule is a function
from the tree to its findings. tidy_test.py shows each rule what it must refuse.
"""

import pathlib
import sys

from rules import banned, includes, mirror, precompiled, sizes, words
from rules.tree import Tree

RULES = (includes.directions, includes.third_party, includes.cycles,
         precompiled.standard_headers, sizes.lines, sizes.files, sizes.functions,
         banned.identifiers, banned.file_names, words.unfinished, words.places, words.hosts,
         mirror.tests_have_a_subject, mirror.sources_have_a_test, mirror.listed)


def findings(tree):
    found = [finding for rule in RULES for finding in rule(tree)]
    return sorted(found, key=lambda finding: (finding.path, finding.line, finding.rule))


def main(arguments):
    tree = Tree.of_folder(pathlib.Path(arguments[0]))
    found = findings(tree)
    for finding in found:
        print(f"{finding.path}:{finding.line}: [{finding.rule}] {finding.text}")
    if "--ratio" in arguments:
        print(f"{mirror.lines_of(tree, code=True)} lines of code, "
              f"{mirror.lines_of(tree, code=False)} lines of tests")
    print(f"{len(tree.files)} files checked, {len(found)} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
