"""What deploy/pack makes starts with the command of app.yaml, also when the
upload has lost every executable bit."""

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


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def app_command(text):
    """The array that app.yaml gives as its command."""
    return json.loads(re.search(r"^command:\s*(\[.*?\])$", text, re.S | re.M)
                      .group(1))


class Deploy(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.app, self.run = Path(folder.name, "app"), Path(folder.name, "run")
        packed = subprocess.run([TOP / "deploy/pack", self.app], text=True,
                                stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT)
        self.assertEqual(0, packed.returncode, packed.stdout)

    def start(self, port):
        command = app_command((self.app / "app.yaml").read_text())
        self.assertEqual(["bash", "-c"], command[:2])
        self.assertIn("/tmp/chatbot", command[2])
        script = command[2].replace("/tmp/chatbot", str(self.run))
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
        loaded = Path(f"/proc/{process.pid}/maps").read_text()
        foreign = {line.split()[-1] for line in loaded.splitlines()
                   if ".so" in line and str(self.run) not in line}
        self.assertEqual(set(), foreign)
        process.terminate()
        self.assertEqual(0, process.wait(15))


if __name__ == "__main__":
    unittest.main()
