"""A file reaches, by includes of its own, the standard headers that the build reads before it.

Precompiled headers would hide that one is missing from the compiler; whoever installs the library
would find out.
"""

import re

from .cpp import line_of
from .includes import included, resolved
from .tree import Finding

# The headers that weir_product() precompiles, and names that need them.
NAMES = {
    "algorithm": r"sort|stable_sort|find|find_if|any_of|all_of|none_of|copy_if|lower_bound|"
                 r"upper_bound|min|max|clamp|min_element|max_element|remove_if|reverse|rotate|"
                 r"fill|equal|count_if|binary_search|partial_sort|nth_element|unique|transform",
    "array": r"array",
    "charconv": r"from_chars|to_chars",
    "chrono": r"chrono",
    "cstring": r"memcpy|memcmp|memchr|memset|memmove|strlen|strerror",
    "deque": r"deque",
    "functional": r"function|invoke|hash|less|greater|reference_wrapper|c?ref",
    "map": r"(?:multi)?map",
    "memory": r"unique_ptr|shared_ptr|weak_ptr|make_unique|make_shared|addressof",
    "optional": r"optional|nullopt",
    "set": r"(?:multi)?set",
    "span": r"span",
    "string": r"string|to_string",
    "string_view": r"string_view",
    "unordered_map": r"unordered_(?:multi)?map",
    "utility": r"move|pair|swap|exchange|forward|make_pair|in_range|as_const",
    "variant": r"variant|visit|get_if|holds_alternative|monostate",
    "vector": r"vector",
}
USES = {header: re.compile(rf"\bstd::(?:{names})\b") for header, names in NAMES.items()}
# What the standard, or every library there is, gives along with a header.
ALONG = {"string": ("string_view",), "map": ("functional",), "set": ("functional",)}
WITH_UTILITY = {"algorithm", "array", "functional", "map", "memory", "optional", "set", "string",
                "unordered_map", "variant", "vector"}


def reached(tree, path, seen):
    """The names in angle brackets that a file includes, itself or by way of files of ours."""
    if path in seen:
        return set()
    seen.add(path)
    names = set()
    for _, name, _ in included(tree, path):
        target = resolved(tree, path, name)
        if target:
            names |= reached(tree, target, seen)
        else:
            names |= {name, *ALONG.get(name, ())}
            if name in WITH_UTILITY:
                names.add("utility")
    return names


def standard_headers(tree):
    for path in tree.cpp("lib/", "runner/"):
        code, names = tree.code(path), reached(tree, path, set())
        for header, use in USES.items():
            match = header not in names and use.search(code)
            if match:
                yield Finding(path, line_of(code, match.start()), "standard",
                              f"`{match.group()}` without <{header}>, which only the build's "
                              "precompiled header brings")
