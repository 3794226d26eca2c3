"""Feedback reaches MLflow in the end: late traces, outages, crashes."""

import signal

from slow_postgres import PostgresCase
from support.client import new_id, script
from support.feedback import (AGENT, Gate, assessments, settings, traced_reply,
                              wait_assessments)
from support.process import EMULATOR_TOKEN, Emulator
from support.wire import request, wait_until
from test_mlflow import Told


class Delays(Told):
    def fails(self, fault, times):
        """The next calls to MLflow fail so; the vote is told after them."""
        reply = traced_reply(self.user, self.session)
        self.emulator.control("mlflow", fault, times)
        self.rate(reply, "up", comment=fault)
        wait_until(lambda: self.metric("feedback_retries_total"),
                   what="a try has failed")
        self.assertEqual(self.metric("feedback_waiting"), 1)
        self.assertEqual(assessments(self.emulator), [])
        wait_assessments(self.emulator, (True, fault, None))
        wait_until(lambda: self.metric("feedback_waiting") == 0,
                   what="nothing waits")
        self.assertEqual(self.metric("feedback_retries_total"), times)
        self.assertIn("it is tried again", self.server.log)

    def test_a_trace_that_is_late(self):
        self.fails("error-404", 2)

    def test_a_rate_limit(self):
        self.fails("error-429", 1)

    def test_an_outage(self):
        self.fails("error-503", 2)

    def test_a_change_of_mind_need_not_wait(self):
        reply = traced_reply(self.user, self.session)
        self.emulator.control("mlflow", "error-503", 1)
        self.rate(reply, "up")
        wait_until(lambda: self.metric("feedback_retries_total"),
                   what="a try has failed")
        self.rate(reply, "down")
        wait_assessments(self.emulator, (False, None, None))

    def test_what_somebody_deleted_there_is_made_anew(self):
        reply = traced_reply(self.user, self.session)
        self.rate(reply, "up")
        wait_assessments(self.emulator, (True, None, None))
        wait_until(lambda: self.metric("feedback_waiting") == 0,
                   what="it is noted")
        first = self.delete()
        self.assertEqual(assessments(self.emulator), [])
        self.rate(reply, "down")
        wait_assessments(self.emulator, (False, None, None))
        second, = assessments(self.emulator)[0]
        self.assertNotEqual(second["assessment_id"], first["assessment_id"])

    def delete(self):
        """Takes the only assessment away behind the server's back."""
        one, = assessments(self.emulator)[0]
        place = (f"/api/3.0/mlflow/traces/{one['trace_id']}/assessments/"
                 + one["assessment_id"])
        response = request(self.emulator.port, "DELETE", place, {
            "Authorization": f"Bearer {EMULATOR_TOKEN}"})
        self.assertEqual(response.status, 200, response)
        return one

    def test_a_restart_goes_on(self):
        reply = traced_reply(self.user, self.session)
        self.emulator.control("mlflow", "error-503", 1)
        self.rate(reply, "up")
        wait_until(lambda: self.metric("feedback_retries_total"),
                   what="a try has failed")
        self.server.stop()
        self.server.restart()
        wait_assessments(self.emulator, (True, None, None))


class Crash(Told):
    """The process dies when MLflow has the vote and it does not know."""

    def setUp(self):
        super().setUp()
        self.server.stop()
        self.gate = Gate(self.emulator)
        self.addCleanup(self.gate.close)
        self.server.env |= settings(self.gate.url)
        self.server.restart()

    def crash(self, rating):
        self.gate.open.clear()
        reply = traced_reply(self.user, self.session)
        self.rate(reply, rating)
        self.assertTrue(self.gate.held.wait(30))
        self.server.end(signal.SIGKILL)
        self.gate.open.set()
        return reply

    def test_a_vote_is_not_made_twice(self):
        reply = self.crash("up")
        self.server.restart()
        wait_until(lambda: self.gate.calls[-2:] == ["GET", "PATCH"],
                   what="it looks before it tells")
        self.rate(reply, "down")
        wait_assessments(self.emulator, (False, None, None))

    def test_a_vote_withdrawn_meanwhile_is_found_and_deleted(self):
        reply = self.crash("up")
        self.emulator.control("mlflow", "error-503", 1)
        self.server.restart()
        self.rate(reply, "null")
        wait_assessments(self.emulator)
        self.assertNotIn("POST", self.gate.calls[1:])


class TwoNodes(PostgresCase):
    def setUp(self):
        self.emulator = Emulator(self.fresh_folder())
        self.addCleanup(self.emulator.stop)
        self.emulator.start()
        self.emulator.control(AGENT, None, 1000, first_token_ms=0,
                              tokens_per_second=5000)
        self.gate = Gate(self.emulator)
        self.addCleanup(self.gate.close)
        self.one, self.two = self.node(), self.node()
        self.ann, self.ben = script(self.one), script(self.two)

    def node(self):
        server = self.serve_by(DATABASE_URL=self.url(),
                               **settings(self.gate.url))
        server.hide(self.harness.PASSWORD)
        return server.start()

    def test_each_vote_is_told_once_whoever_tells(self):
        replies = [traced_reply(self.ann, new_id()) for _ in range(6)]
        for number in range(5):
            for reply in replies:
                user = self.ann if number % 2 else self.ben
                user.rate(reply.message_id, "down" if number % 2 else "up")
        wait_assessments(self.emulator, *[(True, None, None)] * 6)
        self.assertEqual(self.gate.calls.count("POST"), 6)

    def test_what_a_dead_node_has_taken_the_other_tells(self):
        reply = traced_reply(self.ann, new_id())
        self.gate.open.clear()
        self.ann.rate(reply.message_id, "up")
        self.assertTrue(self.gate.held.wait(30))
        self.one.end(signal.SIGKILL)
        self.gate.open.set()
        wait_until(lambda: self.gate.calls[-2:] == ["GET", "PATCH"], 180,
                   what="the other node has looked and told")
        wait_assessments(self.emulator, (True, None, None))
