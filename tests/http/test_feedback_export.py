"""Every rated reply with its context, as lines of JSON for evaluation."""

import json

from support.client import new_id
from test_admin import AdminCase as _AdminCase


class FeedbackExport(_AdminCase):
    def feedback(self, *arguments, database=None):
        result = self.run_tool("feedback", "export", *arguments,
                               database=database)
        lines = [json.loads(line) for line in result.out.splitlines()]
        return {(r["message_id"], r["variant"]): r for r in lines}

    def rate(self, user, message, rating, **body):
        response = user.post(f"/messages/{message}/rate", body or None,
                             rating=rating)
        self.assertEqual(response.status, 200, response)

    def test_a_line_says_what_was_asked_answered_and_thought(self):
        session = new_id()
        first = self.ann.say("What is a dose?", session)
        second = self.ann.say("And of what?", session)
        self.ann.say("Thank you", session)
        self.rate(self.ann, second.message_id, "down",
                  reasons=["incomplete"], comment="Of what? ä \U0001f30d")
        line, = self.feedback().values()
        self.assertEqual(line["message_id"], second.message_id)
        self.assertEqual(line["session_id"], session)
        self.assertTrue(line["shown"])
        self.assertEqual(line["user"], {"id": "id-ann",
                                        "email": "ann@example.com"})
        self.assertEqual((line["rating"], line["reasons"], line["comment"]),
                         ("down", ["incomplete"], "Of what? ä \U0001f30d"))
        self.assertEqual(line["question"], "And of what?")
        self.assertEqual([(m["role"], m["content"])
                          for m in line["context"]],
                         [("user", "What is a dose?"),
                          ("assistant", first.text)])
        self.assertIs(line["context_cut"], False)
        self.assertEqual(line["answer"], second.text)
        self.assertEqual(line["status"], "complete")
        self.assertEqual(line["parts"], [])
        self.assertLess(line["answered_at"], line["rated_at"])
        for name in ("model", "metrics", "finish_reason"):
            self.assertTrue(line[name], name)
        for name in ("trace_id", "sources", "reasoning"):
            self.assertIsNone(line[name])

    def test_each_variant_stands_behind_what_it_answers(self):
        session = new_id()
        first = self.ann.say("One", session)
        self.rate(self.ann, first.message_id, "down", comment="first")
        self.ann.regenerate(first.message_id, "One", session)
        second = self.ann.say("Two", session)
        self.rate(self.ann, second.message_id, "up")
        self.ann.regenerate(first.message_id, "One", session, branch=True)
        self.rate(self.ann, first.message_id, "up", comment="third")
        seen = self.feedback()
        self.assertEqual(
            {key: (r["rating"], r["comment"], r["shown"], r["question"])
             for key, r in seen.items()},
            {(first.message_id, 1): ("down", "first", False, "One"),
             (first.message_id, 3): ("up", "third", True, "One"),
             (second.message_id, 1): ("up", None, True, "Two")})
        said = seen[second.message_id, 1]["context"]
        variants = self.ann.get(
            f"/messages/{first.message_id}/variants").json["variants"]
        self.assertEqual([m["content"] for m in said],
                         ["One", variants[1]["content"]])

    def test_what_is_wanted_can_be_chosen(self):
        up = self.ann.say("Up?").message_id
        down = self.bob.say("Down?").message_id
        gone = new_id()
        self.rate(self.ann, up, "up")
        self.rate(self.bob, down, "down")
        trashed = self.bob.say("Gone?", gone).message_id
        self.rate(self.bob, trashed, "up")
        self.bob.call("DELETE", f"/chats/{gone}")
        both = self.feedback()
        self.assertEqual({m for m, _ in both}, {up, down})
        self.assertEqual(list(both), sorted(both))
        self.assertEqual(list(self.feedback("--rating", "down")), [(down, 1)])
        self.assertEqual(list(self.feedback("--user", "id-ann")), [(up, 1)])
        at = both[up, 1]["rated_at"]
        later = {key for key, r in both.items() if r["rated_at"] >= at}
        self.assertEqual(set(self.feedback("--from", at)), later)
        self.assertEqual(set(self.feedback("--until", at)),
                         set(both) - later)
        self.assertEqual(self.feedback("--from", "2099-01-01"), {})
        self.assertEqual(set(self.feedback("--until=2099-01-01")), set(both))

    def test_many_come_page_by_page_and_always_in_the_same_order(self):
        session = new_id()
        for number in range(60):
            reply = self.ann.say(f"Question {number}", session)
            self.rate(self.ann, reply.message_id, "up")
        seen = self.feedback()
        self.assertEqual(len(seen), 60)
        self.assertEqual(list(self.feedback()), list(seen))
        longest = max(seen.values(), key=lambda r: len(r["context"]))
        self.assertEqual(len(longest["context"]), 99)
        self.assertIs(longest["context_cut"], True)

    def test_people_become_hashes_that_lead_nowhere(self):
        for user in (self.ann, self.ann, self.bob):
            self.rate(user, user.say("Who am I?").message_id, "up")
        seen = self.feedback("--anonymous").values()
        names = sorted(r["user"]["id"] for r in seen)
        self.assertEqual(len(set(names)), 2)
        self.assertTrue(all(len(name) == 16 for name in names))
        self.assertEqual({r["user"]["email"] for r in seen}, {None})
        again = {r["user"]["id"]
                 for r in self.feedback("--anonymous").values()}
        self.assertFalse(again & set(names), "names can be tried out")

    def test_a_file_is_there_whole_or_not_at_all(self):
        self.rate(self.ann, self.ann.say("One").message_id, "up")
        name = self.place / "rated.jsonl"
        result = self.run_tool("feedback", "export", "--output", name)
        self.assertIn("Wrote 1 rated reply", result.out)
        self.assertEqual(len(name.read_text().splitlines()), 1)
        self.run_tool("feedback", "export", "--output", name, code=1)
        self.run_tool("feedback", "export", "--output", name, "--force")
        self.assertEqual(sorted(p.name for p in self.place.glob("rated*")),
                         ["rated.jsonl"])

    def test_misuse_is_refused(self):
        for arguments in ([], ["import"], ["export", "--from", "yesterday"],
                          ["export", "--until", "2026-13-01"],
                          ["export", "--rating", "great"],
                          ["export", "--output"]):
            self.run_tool("feedback", *arguments, code=2)
