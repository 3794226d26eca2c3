"""A server whose questions about data go to the emulator's Genie."""

import unittest

from .cases import FolderCase
from .client import new_id, script
from .process import EMULATOR_TOKEN, Emulator, Server

MODEL = "databricks-claude-sonnet-4-5"
SPACE = "01f0a1b2c3d4e5f60718293a4b5c6d7e"
QUESTION = "How many clients do we have by region?"


def genie_of(reply):
    """The Genie part as the events of a reply have told it last."""
    found = None
    for document in reply.documents:
        for part in document.get("parts", []):
            if part["id"] == "genie":
                found = part
    return found


def notices(reply):
    return {part["code"]: part["text"] for document in reply.documents
            for part in document.get("parts", [])
            if part["kind"] == "notice"}


class GenieCase(FolderCase):
    """The server before the emulator, whose Genie is quick."""

    mcp = "false"
    env = {}

    @classmethod
    def setUpClass(cls):
        if cls is GenieCase:
            raise unittest.SkipTest("for those that say how")
        super().setUpClass()
        cls.emulator = Emulator(cls.folder)
        cls.addClassCleanup(cls.emulator.kill_if_running)
        cls.emulator.start()
        cls.emulator.control("genie", None, 1_000_000, first_token_ms=0)
        cls.emulator.control(MODEL, None, 1_000_000, first_token_ms=0,
                             tokens_per_second=2000)
        cls.server = Server(cls.folder, env=cls.settings())
        cls.addClassCleanup(cls.server.kill_if_running)
        cls.server.start()
        cls.user = cls.caller(cls.server)

    @classmethod
    def settings(cls):
        return {"DATABRICKS_HOST": cls.emulator.url,
                "DATABRICKS_TOKEN": EMULATOR_TOKEN,
                "SERVING_ENDPOINT_NAME": MODEL, "GENIE_SPACE_ID": SPACE,
                "GENIE_SPACE_NAME": "Sales", "GENIE_MCP_ENABLED": cls.mcp,
                "RATE_LIMIT_PER_MINUTE": "10000", **cls.env}

    caller = staticmethod(script)

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()
        cls.emulator.stop()

    def ask(self, words, session=None, **more):
        return self.user.say(words, session or new_id(), **more)

    def wanted(self, words, session=None):
        """Asked of Genie, whatever the words."""
        return self.ask(words, session, route="genie")
