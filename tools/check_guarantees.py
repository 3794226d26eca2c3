#!/usr/bin/env python3
"""Each promise of docs/guarantees.md names tests, and each test exists."""

import re

import checklib

PROMISE = re.compile(r"^(\d+)\. \*\*", re.M)
NAMED = re.compile(r"`([\w./-]+\.(?:py|c|ts)): ([^`]+)`")


def stands_in(path, name):
    """Whether a file defines the test: a function, a TEST, or its words."""
    text = checklib.read(path)
    if path.suffix == ".py":
        rig = path.parent / "rig" / "promises.py"
        text += checklib.read(rig) if rig.exists() else ""
        return f"def {name}(" in text or f'"{name}"' in text
    if path.suffix == ".c":
        return f"TEST({name})" in text
    return f"test('{name}'" in text


def promises(text):
    """Number and text of each, up to the next heading or promise."""
    for part in re.split(r"^(?=\d+\. \*\*|## )", text, flags=re.M):
        number = PROMISE.match(part)
        if number:
            yield number.group(1), part


def check(root):
    page = root / "docs" / "guarantees.md"
    if not page.exists():
        return ["docs/guarantees.md is missing"]
    text, complaints = checklib.read(page), []
    for number, part in promises(text):
        if not NAMED.search(part):
            complaints.append(f"docs/guarantees.md: promise {number} names "
                              "no test")
    for match in NAMED.finditer(text):
        place = checklib.place(root, page,
                               checklib.line_of(text, match.start()))
        path = root / match.group(1)
        if not path.exists():
            complaints.append(f"{place}: there is no {match.group(1)}")
        elif not stands_in(path, match.group(2)):
            complaints.append(f"{place}: {match.group(1)} has no test "
                              f"{match.group(2)}")
    return complaints


if __name__ == "__main__":
    checklib.main(check)
