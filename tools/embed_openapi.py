#!/usr/bin/env python3
"""Turns the written part of the OpenAPI document into C:
embed_openapi.py FOLDER OUTPUT DEPFILE

FOLDER holds a file a section (headers.json: its members are those of
components.headers) and schemas/, whose files make one section together. OUTPUT
has a row a member (src/api/openapi_int.h)."""

import json
import sys
from pathlib import Path


def reject_twice(pairs):
    """A member that stands twice would silently lose one of them."""
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            sys.exit(f"{name!r} stands twice in one object")
    return dict(pairs)


def members(path):
    try:
        return json.loads(path.read_text(), object_pairs_hook=reject_twice)
    except json.JSONDecodeError as error:
        sys.exit(f"{path}: {error}")


def sections(folder):
    """(section, member, value) of everything, and the files it came from."""
    files = sorted(folder.glob("*.json")) + sorted(folder.glob("*/*.json"))
    rows = []
    for path in files:
        section = path.stem if path.parent == folder else path.parent.name
        rows += [(section, name, value)
                 for name, value in members(path).items()]
    keys = [row[:2] for row in rows]
    for key in keys:
        if keys.count(key) > 1:
            sys.exit(f"{folder}: {key[1]} stands twice in {key[0]}")
    return rows, files


def c_string(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def main(folder, output, depfile):
    rows, files = sections(folder)
    lines = "".join(
        f"    {{{c_string(section)}, {c_string(name)},\n"
        f"        {c_string(json.dumps(value, separators=(',', ':')))}}},\n"
        for section, name, value in rows)
    output.write_text(
        '#include "api/openapi_int.h"\n\n'
        '#pragma GCC diagnostic ignored "-Woverlength-strings"\n\n'
        f"const struct openapi_text openapi_texts[] = {{\n{lines}}};\n\n"
        f"const size_t openapi_text_count = {len(rows)};\n")
    watched = [folder, *filter(Path.is_dir, folder.iterdir()), *files]
    depfile.write_text(f"{output}: {' '.join(map(str, watched))}\n")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
