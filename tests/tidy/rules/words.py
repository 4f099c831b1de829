"""Text that must not be handed in: unfinished work, one machine's paths, unknown hosts."""

import re

from .cpp import line_of
from .tree import Finding

# This checker and its test spell what they look for.
OWN = "tests/tidy/"

UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b|\bnot (?:yet )?implemented\b")
# Paths of the machine somebody worked on. /tmp, /etc, /proc and the like exist everywhere.
PLACES = re.compile(r"(?<![\w.$}*-])/(?:work|home|root|Users)/")
URL_HOST = re.compile(r"\bhttps?://(?:[^/\s\"'@]*@)?([A-Za-z0-9.-]+)")
# A build takes packages from where the machine takes them: no source of packages is named here.
HOSTS = re.compile(r"(?:^|\.)(?:example\.(?:com|org|net)|localhost|apache\.org|json-schema\.org|"
                   r"schemastore\.org|test|invalid|example)$|^127\.|^0\.0\.0\.0$|^\[")
BARE_HOST = re.compile(r"\b[\w-]+\.(?:maven|debian|pypi|npmjs|ubuntu|pythonhosted)\.org\b"
                       r"|\b(?:pypi|crates)\.(?:org|io)\b")


def matches(tree, pattern, rule, text):
    for path, content in tree.files.items():
        if path.startswith(OWN) or path == "LICENSE":
            continue
        for match in pattern.finditer(content):
            yield Finding(path, line_of(content, match.start()), rule,
                          text.format(match.group().strip()))


def unfinished(tree):
    return matches(tree, UNFINISHED, "unfinished", "`{}`: finish it or leave it out")


def places(tree):
    return matches(tree, PLACES, "place", "`{}`: a path of one machine")


def hosts(tree):
    yield from matches(tree, BARE_HOST, "host", "`{}`: a source of packages is named")
    for path, content in tree.files.items():
        if path.startswith(OWN):
            continue
        for match in URL_HOST.finditer(content):
            if not HOSTS.search(match.group(1)):
                yield Finding(path, line_of(content, match.start()), "host",
                              f"`{match.group(1)}` is not among the hosts that may be named")
