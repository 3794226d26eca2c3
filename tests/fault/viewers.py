#!/usr/bin/env python3
"""Many viewers attach, detach and resume at random against one reply, through
a network that splits and cuts the stream at any byte; each one's text must be
what the log holds. With `nodes` there are two servers on one PostgreSQL, and
the one that makes the reply dies for good: the other one ends it.

    viewers.py [one|nodes] [VIEWERS]

FAULT_SEED repeats the choices of a run. The last line counts.
"""

import asyncio
import os
import random
import sys
import tempfile
import time
from pathlib import Path

from rig import databases
from rig.network import Proxy, Watcher
from rig.tap import Points

from support.client import new_id, script
from support.process import EMULATOR_TOKEN, Emulator, Server
from support.wire import Response, wait_until

LONG = "emu-long"
SAME = "each viewer's text is the log's"
ORDER = "no event comes twice or out of order"
ONE_END = "each viewer sees one end, the stored one"
MEMORY = "viewers that do not read cost little memory"
SLOW_VIEWERS, SLOW_BYTES = 100, 64 * 1024


class Scene:
    """Servers with one long reply."""

    def __init__(self, points, chance, emulator, folder, database):
        self.points, self.chance = points, chance
        self.servers = []
        for name in database.nodes:
            place = Path(folder) / name
            place.mkdir()
            server = Server(place, env={
                "DATABRICKS_HOST": emulator.url, "WORKERS": "2",
                "DATABRICKS_TOKEN": EMULATOR_TOKEN, "LOG_LEVEL": "error",
                "SERVING_ENDPOINTS": LONG, **database.environment()})
            at = server.arguments.index("--database")
            server.arguments[at:at + 2] = database.arguments()
            self.servers.append(server.start())
        self.server, self.last = self.servers[0], self.servers[-1]
        self.user, self.witness = script(self.server), script(self.last)
        self.session = new_id()
        self.cuts = self.visits = 0

    def ask(self):
        """Starts the reply and leaves it; gives its id."""
        with self.user.ask("A long one, please", self.session,
                           serving_endpoint=LONG) as stream:
            return stream.next().json["message_id"]

    def stored(self, message_id):
        """The message once it has its final state."""
        def ended():
            message = self.witness.message(self.session, message_id)
            return message["status"] != "streaming" and message
        return wait_until(ended, seconds=60, what="the reply ends")

    async def watch(self, message_id, count, disturb=None):
        """All viewers, until each has seen the end."""
        proxies = [await Proxy(server.port, self.fork()).start()
                   for server in self.servers + self.servers]
        ports = [p.port for p in proxies] + [s.port for s in self.servers]
        watchers = [Watcher(message_id, ports, self.user.headers, self.fork())
                    for _ in range(count)]
        tasks = [asyncio.ensure_future(w.run()) for w in watchers]
        if disturb:
            await disturb()
        await asyncio.wait_for(asyncio.gather(*tasks), 120)
        self.cuts += sum(p.cuts for p in proxies)
        self.visits += sum(w.visits for w in watchers)
        for proxy in proxies:
            await proxy.stop()
        return watchers

    def fork(self):
        return random.Random(self.chance.random())

    def compare(self, watchers, message):
        for watcher in watchers:
            self.points.check(
                SAME, watcher.text == message["content"],
                f"{watcher.text!r} is not {message['content']!r}")
            numbers = watcher.numbers
            self.points.check(ORDER, numbers == sorted(set(numbers)), numbers)
            self.points.check(ONE_END, watcher.finals == [message["status"]],
                              f"{watcher.finals}: {message['status']}")

    async def kill_midway(self):
        """The server dies and comes back at the same port."""
        await asyncio.sleep(self.chance.uniform(1, 4))
        self.server.kill()
        await asyncio.to_thread(self.server.restart)

    async def kill_for_good(self):
        """The server that makes the reply dies; another one goes on."""
        await asyncio.sleep(self.chance.uniform(1, 4))
        self.server.kill()

    def resident(self):
        """Bytes of memory that the server has."""
        with open(f"/proc/{self.server.process.pid}/statm") as statm:
            return int(statm.read().split()[1]) * 4096

    def slow_viewers(self, message_id):
        """Viewers that ask and never read, while the reply grows."""
        before = self.resident()
        held = [self.user.resume(message_id) for _ in range(SLOW_VIEWERS)]
        self.stored(message_id)
        grown = self.resident() - before
        self.points.check(MEMORY, grown < SLOW_VIEWERS * SLOW_BYTES,
                          f"{grown} bytes for {SLOW_VIEWERS} of them")
        for stream in held:
            if not isinstance(stream, Response):
                stream.close()


def run_one(scene, count):
    """One process with two loops; it is killed and started again."""
    for disturb in (None, scene.kill_midway):
        scene.session = new_id()
        message_id = scene.ask()
        watchers = asyncio.run(scene.watch(message_id, count, disturb))
        message = scene.stored(message_id)
        scene.compare(watchers, message)
        late = asyncio.run(scene.watch(message_id, count))
        scene.compare(late, message)
    scene.session = new_id()
    scene.slow_viewers(scene.ask())


def run_nodes(scene, count):
    """Two processes; the second one sees to what the first one began."""
    for disturb in (None, scene.kill_for_good):
        scene.session = new_id()
        message_id = scene.ask()
        watchers = asyncio.run(scene.watch(message_id, count, disturb))
        scene.compare(watchers, scene.stored(message_id))


def run(points, chance, kind, count):
    """The scenarios; gives how many visits and cuts there were."""
    play, make = KINDS[kind]
    with tempfile.TemporaryDirectory(prefix="fault-viewers-") as folder:
        emulator = Emulator(folder).start()
        database = make(folder)
        scene = Scene(points, chance, emulator, folder, database)
        try:
            play(scene, count)
            for server in scene.servers:
                server.stop()
        finally:
            for server in scene.servers:
                server.kill_if_running()
            database.stop()
            emulator.stop()
    return scene.visits, scene.cuts


KINDS = {"one": (run_one, databases.Sqlite),
         "nodes": (run_nodes, databases.Postgres)}


def main(kind="one", count=60):
    seed = int(os.environ.get("FAULT_SEED") or random.randrange(10 ** 9))
    print(f"# FAULT_SEED={seed}, {count} viewers", flush=True)
    points = Points([SAME, ORDER, ONE_END] + [MEMORY] * (kind == "one"))
    began = time.monotonic()
    visits, cuts = run(points, random.Random(seed), kind, int(count))
    broken = points.report()
    print(f"# {count} viewers came {visits} times and were cut {cuts} times "
          f"in {time.monotonic() - began:.0f} s, {points.failures()} "
          "saw something else than the log")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
