"""The server in front of the workspace emulator: each endpoint of its
catalogue and each of its faults once, all at the same time."""

import concurrent.futures
import time

from support.cases import ScenarioCase
from support.client import new_id, script
from support.process import EMULATOR_CLIENT, Emulator, Server
from support.wire import PATIENCE, wait_until
from support.workspace import WorkspaceCase

GOOD = ("complete",)
BAD = ("error", "interrupted")

# endpoint: (final states, codes of error that fit)
ENDPOINTS = {
    "databricks-claude-sonnet-4-5": (GOOD, ()),
    "databricks-claude-sonnet-5-thinking": (GOOD, ()),
    "databricks-claude-opus-5": (GOOD, ()),
    "databricks-gpt-oss-120b": (GOOD, ()),
    "databricks-meta-llama-3-3-70b-instruct": (GOOD, ()),
    "emu-speed-500": (GOOD, ()),
    "emu-delay-1500": (GOOD, ()),
    "emu-long": (GOOD, ()),
    "emu-no-done": (GOOD, ()),
    "emu-role-null": (GOOD, ()),
    "emu-utf8-split": (GOOD, ()),
    "emu-crlf": (GOOD, ()),
    "emu-comments": (GOOD, ()),
    "emu-huge-line": (GOOD, ()),
    "emu-json-although-stream": (GOOD, ()),
    "emu-fail-2-then-ok": (GOOD, ()),
    "emu-empty-200": (GOOD, ()),
    "emu-error-400": (BAD, ("upstream_bad_request",)),
    "emu-error-401": (BAD, ("upstream_auth",)),
    "emu-error-403": (BAD, ("upstream_auth", "upstream_forbidden")),
    "emu-error-404": (BAD, ("upstream_not_found",)),
    "emu-error-429": (BAD, ("upstream_rate_limited",)),
    "emu-error-429-retry-after": (BAD, ("upstream_rate_limited",)),
    "emu-error-500": (BAD, ("upstream_error", "upstream_unavailable")),
    "emu-error-503": (BAD, ("upstream_unavailable",)),
    "emu-html-500": (BAD, ("upstream_error", "upstream_unavailable",
                           "upstream_bad_response")),
    "emu-text-503": (BAD, ("upstream_unavailable",)),
    "emu-empty-504": (BAD, ("upstream_timeout", "upstream_unavailable")),
    "emu-guardrail": (BAD, ("content_blocked",)),
    "emu-context-too-long": (BAD, ("context_too_long",)),
    "emu-unknown-field": (BAD, ("upstream_bad_request",)),
    "emu-ip-acl": (BAD, ("upstream_forbidden",)),
    "emu-permission-denied": (BAD, ("upstream_forbidden",)),
    "emu-not-found": (BAD, ("upstream_not_found",)),
    "emu-external-model-error": (BAD, ("upstream_bad_request",
                                       "content_blocked",
                                       "upstream_error")),
    "emu-guardrail-output": (BAD, ("content_blocked",)),
    "emu-guardrail-pii": (BAD, ("content_blocked",)),
    "emu-guardrail-named": (BAD, ("content_blocked",
                                  "upstream_bad_request")),
    "emu-scope-missing": (BAD, ("missing_scope",)),
    "emu-budget-exhausted": (BAD, ("upstream_forbidden",)),
    "emu-extra-inputs": (BAD, ("upstream_bad_request",)),
    "emu-missing-parameter": (BAD, ("upstream_bad_request",)),
    "emu-external-model-databricks": (BAD, ("upstream_bad_request",)),
    "emu-rate-limit-tokens": (BAD, ("upstream_rate_limited",)),
    "emu-rate-limit-gateway": (BAD, ("upstream_rate_limited",)),
    "emu-resource-exhausted": (BAD, ("upstream_rate_limited",)),
    "emu-retry-info": (BAD, ("upstream_rate_limited",)),
    "emu-retry-date": (BAD, ("upstream_rate_limited",)),
    "emu-openai-error": (BAD, ("upstream_error",)),
    "emu-detail-error": (BAD, ("upstream_error",)),
    "emu-old-error": (BAD, ("upstream_error",)),
    "emu-coded-text": (BAD, ("upstream_error",)),
    "emu-title-502": (BAD, ("upstream_unavailable", "upstream_error")),
    "emu-text-error-midway": (BAD, ("upstream_error",)),
    "emu-object-error-midway": (BAD, ("upstream_error",)),
    "emu-redirect-login": (BAD, ("upstream_bad_response", "upstream_auth")),
    "emu-stall": (BAD, ("upstream_timeout",)),
    "emu-stall-after-head": (BAD, ("upstream_timeout",)),
    "emu-stall-midway": (BAD, ("upstream_timeout",
                               "upstream_interrupted")),
    "emu-cut-midline": (BAD, ("upstream_interrupted",)),
    "emu-cut-no-done": (BAD, ("upstream_interrupted",)),
    "emu-error-in-stream": (BAD, ("upstream_error",
                                  "upstream_unavailable")),
    "emu-error-event-midway": (BAD, ("upstream_error",
                                     "upstream_unavailable")),
    "emu-typed-error-midway": (BAD, ("upstream_error",
                                     "upstream_unavailable")),
}
# These have said something before they fail.
KEEP_TEXT = ("emu-stall-midway", "emu-cut-midline", "emu-cut-no-done",
             "emu-error-event-midway", "emu-typed-error-midway",
             "emu-text-error-midway", "emu-object-error-midway")
FAST = "emu-speed-500"
THINK = ("databricks-claude-sonnet-5-thinking", "databricks-gpt-oss-120b")


def setUpModule():
    ServicePrincipal.begin_scenarios()


class Catalogue(WorkspaceCase):
    """Each test collects what a conversation, begun before, has come to."""

    endpoints = tuple(ENDPOINTS)
    env = {"FIRST_BYTE_TIMEOUT": "4s", "IDLE_TIMEOUT": "4s"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        pool = concurrent.futures.ThreadPoolExecutor(len(ENDPOINTS))
        cls.addClassCleanup(pool.shutdown, cancel_futures=True)
        cls.results = {name: pool.submit(cls.talk, name)
                       for name in ENDPOINTS}

    @classmethod
    def talk(cls, endpoint):
        session = new_id()
        reply = cls.user.say(f"Hello, {endpoint}", session,
                             serving_endpoint=endpoint,
                             timeout=40 * PATIENCE)
        return reply, cls.user.message(session, reply.message_id)

    def check(self, endpoint):
        states, codes = ENDPOINTS[endpoint]
        reply, stored = self.results[endpoint].result(60 * PATIENCE)
        self.assertIn(reply.status, states, reply.error)
        self.assertEqual(stored["status"], reply.status)
        self.assertEqual(stored["model"], endpoint)
        if codes:
            self.assertIn(reply.error["code"], codes)
            self.assertRegex(reply.error["message"],
                             r"^[A-Z][^<>{}\n]{15,400}$")
            if endpoint in KEEP_TEXT:
                self.assertTrue(reply.text)
        else:
            self.assertIsNone(reply.error)
            self.assertGreater(len(reply.text), 20)
        self.assertEqual(stored["content"],
                         reply.text or reply.last["content"])
        self.assertEqual(stored["reasoning"] or "", reply.reasoning)

    def test_reasoning_is_apart(self):
        for endpoint in THINK:
            reply, _ = self.results[endpoint].result(60 * PATIENCE)
            self.assertTrue(reply.reasoning, endpoint)
            self.assertNotIn(reply.reasoning, reply.text)

    def test_long_answer_is_long(self):
        reply, _ = self.results["emu-long"].result(60 * PATIENCE)
        self.assertGreater(len(reply.text), 12_000)

    def test_same_question_has_the_same_answer(self):
        texts = {self.user.say("Hello, emu-speed-500",
                               serving_endpoint="emu-speed-500",
                               timeout=30).text for _ in range(2)}
        self.assertEqual(len(texts), 1)

    def test_stop_is_seen_by_the_workspace(self):
        seconds = []
        while len(seconds) < 3 and (not seconds or min(seconds) > 0.1):
            with self.user.ask("Speak until I stop you.",
                               serving_endpoint="emu-long") as stream:
                stream.until_text(200)
                before = self.cancelled()
                message = stream.seen[0].json["message_id"]
                began = time.monotonic()
                self.user.stop(message)
                wait_until(lambda: self.cancelled() > before,
                           what="the workspace sees that it is cancelled")
                seconds.append(time.monotonic() - began)
                stream.rest()
        print("\nthe emulator saw the stop after "
              + ", ".join(f"{s * 1000:.0f} ms" for s in seconds))
        self.assertLess(min(seconds), 0.3 * PATIENCE)

    def cancelled(self):
        """How often a client of the workspace went away from emu-long."""
        return sum(e["closed_by_client"]
                   for e in self.emulator.stats()["endpoints"]
                   if e["name"] == "emu-long")


class ServicePrincipal(ScenarioCase):
    """OAuth between machines: tokens are minted once and renewed."""

    @classmethod
    def begin(cls, folder, *controls, client=EMULATOR_CLIENT):
        """An emulator, a server in front of it, and its user."""
        emulator = Emulator(folder)
        cls.addClassCleanup(emulator.kill_if_running)
        emulator.start()
        for control in controls:
            emulator.control(*control)
        server = Server(folder, env={
            "DATABRICKS_HOST": emulator.url,
            "DATABRICKS_CLIENT_ID": client[0],
            "DATABRICKS_CLIENT_SECRET": client[1],
            "SERVING_ENDPOINT_NAME": FAST,
            "SERVING_ENDPOINTS": "emu-expired-token-once,emu-ip-acl,"
                                 "emu-permission-denied"})
        cls.addClassCleanup(server.kill_if_running)
        server.hide(client[1])
        return emulator, server.start(), script(server)

    @classmethod
    def run_crowd(cls, folder):
        emulator, server, user = cls.begin(folder)
        with concurrent.futures.ThreadPoolExecutor(10) as pool:
            replies = list(pool.map(
                lambda n: user.say(f"hello short {n}", timeout=30),
                range(10)))
        server.stop()
        return replies, emulator.stats()["tokens_minted"]

    def test_many_questions_at_once_share_one_token(self):
        replies, minted = self.result("crowd")
        self.assertEqual({r.status for r in replies}, {"complete"})
        self.assertEqual(minted, 1)

    @classmethod
    def run_revoked(cls, folder):
        emulator, server, user = cls.begin(folder)
        reply = user.say("hello short", timeout=30,
                         serving_endpoint="emu-expired-token-once")
        server.stop()
        return reply, emulator.stats()["tokens_minted"]

    def test_revoked_token_is_renewed_without_anybody_noticing(self):
        reply, minted = self.result("revoked")
        self.assertEqual((reply.status, reply.error), ("complete", None))
        self.assertEqual(minted, 2)

    @classmethod
    def run_denied(cls, folder):
        emulator, server, user = cls.begin(folder)
        replies = {name: user.say("hello short", timeout=30,
                                  serving_endpoint=name)
                   for name in ("emu-ip-acl", "emu-permission-denied")}
        server.stop()
        stats = emulator.stats()
        return replies, stats["tokens_minted"], {
            e["name"]: e["calls"] for e in stats["endpoints"]}

    def test_no_new_token_mends_what_is_denied(self):
        replies, minted, requests = self.result("denied")
        for name, reply in replies.items():
            self.assertEqual(reply.error["code"], "upstream_forbidden", name)
            self.assertEqual(requests[name], 1, name)
        self.assertEqual(minted, 1)

    @classmethod
    def run_short_lived(cls, folder):
        emulator, server, user = cls.begin(
            folder, ("oauth-token", "ttl-2", 100))
        replies = []
        for _ in range(3):
            replies.append(user.say("hello short", timeout=30))
            time.sleep(1)
        server.stop()
        return replies, emulator.stats()["tokens_minted"]

    def test_short_lived_tokens_are_renewed(self):
        replies, minted = self.result("short_lived")
        self.assertEqual([(r.status, r.error) for r in replies],
                         [("complete", None)] * 3)
        self.assertGreater(minted, 1)

    @classmethod
    def run_unusual(cls, folder):
        replies = []
        for fault in ("expires-in-string", "expires-in-missing"):
            place = folder / fault
            place.mkdir()
            _, server, user = cls.begin(place, ("oauth-token", fault, 1))
            replies.append(user.say("hello short", timeout=30))
            server.stop()
        return replies

    def test_unusual_answers_of_the_token_endpoint(self):
        self.assertEqual([(r.status, r.error)
                          for r in self.result("unusual")],
                         [("complete", None)] * 2)

    @classmethod
    def run_wrong_secret(cls, folder):
        _, server, user = cls.begin(
            folder, client=(EMULATOR_CLIENT[0], "dose-wrong-secret-0123"))
        reply = user.say("hello short", timeout=30)
        server.stop()
        return reply

    def test_wrong_secret_is_said(self):
        reply = self.result("wrong_secret")
        self.assertEqual(reply.error["code"], "upstream_auth")

    @classmethod
    def run_hiccup(cls, folder):
        emulator, server, user = cls.begin(
            folder, ("oauth-token", "error-503", 2))
        reply = user.say("hello short", timeout=60)
        server.stop()
        return reply

    def test_token_endpoint_that_fails_twice_only_delays(self):
        reply = self.result("hiccup")
        self.assertEqual((reply.status, reply.error), ("complete", None))

    @classmethod
    def run_outage(cls, folder):
        emulator, server, user = cls.begin(
            folder, ("oauth-token", "error-503", 1000))
        began = time.monotonic()
        reply = user.say("hello short", timeout=60)
        seconds = time.monotonic() - began
        server.stop()
        return reply, seconds

    def test_token_endpoint_that_fails_for_long_is_said(self):
        reply, seconds = self.result("outage")
        self.assertEqual(reply.status, "error")
        self.assertIn(reply.error["code"], (
            "upstream_unavailable", "upstream_auth"))
        self.assertIs(reply.error["retryable"], True)
        self.assertLess(seconds, 30 * PATIENCE)


def endpoint_test(name):
    def test(self):
        self.check(name)
    return test


for name in ENDPOINTS:
    setattr(Catalogue, "test_" + name.replace("-", "_"),
            endpoint_test(name))
