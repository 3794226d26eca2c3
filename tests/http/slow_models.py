"""Every endpoint of the strict emulator takes what it is sent, and lists of
endpoints change."""

from support.cases import FolderCase
from support.client import new_id, script
from support.process import EMULATOR_TOKEN, Emulator
from support.upstream import MODEL, answer_to
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


class Changes(FolderCase):
    """The workspace's list is looked at again while people look at it."""

    def test_what_is_gone_is_not_offered_and_its_chats_go_on(self):
        upstream = self.new_upstream()
        upstream.listed = [MODEL, "passing-model"]
        user = script(self.serve(upstream, env={"DISCOVER_ENDPOINTS": "on"}))

        def offered():
            return [e["name"] for e in user.get("/config").json["endpoints"]]
        wait_until(lambda: "passing-model" in offered(), what="the list")
        session = new_id()
        reply = user.say("First?", session,
                         settings={"model": "passing-model"})
        self.assertEqual(reply.first["model"], "passing-model")
        upstream.listed = [MODEL, "new-model"]
        wait_until(lambda: "new-model" in offered(), seconds=30,
                   what="the new list")
        self.assertNotIn("passing-model", offered())
        reply = user.say("Second?", session)
        self.assertEqual(reply.text, answer_to("Second?"), reply.error)
        parts = user.message(session, reply.message_id)["parts"]
        self.assertEqual([p["code"] for p in parts], ["model_gone"])
