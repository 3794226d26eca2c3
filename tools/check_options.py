#!/usr/bin/env python3
"""The pages that the option table prints are current: .env.example and
docs/configuration.md. With --write, brings them up to date."""

import subprocess
import sys

import checklib

PROGRAM = "build/src/app/databricks-chatbot"
PAGES = {".env.example": "env-example", "docs/configuration.md": "markdown"}


def printed(root, form):
    return subprocess.run(
        [root / PROGRAM, "print-config", f"--format={form}"], env={},
        check=True, capture_output=True, text=True).stdout


def check(root):
    complaints = []
    for page, form in PAGES.items():
        path = root / page
        try:
            wanted = printed(root, form)
        except (OSError, subprocess.CalledProcessError) as error:
            complaints.append(f"{page}: cannot print it: {error}")
            continue
        if len(wanted.splitlines()) < len(PAGES):
            complaints.append(f"{page}: the program prints nothing for it")
        if not path.exists() or checklib.read(path) != wanted:
            complaints.append(f"{page}: not what the option table prints; "
                              "run tools/check_options.py --write")
    return complaints


def write(root):
    for page, form in PAGES.items():
        path = root / page
        path.parent.mkdir(exist_ok=True)
        path.write_text(printed(root, form))


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        write(checklib.TOP)
    else:
        checklib.main(check)
