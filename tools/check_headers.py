#!/usr/bin/env python3
"""Every header of src/ compiles alone."""

import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor

import checklib

LIBRARIES = ["jansson", "libuv", "libcurl", "openssl", "sqlite3", "libpq"]


def library_flags():
    flags = ["-I/usr/share/include/llhttp", "-I/usr/include/llhttp"]
    for library in LIBRARIES:
        found = subprocess.run(["pkg-config", "--cflags", library],
                               capture_output=True, text=True)
        flags += found.stdout.split()
    return flags


def check(root):
    flags = ["-std=gnu2x", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror",
             "-fsyntax-only", f"-I{root}/src", *library_flags()]

    def complaint_about(header):
        with tempfile.NamedTemporaryFile("w", suffix=".c") as alone:
            alone.write(f'#include "{header}"\n')
            alone.flush()
            result = subprocess.run(["gcc", *flags, alone.name],
                                    capture_output=True, text=True)
        if result.returncode == 0:
            return None
        reason = next((line for line in result.stderr.splitlines()
                       if "error" in line), "")
        return f"{header.relative_to(root)}: does not compile alone: {reason}"

    with ThreadPoolExecutor(2) as pool:
        headers = checklib.files(root, ".h", under=("src/",))
        return [said for said in pool.map(complaint_about, headers) if said]


if __name__ == "__main__":
    checklib.main(check)
