"""Ratings of replies that have a trace are brought to MLflow."""

import sqlite3

from support.cases import FolderCase
from support.client import new_id, script
from support.feedback import (AGENT, PLAIN, assessments, settings, traced_reply,
                              wait_assessments)
from support.process import Emulator
from support.wire import request, wait_until


class Told(FolderCase):
    env = {}

    def setUp(self):
        self.emulator = Emulator(self.fresh_folder())
        self.addCleanup(self.emulator.stop)
        self.emulator.start()
        self.emulator.control(AGENT, None, 1000, first_token_ms=0,
                              tokens_per_second=5000)
        self.server = self.serve(env=settings(self.emulator.url, **self.env))
        self.user = script(self.server)
        self.session = new_id()

    def rate(self, reply, rating, **body):
        response = self.user.post(f"/messages/{reply.message_id}/rate",
                                  body or None, rating=rating)
        self.assertEqual(response.status, 200, response)

    def metric(self, name):
        text = request(self.server.port, "GET", "/metrics").text
        return int({line.split()[0]: line.split()[1]
                    for line in text.splitlines()}[f"chatbot_{name}"])


class Feedback(Told):
    def test_a_vote_is_made_changed_and_taken_back(self):
        secret = "It is 300 m tall, not 30."
        self.server.hide(secret)
        reply = traced_reply(self.user, self.session)
        self.rate(reply, "up")
        wait_assessments(self.emulator, (True, None, None))
        made, = assessments(self.emulator)[0]
        self.assertEqual(made["assessment_name"], "user_feedback")
        self.assertEqual(made["source"], {
            "source_type": "HUMAN", "source_id": "local"})
        self.assertEqual(made["metadata"]["message_id"], reply.message_id)
        self.rate(reply, "down", reasons=["inaccurate", "other"],
                  comment=secret)
        wait_assessments(self.emulator, (False, secret, "inaccurate,other"))
        self.rate(reply, "down", reasons=[], comment="")
        wait_assessments(self.emulator, (False, None, None))
        changed, = assessments(self.emulator)[0]
        self.assertEqual(changed["assessment_id"], made["assessment_id"])
        self.rate(reply, "null")
        wait_assessments(self.emulator)
        wait_until(lambda: self.metric("feedback_waiting") == 0,
                   what="nothing waits")
        self.assertGreaterEqual(self.metric("feedback_told_total"), 4)
        self.assertEqual(self.metric("feedback_given_up_total"), 0)

    def test_each_variant_has_its_own(self):
        reply = traced_reply(self.user, self.session)
        self.rate(reply, "down", comment="first")
        wait_assessments(self.emulator, (False, "first", None))
        self.user.regenerate(reply.message_id, "hello, short please",
                             self.session)
        self.rate(reply, "up", comment="second")
        wait_assessments(self.emulator, (False, "first", None),
                         (True, "second", None))
        self.user.post(f"/messages/{reply.message_id}/variants/1/show")
        self.rate(reply, "null")
        wait_assessments(self.emulator, (True, "second", None))

    def test_a_quick_change_of_mind_is_told_as_it_ends(self):
        reply = traced_reply(self.user, self.session)
        for number in range(20):
            self.rate(reply, "down" if number % 2 else "up",
                      comment=f"thought {number}")
        wait_assessments(self.emulator, (False, "thought 19", None))

    def test_only_replies_with_a_trace_are_told(self):
        traced = traced_reply(self.user, self.session)
        plain = self.user.say("hello", self.session, serving_endpoint=PLAIN)
        self.rate(plain, "up")
        self.rate(traced, "up")
        wait_assessments(self.emulator, (True, None, None))
        self.assertEqual(self.metric("feedback_told_total"), 1)


class Off(Told):
    env = {"MLFLOW_FEEDBACK": "off"}

    def test_nothing_is_told_or_kept_for_it(self):
        reply = traced_reply(self.user, self.session)
        self.rate(reply, "up")
        self.server.stop()
        with sqlite3.connect(self.server.database) as base:
            self.assertEqual(
                base.execute("SELECT count(*) FROM feedback_outbox")
                .fetchone(), (0,))
            trace, = base.execute("SELECT trace_id FROM messages WHERE"
                                  " message_id = ?",
                                  (reply.message_id,)).fetchone()
        self.assertTrue(trace)
        self.assertEqual(assessments(self.emulator), [])
