#!/usr/bin/env python3
"""Every route of the interface is in docs/api.md, and a test speaks of it."""

import re

import checklib

PAGE = "docs/api.md"
PREFIX = "/chat-api"
TABLES = ("src/api/", "src/app/")
TESTS = ("tests/http/", "tests/fault/", "tests/unit/", "tests/e2e/",
         "frontend/e2e/")

# A row of a table of struct http_route: its method and its pattern.
ROW = re.compile(r'"(GET|HEAD|POST|PUT|PATCH|DELETE)"\s*,\s*'
                 r'(?:\.pattern\s*=\s*)?"(/[^"]*)"')


def routes(root):
    for path in checklib.files(root, ".c", ".h", under=TABLES):
        text = checklib.c_comments_blanked(checklib.read(path))
        for match in ROW.finditer(text):
            yield (checklib.place(root, path, checklib.line_of(
                text, match.start())), *match.groups())


def address(pattern):
    """What a test writes for this pattern, as a regular expression."""
    parts = re.split(r"\{\w+\}", pattern)
    wanted = r"[^/\s?]+".join(map(re.escape, parts))
    prefix = re.escape(PREFIX)
    if pattern.startswith(PREFIX + "/") and len(pattern) > len(PREFIX) + 1:
        wanted = wanted.replace(prefix, f"(?:{prefix})?", 1)
    return re.compile(rf"{wanted}(?![\w/{{-])")


def check(root):
    page = root / PAGE
    documented = " ".join(checklib.read(page).split()) if page.exists() else ""
    tests = "\n".join(map(checklib.read, checklib.files(root, under=TESTS)))
    found = list(routes(root))
    complaints = [] if found else ["src/api: no row of a route table found"]
    for where, method, pattern in found:
        if not re.search(rf"\b{method} {re.escape(pattern)}(?![\w/{{])",
                         documented):
            complaints.append(f"{where}: {method} {pattern} is not in {PAGE}")
        if not address(pattern).search(tests):
            complaints.append(f"{where}: no test speaks of {pattern}")
    return complaints


if __name__ == "__main__":
    checklib.main(check)
