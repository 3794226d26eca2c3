"""The emulator's errors and odd answers, as they are on the wire."""

import gzip
import json
import shutil
import subprocess
import unittest

from support.process import EMULATOR_TOKEN
from support.workspace import CLAUDE, USER, EmulatorCase, events

# Endpoint, status, media type, words of the body.
ERRORS = (
    ("emu-error-418", 418, "application/json", '"error_code":"BAD_REQUEST"'),
    ("emu-error-401", 401, "application/json", "UNAUTHENTICATED"),
    ("emu-error-429", 429, "application/json", "REQUEST_LIMIT_EXCEEDED"),
    ("emu-html-500", 500, "text/html; charset=utf-8", "<pre>"),
    ("emu-text-503", 503, "text/plain", "No webapps are available"),
    ("emu-empty-504", 504, None, ""),
    ("emu-guardrail", 400, "application/json", "input_guardrail_triggered"),
    ("emu-guardrail-output", 400, "application/json",
     "output_guardrail_triggered"),
    ("emu-guardrail-pii", 400, "application/json", "pii_detection"),
    ("emu-guardrail-named", 400, "application/json",
     "Request blocked by input guardrail"),
    ("emu-context-too-long", 400, "application/json", "prompt is too long"),
    ("emu-unknown-field", 400, "application/json", "json: unknown field"),
    ("emu-missing-parameter", 400, "application/json",
     "INVALID_PARAMETER_VALUE"),
    ("emu-extra-inputs", 400, "application/json",
     "Extra inputs are not permitted"),
    ("emu-external-model-error", 400, "application/json",
     '"external_model_message":{"error"'),
    ("emu-external-model-databricks", 400, "application/json",
     '"external_model_message":{"error_code"'),
    ("emu-ip-acl", 403, "application/json", '"error_code":403'),
    ("emu-permission-denied", 403, "application/json", "PERMISSION_DENIED"),
    ("emu-scope-missing", 403, "application/json", "required scopes"),
    ("emu-budget-exhausted", 403, "application/json", "udget"),
    ("emu-not-found", 404, "application/json", "ENDPOINT_NOT_FOUND"),
    ("emu-rate-limit-tokens", 429, "application/json",
     "input tokens per minute"),
    ("emu-rate-limit-gateway", 429, "application/json",
     "RATE_LIMIT_EXCEEDED"),
    ("emu-resource-exhausted", 429, "application/json",
     "RESOURCE_EXHAUSTED"),
    ("emu-retry-info", 429, "application/json", '"retry_delay":"2s"'),
    ("emu-openai-error", 500, "application/json", '"type":"server_error"'),
    ("emu-detail-error", 500, "application/json", '{"detail":'),
    ("emu-old-error", 500, "application/json", '{"error":"'),
    ("emu-scim-error", 500, "application/scim+json", '"status":"500"'),
    ("emu-numeric-error", 500, "application/json", '"error_code":500'),
    ("emu-numeric-text", 500, "application/json", '"error_code":"500"'),
    ("emu-coded-text", 500, "text/plain", "INTERNAL_ERROR: "),
    ("emu-title-502", 502, "text/html; charset=utf-8", "<title>"),
)


class Errors(EmulatorCase):
    def test_each_has_its_shape(self):
        for endpoint, status, kind, words in ERRORS:
            for stream in (False, True):
                response = self.ask(endpoint, stream=stream)
                self.refused(response, status, words)
                self.assertEqual(response.header("content-type"), kind)
                self.assertIsNone(response.header("retry-after"))
                self.assertEqual(response.header("server"), "databricks")
                self.assertIn("request_id;dur=0;desc=",
                              response.header("server-timing"))

    def test_some_have_further_headers(self):
        found = self.ask("emu-error-429-retry-after")
        self.assertEqual((found.status, found.header("retry-after")),
                         (429, "2"))
        found = self.ask("emu-retry-date")
        self.assertEqual(found.status, 429)
        self.assertRegex(found.header("retry-after"),
                         r"^\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT$")
        found = self.ask("emu-redirect-login")
        self.assertEqual(found.status, 302)
        self.assertTrue(found.header("location").startswith("/login.html"))
        found = self.ask("emu-extra-inputs")
        self.assertTrue(found.header("x-amzn-errortype").startswith(
            "ValidationException:"))
        self.assertTrue(found.header("x-amzn-requestid"))
        self.assertIn("Bearer", self.call(
            "GET", "/api/2.0/serving-endpoints",
            token=None).header("www-authenticate"))

    def test_some_pass(self):
        statuses = [self.ask("emu-fail-2-then-ok").status for _ in range(4)]
        self.assertEqual(statuses, [503, 503, 200, 503])
        tokens = [EMULATOR_TOKEN, EMULATOR_TOKEN,
                  "user-token:ann@example.com:all-apis"]
        seen = [self.invoke("emu-expired-token-once", {"messages": USER},
                            token=t) for t in tokens]
        self.assertEqual([r.status for r in seen], [403, 403, 200])
        self.assertEqual(seen[0].json, {
            "error_code": 403, "message": "Invalid access token."})

    def test_unknown_routes_and_endpoints(self):
        self.assertEqual(self.call("GET", "/api/2.0/nothing").json, {
            "error_code": "ENDPOINT_NOT_FOUND",
            "message": "No API found for 'GET /api/2.0/nothing'"})
        self.refused(self.ask("no-such-endpoint"), 404,
                     "The given endpoint does not exist")
        self.refused(self.ask("emu-no-such-fault"), 404,
                     "The given endpoint does not exist")
        self.refused(self.ask("emu-tool-login"), 404, "does not exist")
        self.refused(self.ask("emu-agent-tool-fragments"), 404,
                     "does not exist")


class Answers(EmulatorCase):
    def test_masked_text(self):
        answer = self.ask("emu-guardrail-mask").json
        self.assertIn("<EMAIL_ADDRESS>",
                      answer["choices"][0]["message"]["content"])

    def test_tool_calls_come_in_fragments(self):
        for endpoint, text in (("emu-tool-fragments", True),
                               ("emu-tool-only", False)):
            chunks = events(self.ask(endpoint, stream=True))[:-1]
            deltas = [c["choices"][0]["delta"] for c in chunks]
            self.assertEqual(any(d.get("content") for d in deltas), text)
            pieces = [p for d in deltas for p in d.get("tool_calls", ())]
            first = [p for p in pieces if "id" in p]
            self.assertEqual([p["index"] for p in first], [0, 1])
            self.assertEqual([p["function"]["arguments"] for p in first],
                             ["", "{}"])
            self.assertIn([0, 1], [[p["index"] for p in d["tool_calls"]]
                                   for d in deltas if "tool_calls" in d])
            whole = self.ask(endpoint).json["choices"][0]
            self.assertEqual(whole["finish_reason"], "tool_calls")
            self.assertEqual(chunks[-1]["choices"][0]["finish_reason"],
                             "tool_calls")
            self.assertEqual(whole["message"]["content"] is not None, text)
            for index, call in enumerate(whole["message"]["tool_calls"]):
                joined = "".join(p["function"]["arguments"] for p in pieces
                                 if p["index"] == index).removeprefix("{}")
                self.assertEqual(joined, call["function"]["arguments"])
                json.loads(joined)

    def test_usage_of_other_kinds(self):
        usage = self.ask("emu-cached-tokens").json["usage"]
        self.assertEqual(usage["cache_read_input_tokens"], 1200)
        self.assertLess(usage["prompt_tokens"], 1200)
        usage = self.invoke("emu-responses-cached-tokens", {
            "input": USER}).json["usage"]
        self.assertEqual(usage["input_tokens_details"],
                         {"cached_tokens": 1200})
        self.assertGreater(usage["input_tokens"], 1200)
        self.assertEqual(usage["total_tokens"],
                         usage["input_tokens"] + usage["output_tokens"])
        chunks = events(self.ask("emu-usage-null", stream=True))[:-1]
        self.assertEqual({c["usage"] for c in chunks}, {None})
        self.assertIsNone(self.ask("emu-usage-null").json["usage"])
        self.assertEqual(self.ask("emu-end-turn").json["choices"][0][
            "finish_reason"], "end_turn")

    def test_blocks_of_other_kinds(self):
        deltas = [c["choices"][0]["delta"] for c in events(
            self.ask("emu-citations", stream=True))[:-1]]
        cited = [b for d in deltas if isinstance(d["content"], list)
                 for b in d["content"] if "citations" in b]
        self.assertEqual(cited[0]["citations"][0][0]["document_title"],
                         "Demo handbook")
        whole = self.ask("emu-citations").json["choices"][0]["message"]
        self.assertEqual(whole["content"][0]["citations"],
                         cited[0]["citations"])
        deltas = [c["choices"][0]["delta"] for c in events(
            self.ask("emu-hidden-reasoning", stream=True))[:-1]]
        summary = deltas[0]["content"][0]["summary"][0]
        self.assertEqual(summary["type"], "summary_encrypted_text")
        self.assertTrue(all(isinstance(d["content"], str)
                            for d in deltas[1:]))
        whole = self.ask("emu-hidden-reasoning").json["choices"][0]
        self.assertEqual([b["type"] for b in whole["message"]["content"]],
                         ["reasoning", "text"])

    def test_agents_tell_things_in_other_ways(self):
        items = self.invoke("emu-responses-object-output", {
            "input": USER}).json["output"]
        output, = (i["output"] for i in items
                   if i["type"] == "function_call_output")
        self.assertEqual(output["temperature"], 3)
        for endpoint, body in (
                ("emu-agent-trace-event", {"messages": USER}),
                ("emu-responses-trace-event", {"input": USER})):
            found = events(self.invoke(endpoint, {**body, "stream": True}))
            self.assertEqual(list(found[-2]), ["trace_id"])
            self.assertTrue(found[-2]["trace_id"].startswith("tr-"))
            self.assertIsNone(found[-1])

    def test_the_gateway_knows_endpoints_and_models(self):
        for model in (CLAUDE, "system.ai.claude-sonnet-4-5"):
            answer = self.call(
                "POST", "/ai-gateway/mlflow/v1/chat/completions",
                {"model": model, "messages": USER})
            self.assertEqual(answer.json["object"], "chat.completion")
        self.refused(self.call(
            "POST", "/ai-gateway/mlflow/v1/chat/completions",
            {"model": "system.ai.nothing", "messages": USER}), 404,
            "ENDPOINT_NOT_FOUND")

    def test_a_stream_may_be_one_document_or_nothing(self):
        response = self.ask("emu-json-although-stream", stream=True)
        self.assertEqual(response.header("content-type"), "application/json")
        self.assertTrue(response.json["choices"])
        response = self.ask("emu-empty-200", stream=True)
        self.assertEqual((response.status, response.body), (200, b""))
        last = events(self.ask("emu-no-done", stream=True))[-1]
        self.assertEqual(last["choices"][0]["finish_reason"], "stop")
        refused = self.ask("emu-refusal").json["choices"][0]
        self.assertEqual(refused["finish_reason"], "content_filter")

    def test_pace_is_asked_for_by_name(self):
        self.assertEqual(self.ask("emu-delay-0").status, 200)
        self.assertEqual(self.ask("emu-speed-100000").status, 200)
        self.refused(self.ask("emu-delay-700000"), 404, "does not exist")

    def test_errors_inside_a_stream(self):
        for endpoint, member in (("emu-error-in-stream", "error"),
                                 ("emu-error-event-midway", "error_code"),
                                 ("emu-typed-error-midway", "type"),
                                 ("emu-text-error-midway", "error"),
                                 ("emu-object-error-midway", "error")):
            found = [e for e in events(self.ask(endpoint, stream=True)) if e]
            self.assertIn(member, found[-1], endpoint)
            self.assertNotIn("choices", found[-1])
            self.assertEqual(len(found) == 1,
                             endpoint == "emu-error-in-stream")


class Codings(EmulatorCase):
    """Bodies in gzip and br."""

    def same(self, response, decode):
        plain = self.ask(CLAUDE).json["choices"]
        self.assertEqual(json.loads(decode(response.body))["choices"], plain)

    def test_gzip_when_asked_for(self):
        asked = {"headers": {"Accept_Encoding": "br;q=0, gzip"}}
        response = self.ask(CLAUDE, **asked)
        self.assertEqual(response.header("content-encoding"), "gzip")
        self.assertEqual(response.header("vary"), "Accept-Encoding")
        self.same(response, gzip.decompress)
        stream = self.ask(CLAUDE, stream=True, **asked)
        self.assertEqual(stream.header("content-encoding"), "gzip")
        self.assertTrue(gzip.decompress(stream.body).endswith(
            b"data: [DONE]\n\n"))
        error = self.ask("emu-guardrail", **asked)
        self.assertIn(b"input_guardrail_triggered",
                      gzip.decompress(error.body))
        empty = self.ask("emu-empty-504", **asked)
        self.assertEqual((empty.body, empty.header("content-encoding")),
                         (b"", None))
        plain = self.ask(CLAUDE, headers={"Accept_Encoding": "zstd"})
        self.assertIsNone(plain.header("content-encoding"))

    def test_gzip_although_nobody_asked(self):
        for stream in (False, True):
            response = self.ask("emu-gzip", stream=stream)
            self.assertEqual(response.header("content-encoding"), "gzip")
            self.assertIn(b"demo", gzip.decompress(response.body))

    @unittest.skipUnless(shutil.which("node"), "node undoes br here")
    def test_br_when_asked_for(self):
        script = ("const z=require('zlib');const c=[];"
                  "process.stdin.on('data',d=>c.push(d)).on('end',()=>"
                  "process.stdout.write(z.brotliDecompressSync("
                  "Buffer.concat(c))))")
        for stream, end in ((False, b"}"), (True, b"data: [DONE]\n\n")):
            response = self.ask(CLAUDE, stream=stream,
                                headers={"Accept_Encoding": "br"})
            self.assertEqual(response.header("content-encoding"), "br")
            done = subprocess.run(["node", "-e", script], check=True,
                                  input=response.body, capture_output=True)
            self.assertTrue(done.stdout.endswith(end))
        tool = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {
            "name": "query_space_emu-truncated",
            "arguments": {"query": "everything"}}}
        response = self.call("POST", "/api/2.0/mcp/genie/emu-truncated", tool,
                             Accept="*/*", Accept_Encoding="br")
        self.assertGreater(len(response.body), 1_000_000)
        done = subprocess.run(["node", "-e", script], check=True,
                              input=response.body, capture_output=True)
        self.assertEqual(json.loads(done.stdout)["id"], 1)
