#!/usr/bin/env python3
"""tools/embed_assets.py on small folders; speaks TAP for Meson."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

SCRIPT = sys.argv[1]


class Folder:
    """A page and the place for what is made of it."""

    def __init__(self, root):
        self.page, self.out = root / "page", root / "out"
        self.page.mkdir()
        self.out.mkdir()

    def put(self, name, data):
        path = self.page / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def outputs(self):
        return [self.out / name for name in ("a.bin", "a.S", "a.c")]

    def embed(self, **env):
        return subprocess.run(
            [sys.executable, SCRIPT, self.page, *self.outputs()],
            capture_output=True, text=True, env={**os.environ, **env})

    def written(self):
        """What is written, forgetting it was: true when it was."""
        times = [path.stat().st_mtime_ns for path in self.outputs()]
        for path in self.outputs():
            os.utime(path, ns=(1, 1))
        return any(time != 1 for time in times)


def unchanged_page_writes_nothing(folder):
    folder.put("index.html", b"<p>" * 100)
    assert folder.embed().returncode == 0 and folder.written()
    assert folder.embed().returncode == 0 and not folder.written()


def every_change_is_seen(folder):
    folder.put("index.html", b"<p>" * 100)
    folder.embed()
    folder.written()
    folder.put("index.html", b"<q>" * 100)
    assert folder.embed().returncode == 0 and folder.written()
    (folder.page / "index.html").rename(folder.page / "other.html")
    assert folder.embed().returncode == 0 and folder.written()
    assert "/other.html" in (folder.out / "a.c").read_text()


def lost_output_is_made_again(folder):
    folder.put("index.html", b"x")
    folder.embed()
    for path in folder.outputs():
        path.unlink()
        assert folder.embed().returncode == 0 and path.exists()


def changed_blob_changes_the_assembler(folder):
    folder.put("index.html", b"a")
    folder.embed()
    before = (folder.out / "a.S").read_text()
    folder.put("index.html", b"b")
    folder.embed()
    assert (folder.out / "a.S").read_text() != before


def same_page_gives_the_same_bytes(folder):
    folder.put("index.html", b"again " * 500)
    folder.embed()
    first = [path.read_bytes() for path in folder.outputs()]
    for path in folder.outputs():
        path.unlink()
    folder.embed()
    assert first == [path.read_bytes() for path in folder.outputs()]


def name_that_needs_escaping_is_refused(folder):
    folder.put('a"b.html', b"x")
    result = folder.embed()
    assert result.returncode == 1 and "escaping" in result.stderr
    assert not (folder.out / "a.c").exists()


def missing_brotli_is_named(folder):
    folder.put("index.html", b"x" * 100)
    result = folder.embed(PATH="/nonexistent")
    assert result.returncode == 1
    assert "apt-get install brotli" in result.stderr
    assert not (folder.out / "a.stamp").exists()


TESTS = [value for value in list(globals().values())
         if callable(value) and getattr(value, "__module__", "") == "__main__"
         and value is not Folder]

if __name__ == "__main__":
    print(f"1..{len(TESTS)}")
    for number, test in enumerate(TESTS, 1):
        with tempfile.TemporaryDirectory() as root:
            try:
                test(Folder(Path(root)))
                print(f"ok {number} - {test.__name__}")
            except AssertionError as error:
                line = error.__traceback__.tb_next.tb_lineno
                print(f"not ok {number} - {test.__name__}")
                print(f"# line {line}")
