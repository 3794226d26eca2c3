"""Sources: what an agent retrieved for its reply, from its trace to the page
and the database, and who is asked for a trace at all."""

import json

from support.cases import FolderCase
from support.client import new_id, script
from support.upstream import Upstream, chunk, describe
from support.wire import wait_until
from support.workspace import WorkspaceCase

AGENT = "databricks-docs-assistant"
PLAIN = "databricks-claude-sonnet-4-5"


def say_with_sources(user, endpoint):
    """Asks until the server knows that the endpoint gives traces."""
    def attempt():
        session = new_id()
        reply = user.say("hello, short please", session,
                         serving_endpoint=endpoint)
        return (session, reply) if reply.last["sources"] else None
    return wait_until(attempt, what=f"sources of {endpoint}")


class Workspace(WorkspaceCase):
    """Against the emulator, as it is."""

    endpoints = (AGENT,)

    def stored(self, session, reply):
        chats = {c["sessionId"]: c["messages"] for c in self.user.chats()}
        messages = {m["message_id"]: m for m in chats[session]}
        return messages[reply.message_id]["sources"]

    def test_sources_come_at_the_end_and_are_kept(self):
        session, reply = say_with_sources(self.user, AGENT)
        self.assertEqual(reply.status, "complete")
        sources = reply.last["sources"]
        self.assertEqual(len(sources), 3)
        for source in sources:
            self.assertEqual(set(source), {"page_content", "metadata"})
            self.assertIn("made", source["page_content"])
        urls = [source["metadata"].get("url", "") for source in sources]
        self.assertRegex(urls[0], "^https://")
        self.assertRegex(urls[1], "^dbfs:/")
        self.assertEqual(sources[2]["metadata"], {})
        self.assertEqual(self.stored(session, reply), sources)
        self.server.stop()
        self.server.restart()
        self.assertEqual(self.stored(session, reply), sources)
        stream = self.user.resume(reply.message_id, after=1)
        with stream:
            last = [e.json for e in stream.rest() if e.type == "message"][-1]
        self.assertEqual(last["sources"], sources)

    def test_regenerated_reply_has_its_own_sources(self):
        session, reply = say_with_sources(self.user, AGENT)
        plain = self.user.regenerate(reply.message_id, "hello, short please",
                                     session, serving_endpoint=PLAIN)
        self.assertEqual(plain.status, "complete")
        self.assertIsNone(plain.last["sources"])
        self.assertIsNone(self.stored(session, reply))

    def test_plain_model_has_none(self):
        session = new_id()
        reply = self.user.say("hello, short please", session)
        self.assertEqual((reply.status, reply.last["sources"]),
                         ("complete", None))
        self.assertIsNone(self.stored(session, reply))


LONG = "ä" * 50_000
RETRIEVED = [{"page_content": LONG, "metadata": {"url": "javascript:x"}},
             {"page_content": 7}, "rubbish",
             {"page_content": "second", "metadata": None}]
KEPT = [{"page_content": "ä" * 32_768, "metadata": {"url": "javascript:x"}},
        {"page_content": "second", "metadata": {}}]


def traced(exchange):
    """An answer with a trace of some 400 KB on its last chunk."""
    spans = [{"name": "agent", "inputs": "x" * 300_000},
             {"name": "lookup", "attributes": {
                 "mlflow.spanType": '"RETRIEVER"',
                 "mlflow.spanOutputs": json.dumps(RETRIEVED)}}]
    exchange.begin()
    exchange.delta("Found it.")
    exchange.event(chunk({"content": ""}, "stop", databricks_output={
        "trace": {"info": {"trace_id": "tr-77"}, "data": {"spans": spans}}}))
    exchange.send(b"data: [DONE]\n\n")


class Agents(Upstream):
    """Says of its endpoints what their names tell."""

    def workspace(self, exchange):
        name = exchange.path.rpartition("/")[2]
        document = describe(name)
        if name == "with-feedback":
            document["config"]["served_entities"].append({"name": "feedback"})
        if name == "agent":
            document["task"] = "agent/v1/chat"
        if name == "unknown":
            exchange.refuse(500, "INTERNAL_ERROR", "No idea.")
        elif name == "slow":
            self.gate("slow").wait(60)
        else:
            exchange.answer(200, json.dumps(document))


class Asking(FolderCase):
    """Who is asked for a trace."""

    def begin(self, *endpoints):
        upstream = Agents(traced=traced)
        self.addCleanup(upstream.close)
        server = self.serve(upstream, env={
            "SERVING_ENDPOINT_NAME": endpoints[0],
            "SERVING_ENDPOINTS": ",".join(endpoints)})
        return upstream, script(server)

    def asked(self, upstream):
        """The last request for each endpoint: does it ask for a trace?"""
        with upstream.lock:
            exchanges = list(upstream.exchanges)
        return {e.path.split("/")[2]: e.body.get("databricks_options")
                for e in exchanges}

    def say_traced(self, upstream, user, endpoint):
        """Asks until the server knows that it may ask for a trace."""
        def attempt():
            reply = user.say("[traced] Where?", serving_endpoint=endpoint)
            return reply if self.asked(upstream)[endpoint] else None
        return wait_until(attempt, what=f"{endpoint} is asked for a trace")

    def test_only_those_that_give_one_are_asked(self):
        upstream, user = self.begin("unknown", "plain", "with-feedback",
                                    "agent")
        for endpoint in ("with-feedback", "agent"):
            reply = self.say_traced(upstream, user, endpoint)
            self.assertEqual(reply.text, "Found it.")
            self.assertEqual(reply.last["sources"], KEPT)
        for endpoint in ("plain", "unknown"):
            self.assertEqual(user.say("Hello", serving_endpoint=endpoint)
                             .status, "complete")
        wish = {"return_trace": True}
        self.assertEqual(self.asked(upstream), {
            "with-feedback": wish, "agent": wish, "plain": None,
            "unknown": None})

    def test_chat_waits_for_no_look_up(self):
        upstream, user = self.begin("slow", "agent")
        for endpoint in ("slow", "agent"):
            self.assertEqual(user.say("Hello", serving_endpoint=endpoint)
                             .status, "complete")
        self.assertEqual(self.asked(upstream), {"slow": None, "agent": None})
        upstream.gate("slow").set()
