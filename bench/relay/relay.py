"""The programs that are compared: this server, nginx without buffers, which
reads and keeps nothing, and the original's stack.

The model speaks at a pace, each token says when it was sent; the viewers see
that every token arrives, in order, once. Processor time is what the system
accounts to the relay's processes.
"""

import functools
import json
import os
import re
import resource
import shutil
import socket
import subprocess
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
TOP = HERE.parent.parent
BENCH = TOP / "build/bench"
PROGRAM = TOP / "build/src/app/databricks-chatbot"
PAGE_FILES = TOP / "frontend/dist"
PYTHON = "/usr/bin/python3"  # Debian's, which has Debian's FastAPI
NGINX = "/usr/sbin/nginx"
TICK = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
START_SECONDS = 30
STOP_SECONDS = 30
GIVE_UP_SECONDS = 120  # then a stream has been lost
CLIENT_SECONDS = GIVE_UP_SECONDS + 10
SAMPLE_SECONDS = 0.2
USER = "X-Forwarded-User: "
MOST_STREAMS = 10000
OTHER_FILES = 800  # that a relay has open beside those of its streams
WARM_STREAMS = 20  # before a load; they may still go on during it


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def streams_that_fit():
    """No more than the system's limit of open files allows: each stream has
    two connections of a relay."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return min(MOST_STREAMS, (files - OTHER_FILES) // 2)


def processes(parent):
    """A process and all that it has started."""
    found = [parent]
    for task in Path(f"/proc/{parent}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += processes(int(child))
    return found


@functools.cache
def script_path():
    """Where the page's own script is, by its start page."""
    page = (PAGE_FILES / "index.html").read_text()
    return re.search(r'src="(/assets/[^"]+\.js)"', page)[1]


@functools.cache
def packed_script():
    return subprocess.run(
        ["brotli", "--best", "--stdout", PAGE_FILES / script_path()[1:]],
        stdout=subprocess.PIPE, check=True).stdout


class Relay:
    """One of the programs that are compared."""

    end = "event: done"
    path = "/chat-api/chat"
    static = "/static/script"

    def __init__(self, folder, model_port):
        self.folder, self.model_port = Path(folder), model_port
        (self.folder / "static").mkdir(exist_ok=True)
        (self.folder / "static/script").write_bytes(packed_script())
        self.port = free_port()
        self.start()

    def start(self):
        begin = time.monotonic()
        self.process = subprocess.Popen(
            self.command(), cwd=self.folder, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={"PATH": os.environ["PATH"], "HOME": str(self.folder),
                 **self.environment()})
        while not self.answers():
            if self.process.poll() is not None or \
                    time.monotonic() > begin + START_SECONDS:
                self.stop()
                raise AssertionError(f"{self.name} does not start")
            time.sleep(0.001)
        self.start_ms = 1000 * (time.monotonic() - begin)

    def environment(self):
        return {}

    def answers(self):
        """Whether a small document comes with status 200."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), 5) as one:
                one.sendall(b"GET /chat-api/model HTTP/1.1\r\n"
                            b"Host: localhost\r\nConnection: close\r\n"
                            b"X-Forwarded-User: bench\r\n\r\n")
                return one.recv(4096).startswith(b"HTTP/1.1 200 ")
        except OSError:
            return False

    def cpu(self):
        """Seconds of user and system time of all its processes."""
        total = 0
        for pid in processes(self.process.pid):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2]
            total += sum(map(int, fields.split()[11:13]))
        return total / TICK

    def memory(self):
        """Bytes of memory of its own, without what is shared with others."""
        total = 0
        for pid in processes(self.process.pid):
            resident, shared = Path(
                f"/proc/{pid}/statm").read_text().split()[1:3]
            total += (int(resident) - int(shared)) * PAGE
        return total

    def resident(self):
        """Bytes in memory, program text and libraries included."""
        return PAGE * sum(
            int(Path(f"/proc/{pid}/statm").read_text().split()[1])
            for pid in processes(self.process.pid))

    def stop(self):
        if self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Ours(Relay):
    name = "databricks-chatbot"

    def __init__(self, folder, model_port):
        self.static = script_path()
        super().__init__(folder, model_port)

    def command(self):
        return [PROGRAM, "serve", "--env-file=", "--port", str(self.port),
                "--database", "sqlite:chat.db"]

    def environment(self):
        replies = streams_that_fit() + WARM_STREAMS
        return {"DATABRICKS_HOST": f"http://127.0.0.1:{self.model_port}",
                "DATABRICKS_TOKEN": "bench", "DATABRICKS_APP_NAME": "bench",
                "RATE_LIMIT_PER_MINUTE": "0", "MAX_REPLIES": str(replies),
                "MAX_REPLIES_PER_USER": "1000", "MAX_CONNECTIONS": "30000",
                "LOG_LEVEL": "error", "SHUTDOWN_GRACE": "0s",
                "AUTO_TITLE": "false",
                "SERVING_ENDPOINT_NAME": "bench"}


class Node(Ours):
    """One of several on the same PostgreSQL."""

    cluster = None  # environment that leads to it

    def command(self):
        return [PROGRAM, "serve", "--env-file=", "--port", str(self.port)]

    def environment(self):
        return {**super().environment(), **self.cluster}


class Nginx(Relay):
    name = "nginx"
    end = "data: [DONE]"

    def command(self):
        text = (HERE / "nginx.conf").read_text()
        for key, value in (("folder", self.folder), ("port", self.port),
                           ("model", self.model_port)):
            text = text.replace(f"@{key}@", str(value))
        config = self.folder / "nginx.conf"
        config.write_text(text)
        return [NGINX, "-e", "stderr", "-c", config]


class Original(Relay):
    name = "FastAPI"

    def command(self):
        return [PYTHON, HERE / "original.py", str(self.port), "chat.db"]

    def environment(self):
        return {"MODEL_URL": f"http://127.0.0.1:{self.model_port}"}


def has_fastapi():
    return subprocess.run([PYTHON, "-c", "import fastapi, uvicorn, httpx"],
                          stderr=subprocess.DEVNULL).returncode == 0


def installed():
    """Which of them this machine has."""
    there = {Nginx: shutil.which(NGINX), Original: has_fastapi()}
    for kind, found in there.items():
        if not found:
            print(f"{kind.name} is left out: it is not installed")
    return [Ours, *(kind for kind, found in there.items() if found)]


def client(program, *arguments):
    """What one of our clients has seen; fails when an answer was wrong."""
    done = subprocess.run(
        [BENCH / f"bench_{program}", *map(str, arguments)], text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        timeout=CLIENT_SECONDS)
    try:
        seen = json.loads(done.stdout)
    except ValueError:
        seen = {"said": done.stdout}
    if done.returncode != 0 or seen.get("wrong") != 0:
        raise AssertionError(
            f"lost, mixed up or refused: {seen} {done.stderr}")
    return seen


def view(relay, run, load, *more):
    """Streams of a load through a relay, each somebody else's."""
    streams, tokens, _, ramp = load
    body = json.dumps({"session_id": "%s-%ld", "content": "Tell me."})
    return client(
        "viewers", "--port", relay.port, "--path", relay.path, "--end",
        relay.end, "--streams", streams, "--tokens", tokens, "--ramp-ms", ramp,
        "--run", run, "--body", body, "--header", f"{USER}{run}-%ld",
        "--give-up-ms", 1000 * GIVE_UP_SECONDS, *more)


def fetch(relay, path, seconds, run):
    """One document again and again, on eight connections."""
    return client(
        "documents", "--port", relay.port, "--path", path, "--seconds",
        seconds, "--header", f"{USER}{run}\r\nAccept-Encoding: br")


class Model:
    """The simulator at the pace of a load: streams, tokens of each, tokens a
    second (0: as fast as they are taken), milliseconds to start all."""

    def __init__(self, load, width=0):
        _, tokens, rate, _ = load
        every_us = round(1e6 / rate) if rate else 0
        self.process = subprocess.Popen(
            [BENCH / "bench_model", "--tokens", str(tokens), "--every-us",
             str(every_us), "--width", str(width)],
            text=True, stdout=subprocess.PIPE)
        self.port = int(self.process.stdout.readline())

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


class Peak:
    """The most memory of its own that a relay has while the block runs."""

    def __init__(self, relay):
        self.relay, self.bytes = relay, 0
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.watch, daemon=True)

    def watch(self):
        while True:
            try:
                self.bytes = max(self.bytes, self.relay.memory())
            except OSError:
                return  # it has ended; who uses it says so
            if self.over.wait(SAMPLE_SECONDS):
                return

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()
