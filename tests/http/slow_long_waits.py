"""What takes long by its nature, all of it at the same time."""

import concurrent.futures
import sqlite3
import time

from support.cases import ScenarioCase
from support.client import check_stream, new_id, script
from support.process import EXIT_SECONDS, Server
from support.upstream import Upstream
from support.wire import Closed, Connection, PATIENCE, wait_until

HEARTBEAT_SECONDS = 15
FRESH_SECONDS = 30  # so long an answer about an endpoint counts


def never(exchange):
    """Takes the question and says nothing at all."""
    exchange.wait_gone(60)


def silent(exchange):
    exchange.begin()
    exchange.wait_gone(60)


def stalls(exchange):
    """Begins well, then falls silent with the connection open."""
    exchange.begin()
    exchange.delta("Begun well")
    exchange.wait_gone(60)


def hold(exchange):
    exchange.begin()
    exchange.delta("Before. ")
    exchange.upstream.gate(exchange.question).wait(60)
    exchange.delta("After.")
    exchange.finish()


class LateAgent(Upstream):
    """Is not known to the workspace when first asked for."""

    known = False
    looked_up = 0

    def workspace(self, exchange):
        self.looked_up += 1
        if self.known:
            exchange.answer(200, '{"name": "late", "task": "agent/v1/chat"}')
        else:
            exchange.refuse(500, "INTERNAL_ERROR", "Not now.")

    def asked_for_trace(self):
        return "databricks_options" in self.exchanges[-1].body


class LongWaits(ScenarioCase):
    """Each test collects what a scenario, begun before, has come to."""

    @classmethod
    def begin_scenarios(cls):
        cls.upstream = cls.new_upstream(
            never=never, silent=silent, stalls=stalls, hold=hold)
        super().begin_scenarios()

    @classmethod
    def begin(cls, folder, **env):
        server = Server(folder, cls.upstream, env=env)
        cls.addClassCleanup(server.kill_if_running)
        return server.start(), script(server)

    @classmethod
    def run_late_agent(cls, folder):
        upstream = LateAgent()
        cls.addClassCleanup(upstream.close)
        server = Server(folder, upstream, env={
            "SERVING_ENDPOINT_NAME": "late", "SERVING_ENDPOINTS": "late"})
        cls.addClassCleanup(server.kill_if_running)
        user = script(server.start())
        wait_until(lambda: upstream.looked_up, what="the first look-up")
        upstream.known = True
        user.say("Who are you?")
        early = upstream.looked_up, upstream.asked_for_trace()
        time.sleep(FRESH_SECONDS + 1)

        def asked():
            user.say("And now?")
            return upstream.asked_for_trace()
        wait_until(asked, what="the agent is asked for its trace")
        server.stop()
        return early, upstream.looked_up

    def test_endpoint_is_looked_up_again(self):
        early, looked_up = self.result("late_agent")
        self.assertEqual(early, (1, False))
        self.assertEqual(looked_up, 2)

    @classmethod
    def run_heartbeat(cls, folder):
        server, user = cls.begin(folder)
        with user.ask("[silent] Is anybody alive?") as stream:
            message = stream.next().json["message_id"]
            began = time.monotonic()
            stream.connection.sock.settimeout(
                (HEARTBEAT_SECONDS + 5) * PATIENCE)
            while not stream.reader.comments:
                stream.reader.feed(stream.connection.read_chunk())
            seconds = time.monotonic() - began
            user.stop(message)
            check_stream(stream.rest())
        server.stop()
        return stream.reader.comments, seconds

    def test_silent_stream_has_a_heartbeat(self):
        comments, seconds = self.result("heartbeat")
        self.assertEqual(comments, [b": ping"])
        self.assertLessEqual(seconds, (HEARTBEAT_SECONDS + 2) * PATIENCE)

    @classmethod
    def run_no_first_byte(cls, folder):
        server, user = cls.begin(folder, FIRST_BYTE_TIMEOUT="2s")
        reply = user.say("[never] Will you ever begin?", timeout=30)
        server.stop()
        return reply

    def test_model_that_never_begins_is_given_up(self):
        reply = self.result("no_first_byte")
        self.assertEqual(reply.status, "error")
        self.assertEqual(reply.error["code"], "upstream_timeout")
        self.assertTrue(reply.last["content"])

    @classmethod
    def run_stall(cls, folder):
        server, user = cls.begin(folder, IDLE_TIMEOUT="2s")
        session = new_id()
        reply = user.say("[stalls] Will you go on?", session, timeout=30)
        stored = user.message(session, reply.message_id)
        server.stop()
        return reply, stored

    def test_model_that_stalls_is_given_up_with_its_text_kept(self):
        reply, stored = self.result("stall")
        self.assertIn(reply.status, ("error", "interrupted"))
        self.assertIn(reply.error["code"],
                      ("upstream_timeout", "upstream_interrupted"))
        self.assertEqual(reply.text, "Begun well")
        self.assertEqual(stored["content"], "Begun well")
        self.assertEqual(stored["status"], reply.status)

    @classmethod
    def run_total(cls, folder):
        server, user = cls.begin(folder, TOTAL_TIMEOUT="3s")
        reply = user.say("[stalls] Have you a limit?", timeout=30)
        server.stop()
        return reply

    def test_reply_has_a_limit_as_a_whole(self):
        reply = self.result("total")
        self.assertIn(reply.status, ("error", "interrupted"))
        self.assertEqual(reply.text, "Begun well")

    @classmethod
    def run_default_grace(cls, folder):
        server, user = cls.begin(folder)
        session = new_id()
        with user.ask("[hold] Will you outlive the signal?",
                      session) as stream:
            stream.until_text(len("Before. "))
            status, seconds = server.end()
            try:
                stream.rest()
            except (Closed, ConnectionError):
                pass
        server.check_log()
        server.restart()
        messages = user.messages(session)
        server.stop()
        return status, seconds, stream.text(), messages

    def test_signal_ends_it_in_time_with_a_reply_that_never_ends(self):
        status, seconds, seen, messages = self.result("default_grace")
        self.assertEqual(status, 0)
        self.assertLessEqual(seconds, EXIT_SECONDS * PATIENCE)
        self.assertEqual(messages[1]["status"], "interrupted")
        self.assertEqual(messages[1]["content"], "Before. ")
        self.assertEqual(seen, "Before. ")

    @classmethod
    def run_half_request(cls, folder):
        server, _ = cls.begin(folder)
        began = time.monotonic()
        with Connection(server.port, timeout=30 * PATIENCE) as connection:
            connection.send(b"GET /chat-api/ HTTP/1.1\r\nHost: x\r\nX-Slo")
            answer = connection.read_rest()
        server.stop()
        return answer, time.monotonic() - began

    def test_half_a_request_is_cut(self):
        answer, seconds = self.result("half_request")
        self.assertTrue(answer == b"" or answer.startswith(b"HTTP/1.1 408"))
        self.assertLess(seconds, 25 * PATIENCE)

    @classmethod
    def run_trickle(cls, folder):
        """A header that comes byte by byte, each in time on its own."""
        server, _ = cls.begin(folder)
        began = time.monotonic()
        with Connection(server.port) as connection:
            connection.send(b"GET /chat-api/ HTTP/1.1\r\nHost: x\r\nX: ")
            try:
                while time.monotonic() - began < 25 * PATIENCE:
                    connection.send(b"x")
                    if connection.is_closed(0.3):
                        break
            except ConnectionError:
                pass
        server.stop()
        return time.monotonic() - began

    def test_header_that_trickles_is_cut(self):
        self.assertLess(self.result("trickle"), 20 * PATIENCE)

    @classmethod
    def run_busy_database(cls, folder):
        """Somebody else holds the file's lock for seconds."""
        server, user = cls.begin(folder)
        session = new_id()
        user.say("First the tables.", session)
        base = sqlite3.connect(server.database, isolation_level=None)
        base.execute("BEGIN IMMEDIATE")
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            answer = pool.submit(user.say, "Is the file mine?", session,
                                 timeout=40)
            time.sleep(4)
            base.execute("ROLLBACK")
            base.close()
            reply = answer.result(40)
        messages = user.messages(session)
        server.stop()
        return reply, messages

    def test_lock_of_another_program_only_delays(self):
        reply, messages = self.result("busy_database")
        self.assertEqual(reply.status, "complete")
        self.assertEqual(messages[-1]["content"], reply.text)
        self.assertEqual(len(messages), 4)

    @classmethod
    def run_demo(cls, folder):
        server = Server(folder)
        cls.addClassCleanup(server.kill_if_running)
        user, session = script(server.start()), new_id()
        demo = user.get("/config").json["demo"]
        reply = user.say("What can you do?", session, timeout=60)
        stored = user.message(session, reply.message_id)
        server.hide(reply.text)
        server.stop()
        return demo, reply, stored, server.said("stdout")

    def test_demo_answers_without_a_workspace_and_says_so(self):
        demo, reply, stored, said = self.result("demo")
        self.assertIs(demo, True)
        self.assertIn("demo", said.lower())
        self.assertEqual(reply.status, "complete")
        self.assertGreater(len(reply.text), 20)
        self.assertEqual(stored["content"], reply.text)
