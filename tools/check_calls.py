#!/usr/bin/env python3
"""No call of functions that have no bound or no error, and none of printf's
family but where text is put together (base) or the program speaks (app, admin)."""

import re

import checklib

BANNED = """strcpy strcat sprintf vsprintf strtok atoi atol atoll strtol sscanf
    gets alloca system popen""".split()
PRINTING = """printf fprintf dprintf vprintf vfprintf vdprintf snprintf
    vsnprintf asprintf vasprintf""".split()
PRINTERS = ("src/admin/", "src/app/", "src/base/")

CALL = re.compile(r"(?<![\w.])(?<!->)(\w+)\s*\(")


def check(root):
    complaints = []
    for path in checklib.files(root, ".c", ".h", under=checklib.C_FOLDERS):
        name = path.relative_to(root).as_posix()
        banned = set(BANNED)
        if name.startswith("src/") and not name.startswith(PRINTERS):
            banned |= set(PRINTING)
        code = checklib.c_code(checklib.read(path))
        for match in CALL.finditer(code):
            if match.group(1) in banned:
                line = checklib.line_of(code, match.start())
                complaints.append(f"{checklib.place(root, path, line)}: "
                                  f"{match.group(1)} is banned here")
    return complaints


if __name__ == "__main__":
    checklib.main(check)
