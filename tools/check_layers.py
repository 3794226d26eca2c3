#!/usr/bin/env python3
"""Each folder of src/ includes only the folders below it, and each foreign
library's headers appear in the one folder that owns it."""

import re

import checklib

PLUMBING = {"base", "telemetry", "loop"}
OUTGOING = PLUMBING | {"http_client", "sse"}
PARTS = {"http_server", "replies", "databricks", "store", "auth", "limits",
         "assets", "emulator", "exports"}

MAY_INCLUDE = {
    "base": set(),
    "telemetry": {"base"},
    "loop": {"base", "telemetry"},
    "sse": {"base"},
    "limits": {"base"},
    "http_client": PLUMBING,
    "http_server": PLUMBING | {"sse"},
    "replies": PLUMBING | {"sse"},
    "store": PLUMBING,
    "databricks": OUTGOING,
    "auth": OUTGOING,
    "assets": PLUMBING,
    "emulator": OUTGOING | {"http_server"},
    "exports": {"base", "store"},
    "admin": PLUMBING | {"store", "exports"},
    "api": OUTGOING | PARTS,
    "app": OUTGOING | PARTS | {"admin", "api"},
}

FOREIGN = {
    "jansson.h": "base",
    "openssl/": "base",
    "uv.h": "loop",
    "curl/": "http_client",
    "llhttp.h": "http_server",
    "brotli/": "assets",
    "utf8proc.h": "store",
    "sqlite3.h": "store/sqlite",
    "libpq-fe.h": "store/postgres",
}

SYSTEM = set("""assert ctype dirent endian errno fcntl fnmatch float ifaddrs
    inttypes iso646 langinfo libgen limits locale math netdb poll pthread pwd
    sched setjmp signal stdalign stdarg stdatomic stdbool stddef stdint stdio
    stdlib stdnoreturn string strings syslog termios threads time uchar unistd
    wchar wctype""".split())

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"]', re.M)


def owner_of(header):
    for prefix, owner in FOREIGN.items():
        if header == prefix or prefix.endswith("/") and \
                header.startswith(prefix):
            return owner
    return None


def is_system(header):
    return header.split("/")[0] in {"sys", "netinet", "arpa", "net", "linux"} \
        or header.removesuffix(".h") in SYSTEM


def complaint_about(folder, inside, header, here):
    """What is wrong with this include, or None."""
    owner = owner_of(header)
    if owner:
        if (inside + "/").startswith(owner + "/"):
            return None
        return f"{header} belongs to src/{owner} alone"
    target = header.split("/")[0]
    if target in MAY_INCLUDE and "/" in header:
        if target == folder or target in MAY_INCLUDE[folder]:
            return None
        return f"src/{folder} may not include {header}"
    if (here / header).exists() or is_system(header):
        return None
    return f"{header} has no owner; name one in tools/check_layers.py"


def check(root):
    complaints = []
    for path in checklib.files(root, ".c", ".h", under=("src/",)):
        inside = path.relative_to(root / "src").parent.as_posix()
        folder = inside.split("/")[0]
        text = checklib.c_comments_blanked(checklib.read(path))
        if folder not in MAY_INCLUDE:
            complaints.append(f"src/{folder} is not in tools/check_layers.py")
            continue
        for match in INCLUDE.finditer(text):
            complaint = complaint_about(folder, inside, match.group(2),
                                        path.parent)
            if complaint:
                line = checklib.line_of(text, match.start(1))
                complaints.append(
                    f"{checklib.place(root, path, line)}: {complaint}")
    return complaints


if __name__ == "__main__":
    checklib.main(check)
