"""Who may include whom: the folder list is the architecture, and includes run one way."""

import posixpath
import re

from .cpp import line_of
from .tree import Finding

# A folder of ours, and which of our folders it may include besides itself. The longest match
# counts. `weir` stands for the public headers.
MAY_INCLUDE = {
    "lib/include/weir": (),
    "lib/src": ("weir",),
    "lib/src/aggregate": ("weir",),
    "lib/src/engine": ("weir", "lib/src", "lib/src/topology", "lib/src/state", "lib/src/kafka",
                       "lib/src/json", "lib/src/sim", "lib/src/sink"),
    "lib/src/json": ("weir",),
    "lib/src/kafka": ("weir", "lib/src"),
    "lib/src/operator": ("weir", "lib/src/topology"),
    "lib/src/sim": ("weir", "lib/src/kafka"),
    "lib/src/sink": ("weir", "lib/src", "lib/src/json"),
    "lib/src/state": ("weir", "lib/src"),
    "lib/src/testing": ("weir", "lib/src/engine", "lib/src/kafka", "lib/src/sim", "lib/src/state",
                        "lib/src/topology"),
    "lib/src/topology": ("weir",),
    "runner": ("weir", "runner/cli"),
    "runner/cli": ("weir", "lib/src/kafka", "runner/compile", "runner/expression",
                   "runner/generate", "runner/http", "runner/job", "runner/run", "runner/test"),
    "runner/compile": ("weir", "runner/expression", "runner/job"),
    "runner/expression": ("weir",),
    "runner/generate": ("weir", "runner/expression", "runner/job"),
    "runner/http": ("weir",),
    "runner/job": ("weir", "runner/expression"),
    # What `weir produce` and `weir reset` do to a cluster is done through the engine's seam.
    "runner/test": ("weir", "runner/compile", "runner/expression", "runner/job"),
    # State is looked at from another process than the job's.
    "runner/run": ("weir", "lib/src/kafka", "lib/src/state", "runner/compile", "runner/expression",
                   "runner/job"),
    "tests/topology": ("weir", "tests/support"),
    "tests": None,  # Tests see everything.
}

# Public headers with fewer friends than the rest.
STD_ONLY = {"time.h", "error.h", "bytes.h"}
# The words of the DSL return each other, so their headers end by including the definitions.
MUTUAL = re.compile(r"lib/include/weir/(?:builder|stream|grouped|windows|join|"
                    r"detail/\w+_definitions)\.h$")
# Included by each other and by users alone.
TOP_ONLY = {"app.h", "preview.h", "testing.h", "weir.h"}

# Where a library's headers may be included. Tests of a folder may include what the folder may.
CONFINED = (
    (r"librdkafka/", ("lib/src/kafka", "tests/unit/kafka", "tests/broker", "tests/support",
                     "tests/perf")),
    (r"lmdb\.h$", ("lib/src/state", "tests/unit/state", "tests/perf")),
    (r"rapidjson/", ("lib/src/json", "tests/unit/json", "tests/topology", "tests/conformance",
                     "tests/fuzz", "tests/perf")),
    (r"yaml-cpp/", ("runner/job", "tests/unit/job", "tests/unit/test")),
    (r"CLI/", ("runner/cli",)),
    (r"(?:mongoc|bson|bsoncxx)(?:/|\.h$)", ("lib/src/sink", "tests/unit/sink", "tests/sinks")),
    (r"(?:zlib|zstd)\.h$", ("lib/src/sink", "tests/unit/sink")),
    (r"(?:libpq-fe\.h$|postgresql/)", ("lib/src/sink", "tests/unit/sink", "tests/sinks")),
    (r"httplib\.h$", ("lib/src/http", "runner/http", "tests/unit/http")),
    (r"prometheus/", ("lib/src/http", "runner/http", "tests/unit/http")),
    (r"(?:spdlog|fmt)/", ("lib/src/log.h", "lib/src/log.cpp")),
    (r"(?:gtest|gmock)/", ("tests",)),
    (r"benchmark/", ("tests/perf",)),
    (r"valgrind/", ("tests",)),
)
SYSTEM = re.compile(r"^(?:sys|netinet|arpa|linux|sanitizer)/|"
                    r"^(?:unistd|fcntl|signal|dirent|pthread|time|poll|spawn|sched|netdb|termios|"
                    r"errno|stdlib|[a-z0-9]*mmintrin|immintrin|cpuid|dlfcn|malloc)\.h$")
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(<[^>\n]+>|"[^"\n]+")', re.M)


def included(tree, path):
    """(line, name, True when in angle brackets) of each include of a file."""
    code = tree.code(path)
    for match in INCLUDE.finditer(code):
        name = match.group(1)
        yield line_of(code, match.start()), name[1:-1], name[0] == "<"


def resolved(tree, path, name):
    """The file of ours that `name` means when `path` includes it, or None."""
    for folder in (posixpath.dirname(path), "lib/src", "", "tests", "lib/include", "runner"):
        candidate = posixpath.normpath(posixpath.join(folder, name))
        if candidate in tree.files:
            return candidate
    return None


def generated(tree, path, name):
    """Whether the folder's CMakeLists.txt writes the file."""
    lists = posixpath.join(posixpath.dirname(path), "CMakeLists.txt")
    return name.endswith(".inc") and f"OUTPUT {name}" in tree.files.get(lists, "")


def longest(path, table):
    keys = [key for key in table if path == key or path.startswith(key + "/")]
    return max(keys, key=len, default=None)


def directions(tree):
    for path in tree.cpp():
        home = longest(path, MAY_INCLUDE)
        if home is None:
            yield Finding(path, 1, "include", "this folder is not in the table of tests/tidy")
            continue
        for line, name, angle in included(tree, path):
            target = resolved(tree, path, name)
            if target is None and not generated(tree, path, name):
                if not angle or name.startswith("weir/"):
                    yield Finding(path, line, "include", f"`{name}` is no file of ours")
            text = target and refusal(path, home, target)
            if text:
                yield Finding(path, line, "include", text)


def refusal(path, home, target):
    """Why `path` in the folder `home` may not include `target`, or None."""
    there = longest(target, MAY_INCLUDE)
    public = there == "lib/include/weir"
    allowed = MAY_INCLUDE[home]
    if home == "lib/include/weir" and public:
        return public_refusal(path, target)
    if allowed is None or there == home or (public and "weir" in allowed):
        return None
    if there in allowed and not (home == "lib/src/sim" and "rdkafka" in target):
        return None
    return f"{home} may not include {there} (`{target}`)"


def public_refusal(path, target):
    mine, theirs = posixpath.basename(path), posixpath.basename(target)
    if mine in STD_ONLY and theirs not in STD_ONLY:
        return f"{mine} stands on the standard library alone"
    if theirs in TOP_ONLY and mine not in TOP_ONLY:
        return f"{theirs} is for users: nothing below it may know it"
    return None


def third_party(tree):
    for path in tree.cpp():
        for line, name, angle in included(tree, path):
            if not angle or resolved(tree, path, name) or name.startswith("weir/"):
                continue
            text = foreign_refusal(path, name)
            if text:
                yield Finding(path, line, "include", text)


def foreign_refusal(path, name):
    if re.fullmatch(r"[a-z_0-9]+", name):
        return None  # The standard library.
    if path.startswith("lib/include/"):
        return f"<{name}>: public headers include the standard library and each other only"
    if SYSTEM.search(name):
        return None
    for pattern, folders in CONFINED:
        if re.match(pattern, name):
            if longest(path, folders):
                return None
            return f"<{name}> belongs below {', '.join(folders)}"
    return f"<{name}> is not in the table of tests/tidy"


def cycles(tree):
    """Headers that include each other, found by walking depth first."""
    state = {}
    for path in tree.cpp():
        yield from cycles_from(tree, path, state, [])


def cycles_from(tree, path, state, trail):
    if state.get(path) == "closed":
        return
    if state.get(path) == "open":
        loop = trail[trail.index(path):] + [path]
        if not all(MUTUAL.match(member) for member in loop):
            yield Finding(path, 1, "include", "a circle: " + " -> ".join(loop))
        return
    state[path] = "open"
    for _, name, _ in included(tree, path):
        target = resolved(tree, path, name)
        if target is not None and target != path:
            yield from cycles_from(tree, target, state, trail + [path])
    state[path] = "closed"
