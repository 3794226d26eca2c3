"""What tests share that speak to the emulator, or to a server before it."""

import base64
import json

from .cases import FolderCase
from .client import script
from .process import EMULATOR_TOKEN, Emulator, Server
from .wire import request

USER = [{"role": "user", "content": "hello short"}]
QUICK = {"tokens_per_second": 100_000, "first_token_ms": 0}
CLAUDE = "databricks-claude-sonnet-4-5"


def events(response):
    """The documents of a stream; None for its end mark."""
    found = []
    for block in response.text.split("\n\n"):
        if block:
            assert block.startswith("data: "), block
            data = block[len("data: "):]
            found.append(None if data == "[DONE]" else json.loads(data))
    return found


def unurl64(text):
    """The bytes behind base64url without padding."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def claims(token):
    """What a JWT says."""
    return json.loads(unurl64(token.split(".")[1]))


class EmulatorCase(FolderCase):
    """One emulator for the class, without delays."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.emulator = Emulator(cls.folder)
        cls.addClassCleanup(cls.emulator.kill_if_running)
        cls.emulator.start()
        for name in ("*", "genie"):
            cls.emulator.control(name, None, 100_000, **QUICK)

    @classmethod
    def tearDownClass(cls):
        cls.emulator.stop()

    @classmethod
    def call(cls, method, path, body=None, token=EMULATOR_TOKEN, **headers):
        """A JSON call; mcp_session_id=... becomes a header."""
        return request(cls.emulator.port, method, path, {
            "Content-Type": "application/json",
            **({"Authorization": f"Bearer {token}"} if token else {}),
            **{k.replace("_", "-"): v for k, v in headers.items()}},
            json.dumps(body).encode() if body is not None else b"")

    def invoke(self, endpoint, body, **headers):
        return self.call(
            "POST", f"/serving-endpoints/{endpoint}/invocations", body,
            **headers)

    def ask(self, endpoint, headers=None, **body):
        return self.invoke(endpoint, {"messages": USER, **body},
                           **(headers or {}))

    def refused(self, response, status, words):
        self.assertEqual(response.status, status, response)
        self.assertIn(words, response.text)


class WorkspaceCase(FolderCase):
    """A server for the class, in front of an emulator of its own."""

    endpoints = ()  # that may be asked besides the default one
    env = {}
    pace = {}  # of all endpoints, where it is to be another

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.emulator = Emulator(cls.folder)
        cls.addClassCleanup(cls.emulator.kill_if_running)
        cls.emulator.start()
        if cls.pace:
            cls.emulator.control("*", None, 1000, **cls.pace)
        cls.server = Server(cls.folder, env={
            "DATABRICKS_HOST": cls.emulator.url,
            "DATABRICKS_TOKEN": EMULATOR_TOKEN,
            "SERVING_ENDPOINT_NAME": CLAUDE,
            "SERVING_ENDPOINTS": ",".join(cls.endpoints), **cls.env})
        cls.addClassCleanup(cls.server.kill_if_running)
        cls.server.start()
        cls.user = script(cls.server)

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()
        cls.emulator.stop()
