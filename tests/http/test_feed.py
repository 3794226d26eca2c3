"""The change feed: what one window does, the others of that person hear."""

import contextlib
import os
import random
import signal
import sqlite3

from support.cases import AppCase, FolderCase
from support.client import new_id, person, script
from support.scripts import hold
from support.wire import Response, WAIT, request, target
from test_races import at_once


class Listener:
    """A window that listens; gives what it hears as (kind, ids...)."""

    def __init__(self, user, after=None, last_event_id=None):
        headers = {"Last-Event-ID": last_event_id} if last_event_id else {}
        self.stream = user.open(target("/events", after=after), None,
                                method="GET", headers=headers)
        assert not isinstance(self.stream, Response), self.stream
        self.hello = self.stream.next()
        assert self.hello.type == "hello", self.hello
        self.last = self.hello.json["last"]

    def next(self, timeout=WAIT):
        event = self.stream.next(timeout)
        assert event is not None, "the feed has ended"
        return event

    def hear(self, kind, session, message=None):
        """Reads until that is told; gives all that was told until then."""
        heard = []
        while True:
            event = self.next()
            heard.append(event)
            assert event.type == "message", heard
            change = event.json
            if (change["kind"], change["session_id"]) == (kind, session) \
                    and message in (None, change["message_id"]):
                return heard

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stream.close()


class Feed(AppCase):
    scripts = {"hold": hold}

    def listen(self, user, **place):
        listener = Listener(user, **place)
        self.addCleanup(listener.stream.close)
        return listener

    def last(self, user):
        with Listener(user) as listener:
            return listener.last

    def test_two_windows_of_one_person_hear_each_other(self):
        phone, laptop = self.listen(self.ann), self.listen(self.ann)
        session, question = new_id(), "[hold] From the phone"
        with self.ann.ask(question, session) as stream:
            reply = stream.take(1)[0].json["message_id"]
            for window in (phone, laptop):
                window.hear("chat", session)
                window.hear("message", session, reply)
            self.upstream.gate(question).set()
            stream.rest()
        acts = (
            ("message", lambda: self.ann.rate(reply, "up")),
            ("chat", lambda: self.ann.call("PATCH", f"/chats/{session}",
                                           {"title": "New name"})),
            ("queue", lambda: self.ann.post(f"/chats/{session}/queue",
                                            {"content": "later"})),
            ("draft", lambda: self.ann.call("PUT", f"/drafts/{session}",
                                            {"content": "not yet"})),
            ("deleted", lambda: self.ann.call("DELETE", f"/chats/{session}")),
            ("chat", lambda: self.ann.post(f"/chats/{session}/restore")),
        )
        phone.hear("message", session, reply)  # the end of the reply
        laptop.hear("message", session, reply)
        for kind, act in acts:
            self.assertLess(act().status, 300)
            for window in (phone, laptop):
                self.assertEqual(window.hear(kind, session)[-1].json["kind"],
                                 kind)
        self.assertEqual(phone.stream.seen[-1].id, laptop.stream.seen[-1].id)

    def test_nothing_of_another_person_leaks(self):
        mine, theirs = self.listen(self.bob), self.listen(self.ann)
        session, own = new_id(), new_id()
        self.ann.say("A secret of Ann's", session)
        self.ann.call("PATCH", f"/chats/{session}", {"title": "Secret"})
        self.bob.call("PATCH", f"/chats/{session}", {"title": "Mine"})
        self.ann.rate(self.ann.messages(session)[1]["message_id"], "up")
        theirs.hear("message", session)
        self.bob.say("Something of Bob's", own)
        heard = mine.hear("chat", own)
        self.assertEqual({e.json["session_id"] for e in heard}, {own})
        again = self.listen(self.bob, after=0)
        heard = again.hear("chat", own)
        self.assertEqual({e.json["session_id"] for e in heard
                          if e.json["session_id"] == session}, set())

    def test_feed_resumes_where_it_was_cut(self):
        session = new_id()
        with Listener(self.ann) as window:
            self.ann.say("Before the cut", session)
            cut = window.hear("message", session)[-1].id
        for number in range(3):
            self.ann.call("PUT", f"/drafts/{session}",
                          {"content": f"text {number}"})
        self.ann.call("DELETE", f"/chats/{session}")
        for place in ({"after": cut}, {"last_event_id": cut}):
            with Listener(self.ann, **place) as window:
                self.assertEqual(window.hello.id, cut)
                heard = window.hear("deleted", session)
                numbers = [int(e.id) for e in heard]
                self.assertEqual(numbers, sorted(set(numbers)))
                self.assertGreater(numbers[0], int(cut))
                self.assertEqual(numbers[-1], window.last)
                drafts = [e for e in heard if e.json["kind"] == "draft"]
                self.assertEqual(len(drafts), 1, "they say the same")
        with Listener(self.ann, after=numbers[-1]) as window:
            self.ann.post(f"/chats/{session}/restore")
            self.assertEqual(len(window.hear("chat", session)), 1)

    def test_window_without_a_place_begins_now(self):
        self.ann.say("Long ago", new_id())
        window = self.listen(self.ann)
        self.assertEqual(int(window.hello.id), window.last)
        session = new_id()
        self.ann.call("PUT", f"/drafts/{session}", {"content": "now"})
        self.assertEqual(int(window.hear("draft", session)[0].id),
                         window.last + 1)

    def test_place_of_another_feed_is_reset(self):
        with Listener(self.ann, after=10 ** 9) as window:
            event = window.next()
            self.assertEqual(event.type, "reset")
            self.assertEqual(int(event.id), window.last)
            session = new_id()
            self.ann.call("PUT", f"/drafts/{session}", {"content": "x"})
            window.hear("draft", session)

    def test_window_that_was_away_too_long_is_reset(self):
        session = new_id()
        begin = self.last(self.ann)
        for number in range(300):
            self.ann.call("PUT", f"/drafts/{session}",
                          {"content": f"text {number}"})
        with Listener(self.ann, after=begin) as window:
            self.assertEqual(window.next().type, "reset")
        with Listener(self.ann, after=begin + 100) as window:
            self.assertEqual(len(window.hear("draft", session)), 1)

    def test_window_that_does_not_read_costs_nobody(self):
        sleeper = self.ann.open("/events", None, method="GET",
                                receive_buffer=4096)
        self.addCleanup(sleeper.close)
        window = self.listen(self.ann)
        sessions = [new_id() for _ in range(400)]
        for session in sessions:
            self.ann.call("PUT", f"/drafts/{session}", {"content": "x"})
            window.hear("draft", session)
        told, resets, last = [], 0, 0
        while last < int(window.stream.seen[-1].id):
            event = sleeper.next()
            last = int(event.id)
            resets += event.type == "reset"
            if event.type == "message":
                told.append(event.json["session_id"])
        known = [s for s in told if s in set(sessions)]
        self.assertEqual(known, [s for s in sessions if s in set(known)])
        self.assertTrue(resets or known == sessions)

    def test_twenty_tabs_are_too_many_but_all_else_works(self):
        answers = at_once(20, lambda n: self.bob.open("/events", None,
                                                      method="GET"))
        open_ones = [a for a in answers if not isinstance(a, Response)]
        for answer in open_ones:
            self.addCleanup(answer.close)
        self.assertEqual(len(open_ones), 16)
        for answer in answers:
            if isinstance(answer, Response):
                problem = self.assertProblem(answer, 429, "rate_limited")
                self.assertGreater(problem["retry_after"], 0)
        session = new_id()
        self.bob.say("Does a tab still work?", session)
        for stream in open_ones:
            while stream.next().data.find(session) < 0:
                pass
        self.listen(self.ann)
        open_ones[0].close()
        session = new_id()
        self.bob.say("And when one is closed?", session)
        for stream in open_ones[1:]:
            while stream.next().data.find(session) < 0:
                pass
        self.listen(self.bob)

    def test_place_that_is_no_number_is_refused(self):
        for place in ("x", "-1", "1.5"):
            answer = self.ann.get("/events", after=place)
            self.assertProblem(answer, 422, "invalid_request", "after")
            answer = self.ann.get("/events",
                                  headers={"Last-Event-ID": place})
            self.assertProblem(answer, 422, "invalid_request", "after")


class Chance(AppCase):
    """On two loops: acts, cuts and resumes by chance lose nothing."""

    env = {**AppCase.env, "WORKERS": "2"}
    ACTS, ROUNDS = 60, 6

    def act(self, chance, sessions):
        """One act of some window of Ann's, on whichever loop takes it."""
        session = chance.choice(sessions)
        answer = chance.choice((
            lambda: self.ann.call("PATCH", f"/chats/{session}",
                                  {"pinned": chance.random() < 0.5}),
            lambda: self.ann.call("PUT", f"/drafts/{session}",
                                  {"content": f"text {chance.random()}"}),
            lambda: self.ann.post(f"/chats/{session}/queue",
                                  {"content": "wait"}),
            lambda: self.ann.call("DELETE", f"/chats/{session}"),
            lambda: self.ann.post(f"/chats/{session}/restore"),
        ))()
        self.assertIn(answer.status, (200, 201, 204, 404, 409), answer)

    def follow(self, chance, begin, end):
        """Reads a feed up to a number, cut by chance; gives what it knows:
        the number that each change was last told with."""
        known, place = {}, begin
        while place < end:
            with Listener(self.ann, after=place) as window:
                budget = chance.randrange(1, 20)
                while budget and place < end:
                    event = window.next()
                    self.assertEqual(event.type, "message")
                    self.assertGreater(int(event.id), place)
                    place, budget = int(event.id), budget - 1
                    known[event.data] = place
        return known

    def test_cut_windows_know_all_in_the_end(self):
        seed = int(os.environ.get("CHATBOT_TEST_SEED",
                                  random.randrange(10**9)))
        print(f"\nCHATBOT_TEST_SEED={seed}")
        chance = random.Random(seed)
        sessions = [new_id() for _ in range(5)]
        for session in sessions:
            self.ann.say("Hello", session)
        with Listener(self.ann) as whole:
            for _ in range(self.ROUNDS):
                self.check_round(chance, sessions, whole)

    def check_round(self, chance, sessions, whole):
        with Listener(self.ann) as now:
            begin = now.last
        chances = [random.Random(chance.random()) for _ in range(4)]
        done = at_once(4, lambda n: [self.act(chances[n], sessions)
                                     for _ in range(self.ACTS // 4)])
        self.assertNotIn(None, done)
        last = f"last-{chance.random()}"
        self.ann.call("PUT", f"/drafts/{last}", {"content": "x"})
        heard = whole.hear("draft", last)
        told = {e.data: int(e.id) for e in heard if int(e.id) > begin}
        end = int(heard[-1].id)
        views = at_once(3, lambda n: self.follow(chances[n], begin, end))
        for view in views:
            self.assertEqual(view, told)


class FeedLife(FolderCase):
    """What a restart, a purge and strangers do to a feed."""

    def test_stopping_server_tells_when_to_come_back(self):
        upstream = self.new_upstream()
        server = self.serve(upstream)
        user = script(server)
        with Listener(user) as window:
            server.process.send_signal(signal.SIGTERM)
            event = window.next()
            self.assertEqual(event.type, "reconnect")
            self.assertIsNone(event.id)
            self.assertGreater(event.json["retry_after_ms"], 0)
            self.assertIsNone(window.stream.next())
            last = window.hello.id
        self.assertEqual(server.wait(), 0)
        server.restart()
        user = script(server)
        session = new_id()
        user.call("PUT", f"/drafts/{session}", {"content": "after"})
        with Listener(user, after=last) as window:
            window.hear("draft", session)

    def test_purged_changes_are_said_to_be_gone(self):
        server = self.serve(self.new_upstream())
        user = script(server)
        for number in range(3):
            user.call("PUT", f"/drafts/s{number}", {"content": "x"})
        with contextlib.closing(sqlite3.connect(server.database)) as database:
            database.execute("DELETE FROM changes WHERE sequence < 3")
            database.commit()
        with Listener(user, after=1) as window:
            self.assertEqual(window.next().type, "reset")
        with Listener(user, after=2) as window:
            window.hear("draft", "s2")

    def test_stranger_hears_nothing(self):
        server = self.serve(self.new_upstream())
        answer = request(server.port, "GET", "/chat-api/events")
        self.assertProblem(answer, 401, "unauthenticated")
        answer = person(server, "eve").get("/events")
        self.assertProblem(answer, 401, "unauthenticated")
