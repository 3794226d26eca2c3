"""What operators look at: health, readiness, metrics, the log, the start."""

import re
import time

from support.cases import FolderCase, ServedCase
from support.client import check_stream, new_id, script
from support.process import Process
from support.wire import Connection, PATIENCE, request, wait_until

SAMPLE = re.compile(r"^([a-z_]+)(?:\{[^}]*\})? (\S+)$")
LOG_LINE = re.compile(r'^time=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z '
                      r'level=(error|warn|info|debug) msg=("[^"\n]*"|\S+)')


def hold(exchange):
    exchange.begin()
    exchange.delta("Counting. ")
    exchange.upstream.gate(exchange.question).wait(60)
    exchange.finish()


def fails(exchange):
    exchange.refuse(400, "BAD_REQUEST", "Bad request.")


class Health(ServedCase):
    scripts = {"hold": hold, "fails": fails}

    def ask(self, path):
        return request(self.server.port, "GET", path)

    def metrics(self):
        values = {}
        for line in self.ask("/metrics").text.splitlines():
            if match := SAMPLE.match(line):
                values[match[1]] = (values.get(match[1], 0)
                                    + float(match[2]))
        return values

    def test_health_is_about_the_process(self):
        response = self.ask("/healthz")
        self.assertEqual(response.status, 200)
        self.assertRegex(response.header("content-type"),
                         r"^application/json")
        self.assertEqual(response.json["status"], "ok")

    def test_readiness_is_about_the_store_and_the_endpoint(self):
        response = self.ask("/readyz")
        self.assertEqual(response.status, 200, response)
        self.assertRegex(response.header("content-type"),
                         r"^application/json")
        self.assertIn("store", response.text)

    def test_metrics_are_in_the_format_of_prometheus(self):
        response = self.ask("/metrics")
        self.assertEqual(response.status, 200)
        self.assertRegex(response.header("content-type"),
                         r"^text/plain; version=0\.0\.4")
        self.assertTrue(response.text.endswith("\n"))
        kinds, seen = {}, set()
        for line in response.text.splitlines():
            if line.startswith("# TYPE "):
                _, _, name, kind = line.split(" ")
                self.assertNotIn(name, kinds, "described twice")
                kinds[name] = kind
            elif not line.startswith("# HELP "):
                match = SAMPLE.match(line)
                self.assertTrue(match, line)
                float(match[2])
                seen.add(match[1])
        self.assertGreater(len(seen), 10)
        for name in seen:
            self.assertRegex(name, r"^(chatbot|process)_")
            base = re.sub(r"_(bucket|sum|count)$", "", name)
            self.assertTrue({name, base} & set(kinds), name)
            if kinds.get(name) == "counter":
                self.assertTrue(name.endswith("_total"), name)

    def test_counters_count(self):
        before = self.metrics()
        self.user.say("Count me.")
        self.user.say("[fails] Count me, too.")
        self.user.get("/nothing")
        after = self.metrics()
        grown = {name: after[name] - before.get(name, 0) for name in after}
        self.assertEqual(grown["chatbot_replies_started_total"], 2)
        self.assertEqual(grown["chatbot_replies_complete_total"], 1)
        self.assertEqual(grown["chatbot_replies_failed_total"], 1)
        self.assertGreaterEqual(grown["chatbot_upstream_requests_total"], 2)
        self.assertGreaterEqual(grown["chatbot_upstream_failures_total"], 1)
        self.assertGreaterEqual(
            grown["chatbot_http_client_errors_total"], 1)
        self.assertGreaterEqual(grown["chatbot_http_requests_total"], 3)
        self.assertGreaterEqual(grown["chatbot_reply_events_total"], 1)

    def samples(self):
        """Each sample with its labels."""
        return {name: float(value) for name, _, value in (
            line.rpartition(" ") for line in self.ask("/metrics")
            .text.splitlines() if not line.startswith("#"))}

    def test_times_and_codes_are_told(self):
        before = self.samples()
        self.user.say("Time me.")
        self.user.say("[fails] And fail.")
        self.user.get("/nothing")
        after = self.samples()

        def grown(name):
            return after.get(name, 0) - before.get(name, 0)

        self.assertEqual(grown("chatbot_first_token_seconds_count"), 1)
        for what in ("event_log", "store_commit"):
            name = f"chatbot_{what}_seconds"
            self.assertGreaterEqual(grown(f"{name}_count"), 1)
            self.assertEqual(after[f"{name}_count"],
                             after[name + '_bucket{le="+Inf"}'])
            self.assertGreater(after[f"{name}_sum"], 0)
        self.assertEqual(
            grown('chatbot_refusals_total{code="not_found"}'), 1)
        self.assertEqual(grown(
            'chatbot_reply_errors_total{code="upstream_bad_request"}'), 1)
        version = self.ask("/healthz").json["version"]
        self.assertEqual(
            after[f'chatbot_build_info{{version="{version}"}}'], 1)
        self.assertGreater(after["process_resident_memory_bytes"], 1 << 20)

    def test_gauges_go_up_and_down(self):
        question = "[hold] Who is live?"
        with self.user.ask(question) as stream:
            stream.until_text(5)
            during = self.metrics()
            self.assertEqual(during["chatbot_replies_live"], 1)
            self.assertEqual(during["chatbot_viewers"], 1)
            self.upstream.gate(question).set()
            check_stream(stream.rest())
        wait_until(lambda: self.metrics()["chatbot_replies_live"] == 0
                   and self.metrics()["chatbot_viewers"] == 0,
                   what="the gauges are back at 0")

    def test_stopped_replies_are_counted(self):
        before = self.metrics()["chatbot_replies_stopped_total"]
        with self.user.ask("[hold] Stop and count.") as stream:
            self.user.stop(stream.next().json["message_id"])
            check_stream(stream.rest())
        self.assertEqual(self.metrics()["chatbot_replies_stopped_total"],
                         before + 1)


class Log(FolderCase):
    def test_each_line_is_structured_and_carries_the_request(self):
        server = self.serve(self.new_upstream())
        user = script(server)
        marker = "request-4711"
        user.get("/nothing", headers={"X-Request-Id": marker})
        user.ask("Will you log me?", headers={
            "X-Request-Id": marker + "-chat"}).rest()
        server.stop()
        lines = server.said().splitlines()
        self.assertTrue(lines)
        for line in lines:
            if server.links() and server.links()[0] in line:
                continue
            self.assertRegex(line, LOG_LINE)
        self.assertIn(marker, server.said())
        self.assertIn(marker + "-chat", server.said())

    def test_access_log_has_routes_and_marks_instead_of_ids(self):
        server = self.serve(self.new_upstream())
        user = script(server)
        session = new_id()
        user.say("Where am I logged?", session)
        user.get(f"/chats/{session}")
        user.get("/secret-typed-into-a-path")
        user.get("/search", q="searched-words")
        server.stop()
        lines = [line for line in server.said().splitlines()
                 if "msg=request " in line]
        self.assertTrue(any(
            "route=/chat-api/chats/{session_id} " in line
            and re.search(r" user=[0-9a-f]{12} status=200 bytes=[1-9]", line)
            for line in lines), lines)
        for unsaid in (session, "secret-typed", "searched-words"):
            self.assertNotIn(unsaid, "\n".join(lines))

    def test_access_log_can_be_left_out(self):
        server = self.serve(self.new_upstream(), env={"ACCESS_LOG": "false"})
        script(server).get("/model")
        server.stop()
        self.assertNotIn("msg=request ", server.said())

    def test_input_cannot_forge_a_line(self):
        server = self.serve(self.new_upstream())
        user = script(server)
        user.get("/x%0alevel=error%20msg=forged")
        user.get("/nothing", headers={"User-Agent": "x level=error \"y"})
        for raw in (b"\xff" * 3000 + b"\r\n\r\n",
                    b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
                    b"GET /\x1b[31m HTTP/1.1\r\nHost: x\r\n\r\n"):
            with Connection(server.port) as connection:
                connection.send(raw)
                connection.read_rest()
        server.stop()
        for line in bytes(server.output["stderr"]).split(b"\n")[:-1]:
            self.assertRegex(line.decode("utf-8"), LOG_LINE)
            self.assertNotIn(b"\x1b", line)
            if b"msg=request " in line:
                self.assertIn(b" status=", line)
                self.assertIn(b" request_id=", line)

    def test_debug_log_tells_no_conversation_either(self):
        server = self.serve(self.new_upstream(),
                            env={"LOG_LEVEL": "debug"})
        reply = script(server).say("A question for the debug level only")
        server.hide(reply.text)
        server.stop()


class Begin(FolderCase):
    def test_start_is_quick_with_an_existing_database(self):
        server = self.serve(self.new_upstream())
        script(server).say("Make the tables.")
        times = []
        for _ in range(3):
            server.stop()
            began = time.monotonic()
            server.restart()
            times.append(time.monotonic() - began)
        self.assertLess(min(times), 1.0 * PATIENCE, times)

    def test_address_and_link_are_printed(self):
        server = self.serve(self.new_upstream())
        server.wait_link()
        self.assertIn(f":{server.port}", server.log)
        self.assertEqual(len(server.links()), 1)

    def run_command(self, *arguments, env=None):
        process = Process(arguments, self.fresh_folder(), env)
        process.launch()
        self.addCleanup(process.kill_if_running)
        return process.wait(), process

    def test_version(self):
        status, process = self.run_command("version")
        self.assertEqual(status, 0, process.log)
        self.assertRegex(process.said("stdout"), r"\d+\.\d+")

    def test_help_lists_the_options(self):
        status, process = self.run_command("--help")
        self.assertEqual(status, 0, process.log)
        for word in ("serve", "emulator", "check-config", "print-config",
                     "--port", "--database", "DATABRICKS_HOST"):
            self.assertIn(word, process.said("stdout"))

    def test_configuration_is_shown_without_its_secrets(self):
        secret = "a-secret-of-many-letters"
        status, process = self.run_command("print-config", env={
            "DATABRICKS_TOKEN": secret, "API_TOKEN": secret + "-2",
            "DATABRICKS_HOST": "adb-1.invalid", "PORT": "4711"})
        self.assertEqual(status, 0, process.log)
        self.assertIn("4711", process.log)
        self.assertIn("adb-1.invalid", process.log)
        self.assertNotIn(secret, process.log)

    def test_check_of_a_configuration(self):
        status, process = self.run_command("check-config",
                                           env={"DEMO": "on"})
        self.assertEqual(status, 0, process.log)
        status, process = self.run_command("check-config",
                                           env={"PORT": "many"})
        self.assertNotEqual(status, 0)
        self.assertIn("PORT", process.said())

    def test_unknown_command_is_said(self):
        status, process = self.run_command("dance")
        self.assertNotEqual(status, 0)
        self.assertIn("dance", process.said())


class Limits(FolderCase):
    """What one person may do at once."""

    def test_messages_in_a_minute_are_bounded(self):
        server = self.serve(self.new_upstream(),
                            env={"RATE_LIMIT_PER_MINUTE": "3"})
        user = script(server)
        answers = [user.post("/chat", {"content": f"Number {n}",
                                       "session_id": new_id()})
                   for n in range(6)]
        self.assertEqual([a.status for a in answers[:3]], [200] * 3)
        problem = self.assertProblem(answers[-1], 429, "rate_limited")
        seconds = int(answers[-1].header("retry-after"))
        self.assertTrue(1 <= seconds <= 60, seconds)
        self.assertEqual(problem["retry_after"], seconds)
        self.assertEqual(user.get("/chats").status, 200)

    def test_replies_at_once_are_bounded(self):
        upstream = self.new_upstream(hold=hold)
        server = self.serve(upstream, env={"MAX_REPLIES_PER_USER": "2"})
        user = script(server)
        running = [user.ask(f"[hold] Running {n}") for n in range(2)]
        response = user.post("/chat", {"content": "One more?",
                                       "session_id": new_id()})
        self.assertProblem(response, 429, "rate_limited")
        for number, stream in enumerate(running):
            with stream:
                upstream.gate(f"[hold] Running {number}").set()
                check_stream(stream.rest())
        self.assertEqual(user.say("And now?").status, "complete")

    def test_reply_that_grows_without_end_is_cut_and_kept(self):
        def endless(exchange):
            exchange.begin()
            while exchange.delta("More and more words. " * 10):
                pass
        upstream = self.new_upstream(endless=endless)
        server = self.serve(upstream, env={"MAX_REPLY_BYTES": "20KiB"})
        user, session = script(server), new_id()
        reply = user.say("[endless] Do you ever end?", session, timeout=30)
        self.assertTrue(10_000 < len(reply.text) <= 20 * 1024)
        stored = user.message(session, reply.message_id)
        self.assertEqual(stored["content"], reply.text)
        self.assertEqual(stored["status"], reply.status)
