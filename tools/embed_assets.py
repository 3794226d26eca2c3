#!/usr/bin/env python3
"""Turns a folder of files into C: embed_assets.py FOLDER BLOB ASM TABLE

BLOB holds every file as brotli, or as it is where that is not smaller; the
start page and what it names also as gzip, for browsers, which speak brotli
over HTTPS only. ASM includes it as the symbol assets_blob; TABLE is the C
table of what lies where, sorted by path (src/assets/assets_int.h). A missing
folder gives an empty table. Nothing is written when nothing has changed, so
that a build may run this every time."""

import gzip
import hashlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

TYPES = {
    ".avif": "image/avif",
    ".css": "text/css; charset=utf-8",
    ".gif": "image/gif",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
    ".xml": "application/xml",
}
PACKED = {".avif", ".gif", ".jpeg", ".jpg", ".png", ".webp", ".woff", ".woff2"}
NAME = re.compile(r"[A-Za-z0-9._@~+/-]+")
NAMED = re.compile(r'(?:src|href)="(/[^"]+)"')
HASHED = re.compile(r"assets/(?:.*/)?[^/]*-[A-Za-z0-9_-]{8,}\.\w+")
ALIGNMENT = 16


def files(folder):
    """What is to be embedded: no hidden files and no source maps."""
    found = {}
    for path in folder.rglob("*") if folder.is_dir() else ():
        name = path.relative_to(folder).as_posix()
        if not path.is_file() or name.endswith(".map") or any(
                part.startswith(".") for part in name.split("/")):
            continue
        if not NAME.fullmatch(name):
            sys.exit(f"{name!r}: a name that would need escaping in a URL")
        found["/" + name] = path.read_bytes()
    return dict(sorted(found.items(), key=lambda item: item[0].encode()))


def brotli(data):
    tool = shutil.which("brotli")
    if tool is None:
        sys.exit("brotli is not installed; apt-get install brotli")
    return subprocess.run([tool, "--best", "--stdout"], input=data,
                          stdout=subprocess.PIPE, check=True).stdout


def needed_first(content):
    """The start page and the files that it names."""
    page = content.get("/index.html", b"").decode(errors="replace")
    return {"/index.html", *NAMED.findall(page)}


def variants(path, data, first):
    """What is kept of a file, in the order of enum asset_encoding."""
    if Path(path).suffix in PACKED or not data:
        return data, None, None
    small = brotli(data)
    if len(small) >= len(data):
        return data, None, None
    zipped = gzip.compress(data, 9, mtime=0) if first else data
    return None, zipped if len(zipped) < len(data) else None, small


class Blob:
    def __init__(self):
        self.data = bytearray()

    def add(self, data):
        """Appends; gives the offset."""
        self.data += bytes(-len(self.data) % ALIGNMENT)
        offset = len(self.data)
        self.data += data
        return offset


def row(path, data, first, blob):
    """The C initialiser of one file."""
    digest = hashlib.sha256(data).hexdigest()[:32]
    bodies = ""
    for name, suffix, body in zip(
            ("IDENTITY", "GZIP", "BROTLI"), ("", "-gzip", "-br"),
            variants(path, data, first)):
        if body is not None:
            place = f"(const char *)assets_blob + {blob.add(body)}"
        elif name == "IDENTITY":
            place, body = "NULL", data
        else:
            continue
        etag = f"{digest}{suffix}"
        bodies += (
            f"        [ASSET_{name}] = {{\n"
            f"            {{{place}, {len(body)}}},\n"
            f'            {{"\\"{etag}\\"", {len(etag) + 2}}}}},\n')
    kind = TYPES.get(Path(path).suffix, "application/octet-stream")
    immutable = bool(HASHED.fullmatch(path[1:]))
    return (f'    {{"{path}", "{kind}", {str(immutable).lower()}, {{\n'
            f"{bodies}    }}}},\n")


def table(content, blob):
    first = needed_first(content)
    rows = "".join(row(path, data, path in first, blob)
                   for path, data in content.items())
    # An array needs an element even when there is nothing to embed.
    rows = rows or "    {0},\n"
    return ('#include "assets_int.h"\n\n'
            "extern const unsigned char assets_blob[];\n\n"
            f"static const struct asset items[] = {{\n{rows}}};\n"
            f"static _Atomic(char *) unpacked[{max(1, len(content))}];\n\n"
            "const struct assets_set assets_embedded = "
            f"{{items, unpacked, {len(content)}}};\n")


def assembler(blob, blob_path):
    digest = hashlib.sha256(blob).hexdigest()
    return (f"/* {digest}: this file changes when the blob does. */\n"
            '    .section .rodata.assets,"a",%progbits\n'
            "    .globl assets_blob\n"
            "    .hidden assets_blob\n"
            "    .type assets_blob, %object\n"
            f"    .balign {ALIGNMENT}\n"
            "assets_blob:\n"
            f'    .incbin "{blob_path.resolve()}"\n'
            "    .byte 0\n"
            "    .size assets_blob, . - assets_blob\n"
            '    .section .note.GNU-stack,"",%progbits\n')


def fingerprint(content):
    """Changes with the files, their names and this script."""
    total = hashlib.sha256(Path(__file__).read_bytes())
    for path, data in content.items():
        total.update(f"{path}\0{len(data)}\0".encode())
        total.update(data)
    return total.hexdigest()


def main(folder, blob_path, asm_path, table_path):
    content = files(folder)
    stamp = blob_path.with_suffix(".stamp")
    current = fingerprint(content)
    outputs = (blob_path, asm_path, table_path)
    if all(path.exists() for path in (stamp, *outputs)) and \
            stamp.read_text() == current:
        return
    blob = Blob()
    text = table(content, blob)
    blob_path.write_bytes(blob.data)
    asm_path.write_text(assembler(blob.data, blob_path))
    table_path.write_text(text)
    stamp.write_text(current)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
