"""The files under test, read once, and what a rule says about them."""

import dataclasses
import functools
import os
import pathlib
import subprocess

from .cpp import blanked

CPP = (".h", ".cpp")
SCRIPTS = (".py", ".sh", ".cmake")
# Text that people write by hand; the rest (corpora, golden bytes) is not read.
TEXT = CPP + SCRIPTS + (".md", ".txt", ".yaml", ".json", ".yml")


@dataclasses.dataclass(frozen=True)
class Finding:
    path: str
    line: int
    rule: str
    text: str


class Tree:
    """Paths relative to the root, with `/`, mapped to their text."""

    def __init__(self, files):
        self.files = dict(sorted(files.items()))

    @staticmethod
    def of_folder(root):
        kept = subprocess.run(
            ["git", "-C", str(root), "ls-files", "--cached", "--others", "--exclude-standard"],
            capture_output=True, text=True, check=False)
        paths = kept.stdout.splitlines() if kept.returncode == 0 else walked(root)
        return Tree({path: (root / path).read_text(errors="replace") for path in paths
                     if is_text(path) and (root / path).is_file()})

    def cpp(self, *prefixes):
        return [path for path in self.files
                if path.endswith(CPP) and (not prefixes or path.startswith(prefixes))]

    @functools.lru_cache(maxsize=None)
    def code(self, path):
        """The C++ text with comments and literals blanked: same length, same lines."""
        return blanked(self.files[path])


def is_text(path):
    name = pathlib.PurePosixPath(path)
    in_corpus = "corpus" in name.parts or "golden" in name.parts
    return (name.suffix in TEXT or str(name) == ".ci/run") and not in_corpus


def walked(root):
    """Every file below root, for a tree that is not under git; build folders left out."""
    for folder, folders, names in os.walk(root):
        folders[:] = [f for f in folders if not f.startswith((".git", "build"))]
        for name in names:
            yield (pathlib.Path(folder) / name).relative_to(root).as_posix()
