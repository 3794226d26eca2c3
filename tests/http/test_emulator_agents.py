"""The emulator's agents over HTTP, by a client that reads and misuses them."""

import json

from support.cases import FolderCase
from support.process import EMULATOR_TOKEN, Emulator
from support.wire import request

PACE = {"tokens_per_second": 100_000, "first_token_ms": 0}
RESPONSES = ("databricks-supervisor-agent", "databricks-knowledge-assistant",
             "databricks-research-agent", "databricks-approval-agent")
USER = [{"role": "user", "content": "hello snow"}]


def events(response):
    """The documents of a stream; None for its end mark."""
    found = []
    for block in response.text.split("\n\n"):
        if block:
            assert block.startswith("data: "), block
            data = block[len("data: "):]
            found.append(None if data == "[DONE]" else json.loads(data))
    return found


class Agents(FolderCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.emulator = Emulator(cls.folder)
        cls.addClassCleanup(cls.emulator.kill_if_running)
        cls.emulator.start()
        cls.control({"endpoint": "*", "times": 100_000, **PACE})

    @classmethod
    def tearDownClass(cls):
        cls.emulator.stop()

    @classmethod
    def post(cls, path, body, token=EMULATOR_TOKEN, **headers):
        return request(cls.emulator.port, "POST", path, {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json", **headers},
            json.dumps(body).encode())

    @classmethod
    def control(cls, body):
        response = cls.post("/emulator/control", body)
        assert response.status == 200, response
        return response

    def ask(self, endpoint, **body):
        return self.post(f"/serving-endpoints/{endpoint}/invocations", body)

    def refused(self, endpoint, words, **body):
        response = self.ask(endpoint, **body)
        self.assertEqual(response.status, 400, response)
        self.assertEqual(response.json["error_code"], "BAD_REQUEST")
        self.assertIn(words, response.json["message"])

    def test_tasks_are_told(self):
        tasks = {name: request(
            self.emulator.port, "GET", f"/api/2.0/serving-endpoints/{name}",
            {"Authorization": f"Bearer {EMULATOR_TOKEN}"}).json["task"]
            for name in (*RESPONSES, "databricks-weather-agent")}
        self.assertEqual(tasks.pop("databricks-weather-agent"),
                         "agent/v2/chat")
        self.assertEqual(set(tasks.values()), {"agent/v1/responses"})

    def test_chat_agent_streams_what_it_answers_whole(self):
        streamed = events(self.ask("databricks-weather-agent", messages=USER,
                                   stream=True))
        whole = self.ask("databricks-weather-agent", messages=USER).json
        self.assertIsNone(streamed.pop())
        said = {}
        for event in streamed:
            delta = event["delta"]
            said[delta["id"]] = said.get(delta["id"], "") + delta["content"]
        self.assertEqual(
            {m["id"]: m["content"] for m in whole["messages"]}, said)
        self.assertEqual(streamed[-1]["finish_reason"], "stop")

    def test_responses_stream_what_they_answer_whole(self):
        for name in RESPONSES:
            streamed = events(self.ask(name, input=USER, stream=True))
            whole = self.ask(name, input=USER).json
            self.assertIsNone(streamed.pop())
            items = [e["item"] for e in streamed
                     if e["type"] == "response.output_item.done"]
            bare = [e for e in streamed
                    if e["type"] == "function_call_output"]
            key = lambda item: json.dumps(item, sort_keys=True)
            self.assertEqual(sorted(map(key, items + bare)),
                             sorted(map(key, whole["output"])), name)

    def test_approval_goes_on(self):
        name = "databricks-approval-agent"
        first = self.ask(name, input=USER).json["output"]
        self.assertEqual(first[-1]["type"], "mcp_approval_request")
        answer = {"type": "mcp_approval_response",
                  "approval_request_id": first[-1]["id"], "approve": True}
        then = self.ask(name, input=USER + [first[-1], answer]).json
        self.assertEqual([i["type"] for i in then["output"]],
                         ["function_call", "function_call_output", "message"])
        self.refused(name, "No approval request", input=USER + [answer])

    def test_bodies_of_other_tasks_are_refused(self):
        context = {"conversation_id": "c", "user_id": "u"}
        for name in RESPONSES:
            self.refused(name, 'unknown field "messages"', messages=USER)
        self.refused("databricks-weather-agent", 'unknown field "input"',
                     input=USER)
        self.refused("databricks-claude-sonnet-4-5",
                     'unknown field "context"', messages=USER,
                     context=context)
        self.refused("databricks-claude-sonnet-4-5",
                     'unknown field "custom_inputs"', messages=USER,
                     custom_inputs={})
        self.refused("databricks-weather-agent", 'field "temperature"',
                     messages=USER, temperature=1)
        self.refused("databricks-supervisor-agent", 'field "stream_options"',
                     input=USER, stream_options={})

    def test_other_paths_ask_the_named_agent(self):
        response = self.post("/serving-endpoints/responses", {
            "model": "databricks-research-agent", "input": USER})
        self.assertEqual(response.json["object"], "response")
        response = self.post("/serving-endpoints/completions", {
            "model": "databricks-weather-agent", "messages": USER})
        self.assertEqual(len(response.json["messages"]), 3)
        response = self.post("/serving-endpoints/responses", {"input": USER})
        self.assertEqual(response.status, 400)
        response = self.post("/serving-endpoints/responses", {
            "model": "nothing", "input": USER})
        self.assertEqual(response.json["error_code"], "ENDPOINT_NOT_FOUND")

    def test_trace_stands_beside_the_finished_message(self):
        for name in RESPONSES:
            asked = {"input": USER, "databricks_options":
                     {"return_trace": True}}
            streamed = events(self.ask(name, stream=True, **asked))
            places = [e for e in streamed if e and "databricks_output" in e]
            self.assertEqual([e["item"]["type"] for e in places],
                             ["message"], name)
            self.assertIn("databricks_output", self.ask(name, **asked).json)
            self.assertNotIn("databricks_output",
                             self.ask(name, input=USER).json)

    def test_faults_of_responses_fit_no_model(self):
        response = self.post("/emulator/control", {
            "endpoint": "databricks-claude-sonnet-4-5",
            "fault": "response-failed"})
        self.assertEqual(response.status, 400)
        self.control({"endpoint": "databricks-research-agent",
                      "fault": "response-failed", **PACE})
        streamed = events(self.ask("databricks-research-agent", input=USER,
                                   stream=True))
        self.assertEqual(streamed[-2]["response"]["status"], "failed")
        streamed = events(self.ask("databricks-research-agent", input=USER,
                                   stream=True))
        self.assertNotEqual(streamed[-2]["type"], "response.failed")
