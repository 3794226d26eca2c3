"""The change feed of two nodes on one PostgreSQL."""

import time

from slow_postgres import PostgresCase
from support.client import new_id, script
from support.wire import PATIENCE
from test_feed import Listener

SOON = 4 * PATIENCE  # well before a heartbeat would look by itself


class TwoNodes(PostgresCase):
    def start_two(self):
        nodes = [self.serve_by(DATABASE_URL=self.url()).start()
                 for _ in range(2)]
        return nodes, [script(node) for node in nodes]

    def draft(self, user):
        session = new_id()
        answer = user.call("PUT", f"/drafts/{session}", {"content": "x"})
        self.assertEqual(answer.status, 204, answer)
        return session

    def hear_soon(self, window, kind, session):
        began = time.monotonic()
        heard = window.hear(kind, session)
        self.assertLess(time.monotonic() - began, SOON)
        return heard

    def test_acts_on_one_node_are_heard_on_the_other(self):
        _, (first, second) = self.start_two()
        with Listener(first) as here, Listener(second) as there:
            for user in (first, second, first, second):
                session = self.draft(user)
                for window in (here, there):
                    self.hear_soon(window, "draft", session)
            session = new_id()
            first.say("Do you hear me?", session)
            self.hear_soon(there, "chat", session)
            self.hear_soon(there, "message", session)
            second.call("PATCH", f"/chats/{session}", {"title": "Yes"})
            for window in (here, there):
                self.hear_soon(window, "chat", session)

    def test_window_of_a_dead_node_goes_on_at_the_other(self):
        nodes, (first, second) = self.start_two()
        with Listener(first) as window:
            place = self.hear_soon(window, "draft", self.draft(second))[-1].id
            nodes[0].kill()
            missed = self.draft(second)
        with Listener(second, after=place) as window:
            heard = self.hear_soon(window, "draft", missed)
            self.assertEqual(int(heard[0].id), int(place) + 1)
            self.hear_soon(window, "draft", self.draft(second))

    def test_feed_outlives_a_restart_of_the_database(self):
        _, (first, second) = self.start_two()
        with Listener(second) as window:
            self.hear_soon(window, "draft", self.draft(first))
            self.cluster.process.send_signal(self.harness.signal.SIGINT)
            session = self.draft(first)
            window.hear("draft", session)
            self.hear_soon(window, "draft", self.draft(first))
