"""Every endpoint of the strict emulator takes what it is sent."""

from support.cases import FolderCase
from support.client import script
from support.process import EMULATOR_TOKEN, Emulator
from support.wire import wait_until

EVERYTHING = {"system_prompt": "Answer in verse.", "temperature": 0.5,
              "max_tokens": 3000, "thinking": "high"}


class Catalogue(FolderCase):
    """Every endpoint of the strict emulator, with everything set."""

    def test_each_takes_what_it_is_sent(self):
        emulator = Emulator(self.folder)
        self.addCleanup(emulator.kill_if_running)
        emulator.start()
        emulator.control("*", None, 1000, first_token_ms=1,
                         tokens_per_second=100000)
        user = script(self.serve(start=True, env={
            "DATABRICKS_HOST": emulator.url,
            "DATABRICKS_TOKEN": EMULATOR_TOKEN, "DISCOVER_ENDPOINTS": "on"}))

        def looked_up():
            found = user.get("/config").json["endpoints"]
            return len(found) > 5 and all(
                e["state"] == "ready" for e in found) and found
        models = wait_until(looked_up, what="the emulator's list")
        names = [e["name"] for e in models]
        self.assertNotIn("databricks-gte-large-en", names)
        self.assertEqual({e["kind"] for e in models}, {"model", "agent"})
        self.assertIn("Claude Sonnet 4.5",
                      [e["display_name"] for e in models])
        for name in names:
            for thinking in ("off", "low", "high"):
                reply = user.say(
                    "hello, short please", serving_endpoint=name,
                    settings={**EVERYTHING, "thinking": thinking})
                self.assertEqual(reply.status, "complete", (
                    name, thinking, reply.error))
        refused = {e["name"]: e["refused"]
                   for e in emulator.stats()["endpoints"]}
        self.assertEqual({n: r for n, r in refused.items() if r}, {})
