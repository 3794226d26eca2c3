"""Questions about data go to Genie, over both of its protocols; what it
answers is stored as data, and where it fails the model answers."""

import json

from support.client import Reply, check_stream, new_id, person
from support.genie import MODEL, QUESTION, GenieCase, genie_of, notices
from support.wire import wait_until


class Both:
    """What holds whatever the protocol; mixed into a GenieCase each."""

    def test_conversation_goes_on_also_after_a_restart(self):
        session = new_id()
        first = genie_of(self.ask(QUESTION, session))
        self.server.stop()
        self.server.restart()
        second = self.wanted("and only Europe", session)
        part = genie_of(second)
        self.assertEqual(part["conversation_id"], first["conversation_id"])
        self.assertNotEqual(part["message_id"], first["message_id"])
        self.assertEqual([row[0] for row in part["rows"]], ["Europe"])
        other = genie_of(self.ask(QUESTION))
        self.assertNotEqual(other["conversation_id"],
                            first["conversation_id"])

    def test_conversation_that_is_gone_is_begun_anew(self):
        session = new_id()
        first = genie_of(self.ask(QUESTION, session))
        reply = self.wanted("sales by region emu-forgets", session)
        part = genie_of(reply)
        self.assertEqual(reply.status, "complete", reply.last)
        self.assertNotEqual(part["conversation_id"],
                            first["conversation_id"])
        third = genie_of(self.wanted("and only Asia", session))
        self.assertEqual(third["conversation_id"], part["conversation_id"])

    def test_result_without_rows(self):
        part = genie_of(self.wanted("clients by region emu-no-rows"))
        self.assertEqual((part["rows"], part["row_count"]), ([], 0))
        self.assertEqual(len(part["columns"]), 3)

    def test_first_rows_of_a_long_result(self):
        reply = self.wanted("orders emu-truncated")
        part = genie_of(reply)
        self.assertGreater(len(part["rows"]), 500)
        self.assertLessEqual(len(part["rows"]), 1000)
        self.assertEqual((part["row_count"], part["truncated"]),
                         (5000, True))
        self.assertLess(len(json.dumps(part).encode()), 512 * 1024)

    def test_words_without_a_query(self):
        reply = self.wanted("what is this emu-text-only")
        part = genie_of(reply)
        self.assertEqual((part["state"], part.get("sql")),
                         ("COMPLETED", None))
        self.assertIn("orders", reply.text)
        reply = self.wanted("sales emu-asks-back")
        self.assertIn("Which year", reply.text)

    def test_last_of_several_queries_is_the_answer(self):
        reply = self.wanted("clients by region emu-several")
        self.assertIn("region", genie_of(reply)["columns"][0]["name"])

    def test_unknown_states_are_waited_for(self):
        reply = self.wanted("clients by region emu-unknown-status")
        self.assertEqual(reply.status, "complete", reply.last)

    def test_query_that_retries_itself(self):
        reply = self.wanted("clients by region emu-retries-itself")
        self.assertEqual(reply.status, "complete", reply.last)
        self.assertEqual(len(genie_of(reply)["rows"]), 6)

    def test_results_that_come_late_or_have_expired(self):
        for fault in ("running-result", "expired-result", "expired-fetch"):
            with self.subTest(fault):
                reply = self.wanted(f"clients by region emu-{fault}")
                self.assertEqual(reply.status, "complete", reply.last)
                self.assertEqual(len(genie_of(reply)["rows"]), 6)

    def test_polls_that_fail_now_and_then(self):
        reply = self.wanted("clients by region emu-poll-fails-2")
        self.assertEqual(reply.status, "complete", reply.last)

    def test_B15_failures_fall_back_to_the_model(self):
        for fault in ("failed", "failed-filter", "failed-tables",
                      "cancelled", "failed-result", "html-500",
                      "text-503", "redirect-login"):
            with self.subTest(fault):
                reply = self.ask(f"How many clients do we have emu-{fault}")
                self.assertEqual(reply.status, "complete", reply.last)
                self.assertTrue(reply.text)
                self.assertEqual(reply.last["model"], MODEL)
                said = notices(reply)["genie_fallback"]
                self.assertIn("The model answers instead", said)
                self.assertEqual(reply.last["metrics"]["routeReason"],
                                 "fallback")
                self.assertEqual(genie_of(reply)["state"], "FAILED"
                                 if fault != "cancelled" else "CANCELLED")

    def test_who_wanted_genie_is_told_why_it_failed(self):
        for fault, code, words in (
                ("failed", "genie_failed", "its query failed"),
                ("failed-filter", "genie_failed", "content filter"),
                ("permission-denied", "upstream_forbidden", "allow"),
                ("scope-missing", "missing_scope", "scope genie"),
                ("html-500", "upstream_error", "try again")):
            with self.subTest(fault):
                reply = self.wanted(f"clients emu-{fault}")
                self.assertEqual(reply.status, "error", reply.last)
                self.assertEqual(reply.error["code"], code)
                self.assertIn(words, reply.error["message"])

    def test_stop_while_genie_works(self):
        session = new_id()
        with self.user.ask("How many clients do we have emu-never-ends",
                           session) as stream:
            wait_until(lambda: self.state_of(stream) == "ASKING_AI",
                       what="Genie works")
            message = stream.seen[0].json["message_id"]
            self.assertEqual(self.user.stop(message).status, 200)
            reply = Reply(check_stream(stream.rest()))
        self.assertEqual(reply.status, "stopped")
        stored = self.user.message(session, message)
        self.assertEqual(stored["parts"][0]["state"], "ASKING_AI")
        again = self.user.regenerate(message, "", session, route="model")
        self.assertEqual((again.status, again.last["model"]),
                         ("complete", MODEL))

    @staticmethod
    def state_of(stream):
        stream.next()
        for event in reversed(stream.seen):
            for part in event.json.get("parts", []):
                return part["state"]
        return None

    def test_kill_while_genie_works(self):
        session = new_id()
        with self.user.ask("How many clients do we have emu-never-ends",
                           session) as stream:
            wait_until(lambda: self.state_of(stream) == "ASKING_AI",
                       what="Genie works")
            message = stream.seen[0].json["message_id"]
            self.server.kill()
        self.server.restart()
        stored = self.user.message(session, message)
        self.assertEqual(stored["status"], "interrupted")
        part = stored["parts"][0]
        self.assertEqual((part["kind"], part["state"]),
                         ("genie", "ASKING_AI"))
        again = genie_of(self.wanted("clients by region", session))
        self.assertEqual(again["state"], "COMPLETED")
        self.assertEqual(again["conversation_id"], part["conversation_id"])


class Rest(Both, GenieCase):
    """By the Conversation API."""


class Mcp(Both, GenieCase):
    """By the space's MCP server."""

    mcp = "true"

    def test_forms_of_answers(self):
        for fault, rows in (("sse", 6), ("sse-notified", 6),
                            ("newer-content", 6), ("plain-content", None)):
            with self.subTest(fault):
                reply = self.wanted(f"clients by region emu-{fault}")
                self.assertEqual(reply.status, "complete", reply.last)
                self.assertTrue(reply.text)
                if rows:
                    self.assertEqual(len(genie_of(reply)["rows"]), rows)

    def test_errors_of_the_tool_and_of_json_rpc(self):
        for fault in ("tool-error", "rpc-error"):
            with self.subTest(fault):
                reply = self.wanted(f"clients emu-{fault}")
                self.assertEqual(reply.error["code"], "genie_failed")
                reply = self.ask(f"How many clients do we have emu-{fault}")
                self.assertEqual(reply.last["model"], MODEL)
                self.assertIn("genie_fallback", notices(reply))


class NoMcp(GenieCase):
    """A space whose server wants a session; a workspace without MCP."""

    mcp = "true"
    env = {"GENIE_SPACE_ID": "emu-session-required"}

    def test_session_is_kept(self):
        reply = self.wanted("clients by region")
        self.assertEqual(reply.status, "complete", reply.last)
        self.assertEqual(len(genie_of(reply)["rows"]), 6)


class AsPerson(GenieCase):
    """In the person's own name."""

    env = {"DATABRICKS_APP_NAME": "chatbot", "DATABRICKS_USER_AUTH": "user"}

    @staticmethod
    def caller(server):
        return person(server, "ann")

    def test_token_of_the_person_is_used(self):
        for scopes, status in (("genie,model-serving", "complete"),
                               ("model-serving", "error")):
            with self.subTest(scopes):
                self.user.headers["X-Forwarded-Access-Token"] = \
                    f"user-token:ann@example.com:{scopes}"
                reply = self.wanted("clients by region")
                self.assertEqual(reply.status, status, reply.last)
        self.assertEqual(reply.error["code"], "missing_scope")
        self.assertIn("genie", reply.error["message"])
        reply = self.ask("How many clients do we have, short")
        self.assertEqual(reply.last["model"], MODEL)
        self.assertIn("scope genie", notices(reply)["genie_fallback"])
