"""The history under a million messages: lists, search, long chats, and what
an answer writes. Each time has a reference of the same run beside it."""

import http.client
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
sys.path.append(str(TOP / "tests" / "http"))

# pylint: disable=wrong-import-position
from support.client import new_id, person  # noqa: E402
from support.process import Server  # noqa: E402
from support.upstream import Upstream  # noqa: E402
from support.wire import request  # noqa: E402

SHORT = {"messages": 5000, "persons": 20, "longest": 500, "rounds": 10,
         "replies": 100, "seconds": 1, "answer": 2048, "pace": 0.002}
WHOLE = {"messages": 1_000_000, "persons": 1000, "longest": 10_000,
         "rounds": 400, "replies": 1000, "seconds": 10, "answer": 16384,
         "pace": 0.02}
CHUNK = 8  # characters of a chunk of the model's
ENV = {"DATABRICKS_APP_NAME": "chatbot"}

# What stands beside what: (what, statistic, reference).
POINT = "reference: a row by its key, SQLite alone"
ROWS = "reference: the longest chat's rows, SQLite alone"
SYNC = "reference: 4 KiB appended and synced"
HEALTH = "HTTP: reference, /healthz"
COMPARED = (
    ("session list", "p50", POINT),
    ("session list", "p99", POINT),
    ("search, all kinds", "p50", POINT),
    ("search, all kinds", "p99", POINT),
    ("the longest chat", "p50", ROWS),
    ("HTTP: session list", "p99", HEALTH),
    ("HTTP: search", "p99", HEALTH),
    ("HTTP: the longest chat", "p50", ROWS),
    ("a message sent, until it is on disk", "p50", SYNC),
    ("live: delay of an event", "p50", SYNC),
    ("live: delay of an event", "p99", SYNC),
)


def measure(name, *arguments):
    """The lines of JSON that one of our programs prints, by name."""
    program = TOP / "build" / "bench" / f"bench_{name}"
    done = subprocess.run([program, *map(str, arguments)], text=True,
                          stdout=subprocess.PIPE)
    if done.returncode != 0:
        raise AssertionError(f"{program.name} failed")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return {line.pop("name"): line for line in lines}


def percentiles(times):
    times = sorted(1000 * t for t in times)
    return {"count": len(times), "p50": times[len(times) // 2],
            "p99": times[len(times) * 99 // 100], "max": times[-1]}


def timed(call, *arguments, **query):
    begin = time.perf_counter()
    response = call(*arguments, **query)
    assert response.status == 200, response
    return time.perf_counter() - begin, response


def health(user):
    return request(user.port, "GET", "/healthz", {}, None, 30)


def over_http(path, size):
    """The same questions through the server, a connection each."""
    server = Server(path.parent, env=ENV, database=path).start()
    found = {}
    try:
        people = [person(server, f"p{n}") for n in range(1, size["persons"])]
        for n, user in enumerate(people, 1):
            user.headers["X-Forwarded-User"] = f"person-{n}"
        users = [people[i * 7 % len(people)] for i in range(size["rounds"])]
        found[HEALTH] = percentiles([timed(health, user)[0] for user in users])
        found["HTTP: session list"] = percentiles(
            [timed(user.get, "/chats", limit=50, messages="none")[0]
             for user in users])
        found["HTTP: search"] = percentiles(
            [timed(user.get, "/search", q="ba be")[0] for user in users])
        owner = person(server, "owner")
        owner.headers["X-Forwarded-User"] = "person-0"
        opened = [timed(owner.get, "/chats/chat-0")
                  for _ in range(min(10, size["rounds"]))]
        assert len(opened[0][1].json["messages"]) == size["longest"]
        found["HTTP: the longest chat"] = percentiles(
            [t for t, _ in opened])
    finally:
        server.stop()
    return found


def written(server):
    """Bytes that the server's process has made the disk write."""
    text = Path(f"/proc/{server.process.pid}/io").read_text()
    return int(text.split("\nwrite_bytes: ")[1].split()[0])


class Counting(http.client.HTTPResponse):
    """Counts what comes over the wire, chunk sizes and head included."""

    bytes = 0

    def __init__(self, sock, *more, **named):
        super().__init__(sock, *more, **named)
        inner = self.fp

        class Counted:
            def __getattr__(_, name):
                kept = getattr(inner, name)

                def call(*arguments):
                    data = kept(*arguments)
                    if isinstance(data, bytes):
                        Counting.bytes += len(data)
                    elif name == "readinto":
                        Counting.bytes += data
                    return data
                return call if name.startswith("read") else kept

        self.fp = Counted()


def read_answer(user, content):
    """Text of a reply, and the bytes that it was for a browser."""
    connection = http.client.HTTPConnection("127.0.0.1", user.port,
                                            timeout=600)
    connection.response_class = Counting
    Counting.bytes = 0
    connection.request(
        "POST", "/chat-api/chat",
        json.dumps({"session_id": new_id(), "content": content}),
        {**user.headers, "Content-Type": "application/json"})
    body = connection.getresponse().read().decode()
    connection.close()
    text = "".join(json.loads(line.removeprefix("data: ")).get("content", "")
                   for line in body.splitlines() if line.startswith("data: "))
    return text, Counting.bytes


def whole_answer(path, size):
    """One long answer through everything, at a model's pace."""
    text = "".join(f"word{i} " for i in range(size["answer"]))[:size["answer"]]

    def answer(exchange):
        exchange.begin()
        for at in range(0, len(text), CHUNK):
            exchange.delta(text[at:at + CHUNK])
            time.sleep(size["pace"])
        exchange.finish()

    upstream = Upstream(answer=answer)
    server = Server(path.parent, upstream, env=ENV, database=path).start()
    try:
        user = person(server, "writer")
        user.say("Warm up.", new_id())
        before, begin = written(server), time.monotonic()
        got, to_browser = read_answer(user, "[answer] A long one, please.")
        assert got == text, "the answer is not what was sent"
        return {"one answer: bytes to disk": {
                    "value": written(server) - before},
                "one answer: bytes to the browser": {"value": to_browser},
                "one answer: seconds": {"value": time.monotonic() - begin}}
    finally:
        server.stop()
        upstream.close()


def run_all(folder, size, database, say, found):
    """Adds to found as it goes, so that what fails leaves the rest."""
    path = database or folder / "chat.db"
    if not path.exists():
        found |= measure("fill", path, size["messages"], size["persons"],
                         size["longest"])
        found["megabytes"] = {"value": path.stat().st_size / 1e6}
        say("store: filled")
    chats = 1 + (size["messages"] - size["longest"]) // 20
    found |= measure("reads", path, chats, size["persons"], size["rounds"])
    say("store: read")
    found |= over_http(path, size)
    say("store: read over HTTP")
    other = folder / "other.db"
    found |= whole_answer(other, size)
    say("store: an answer")
    found |= measure("writes", other, size["replies"], size["seconds"])


def show(found):
    for name, values in found.items():
        print(f"{name:52}", "  ".join(
            f"{key} {value:.3f}" for key, value in values.items()))
    print(f"\n{'':48}{'measured':>12}{'x ref.':>9}")
    for name, statistic, reference in COMPARED:
        value = found[name][statistic]
        print(f"{name + ', ' + statistic:48}{value:9.2f} ms"
              f"{value / found[reference][statistic]:9.1f}")


def run(short, place, database, say, found):
    """Everything about the history; place is a folder on a disk."""
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=place))
    try:
        run_all(folder, SHORT if short else WHOLE, database, say, found)
    finally:
        shutil.rmtree(folder)
    show(found)
