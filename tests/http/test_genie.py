"""Which questions go to Genie, and what becomes of its answers; every way in
which it may answer is in slow_genie.py."""

from support.client import Reply, check_stream, new_id
from support.genie import MODEL, QUESTION, GenieCase, genie_of
from support.wire import Response


def route_of(reply):
    metrics = reply.last["metrics"]
    return metrics["route"], metrics["routeReason"]


class Routes(GenieCase):
    """By the Conversation API."""

    def test_model_is_told_what_genie_found(self):
        session = new_id()
        first = self.ask(QUESTION, session)
        self.assertEqual(genie_of(first)["state"], "COMPLETED")
        reply = self.ask("and why? emu", session)
        self.assertEqual(reply.last["model"], MODEL)
        metrics = reply.last["metrics"]
        self.assertGreater(metrics["promptTokens"], 60, metrics)

    def test_other_questions_are_for_the_model(self):
        for words in ("How many moons has Jupiter? short",
                      "Which table lamp should I buy? short",
                      "What was the outcome of WW2? short",
                      "Write a SQL query, short"):
            with self.subTest(words):
                reply = self.ask(words)
                self.assertEqual(reply.last["model"], MODEL)
                self.assertIsNone(genie_of(reply))

    def test_person_decides_for_a_message_and_for_a_chat(self):
        session = new_id()
        reply = self.ask(QUESTION, session, route="model")
        self.assertEqual(reply.last["model"], MODEL)
        self.assertEqual(route_of(reply), ("model", "wanted"))
        named = self.ask(QUESTION, serving_endpoint=MODEL)
        self.assertEqual(named.last["model"], MODEL)
        again = self.user.regenerate(reply.message_id, QUESTION, session,
                                     route="auto")
        self.assertEqual(again.last["model"], "genie:Sales")
        self.assertEqual(route_of(again), ("genie", "question"))
        pinned = self.user.call("PATCH", f"/chats/{session}",
                                {"settings": {"route": "genie"}})
        self.assertEqual(pinned.status, 200, pinned)
        reply = self.ask("hello, short", session)
        self.assertEqual(reply.last["model"], "genie:Sales")
        self.assertTrue(genie_of(reply)["wanted"])
        self.assertEqual(route_of(reply), ("genie", "wanted"))
        self.user.call("PATCH", f"/chats/{session}",
                       {"settings": {"route": "model"}})
        self.assertEqual(self.ask(QUESTION, session).last["model"], MODEL)
        refused = self.user.open("/chat", {
            "content": "x", "session_id": session, "route": "other"})
        self.assertIsInstance(refused, Response)
        self.assertProblem(refused, 422, "invalid_request", "route")

    def test_edited_question_may_be_for_genie(self):
        session = new_id()
        reply = self.ask("hello, short", session)
        question = self.user.messages(session)[0]["message_id"]
        stream = self.user.open(f"/messages/{question}/edit",
                                {"content": QUESTION})
        with stream:
            edited = Reply(check_stream(stream.rest()))
        self.assertEqual(edited.last["model"], "genie:Sales")
        self.assertNotEqual(edited.message_id, reply.message_id)

    def test_page_is_told_of_the_space(self):
        self.assertEqual(self.user.get("/config").json["genie"],
                         {"name": "Sales"})

    def test_data_is_stored_as_data(self):
        session = new_id()
        reply = self.ask(QUESTION, session)
        self.assertEqual(reply.status, "complete", reply.last)
        part = genie_of(reply)
        self.assertEqual(part["state"], "COMPLETED")
        self.assertEqual(part["reason"], "how many clients")
        self.assertEqual((part["wanted"], part["space"]), (False, "Sales"))
        self.assertIn("SELECT", part["sql"])
        names = [column["name"] for column in part["columns"]]
        self.assertEqual(names, ["region", "clients", "revenue"])
        self.assertEqual(part["rows"][0][0], "Europe")
        self.assertEqual(part["row_count"], len(part["rows"]))
        self.assertTrue(reply.text)
        self.assertEqual(reply.last["model"], "genie:Sales")
        self.assertRegex(reply.last["metrics"]["upstreamRequestId"],
                         r"^[\w-]{8,}$")
        self.assertTrue(part["conversation_id"] and part["message_id"])
        stored = self.user.message(session, reply.message_id)
        self.assertEqual(stored["parts"], [part])
        self.assertEqual(stored["content"], reply.text)
        self.assertEqual(stored["model"], "genie:Sales")
