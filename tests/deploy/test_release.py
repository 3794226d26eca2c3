"""What deploy/pack makes starts with the command of app.yaml, also when the
upload has lost every executable bit, and needs no library of the machine but
the C library."""

import json
import os
import re
import socket
import subprocess
import tempfile
import time
import unittest
import urllib.error
import urllib.request
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
START_SECONDS = 20
LARGEST = 10_000_000  # bytes; Databricks Apps takes 10485760 in one file


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def app_command(text):
    """The array that app.yaml gives as its command."""
    return json.loads(re.search(r"^command:\s*(\[.*?\])$", text, re.S | re.M)
                      .group(1))


class Deploy(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.app, cls.place = Path(folder.name, "app"), Path(folder.name, "tmp")
        cls.place.mkdir()
        packed = subprocess.run([TOP / "deploy/pack", cls.app], text=True,
                                stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT)
        if packed.returncode != 0:
            raise AssertionError(packed.stdout)

    def start(self, port):
        command = app_command((self.app / "app.yaml").read_text())
        self.assertEqual(["bash", "-c"], command[:2])
        self.assertIn("/tmp/", command[2])
        script = command[2].replace("/tmp/", f"{self.place}/")
        process = subprocess.Popen(
            ["bash", "-c", script], cwd=self.app, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True,
            env={"PATH": os.defpath, "HOME": str(self.app),
                 "DATABRICKS_APP_PORT": str(port)})
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def answers(self, port):
        try:
            with urllib.request.urlopen(
                    f"http://127.0.0.1:{port}/healthz", timeout=2) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False

    def test_each_file_is_small_enough_for_databricks_apps(self):
        for path in self.app.rglob("*"):
            self.assertLessEqual(path.stat().st_size, LARGEST, path)

    def test_packed_program_starts_and_ends_on_sigterm(self):
        for path in self.app.rglob("*"):
            if path.is_file():
                path.chmod(0o644)
        port = free_port()
        process = self.start(port)
        until = time.monotonic() + START_SECONDS
        while not self.answers(port):
            if process.poll() is not None or time.monotonic() > until:
                process.kill()
                self.fail(process.stderr.read())
            time.sleep(0.05)
        maps = Path(f"/proc/{process.pid}/maps").read_text()
        loaded = {Path(line.split()[-1]).name for line in maps.splitlines()
                  if ".so" in line}
        self.assertEqual(
            {"libc.so.6", "libm.so.6", "ld-linux-x86-64.so.2"}, loaded)
        process.terminate()
        self.assertEqual(0, process.wait(15))


if __name__ == "__main__":
    unittest.main()
