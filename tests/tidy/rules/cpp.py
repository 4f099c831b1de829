"""Just enough of C++'s lexical rules: comments, literals, braces."""

import re

LITERAL = re.compile(
    r'//[^\n]*'
    r'|/\*.*?\*/'
    r'|(?:u8|[uUL])?R"(?P<tag>[^()\\\s]{0,16})\(.*?\)(?P=tag)"'
    r'|(?:u8|[uUL])?"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9a-fA-F])(?:u8|[uUL])?'(?:\\.|[^'\\\n])+'",
    re.S)


def blanked(text):
    """`text` with comments and the insides of literals replaced by blanks; #include lines stay."""
    def blank(match):
        found = match.group()
        if found[0] == '"' and is_include(text, match.start()):
            return found
        blanks = re.sub(r"[^\n]", " ", found)
        if found.startswith(("//", "/*")):
            return blanks
        return found[0] + blanks[1:-1] + found[-1]
    return LITERAL.sub(blank, text)


def is_include(text, position):
    start = text.rfind("\n", 0, position) + 1
    return text[start:position].lstrip().startswith("#include")


def line_of(text, position):
    return text.count("\n", 0, position) + 1


SCOPE = re.compile(r"^(?:template\s*<.*>\s*)?(?:(?:inline\s+)?namespace|class|struct|enum|union|"
                   r'extern\s+"[^"]*"|concept)\b', re.S)


def functions(code):
    """(first line, last line, header) of each outermost function body in blanked code."""
    code = re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", lambda m: re.sub(r"[^\n]", " ", m.group()),
                  code, flags=re.M)
    found = []
    header_from = 0
    opened = []   # (kind, header start, header) of each open brace
    parens = 0
    body_depth = 0  # braces open inside a function or an initialiser
    for at, char in enumerate(code):
        if char == "(":
            parens += 1
        elif char == ")":
            parens -= 1
        elif char == "{":
            if body_depth or parens or is_member_initialiser(code, at):
                body_depth += 1
                opened.append(("inner", 0, ""))
                continue
            header = code[header_from:at].strip()
            kind = kind_of(header)
            opened.append((kind, first_visible(code, header_from), header))
            if kind in ("function", "initialiser"):
                body_depth += 1
            header_from = at + 1
        elif char == "}" and opened:
            kind, start, header = opened.pop()
            if kind != "scope":
                body_depth -= 1
            if kind == "function":
                found.append((line_of(code, start), line_of(code, at), header))
            if kind != "inner":
                header_from = at + 1
        elif char == ";" and not body_depth and not parens:
            header_from = at + 1
    return found


def kind_of(header):
    header = re.sub(r"^(?:public|private|protected)\s*:\s*", "", header)
    if SCOPE.match(header) or (not header):
        return "scope"
    if header.endswith("=") or "(" not in header:
        return "initialiser"
    return "function"


def is_member_initialiser(code, at):
    """`a_{1}`: clang-format leaves no blank there, and one before the brace of a body."""
    return at > 0 and (code[at - 1].isalnum() or code[at - 1] in "_>")


def first_visible(code, position):
    while position < len(code) and code[position].isspace():
        position += 1
    return position
