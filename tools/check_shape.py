#!/usr/bin/env python3
"""C functions and source files stay within their size.

Fails at more than 80 lines, complexity 20, 6 parameters or 5 levels in a
function, and at more than 1000 lines in a file. With --top, shows instead the
five largest functions by lines and by complexity. Tables of data are no
functions, so option tables are not counted."""

import re
import sys
from collections import namedtuple

import checklib

LINES, COMPLEXITY, PARAMETERS, NESTING, FILE_LINES = 80, 20, 6, 5, 1000
SOURCES = (".c", ".h", ".py", ".sh", ".ts", ".tsx", ".css")

Function = namedtuple(
    "Function", "name line lines complexity parameters nesting")

TOKEN = re.compile(r"\w+|&&|\|\||[^\s\w]")
DECISIONS = {"if", "for", "while", "case", "&&", "||", "?"}
NOT_FUNCTIONS = {"if", "for", "while", "switch", "sizeof", "__attribute__"}


def closing(tokens, start, opener, closer):
    """Index of the token that closes the one at start."""
    depth = 0
    for index in range(start, len(tokens)):
        text = tokens[index].group()
        depth += (text == opener) - (text == closer)
        if depth == 0:
            return index
    return len(tokens) - 1


def parameters_in(tokens):
    """Number of parameters in the tokens between two parentheses."""
    depth = commas = 0
    words = [token.group() for token in tokens]
    for word in words:
        depth += (word in "([") - (word in ")]")
        commas += word == "," and depth == 0
    return 0 if words in ([], ["void"]) else commas + 1


def complexity_of(words):
    """Decisions in a body; cases that return a text are a table of names."""
    named = [":", "return", ";"]
    names = sum(word == "case" and words[i + 2:i + 5] == named
                for i, word in enumerate(words))
    return 1 - names + sum(
        word in DECISIONS or is_each(word) for word in words)


def is_each(word):
    """Whether this is a macro that loops, such as LIST_EACH."""
    return re.search(r"_EACH(_|$)", word) is not None


def deepest_block(body):
    """How deep control blocks lie in each other; other braces do not count."""
    depth = deepest = 0
    stack, index, control = [], 0, False
    while index < len(body):
        word = body[index].group()
        if word in {"if", "for", "while", "switch"} or is_each(word):
            index = closing(body, index + 1, "(", ")")
            control = True
        elif word in {"else", "do"}:
            control = True
        elif word == "{":
            stack.append(control)
            depth += control
            deepest = max(deepest, depth)
            control = False
        elif word == "}":
            depth -= stack.pop() if stack else 0
            control = False
        else:
            control = False
        index += 1
    return deepest


def functions(text):
    """The functions defined in C text."""
    code = checklib.c_code(text)
    tokens = list(TOKEN.finditer(code))
    index, name_at, first = 0, None, 0
    while index < len(tokens):
        word = tokens[index].group()
        if word == "(" and name_at is None and index and \
                re.match(r"[A-Za-z_]\w*$", tokens[index - 1].group()) and \
                tokens[index - 1].group() not in NOT_FUNCTIONS:
            name_at = index - 1
            opened, index = index, closing(tokens, index, "(", ")")
            closed = index
        elif word == "(":
            index = closing(tokens, index, "(", ")")
        elif word == "{":
            end = closing(tokens, index, "{", "}")
            if name_at is not None and index == closed + 1:
                yield describe(code, tokens, first, name_at,
                               (opened, closed), (index, end))
            index, name_at = end, None
            first = index + 1
        elif word in {";", "="}:
            if word == ";":
                first = index + 1
            name_at = None
        index += 1


def describe(code, tokens, first, name_at, parentheses, braces):
    body = tokens[braces[0] + 1:braces[1]]
    begin = checklib.line_of(code, tokens[first].start())
    end = checklib.line_of(code, tokens[braces[1]].start())
    inner = tokens[parentheses[0] + 1:parentheses[1]]
    name = tokens[name_at].group()
    return Function(
        inner[0].group() if name == "TEST" else name, begin, end - begin + 1,
        complexity_of([token.group() for token in body]),
        parameters_in(inner),
        deepest_block(body))


def all_functions(root):
    for path in checklib.files(root, ".c", ".h", under=checklib.C_FOLDERS):
        for function in functions(checklib.read(path)):
            yield path, function


def check(root):
    complaints = []
    limits = {"lines": LINES, "complexity": COMPLEXITY,
              "parameters": PARAMETERS, "nesting": NESTING}
    for path, function in all_functions(root):
        for what, limit in limits.items():
            if getattr(function, what) > limit:
                complaints.append(
                    f"{checklib.place(root, path, function.line)}: "
                    f"{function.name} has {what} {getattr(function, what)}, "
                    f"at most {limit}")
    for path in checklib.files(root, *SOURCES):
        lines = checklib.read(path).count("\n")
        if lines > FILE_LINES:
            complaints.append(f"{path.relative_to(root)}: {lines} lines, "
                              f"at most {FILE_LINES}")
    return complaints


def show_top(root):
    found = list(all_functions(root))
    for what in ("lines", "complexity"):
        print(f"most {what}:")
        found.sort(key=lambda item: -getattr(item[1], what))
        for path, function in found[:5]:
            print(f"  {getattr(function, what):4} {function.name} "
                  f"{checklib.place(root, path, function.line)}")


if __name__ == "__main__":
    if sys.argv[1:] == ["--top"]:
        show_top(checklib.TOP)
    else:
        checklib.main(check)
