"""The proxy examples of deploy/proxy pass streams on piece by piece, and drop
what a browser claims about who it is."""

import contextlib
import http.client
import json
import os
import re
import socket
import subprocess
import tempfile
import time
import unittest
import uuid
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
PROGRAM = TOP / "build/src/app/databricks-chatbot"
TOKEN = "script-token-for-tests-7c41e09d2f6b"
WAIT = 20


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def call(port, method, path, body=None, headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=WAIT)
    connection.request(method, path, body and json.dumps(body), {
        "Authorization": f"Bearer {TOKEN}", "Host": "chat.example.org",
        **({"Content-Type": "application/json"} if body else {}),
        **(headers or {})})
    return connection, connection.getresponse()


def ask(port, path, headers=None):
    """Status and JSON of an answer."""
    connection, answer = call(port, "GET", path, headers=headers)
    with contextlib.closing(connection):
        return answer.status, json.load(answer)


def wait_for(port, path):
    until = time.monotonic() + WAIT
    while True:
        try:
            if ask(port, path)[0] == 200:
                return
        except OSError:
            pass
        if time.monotonic() > until:
            raise AssertionError(f"nothing answers on port {port}")
        time.sleep(0.05)


class Proxy:
    """What each proxy has to be tested for; not a test itself."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.port, self.proxy_port = free_port(), free_port()
        self.run_for_test(
            PROGRAM, "serve", "--env-file=", "--port", str(self.port),
            "--database", "sqlite:chat.db", "--trusted-proxies", "127.0.0.1",
            API_TOKEN=TOKEN, SHUTDOWN_GRACE="0s")
        wait_for(self.port, "/healthz")
        self.start_proxy()
        wait_for(self.proxy_port, "/healthz")

    def run_for_test(self, *command, **env):
        process = subprocess.Popen(
            command, cwd=self.folder, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={"PATH": os.environ["PATH"], "HOME": str(self.folder), **env})
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)

    def test_a_stream_arrives_piece_by_piece(self):
        chat = str(uuid.uuid4())
        connection, stream = call(
            self.proxy_port, "POST", "/chat-api/chat",
            {"session_id": chat, "content": "A long answer, please: long"})
        self.addCleanup(connection.close)
        self.assertEqual(200, stream.status)
        first = json.loads(self.data_line(stream))
        while json.loads(self.data_line(stream))["content"] == "":
            pass
        # Its text comes over minutes; the first piece is here and the reply
        # still streams, as another request sees.
        _, told = ask(self.proxy_port, f"/chat-api/sessions/{chat}/messages")
        reply = next(m for m in told["messages"]
                     if m["message_id"] == first["message_id"])
        self.assertEqual("streaming", reply["status"])
        call(self.port, "POST",
             f"/chat-api/messages/{first['message_id']}/stop")[0].close()

    def data_line(self, stream):
        while not (line := stream.readline().decode()).startswith("data: "):
            self.assertNotEqual("", line, "the stream ended")
        return line.removeprefix("data: ")

    def test_a_browser_cannot_say_who_it_is(self):
        claim = {"X-Forwarded-User": "mallory",
                 "X-Forwarded-Email": "mallory@example.org",
                 "X-Forwarded-Preferred-Username": "mallory"}
        self.assertEqual("mallory", self.who(self.port, claim))
        self.assertNotEqual("mallory", self.who(self.proxy_port, claim))

    def who(self, port, headers):
        return ask(port, "/chat-api/login", headers)[1]["user_info"]["user_id"]


class Nginx(Proxy, unittest.TestCase):
    def start_proxy(self):
        example = (TOP / "deploy/proxy/nginx.conf").read_text()
        example = example.replace("127.0.0.1:8000", f"127.0.0.1:{self.port}")
        example = re.sub(r"listen 80;", f"listen {self.proxy_port};", example)
        places = "".join(f"{kind}_temp_path {self.folder}/{kind};\n"
                         for kind in ("client_body", "proxy", "fastcgi",
                                      "uwsgi", "scgi"))
        config = self.folder / "nginx.conf"
        config.write_text(
            f"daemon off; pid {self.folder}/pid; error_log stderr;\n"
            f"events {{}}\nhttp {{ access_log off;\n{places}{example}}}\n")
        self.run_for_test("/usr/sbin/nginx", "-e", "stderr", "-c", config)


class Caddy(Proxy, unittest.TestCase):
    def start_proxy(self):
        example = (TOP / "deploy/proxy/Caddyfile").read_text()
        example = example.replace("127.0.0.1:8000", f"127.0.0.1:{self.port}")
        example = example.replace("chat.example.org {",
                                  f"http://:{self.proxy_port} {{")
        config = self.folder / "Caddyfile"
        config.write_text("{\n\tadmin off\n}\n" + example)
        self.run_for_test("/usr/bin/caddy", "run", "--adapter", "caddyfile",
                          "--config", config)


if __name__ == "__main__":
    unittest.main()
