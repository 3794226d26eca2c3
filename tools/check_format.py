#!/usr/bin/env python3
"""C is laid out as .clang-format says and stays within 80 columns; shell
scripts parse and please shellcheck."""

import re
import subprocess
from pathlib import Path

import checklib

COLUMNS = 80


def long_lines(root, paths):
    for path in paths:
        for number, line in enumerate(checklib.read(path).splitlines(), 1):
            if len(line) > COLUMNS:
                yield (f"{checklib.place(root, path, number)}: "
                       f"{len(line)} columns, at most {COLUMNS}")


def layout_of(root, paths):
    """One complaint a file: its first place that clang-format would change."""
    said = run(root, "clang-format-14", "--dry-run", "--Werror",
               *map(str, paths)) if paths else []
    first = {}
    for line in said:
        found = re.match(r"(.+?):(\d+):\d+: error: (.*)", line)
        if found:
            first.setdefault(found[1], found)
    return [f"{checklib.place(root, Path(path), found[2])}: {found[3]}; "
            f"clang-format-14 -i" for path, found in first.items()]


def run(root, *command):
    """What a tool complains about, or nothing."""
    result = subprocess.run(command, cwd=root, capture_output=True, text=True)
    if result.returncode == 0:
        return []
    return (result.stdout + result.stderr).splitlines() or [str(command)]


def shell_scripts(root):
    for path in checklib.files(root):
        first = path.open("rb").readline(64)
        if path.suffix == ".sh" or first.startswith((b"#!/bin/sh", b"#!/bin/ba",
                                                     b"#!/usr/bin/env ba")):
            yield str(path.relative_to(root))


def check(root):
    paths = checklib.files(root, ".c", ".h", under=checklib.C_FOLDERS)
    complaints = list(long_lines(root, paths))
    complaints += layout_of(root, paths)
    for script in shell_scripts(root):
        complaints += run(root, "bash", "-n", script)
        complaints += run(root, "shellcheck", "-x", script)
    return complaints


if __name__ == "__main__":
    checklib.main(check)
