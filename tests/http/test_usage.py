"""What one person may use: told with every answer, refused when used up."""

import re

from support.cases import FolderCase
from support.client import new_id, person, script
from support.scripts import pace

EACH = 18  # tokens that the usual answer counts


def fields(head):
    """RateLimit-Policy and RateLimit by the policy's name."""
    found = {}
    for name in ("ratelimit-policy", "ratelimit"):
        for item in (head.get(name) or "").split(", "):
            if item:
                key = re.match(r'"(\w+)"', item).group(1)
                found.setdefault(key, {}).update(
                    re.findall(r";(\w+)=([^;]+)", item))
    return found


class Messages(FolderCase):
    def setUp(self):
        self.server = self.serve(self.new_upstream(), env={
            "RATE_LIMIT_PER_MINUTE": "3"})
        self.user = script(self.server)

    def test_each_answer_says_how_many_are_left(self):
        for left in (2, 1, 0):
            with self.user.ask("Hello") as stream:
                told = fields(stream.head)["messages"]
                stream.rest()
            self.assertEqual((told["q"], told["w"]), ("3", "60"))
            self.assertEqual(told["r"], str(left))
            self.assertGreater(int(told["t"]), 0)
        refused = self.user.post("/chat", {"content": "One more",
                                           "session_id": new_id()})
        problem = self.assertProblem(refused, 429, "rate_limited")
        self.assertEqual(refused.header("retry-after"),
                         str(problem["retry_after"]))
        self.assertEqual(fields(refused.head)["messages"]["r"], "0")

    def test_the_page_can_ask(self):
        self.user.say("Hello")
        usage = self.user.get("/usage").json
        limits = {limit["name"]: limit for limit in usage["limits"]}
        self.assertEqual(limits["messages"]["limit"], 3)
        self.assertEqual(limits["messages"]["remaining"], 2)
        self.assertIn(limits["messages"]["reset_s"], range(1, 21))
        self.assertEqual(limits["replies"]["limit"], 1000)
        # The look for messages that wait has a place for a moment.
        self.assertIn(limits["replies"]["remaining"], (999, 1000))
        self.assertNotIn("tokens", limits)
        self.assertEqual(usage["tokens_today"], {
            "prompt": 11, "completion": 7, "total": EACH})

    def test_what_counts_against_nothing_says_nothing(self):
        self.assertEqual(fields(self.user.get("/chats").head), {})


class Tokens(FolderCase):
    def setUp(self):
        self.server = self.serve(self.new_upstream(pace=pace), env={
            "TOKENS_PER_DAY": "30", "DATABRICKS_APP_NAME": "chatbot"})
        self.ann = person(self.server, "ann")

    def total(self, user):
        return user.get("/usage").json["tokens_today"]["total"]

    def test_who_has_used_all_waits_until_midnight(self):
        chat = new_id()
        with self.ann.ask("First", chat) as stream:
            told = fields(stream.head)["tokens"]
            stream.rest()
        self.assertEqual((told["q"], told["r"], told["w"]),
                         ("30", "30", "86400"))
        self.assertEqual(self.ann.say("Second", chat).status, "complete")
        self.assertEqual(self.total(self.ann), 2 * EACH)
        refused = self.ann.post("/chat", {"content": "Third",
                                          "session_id": chat})
        problem = self.assertProblem(refused, 429, "quota_exhausted")
        self.assertIn(problem["retry_after"], range(1, 86402))
        self.assertEqual(fields(refused.head)["tokens"]["r"], "0")
        messages = self.ann.messages(chat)
        self.assertEqual(len(messages), 4)
        again = self.ann.post("/regenerate", {
            "session_id": chat, "original_content": "First",
            "message_id": messages[1]["message_id"]})
        self.assertProblem(again, 429, "quota_exhausted")
        self.assertEqual(self.ann.messages(chat), messages)

    def test_others_have_their_own(self):
        bob = person(self.server, "bob")
        for _ in range(2):
            self.ann.say("Mine")
        self.assertEqual(bob.say("Mine").status, "complete")
        self.assertEqual(self.total(bob), EACH)

    def test_what_was_stopped_counts_as_far_as_it_came(self):
        with self.ann.ask("[pace] Long") as stream:
            message = stream.next().json["message_id"]
            stream.until_text(400)
            self.ann.stop(message)
            stream.rest()
            text = stream.text()
        usage = self.ann.get("/usage").json["tokens_today"]
        self.assertEqual(usage["completion"], (len(text) + 3) // 4)
        self.assertGreater(usage["prompt"], 0)

    def test_it_is_known_after_a_restart(self):
        self.ann.say("Before")
        self.server.kill()
        self.server.restart()
        self.assertEqual(self.total(self.ann), EACH)
