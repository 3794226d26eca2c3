"""How far a question has come is told as long as nothing can be read."""

from support.cases import FolderCase
from support.client import Reply, check_stream, new_id, script
from support.wire import wait_until


def slow(exchange):
    """The head of an answer, and its text, each when the test says so."""
    upstream, question = exchange.upstream, exchange.question
    upstream.gate(f"head {question}").wait(60)
    exchange.begin()
    upstream.gate(f"text {question}").wait(60)
    exchange.delta("At last.")
    exchange.finish()


def busy(exchange):
    """Refuses once; then a head, and text when the test says so."""
    if len(exchange.upstream.asked("[busy]")) == 1:
        exchange.refuse(503, "TEMPORARILY_UNAVAILABLE", "Not now.")
        return
    exchange.begin()
    exchange.upstream.gate("busy").wait(60)
    exchange.delta("Now.")
    exchange.finish()


def cut(exchange):
    """A head, some text after a while, and no end."""
    exchange.begin()
    exchange.upstream.gate("cut").wait(60)
    if len(exchange.upstream.asked("[cut]")) == 1:
        exchange.delta("Half of it")
    else:
        exchange.delta(" and the rest.")
        exchange.finish()


def states(documents):
    return [part["state"] for document in documents
            for part in document.get("parts") or ()
            if part["kind"] == "progress"]


def told(stream):
    return states([e.json for e in stream.seen if e.type == "message"])


def until_told(stream, *wanted):
    while told(stream) != list(wanted):
        stream.next()


class Progress(FolderCase):
    workers = "1"

    def setUp(self):
        self.upstream = self.new_upstream(slow=slow, busy=busy, cut=cut)
        self.server = self.serve(
            self.upstream, env={"WORKERS": self.workers})
        self.user = script(self.server)

    def ask(self, question, session=None):
        stream = self.user.ask(question, session or new_id())
        self.addCleanup(stream.close)
        return stream, stream.next().json["message_id"]

    def test_a_head_without_a_word_is_told_to_whoever_looks(self):
        question, session = f"[slow] {new_id()}", new_id()
        stream, message = self.ask(question, session)
        self.upstream.wait_asked(question)
        self.assertEqual(
            self.user.message(session, message).get("parts"), [])
        self.upstream.gate(f"head {question}").set()
        until_told(stream, "answering")
        for _ in range(4):  # on either loop, where there are two
            with self.user.resume(message) as viewer:
                until_told(viewer, "answering")
        shown = self.user.message(session, message)["parts"]
        self.assertEqual(shown, [{"id": "progress", "kind": "progress",
                                  "at": 0, "state": "answering"}])
        self.upstream.gate(f"text {question}").set()
        reply = Reply(check_stream(stream.rest()))
        self.assertEqual(reply.text, "At last.")
        self.assertEqual(states(reply.documents), ["answering"])
        wait_until(lambda: self.user.message(session, message)["status"]
                   == "complete", what="it is complete")
        self.assertEqual(self.user.message(session, message)["parts"], [])

    def test_an_answer_that_comes_at_once_tells_only_itself(self):
        reply = self.user.say("[echo] Quick")
        self.assertEqual(states(reply.documents), [])

    def test_the_head_of_a_refusal_is_no_answer(self):
        stream, _ = self.ask("[busy] Soon?")
        until_told(stream, "answering")
        self.assertEqual(len(self.upstream.asked("[busy]")), 2)
        self.upstream.gate("busy").set()
        reply = Reply(check_stream(stream.rest()))
        self.assertEqual((reply.status, reply.text), ("complete", "Now."))
        self.assertEqual(states(reply.documents), ["answering"])

    def test_who_goes_on_is_asked_anew(self):
        session = new_id()
        stream, message = self.ask("[cut] Go on", session)
        until_told(stream, "answering")
        self.upstream.gate("cut").set()
        first = Reply(check_stream(stream.rest()))
        self.assertEqual(first.status, "interrupted")
        wait_until(lambda: self.user.message(session, message)["status"]
                   == "interrupted", what="it is stored")
        with self.user.open(f"/messages/{message}/continue", {}) as more:
            reply = Reply(check_stream(more.rest()))
        self.assertEqual(reply.status, "complete")
        self.assertEqual(states(reply.documents)[-1:], ["asking"])


class ProgressByTwoLoops(Progress):
    workers = "2"
