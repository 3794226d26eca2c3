"""Replies that were cut go on behind their text, without a lost character."""

import random
import time

from support.cases import FolderCase, ServedCase
from support.client import FINAL, Reply, check_stream, new_id, script
from support.process import EMULATOR_TOKEN, Emulator
from support.wire import Response, wait_until

WISH = "Continue your last answer exactly where it stopped"
WHOLE = "".join(f"Word {n} – ä, 你好 {n}. " for n in range(40))


def tale(exchange):
    """WHOLE, piece by piece; asked to go on, the rest of it.

    It stops for good, without an end, at each of the places in `cuts`.
    """
    said = ""
    if exchange.question.startswith(WISH):
        said = exchange.messages[-2][1]
    cuts = [c for c in exchange.upstream.cuts if c > len(said)]
    end = cuts[0] if cuts else len(WHOLE)
    exchange.begin()
    for at in range(len(said), end, 7):
        if not exchange.delta(WHOLE[at:min(at + 7, end)]):
            return
        time.sleep(0.003)
    if cuts:
        exchange.wait_gone()
    else:
        exchange.finish()


def dispatch(exchange):
    """The wish to go on names no script: the question before it does."""
    asked = [t for role, t in exchange.messages if role == "user"]
    (short if "[short]" in asked[-2 if len(asked) > 1 else -1] else
     tale)(exchange)


def short(exchange):
    """Cut by a length limit, then complete."""
    exchange.begin()
    if exchange.question.startswith(WISH):
        exchange.delta(" the rest.")
        exchange.finish()
    else:
        exchange.delta("The beginning and")
        exchange.finish("length")


def read(stream):
    with stream:
        return check_stream(stream.rest())


def text_of(events):
    return "".join(e.json["content"] for e in events if e.type == "message")


class Going:
    def go_on(self, message_id, **more):
        headers = more.pop("headers", None)
        return self.user.open(f"/messages/{message_id}/continue", more,
                              headers=headers)

    def stored(self, session, message_id):
        return wait_until(
            lambda: (m := self.user.message(session, message_id))
            and m["status"] in FINAL and m, what="the reply has ended")

    def begin_and_stop(self, session, question, length):
        """A reply that was stopped when so much of it was there."""
        with self.user.ask(question, session) as stream:
            stream.until_text(length)
            message = stream.seen[0].json["message_id"]
            self.user.stop(message)
            return message, check_stream(stream.rest())


class Continue(Going, ServedCase):
    scripts = {"echo": dispatch, "tale": tale, "short": dispatch}

    def setUp(self):
        self.upstream.cuts = []

    def test_stopped_reply_goes_on_to_its_end(self):
        session = new_id()
        self.upstream.cuts = [300]
        message, seen = self.begin_and_stop(session, "Tell me", 100)
        self.upstream.cuts = []
        kept = self.stored(session, message)
        self.assertEqual(kept["status"], "stopped")
        self.assertEqual(text_of(seen), kept["content"])
        events = read(self.go_on(message))
        self.assertEqual(events[0].json["continued"], True)
        self.assertEqual(events[0].json["content"], "")
        self.assertEqual(events[0].json["message_id"], message)
        self.assertEqual(events[0].sequence, seen[-2].sequence + 1)
        self.assertEqual(kept["content"] + text_of(events), WHOLE)
        whole = self.stored(session, message)
        self.assertEqual((whole["content"], whole["status"]),
                         (WHOLE, "complete"))
        self.assertEqual(whole["variants"], 1)
        self.assertGreater(whole["metrics"]["totalTime"],
                           kept["metrics"]["totalTime"])
        told = self.upstream.asked(WISH)[-1].messages
        self.assertEqual(told[-2], ("assistant", kept["content"]))
        self.assertEqual(told[-3], ("user", "Tell me"))

    def test_any_resume_of_a_continued_reply_is_exact(self):
        session = new_id()
        self.upstream.cuts = [200]
        message, seen = self.begin_and_stop(session, "Tell and tell", 60)
        self.upstream.cuts = [400]
        with self.go_on(message) as stream:
            stream.until_text(100)
            self.user.stop(message)
            seen += check_stream(stream.rest())
        self.upstream.cuts = []
        seen += read(self.go_on(message))
        had = {}
        text = ""
        for event in seen:
            if event.type == "message":
                text += event.json["content"]
                had[event.sequence] = text
        self.assertEqual(text, WHOLE)
        for number in sorted(had)[:-1]:
            rest = read(self.user.resume(message, number))
            self.assertEqual(had[number] + text_of(rest), WHOLE, number)
        self.assertEqual(self.user.resume(message, max(had)).status, 204)
        self.assertEqual(text_of(read(self.user.resume(message, 0))), WHOLE)

    def test_viewers_of_a_live_continuation_get_what_they_lack(self):
        session = new_id()
        self.upstream.cuts = [150]
        message, seen = self.begin_and_stop(session, "Tell them", 90)
        self.upstream.cuts = [400]
        begun = text_of(seen)
        with self.go_on(message) as stream:
            stream.until_text(100)
            for after in (0, 1, seen[2].sequence, seen[-2].sequence):
                with self.user.resume(message, after) as viewer:
                    had = text_of(e for e in seen if e.type == "message"
                                  and e.sequence <= after)
                    viewer.until_text(len(begun) + 100 - len(had))
                    self.assertTrue(
                        WHOLE.startswith(had + viewer.text()), after)
            self.user.stop(message)
            check_stream(stream.rest())

    def test_reply_cut_by_a_length_limit_goes_on(self):
        session = new_id()
        reply = self.user.say("[short] How long?", session)
        self.assertEqual(reply.last["finish_reason"], "length")
        events = read(self.go_on(reply.message_id))
        self.assertEqual(text_of(events), " the rest.")
        stored = self.stored(session, reply.message_id)
        self.assertEqual(stored["content"], "The beginning and the rest.")
        self.assertEqual(stored["finish_reason"], "stop")
        self.assertEqual(stored["metrics"]["completionTokens"], 14)

    def test_complete_reply_says_that_it_is(self):
        reply = self.user.say("Whole?", new_id())
        problem = self.assertProblem(self.go_on(reply.message_id), 409,
                                     "conflict")
        self.assertIn("complete", problem["detail"])

    def test_reply_with_a_successor_says_so(self):
        session = new_id()
        self.upstream.cuts = [200]
        message, _ = self.begin_and_stop(session, "Left alone", 50)
        self.upstream.cuts = []
        self.user.say("Next", session)
        problem = self.assertProblem(self.go_on(message), 409, "conflict")
        self.assertIn("gone on", problem["detail"])

    def test_same_key_is_one_continuation(self):
        session = new_id()
        self.upstream.cuts = [150]
        message, _ = self.begin_and_stop(session, "Once", 50)
        kept = self.stored(session, message)["content"]
        self.upstream.cuts = []
        asked = len(self.upstream.asked(WISH))
        for _ in range(3):
            events = read(self.go_on(message,
                                     headers={"Idempotency-Key": "one"}))
            self.assertEqual(kept + text_of(events), WHOLE)
        self.assertEqual(len(self.upstream.asked(WISH)), asked + 1)

    def test_model_may_be_chosen_and_is_checked(self):
        session = new_id()
        self.upstream.cuts = [150]
        message, _ = self.begin_and_stop(session, "Which model", 50)
        self.upstream.cuts = []
        self.assertProblem(
            self.go_on(message, serving_endpoint="nobody-knows"), 422,
            "invalid_request", "serving_endpoint")
        self.assertProblem(self.go_on("none"), 404, "not_found")
        read(self.go_on(message, serving_endpoint="second-model"))
        self.assertEqual(self.stored(session, message)["model"],
                         "second-model")

    def test_model_that_fails_leaves_the_text(self):
        session = new_id()
        self.upstream.cuts = [150]
        message, _ = self.begin_and_stop(session, "Fail later", 50)
        kept = self.stored(session, message)["content"]
        scripts = dict(self.upstream.scripts)
        self.upstream.scripts["echo"] = lambda e: e.refuse(
            400, "BAD_REQUEST", "No.")
        events = read(self.go_on(message))
        self.upstream.scripts.update(scripts)
        self.assertEqual(events[-2].json["status"], "interrupted")
        stored = self.stored(session, message)
        self.assertEqual(stored["content"], kept)
        self.assertEqual(stored["error"]["code"], "upstream_bad_request")
        self.upstream.cuts = []
        read(self.go_on(message))
        self.assertEqual(self.stored(session, message)["content"], WHOLE)

    def test_continuing_with_an_empty_body(self):
        session = new_id()
        self.upstream.cuts = [150]
        message, _ = self.begin_and_stop(session, "No body", 50)
        self.upstream.cuts = []
        stream = self.user.open(f"/messages/{message}/continue", None)
        self.assertNotIsInstance(stream, Response)
        read(stream)
        self.assertEqual(self.stored(session, message)["content"], WHOLE)


class Demo(Going, FolderCase):
    """The emulator's models, cut by every fault that leaves some text."""

    QUESTION = "Tell me about rivers, with a table and a list"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.emulator = Emulator(cls.folder)
        cls.addClassCleanup(cls.emulator.kill_if_running)
        cls.emulator.start()

    def begin(self, model, **env):
        self.user = script(self.serve(env={
            "DATABRICKS_HOST": self.emulator.url,
            "DATABRICKS_TOKEN": EMULATOR_TOKEN,
            "SERVING_ENDPOINT_NAME": model, **env}))
        self.behave(model, "none")

    def behave(self, model, fault):
        self.emulator.control(model, fault, 1 if fault != "none" else 1000,
                              tokens_per_second=3000, first_token_ms=1)

    def whole(self, model):
        self.begin(model)
        return self.user.say(self.QUESTION, new_id()).text

    def check_cut(self, model, fault, status):
        whole = self.whole(model)
        session = new_id()
        self.behave(model, fault)
        with self.user.ask(self.QUESTION, session) as stream:
            stream.until_text(len(whole) // 3)
            message = stream.seen[0].json["message_id"]
            if fault == "stall-midway":
                self.user.stop(message)
            seen = check_stream(stream.rest())
        self.assertEqual(seen[-2].json["status"], status)
        self.behave(model, "none")
        begun = self.stored(session, message)["content"]
        self.assertLess(len(begun), len(whole))
        self.assertEqual(begun + text_of(read(self.go_on(message))), whole)

    def test_stall(self):
        self.check_cut("databricks-claude-sonnet-4-5", "stall-midway",
                       "stopped")

    def test_cut(self):
        self.check_cut("databricks-gpt-oss-120b", "cut-midline",
                       "interrupted")

    def test_length_limit_until_the_end(self):
        model = "databricks-meta-llama-3-3-70b-instruct"
        whole = self.whole(model)
        self.begin(model, MAX_TOKENS="60")
        session = new_id()
        reply = self.user.say(self.QUESTION, session)
        text = reply.text
        for _ in range(100):
            if reply.last["finish_reason"] != "length":
                break
            reply = Reply(read(self.go_on(reply.message_id)))
            text += reply.text
        self.assertEqual(text, whole)


class Killed(Going, FolderCase):
    """kill -9 in the middle, again and again; the whole comes out."""

    def test_killed_server_goes_on_after_each_restart(self):
        seed = random.randrange(10 ** 6)
        rng = random.Random(seed)
        upstream = self.new_upstream(echo=dispatch)
        upstream.cuts = []
        server = self.serve(upstream)
        self.user = script(server)
        session = new_id()
        stream = self.user.ask("Through it all", session)
        message, seen = None, ""
        for _ in range(4):
            with stream:
                stream.until_text(rng.randrange(20, 120))
                message = stream.seen[0].json["message_id"]
                server.kill()
            seen += stream.text()
            server.start()
            stored = self.user.message(session, message)
            self.assertEqual(stored["status"], "interrupted", seed)
            self.assertTrue(stored["content"].startswith(seen), seed)
            self.assertTrue(WHOLE.startswith(stored["content"]), seed)
            seen = stored["content"]
            stream = self.go_on(message)
            self.assertNotIsInstance(stream, Response, seed)
        seen += text_of(read(stream))
        self.assertEqual(seen, WHOLE, seed)
        self.assertEqual(self.stored(session, message)["content"], WHOLE)
        self.assertEqual(text_of(read(self.user.resume(message, 0))), WHOLE)


class OnTwoLoops(Continue):
    """All of it again, where a viewer may be on another loop."""

    env = {"WORKERS": "2"}
