"""The emulator's agents over HTTP, by a client that reads and misuses them."""

import json

from support.workspace import QUICK, EmulatorCase, events

RESPONSES = ("databricks-supervisor-agent", "databricks-knowledge-assistant",
             "databricks-research-agent", "databricks-approval-agent")
USER = [{"role": "user", "content": "hello snow"}]


class Agents(EmulatorCase):
    def ask(self, endpoint, **body):
        return self.invoke(endpoint, body)

    def unfit(self, endpoint, words, **body):
        response = self.ask(endpoint, **body)
        self.assertEqual(response.status, 400, response)
        self.assertEqual(response.json["error_code"], "BAD_REQUEST")
        self.assertIn(words, response.json["message"])

    def test_tasks_are_told(self):
        tasks = {name: self.call(
            "GET", f"/api/2.0/serving-endpoints/{name}").json["task"]
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
        self.unfit(name, "No approval request", input=USER + [answer])

    def test_bodies_of_other_tasks_are_refused(self):
        context = {"conversation_id": "c", "user_id": "u"}
        for name in RESPONSES:
            self.unfit(name, 'unknown field "messages"', messages=USER)
        self.unfit("databricks-weather-agent", 'unknown field "input"',
                     input=USER)
        self.unfit("databricks-claude-sonnet-4-5",
                     'unknown field "context"', messages=USER,
                     context=context)
        self.unfit("databricks-claude-sonnet-4-5",
                     'unknown field "custom_inputs"', messages=USER,
                     custom_inputs={})
        self.unfit("databricks-weather-agent", 'field "temperature"',
                     messages=USER, temperature=1)
        self.unfit("databricks-supervisor-agent", 'field "stream_options"',
                     input=USER, stream_options={})

    def test_other_paths_ask_the_named_agent(self):
        response = self.call("POST", "/serving-endpoints/responses", {
            "model": "databricks-research-agent", "input": USER})
        self.assertEqual(response.json["object"], "response")
        response = self.call("POST", "/serving-endpoints/completions", {
            "model": "databricks-weather-agent", "messages": USER})
        self.assertEqual(len(response.json["messages"]), 3)
        response = self.call("POST", "/serving-endpoints/responses", {"input": USER})
        self.assertEqual(response.status, 400)
        response = self.call("POST", "/serving-endpoints/responses", {
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
        response = self.call("POST", "/emulator/control", {
            "endpoint": "databricks-claude-sonnet-4-5",
            "fault": "response-failed"})
        self.assertEqual(response.status, 400)
        self.emulator.control("databricks-research-agent", "response-failed",
                              1, **QUICK)
        streamed = events(self.ask("databricks-research-agent", input=USER,
                                   stream=True))
        self.assertEqual(streamed[-2]["response"]["status"], "failed")
        streamed = events(self.ask("databricks-research-agent", input=USER,
                                   stream=True))
        self.assertNotEqual(streamed[-2]["type"], "response.failed")
