#!/usr/bin/env python3
"""Kills the real server under load, again and again, and checks after each
new start what docs/guarantees.md promises.

    crash.py sqlite|postgres [ROUNDS]

FAULT_ROUNDS sets the number of rounds, FAULT_SEED repeats the choices of a
run. The last line says how many kills there were and what they broke.
"""

import collections
import os
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path

from rig import check, databases, more, promises
from rig.load import Chatter, Viewer
from rig.promises import (FEED, FINAL_STATE, INTACT, TEST, WORKS)
from rig.shim import Shim
from rig.tap import Points

from support.client import person
from support.process import EMULATOR_TOKEN, Emulator, Server
from support.wire import PATIENCE, request

PEOPLE = ("ann", "bob", "eve")
MODEL = "databricks-claude-sonnet-4-5"
FRESH_EVERY = 40
DATABASES = {"sqlite": (databases.Sqlite, 200),
             "postgres": (databases.Postgres, 60)}


class Rig:
    """One server, those who use it, and what they know."""

    def __init__(self, database, seed, points):
        self.chance = random.Random(seed)
        self.points = points
        self.checker = check.Checker(points, self.chance)
        self.make = database
        self.kills = collections.Counter()
        self.answers = collections.Counter()
        self.more_actions = []
        self.over = threading.Event()
        self.heavy = False
        self.folder = self.server = self.database = None

    def begin(self, emulator):
        """A fresh folder with an empty database."""
        self.folder = Path(tempfile.mkdtemp(prefix="fault-"))
        self.database = self.make(self.folder)
        self.server = Server(self.folder, env={
            "DATABRICKS_APP_NAME": "chatbot", "DATABRICKS_HOST": emulator.url,
            "DATABRICKS_TOKEN": EMULATOR_TOKEN, "LOG_LEVEL": "warn",
            "WORKERS": str(self.chance.choice((1, 2))),
            "SHUTDOWN_GRACE": "0s", **self.database.environment()})
        at = self.server.arguments.index("--database")
        self.server.arguments[at:at + 2] = self.database.arguments()
        self.shim = Shim(self.folder, self.server.port)
        self.server.env |= self.shim.environment()
        self.chats = {name: [] for name in PEOPLE}
        self.feeds = {}
        self.touched = []
        self.live = []

    def end(self):
        """Everything that ever was is looked at once more."""
        self.touched = [c for chats in self.chats.values() for c in chats]
        if self.start():
            self.verify()
            status, _ = self.server.end()
            self.points.check(WORKS, status == 0, f"exit status {status}")
        self.leave()

    def leave(self):
        """Leaves nothing behind, whatever happened."""
        if self.server:
            self.server.kill_if_running()
            self.database.stop()
            shutil.rmtree(self.folder, ignore_errors=True)

    def count(self, what, answer, chat=None):
        """Notes an answer; a chat that it changes is in the feed."""
        self.answers[what, answer.status] += 1
        if chat and answer.status < 300:
            chat.told = True

    def fault(self, text):
        self.points.check(TEST, False, text)

    def message_size(self, chance):
        return chance.randrange(30_000, 60_000) if self.heavy else 0

    def start(self):
        """True when it serves; it may be killed before."""
        self.database.bury()
        self.server.output = {"stdout": bytearray(), "stderr": bytearray()}
        self.server.launch()
        try:
            self.server.wait_listening(self.server.port)
        except AssertionError as error:
            killed = self.server.process.poll() == -signal.SIGKILL
            self.points.check(WORKS, killed, error)
            return False
        return True

    def verify(self):
        """The promises, for all chats that were touched since last time."""
        left = self.database.unfinished()
        self.points.check(FINAL_STATE, not left, left)
        there = more.offered(self.server)
        self.more_actions = more.actions_among(there)
        self.searches = ("GET", "/search") in there
        if ("GET", "/events") in there and not self.feeds:
            self.feeds = {name: more.Feed(person(self.server, name))
                          for name in PEOPLE}
        for name in PEOPLE:
            self.verify_person(person(self.server, name), [
                c for c in self.touched if c.person == name])
        self.points.check(TEST, True)

    def verify_person(self, user, chats):
        name = chats[0].person if chats else None
        if name in self.feeds:
            self.verify_feed(self.feeds[name], chats)
        for chat in chats:
            self.checker.chat(user, chat)
        if more.draft in self.more_actions:
            more.check_drafts(self.points, user, chats)
        there = [c for c in chats if c.deleted.sure is False and c.known]
        if there and self.searches:
            more.check_search(self.points, user, self.chance.choice(there))

    def verify_feed(self, feed, chats):
        """What was acknowledged is told to a tab that was away."""
        heard = feed.since()
        for chat in chats:
            if chat.told and heard is not None:
                self.points.check(FEED, chat.session_id in heard,
                                  f"{chat.session_id} is not in the feed")
            chat.told = False

    def choose(self):
        """When and where this round's server dies."""
        if self.chance.random() < 0.4:
            return "random", None
        phase, calls, where, most = self.chance.choice(self.database.points)
        actions = ["kill-before", "kill-after"]
        if calls in ("pwrite", "write"):
            actions.append("torn")
        number = round(most ** self.chance.random())
        return phase, (calls, self.chance.choice(actions), number, where)

    def arm(self, point):
        calls, action, number, where = point
        self.shim.arm(calls, action, number, **where)

    def round(self):
        """One life of the server."""
        self.shim.disarm()
        phase, point = self.choose()
        if phase == "start":
            self.arm(point)
        if not self.start():
            self.died(phase, point)
            self.shim.disarm()
            if not self.start():
                return
        if self.server.running and phase != "start":
            self.verify()
            self.use(phase, point)
        else:
            self.shim.disarm()
            self.verify()
            self.use("random", None)

    def use(self, phase, point):
        """People come; in the midst of what they do the server dies."""
        self.touched, self.live = [], []
        self.heavy = self.chance.random() < 0.08
        self.over.clear()
        actors = [Chatter(self, self.fork(), name, self.chats[name])
                  for name in PEOPLE]
        actors += [Viewer(self, self.fork()) for _ in range(3)]
        for actor in actors:
            actor.start()
        if self.database.hurts and self.chance.random() < 0.3:
            self.wait(self.chance.uniform(0.1, 0.4))
            self.hurt_database()
        if phase == "load":
            self.arm(point)
        self.wait(self.chance.uniform(0.02, 0.6) if phase != "load" else 0.8)
        if phase == "stop" and self.server.running:
            self.arm(point)
            self.server.process.send_signal(signal.SIGTERM)
            self.wait(3)
        self.died(phase, point)
        self.over.set()
        for actor in actors:
            actor.join(60)
            self.points.check(TEST, not actor.is_alive(), "an actor hangs")
        wrong = self.database.check()
        self.points.check(INTACT, wrong is None, wrong)

    def fork(self):
        return random.Random(self.chance.random())

    def wait(self, seconds):
        """Until the server has died, or so long."""
        until = time.monotonic() + seconds * PATIENCE
        while time.monotonic() < until and self.server.running:
            time.sleep(0.005)

    def hurt_database(self):
        """The database dies and comes back; the server goes on."""
        hurt = self.chance.choice(self.database.hurts)
        hurt(self.chance)
        self.kills[f"database {hurt.__name__}"] += 1
        self.wait(self.chance.uniform(0.3, 1.5))

    def died(self, phase, point):
        """Counts the kill, which is ours when the point was not reached."""
        reached = point and self.shim.hits() > 0
        self.server.kill()
        complaint = self.server.complaints()
        self.points.check(WORKS, not complaint, complaint)
        self.kills[f"{phase} {point[0]} {' '.join(point[3].values())}"
                   if reached else "random"] += 1


def quicken(emulator):
    """Replies begin at once and take about a second."""
    body = (b'{"endpoint": "%b", "tokens_per_second": 400, '
            b'"first_token_ms": 5, "times": 1000000}' % MODEL.encode())
    answer = request(emulator.port, "POST", "/emulator/control", {
        "Authorization": f"Bearer {EMULATOR_TOKEN}",
        "Content-Type": "application/json"}, body)
    assert answer.status == 200, answer


def run(rig, rounds, emulator):
    """The rounds, with a fresh database now and then."""
    for number in range(rounds):
        if number % FRESH_EVERY == 0:
            if number:
                rig.end()
            rig.begin(emulator)
        rig.round()
    rig.end()


def main(kind, rounds=None):
    database, usual = DATABASES[kind]
    rounds = int(rounds or os.environ.get("FAULT_ROUNDS") or usual)
    seed = int(os.environ.get("FAULT_SEED") or random.randrange(10 ** 9))
    print(f"# FAULT_SEED={seed}, {rounds} rounds", flush=True)
    points = Points(promises.ALL)
    rig = Rig(database, seed, points)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="fault-emulator-") as folder:
        emulator = Emulator(folder).start()
        try:
            quicken(emulator)
            run(rig, rounds, emulator)
        finally:
            emulator.stop()
            rig.leave()
    broken = points.report()
    for where, times in sorted(rig.kills.items()):
        print(f"# {times} kills at: {where}")
    for (what, status), times in sorted(rig.answers.items()):
        print(f"# {times} answers {status} to: {what}")
    print(f"# {database.name}: {sum(rig.kills.values())} kills in "
          f"{time.monotonic() - began:.0f} s, "
          f"{points.failures()} promises broken")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
