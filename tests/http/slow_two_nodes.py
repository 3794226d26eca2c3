"""Two processes on one PostgreSQL behave as one service."""

import threading
import time

from slow_postgres import PostgresCase
from support.client import check_resumes, check_stream, new_id, script
from support.scripts import hold, pace, paced_text
from support.wire import PATIENCE, WAIT, Response, wait_until


def silent(exchange):
    """The head of an answer, and its text when the test lets it."""
    exchange.begin()
    exchange.upstream.gate(exchange.question).wait(120)
    exchange.delta("At last.")
    exchange.finish()


def burst(exchange):
    """A part whenever the test lets it."""
    exchange.begin()
    for number in range(6):
        exchange.upstream.gate(f"{exchange.question} {number}").wait(120)
        exchange.delta(f"part {number} é, ")
    exchange.finish()


class TwoNodes(PostgresCase):
    env = {}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.upstream.scripts |= {
            "burst": burst, "pace": pace, "hold": hold, "silent": silent}

    def setUp(self):
        self.one, self.two = self.node(), self.node()
        self.ann, self.ben = script(self.one), script(self.two)

    def node(self, **env):
        server = self.serve_by(DATABASE_URL=self.url(), **self.env, **env)
        server.hide(self.harness.PASSWORD)
        return server.start()

    def begin(self, question, session=None):
        """A reply that node one makes; gives its stream and id."""
        stream = self.ann.ask(question, session or new_id())
        self.addCleanup(stream.close)
        return stream, stream.next().json["message_id"]


class Following(TwoNodes):
    def test_a_viewer_elsewhere_sees_the_same(self):
        stream, message = self.begin("[pace] Same?")
        viewers = [self.ben.resume(message) for _ in range(3)]
        for viewer in viewers:
            viewer.until_text(200)
        self.ann.stop(message)
        check_stream(stream.rest())
        for viewer in viewers:
            with viewer:
                events = check_stream(viewer.rest())
                self.assertEqual(viewer.text(), stream.text())
                self.assertEqual(events[0].raw, stream.seen[0].raw)
                self.assertEqual(events[-2].raw, stream.seen[-2].raw)

    def test_resume_on_the_other_node_from_every_event(self):
        question = f"[burst] Every event {new_id()}"
        stream, message = self.begin(question)
        for number in range(6):
            self.upstream.gate(f"{question} {number}").set()
            stream.until_text(len("part 0 é, ") * (number + 1))
            check_resumes(self, self.ben, message, stream, live=True)
        check_stream(stream.rest())
        check_resumes(self, self.ben, message, stream, live=False)

    def test_a_viewer_elsewhere_is_told_that_the_model_has_the_question(self):
        question = f"[silent] Elsewhere {new_id()}"
        stream, message = self.begin(question)
        with self.ben.resume(message) as viewer:
            while not any(part["kind"] == "progress" for event in viewer.seen
                          for part in event.json.get("parts") or ()):
                viewer.next()
            self.assertEqual(viewer.seen[-1].json["parts"][0]["state"],
                             "answering")
            self.upstream.gate(question).set()
            check_stream(viewer.rest())
            self.assertEqual(viewer.text(), "At last.")
        check_stream(stream.rest())

    def test_a_viewer_elsewhere_is_woken_and_does_not_poll(self):
        question = f"[burst] Woken {new_id()}"
        stream, message = self.begin(question)
        waits = []
        with self.ben.resume(message) as viewer:
            viewer.next()
            for number in range(6):
                began = time.monotonic()
                self.upstream.gate(f"{question} {number}").set()
                viewer.until_text(len("part 0 é, ") * (number + 1))
                waits.append(time.monotonic() - began)
            check_stream(viewer.rest())
        check_stream(stream.rest())
        waits.sort()
        print(f"\nfrom node to node: median {waits[3] * 1000:.0f} ms")
        self.assertLess(waits[3], 0.5 * PATIENCE, waits)

    def test_stop_on_the_other_node(self):
        question = f"[pace] Stop {new_id()}"
        session = new_id()
        stream, message = self.begin(question, session)
        stream.until_text(20)
        exchange = self.upstream.asked(question)[0]
        began = time.monotonic()
        response = self.ben.stop(message)
        self.assertEqual(response.json["status"], "stopped")
        wait_until(lambda: exchange.closed_at, what="the model is left")
        took = exchange.closed_at - began
        print(f"\nstop from the other node: {took * 1000:.0f} ms")
        self.assertLess(took, 0.3 * PATIENCE)
        last = check_stream(stream.rest())[-2].json
        self.assertEqual(last["status"], "stopped")
        stored = self.ben.message(session, message)
        self.assertEqual((stored["status"], stored["content"]),
                         ("stopped", stream.text()))

    def test_what_changed_on_one_is_so_on_the_other(self):
        session = new_id()
        reply = self.ann.say("A chat of both", session)
        self.assertEqual(
            self.ben.message(session, reply.message_id)["content"],
            reply.text)
        self.assertEqual(self.ben.rate(reply.message_id, "up").status, 200)
        self.assertEqual(
            self.ann.message(session, reply.message_id)["rating"], "up")
        again = self.ben.say("And on", session)
        self.assertEqual(again.status, "complete")
        self.assertEqual(len(self.ann.messages(session)), 4)

    def test_one_send_to_both_nodes_is_one(self):
        body = {"content": "Once on two nodes", "session_id": new_id(),
                "message_id": new_id()}
        texts = []

        def send(user):
            answer = user.open("/chat", body)
            if not isinstance(answer, Response):
                with answer:
                    check_stream(answer.rest())
                    texts.append(answer.text())
        threads = [threading.Thread(target=send, args=(u,))
                   for u in (self.ann, self.ben) * 3]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(WAIT)
        self.assertEqual(len(texts), 6)
        self.assertEqual(len(set(texts)), 1)
        self.assertEqual(len(self.upstream.asked("Once on two nodes")), 1)


class Death(TwoNodes):
    WITHIN = 30

    def test_viewers_elsewhere_see_the_end_of_a_node_that_died(self):
        session = new_id()
        stream, message = self.begin("[pace] Until you die", session)
        viewers = [self.ben.resume(message, after=n) for n in (0, 1, 2)]
        for viewer in viewers:
            viewer.until_text(100)
        stream.until_text(100)
        self.one.kill()
        died = time.monotonic()
        texts = []
        for viewer in viewers:
            with viewer:
                events = check_stream(viewer.rest(self.WITHIN * PATIENCE))
                self.assertEqual(events[-2].json["status"], "interrupted")
                texts.append(viewer.text())
        took = time.monotonic() - died
        print(f"\nthe death of a node was told after {took:.1f} s")
        self.assertLess(took, self.WITHIN * PATIENCE)
        stored = self.ben.message(session, message)
        self.assertEqual(stored["status"], "interrupted")
        self.assertEqual(stored["content"], texts[0])
        self.assertTrue(stored["content"].endswith(texts[2]))
        self.assertTrue(stored["content"].startswith(stream.text()))
        self.assertTrue(paced_text(1500).startswith(stored["content"]))
        self.assertEqual(self.ben.resume(
            message, last_event_id=events[-2].id).status, 204)
        self.assertEqual(self.ben.say("Go on", session).status, "complete")

    def test_a_node_that_was_taken_for_dead_gives_way(self):
        """It is only held up; what the others decided stands."""
        session = new_id()
        stream, message = self.begin("[pace] Held up", session)
        stream.until_text(100)
        self.one.process.send_signal(self.harness.signal.SIGSTOP)
        try:
            with self.ben.resume(message) as viewer:
                events = check_stream(viewer.rest(self.WITHIN * PATIENCE))
        finally:
            self.one.process.send_signal(self.harness.signal.SIGCONT)
        self.assertEqual(events[-2].json["status"], "interrupted")
        mine = check_stream(stream.rest())
        self.assertEqual(mine[-2].json["status"], "interrupted")
        self.assertEqual(mine[-2].id, events[-2].id)
        self.assertEqual(stream.text(), viewer.text())
        stored = self.ann.message(session, message)
        self.assertEqual((stored["status"], stored["content"]),
                         ("interrupted", stream.text()))


class Leaving(TwoNodes):
    def test_viewers_on_a_node_that_stops_are_sent_to_the_other(self):
        stream, message = self.begin("[pace] Two stops, one goes on")
        viewer = self.ben.resume(message)
        viewer.until_text(100)
        self.two.stop()
        viewer.rest()
        viewer.close()
        self.assertIn(b"retry: ", b"".join(viewer.chunks))
        self.assertNotIn("done", [e.type for e in viewer.seen])
        with self.ann.resume(message,
                             last_event_id=viewer.seen[-1].id) as rest:
            rest.until_text(100)
            self.ann.stop(message)
            check_stream(stream.rest())
            rest.rest()
            self.assertEqual(viewer.text() + rest.text(), stream.text())


class Rate(TwoNodes):
    env = {"RATE_LIMIT_PER_MINUTE": "6"}

    def test_the_rate_is_one_for_both(self):
        statuses = []
        for user in (self.ann, self.ben) * 6:
            answer = user.open("/chat", {"content": "How often?",
                                         "session_id": new_id()})
            statuses.append(answer.status)
            if answer.status == 429:
                self.assertGreaterEqual(
                    int(answer.header("retry-after")), 1)
            else:
                answer.close()
        self.assertIn(statuses.count(200), (6, 7), statuses)
        self.assertEqual(set(statuses), {200, 429})
