"""A network that cuts what it carries at any byte, and viewers behind it."""

import asyncio
import json

from support.client import FINAL, API

READ = 65536


class Proxy:
    """Passes bytes on to a port in pieces of any size; ends a connection after
    some number of bytes, as proxies with a time limit do."""

    def __init__(self, port, chance, mean_bytes=6000):
        self.target, self.chance, self.mean = port, chance, mean_bytes
        self.cuts = self.pieces = 0
        self.server = self.port = None
        self.tasks = set()

    async def start(self):
        self.server = await asyncio.start_server(self.carry, "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    async def carry(self, reader, writer):
        try:
            up, out = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.close()
            return
        tasks = {asyncio.current_task(),
                 asking := asyncio.ensure_future(self.pass_on(reader, out))}
        self.tasks |= tasks
        budget = self.chance.expovariate(1 / self.mean)
        try:
            await self.split(up, writer, int(budget))
        except (OSError, asyncio.CancelledError):
            pass
        asking.cancel()
        self.tasks -= tasks
        writer.close()
        out.close()

    async def pass_on(self, reader, writer):
        try:
            while data := await reader.read(READ):
                writer.write(data)
        except (OSError, asyncio.CancelledError):
            pass

    async def split(self, reader, writer, budget):
        """Writes pieces until the budget is used up."""
        while data := await reader.read(READ):
            while data:
                size = min(self.chance.choice((1, 2, 3, 20, 100, 1000)),
                           budget)
                piece, data = data[:size], data[size:]
                if not piece:
                    self.cuts += 1
                    return
                writer.write(piece)
                await writer.drain()
                budget -= len(piece)
                self.pieces += 1

    async def stop(self):
        """Ends what is still being carried."""
        self.server.close()
        for task in set(self.tasks):
            task.cancel()
        await asyncio.gather(*self.tasks)


class Body:
    """Takes the bytes of one response apart as they come."""

    def __init__(self):
        self.raw, self.body = b"", b""
        self.status, self.length, self.left = None, None, 0

    def feed(self, data):
        """Gives the whole events that are there now."""
        self.raw += data
        if self.status is None and not self.read_head():
            return []
        if self.length is None:
            while self.read_chunk():
                pass
        else:
            self.body, self.raw = self.body + self.raw, b""
        *events, self.body = self.body.split(b"\n\n")
        return [e.decode() for e in events if not e.startswith(b":")]

    def read_head(self):
        head, mark, rest = self.raw.partition(b"\r\n\r\n")
        if not mark:
            return False
        lines = head.decode().lower().split("\r\n")
        self.status, self.raw = int(lines[0].split(" ")[1]), rest
        for line in lines[1:]:
            if line.startswith("content-length:"):
                self.length = int(line.partition(":")[2])
        return True

    def read_chunk(self):
        size, mark, rest = self.raw.partition(b"\r\n")
        if not mark or len(rest) < int(size, 16) + 2:
            return False
        length = int(size, 16)
        self.body += rest[:length]
        self.raw = rest[length + 2:]
        return length > 0


class Watcher:
    """A viewer that attaches, detaches and resumes until it has seen all."""

    def __init__(self, message_id, ports, headers, chance):
        self.message_id, self.ports = message_id, ports
        self.headers, self.chance = headers, chance
        self.text, self.last = "", None
        self.numbers, self.finals = [], []
        self.visits = self.refusals = 0
        self.done = False

    async def run(self):
        await asyncio.sleep(self.chance.uniform(0, 2))
        while not self.done:
            try:
                await self.visit()
            except OSError:
                await asyncio.sleep(0.05)

    async def visit(self):
        """One connection: to the end, or until one side has enough."""
        self.visits += 1
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", self.chance.choice(self.ports))
        try:
            writer.write(self.request())
            body, patience = Body(), self.chance.choice((3, 30, 10 ** 6))
            while patience > 0 and not self.done:
                data = await reader.read(self.chance.choice((7, 500, READ)))
                if not data:
                    return
                patience -= 1
                self.take(body, data)
                if body.status not in (None, 200):
                    await self.refused(body.status)
                    return
        finally:
            writer.close()

    def request(self):
        fields = dict(self.headers, Host="127.0.0.1")
        if self.last:
            fields["Last-Event-ID"] = self.last
        lines = [f"GET {API}/messages/{self.message_id}/stream HTTP/1.1",
                 *(f"{name}: {value}" for name, value in fields.items())]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    async def refused(self, status):
        """204: that was all. Else it is asked again in a moment."""
        self.done = status == 204
        self.refusals += status != 204
        await asyncio.sleep(0.05)

    def take(self, body, data):
        for event in body.feed(data):
            fields = dict(line.split(": ", 1) for line in event.split("\n"))
            if fields.get("event") == "done":
                self.done = True
            elif fields.get("event", "reset") == "reset":
                self.text = "" if "event" in fields else self.text
                self.add(fields["id"], json.loads(fields["data"]))

    def add(self, name, document):
        self.last = name
        self.numbers.append(int(name.rpartition(".")[2]))
        if document.get("status") in FINAL:
            self.finals.append(document["status"])
            if document.get("error") and not self.text:
                return
        self.text += document["content"]
