#!/usr/bin/env python3
"""docs/errors.md has a row for every error code of the interface and for every
fault that the emulator can put on an endpoint, and no row of anything else;
each table of faults is gone through by a test in the browser."""

import re

import checklib

PAGE = "docs/errors.md"
FAULTS = "src/emulator/fault.c"
JOURNEYS = "frontend/e2e/faults.spec.ts"

# X(ID, "code") or X(ID, 404, "code", "Title") in the tables of codes.
TABLES = ("src/api/problem.h", "src/databricks/error.h")
CODE = re.compile(r'\bX\(\s*\w+,\s*(?:\d+,\s*)?"(\w+)"')

# A row of the page's tables opens with the codes it is about.
ROW = re.compile(r"^\|((?:\s*`\w+`,?)+)\s*\|", re.M)

# {"pattern", "example", EMU_FAULT_X, WHERE | WHERE, ...
FAULT = re.compile(
    r'\{"([^"]+)",\s*"[^"]+",\s*EMU_FAULT_\w+,\s*([A-Z_|\s]+),')
ON_ENDPOINTS = {"MODEL", "MODEL_OR_GENIE", "CHAT", "AGENT", "RESPONSES", "ANY"}
KINDS = ("", "agent-", "responses-")

SECTION = re.compile(r"^### (.+)\n((?:(?!^#).*\n?)*)", re.M)
COLUMNS = 7
STATES = {"complete", "error", "interrupted"}
BUTTONS = {"–", "Try again", "Continue", "Continue, Try again"}
NONE = "–"


def read(root, name):
    path = root / name
    return checklib.read(path) if path.exists() else ""


def check_codes(root, page):
    listed = {code for row in ROW.findall(page)
              for code in re.findall(r"\w+", row)}
    codes = {code for table in TABLES
             for code in CODE.findall(read(root, table))}
    source = "\n".join(checklib.read(p) for p in checklib.files(
        root, ".c", ".h", under=("src/",)))
    return ([f"{PAGE}: no row for {code}" for code in sorted(codes - listed)]
            + [f"src: no source file knows the code {code}"
               for code in sorted(listed) if f'"{code}"' not in source])


def endpoint_faults(root):
    """The pattern of each fault of an endpoint, as it is in its name."""
    return [pattern for pattern, where in FAULT.findall(read(root, FAULTS))
            if ON_ENDPOINTS & set(re.findall(r"\w+", where))]


def plays(pattern, name):
    """Whether an endpoint of that name has the fault."""
    shape = re.escape(pattern).replace(re.escape("<n>"), r"\d+")
    return any(re.fullmatch(kind + shape, name) for kind in KINDS)


def fault_rows(page):
    """(section, name, cells) of each row of the tables of faults."""
    for section, text in SECTION.findall(page):
        for line in text.splitlines():
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            if re.fullmatch(r"`[\w-]+`", cells[0]):
                yield section, cells[0].strip("`"), cells


def check_row(name, cells, codes):
    if len(cells) != COLUMNS:
        return [f"{PAGE}: the row of {name} has {len(cells)} cells"]
    code, _, state, _, offered = cells[2:]
    wrong = []
    if code != NONE and code.strip("`") not in codes:
        wrong.append(f"{PAGE}: {name} ends with an unknown code, {code}")
    if state not in STATES or (state == "complete") != (code == NONE):
        wrong.append(f"{PAGE}: {name} cannot be {state} with {code}")
    if offered not in BUTTONS:
        wrong.append(f"{PAGE}: {name} offers what is not there: {offered}")
    return wrong


def check_faults(root, page):
    patterns = endpoint_faults(root)
    codes = set(CODE.findall(read(root, "src/databricks/error.h")))
    journeys = read(root, JOURNEYS)
    rows = list(fault_rows(page))
    names = [name for _, name, _ in rows]
    wrong = [f"{PAGE}: no row for the fault {pattern}" for pattern in patterns
             if not any(plays(pattern, name) for name in names)]
    for section, name, cells in rows:
        if not any(plays(pattern, name) for pattern in patterns):
            wrong.append(f"{PAGE}: the emulator has no fault {name}")
        if f"'{section}'" not in journeys:
            wrong.append(f"{JOURNEYS}: does not go through “{section}”")
        wrong += check_row(name, cells, codes)
    return sorted(set(wrong))


def check(root):
    page = read(root, PAGE)
    if not page:
        return [f"{PAGE}: missing"]
    return check_codes(root, page) + check_faults(root, page)


if __name__ == "__main__":
    checklib.main(check)
