#!/usr/bin/env python3
"""No file holds notes of unfinished work, paths of one machine, or hosts of
package registries."""

import re

import checklib

UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX|HA" r"CK)\b")
MACHINE_PATH = re.compile(
    r"(?<![\w.$}~-])/(?:root|home/\w+|Users/\w+)/")
REGISTRY = re.compile(
    r"\bregistry\.[\w-]+\.(?:org|com|io|dev)\b|\"resolved\": *\"http")

CODE = ("src/", "frontend/src/", "tests/", "tools/", "fuzz/", "bench/",
        "run", "test", "deploy/", ".ci/")


def check(root):
    complaints = []
    for path in checklib.files(root):
        name = path.relative_to(root).as_posix()
        data = path.read_bytes()
        if b"\0" in data:
            continue
        rules = [(MACHINE_PATH, "path of one machine"),
                 (REGISTRY, "host of a package registry")]
        if name.startswith(CODE):
            rules.append((UNFINISHED, "note of unfinished work"))
        text = data.decode("utf-8", "replace")
        for pattern, what in rules:
            for match in pattern.finditer(text):
                line = checklib.line_of(text, match.start())
                complaints.append(f"{name}:{line}: {what}: {match.group()}")
    return complaints


if __name__ == "__main__":
    checklib.main(check)
