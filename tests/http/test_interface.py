"""The HTTP interface: each route with its exact shape, status and framing."""

import base64
import datetime
import gzip
import hashlib
import re

from support.cases import AppCase, ServedCase
from support.client import API, User, check_stream, new_id
from support.upstream import MODEL, MODELS, UPSTREAM_ID, answer_to
from support.wire import (build_request, Closed, Connection, request, Response,
                          wait_until)

MESSAGE_MEMBERS = {
    "message_id", "session_id", "content", "role", "model", "timestamp",
    "created_at", "sources", "metrics", "rating", "status", "reasoning",
    "error", "parent_id", "feedback"}
SESSION_MEMBERS = {"sessionId", "firstQuery", "title", "messages",
                   "timestamp", "created_at", "isActive"}


def hold(exchange):
    """Says one word, then nothing until the test opens the gate."""
    exchange.begin()
    exchange.delta("Before ")
    exchange.upstream.gate(exchange.question).wait(60)
    exchange.delta("after.")
    exchange.finish()


def silent(exchange):
    exchange.begin()
    exchange.wait_gone(60)


def reasons(exchange):
    """Array content with reasoning first, as newer models send it."""
    exchange.begin()
    for text in ("Let me ", "think."):
        exchange.delta([{"type": "reasoning", "summary": [
            {"type": "summary_text", "text": text, "signature": ""}]}])
    exchange.delta([{"type": "text", "text": "The "}])
    exchange.delta("answer.")
    exchange.finish()


class Case(ServedCase):
    scripts = {"hold": hold, "silent": silent, "reasons": reasons}

    def assertTime(self, text):
        self.assertRegex(text, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")
        then = datetime.datetime.fromisoformat(text)
        now = datetime.datetime.now(datetime.timezone.utc)
        self.assertLess(abs((now - then).total_seconds()), 300)


class Facts(Case):
    """What the page asks first."""

    def test_index_says_that_the_interface_runs(self):
        response = User(self.server).get("/")
        self.assertEqual(response.status, 200, response)
        self.assertEqual(response.json,
                         {"message": "Databricks Chat API is running"})
        self.assertRegex(response.header("content-type"),
                         r"^application/json")

    def test_login_says_who_calls(self):
        response = self.user.get("/login")
        self.assertEqual(response.status, 200, response)
        self.assertEqual(set(response.json), {"user_info"})
        who = response.json["user_info"]
        self.assertEqual(set(who), {"email", "user_id", "username"})
        self.assertTrue(who["user_id"])

    def test_model_is_the_configured_endpoint(self):
        response = self.user.get("/model")
        self.assertEqual((response.status, response.json),
                         (200, {"model": MODEL}))

    def test_config_tells_the_page_what_it_needs(self):
        config = self.user.get("/config").json
        self.assertEqual(config["model"], MODEL)
        self.assertLessEqual(set(MODELS), set(config["models"]))
        self.assertIs(config["demo"], False)
        self.assertRegex(config["version"], r"^\d+\.\d+")
        self.assertEqual(len(config["suggestions"]), 4)
        self.assertTrue(all(isinstance(s, str) and s
                            for s in config["suggestions"]))
        self.assertGreater(config["limits"]["content_bytes"], 1000)

    def test_endpoints_are_listed_with_their_state(self):
        def listed():
            response = self.user.get("/serving-endpoints")
            self.assertEqual(response.status, 200, response)
            return {e["name"]: e["state"] for e in response.json["endpoints"]}
        wait_until(lambda: listed().get(MODEL) == "ready",
                   what="a look-up of the model")

    def test_answers_are_not_cached(self):
        for path in ("/login", "/chats", "/config"):
            value = self.user.get(path).header("cache-control", "")
            self.assertRegex(value, r"no-store|no-cache|private", path)

    def test_logout_leads_to_the_signed_out_page(self):
        response = self.user.get("/logout")
        self.assertEqual(response.status, 303, response)
        self.assertEqual(response.header("location"), "/signed-out")


class Conversation(Case):
    """Send, stream, history."""

    def test_stream_has_the_headers_that_proxies_heed(self):
        with self.user.ask("What do proxies heed?") as stream:
            head = stream.head
            self.assertEqual(head.status, 200)
            self.assertRegex(head.get("content-type"),
                             r"^text/event-stream(; ?charset=utf-8)?$")
            self.assertEqual(head.get("cache-control"),
                             "no-cache, no-transform")
            self.assertEqual(head.get("x-accel-buffering"), "no")
            self.assertIsNone(head.get("connection"))
            self.assertEqual(head.get("transfer-encoding"), "chunked")
            self.assertTrue(head.get("x-request-id"))
            stream.rest()

    def test_headers_and_first_event_come_before_the_model_speaks(self):
        with self.user.ask("[silent] Are you there, model?") as stream:
            first = stream.next().json
            self.assertEqual(first["status"], "streaming")
            self.user.stop(first["message_id"])
            stream.rest()

    def test_events_have_the_agreed_members(self):
        session = new_id()
        reply = self.user.say("How are events made up?", session)
        first, last = reply.first, reply.last
        for name, value in {"content": "", "status": "streaming",
                            "session_id": session, "model": MODEL}.items():
            self.assertEqual(first[name], value, first)
        self.assertTrue(first["user_message_id"])
        self.assertNotEqual(first["user_message_id"], reply.message_id)
        self.assertTime(first["timestamp"])
        for document in reply.documents[1:-1]:
            self.assertLessEqual({"message_id", "content"}, set(document))
        self.assertEqual(last["content"], "")
        self.assertEqual(last["status"], "complete")
        self.assertEqual(last["finish_reason"], "stop")
        self.assertEqual(last["model"], MODEL)
        self.assertIn("sources", last)
        self.assertFalse(last.get("error"))
        self.assertTime(last["timestamp"])
        self.assertEqual(reply.events[-1].raw, b"event: done\ndata: {}")
        self.assertEqual(reply.text, answer_to("How are events made up?"))

    def test_metrics_are_seconds_and_tokens(self):
        metrics = self.user.say("How long does it take?").last["metrics"]
        first, total = metrics["timeToFirstToken"], metrics["totalTime"]
        self.assertTrue(0 <= first <= total < 30, metrics)
        self.assertEqual(metrics["promptTokens"], 11)
        self.assertEqual(metrics["completionTokens"], 7)

    def test_metrics_say_when_what_happened(self):
        metrics = self.user.say("How long does it take?").last["metrics"]
        times = [metrics[name] for name in (
            "timeToRequest", "timeToHeaders", "timeToFirstToken",
            "totalTime")]
        self.assertEqual(times, sorted(times), metrics)
        self.assertGreaterEqual(times[0], 0)

    def test_ids_of_a_reply_tie_page_log_and_workspace_together(self):
        session = new_id()
        with self.user.ask("Who are you?", session) as stream:
            ours = stream.head.get("x-request-id")
            stream.rest()
        metrics = self.user.messages(session)[-1]["metrics"]
        self.assertEqual(metrics["requestId"], ours)
        self.assertNotIn("route", metrics)
        self.assertEqual(metrics["upstreamRequestId"], UPSTREAM_ID)
        lines = [line for line in self.server.log.splitlines()
                 if ours in line and UPSTREAM_ID in line]
        self.assertTrue(any("upstream call" in line for line in lines), lines)
        self.assertTrue(any("reply ended" in line for line in lines), lines)

    def test_reasoning_is_apart_from_the_text(self):
        session = new_id()
        reply = self.user.say("[reasons] Think first, please.", session)
        self.assertEqual(reply.reasoning, "Let me think.")
        self.assertEqual(reply.text, "The answer.")
        stored = self.user.message(session, reply.message_id)
        self.assertEqual(stored["reasoning"], "Let me think.")
        self.assertEqual(stored["content"], "The answer.")

    def test_connection_is_in_step_after_the_stream(self):
        stream = self.user.ask("What comes after the stream?")
        with stream:
            check_stream(stream.rest())
            connection = stream.connection
            try:
                connection.send(build_request(
                    "GET", API + "/model", self.user.headers))
                status = connection.read_response().status
            except (Closed, ConnectionError):
                return
            self.assertEqual(status, 200)

    def test_history_has_both_messages_with_all_members(self):
        session = new_id()
        reply = self.user.say("What does the history hold?", session)
        question, answer = self.user.messages(session)
        for message in (question, answer):
            self.assertLessEqual(MESSAGE_MEMBERS, set(message))
            self.assertEqual(message["session_id"], session)
            self.assertEqual(message["status"], "complete")
            self.assertIsNone(message["rating"])
            self.assertIsNone(message["error"])
            self.assertTime(message["timestamp"])
            self.assertTime(message["created_at"])
        self.assertEqual(question["role"], "user")
        self.assertEqual(question["content"], "What does the history hold?")
        self.assertEqual(question["message_id"],
                         reply.first["user_message_id"])
        self.assertEqual(answer["role"], "assistant")
        self.assertEqual(answer["content"], reply.text)
        self.assertEqual(answer["message_id"], reply.message_id)
        self.assertEqual(answer["model"], MODEL)
        self.assertEqual(answer["metrics"]["totalTime"],
                         reply.last["metrics"]["totalTime"])
        self.assertEqual(answer["parent_id"], question["message_id"])

    def test_chats_are_listed_newest_first_in_the_original_shape(self):
        older, newer = new_id(), new_id()
        self.user.say("Which chat is older?", older)
        self.user.say("Which chat is newer?", newer)
        response = self.user.get("/chats")
        self.assertIn("sessions", response.json)
        sessions = response.json["sessions"]
        self.assertEqual([s["sessionId"] for s in sessions[:2]],
                         [newer, older])
        for session in sessions:
            self.assertLessEqual(SESSION_MEMBERS, set(session))
        top = sessions[0]
        self.assertEqual(top["firstQuery"], "Which chat is newer?")
        self.assertIs(type(top["isActive"]), bool)
        self.assertEqual([m["role"] for m in top["messages"]],
                         ["user", "assistant"])
        self.assertEqual(top["messages"], self.user.messages(newer))
        one = self.user.get(f"/chats/{newer}")
        self.assertEqual((one.status, one.json), (200, top))

    def test_unknown_chat_is_not_found(self):
        self.assertProblem(self.user.get("/chats/no-such-chat"),
                           404, "not_found")

    def test_model_hears_the_history_unless_it_is_switched_off(self):
        session = new_id()
        first = self.user.say("My cat is called Miso.", session)
        self.user.say("What is my cat called?", session)
        heard = self.upstream.asked("What is my cat called?")[0].messages
        self.assertEqual([m for m in heard if m[0] != "system"], [
            ("user", "My cat is called Miso."), ("assistant", first.text),
            ("user", "What is my cat called?")])
        self.user.say("Forget it all now.", session, include_history=False)
        heard = self.upstream.asked("Forget it all now.")[0].messages
        self.assertEqual([m for m in heard if m[0] != "system"],
                         [("user", "Forget it all now.")])

    def test_request_names_another_endpoint(self):
        session = new_id()
        reply = self.user.say("Who is the second model?", session,
                              serving_endpoint="second-model")
        self.assertEqual(reply.last["model"], "second-model")
        asked = self.upstream.asked("Who is the second model?")[0]
        self.assertIn("second-model", asked.path)
        self.assertEqual(self.user.messages(session)[1]["model"],
                         "second-model")

    def test_unlisted_endpoint_is_refused(self):
        response = self.user.post("/chat", {
            "content": "Anyone there?", "session_id": new_id(),
            "serving_endpoint": "nobody-listed-this"})
        self.assertProblem(response, 422, "invalid_request",
                           "serving_endpoint")

    def test_question_is_sent_as_it_is_under_strict_rules(self):
        self.user.say("Is \u2028 kept, and \"quotes\", and \\?")
        asked = self.upstream.asked("quotes")[0]
        self.assertEqual(asked.question,
                         "Is \u2028 kept, and \"quotes\", and \\?")
        self.assertIs(asked.body["stream"], True)
        self.assertLessEqual(set(asked.body),
                             {"messages", "stream", "max_tokens", "model"})

    def test_message_sent_again_with_its_id_is_one_message(self):
        session, message = new_id(), new_id()
        first = self.user.say("Did you get this?", session,
                              message_id=message)
        self.assertEqual(first.first["user_message_id"], message)
        again = self.user.say("Did you get this?", session,
                              message_id=message)
        self.assertEqual(again.message_id, first.message_id)
        self.assertEqual(again.text, first.text)
        self.assertEqual(len(self.user.messages(session)), 2)
        self.assertEqual(len(self.upstream.asked("Did you get this?")), 1)

    def test_second_question_while_a_reply_runs_is_a_conflict(self):
        session, question = new_id(), "[hold] Is one at a time enough?"
        with self.user.ask(question, session) as stream:
            stream.until_text(len("Before "))
            response = self.user.post("/chat", {
                "content": "And me?", "session_id": session})
            self.assertProblem(response, 409, "reply_in_progress")
            self.upstream.gate(question).set()
            check_stream(stream.rest())
        roles = [m["role"] for m in self.user.messages(session)]
        self.assertEqual(roles, ["user", "assistant"])

    def test_running_reply_is_in_the_history_with_where_to_resume(self):
        session, question = new_id(), "[hold] What is stored so far?"
        with self.user.ask(question, session) as stream:
            stream.until_text(len("Before "))
            answer = self.user.messages(session)[1]
            self.assertEqual(answer["status"], "streaming")
            after = answer["stream"]["after"]
            with self.user.resume(answer["message_id"], after) as second:
                self.upstream.gate(question).set()
                check_stream(second.rest())
            self.assertEqual(answer["content"] + second.text(),
                             "Before after.")
            stream.rest()


class Actions(Case):
    """Regenerate, rate, errors, stop, delete."""

    def setUp(self):
        self.session = new_id()
        self.question = "What would you like to act on?"
        self.reply = self.user.say(self.question, self.session)

    def test_regenerate_keeps_the_message_id(self):
        again = self.user.regenerate(self.reply.message_id, self.question,
                                     self.session)
        self.assertEqual(again.message_id, self.reply.message_id)
        self.assertEqual(again.status, "complete")
        self.assertEqual(again.text, answer_to(self.question))
        messages = self.user.messages(self.session)
        self.assertEqual([m["message_id"] for m in messages],
                         [self.reply.first["user_message_id"],
                          self.reply.message_id])

    def test_regenerate_asks_what_led_to_the_answer(self):
        self.user.say("And a later question?", self.session)
        self.user.regenerate(self.reply.message_id, self.question,
                             self.session)
        heard = self.upstream.asked(self.question)[-1].messages
        self.assertEqual([m for m in heard if m[0] != "system"],
                         [("user", self.question)])

    def test_regenerate_of_nothing_is_not_found(self):
        response = self.user.post("/regenerate", {
            "message_id": "no-such-message", "session_id": self.session,
            "original_content": self.question})
        self.assertProblem(response, 404, "not_found")

    def test_regenerate_without_any_question_says_so(self):
        session, message = new_id(), new_id()
        told = self.user.post("/error", {
            "message_id": message, "session_id": session,
            "content": "An error without a question",
            "role": "assistant"})
        self.assertEqual(told.status, 200, told)
        response = self.user.post("/regenerate", {
            "message_id": message, "session_id": session})
        self.assertProblem(response, 422, "invalid_request",
                           "original_content")
        stored = self.user.message(session, message)
        self.assertEqual(stored["content"], "An error without a question")

    def test_rating_goes_up_down_and_away(self):
        for rating in ("up", "down", "null"):
            response = self.user.rate(self.reply.message_id, rating)
            expected = None if rating == "null" else rating
            self.assertEqual(response.status, 200, response)
            self.assertEqual((response.json["status"],
                              response.json["rating"]),
                             ("success", expected))
            stored = self.user.message(self.session, self.reply.message_id)
            self.assertEqual(stored["rating"], expected)

    def test_original_client_is_understood(self):
        # It sends null for what it does not know, a media type without a
        # body, and a timestamp in milliseconds.
        session = new_id()
        reply = self.user.say("How did you speak?", session,
                              serving_endpoint=None)
        rated = self.user.post(
            f"/messages/{reply.message_id}/rate", rating="up",
            headers={"Content-Type": "application/json"})
        self.assertEqual(rated.status, 200, rated)
        again = self.user.regenerate(
            reply.message_id, "How did you speak?", session,
            include_history=True, serving_endpoint=None)
        self.assertEqual(again.status, "complete")
        told = self.user.post("/error", {
            "session_id": session, "message_id": new_id(),
            "content": "Sorry", "role": "assistant",
            "timestamp": "2026-01-02T03:04:05.678Z"})
        self.assertEqual(told.status, 200, told)

    def test_rating_of_nothing_is_not_found(self):
        self.assertProblem(self.user.rate("no-such-message", "up"),
                           404, "not_found")

    def test_rating_outside_the_list_is_refused(self):
        for rating in ("sideways", "", "UP", None):
            self.assertProblem(
                self.user.rate(self.reply.message_id, rating),
                422, "invalid_request", "rating")

    def test_page_reports_an_error_that_it_showed(self):
        for path in ("/error", "/regenerate/error"):
            message_id = new_id()
            if path != "/error":
                message_id = self.reply.message_id
            response = self.user.post(path, {
                "message_id": message_id, "session_id": self.session,
                "content": "Sorry, I encountered an error.",
                "role": "assistant", "timestamp": "2026-01-02T03:04:05Z",
                "sources": None, "metrics": None})
            self.assertEqual(response.status, 200, response)
            self.assertEqual(response.json["status"], "success")
            stored = self.user.message(self.session,
                                       response.json["message_id"])
            self.assertEqual(stored["content"],
                             "Sorry, I encountered an error.")
            self.assertEqual(stored["status"], "error")

    def test_stop_keeps_the_text_and_can_be_repeated(self):
        session, question = new_id(), "[hold] When do you stop?"
        with self.user.ask(question, session) as stream:
            stream.until_text(len("Before "))
            message_id = stream.seen[0].json["message_id"]
            for _ in range(3):
                response = self.user.stop(message_id)
                self.assertEqual((response.status, response.json), (200, {
                    "message_id": message_id, "status": "stopped"}))
            last = check_stream(stream.rest())[-2].json
        self.assertEqual(last["status"], "stopped")
        stored = self.user.message(session, message_id)
        self.assertEqual(stored["status"], "stopped")
        self.assertEqual(stored["content"], "Before ")

    def test_stop_of_a_finished_reply_says_how_it_ended(self):
        response = self.user.stop(self.reply.message_id)
        self.assertEqual((response.status, response.json), (200, {
            "message_id": self.reply.message_id, "status": "complete"}))

    def test_stop_of_nothing_is_not_found(self):
        self.assertProblem(self.user.stop("no-such-message"),
                           404, "not_found")

    def test_resume_after_the_end_has_nothing(self):
        last = self.reply.events[-2]
        for options in ({"after": last.sequence},
                        {"last_event_id": last.id}):
            response = self.user.resume(self.reply.message_id, **options)
            self.assertIsInstance(response, Response)
            self.assertEqual((response.status, response.body), (204, b""))

    def test_resume_of_nothing_is_not_found(self):
        self.assertProblem(self.user.resume("no-such-message", 0),
                           404, "not_found")

    def test_deleted_chat_is_gone(self):
        response = self.user.call("DELETE", f"/chats/{self.session}")
        self.assertEqual((response.status, response.body), (204, b""))
        self.assertEqual(self.user.get(f"/chats/{self.session}").status, 404)
        self.assertNotIn(self.session,
                         [s["sessionId"] for s in self.user.chats()])
        again = self.user.call("DELETE", f"/chats/{self.session}")
        self.assertIn(again.status, (204, 404), again)


class Rules(Case):
    """HTTP itself."""

    def test_unknown_path_under_the_prefix_is_json(self):
        for path in ("/nothing", "/chat/more", "/messages/x/y/z"):
            self.assertProblem(self.user.get(path), 404, "not_found")

    def test_wrong_method_names_the_right_ones(self):
        for method, path, allowed in (
                ("GET", "/chat", "POST"), ("POST", "/login", "GET"),
                ("PUT", "/chats/x", "DELETE"),
                ("DELETE", "/messages/x/rate", "POST")):
            response = self.user.call(method, path)
            self.assertProblem(response, 405, "method_not_allowed")
            self.assertIn(allowed, response.header("allow"), path)

    def test_head_is_get_without_the_body(self):
        for path in ("/model", "/chats", "/nothing"):
            got = self.user.get(path)
            head = self.user.call("HEAD", path)
            self.assertEqual(head.status, got.status, path)
            self.assertEqual(head.body, b"")
            self.assertEqual(head.header("content-type"),
                             got.header("content-type"))

    def test_head_leaves_the_connection_in_step(self):
        with Connection(self.server.port) as connection:
            connection.send(build_request("HEAD", API + "/model",
                                          self.user.headers))
            head = connection.read_head()
            self.assertEqual(head.status, 200)
            connection.send(build_request("GET", API + "/model",
                                          self.user.headers))
            self.assertEqual(connection.read_response().json,
                             {"model": MODEL})

    def test_options_opens_nothing_to_other_sites(self):
        response = self.user.call("OPTIONS", "/chat", headers={
            "Origin": "https://elsewhere.example",
            "Access-Control-Request-Method": "POST"})
        self.assertIn(response.status, (200, 204, 405), response)
        self.assertIn("POST", response.header("allow", ""))
        self.assertIsNone(response.header("access-control-allow-origin"))

    def test_each_answer_has_a_request_id_of_its_own(self):
        ids = [self.user.get(path).header("x-request-id")
               for path in ("/model", "/model", "/nothing")]
        self.assertTrue(all(ids))
        self.assertEqual(len(set(ids)), 3)

    def test_plain_request_id_of_the_proxy_is_kept(self):
        response = self.user.get("/model",
                                 headers={"X-Request-Id": "proxy-4711"})
        self.assertEqual(response.header("x-request-id"), "proxy-4711")
        response = self.user.get("/model",
                                 headers={"X-Request-Id": "a b\"<c>"})
        self.assertNotIn("<c>", response.header("x-request-id"))

    def test_one_connection_serves_many_requests(self):
        with Connection(self.server.port) as connection:
            for _ in range(20):
                connection.send(build_request("GET", API + "/model",
                                              self.user.headers))
                self.assertEqual(connection.read_response().status, 200)

    def test_pipelined_requests_are_answered_in_order(self):
        paths = ("/model", "/nothing", "/login", "/", "/config")
        with Connection(self.server.port) as connection:
            connection.send(b"".join(
                build_request("GET", API + path, self.user.headers)
                for path in paths))
            got = [connection.read_response() for _ in paths]
        self.assertEqual([r.status for r in got], [200, 404, 200, 200, 200])
        self.assertEqual(got[0].json, {"model": MODEL})
        self.assertIn("user_info", got[2].json)

    def test_request_may_come_byte_by_byte_and_chunked(self):
        body = b'{"content": "Slowly, please.", "session_id": "slow-1"}'
        raw = build_request("POST", API + "/chat", {
            **self.user.headers, "Content-Type": "application/json",
            "Transfer-Encoding": "chunked"})
        for at in range(0, len(body), 7):
            part = body[at:at + 7]
            raw += f"{len(part):x}\r\n".encode() + part + b"\r\n"
        raw += b"0\r\n\r\n"
        with Connection(self.server.port) as connection:
            for at in range(len(raw)):
                connection.send(raw[at:at + 1])
            self.assertEqual(connection.read_head().status, 200)
        self.assertEqual(self.user.messages("slow-1")[0]["content"],
                         "Slowly, please.")

    def test_expect_continue_is_answered(self):
        body = b'{"content": "May I?", "session_id": "expect-1"}'
        raw = build_request("POST", API + "/chat", {
            **self.user.headers, "Content-Type": "application/json",
            "Expect": "100-continue", "Content-Length": str(len(body))})
        with Connection(self.server.port) as connection:
            connection.send(raw)
            self.assertEqual(connection.take_line().split()[1], b"100")
            connection.take_line()
            connection.send(body)
            self.assertEqual(connection.read_head().status, 200)

    def test_media_type_may_carry_a_charset(self):
        for media in ("application/json; charset=utf-8", "Application/JSON"):
            response = self.user.post(
                "/chat", b'{"content": "", "session_id": "x"}',
                headers={"Content-Type": media})
            self.assertProblem(response, 422, "invalid_request", "content")


class Documentation(Case):
    """The interface described by itself."""

    def test_document_names_the_routes(self):
        response = User(self.server).get("/openapi.json")
        self.assertEqual(response.status, 200, response)
        document = response.json
        self.assertRegex(document["openapi"], r"^3\.")
        for method, path in (
                ("post", "/chat-api/chat"), ("post", "/chat-api/regenerate"),
                ("get", "/chat-api/chats"), ("get", "/chat-api/login"),
                ("delete", "/chat-api/chats/{session_id}"),
                ("post", "/chat-api/messages/{message_id}/rate")):
            self.assertIn(method, document["paths"].get(path, {}), path)

    def test_page_for_people(self):
        response = User(self.server).get("/docs")
        self.assertEqual(response.status, 200, response)
        self.assertRegex(response.header("content-type"), r"^text/html")
        self.assertNotIn("unsafe", response.header("content-security-policy"))
        files = re.findall(r'(?:src|href)="(/docs\.\w+)"', response.text)
        self.assertEqual(sorted(files), ["/docs.css", "/docs.js"])
        for path in files:
            self.assertEqual(request(self.server.port, "GET", path).status,
                             200)


class Page(Case):
    """The embedded page."""

    def page(self, path="/", **headers):
        fields = [(k.replace("_", "-"), v) for k, v in headers.items()]
        return request(self.server.port, "GET", path, fields)

    def assets(self):
        paths = re.findall(r'(?:src|href)="(/[^"]+\.(?:js|css))"',
                           self.page().text)
        self.assertTrue(paths, "the page names no script")
        return paths

    def test_page_is_html_for_its_own_paths(self):
        index = self.page()
        self.assertEqual(index.status, 200)
        self.assertEqual(index.header("content-type").lower(),
                         "text/html; charset=utf-8")
        self.assertIn("<div id=\"root\"", index.text)
        for path in ("/c/some-chat", "/c/x?y=z", "/signed-out",
                     "/nobody/knows/this"):
            deep = self.page(path)
            self.assertEqual(deep.header("content-type"),
                             index.header("content-type"), path)
            self.assertEqual(deep.body, index.body, path)

    def test_page_forbids_inline_scripts_and_framing(self):
        index = self.page()
        policy = {}
        for rule in index.header("content-security-policy").split(";"):
            name, *values = rule.split()
            policy[name] = values
        self.assertNotIn("'unsafe-inline'", policy["script-src"])
        self.assertNotIn("'unsafe-eval'", policy["script-src"])
        self.assertIn("'self'", policy["script-src"])
        self.assertEqual(policy["frame-ancestors"], ["'none'"])
        self.assertEqual(policy["object-src"] if "object-src" in policy
                         else policy["default-src"], ["'none'"])
        self.assertEqual(index.header("x-content-type-options"), "nosniff")
        self.assertNotRegex(index.text, r"<script>|<script [^>]*>[^<]")

    def check_frame(self, path):
        """A page within the page: its policy but for what is its own."""
        frame = self.page(path)
        self.assertEqual(frame.status, 200)
        policy = frame.header("content-security-policy").split("; ")
        for rule in ("default-src 'none'", "sandbox allow-scripts",
                     "frame-ancestors 'self'", "form-action 'none'"):
            self.assertIn(rule, policy)
            policy.remove(rule)
        self.assertEqual(frame.header("x-frame-options"), "SAMEORIGIN")
        self.assertEqual(frame.header("referrer-policy"), "no-referrer")
        script = re.search(r"<script>(.*)</script>", frame.text, re.S)[1]
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest())
        self.assertIn(f"script-src 'sha256-{digest.decode()}'", frame.text)
        return policy

    def test_frame_for_diagrams_can_reach_nothing(self):
        policy = self.check_frame("/mermaid-frame.html")
        self.assertNotRegex(" ".join(policy), r"https?:|\*|connect-src|img-src")

    def test_frame_for_pictures_can_load_nothing_but_pictures(self):
        policy = self.check_frame("/picture-frame.html")
        self.assertIn("img-src https:", policy)
        policy.remove("img-src https:")
        self.assertNotRegex(" ".join(policy), r"https?:|\*|connect-src")

    def test_page_is_asked_for_again_and_answered_304(self):
        index = self.page()
        self.assertEqual(index.header("cache-control"), "no-cache")
        tag = index.header("etag")
        self.assertRegex(tag, r'^"[^"]+"$', "not a strong tag")
        for tags in (tag, f'"other", {tag}', "*", "W/" + tag):
            again = self.page(If_None_Match=tags)
            self.assertEqual((again.status, again.body), (304, b""), tags)
            self.assertEqual(again.header("etag"), tag)
        self.assertEqual(self.page(If_None_Match='"other"').status, 200)

    def test_hashed_files_are_kept_for_ever(self):
        hashed = [p for p in self.assets() if p.startswith("/assets/")]
        self.assertTrue(hashed)
        for path in hashed:
            asset = self.page(path)
            self.assertEqual(asset.status, 200, path)
            self.assertRegex(asset.header("cache-control"),
                             r"max-age=31536000.*immutable", path)
            kind = "javascript" if path.endswith(".js") else "css"
            self.assertIn(kind, asset.header("content-type"))

    def test_unknown_file_is_not_the_page(self):
        response = self.page("/assets/nothing-00000000.js")
        self.assertEqual(response.status, 404)
        self.assertNotIn("<div id=\"root\"", response.text)

    def test_files_come_compressed_when_asked(self):
        path = next(p for p in self.assets() if p.endswith(".js"))
        plain = self.page(path)
        self.assertIsNone(plain.header("content-encoding"))
        packed = self.page(path, Accept_Encoding="gzip")
        self.assertEqual(packed.header("content-encoding"), "gzip")
        self.assertEqual(gzip.decompress(packed.body), plain.body)
        brotli = self.page(path, Accept_Encoding="gzip, deflate, br")
        self.assertEqual(brotli.header("content-encoding"), "br")
        self.assertLess(len(brotli.body), len(packed.body))
        refused = self.page(path, Accept_Encoding="br;q=0, gzip;q=0")
        self.assertIsNone(refused.header("content-encoding"))
        tags = {r.header("etag") for r in (plain, packed, brotli)}
        self.assertEqual(len(tags), 3, "encodings share a strong tag")
        for response in (plain, packed, brotli):
            self.assertIn("accept-encoding",
                          response.header("vary", "").lower())

    def test_head_of_the_page(self):
        got = self.page()
        head = request(self.server.port, "HEAD", "/")
        self.assertEqual((head.status, head.body), (200, b""))
        self.assertEqual(head.header("content-length"),
                         str(len(got.body)))

    def test_path_tricks_get_nothing_else(self):
        for path in ("/../../etc/passwd", "/assets/..%2f..%2fetc/passwd",
                     "/%2e%2e/%2e%2e/etc/passwd", "//etc/passwd"):
            self.assertNotIn("root:", self.page(path).text, path)


class AppLogout(AppCase):
    """Inside Databricks Apps."""

    def test_logout_leads_to_the_login_of_the_workspace(self):
        response = self.ann.get("/logout")
        self.assertEqual(response.status, 303, response)
        self.assertEqual(response.header("location"),
                         self.upstream.url + "/login.html")
