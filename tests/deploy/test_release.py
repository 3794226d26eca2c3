"""What deploy/pack makes starts with the command of app.yaml, also when the
upload has lost every executable bit and in a root without any package of
ours; it needs nothing of a machine but the C library."""

import contextlib
import http.client
import json
import os
import re
import socket
import subprocess
import tempfile
import time
import unittest
import uuid
from pathlib import Path

import clean_root

TOP = Path(__file__).resolve().parents[2]
START_SECONDS = 20
STOP_SECONDS = 15  # then Databricks Apps kills
LARGEST = 10_000_000  # bytes; Databricks Apps takes 10485760 in one file
NEWEST_GLIBC = (2, 35)
LIBRARIES = {"libc.so.6", "libm.so.6", "ld-linux-x86-64.so.2"}
TOKEN = "script-token-for-tests-7c41e09d2f6b"
SOMEBODY = 10001  # who has no rights


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def app_command(text):
    """The array that app.yaml gives as its command."""
    return json.loads(re.search(r"^command:\s*(\[.*?\])$", text, re.S | re.M)
                      .group(1))


def call(port, method, path, body=None, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(
        method, path, body and json.dumps(body),
        {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json",
         **{name.replace("_", "-"): value for name, value in headers.items()}})
    return connection, connection.getresponse()


class Packed(unittest.TestCase):
    """The folder that is uploaded, made once."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(dir="/var/tmp")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        cls.app = cls.folder / "app"
        packed = subprocess.run([TOP / "deploy/pack", cls.app], text=True,
                                stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT)
        if packed.returncode != 0:
            raise AssertionError(packed.stdout)


class File(Packed):
    def objdump(self, option):
        return subprocess.run(
            ["objdump", option, self.app / "bin/databricks-chatbot"],
            text=True, stdout=subprocess.PIPE, check=True).stdout

    def test_each_file_is_small_enough_for_databricks_apps(self):
        for path in self.app.rglob("*"):
            self.assertLessEqual(path.stat().st_size, LARGEST, path)

    def test_it_needs_the_c_library_alone(self):
        needed = set(re.findall(r"NEEDED +(\S+)", self.objdump("-p")))
        self.assertIn("libc.so.6", needed)
        self.assertLessEqual(needed, LIBRARIES)

    def test_it_needs_no_newer_c_library_than_databricks_apps_has(self):
        versions = {tuple(map(int, version.split("."))) for version in
                    re.findall(r"GLIBC_([\d.]+)", self.objdump("-T"))}
        self.assertTrue(versions)
        self.assertLessEqual(max(versions), NEWEST_GLIBC)


class Runs:
    """What each way of starting it is tested for; not a test itself."""

    def setUp(self):
        for path in self.app.rglob("*"):
            if path.is_file():
                path.chmod(0o644)
        self.port = free_port()
        command = app_command((self.app / "app.yaml").read_text())
        self.assertEqual(["bash", "-c"], command[:2])
        self.process = subprocess.Popen(
            self.enter(command[2]), stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True,
            env={"PATH": os.defpath, "API_TOKEN": TOKEN,
                 "DATABRICKS_APP_PORT": str(self.port)})
        self.addCleanup(self.process.stderr.close)
        self.addCleanup(self.process.wait)
        self.addCleanup(self.process.kill)
        until = time.monotonic() + START_SECONDS
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > until:
                self.process.kill()
                self.fail(self.process.stderr.read())
            time.sleep(0.05)

    def answers(self):
        try:
            connection, answer = call(self.port, "GET", "/healthz")
        except OSError:
            return False
        with contextlib.closing(connection):
            return answer.status == 200

    def page(self, **headers):
        connection, answer = call(self.port, "GET", "/", **headers)
        with contextlib.closing(connection):
            return answer.getheader("Content-Encoding"), answer.read()

    def test_it_brings_its_page_and_ends_on_sigterm(self):
        maps = Path(f"/proc/{self.process.pid}/maps").read_text()
        self.assertEqual(LIBRARIES, {
            Path(line.split()[-1]).name for line in maps.splitlines()
            if ".so" in line})
        coding, page = self.page()
        self.assertIsNone(coding)
        self.assertIn(b'<div id="root">', page)
        self.assertEqual("br", self.page(Accept_Encoding="br")[0])
        self.process.terminate()
        self.assertEqual(0, self.process.wait(STOP_SECONDS))


class AsUploaded(Runs, Packed):
    def enter(self, script):
        place = tempfile.mkdtemp(dir=self.folder)
        self.assertIn("/tmp/", script)
        script = script.replace("/tmp/", f"{place}/")
        return ["bash", "-c", f"cd {self.app} && {script}"]

    def test_a_long_answer_does_not_keep_it_from_ending_in_time(self):
        connection, stream = call(
            self.port, "POST", "/chat-api/chat",
            {"session_id": str(uuid.uuid4()), "content": "long"})
        self.addCleanup(connection.close)
        self.assertEqual(200, stream.status)
        while not stream.readline().startswith(b"data: "):
            pass
        begin = time.monotonic()
        self.process.terminate()
        rest = stream.read().decode()
        self.assertEqual(0, self.process.wait(STOP_SECONDS))
        self.assertLess(time.monotonic() - begin, STOP_SECONDS)
        self.assertIn("interrupted", rest)
        self.assertTrue(rest.endswith("event: done\ndata: {}\n\n"), rest[-300:])


class InCleanUbuntu(Runs, Packed):
    """glibc 2.35, a shell, and a user without rights."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.root = cls.folder / "root"
        clean_root.copy_to(cls.root)

    def enter(self, script):
        home = self.root / "app"
        home.mkdir(exist_ok=True)
        subprocess.run(["cp", "-r", f"{self.app}/.", home], check=True)
        subprocess.run(["chown", "-R", str(SOMEBODY), home], check=True)
        return ["/usr/sbin/chroot", f"--userspec={SOMEBODY}:{SOMEBODY}",
                self.root, "bash", "-c", f"cd /app && {script}"]


if __name__ == "__main__":
    unittest.main()
