"""The server and the emulator as processes of their own."""

import contextlib
import itertools
import json
import os
import random
import re
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

from .upstream import MODEL, MODELS, TOKEN
from .wire import Closed, PATIENCE, WAIT, request, wait_until

TOP = Path(__file__).resolve().parents[3]
BIN = Path(os.environ.get("CHATBOT_BIN",
                          TOP / "build/src/app/databricks-chatbot"))
API_TOKEN = "script-token-for-tests-7c41e09d2f6b"
# What the emulator takes; docs/emulator.md. These are no secrets.
EMULATOR_TOKEN = "dapi-demo-of-the-built-in-emulator"
EMULATOR_CLIENT = ("7d2b8f36-5c1e-4a86-9a43-0f1de3a0c5b2",
                   "dose-demo-of-the-built-in-emulator")
EXIT_SECONDS = 15
SANITIZER = re.compile(
    r"ERROR: \w*Sanitizer|WARNING: ThreadSanitizer|runtime error:")
LINK = re.compile(r"https?://\S*(/chat-api/signin\?token=[^\s\"']+)")
SHORTEST_SECRET = 10


# Below those that the system gives to clients, which other tests have, too.
PORTS = range(10000, 32000)
NEXT = itertools.count(random.randrange(len(PORTS)))


def free_port():
    """A port that nobody listens on at this moment. Each process of tests
    goes through them from a place of its own, so that two do not meet."""
    for number in NEXT:
        port = PORTS[number % len(PORTS)]
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port


def clean_environment(folder):
    """No setting of this machine reaches the server."""
    kept = ("PATH", "LANG", "LC_ALL", "ASAN_OPTIONS", "UBSAN_OPTIONS",
            "LSAN_OPTIONS", "TSAN_OPTIONS", "LD_LIBRARY_PATH")
    env = {name: os.environ[name] for name in kept if name in os.environ}
    return {**env, "HOME": str(folder)}


class Process:
    """A subcommand of the program; what it prints is collected."""

    def __init__(self, arguments, folder, env=None, preexec=None):
        self.arguments, self.folder = list(arguments), Path(folder)
        self.env, self.preexec = dict(env or {}), preexec
        self.output = {"stdout": bytearray(), "stderr": bytearray()}
        self.process = None
        self.readers = []

    def launch(self):
        self.process = subprocess.Popen(
            [str(BIN), *self.arguments], cwd=self.folder,
            env={**clean_environment(self.folder), **self.env},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, preexec_fn=self.preexec)
        self.readers = []
        for name in self.output:
            pipe = getattr(self.process, name)
            reader = threading.Thread(target=self.collect, args=(name, pipe),
                                      daemon=True)
            reader.start()
            self.readers.append(reader)

    def collect(self, name, pipe):
        with pipe:
            while data := pipe.read1(65536):
                self.output[name] += data

    def said(self, name="stderr"):
        return bytes(self.output[name]).decode("utf-8", "replace")

    @property
    def log(self):
        return self.said("stdout") + self.said("stderr")

    def wait_said(self, text):
        """What is printed arrives some time after it was."""
        wait_until(lambda: text in self.log, what=f"{text!r} is printed")

    @property
    def running(self):
        return self.process is not None and self.process.poll() is None

    def wait(self, seconds=WAIT):
        """Waits for the end; gives the exit status."""
        status = self.process.wait(seconds)
        for reader in self.readers:
            reader.join(WAIT)
        return status

    def wait_listening(self, port):
        def up():
            if not self.running:
                self.wait()
                raise AssertionError("ended at start with "
                                     f"{self.process.returncode}:\n{self.log}")
            try:
                return request(port, "GET", "/healthz", timeout=2)
            except OSError:
                return None
        response = wait_until(up, what=f"an answer on port {port}")
        assert response.status == 200, response

    def end(self, signum=signal.SIGTERM):
        """Sends a signal and waits; gives (status, seconds it took)."""
        began = time.monotonic()
        self.process.send_signal(signum)
        try:
            status = self.wait(EXIT_SECONDS * PATIENCE + 5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.wait()
            raise AssertionError(f"still running after {EXIT_SECONDS} s:\n"
                                 f"{self.log[-3000:]}") from None
        return status, time.monotonic() - began

    def kill(self):
        """Ends it as a power cut would end the process."""
        if self.running:
            self.process.kill()
        self.wait()

    def kill_if_running(self):
        """For cleaning up; silent when all went well."""
        if self.running:
            self.kill()

    def complaints(self):
        """What a sanitizer had to say, if anything."""
        return SANITIZER.search(self.log) and self.log[-6000:]


class Server(Process):
    """`serve` on a free port with a database in the folder."""

    def __init__(self, folder, upstream=None, env=None, database=None,
                 arguments=(), preexec=None):
        self.port = free_port()
        self.database = Path(database or Path(folder) / "chat_history.db")
        settings = {"API_TOKEN": API_TOKEN, "RATE_LIMIT_PER_MINUTE": "0",
                    "MAX_REPLIES_PER_USER": "1000",
                    "BREAKER_FAILURES": "0", "AUTO_TITLE": "false"}
        if upstream:
            settings |= {"DATABRICKS_HOST": upstream.url,
                         "DATABRICKS_TOKEN": TOKEN,
                         "SERVING_ENDPOINT_NAME": MODEL,
                         "SERVING_ENDPOINTS": ",".join(MODELS)}
        super().__init__(
            ["serve", "--port", str(self.port),
             "--database", f"sqlite:{self.database}", *arguments],
            folder, {**settings, **(env or {})}, preexec)
        self.private = {API_TOKEN, TOKEN}

    def start(self):
        self.launch()
        self.wait_listening(self.port)
        return self

    def stop(self):
        """Ends it as a platform does and looks at how it went."""
        if not self.process or not self.running:
            return
        status, seconds = self.end()
        assert status == 0, f"exit status {status}:\n{self.log[-6000:]}"
        assert seconds <= EXIT_SECONDS * PATIENCE, f"took {seconds:.1f} s"
        self.check_log()

    def check_log(self):
        """No sanitizer report, no conversation, no credential."""
        assert not self.complaints(), self.complaints()
        log = self.log
        told = [text for text in self.private
                if len(text) >= SHORTEST_SECRET and text in log]
        assert not told, f"the log tells {told[:3]}"
        for link in self.links():
            token = link.partition("token=")[2]
            assert log.count(token) == 1, \
                "the token of a sign-in link is in the log a second time"

    def restart(self):
        """Starts the same server again after it has ended."""
        self.output = {"stdout": bytearray(), "stderr": bytearray()}
        return self.start()

    def answers(self):
        """Whether it has room for one more connection."""
        try:
            return request(self.port, "GET", "/healthz").status == 200
        except (Closed, ConnectionError):
            return False

    def links(self):
        """Path and query of the sign-in links printed so far."""
        return LINK.findall(self.log)

    def wait_link(self):
        return wait_until(self.links, what="a sign-in link is printed")[0]

    def hide(self, *texts):
        """These must not be in the log when the server stops."""
        self.private.update(text for text in texts if text)


class Emulator(Process):
    """The workspace emulator as a process of its own."""

    def __init__(self, folder, env=None):
        self.port = free_port()
        super().__init__(["emulator", "--port", str(self.port)], folder, env)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self):
        self.launch()

        def up():
            assert self.running, f"the emulator ended:\n{self.log}"
            try:
                return request(self.port, "GET", "/emulator/stats")
            except OSError:
                return None
        wait_until(up, what="the emulator answers")
        return self

    def stats(self):
        return request(self.port, "GET", "/emulator/stats", {
            "Authorization": f"Bearer {EMULATOR_TOKEN}"}).json

    def control(self, endpoint, fault, times, **pace):
        """Makes an endpoint behave so for its next calls.

        Without a fault (None) only its pace is another."""
        chosen = {} if fault is None else {"fault": fault}
        body = json.dumps({"endpoint": endpoint, "times": times,
                           **chosen, **pace}).encode()
        response = request(self.port, "POST", "/emulator/control", {
            "Authorization": f"Bearer {EMULATOR_TOKEN}",
            "Content-Type": "application/json"}, body)
        assert response.status == 200, response

    def stop(self):
        if self.running:
            status, _ = self.end()
            assert not self.complaints(), self.complaints()
            assert status == 0, f"exit status {status}:\n{self.log[-3000:]}"
