"""A server in front of the emulator, whose agents give traces."""

import http.client
import http.server
import threading

from .process import EMULATOR_TOKEN
from .wire import request, wait_until

AGENT = "databricks-docs-assistant"
PLAIN = "databricks-claude-sonnet-4-5"


def settings(url, **more):
    return {"DATABRICKS_HOST": url, "DATABRICKS_TOKEN": EMULATOR_TOKEN,
            "SERVING_ENDPOINT_NAME": AGENT, "SERVING_ENDPOINTS": PLAIN,
            **more}


def traced_reply(user, session):
    """A reply of which the server knows the trace."""
    def attempt():
        reply = user.say("hello, short please", session)
        return reply if reply.last["sources"] else None
    return wait_until(attempt, what="a reply with a trace")


def assessments(emulator):
    """What MLflow has: a list for each trace about which there is some."""
    traces = request(emulator.port, "GET", "/emulator/assessments", {
        "Authorization": f"Bearer {EMULATOR_TOKEN}"}).json["traces"]
    return [t["assessments"] for t in traces]


def wait_assessments(emulator, *expected):
    """Waits until there is one of this (value, comment, reasons) a trace."""
    def told():
        seen = [tuple((a["feedback"]["value"], a.get("rationale") or None,
                       a["metadata"].get("reasons")) for a in one)
                for one in assessments(emulator)]
        if sorted(map(repr, seen)) == sorted(repr((e,)) for e in expected):
            return True
        last[0] = seen
        return False
    last = [None]
    try:
        wait_until(told, what="what is in MLflow")
    except AssertionError as late:
        raise AssertionError(f"{late}: {last[0]}, not {expected}") from None


class Gate:
    """A proxy that keeps answers about assessments back while it is shut."""

    def __init__(self, emulator):
        self.open = threading.Event()
        self.open.set()
        self.held = threading.Event()  # an answer is being kept back
        self.calls = []
        gate = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def forward(self):
                size = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(size)
                away = http.client.HTTPConnection("127.0.0.1", emulator.port)
                away.request(self.command, self.path, body,
                             {k: v for k, v in self.headers.items()
                              if k.lower() != "host"})
                answer = away.getresponse()
                data = answer.read()
                away.close()
                if "/mlflow/" in self.path:
                    gate.calls.append(self.command)
                if "/assessments" in self.path and not gate.open.is_set():
                    gate.held.set()
                    gate.open.wait(120)
                self.send_response(answer.status)
                for name in ("Content-Type", "Retry-After"):
                    if answer.getheader(name):
                        self.send_header(name, answer.getheader(name))
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PATCH = do_DELETE = forward

            def log_message(self, *_):
                pass

            def handle(self):
                try:
                    super().handle()
                except OSError:
                    pass  # who asked was killed

        self.server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever,
                         daemon=True).start()

    def close(self):
        self.open.set()
        self.server.shutdown()
        self.server.server_close()
