"""A model endpoint that does what a test tells it, byte by byte.

The emulator inside the program stands for a whole workspace. This one stands
for the moment: a test names a script in the first word of the question, as
in "[hold] How many moons has Jupiter?", and sees exactly what was asked, when
and how the connection ended.
"""

import json
import re
import select
import socket
import threading
import time

from .wire import WAIT, wait_until

TOKEN = "dapi-upstream-token-5d1f0c3b9a"
MODEL = "house-model"
MODELS = [MODEL, "second-model"]
PERSONAL = "personal-model"  # wants to be asked in a person's name
SCRIPT = re.compile(r"^\[([\w-]+)\]", re.M)
WORKSPACE_ID = "6051921418418893"
UPSTREAM_ID = "1f2e-upstream-9c"  # of every stream
CHARS = "chat.completion.chunk"


class Exchange:
    """One request to the endpoint and the means to answer it."""

    def __init__(self, upstream, sock, method, path, headers, body):
        self.upstream, self.sock = upstream, sock
        self.method, self.path, self.headers = method, path, headers
        self.raw_body = body
        self.began = time.monotonic()
        self.closed_at = None

    @property
    def token(self):
        return self.headers.get("authorization", "").partition("Bearer ")[2]

    @property
    def body(self):
        return json.loads(self.raw_body)

    @property
    def messages(self):
        """What the model is told: (role, text) pairs."""
        return [(m["role"], text_of(m.get("content")))
                for m in self.body.get("messages") or self.body["input"]]

    @property
    def question(self):
        return [t for role, t in self.messages if role == "user"][-1]

    def send(self, data):
        """Sends bytes; False once the server has gone away."""
        if isinstance(data, str):
            data = data.encode()
        try:
            self.sock.sendall(data)
            return True
        except OSError:
            self.note_closed()
            return False

    def answer(self, status, body, content_type="application/json",
               headers=()):
        """A whole response of known length."""
        data = body if isinstance(body, bytes) else body.encode()
        fields = [f"HTTP/1.1 {status} Answer", f"Content-Type: {content_type}",
                  f"Content-Length: {len(data)}", "Connection: close"]
        fields += [f"{name}: {value}" for name, value in headers]
        self.send("\r\n".join(fields).encode() + b"\r\n\r\n" + data)

    def refuse(self, status, code, message, headers=()):
        self.answer(status, json.dumps(
            {"error_code": code, "message": message}), headers=headers)

    def begin(self):
        """Head of a stream that ends with the connection."""
        return self.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream"
                         f"\r\nX-Request-Id: {UPSTREAM_ID}"
                         "\r\nConnection: close\r\n\r\n")

    def event(self, document):
        return self.send(b"data: " + encode(document) + b"\n\n")

    def delta(self, content, finish=None, **more):
        """One chunk of the answer."""
        return self.event(chunk({"role": "assistant", "content": content},
                                finish, **more))

    def finish(self, reason="stop"):
        usage = {"prompt_tokens": 11, "completion_tokens": 7,
                 "total_tokens": 18}
        self.event(chunk({"content": ""}, reason, usage=usage))
        self.send(b"data: [DONE]\n\n")

    def wait_gone(self, seconds=WAIT):
        """Waits until the server closes this connection."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            ready, _, _ = select.select([self.sock], [], [], 0.2)
            if ready:
                try:
                    if self.sock.recv(1024) == b"":
                        return self.note_closed()
                except OSError:
                    return self.note_closed()
        return False

    def note_closed(self):
        self.closed_at = self.closed_at or time.monotonic()
        return True


def encode(document):
    return json.dumps(document, ensure_ascii=False).encode()


def chunk(delta, finish=None, **more):
    """A chat.completion.chunk with one choice."""
    return {"id": "msg_1", "object": CHARS, "created": 1761660865,
            "model": "house-model-upstream-id",
            "choices": [{"index": 0, "delta": delta,
                         "finish_reason": finish}], **more}


def text_of(content):
    if isinstance(content, list):
        return "".join(part.get("text", "") for part in content)
    return content or ""


def echo(exchange):
    """The usual answer: a few chunks that quote the question."""
    exchange.begin()
    for part in answer_parts(exchange.question):
        exchange.delta(part)
    exchange.finish()


def answer_parts(question):
    return ["You asked", ": ", question, ".\n\n", "Grüße — 你好 🌍 ",
            "is all that I say."]


def answer_to(question):
    """The text that echo gives to a question."""
    return "".join(answer_parts(question))


class Upstream:
    """The endpoint: a listening socket and one thread a connection."""

    def __init__(self, port=0, **scripts):
        self.scripts = {"echo": echo, **scripts}
        self.exchanges = []
        self.tokens = {TOKEN}  # further ones may be let in
        self.refusals = {}  # or refused with (status, code, message)
        self.people = {}  # whose a token is: an e-mail address
        self.me = None  # answers who the caller is, instead
        self.asked_who = []
        self.listed = list(MODELS)  # by the workspace
        self.lookup = None  # answers look-ups instead
        self.lock = threading.Lock()
        self.gates = {}
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(("127.0.0.1", port))
        self.listener.listen(256)
        self.port = self.listener.getsockname()[1]
        self.open = True
        threading.Thread(target=self.accept, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def gate(self, name):
        """An event that a script waits for and a test sets."""
        with self.lock:
            return self.gates.setdefault(name, threading.Event())

    def asked(self, marker):
        """The exchanges whose body holds the marker."""
        with self.lock:
            return [e for e in self.exchanges
                    if marker.encode() in e.raw_body]

    def wait_asked(self, marker, count=1):
        wait_until(lambda: len(self.asked(marker)) >= count,
                   what=f"{count} requests about {marker}")
        return self.asked(marker)[count - 1]

    def accept(self):
        while self.open:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(sock,),
                             daemon=True).start()

    def serve(self, sock):
        with sock:
            sock.settimeout(60)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                exchange = read_request(self, sock)
                if exchange:
                    self.dispatch(exchange)
            except (OSError, ValueError):
                pass

    def dispatch(self, exchange):
        if not exchange.path.startswith(("/serving-endpoints/", "/v1/chat")):
            return self.workspace(exchange)
        with self.lock:
            self.exchanges.append(exchange)
        if exchange.token in self.refusals:
            return exchange.refuse(*self.refusals[exchange.token])
        if exchange.token not in self.tokens:
            return exchange.refuse(401, "UNAUTHENTICATED", "No credential.")
        # Unanswered questions may come together with the last one.
        names = SCRIPT.findall(exchange.question)
        self.scripts[names[-1] if names else "echo"](exchange)

    def workspace(self, exchange):
        """Discovery, as far as a chat program asks."""
        listing = "/api/2.0/serving-endpoints"
        path = exchange.path.partition("?")[0]
        if path == "/api/2.0/preview/scim/v2/Me":
            (self.me or who)(exchange)
        elif self.lookup:
            self.lookup(exchange)
        elif path == "/v1/models":
            exchange.answer(200, json.dumps({"object": "list", "data": [
                {"id": name, "object": "model"} for name in MODELS]}))
        elif path == listing:
            exchange.answer(200, json.dumps(
                {"endpoints": [describe(name) for name in self.listed]}))
        elif path.startswith(listing + "/"):
            exchange.answer(200, json.dumps(
                describe(path.removeprefix(listing + "/"))))
        else:
            exchange.refuse(404, "ENDPOINT_NOT_FOUND", "No API found.")

    def close(self):
        self.open = False
        for gate in self.gates.values():
            gate.set()
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listener.close()


def who(exchange):
    """Whose the token is, or nobody's."""
    upstream, token = exchange.upstream, exchange.token
    with upstream.lock:
        upstream.asked_who.append(token)
    if token not in upstream.people:
        exchange.refuse(403, 403, "Invalid access token.")
        return
    email = upstream.people[token]
    exchange.answer(200, json.dumps({
        "id": str(len(email)) + "77", "userName": email, "active": True,
        "emails": [{"value": email, "type": "work", "primary": True}]}),
        "application/scim+json", [("X-Databricks-Org-Id", WORKSPACE_ID)])


def describe(name):
    if name == PERSONAL:
        return {**describe(MODEL), "name": name, "auth_policy": {
            "user_auth_policy": {"api_scopes": ["sql", "files.files"]}}}
    return {"name": name, "id": name, "task": "llm/v1/chat",
            "state": {"ready": "READY", "config_update": "NOT_UPDATING"},
            "config": {"served_entities": [{"name": name}]},
            "permission_level": "CAN_QUERY"}


def read_request(upstream, sock):
    """One request off the socket, None if the peer sent nothing."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = sock.recv(65536)
        if not part:
            return None
        data += part
    head, body = data.split(b"\r\n\r\n", 1)
    lines = head.decode("latin-1").split("\r\n")
    method, path, _ = lines[0].split(" ", 2)
    headers = {}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    length = int(headers.get("content-length", "0"))
    if headers.get("expect", "").lower() == "100-continue":
        sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    while len(body) < length:
        part = sock.recv(65536)
        if not part:
            return None
        body += part
    return Exchange(upstream, sock, method, path, headers, body)
