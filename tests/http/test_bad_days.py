"""Bad days: what breaks around the server ends in one clear sentence for the
person concerned, and nothing is lost."""

import json
import os
import random
import threading
import time

from support.cases import ServedCase
from support.client import check_stream, new_id, script
from support.process import free_port
from support.scripts import hold, pace, paced_text
from support.upstream import answer_to, chunk, encode
from support.wire import BulkReader, PATIENCE, Response, WAIT, wait_until

SEED = int(os.environ.get("CHATBOT_TEST_SEED", random.randrange(10**9)))


def flood(exchange):
    """Many small deltas as fast as they go."""
    exchange.begin()
    piece = [b"data: " + encode(chunk({"content": f"{n:05d}, "})) + b"\n\n"
             for n in range(FLOOD)]
    for at in range(0, FLOOD, 500):
        if not exchange.send(b"".join(piece[at:at + 500])):
            return
    exchange.finish()


FLOOD = 40_000


def answers(*arguments, **options):
    """A script that gives one whole answer."""
    return lambda exchange: exchange.answer(*arguments, **options)


def refuses(*arguments, **options):
    return lambda exchange: exchange.refuse(*arguments, **options)


def says(*pieces, end=b""):
    """A script that streams these deltas and then these bytes."""
    def run(exchange):
        exchange.begin()
        for piece in pieces:
            exchange.delta(piece)
        exchange.send(end)
    return run


def document(**members):
    return b"data: " + encode(members) + b"\n\n"


GUARDRAIL = json.dumps({
    "usage": {"prompt_tokens": 0, "total_tokens": 0},
    "input_guardrail": [{"flagged": True, "categories": {"violence": True}}],
    "finishReason": "input_guardrail_triggered"})
WHOLE = json.dumps({
    "id": "msg_1", "object": "chat.completion", "model": "m",
    "choices": [{"index": 0, "finish_reason": "stop", "message": {
        "role": "assistant", "content": "In one piece."}}]})
HTML = "<html><head><title>502 Bad Gateway</title></head><body>x</body>"

# script: (what it does, codes that fit, text that must have been kept)
FAILURES = {
    "html-500": (answers(500, HTML, "text/html"),
                 ("upstream_unavailable", "upstream_error",
                  "upstream_bad_response"), ""),
    "html-502": (answers(502, HTML, "text/html"),
                 ("upstream_unavailable",), ""),
    "html-200": (answers(200, HTML, "text/html"),
                 ("upstream_bad_response",), ""),
    "text-503": (answers(503, "no webapps are available", "text/plain"),
                 ("upstream_unavailable",), ""),
    "empty-504": (answers(504, ""),
                  ("upstream_timeout", "upstream_unavailable"), ""),
    "login-302": (answers(302, "", headers=[
        ("Location", "https://login.invalid/")]),
        ("upstream_bad_response", "upstream_auth"), ""),
    "empty-200": (says(), ("upstream_bad_response", "upstream_interrupted"),
                  ""),
    "token-401": (refuses(401, "UNAUTHENTICATED", "Credential missing."),
                  ("upstream_auth",), ""),
    "token-403": (refuses(403, 403, "Invalid access token."),
                  ("upstream_auth",), ""),
    "denied-403": (refuses(403, "PERMISSION_DENIED",
                           "You do not have permission 'Query'."),
                   ("upstream_forbidden",), ""),
    "lost-404": (refuses(404, "ENDPOINT_NOT_FOUND",
                         "The given endpoint does not exist."),
                 ("upstream_not_found",), ""),
    "bad-400": (refuses(400, "BAD_REQUEST",
                        'Bad request: json: unknown field "x"\n'),
                ("upstream_bad_request",), ""),
    "guard-400": (refuses(400, "BAD_REQUEST", GUARDRAIL),
                  ("content_blocked",), ""),
    "long-400": (refuses(400, "BAD_REQUEST", "prompt is too long: 210000 "
                         "tokens > 200000 maximum"),
                 ("context_too_long",), ""),
    "busy-429": (refuses(429, "REQUEST_LIMIT_EXCEEDED", "Exceeded QPS."),
                 ("upstream_rate_limited",), ""),
    "cut-midline": (says("Kept text", end=b'data: {"choices":[{"del'),
                    ("upstream_interrupted",), "Kept text"),
    "cut-clean": (says("Kept text"), ("upstream_interrupted",),
                  "Kept text"),
    "cut-utf8": (says("Kept text", end="data: é".encode()[:-1]),
                 ("upstream_interrupted",), "Kept text"),
    "garbage": (says("Kept text", end=b"data: {nonsense}\n\n"),
                ("upstream_bad_response", "upstream_interrupted"),
                "Kept text"),
    "error-object": (says("Kept text", end=document(
        error={"message": "The model fell over", "code": 500})),
        ("upstream_error", "upstream_unavailable"), "Kept text"),
    "error-text": (says("Kept text", end=document(
        error="The model fell over")),
        ("upstream_error", "upstream_unavailable"), "Kept text"),
    "error-code": (says("Kept text", end=document(
        error_code="INTERNAL_ERROR", message="The model fell over")),
        ("upstream_error", "upstream_unavailable"), "Kept text"),
}


class Endpoint(ServedCase):
    """The endpoint fails in each of the ways it has."""

    scripts = {
        **{name: how for name, (how, _, _) in FAILURES.items()},
        "whole": answers(200, WHOLE),
        "no-done": says("All of it.", end=document(choices=[
            {"index": 0, "delta": {}, "finish_reason": "stop"}])),
        "odd": says("Even ", end=b": a comment\n\nevent: x\r\n"
                    + document(choices=[]).replace(b"\n", b"\r\n")
                    + b"data:" + encode(chunk({"content": "so."}, "stop"))
                    + b"\r\n\r\ndata: [DONE]\r\n\r\n")}

    def check_failure(self, name):
        _, codes, kept = FAILURES[name]
        session, question = new_id(), f"[{name}] What happens now?"
        reply = self.user.say(question, session)
        self.assertIn(reply.status, ("error", "interrupted"))
        self.assertIn(reply.error["code"], codes)
        self.assertIs(type(reply.error["retryable"]), bool)
        sentence = reply.error["message"]
        self.assertRegex(sentence, r"^[A-Z][^<>{}\n]{15,400}$")
        self.assertEqual(reply.text, kept)
        if not kept:
            self.assertEqual(reply.last["content"], sentence)
        stored = self.user.message(session, reply.message_id)
        self.assertEqual(stored["status"], reply.status)
        self.assertEqual(stored["content"], kept or sentence)
        self.assertEqual(stored["error"]["code"], reply.error["code"])
        self.assertLessEqual(len(self.upstream.asked(question)), 4)
        again = self.user.say("[echo] And now it works.", session)
        self.assertEqual(again.status, "complete")

    def test_blocked_question_does_not_block_the_chat(self):
        # History is sent again, so the guardrail would see it each time.
        session = new_id()
        self.user.say("[guard-400] Something unspeakable", session)
        self.user.say("[echo] Something harmless", session)
        self.assertEqual(
            len(self.upstream.asked("Something unspeakable")), 1)

    def test_whole_answer_although_a_stream_was_asked(self):
        reply = self.user.say("[whole] Can you stream?")
        self.assertEqual((reply.status, reply.text),
                         ("complete", "In one piece."))

    def test_stream_without_its_closing_line_is_complete(self):
        reply = self.user.say("[no-done] Is that all?")
        self.assertEqual((reply.status, reply.text),
                         ("complete", "All of it."))

    def test_unusual_framing_is_understood(self):
        reply = self.user.say("[odd] How do you write?")
        self.assertEqual((reply.status, reply.text),
                         ("complete", "Even so."))

    def test_endpoint_that_refuses_the_connection(self):
        server = self.serve(self.upstream, env={
            "DATABRICKS_HOST": f"http://127.0.0.1:{free_port()}"})
        user, session = script(server), new_id()
        reply = user.say("Is anybody there?", session, timeout=30)
        self.assertEqual(reply.error["code"], "upstream_unreachable")
        self.assertEqual(user.message(session, reply.message_id)["status"],
                         "error")
        self.assertEqual(user.get("/chats").status, 200)

    def test_endpoint_whose_name_is_unknown(self):
        server = self.serve(self.upstream, env={
            "DATABRICKS_HOST": "https://workspace.invalid"})
        reply = script(server).say("Is anybody there?", timeout=30)
        self.assertEqual(reply.error["code"], "upstream_unreachable")


def failure_test(name):
    def test(self):
        self.check_failure(name)
    return test


for failure in FAILURES:
    setattr(Endpoint, "test_" + failure.replace("-", "_"),
            failure_test(failure))


class Leaving(ServedCase):
    """The browser goes away; the reply does not."""

    scripts = {"hold": hold, "pace": pace}
    whole = "One. Two. Three. Four."

    def leave_and_return(self, leave):
        session, question = new_id(), f"[hold] Gone by {leave}?"
        stream = self.user.ask(question, session)
        stream.until_text(len("One. "))
        message = stream.seen[0].json["message_id"]
        getattr(stream, leave)()
        time.sleep(0.1)
        self.upstream.gate(question).set()
        stored = wait_until(
            lambda: (m := self.user.message(session, message))
            and m["status"] != "streaming" and m,
            what="the reply ends without a viewer")
        self.assertEqual((stored["status"], stored["content"]),
                         ("complete", self.whole))

    def test_reply_completes_when_the_browser_is_closed(self):
        self.leave_and_return("close")

    def test_reply_completes_when_the_browser_crashes(self):
        self.leave_and_return("reset")

    def test_returning_viewer_sees_the_whole(self):
        session, question = new_id(), "[hold] Back in time?"
        stream = self.user.ask(question, session)
        stream.until_text(len("One. "))
        message, last = stream.seen[0].json["message_id"], stream.seen[-1]
        before = stream.text()
        stream.reset()
        with self.user.resume(message, last_event_id=last.id) as second:
            self.upstream.gate(question).set()
            check_stream(second.rest())
        self.assertEqual(before + second.text(), self.whole)

    def test_resume_at_each_event_misses_and_doubles_nothing(self):
        session, question = new_id(), "[hold] Where can one resume?"
        with self.user.ask(question, session) as stream:
            stream.until_text(len("One. Two. Three. "))
            message = stream.seen[0].json["message_id"]
            live = [self.user.resume(message, after=e.sequence)
                    for e in stream.seen]
            before = [self.text(stream.seen[:at + 1])
                      for at in range(len(stream.seen))]
            self.upstream.gate(question).set()
            events = check_stream(stream.rest())
        for text, other in zip(before, live):
            with other:
                seen = check_stream(other.rest())
                self.assertEqual(text + self.text(seen), self.whole)
                self.assertEqual(seen[-2].raw, events[-2].raw)
        for at, event in enumerate(events[:-2]):
            for how in ({"after": event.sequence},
                        {"last_event_id": event.id}):
                with self.user.resume(message, **how) as late:
                    seen = check_stream(late.rest())
                self.assertEqual(self.text(events[:at + 1])
                                 + self.text(seen), self.whole, how)
                self.assertEqual(seen[-2].raw, events[-2].raw)
        with self.user.resume(message, after=0) as late:
            self.assertEqual(self.text(check_stream(late.rest())),
                             self.whole)

    def test_resume_behind_the_end_gets_the_end_only(self):
        session, question = new_id(), "[hold] What comes from the future?"
        with self.user.ask(question, session) as stream:
            stream.until_text(len("One. "))
            message = stream.seen[0].json["message_id"]
            answers = [self.user.resume(message, after=after)
                       for after in (1000, 2**40, 2**63 - 1)]
            self.upstream.gate(question).set()
            check_stream(stream.rest())
        for answer in answers:
            if isinstance(answer, Response):
                self.assertIn(answer.status, (204, 422), answer)
                continue
            with answer:
                answer.rest()
                self.assertEqual(answer.text(), "")

    def text(self, events):
        return "".join(e.json["content"] for e in events
                       if e.type == "message")

    def test_viewers_that_are_cut_again_and_again_lose_nothing(self):
        chance = random.Random(SEED)
        session = new_id()
        stream = self.user.ask("[pace] Cut me often.", session)
        texts, message, cuts = [], None, 0
        began = time.monotonic()
        while time.monotonic() - began < 2.0:
            events = stream.take(chance.randrange(1, 12))
            message = events[0].json["message_id"]
            texts += [e.json["content"] for e in events]
            stream.reset()
            cuts += 1
            stream = self.user.resume(message,
                                      last_event_id=events[-1].id)
        self.user.stop(message)
        with stream:
            last = check_stream(stream.rest())[-2].json
        self.assertEqual(last["status"], "stopped", f"seed {SEED}")
        seen = "".join(texts) + stream.text()
        self.assertGreater(cuts, 5)
        self.assertTrue(paced_text(1500).startswith(seen))
        stored = self.user.message(session, message)
        self.assertEqual(stored["content"], seen, f"seed {SEED}")

    def test_many_viewers_of_one_reply_see_the_same(self):
        session, question = new_id(), "[hold] Who is watching?"
        with self.user.ask(question, session) as stream:
            message = stream.next().json["message_id"]
            viewers = [self.user.resume(message, after=0)
                       for _ in range(20)]
            self.upstream.gate(question).set()
            stream.rest()
        for viewer in viewers:
            with viewer:
                check_stream(viewer.rest())
                self.assertEqual(viewer.text(), self.whole)


def counting(exchange):
    """Says with each chunk how many tokens there were so far."""
    exchange.begin()
    for n, part in enumerate(("One ", "two ", "three. "), 1):
        exchange.delta(part, usage={"prompt_tokens": 12,
                                    "completion_tokens": 2 * n})
    exchange.upstream.gate(exchange.question).wait(60)


class Stop(ServedCase):
    """Stop reaches the model."""

    scripts = {"pace": pace, "hold": hold, "counting": counting}
    BOUND = 0.3 * PATIENCE

    def stop_once(self):
        session = new_id()
        question = f"[pace] Stop me, {session}"
        with self.user.ask(question, session) as stream:
            stream.until_text(20)
            exchange = self.upstream.asked(question)[0]
            message = stream.seen[0].json["message_id"]
            asked = time.monotonic()
            response = self.user.stop(message)
            self.assertEqual(response.json["status"], "stopped")
            wait_until(lambda: exchange.closed_at,
                       what="the model's connection is closed")
            last = check_stream(stream.rest())[-2].json
        self.assertEqual(last["status"], "stopped")
        stored = self.user.message(session, message)
        self.assertEqual((stored["status"], stored["content"]),
                         ("stopped", stream.text()))
        self.assertTrue(paced_text(1500).startswith(stored["content"]))
        return exchange.closed_at - asked

    def stop_after(self, question, text):
        """Metrics of a reply that is stopped when it has said that much."""
        session = new_id()
        with self.user.ask(question, session) as stream:
            stream.until_text(len(text))
            message = stream.seen[0].json["message_id"]
            self.user.stop(message)
            last = check_stream(stream.rest())[-2].json
        stored = self.user.message(session, message)
        self.assertEqual(stored["metrics"], last["metrics"])
        return last["metrics"]

    def test_stop_says_how_many_tokens_the_endpoint_counted(self):
        metrics = self.stop_after("[counting] So far?", "One two three. ")
        self.assertEqual(metrics["completionTokens"], 6)
        self.assertEqual(metrics["promptTokens"], 12)
        self.assertNotIn("estimated", metrics)

    def test_stop_counts_itself_where_the_endpoint_does_not(self):
        text = "One. Two. Three. "
        metrics = self.stop_after("[hold] How many?", text)
        self.assertEqual(metrics["completionTokens"], (len(text) + 3) // 4)
        self.assertIs(metrics["estimated"], True)

    def test_a_whole_reply_is_not_estimated(self):
        self.assertNotIn("estimated",
                         self.user.say("All of it").last["metrics"])

    def test_stop_closes_the_connection_to_the_model(self):
        runs = []
        while len(runs) < 3 and (not runs or min(runs) > 0.1):
            runs.append(self.stop_once())
        print("\nstop reached the model after "
              + ", ".join(f"{s * 1000:.0f} ms" for s in runs))
        self.assertLess(min(runs), self.BOUND)

    def test_stop_from_many_sides_is_one_stop(self):
        question = "[pace] Stop me from all sides."
        with self.user.ask(question) as stream:
            message = stream.next().json["message_id"]
            answers, threads = [], []
            for _ in range(8):
                threads.append(threading.Thread(
                    target=lambda: answers.append(self.user.stop(message))))
                threads[-1].start()
            for thread in threads:
                thread.join(WAIT)
            check_stream(stream.rest())
        self.assertEqual({(a.status, a.json["status"]) for a in answers},
                         {(200, "stopped")})

    def test_stop_before_the_first_word(self):
        question = "[hold] Stop at once."
        session = new_id()
        with self.user.ask(question, session) as stream:
            message = stream.next().json["message_id"]
            self.assertEqual(self.user.stop(message).status, 200)
            check_stream(stream.rest())
        reply = self.user.say("[echo] And on we go.", session)
        self.assertEqual(reply.status, "complete")


class Crowd(ServedCase):
    """Many at once, and one that is slow."""

    scripts = {"flood": flood}

    def test_fifty_chats_at_once_are_not_mixed(self):
        sessions = [new_id() for _ in range(50)]
        replies = {}

        def run(session):
            replies[session] = self.user.say(f"I am {session}", session,
                                             timeout=30 * PATIENCE)
        threads = [threading.Thread(target=run, args=(s,))
                   for s in sessions]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60 * PATIENCE)
        for session in sessions:
            expected = answer_to(f"I am {session}")
            self.assertEqual(replies[session].text, expected)
            self.assertEqual(self.user.messages(session)[1]["content"],
                             expected)

    def memory(self):
        with open(f"/proc/{self.server.process.pid}/status") as status:
            line = next(x for x in status if x.startswith("VmRSS"))
        return int(line.split()[1]) * 1024

    def test_slow_reader_holds_up_nobody_and_misses_nothing(self):
        session = new_id()
        before = self.memory()
        with self.user.ask("[flood] Too fast for me.", session,
                           receive_buffer=4096) as slow:
            message = slow.next().json["message_id"]
            stored = wait_until(
                lambda: (m := self.user.message(session, message))
                and m["status"] != "streaming" and m, 30 * PATIENCE,
                "the reply ends although its viewer does not read")
            other = self.user.say("And I?")
            self.assertEqual(other.status, "complete")
            grown = self.memory() - before
            slow.reader = BulkReader()
            check_stream(slow.rest())
        expected = "".join(f"{n:05d}, " for n in range(FLOOD))
        self.assertEqual(stored["content"], expected)
        self.assertEqual(slow.text(), expected)
        if "asan" not in str(self.server.process.args[0]):
            self.assertLess(grown, 24 * 1024 * 1024)
