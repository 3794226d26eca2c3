"""HTTP/1.1 and server-sent events over plain sockets.

http.client hides what these tests look at (framing, chunks, header order,
a connection that is closed), so the client side is spelled out here.
"""

import json
import os
import socket
import struct
import time
from urllib.parse import quote, urlencode

# A sanitizer build is slower: CHATBOT_TEST_PATIENCE=4 stretches each wait.
PATIENCE = float(os.environ.get("CHATBOT_TEST_PATIENCE", "1"))
WAIT = 10.0 * PATIENCE


class Unobserved:
    """Takes note of answers and events; CHATBOT_CHECK_OPENAPI=1 puts the
    document of the interface in its place (support/cases.py)."""

    @staticmethod
    def check(method, target, head, body):
        pass

    @staticmethod
    def check_event(method, target, event):
        pass


observer = Unobserved()


class Closed(Exception):
    """The peer closed the connection before what was expected had come."""


def wait_until(condition, seconds=WAIT, what="condition"):
    """Polls until the condition is true; gives its value."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:.1f} s: {what}")
        time.sleep(0.01)


def target(path, **query):
    """A request target with percent-encoded query values."""
    pairs = {k: v for k, v in query.items() if v is not None}
    return f"{path}?{urlencode(pairs, quote_via=quote)}" if pairs else path


class Head:
    """Status line and header fields of a response."""

    def __init__(self, raw):
        lines = raw.decode("latin-1").split("\r\n")
        self.version, status, *reason = lines[0].split(" ", 2)
        self.status = int(status)
        self.reason = reason[0] if reason else ""
        self.fields = []
        for line in lines[1:]:
            name, _, value = line.partition(":")
            self.fields.append((name.lower(), value.strip()))

    def all(self, name):
        return [v for k, v in self.fields if k == name.lower()]

    def get(self, name, default=None):
        values = self.all(name)
        return ", ".join(values) if values else default


class Response:
    """A whole response."""

    def __init__(self, head, body):
        self.head, self.body = head, body
        self.status = head.status

    def header(self, name, default=None):
        return self.head.get(name, default)

    @property
    def text(self):
        return self.body.decode("utf-8")

    @property
    def json(self):
        return json.loads(self.body.decode("utf-8"))

    def __repr__(self):
        return f"<{self.status} {self.head.fields} {self.body[:300]!r}>"


class Connection:
    """One connection to the server, spoken to byte by byte if need be."""

    def __init__(self, port, timeout=WAIT, receive_buffer=None):
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if receive_buffer:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF,
                                 receive_buffer)
        self.sock.settimeout(timeout)
        try:
            self.sock.connect(("127.0.0.1", port))
        except OSError:
            self.sock.close()
            raise
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.port = port
        self.buffer = b""

    def send(self, data):
        self.sock.sendall(data)

    def receive(self):
        data = self.sock.recv(65536)
        if not data:
            raise Closed(f"after {self.buffer[:200]!r}")
        return data

    def fill(self):
        self.buffer += self.receive()

    def take(self, count):
        parts, size = [self.buffer], len(self.buffer)
        try:
            while size < count:
                parts.append(self.receive())
                size += len(parts[-1])
        finally:
            self.buffer = b"".join(parts)
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def take_line(self):
        while b"\r\n" not in self.buffer:
            self.fill()
        line, self.buffer = self.buffer.split(b"\r\n", 1)
        return line

    def read_head(self):
        while b"\r\n\r\n" not in self.buffer:
            self.fill()
        raw, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        head = Head(raw)
        if head.status == 100:
            return self.read_head()
        return head

    def read_chunk(self):
        """One chunk of a chunked body, b"" at its end."""
        size = int(self.take_line().split(b";")[0], 16)
        data = self.take(size)
        ending = self.take_line()
        assert ending == b"", f"chunk is not followed by CRLF: {ending!r}"
        return data

    def read_rest(self):
        """Everything until the peer closes."""
        data, self.buffer = self.buffer, b""
        while True:
            try:
                part = self.sock.recv(65536)
            except ConnectionResetError:
                return data
            if not part:
                return data
            data += part

    def read_body(self, head, method="GET"):
        if method == "HEAD" or head.status in (204, 304):
            return b""
        if "chunked" in head.get("transfer-encoding", ""):
            body = b""
            while part := self.read_chunk():
                body += part
            return body
        length = head.get("content-length")
        if length is not None:
            return self.take(int(length))
        return self.read_rest()

    def read_response(self, method="GET"):
        head = self.read_head()
        return Response(head, self.read_body(head, method))

    def is_closed(self, seconds):
        """True once the peer has closed; what it sends before is kept."""
        self.sock.settimeout(seconds)
        try:
            self.fill()
            return False
        except TimeoutError:
            return False
        except (Closed, ConnectionError):
            return True

    def close(self):
        self.sock.close()

    def reset(self):
        """Ends the connection as a crashed browser does: RST, not FIN."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                             struct.pack("ii", 1, 0))
        self.sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def build_request(method, path, headers=(), body=None):
    """The bytes of a request; headers: pairs, a body gets its length."""
    fields = list(headers.items() if isinstance(headers, dict) else headers)
    names = {name.lower() for name, _ in fields}
    lines = [f"{method} {path} HTTP/1.1"]
    if "host" not in names:
        lines.append("Host: 127.0.0.1")
    if body is not None and not names & {"content-length",
                                         "transfer-encoding"}:
        fields.append(("Content-Length", str(len(body))))
    lines += [f"{name}: {value}" for name, value in fields]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + (body or b"")


def request(port, method, path, headers=(), body=None, timeout=WAIT):
    """One request on a connection of its own; gives the whole response."""
    with Connection(port, timeout) as connection:
        try:
            connection.send(build_request(method, path, headers, body))
        except (BrokenPipeError, ConnectionResetError):
            pass  # an early answer, for instance 413, is read below
        response = connection.read_response(method)
    observer.check(method, path, response.head, response.body)
    return response


class Event:
    """One server-sent event as it stood on the wire."""

    def __init__(self, raw):
        self.raw = raw
        self.id = None
        self.type = "message"
        data = []
        for line in raw.decode("utf-8").split("\n"):
            name, _, value = line.partition(":")
            value = value[1:] if value.startswith(" ") else value
            if name == "data":
                data.append(value)
            elif name == "id":
                self.id = value
            elif name == "event":
                self.type = value
        self.data = "\n".join(data)

    @property
    def json(self):
        return json.loads(self.data)

    @property
    def sequence(self):
        return int(self.id.rpartition(".")[2])

    def __repr__(self):
        return f"<event {self.raw!r}>"


class EventReader:
    """Splits a byte stream into events; fed one byte at a time."""

    def __init__(self):
        self.pending = bytearray()
        self.comments = []

    def feed(self, data):
        """Takes bytes; gives the events that they completed."""
        events = []
        for byte in data:
            self.pending.append(byte)
            if byte == 10 and self.pending.endswith(b"\n\n"):
                block = bytes(self.pending[:-2])
                self.pending.clear()
                if block.startswith(b":"):
                    self.comments.append(block)
                elif block:
                    events.append(Event(block))
        return events


class BulkReader(EventReader):
    """The same for megabytes, where bytewise would take too long."""

    def feed(self, data):
        self.pending += data
        *blocks, rest = bytes(self.pending).split(b"\n\n")
        self.pending = bytearray(rest)
        return [Event(b) for b in blocks if b and not b.startswith(b":")]


class Stream:
    """A response of events that is being read."""

    def __init__(self, connection, head, method="GET", path=""):
        self.connection, self.head = connection, head
        self.method, self.path = method, path
        self.status = head.status
        self.reader = EventReader()
        self.chunks = []
        self.queue = []
        self.seen = []
        self.ended = False

    def next(self, timeout=WAIT):
        """The next event, None at the end of the stream."""
        self.connection.sock.settimeout(timeout)
        while not self.queue and not self.ended:
            chunk = self.read_piece()
            if chunk:
                self.chunks.append(chunk)
                self.queue += self.reader.feed(chunk)
            else:
                self.ended = True
        if not self.queue:
            return None
        event = self.queue.pop(0)
        self.seen.append(event)
        observer.check_event(self.method, self.path, event)
        return event

    def read_piece(self):
        """What came next; a reply of the past comes with its length."""
        length = self.head.get("content-length")
        if length is None:
            return self.connection.read_chunk()
        taken = sum(map(len, self.chunks))
        return self.connection.take(int(length) - taken)

    def take(self, count, timeout=WAIT):
        """That many further events."""
        events = [self.next(timeout) for _ in range(count)]
        assert None not in events, f"ended early: {self.seen}"
        return events

    def until_text(self, length, timeout=WAIT):
        """Reads until at least that much text has come; gives it all."""
        while len(self.text()) < length:
            assert self.next(timeout), f"ended early: {self.seen}"
        return self.text()

    def rest(self, timeout=WAIT):
        """Reads to the end; gives all events of the stream."""
        while self.next(timeout):
            pass
        return self.seen

    def text(self):
        return "".join(e.json.get("content", "") for e in self.seen
                       if e.type == "message")

    def close(self):
        self.connection.close()

    def reset(self):
        self.connection.reset()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def open_stream(port, method, path, headers=(), body=None, timeout=WAIT,
                receive_buffer=None):
    """Asks for a stream; gives a Stream, or a Response if it is none."""
    connection = Connection(port, timeout, receive_buffer)
    try:
        connection.send(build_request(method, path, headers, body))
        head = connection.read_head()
        if head.get("content-type", "").startswith("text/event-stream"):
            observer.check(method, path, head, None)
            return Stream(connection, head, method, path)
        response = Response(head, connection.read_body(head, method))
        observer.check(method, path, head, response.body)
    except BaseException:
        connection.close()
        raise
    connection.close()
    return response
