#!/usr/bin/env python3
"""Every metric has its row in docs/operations.md, and what is documented or
used in an alert is a metric."""

import re

import checklib

TABLE = "src/telemetry/metrics.h"
MORE = "src/api/meta.c"
PAGE = "docs/operations.md"
ALERTS = "deploy/prometheus/alerts.yml"

ROW = re.compile(r'\bX\(\s*\w+,\s*"(\w+)"')
TYPE = re.compile(r"# TYPE (\w+) ")
DOCUMENTED = re.compile(r"^\| `((?:chatbot|process)_\w+)", re.M)
NAME = re.compile(r"\bchatbot_\w+")
PART = re.compile(r"_(?:bucket|sum|count)$")


def read(root, name):
    path = root / name
    return checklib.read(path) if path.exists() else ""


def check(root):
    names = {f"chatbot_{name}" for name in ROW.findall(read(root, TABLE))}
    names |= set(TYPE.findall(read(root, MORE)))
    if not names:
        return [f"{TABLE}: no metric found"]
    listed = DOCUMENTED.findall(read(root, PAGE))
    wrong = [f"{PAGE}: no row for {name}" for name in names - set(listed)]
    wrong += [f"{PAGE}: there is no metric {name}"
              for name in set(listed) - names]
    for name in NAME.findall(read(root, ALERTS)):
        if name not in names and PART.sub("", name) not in names:
            wrong.append(f"{ALERTS}: there is no metric {name}")
    return sorted(wrong)


if __name__ == "__main__":
    checklib.main(check)
