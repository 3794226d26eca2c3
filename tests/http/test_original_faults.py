"""The faults B1-B24 of the original, as far as its server had them.

One test each, named after the fault; each fails on the original's behaviour.
B3, B10 and B13 have their other half in the page's own tests; B15 is in
slow_genie.py, B21 in test_ways_in.py, B16 as far as plain questions go is here
and else in tests/unit/api/test_genie_route.c.
"""

import json
import sqlite3
import threading
import time

from support.cases import ServedCase
from support.client import check_stream, new_id, person, script
from support.upstream import answer_to, chunk, encode
from support.wire import PATIENCE

MIXED = "Füße, 漢字, 👩‍👩‍👧 and \u0000 nothing".replace("\u0000", "∅")
BUSY = "REQUEST_LIMIT_EXCEEDED: Exceeded workspace QPS rate limit."


def utf8_bytes(exchange):
    """Sends each byte of the stream on its own."""
    exchange.begin()
    for part in (MIXED, " ", MIXED):
        for byte in b"data: " + encode(
                chunk({"content": part})) + b"\n\n":
            exchange.send(bytes([byte]))
    exchange.finish()


def cut(exchange):
    """Half an answer, then the connection is gone in the middle of a line."""
    exchange.begin()
    exchange.delta("Half of ")
    exchange.delta("the answer")
    exchange.send(b'data: {"choices":[{"ind')


def nulls(exchange):
    """What FMAPI sends in first and tool-call chunks."""
    exchange.begin()
    exchange.event(chunk({"role": "assistant", "content": None}))
    exchange.event(chunk({"role": None, "content": ""}))
    exchange.event(chunk({"content": None, "tool_calls": [
        {"index": 0, "id": "call_a", "type": "function",
         "function": {"name": "look", "arguments": ""}}]}))
    exchange.event(chunk({}))
    exchange.delta("Still here.")
    exchange.event({"id": "x", "object": "chat.completion.chunk",
                    "choices": [], "usage": None})
    exchange.finish()


def counts(exchange):
    """Another answer each time, so that they can be told apart."""
    number = len(exchange.upstream.asked(exchange.question))
    exchange.begin()
    exchange.delta(f"This is answer number {number}.")
    exchange.finish()


def fails_later(exchange):
    """Answers the first time, refuses from then on."""
    if len(exchange.upstream.asked(exchange.question)) == 1:
        return counts(exchange)
    return fails(exchange)


def fails(exchange):
    exchange.refuse(400, "BAD_REQUEST", "Bad request: this will not do.")


def guards(exchange):
    """A guardrail quotes the question in its refusal."""
    exchange.refuse(400, "BAD_REQUEST", json.dumps({
        "usage": {"prompt_tokens": 0, "total_tokens": 0},
        "input_guardrail": [{
            "flagged": False, "pii_detection": True,
            "anonymized_input": [{"role": "user",
                                  "content": exchange.question}]}],
        "finishReason": "input_guardrail_triggered"}))


def busy(exchange):
    exchange.refuse(429, "REQUEST_LIMIT_EXCEEDED", BUSY,
                    [("Retry-After", "1")])


def busy_once(exchange):
    """Refused once with a time to wait, then answered."""
    if len(exchange.upstream.asked(exchange.question)) == 1:
        return busy(exchange)
    exchange.begin()
    exchange.delta("Now there is room.")
    exchange.finish()


def slow(exchange):
    """An answer that takes a second or so."""
    exchange.begin()
    for number in range(10):
        exchange.delta(f"part {number} ")
        time.sleep(0.1)
    exchange.finish()


def hold(exchange):
    exchange.begin()
    exchange.delta("Begun ")
    exchange.upstream.gate(exchange.question).wait(60)
    exchange.delta("and ended.")
    exchange.finish()


class OriginalFaults(ServedCase):
    scripts = {"utf8": utf8_bytes, "cut": cut, "nulls": nulls,
               "fails": fails, "busy": busy, "busy-once": busy_once,
               "slow": slow, "hold": hold, "counts": counts, "guards": guards,
               "fails-later": fails_later}

    def rows(self, server, sql, *values):
        with sqlite3.connect(server.database, timeout=10) as base:
            return base.execute(sql, values).fetchall()

    def everything_stored(self, server):
        """All text in all tables, for faults that lost some."""
        texts = []
        with sqlite3.connect(server.database, timeout=10) as base:
            names = [n for n, in base.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table'")]
            for name in names:
                for row in base.execute(f'SELECT * FROM "{name}"'):
                    texts += [str(v) for v in row if v is not None]
        return texts

    def heard(self, marker, at=-1):
        """What the model was told, without a system message."""
        return [m for m in self.upstream.asked(marker)[at].messages
                if m[0] != "system"]

    def test_B01_events_are_whole_and_characters_unbroken(self):
        # The original's client lost text at 68 of 76 chunk borders.
        with self.user.ask("[utf8] Can you spell?") as stream:
            check_stream(stream.rest())
        self.assertEqual(stream.text(), MIXED + " " + MIXED)
        for part in stream.chunks:
            self.assertTrue(part.endswith(b"\n\n"), part)
            part.decode("utf-8")

    def test_B02_one_failure_does_not_disable_streaming(self):
        # The original stopped streaming for 24 hours after one failure.
        self.user.say("[cut] Fail once, please.")
        question = "[slow] Do you still stream?"
        self.user.say(question)
        self.assertIs(self.upstream.asked(question)[0].body["stream"], True)
        with self.user.ask(question) as stream:
            stream.until_text(len("part 0 "))
            self.assertLess(len(stream.text()), 60, "came in one piece")
            check_stream(stream.rest())

    def test_B03_failed_answer_is_not_sent_again_behind_the_half(self):
        # The original appended a second, whole answer to the half one.
        question = "[cut] What follows a half?"
        reply = self.user.say(question)
        self.assertEqual(reply.text, "Half of the answer")
        self.assertEqual(len(self.upstream.asked(question)), 1)

    def test_B04_null_content_is_no_failure(self):
        # The original raised TypeError on "content": null.
        reply = self.user.say("[nulls] Anything to say?")
        self.assertEqual((reply.text, reply.status),
                         ("Still here.", "complete"))

    def test_B05_half_an_answer_is_kept(self):
        # The original saved an answer only when it was complete.
        session = new_id()
        reply = self.user.say("[cut] What is kept?", session)
        self.assertIn(reply.status, ("error", "interrupted"))
        self.assertEqual(reply.error["code"], "upstream_interrupted")
        stored = self.user.message(session, reply.message_id)
        self.assertEqual(stored["content"], "Half of the answer")
        self.assertEqual(stored["status"], reply.status)

    def test_B06_failed_regenerate_says_so(self):
        # The original sent an empty stream when the endpoint refused.
        session, question = new_id(), "[fails-later] Twice the same?"
        reply = self.user.say(question, session)
        self.assertEqual(reply.status, "complete")
        again = self.user.regenerate(reply.message_id, question, session)
        self.assertEqual(again.status, "error")
        self.assertEqual(again.error["code"], "upstream_bad_request")
        self.assertTrue(again.last["content"], "no sentence for a person")

    def test_B06_any_message_can_be_regenerated(self):
        # The original found only the last 20 and made its 404 a 500.
        session = new_id()
        first = self.user.say("Question number 0", session)
        for number in range(1, 13):
            self.user.say(f"Question number {number}", session)
        again = self.user.regenerate(first.message_id, "Question number 0",
                                     session)
        self.assertEqual(again.status, "complete")
        missing = self.user.post("/regenerate", {
            "message_id": "missing", "session_id": session,
            "original_content": "Question number 0"})
        self.assertEqual(missing.status, 404, missing)

    def test_B07_previous_answer_is_kept(self):
        # The original overwrote the answer and left its rating on the new.
        session = new_id()
        question = "[counts] Which answer is the first?"
        reply = self.user.say(question, session)
        self.user.rate(reply.message_id, "down")
        self.user.regenerate(reply.message_id, question, session)
        stored = self.user.message(session, reply.message_id)
        self.assertEqual(stored["content"], "This is answer number 2.")
        self.assertIsNone(stored["rating"])
        self.assertTrue(any("This is answer number 1." in text for text in
                            self.everything_stored(self.server)))

    def test_B08_ratings_come_back_and_can_be_withdrawn(self):
        # The original never returned ratings and refused rating=null.
        session = new_id()
        reply = self.user.say("Is this any good?", session)
        for rating in ("up", "null", "down"):
            response = self.user.rate(reply.message_id, rating)
            self.assertEqual(response.status, 200, response)
            listed = {s["sessionId"]: s for s in self.user.chats()}
            shown = listed[session]["messages"][1]["rating"]
            self.assertEqual(shown, None if rating == "null" else rating)

    def test_B09_reported_error_is_acknowledged(self):
        # The original answered POST /error with the JSON text null.
        response = self.user.post("/error", {
            "message_id": new_id(), "session_id": new_id(),
            "content": "Sorry, I encountered an error.",
            "role": "assistant"})
        self.assertEqual(response.status, 200, response)
        self.assertEqual(response.json["status"], "success")
        self.assertTrue(response.json["message_id"])

    def test_B10_events_say_which_chat_they_belong_to(self):
        # The original put a reply into whatever chat was on screen.
        session = new_id()
        reply = self.user.say("Whose reply is this?", session)
        self.assertEqual(reply.first["session_id"], session)

    def test_B11_errors_are_not_told_to_the_model(self):
        # The original sent its error texts to the model as answers.
        session = new_id()
        self.user.say("[fails] A refused question.", session)
        apology = "Sorry, I encountered an error. Please try again."
        self.user.post("/error", {
            "message_id": new_id(), "session_id": session,
            "content": apology, "role": "assistant"})
        self.user.say("What have you heard?", session)
        heard = self.heard("What have you heard?")
        self.assertNotIn(apology, [text for _, text in heard])
        self.assertNotIn("assistant", [role for role, _ in heard], heard)

    def test_B12_stored_text_is_what_was_shown(self):
        # The original showed tool notes that the stored text lacked.
        for question in ("[nulls] Same?", "[utf8] Same?", "[cut] Same?",
                         "Same?"):
            session = new_id()
            reply = self.user.say(question, session)
            stored = self.user.message(session, reply.message_id)
            self.assertEqual(stored["content"], reply.text, question)

    def test_B14_chats_are_listed_in_pages_without_messages(self):
        # The original sent all messages of all chats after each send.
        user, sessions = self.user, []
        for number in range(7):
            sessions.append(new_id())
            user.say(f"Chat number {number} of the pages", sessions[-1])
        pages, cursor = [], None
        while True:
            response = user.get("/chats", limit=3, cursor=cursor,
                                messages="none")
            self.assertEqual(response.status, 200, response)
            page = response.json
            self.assertLessEqual(len(page["sessions"]), 3)
            self.assertTrue(all(s["messages"] == []
                                for s in page["sessions"]))
            pages += [s["sessionId"] for s in page["sessions"]]
            cursor = page["next_cursor"]
            if not cursor:
                break
        self.assertEqual(pages[:7], sessions[::-1])
        self.assertEqual(len(pages), len(set(pages)))
        self.assertEqual(set(pages),
                         {s["sessionId"] for s in user.chats()})

    def test_B16_plain_questions_go_to_the_model(self):
        # The original sent these to Genie, as questions about data.
        for question in ("How many moons has Jupiter?",
                         "Which table lamp should I buy?",
                         "What was the outcome of WW2?",
                         "Write a SQL query"):
            reply = self.user.say(question)
            self.assertEqual(reply.text, answer_to(question))

    def test_B17_history_is_no_property_of_a_process(self):
        # The original kept the history in each worker's own memory.
        server = self.serve(self.upstream)
        user, session = script(server), new_id()
        first = user.say("My dog is called Ada.", session)
        server.stop()
        server.restart()
        user.say("Do you know the name of my dog?", session)
        self.assertEqual(self.heard("the name of my dog"), [
            ("user", "My dog is called Ada."), ("assistant", first.text),
            ("user", "Do you know the name of my dog?")])

    def test_B18_database_is_where_it_was_asked_for_in_wal_mode(self):
        # The original used a file in the working directory, without WAL.
        folder = self.fresh_folder()
        place = folder / "elsewhere.db"
        server = self.serve(self.upstream, database=place)
        script(server).say("Where is this kept?")
        self.assertEqual(self.rows(server, "PRAGMA journal_mode"),
                         [("wal",)])
        extra = {p.name for p in folder.iterdir()
                 if p.suffix in (".db", ".sqlite")}
        self.assertEqual(extra, {"elsewhere.db"})

    def test_B18_waiting_for_the_disk_holds_up_nobody(self):
        # The original ran blocking SQLite calls on its event loop.
        server = self.serve(self.upstream)
        user = script(server)
        user.say("Make the tables first.")
        base = sqlite3.connect(server.database, timeout=10,
                               isolation_level=None)
        base.execute("BEGIN IMMEDIATE")
        replies = []
        writer = threading.Thread(target=lambda: replies.append(
            user.say("Who writes while the file is locked?")))
        writer.start()
        try:
            time.sleep(0.2)
            for path in ("/model", "/chats", "/login"):
                began = time.monotonic()
                self.assertEqual(user.get(path).status, 200)
                self.assertLess(time.monotonic() - began, PATIENCE, path)
        finally:
            base.execute("COMMIT")
            base.close()
        writer.join(20)
        self.assertEqual([r.status for r in replies], ["complete"])

    def test_B19_wait_that_the_endpoint_asks_for_is_kept(self):
        # The original's streaming path never honoured Retry-After.
        question = "[busy-once] Is there room?"
        reply = self.user.say(question)
        self.assertEqual((reply.status, reply.text),
                         ("complete", "Now there is room."))
        first, second = self.upstream.asked(question)
        self.assertGreaterEqual(second.began - first.began, 0.95)

    def test_B19_busy_endpoint_is_named_as_such(self):
        # The original overwrote the text about 429 with a general one.
        session = new_id()
        reply = self.user.say("[busy] Is there ever room?", session)
        self.assertEqual(reply.status, "error")
        self.assertEqual(reply.error["code"], "upstream_rate_limited")
        self.assertIs(reply.error["retryable"], True)
        stored = self.user.message(session, reply.message_id)
        self.assertEqual(stored["error"]["code"], "upstream_rate_limited")
        self.assertEqual(stored["content"], reply.error["message"])

    def test_B20_no_literal_braces_are_requested(self):
        # The original asked for "?nocache={uuid.uuid4()}", literally.
        self.user.say("[cut] Fail, so that you ask again.")
        self.user.say("[fails] Fail otherwise.")
        for exchange in self.upstream.exchanges:
            self.assertNotRegex(exchange.path, r"[{}?]")

    def test_B22_host_is_understood_in_each_form(self):
        # The original made "https://https://..." of a host with a scheme.
        plain = self.upstream.url
        for host in (plain, plain + "/", plain + "/?o=12345",
                     plain + "/explore?o=1#x"):
            with self.subTest(host=host):
                user = self.in_apps(host)
                question = f"Is {host} understood?"
                self.assertEqual(user.say(question).text,
                                 answer_to(question))
                self.assertEqual(user.get("/logout").header("location"),
                                 plain + "/login.html")
                user.server.stop()

    def test_B22_host_without_a_scheme_means_https(self):
        for host in ("adb-1.2.invalid", "adb-1.2.invalid/",
                     "https://adb-1.2.invalid", "adb-1.2.invalid:443",
                     "https://adb-1.2.invalid/?o=1"):
            with self.subTest(host=host):
                user = self.in_apps(host)
                self.assertEqual(user.get("/logout").header("location"),
                                 "https://adb-1.2.invalid/login.html")
                user.server.stop()

    def in_apps(self, host):
        """A person whose server was given this host."""
        server = self.serve(self.upstream, env={
            "DATABRICKS_HOST": host, "DATABRICKS_APP_NAME": "chatbot"})
        return person(server, "ann")

    def test_B22_log_tells_no_conversation(self):
        # The original printed questions and answers.
        server = self.serve(self.upstream)
        user, session = script(server), "visible-session-id"
        question = "A question that no log may tell"
        reply = user.say(question, session)
        user.regenerate(reply.message_id, question, session)
        user.say("[fails] Another secret question", session)
        user.say("[cut] A third secret question", session)
        user.say("[guards] A question with an address", session)
        user.post("/error", {"message_id": new_id(), "session_id": session,
                             "content": "An error text of the page",
                             "role": "assistant"})
        user.post("/chat", {"content": "An unlucky question",
                            "session_id": "not allowed!"})
        user.post("/chat", b'{"content": "A broken question')
        server.hide(reply.text, "is all that I say",
                    "no log may tell", "secret question",
                    "Half of the answer", "An error text of the page",
                    "An unlucky question", "A broken question",
                    "A question with an address")
        server.stop()
        self.assertIn("level=info", server.log)

    def test_B23_reported_error_has_the_id_it_is_stored_under(self):
        # The original returned another id than the stored one, so that
        # a regenerate of the error failed.
        session = new_id()
        self.user.say("A chat with an error.", session)
        response = self.user.post("/error", {
            "message_id": new_id(), "session_id": session,
            "content": "Sorry, I encountered an error.",
            "role": "assistant"})
        message_id = response.json["message_id"]
        self.assertIn(message_id, [m["message_id"] for m in
                                   self.user.messages(session)])
        again = self.user.regenerate(message_id, "A chat with an error.",
                                     session)
        self.assertEqual((again.message_id, again.status),
                         (message_id, "complete"))
        stored = self.user.message(session, message_id)
        self.assertEqual(stored["status"], "complete")
        self.assertIsNone(stored["error"])

    def test_B24_chat_can_be_deleted(self):
        # The original had no way to delete a chat.
        session = new_id()
        reply = self.user.say("Delete me, please.", session)
        response = self.user.call("DELETE", f"/chats/{session}")
        self.assertEqual(response.status, 204, response)
        self.assertNotIn(session,
                         [s["sessionId"] for s in self.user.chats()])
        self.assertEqual(
            self.user.rate(reply.message_id, "up").status, 404)

    def test_B24_deleting_while_a_reply_runs(self):
        session, question = new_id(), "[hold] Delete me while I speak."
        with self.user.ask(question, session) as stream:
            stream.until_text(len("Begun "))
            response = self.user.call("DELETE", f"/chats/{session}")
            self.assertEqual(response.status, 204, response)
            self.upstream.gate(question).set()
            check_stream(stream.rest())
        self.assertNotIn(session,
                         [s["sessionId"] for s in self.user.chats()])
