"""Genie at the emulator: its conversation API, its MCP servers, its faults."""

import json

from support.workspace import EmulatorCase

SPACES = "/api/2.0/genie/spaces"
MCP = "/api/2.0/mcp/genie/"
SPACE = "01f0a1b2c3d4e5f60718293a4b5c6d7e"
BOTH = "application/json, text/event-stream"
USUAL = ["SUBMITTED", "FETCHING_METADATA", "FILTERING_CONTEXT", "ASKING_AI",
         "PENDING_WAREHOUSE", "EXECUTING_QUERY", "COMPLETED"]


class Talk:
    """A conversation over REST."""

    def __init__(self, case, space=SPACE, **how):
        self.case, self.space, self.how = case, space, how
        self.id = None

    def path(self, rest=""):
        return f"{SPACES}/{self.space}/conversations/{self.id}{rest}"

    def send(self, question):
        body = {"content": question}
        if self.id:
            return self.case.call("POST", self.path("/messages"), body,
                                  **self.how)
        response = self.case.call(
            "POST", f"{SPACES}/{self.space}/start-conversation", body,
            **self.how)
        if response.status == 200:
            self.id = response.json["conversation_id"]
        return response

    def ask(self, question):
        """The message, as it was answered first."""
        response = self.send(question)
        self.case.assertEqual(response.status, 200, response)
        return response.json.get("message", response.json)

    def poll(self, message):
        return self.case.call(
            "GET", self.path(f"/messages/{message['id']}"), **self.how).json

    def answer(self, question):
        message = self.ask(question)
        self.case.assertEqual(message["status"], "SUBMITTED")
        return self.poll(message)

    def attachment(self, message, what, number=0, method="GET"):
        queries = [a for a in message["attachments"] if "query" in a]
        return self.case.call(method, self.path(
            f"/messages/{message['id']}/attachments/"
            f"{queries[number]['attachment_id']}/{what}"), **self.how)

    def rows(self, message, number=0):
        response = self.attachment(message, "query-result", number)
        self.case.assertEqual(response.status, 200, response)
        return response.json["statement_response"]


class Rest(EmulatorCase):
    def test_spaces_are_listed_in_pages(self):
        first = self.call("GET", SPACES + "?page_size=1").json
        self.assertEqual([s["space_id"] for s in first["spaces"]], [SPACE])
        rest = self.call("GET", f"{SPACES}?page_size=1&page_token="
                         + first["next_page_token"]).json
        self.assertEqual(len(rest["spaces"]), 1)
        self.assertNotIn("next_page_token", rest)
        self.assertEqual(self.call("GET", f"{SPACES}/{SPACE}").json,
                         first["spaces"][0])
        self.refused(self.call("GET", SPACES + "?page_size=0"), 400,
                     "page_size")

    def test_a_question_gets_a_query_and_rows(self):
        talk = Talk(self)
        message = talk.answer("Show clients by region")
        self.assertEqual(message["status"], "COMPLETED")
        query = message["attachments"][0]["query"]
        self.assertIn("GROUP BY region", query["query"])
        self.assertEqual(query["query_result_metadata"],
                         {"row_count": 6, "is_truncated": False})
        self.assertEqual(len(message["attachments"][1]["suggested_questions"]
                             ["questions"]), 3)
        result = talk.rows(message)
        self.assertEqual(result["status"], {"state": "SUCCEEDED"})
        names = [c["name"] for c in result["manifest"]["schema"]["columns"]]
        self.assertEqual(names, ["region", "clients", "revenue"])
        data = result["result"]["data_array"]
        self.assertEqual(len(data), 6)
        self.assertTrue(all(isinstance(c, str) for row in data for c in row))

    def test_tables_differ_and_are_the_same_each_time(self):
        for question, columns, rows in (
                ("sales by month", ["month", "orders", "revenue"], 24),
                ("How many clients do we have?", ["clients"], 1),
                ("top customers", ["customer", "revenue", "share"], 12),
                ("stock of each product",
                 ["product", "in_stock", "discontinued", "note"], 10),
                ("list all orders", ["order_id", "ordered_on", "customer",
                                     "region", "amount", "shipped_at"], 2400)):
            seen = []
            for _ in range(2):
                talk = Talk(self)
                result = talk.rows(talk.answer(question))
                schema = result["manifest"]["schema"]
                self.assertEqual([c["name"] for c in schema["columns"]],
                                 columns)
                seen.append(result["result"]["data_array"])
            self.assertEqual(len(seen[0]), rows, question)
            self.assertEqual(seen[0], seen[1])
        self.assertTrue(any(None in row for row in seen[0]))

    def test_a_later_question_sees_the_conversation(self):
        talk = Talk(self)
        talk.answer("list all orders")
        message = talk.answer("only Europe, please")
        query = message["attachments"][0]["query"]
        self.assertIn("WHERE region = 'Europe'", query["query"])
        self.assertIn("list all orders", query["description"])
        rows = talk.rows(message)["result"]["data_array"]
        self.assertEqual({row[3] for row in rows}, {"Europe"})
        self.assertIn(message["id"],
                      [m["id"] for m in self.call(
                          "GET", talk.path("/messages")).json["messages"]])

    def test_states_come_in_order_by_poll(self):
        for space, states in (
                ("emu-step", USUAL),
                ("emu-unknown-status",
                 ["SUBMITTED", "CONSULTING_ORACLE", "ASKING_AI",
                  "CHECKING_TWICE", "COMPLETED"]),
                ("emu-retries-itself",
                 ["SUBMITTED", "ASKING_AI", "EXECUTING_QUERY", "FAILED",
                  "ASKING_AI", "EXECUTING_QUERY", "COMPLETED"])):
            talk = Talk(self, space)
            message = talk.ask("sales by month")
            seen = [message["status"]]
            for _ in states[1:]:
                message = talk.poll(message)
                seen.append(message["status"])
                self.assertEqual("error" in message, seen[-1] == "FAILED")
                self.assertEqual("attachments" in message, seen[-1] in (
                    "PENDING_WAREHOUSE", "EXECUTING_QUERY", "COMPLETED"))
            self.assertEqual(seen, states)
            self.assertEqual(talk.poll(message)["status"], "COMPLETED")

    def test_states_take_time(self):
        talk = Talk(self, "emu-never-ends")
        message = talk.ask("sales by month")
        for _ in range(3):
            self.assertEqual(talk.poll(message)["status"], "ASKING_AI")
        self.emulator.control("genie", None, 0)
        self.addCleanup(self.emulator.control, "genie", None, 100000,
                        first_token_ms=0)
        talk = Talk(self, "emu-delay-600000")
        message = talk.ask("sales by month")
        self.assertEqual(talk.poll(message)["status"], "SUBMITTED")

    def test_failures_have_a_type(self):
        for space, kind in (
                ("emu-failed", "SQL_EXECUTION_EXCEPTION"),
                ("emu-failed-rate", "RATE_LIMIT_EXCEEDED_GENERIC_EXCEPTION"),
                ("emu-failed-filter", "CONTENT_FILTER_EXCEPTION"),
                ("emu-failed-timeout", "REPLY_PROCESS_TIMEOUT_EXCEPTION"),
                ("emu-failed-context", "CONTEXT_EXCEEDED_EXCEPTION"),
                ("emu-failed-tables", "TABLES_MISSING_EXCEPTION")):
            message = Talk(self, space).answer("sales by month")
            self.assertEqual(message["status"], "FAILED")
            self.assertEqual(message["error"]["type"], kind)
            self.assertTrue(message["error"]["error"])
        self.assertEqual(Talk(self, "emu-cancelled").answer("x")["status"],
                         "CANCELLED")

    def test_answers_of_other_kinds(self):
        message = Talk(self, "emu-text-only").answer("hello")
        self.assertEqual([sorted(a)[-1] for a in message["attachments"]],
                         ["text", "suggested_questions"])
        message = Talk(self, "emu-asks-back").answer("sales")
        self.assertEqual(message["attachments"][0]["text"]["purpose"],
                         "FOLLOW_UP_QUESTION")
        talk = Talk(self, "emu-several")
        message = talk.answer("sales by month")
        kinds = [next(k for k in a if k != "attachment_id")
                 for a in message["attachments"]]
        self.assertEqual(kinds, ["query", "query", "text", "text",
                                 "suggested_questions"])
        self.assertEqual(len(talk.rows(message, 0)["result"]["data_array"]), 6)
        self.assertEqual(len(talk.rows(message, 1)["result"]["data_array"]),
                         24)

    def test_results_without_rows_and_with_too_many(self):
        talk = Talk(self, "emu-no-rows")
        result = talk.rows(talk.answer("sales by month"))
        self.assertEqual(result["manifest"]["total_row_count"], 0)
        self.assertNotIn("data_array", result["result"])
        talk = Talk(self, "emu-truncated")
        message = talk.answer("all of it")
        self.assertTrue(message["attachments"][0]["query"]
                        ["query_result_metadata"]["is_truncated"])
        result = talk.rows(message)
        self.assertTrue(result["manifest"]["truncated"])
        self.assertEqual(len(result["result"]["data_array"]), 5000)

    def test_expired_results_come_back_when_run_again(self):
        for space, first in (("emu-expired-result", "QUERY_RESULT_EXPIRED"),
                             ("emu-expired-fetch", "COMPLETED")):
            talk = Talk(self, space)
            message = talk.answer("sales by month")
            self.assertEqual(message["status"], first)
            self.refused(talk.attachment(message, "query-result"), 400,
                         "QUERY_RESULT_EXPIRED")
            self.assertEqual(talk.poll(message)["status"],
                             "QUERY_RESULT_EXPIRED")
            again = talk.attachment(message, "execute-query", method="POST")
            self.assertEqual(again.status, 200, again)
            self.assertEqual(len(talk.rows(message)["result"]["data_array"]),
                             24)
            self.assertEqual(talk.poll(message)["status"], "COMPLETED")

    def test_statements_may_take_long_or_fail(self):
        talk = Talk(self, "emu-running-result")
        message = talk.answer("sales by month")
        states = [talk.rows(message)["status"]["state"] for _ in range(3)]
        self.assertEqual(states, ["PENDING", "RUNNING", "SUCCEEDED"])
        talk = Talk(self, "emu-failed-result")
        status = talk.rows(talk.answer("sales by month"))["status"]
        self.assertEqual(status["state"], "FAILED")
        self.assertIn("DIVIDE_BY_ZERO", status["error"]["message"])

    def test_questions_are_counted_by_the_minute(self):
        talk = Talk(self, "emu-rate-2")
        self.assertEqual([talk.send("sales").status for _ in range(3)],
                         [200, 200, 429])
        response = Talk(self, "emu-rate-limit").send("sales")
        self.assertEqual(response.json["error_code"], "RESOURCE_EXHAUSTED")
        self.assertIsNone(response.header("retry-after"))
        response = Talk(self, "emu-retry-info").send("sales")
        self.assertIn("RetryInfo", response.text)

    def test_errors_of_http(self):
        for space, status, words in (
                ("emu-error-503", 503, "TEMPORARILY_UNAVAILABLE"),
                ("emu-html-500", 500, "<pre>"),
                ("emu-text-503", 503, "No webapps"),
                ("emu-empty-504", 504, ""),
                ("emu-tool-error", 500, "Genie could not answer"),
                ("emu-rpc-error", 500, "Genie could not answer"),
                ("emu-scope-missing", 403, "required scopes: genie"),
                ("emu-permission-denied", 403, "Can Run"),
                ("emu-redirect-login", 302, "login")):
            self.refused(Talk(self, space).send("sales"), status, words)
        for space in ("emu-scope-missing", "emu-permission-denied",
                      "emu-redirect-login"):
            self.assertGreaterEqual(
                self.call("GET", f"{SPACES}/{space}").status, 302)
        talk = Talk(self, "emu-forgets")
        talk.answer("sales")
        self.refused(talk.send("and now?"), 404, "does not exist")
        talk = Talk(self, "emu-poll-fails-2")
        message = talk.ask("sales")
        self.assertEqual([talk.poll(message).get("error_code")
                          for _ in range(3)],
                         ["TEMPORARILY_UNAVAILABLE"] * 2 + [None])

    def test_a_word_of_the_question_asks_for_a_fault(self):
        talk = Talk(self)
        self.assertEqual(talk.answer("sales emu-failed-filter!")["error"]
                         ["type"], "CONTENT_FILTER_EXCEPTION")
        self.assertEqual(talk.answer("sales")["status"], "COMPLETED")
        self.refused(talk.send("sales emu-nonsense"), 400,
                     "does not know this fault")

    def test_control_goes_before_both(self):
        self.emulator.control("genie", "rate-limit", 1)
        self.addCleanup(self.emulator.control, "genie", None, 100000,
                        first_token_ms=0)
        self.assertEqual(Talk(self, "emu-failed").send("sales").status, 429)
        with self.assertRaises(AssertionError):
            self.emulator.control("genie", "cut-midline", 1)
        with self.assertRaises(AssertionError):
            self.emulator.control("mlflow", "rate-limit", 1)

    def test_rating_and_deleting(self):
        talk = Talk(self)
        message = talk.answer("sales by month")
        place = talk.path(f"/messages/{message['id']}")
        for body, status in (({"rating": "POSITIVE", "comment": "good"}, 200),
                             ({"rating": "BEST"}, 400), ({}, 400),
                             ({"rating": "NONE", "stars": "5"}, 400)):
            self.assertEqual(
                self.call("POST", place + "/feedback", body).status, status)
        self.assertEqual(talk.poll(message)["feedback"],
                         {"rating": "POSITIVE"})
        self.assertEqual(self.call("DELETE", place).status, 200)
        self.refused(self.call("GET", place), 404, "does not exist")
        listed = self.call("GET", f"{SPACES}/{SPACE}/conversations").json
        self.assertIn(talk.id, [c["conversation_id"]
                                for c in listed["conversations"]])
        self.assertEqual(self.call("DELETE", talk.path()).status, 200)
        self.refused(self.call("GET", talk.path("/messages")), 404,
                     "does not exist")

    def test_wrong_use_is_refused(self):
        start = f"{SPACES}/{SPACE}/start-conversation"
        for body, words in (({"question": "x"}, "unknown field"),
                            ({"content": 1}, "must be a string"),
                            ({"content": " "}, "must not be empty"),
                            ({}, "must not be empty"), ([], "not an object"),
                            ({"content": "x" * 10001}, "must not exceed")):
            self.refused(self.call("POST", start, body), 400, words)
        self.refused(self.call("POST", start), 400, "not JSON")
        self.refused(Talk(self, "01f0nosuchspace").send("x"), 404, "Space")
        self.refused(Talk(self, "emu-cut-midline").send("x"), 404, "Space")
        talk = Talk(self)
        message = talk.answer("sales emu-failed")
        self.refused(self.call("GET", talk.path(
            f"/messages/{message['id']}/attachments/x/query-result")), 404,
            "Attachment")
        other = Talk(self, "emu-step")
        other.id = talk.id
        self.refused(other.send("x"), 404, "Conversation")
        talk = Talk(self, "emu-never-ends")
        message = talk.ask("sales")
        self.refused(self.call("GET", talk.path(
            f"/messages/{message['id']}/attachments/{message['id']}-1"
            "/query-result")), 400, "ASKING_AI")

    def test_people_have_their_own_conversations(self):
        ann = Talk(self, token="user-token:ann@example.com:genie")
        ann.answer("sales by month")
        bob = Talk(self, token="user-token:bob@example.com:genie")
        bob.id = ann.id
        self.refused(bob.send("and now?"), 404, "Conversation")
        self.refused(Talk(self, token="user-token:bob@example.com:model-"
                          "serving").send("x"), 403, "scopes: genie")


class Mcp(EmulatorCase):
    def rpc(self, method, params=None, space=SPACE, number=1, **headers):
        body = {"jsonrpc": "2.0", "id": number, "method": method}
        if params is not None:
            body["params"] = params
        return self.post(space, body, **headers)

    def post(self, space, body=None, **headers):
        return self.call("POST", MCP + space, body,
                         **{"Accept": BOTH, **headers})

    def tool(self, name, space=SPACE, **arguments):
        return self.rpc("tools/call", {"name": f"{name}_{space}",
                                       "arguments": arguments}, space)

    def query(self, question, space=SPACE, **more):
        response = self.tool("query_space", space, query=question, **more)
        self.assertEqual(response.status, 200, response)
        return response

    @staticmethod
    def told(response):
        return json.loads(response.json["result"]["content"][0]["text"])

    def test_the_whole_handshake(self):
        hello = self.rpc("initialize", {
            "protocolVersion": "2025-06-18", "capabilities": {},
            "clientInfo": {"name": "t", "version": "1"}})
        self.assertEqual(hello.json["result"]["protocolVersion"],
                         "2025-06-18")
        session = {"Mcp_Session_Id": hello.header("mcp-session-id"),
                   "MCP_Protocol_Version": "2025-06-18"}
        noted = self.post(SPACE, {
            "jsonrpc": "2.0", "method": "notifications/initialized"},
            **session)
        self.assertEqual((noted.status, noted.body), (202, b""))
        tools = self.rpc("tools/list", {}, **session).json["result"]["tools"]
        self.assertEqual([t["name"] for t in tools],
                         [f"query_space_{SPACE}", f"poll_response_{SPACE}"])
        self.assertEqual(tools[0]["inputSchema"]["required"], ["query"])
        self.assertEqual(self.rpc("ping", number="p").json,
                         {"jsonrpc": "2.0", "id": "p", "result": {}})
        self.refused(self.rpc("ping", Mcp_Session_Id="another"), 404,
                     "Session not found")
        self.refused(self.rpc("ping", MCP_Protocol_Version="1999-01-01"), 400,
                     "MCP-Protocol-Version")

    def test_a_session_can_be_required(self):
        space = "emu-session-required"
        self.refused(self.rpc("tools/list", {}, space), 400, "Mcp-Session-Id")
        session = self.rpc("initialize", {
            "protocolVersion": "2025-06-18", "capabilities": {},
            "clientInfo": {"name": "t", "version": "1"}}, space).header(
                "mcp-session-id")
        self.assertEqual(self.rpc("tools/list", {}, space,
                                  Mcp_Session_Id=session).status, 200)

    def test_an_answer_is_a_document_in_a_document(self):
        response = self.query("stock")
        self.assertFalse(response.json["result"]["isError"])
        told = self.told(response)
        self.assertEqual(told["status"], "COMPLETED")
        content = json.loads(told["content"])
        self.assertIn("demo.sales.stock", content["query"])
        data = content["statement_response"]["result"]["data_array"]
        self.assertEqual(data[1]["values"][0], {"string_value":
                                                "Office chair"})
        self.assertEqual(data[1]["values"][1], {"null_value": "NULL_VALUE"})
        again = self.told(self.query("which note?", conversation_id=told[
            "conversationId"]))
        self.assertEqual(again["conversationId"], told["conversationId"])
        self.assertIn("stock", json.loads(again["content"])["description"])

    def test_states_come_by_polling(self):
        told = self.told(self.query("stock", "emu-step"))
        seen = [told["status"]]
        for _ in USUAL[1:]:
            self.assertNotIn("content", told)
            told = self.told(self.tool(
                "poll_response", "emu-step",
                conversation_id=told["conversationId"],
                message_id=told["messageId"]))
            seen.append(told["status"])
        self.assertEqual(seen, USUAL)
        self.assertIn("content", told)
        told = self.told(self.query("stock", "emu-poll-fails-1"))
        poll = {"conversation_id": told["conversationId"],
                "message_id": told["messageId"]}
        for status in (503, 200):
            self.assertEqual(self.tool("poll_response", "emu-poll-fails-1",
                                       **poll).status, status)

    def test_failures(self):
        told = self.told(self.query("stock", "emu-failed"))
        self.assertEqual(told["status"], "FAILED")
        self.assertIn("SQL_EXECUTION_EXCEPTION", told["error"])
        result = self.query("stock", "emu-tool-error").json["result"]
        self.assertTrue(result["isError"])
        self.assertIn("warehouse", result["content"][0]["text"])
        error = self.query("stock", "emu-rpc-error").json["error"]
        self.assertEqual(error["code"], -32603)
        self.assertEqual(self.tool("query_space", "emu-rate-limit",
                                   query="stock").status, 429)
        self.assertEqual(self.rpc("ping", space="emu-scope-missing").status,
                         403)

    def test_conversations_expire(self):
        told = self.told(self.query("stock", "emu-forgets"))
        for known in (told["conversationId"], "no-such"):
            error = self.query("stock", "emu-forgets",
                               conversation_id=known).json["error"]
            self.assertIn("expired", error["message"])
        error = self.query("stock", conversation_id="no-such").json["error"]
        self.assertIn("not found", error["message"])

    def test_event_streams(self):
        for space, lines in (("emu-sse", 1), ("emu-sse-notified", 2)):
            response = self.query("stock", space)
            self.assertEqual(response.header("content-type"),
                             "text/event-stream")
            data = [json.loads(line[6:]) for line in response.text.split("\n")
                    if line.startswith("data: ")]
            self.assertEqual(len(data), lines)
            self.assertEqual(data[-1]["id"], 1)
            self.assertEqual("\n: " in response.text, lines == 2)

    def test_other_contents(self):
        told = self.told(self.query("hello", "emu-text-only"))
        self.assertIn("made up", told["content"])
        told = self.told(self.query("stock", "emu-plain-content"))
        self.assertIn("made up", told["content"])
        response = self.query("stock", "emu-newer-content")
        told = self.told(response)
        self.assertEqual(response.json["result"]["structuredContent"], told)
        self.assertEqual(sorted(told["content"]), [
            "queryAttachments", "suggestedQuestions", "textAttachments"])
        content = json.loads(self.told(self.query("stock", "emu-no-rows"))[
            "content"])
        self.assertNotIn("data_array",
                         content["statement_response"]["result"])
        content = json.loads(self.told(self.query("x", "emu-truncated"))[
            "content"])["statement_response"]
        self.assertTrue(content["manifest"]["truncated"])
        self.assertEqual(len(content["result"]["data_array"]), 5000)
        told = self.told(self.query("stock", "emu-expired-result"))
        self.assertEqual(told["status"], "QUERY_RESULT_EXPIRED")
        self.assertNotIn("statement_response", json.loads(told["content"]))
        content = json.loads(self.told(self.query(
            "stock", "emu-failed-result"))["content"])
        self.assertEqual(content["statement_response"]["status"]["state"],
                         "FAILED")

    def test_wrong_use_is_refused(self):
        for method, params, code in (
                ("tools/call", {"name": "query_space_other"}, -32602),
                ("tools/call", {"name": f"query_space_{SPACE}",
                                "arguments": {}}, -32602),
                ("tools/call", {"name": f"query_space_{SPACE}", "arguments": {
                    "query": "x", "limit": "5"}}, -32602),
                ("tools/call", {"name": f"poll_response_{SPACE}",
                                "arguments": {"message_id": "x"}}, -32602),
                ("initialize", {"protocolVersion": "2025-06-18"}, -32602),
                ("resources/list", {}, -32601)):
            response = self.rpc(method, params)
            self.assertEqual(response.status, 200)
            self.assertEqual(response.json["error"]["code"], code, response)
        for body, code in (({"id": 1, "method": "ping"}, -32600),
                           ({"jsonrpc": "2.0", "id": 1}, -32600),
                           ({"jsonrpc": "2.0", "id": [], "method": "ping"},
                            -32600), (None, -32700)):
            response = self.post(SPACE, body)
            self.assertEqual(response.status, 400)
            self.assertEqual(response.json["error"]["code"], code)
        self.refused(self.rpc("ping", Accept="application/json"), 406,
                     "Not Acceptable")
        self.assertEqual(self.rpc("ping", Accept="*/*").status, 200)
        self.refused(self.rpc("ping", space="nowhere"), 404,
                     "RESOURCE_DOES_NOT_EXIST")
