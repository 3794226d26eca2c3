"""Answers passed on from a model to people, beside two references: nginx
without buffers, which reads and stores nothing, and the original's stack.

The model speaks at a pace, each token says when it was sent; the viewers see
that every token arrives, in order, once. Processor time is what the system
accounts to the relay's processes.
"""

import json
import os
import socket
import statistics
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
TOP = HERE.parent.parent
BENCH = TOP / "build/bench"
PROGRAM = TOP / "build/src/app/databricks-chatbot"
PYTHON = "/usr/bin/python3"  # Debian's, which has Debian's FastAPI
NGINX = "/usr/sbin/nginx"
TICK = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
START_SECONDS = 30
# Name: streams, tokens of each, tokens a second, milliseconds to start all.
WHOLE = {
    "1 fast stream": (1, 20000, 0, 0),
    "1,000 streams, 20 tokens/s": (1000, 300, 20, 2000),
    "5,000 streams, 2 tokens/s": (5000, 30, 2, 5000),
}
SHORT = {
    "1 fast stream": (1, 2000, 0, 0),
    "100 streams, 20 tokens/s": (100, 40, 20, 500),
}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def processes(parent):
    """A process and all that it has started."""
    found = [parent]
    for task in Path(f"/proc/{parent}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += processes(int(child))
    return found


class Relay:
    """One of the programs that are compared."""

    end = "event: done"
    path = "/chat-api/chat"

    def __init__(self, folder, model_port):
        self.folder, self.model_port = Path(folder), model_port
        self.port = free_port()
        begin = time.monotonic()
        self.process = subprocess.Popen(
            self.command(), cwd=folder, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={"PATH": os.environ["PATH"], **self.environment()})
        self.wait()
        self.start_ms = 1000 * (time.monotonic() - begin)

    def environment(self):
        return {}

    def wait(self):
        until = time.monotonic() + START_SECONDS
        while True:
            try:
                self.ask_model()
                return
            except OSError:
                if self.process.poll() is not None or time.monotonic() > until:
                    raise
                time.sleep(0.002)

    def ask_model(self):
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/chat-api/model",
            headers={"X-Forwarded-User": "bench"})
        with urllib.request.urlopen(request, timeout=5) as answer:
            assert json.load(answer)["model"]

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

    def stop(self):
        self.process.terminate()
        self.process.wait(30)


class Ours(Relay):
    name = "databricks-chatbot"

    def command(self):
        return [PROGRAM, "serve", "--env-file=", "--port", str(self.port),
                "--database", "sqlite:chat.db"]

    def environment(self):
        return {"DATABRICKS_HOST": f"http://127.0.0.1:{self.model_port}",
                "DATABRICKS_TOKEN": "bench", "DATABRICKS_APP_NAME": "bench",
                "RATE_LIMIT_PER_MINUTE": "0", "MAX_REPLIES": "20000",
                "MAX_REPLIES_PER_USER": "1000", "MAX_CONNECTIONS": "30000",
                "LOG_LEVEL": "error", "SHUTDOWN_GRACE": "0s",
                "AUTO_TITLE": "false",
                "SERVING_ENDPOINT_NAME": "bench"}


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


def view(relay, run, load, *more):
    streams, tokens, _, ramp = load
    body = json.dumps({"session_id": "%s-%ld", "content": "Tell me."})
    done = subprocess.run(
        [BENCH / "bench_viewers", "--port", str(relay.port), "--path",
         relay.path, "--end", relay.end, "--streams", str(streams),
         "--tokens", str(tokens), "--ramp-ms", str(ramp), "--run", run,
         "--body", body, "--header", f"X-Forwarded-User: {run}", *more],
        text=True, stdout=subprocess.PIPE)
    seen = json.loads(done.stdout)
    assert done.returncode == 0 and seen["wrong"] == 0, \
        f"{relay.name} lost or mixed up tokens: {seen}"
    return seen


class Model:
    """The simulator at the pace of a load."""

    def __init__(self, load):
        _, tokens, rate, _ = load
        self.process = subprocess.Popen(
            [BENCH / "bench_model", "--tokens", str(tokens), "--rate",
             str(rate)], text=True, stdout=subprocess.PIPE)
        self.port = int(self.process.stdout.readline())

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def measure(kind, load, run):
    """One relay under one load, with a process and a database of its own."""
    model = Model(load)
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        relay = kind(folder, model.port)
        try:
            view(relay, f"warm-{run}", (min(load[0], 20), *load[1:]),
                 "--hold-ms", "1500")
            before, idle = relay.cpu(), relay.memory()
            seen = view(relay, run, load)
            cpu = relay.cpu() - before
            return {"cpu_us": 1e6 * cpu / seen["tokens"],
                    "first_p50": seen["first_p50"],
                    "delay_p50": seen["delay_p50"],
                    "delay_p99": seen["delay_p99"],
                    "memory_kib": (relay.memory() - idle) / load[0] / 1024}
        finally:
            relay.stop()
            model.stop()


def documents(kind, seconds, run):
    """Small documents asked for again and again on eight connections."""
    model = Model((1, 1, 0, 0))
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        relay = kind(folder, model.port)
        try:
            before = relay.cpu()
            done = subprocess.run(
                [BENCH / "bench_viewers", "--port", str(relay.port), "--get",
                 "/chat-api/model", "--streams", "8", "--seconds",
                 str(seconds), "--header", f"X-Forwarded-User: {run}"],
                text=True, stdout=subprocess.PIPE, check=True)
            requests = json.loads(done.stdout)["requests"]
            return {"per_cpu_second": requests / (relay.cpu() - before),
                    "start_ms": relay.start_ms,
                    "idle_mib": relay.memory() / 2**20}
        finally:
            relay.stop()
            model.stop()


def medians(rounds):
    return {key: statistics.median(r[key] for r in rounds)
            for key in rounds[0]}


def compare(kinds, rounds, what):
    """Medians of alternating rounds, by relay."""
    seen = {kind.name: [] for kind in kinds}
    for number in range(rounds):
        for kind in kinds:
            seen[kind.name].append(what(kind, f"r{number}"))
    return {name: medians(all_rounds) for name, all_rounds in seen.items()}


# What is judged: (load, statistic, how it is compared with nginx's, bar).
JUDGED = (
    ("1,000 streams, 20 tokens/s", "cpu_us", "at most", 1.5),
    ("1,000 streams, 20 tokens/s", "delay_p50", "at most", 3),
    ("small documents", "per_cpu_second", "at least", 0.7),
)


def show(title, found):
    print(f"\n{title}")
    for name, values in found.items():
        print(f"  {name:20}" + "  ".join(
            f"{key} {value:.2f}" for key, value in values.items()))


def judge(found):
    print(f"\n{'beside nginx':32}{'':16}{'measured':>9}{'bar':>14}")
    for load, key, how, bar in JUDGED:
        if load not in found:
            continue
        ratio = found[load][Ours.name][key] / found[load][Nginx.name][key]
        met = ratio <= bar if how == "at most" else ratio >= bar
        print(f"{load:32}{key:16}{ratio:8.2f}x{how:>10}{bar:4}"
              f" {'met' if met else 'MISSED'}")


def run(short=False):
    kinds = [Ours, Nginx] + ([Original] if has_fastapi() else [])
    if Original not in kinds:
        print("The original's stack is left out; to have it: apt-get install"
              " python3-fastapi python3-uvicorn python3-httpx")
    rounds = 1 if short else 3
    loads = SHORT if short else WHOLE
    found = {}
    for name, load in loads.items():
        found[name] = compare(
            kinds, rounds, lambda kind, r, load=load: measure(kind, load, r))
        show(name, found[name])
    seconds = 1 if short else 5
    found["small documents"] = compare(
        kinds, rounds, lambda kind, r: documents(kind, seconds, r))
    show("small documents", found["small documents"])
    if not short:
        judge(found)
    return found
