#!/usr/bin/env python3
"""Lets calls of the real server fail one by one while a person signs in,
sends, stops, regenerates, rates, lists and deletes, and while it starts.

    faults.py io|memory|postgres [TIMES]

TIMES is how often each kind of call fails in a scenario (FAULT_ROUNDS too; 0:
each call once). FAULT_SEED repeats the choices of a run. Under an
AddressSanitizer build (CHATBOT_BIN) leaks count, too. The last line says how
many calls failed and what came of it.
"""

import errno
import json
import os
import random
import re
import sys
import tempfile
import time
import traceback

from rig import TOP, databases
from rig.shim import FOREVER, Shim
from rig.tap import Points

from support.client import FINAL, check_stream, new_id, script
from support.process import EMULATOR_TOKEN, Emulator, Server
from support.wire import (BulkReader, Closed, PATIENCE, Response, request,
                          wait_until)

TOLD = "a call that fails is mended or told in the documented way"
ALIVE = "the server neither crashes nor hangs"
FINAL_STATE = "every reply is in exactly one final state"
WORKS = "it works again when the fault is gone"
START = "a start that fails says so, and loses nothing"
LEAK = "nothing leaks, the database is intact"
POINTS = (TOLD, ALIVE, FINAL_STATE, WORKS, START, LEAK)

FULL, BROKEN = errno.ENOSPC, errno.EIO
# Calls, what becomes of them, and of which.
IO_FAULTS = [
    ("pwrite", "fail", {"name": "-wal", "error": FULL}),
    ("pwrite", "fail", {"name": "-wal", "error": BROKEN}),
    ("pwrite", "short", {"name": "-wal"}),
    ("fsync", "fail", {"name": "-wal", "error": BROKEN}),
    ("pwrite", "fail", {"name": "-events", "error": FULL}),
    ("pwrite", "fail", {"name": "-events", "error": BROKEN}),
    ("pwrite", "short", {"name": "-events"}),
    ("open", "fail", {"name": "-events", "error": FULL}),
    ("pread", "fail", {"name": ".db", "error": BROKEN}),
    ("pread", "fail", {"name": "-wal", "error": BROKEN}),
    ("write", "short", {"place": "client"}),
    ("write", "fail", {"place": "client", "error": errno.ECONNRESET}),
    ("write", "short", {"place": "outward"}),
    ("write", "fail", {"place": "outward", "error": errno.ECONNRESET}),
]
START_FAULTS = [
    (call, "fail", {"name": name, "error": error})
    for call, name in (("open", ".db"), ("open", "-wal"), ("open", "-shm"),
                       ("pwrite", ".db"), ("pread", ".db"), ("fsync", ".db"),
                       ("truncate", "-shm"), ("pread", "-wal"),
                       ("open", "-events"))
    for error in (FULL, BROKEN)]
POSTGRES_FAULTS = [
    ("write", "short", {"place": "unix"}),
    ("write", "fail", {"place": "unix", "error": errno.ECONNRESET}),
    ("write", "fail", {"place": "unix", "error": errno.EINTR}),
    ("malloc", "fail", {"libraries": "pq", "error": errno.ENOMEM})]
MEMORY_FAULTS = [
    ("malloc", "fail", {"libraries": library, "error": errno.ENOMEM})
    for library in ("sqlite3", "curl", "jansson", "crypto")]
PACE = {"tokens_per_second": 3000, "first_token_ms": 2, "times": 1000000}
MODEL = "databricks-claude-sonnet-4-5"


def documented_codes():
    """Code and status of each answer in docs/errors.md."""
    text = (TOP / "docs/errors.md").read_text()
    return set(re.findall(r"^\| `(\w+)` \| (\d+) \|", text, re.M))


class Cut(Exception):
    """The connection ended where an answer was due."""


class Person:
    """Does everything once; each answer is looked at."""

    def __init__(self, points, user, where, cuts):
        self.points, self.user, self.where = points, user, where
        self.cuts = cuts
        self.session = new_id()
        self.replies = []
        self.refused = 0

    def run(self):
        """The scenario; what is refused leaves the rest to be done."""
        for step in (self.read, self.send, self.stop, self.regenerate,
                     self.rate, self.read, self.delete):
            try:
                step()
            except Cut:
                self.refused += 1
            except (Closed, OSError) as error:
                self.refused += 1
                self.points.check(TOLD, self.cuts,
                                  f"{self.where}: {step.__name__}: {error!r}")

    def accept(self, answer):
        """A documented answer; raises Cut unless it says yes."""
        if answer.status < 300:
            return answer
        problem = answer.json
        self.points.check(
            TOLD, (problem["code"], str(answer.status)) in CODES and
            problem["code"] != "internal", f"{self.where}: {answer}")
        raise Cut()

    def follow(self, answer, stop=False):
        """A stream to its end; gives its last event."""
        self.accept(answer)
        answer.reader = BulkReader()
        with answer:
            first = answer.next(40)
            self.replies.append(first.json["message_id"])
            if stop:
                self.accept(self.user.stop(self.replies[-1]))
            events = check_stream(answer.rest(40))
        self.points.check(TOLD, events[-2].json["status"] in FINAL, events)

    def send(self):
        self.follow(self.user.open("/chat", {
            "session_id": self.session, "content": "short hello"}))

    def stop(self):
        self.follow(self.user.open("/chat", {
            "session_id": self.session, "content": "table long"}), stop=True)

    def regenerate(self):
        if self.replies:
            self.follow(self.user.open("/regenerate", {
                "session_id": self.session, "message_id": self.replies[0],
                "original_content": "short again"}))

    def rate(self):
        if self.replies:
            self.accept(self.user.rate(self.replies[-1], "up"))

    def read(self):
        self.accept(self.user.get("/login"))
        self.accept(self.user.get("/chats", limit=5))
        if self.replies:
            self.accept(self.user.get(f"/sessions/{self.session}/messages"))

    def delete(self):
        other = new_id()
        self.accept(self.user.post("/error", {
            "session_id": other, "message_id": new_id(),
            "content": "An error", "role": "assistant"}))
        self.accept(self.user.call("DELETE", f"/chats/{other}"))


class Torture:
    """One server, disturbed again and again."""

    def __init__(self, points, chance, folder, database):
        self.points, self.chance = points, chance
        self.database = database
        self.server = Server(folder, env={
            "LOG_LEVEL": "error", "CONNECT_TIMEOUT": "3s",
            "FIRST_BYTE_TIMEOUT": "3s", "IDLE_TIMEOUT": "3s",
            "TOTAL_TIMEOUT": "6s", **database.environment()})
        at = self.server.arguments.index("--database")
        self.server.arguments[at:at + 2] = database.arguments()
        self.shim = Shim(folder, self.server.port)
        self.server.env |= self.shim.environment()
        self.failed = 0

    def scenario(self, where, cuts=False):
        """The whole scenario; gives the person who went through it."""
        person = Person(self.points, script(self.server), where, cuts)
        try:
            person.run()
        except Exception:
            self.points.check(ALIVE, False,
                              f"{where}: {traceback.format_exc()}")
        self.shim.disarm()
        self.failed += self.shim.hits()
        if not self.points.check(ALIVE, self.server.running,
                                 f"{where}: {self.server.log[-2000:]}"):
            self.server.wait()
            self.server.restart()
        return person

    def after(self, where, person):
        """The fault is gone: everything is decided, and all works."""
        wait_until(lambda: not self.database.unfinished(), 30 * PATIENCE,
                   what=f"every reply ends, {where}")
        self.points.check(FINAL_STATE, True)
        again = Person(self.points, person.user, f"after {where}", False)
        again.session = person.session
        again.run()
        self.points.check(WORKS, again.refused == 0 and
                          len(again.replies) == 3, f"after {where}")

    def count(self, fault):
        """How many calls of a kind the scenario has."""
        calls, _, which = fault
        self.shim.arm(calls, **which)
        self.scenario(f"counting {calls}")
        return self.shim.count()

    def choose(self, count, times):
        """Which of the calls are to fail."""
        if times == 0 or count <= times:
            return range(1, count + 1)
        return sorted(self.chance.sample(range(1, count + 1), times))

    def disturb(self, fault, times):
        """Each chosen call fails once, then all from one on."""
        calls, action, which = fault
        count = self.count(fault)
        print(f"# {describe(fault)}: {count} calls", flush=True)
        # What libpq loses for want of memory is missed when its time is up.
        cuts = (which.get("place") == "client" or
                which.get("libraries") == "pq")
        for number in self.choose(count, times):
            where = f"call {number} of {describe(fault)}"
            self.shim.arm(calls, action, number, **which)
            self.after(where, self.scenario(where, cuts))

    def go_on_failing(self, fault):
        """All calls fail for a while: a full disk, then room again."""
        calls, action, which = fault
        user = script(self.server)
        for number in (1, 5, 40):
            where = f"all from {number} on of {describe(fault)}"
            self.shim.arm(calls, action, number, last=FOREVER, **which)
            person = Person(self.points, user, where, False)
            for step in (person.delete, person.rate, person.read):
                try:
                    step()
                except Cut:
                    pass
            person.send = lambda: self.points.check(
                TOLD, self.send_refused(person), where)
            person.send()
            self.failed += self.shim.hits()
            self.shim.disarm()
            self.after(where, person)

    def send_refused(self, person):
        """A send is refused, or accepted and brought to its end later."""
        answer = person.user.open("/chat", {
            "session_id": person.session, "content": "short hello"})
        if isinstance(answer, Response):
            return answer.status in (503, 507)
        with answer:
            answer.next()
        self.shim.disarm()
        return True

    def start_badly(self, fault, times):
        """Calls fail while the server starts."""
        calls, action, which = fault
        self.server.kill()
        self.shim.arm(calls, **which)
        self.server.restart()
        count = self.shim.count()
        for number in self.choose(count, times):
            where = f"start with call {number} of {describe(fault)}"
            self.server.kill()
            self.shim.arm(calls, action, number, **which)
            self.server.output = {"stdout": bytearray(),
                                  "stderr": bytearray()}
            self.server.launch()
            self.look_at_start(where)
            self.shim.disarm()
            self.failed += self.shim.hits()
            if not self.server.running:
                self.server.restart()
            self.points.check(START, self.database.check() is None, where)

    def look_at_start(self, where):
        """It serves, or has ended with one line that says why."""
        try:
            self.server.wait_listening(self.server.port)
        except AssertionError:
            lines = [line for line in self.server.said().splitlines() if line]
            self.points.check(
                START, self.server.process.returncode == 1 and
                len(lines) == 1, f"{where}: {self.server.process.returncode}, "
                f"{self.server.log[-1500:]}")

    def end(self):
        status, _ = self.server.end()
        self.points.check(LEAK, status == 0 and not self.server.complaints(),
                          f"exit {status}: {self.server.log[-6000:]}")
        wrong = self.database.check()
        self.points.check(LEAK, wrong is None, wrong)


def describe(fault):
    calls, action, which = fault
    what = [errno.errorcode.get(v, v) if k == "error" else v
            for k, v in which.items()]
    return " ".join([calls, action, *map(str, what)])


def quicken(emulator):
    answer = request(emulator.port, "POST", "/emulator/control", {
        "Authorization": f"Bearer {EMULATOR_TOKEN}",
        "Content-Type": "application/json"},
        json.dumps({"endpoint": MODEL, **PACE}).encode())
    assert answer.status == 200, answer


def run_io(torture, times):
    for fault in IO_FAULTS:
        torture.disturb(fault, times)
    for fault in IO_FAULTS[:4]:
        torture.go_on_failing(fault)
    for fault in START_FAULTS:
        torture.start_badly(fault, times and max(1, times // 4))


def run_memory(torture, times):
    for fault in MEMORY_FAULTS:
        torture.disturb(fault, times)


def run_postgres(torture, times):
    for fault in POSTGRES_FAULTS:
        torture.disturb(fault, times)


KINDS = {"io": (run_io, databases.Sqlite, 6),
         "memory": (run_memory, databases.Sqlite, 12),
         "postgres": (run_postgres, databases.Postgres, 8)}
CODES = documented_codes()


def main(kind, times=None):
    run, database, usual = KINDS[kind]
    times = int(times or os.environ.get("FAULT_ROUNDS") or usual)
    seed = int(os.environ.get("FAULT_SEED") or random.randrange(10 ** 9))
    print(f"# FAULT_SEED={seed}, each kind of call {times} times", flush=True)
    points = Points(POINTS)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="fault-io-") as folder:
        emulator = Emulator(folder).start()
        torture = Torture(points, random.Random(seed), folder,
                          database(folder))
        torture.server.env |= {"DATABRICKS_HOST": emulator.url,
                               "DATABRICKS_TOKEN": EMULATOR_TOKEN}
        try:
            quicken(emulator)
            torture.server.start()
            run(torture, times)
            torture.end()
        finally:
            torture.server.kill_if_running()
            torture.database.stop()
            emulator.stop()
    broken = points.report()
    print(f"# {torture.failed} calls failed in "
          f"{time.monotonic() - began:.0f} s, "
          f"{points.failures()} things went wrong")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
