"""Variants and replies that go on, with two nodes on one PostgreSQL."""

from slow_postgres import PostgresCase
from support.client import Reply, check_stream, new_id, script
from support.wire import PATIENCE, wait_until
from test_continue import WHOLE, Going, dispatch, read, text_of
from test_variants import Tree, count


class TwoNodes(Going, Tree, PostgresCase):
    def setUp(self):
        self.upstream.scripts |= {"echo": dispatch, "count": count}
        self.upstream.cuts = []
        self.nodes = [self.serve_by(DATABASE_URL=self.url()).start()
                      for _ in range(2)]
        self.users = [script(node) for node in self.nodes]
        self.user = self.users[0]

    def go_on_at_the_second(self, session, message, begun):
        """The second node goes on; the first one's viewer sees it all."""
        self.upstream.cuts = [len(begun) + 200]
        self.user = self.users[1]
        with self.go_on(message) as stream:
            self.assertEqual(stream.next().json["continued"], True)
            stream.until_text(100)
            viewers = [user.resume(message, 0) for user in self.users
                       if user.server.running]
            for viewer in viewers:
                viewer.until_text(len(begun) + 100)
            self.user.stop(message)
            check_stream(stream.rest())
            for viewer in viewers:
                with viewer:
                    self.assertEqual(text_of(check_stream(viewer.rest())),
                                     begun + stream.text())
        self.upstream.cuts = []
        read(self.go_on(message))
        for user in self.users:
            if user.server.running:
                stored = user.message(session, message)
                self.assertEqual((stored["content"], stored["status"]),
                                 (WHOLE, "complete"))
                self.assertEqual(text_of(read(user.resume(message, 0))),
                                 WHOLE)

    def test_reply_stopped_at_one_node_goes_on_at_the_other(self):
        session = new_id()
        self.upstream.cuts = [150]
        message, seen = self.begin_and_stop(session, "Which node?", 60)
        self.go_on_at_the_second(session, message, text_of(seen))

    def test_reply_of_a_node_that_died_goes_on_at_the_other(self):
        session = new_id()
        self.upstream.cuts = [150]
        with self.user.ask("Who lives?", session) as stream:
            seen = stream.until_text(60)
            message = stream.seen[0].json["message_id"]
            self.nodes[0].kill()
        cut = wait_until(
            lambda: (m := self.users[1].message(session, message))["status"]
            == "interrupted" and m, 30 * PATIENCE, "the end is noticed")
        self.assertTrue(cut["content"].startswith(seen))
        self.go_on_at_the_second(session, message, cut["content"])

    def test_what_one_node_shows_the_other_gives(self):
        session, question = new_id(), "[count] Which text?"
        message = self.user.say(question, session).message_id
        self.users[1].regenerate(message, question, session)
        for number, expected in ((1, "answer 1"), (2, "answer 2")):
            self.user = self.users[number % 2]
            self.assertEqual(self.show(message, number).status, 200)
            for user in self.users:
                with user.resume(message, 0) as stream:
                    self.assertEqual(
                        Reply(check_stream(stream.rest())).text, expected)
