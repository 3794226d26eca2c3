#!/usr/bin/env python3
"""A disk that lets each write of events wait, while replies stream and others
ask for small documents. The last line counts.
"""

import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

from rig.shim import FOREVER, Shim
from rig.tap import Points

from support.client import check_stream, new_id, script
from support.process import EMULATOR_TOKEN, Emulator, Server
from support.wire import request

WHOLE = "a reply comes whole and is stored as it was seen"
OTHERS = "who asks for something else is seldom held up"
USED = "the writes were slow"
WAIT_MS, REPLIES, ASKED, SELDOM = 150, 3, 60, 1 / 4


def follow(points, user):
    """One reply to its end."""
    session = new_id()
    with user.ask("table long", session) as stream:
        check_stream(stream.rest(60))
        seen = stream.text()
    stored = user.get(f"/chats/{session}").json["messages"][-1]
    points.check(WHOLE, stored["status"] == "complete" and
                 stored["content"] == seen, (seen, stored))


def look(points, shim, server):
    """Replies side by side, and small documents meanwhile."""
    late = 0
    shim.arm("pwrite", "slow", 1, last=FOREVER, name="-events", error=WAIT_MS)
    with ThreadPoolExecutor(REPLIES) as people:
        replies = [people.submit(follow, points, script(server))
                   for _ in range(REPLIES)]
        for _ in range(ASKED):
            began = time.monotonic()
            request(server.port, "GET", "/healthz")
            late += time.monotonic() - began > WAIT_MS / 2000
            time.sleep(0.05)
        points.check(OTHERS, late <= ASKED * SELDOM,
                     f"{late} of {ASKED} late")
        points.check(USED, shim.hits() > 5, shim.hits())
        shim.disarm()
        for reply in replies:
            reply.result()


def main():
    points = Points([WHOLE, OTHERS, USED])
    with tempfile.TemporaryDirectory(prefix="fault-slow-") as folder:
        emulator = Emulator(folder).start()
        server = Server(folder, env={"DATABRICKS_HOST": emulator.url,
                                     "DATABRICKS_TOKEN": EMULATOR_TOKEN})
        shim = Shim(folder, server.port)
        server.env |= shim.environment()
        try:
            server.start()
            look(points, shim, server)
        finally:
            server.kill_if_running()
            emulator.stop()
    return 1 if points.report() else 0


if __name__ == "__main__":
    sys.exit(main())
