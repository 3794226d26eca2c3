"""What the programs of relay.py are put through, and what is measured."""

import contextlib
import http.client
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import relay
from relay import (Model, Node, Nginx, Original, Ours, Peak, WARM_STREAMS,
                   fetch, streams_that_fit, view)

sys.path.append(str(relay.TOP / "tests/harness"))
import with_postgres  # noqa: E402 pylint: disable=wrong-import-position

WARM_MS = 1500
RESTARTS = 5
KIB = 1024
MAX_REASON = 1500  # characters of why a program failed


@contextlib.contextmanager
def beside_model(kind, load):
    """A relay with a process, a model and a database of its own."""
    model = Model(load)
    try:
        with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
            one = kind(folder, model.port)
            try:
                yield one
            finally:
                one.stop()
    finally:
        model.stop()


def warm(one, load, run):
    view(one, f"warm-{run}", (min(load[0], WARM_STREAMS), *load[1:]),
         "--hold-ms", WARM_MS)


def streams(kind, load, run):
    """Everybody asks once and reads to the end."""
    load = (min(load[0], streams_that_fit()), *load[1:])
    with beside_model(kind, load) as one:
        warm(one, load, run)
        before, idle = one.cpu(), one.memory()
        with Peak(one) as peak:
            seen = view(one, run, load)
        return {"streams": load[0],
                "cpu_us_token": 1e6 * (one.cpu() - before) / seen["tokens"],
                "cpu_us_stream": 1e6 * (one.cpu() - before) / load[0],
                "first_ms_p50": seen["first_p50"],
                "first_ms_p99": seen["first_p99"],
                "delay_ms_p50": seen["delay_p50"],
                "delay_ms_p99": seen["delay_p99"],
                "kib_stream": (peak.bytes - idle) / load[0] / KIB}


def slow(kind, load, run):
    """The same answers read at once, and by those who read 4 KiB at a time:
    how much more memory the second take."""
    kept = {}
    for name, every_ms in (("at_once", 0), ("slowly", 50)):
        with beside_model(kind, load) as one:
            warm(one, load, run)
            idle = one.memory()
            with Peak(one) as peak:
                view(one, run, load, "--read-every-ms", every_ms)
            kept[name] = (peak.bytes - idle) / load[0] / KIB
    return {"kib_stream_at_once": kept["at_once"],
            "kib_stream_slowly": kept["slowly"],
            "slow_to_quick": kept["slowly"] / max(kept["at_once"], 1)}


def documents(kind, load, run):
    """The same small document again and again."""
    with beside_model(kind, (1, 1, 0, 0)) as one:
        return per_cpu_second(one, "/chat-api/model", load, run)


def files(kind, load, run):
    """The page's own script, packed, again and again."""
    with beside_model(kind, (1, 1, 0, 0)) as one:
        return per_cpu_second(one, one.static, load, run)


def per_cpu_second(one, path, seconds, run):
    before = one.cpu()
    seen = fetch(one, path, seconds, run)
    return {"requests_cpu_second":
            seen["requests"] / max(one.cpu() - before, 1 / relay.TICK),
            "answer_bytes": seen["length"],
            "ms_p50": seen["p50"], "ms_p99": seen["p99"]}


def starts(kind, load, run):
    """Started again and again beside the database of earlier answers."""
    with beside_model(kind, load) as one:
        view(one, run, load)
        times, own, resident = [], [], []
        for _ in range(RESTARTS):
            one.stop()
            one.start()
            times.append(one.start_ms)
            own.append(one.memory() / KIB ** 2)
            resident.append(one.resident() / KIB ** 2)
        return {"start_ms": statistics.median(times),
                "idle_mib": statistics.median(own),
                "idle_resident_mib": statistics.median(resident)}


def ask_and_leave(one, run, number):
    """Starts a reply that nobody watches yet; gives its stream's path."""
    connection = http.client.HTTPConnection("127.0.0.1", one.port, timeout=30)
    with contextlib.closing(connection):
        connection.request(
            "POST", one.path,
            json.dumps({"session_id": f"{run}-{number}", "content": "Tell."}),
            {"X-Forwarded-User": f"{run}-{number}",
             "Content-Type": "application/json"})
        answer = connection.getresponse()
        while not (line := answer.readline()).startswith(b"data: "):
            if not line:
                raise AssertionError(f"no reply: {answer.status}")
        reply = json.loads(line.removeprefix(b"data: "))["message_id"]
    return f"/chat-api/messages/{reply}/stream"


def look_on(source, other, load, viewers, run):
    """Replies of one node, seen by those who come to another one."""
    paths = source.folder / "paths"
    paths.write_text("".join(ask_and_leave(source, run, n) + "\n"
                             for n in range(load[0])))
    return view(other, run, (viewers, *load[1:]), "--watch", paths)


def together(kind, load, run):
    """Many viewers of one reply; who keeps nothing asks for one each."""
    with beside_model(kind, load) as one:
        warm(one, load, run)
        before = one.cpu()
        seen = view(one, run, load) if kind is not Ours else look_on(
            one, one, (1, *load[1:]), load[0], run)
        return {"cpu_us_token": 1e6 * (one.cpu() - before) / seen["tokens"],
                "delay_ms_p50": seen["delay_p50"],
                "delay_ms_p99": seen["delay_p99"]}


def crowd(kind, load, run):
    """Ten viewers of each reply, all open at once."""
    with beside_model(kind, load) as one:
        warm(one, load, run)
        idle = one.memory()
        with Peak(one) as peak:
            seen = look_on(one, one, (load[0] // 10, *load[1:]), load[0], run)
        return {"streams": seen["streams"],
                "kib_stream": (peak.bytes - idle) / load[0] / KIB,
                "delay_ms_p50": seen["delay_p50"]}


@contextlib.contextmanager
def postgres():
    with tempfile.TemporaryDirectory(prefix="pg-") as folder:
        cluster = with_postgres.Cluster(folder)
        cluster.create()
        cluster.keeper.start()
        try:
            cluster.wait()
            yield {"PGHOST": cluster.sockets, "PGPORT": str(cluster.port),
                   "PGUSER": "tester", "PGDATABASE": "postgres"}
        finally:
            cluster.stop()


def nodes(_, load, run):
    """Replies of one node, each watched at another one."""
    with postgres() as cluster, \
            tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        kind = type("Node", (Node,), {"cluster": cluster})
        with beside_model(kind, load) as one:
            other = kind(folder, one.model_port)
            try:
                before = one.cpu(), other.cpu()
                seen = look_on(one, other, load, load[0], run)
                tokens = 1e6 / seen["tokens"]
                return {"cpu_us_token": tokens * (one.cpu() - before[0]),
                        "cpu_us_token_other":
                            tokens * (other.cpu() - before[1]),
                        "delay_ms_p50": seen["delay_p50"],
                        "delay_ms_p99": seen["delay_p99"]}
            finally:
                other.stop()


class Load:
    """A row of the matrix. `short` is the same with little to do."""

    def __init__(self, name, measure, whole, short, kinds, rounds=3,
                 seconds=240):
        self.name, self.measure, self.kinds = name, measure, kinds
        self.whole, self.short, self.rounds = whole, short, rounds
        self.seconds = seconds


ALL = (Ours, Nginx, Original)
QUICK = (Ours, Nginx)  # the original takes minutes for some loads
# Streams, tokens of each, tokens a second, milliseconds to start all.
LOADS = (
    Load("1,000 streams, 20 tokens/s", streams,
         (1000, 200, 20, 2000), (100, 40, 20, 500), ALL, seconds=300),
    Load("streams opened, one token each", streams,
         (2000, 1, 0, 2000), (100, 1, 0, 200), ALL),
    Load("small documents", documents, 4, 1, ALL),
    Load("static files", files, 4, 1, ALL, rounds=2),
    Load("start beside a database", starts,
         (100, 20, 0, 100), (10, 5, 0, 10), ALL, rounds=1),
    Load("10,000 streams held open", streams,
         (10000, 4, 0.2, 10000), (300, 4, 2, 300), QUICK, rounds=1),
    Load("10,000 viewers of 1,000 replies", crowd,
         (10000, 8, 0.2, 10000), (300, 10, 2, 300), (Ours,), rounds=1),
    Load("5,000 streams, 2 tokens/s", streams,
         (5000, 20, 2, 5000), (100, 4, 2, 200), QUICK, rounds=1),
    Load("1 fast stream", streams, (1, 20000, 0, 0), (1, 2000, 0, 0), ALL,
         rounds=2),
    Load("slow readers", slow,
         (100, 2000, 0, 100), (10, 1000, 0, 0), QUICK, rounds=1),
    Load("50 viewers of one reply", together,
         (50, 200, 20, 500), (50, 40, 20, 100), QUICK, rounds=2),
    Load("two nodes on PostgreSQL", nodes,
         (100, 200, 20, 0), (10, 40, 20, 0), (Ours,), rounds=2),
)


def alternate(load, short, say, seen):
    """Rounds of all programs in turn, into seen: {program: [round, ...]}.
    Gives what failed, {program: why}; that is not asked again."""
    there = [kind for kind in relay.installed() if kind in load.kinds]
    rounds = 1 if short else load.rounds
    failed = {}
    for number in range(rounds):
        for kind in there:
            if kind.name in failed:
                continue
            try:
                found = load.measure(
                    kind, load.short if short else load.whole, f"r{number}")
                seen.setdefault(kind.name, []).append(found)
            except (AssertionError, OSError, ValueError,
                    subprocess.SubprocessError) as error:
                failed[kind.name] = f"{error}"[:MAX_REASON]
            say(f"{load.name}: {kind.name}, round {number + 1} of {rounds}")
    return failed


def medians(rounds):
    return {key: statistics.median(r[key] for r in rounds)
            for key in rounds[0]}


def show(load, seen, failed):
    print(f"\n{load.name}")
    for name, rounds in seen.items():
        print(f"  {name:20}" + "  ".join(
            f"{key} {value:.4g}" for key, value in medians(rounds).items()))
    for name, why in failed.items():
        print(f"  {name:20}FAILED: {why}")
