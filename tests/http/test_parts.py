"""What a reply has beside its text: tool calls where they belong, as they come
and as they stand in the history, whatever happens in between."""

import json

from support.admin import tool
from support.cases import FolderCase, ServedCase
from support.client import Reply, check_stream, new_id, script
from support.wire import wait_until
from support.workspace import WorkspaceCase

PLAIN = "databricks-claude-sonnet-4-5"
THINKING = "databricks-claude-sonnet-5-thinking"
WEATHER = "databricks-weather-agent"
SUPERVISOR = "databricks-supervisor-agent"
KNOWLEDGE = "databricks-knowledge-assistant"
RESEARCH = "databricks-research-agent"
APPROVAL = "databricks-approval-agent"
TOOL = "demo__weather__look_up"


def units(text):
    """Length as JavaScript has it."""
    return len(text.encode("utf-16-le")) // 2


def fold(reply):
    """Text and parts as a client puts them together from the events."""
    parts = {}
    for document in reply.documents:
        for part in document.get("parts", []):
            parts[part["id"]] = part
    answer = parts.pop("answer", None)
    text = reply.text
    if answer is not None:
        tail = text.encode("utf-16-le")[2 * answer["at"]:].decode("utf-16-le")
        text = answer["text"] + tail
    return text, list(parts.values())


class PartsCase(WorkspaceCase):
    endpoints = (THINKING, WEATHER, SUPERVISOR, KNOWLEDGE, RESEARCH, APPROVAL)
    pace = {"first_token_ms": 20, "tokens_per_second": 1000}

    def ask(self, endpoint, question="hello, short please"):
        """One reply of an endpoint that is known by then, and its chat."""
        def attempt():
            session = new_id()
            reply = self.user.say(question, session,
                                  serving_endpoint=endpoint)
            return (reply, session) if reply.status == "complete" else None
        return wait_until(attempt, what=f"a chat with {endpoint}")

    def check_history(self, reply, session):
        """The history says what the stream has told."""
        text, parts = fold(reply)
        stored = self.user.message(session, reply.message_id)
        self.assertEqual(stored["content"], text)
        self.assertEqual(stored["parts"], parts)
        return text, parts


class Tools(PartsCase):
    def check_tool(self, endpoint):
        reply, session = self.ask(endpoint)
        text, parts = self.check_history(reply, session)
        self.assertEqual([p["kind"] for p in parts], ["tool"])
        tool = parts[0]
        self.assertEqual((tool["name"], tool["status"]), (TOOL, "done"))
        self.assertIn("Oslo", tool["arguments"])
        self.assertIn("temperature", tool["output"])
        self.assertGreaterEqual(tool["seconds"], 0)
        told = [p["status"] for d in reply.documents
                for p in d.get("parts", [])]
        self.assertEqual(told[0], "running")
        return text, tool, reply

    def test_a_chat_agents_call_stands_between_its_messages(self):
        text, tool, _ = self.check_tool(WEATHER)
        before = text[:tool["at"]]
        self.assertTrue(before.startswith("I will look that up."), before)
        self.assertIn("This is the built-in demo", text[tool["at"]:])

    def test_a_supervisors_call_stands_before_its_answer(self):
        _, tool, reply = self.check_tool(SUPERVISOR)
        self.assertEqual(tool["at"], 0)
        metrics = reply.last["metrics"]
        self.assertGreater(metrics["reasoningTime"], 0)
        self.assertGreater(metrics["completionTokens"], 0)

    def test_what_a_finished_item_has_more_is_told_once(self):
        text, tool, _ = self.check_tool(RESEARCH)
        self.assertEqual(text.count("[^1]:"), 1)
        self.assertEqual(text.count("This is the built-in demo"), 1)
        self.assertEqual(tool["at"], 0)

    def test_a_text_that_comes_whole_needs_no_parts(self):
        reply, session = self.ask(KNOWLEDGE)
        text, parts = self.check_history(reply, session)
        self.assertEqual(parts, [])
        self.assertIn("[^1]:", text)

    def test_the_time_of_thinking_is_kept(self):
        reply, session = self.ask(THINKING)
        stored = self.user.message(session, reply.message_id)
        self.assertGreater(stored["metrics"]["reasoningTime"], 0)
        self.assertEqual(stored["parts"], [])

    def test_a_plain_reply_thinks_nothing(self):
        reply, session = self.ask(PLAIN)
        self.assertNotIn("reasoningTime", reply.last["metrics"])
        self.assertEqual(
            self.user.message(session, reply.message_id)["parts"], [])

    def test_every_resume_gets_the_parts(self):
        reply, _ = self.ask(RESEARCH)
        text, parts = fold(reply)
        for event in reply.events[:-1]:
            seen = [e for e in reply.events if e.type == "message"
                    and e.sequence <= event.sequence]
            answer = self.user.resume(reply.message_id, after=event.sequence)
            if event.sequence == reply.events[-2].sequence:
                self.assertEqual(answer.status, 204)
                continue
            with answer as stream:
                rest = stream.rest()
            self.assertEqual(fold(Reply(check_stream(seen + rest))),
                             (text, parts))


def item(document):
    return {"type": "response.output_item.done", "item": document}


def call(number=1, name="look_up", arguments='{"city":"Oslo"}'):
    return item({"type": "function_call", "id": f"fc_{number}",
                 "call_id": f"call_{number}", "name": name,
                 "arguments": arguments})


def output(text, number=1):
    return {"type": "function_call_output", "call_id": f"call_{number}",
            "output": text}


def message(text, ident="msg_1"):
    return item({"type": "message", "id": ident, "role": "assistant",
                 "content": [{"type": "output_text", "text": text}]})


def delta(text, ident="msg_1"):
    return {"type": "response.output_text.delta", "item_id": ident,
            "delta": text}


def play(*documents):
    def script_(exchange):
        exchange.begin()
        for document in documents:
            exchange.event(document)
        exchange.send("data: [DONE]\n\n")
    return script_


def calling(exchange):
    """Text, a call that is never answered, and silence."""
    exchange.begin()
    exchange.event(delta("Grüße 🌍. "))
    exchange.event(message("Grüße 🌍. "))
    exchange.event(call())
    exchange.upstream.gate("calling").wait(60)


def asking_tools(exchange):
    """A model that wants a tool that nobody here runs."""
    exchange.begin()
    exchange.event({"choices": [{"index": 0, "delta": {
        "role": "assistant", "content": None, "tool_calls": [
            {"index": 0, "id": "call_a", "type": "function", "function":
             {"name": "get_weather", "arguments": "{\"city\":\"Oslo\"}"}}]},
        "finish_reason": None}]})
    exchange.finish("tool_calls")


LOGIN = ("Error: Credential for user identity('ann@example.com') is not found"
         " for the connection 'crm'. Please login first to the connection by"
         " visiting https://example.com/explore/connections/crm?o=1.")
RICHER = "First[^1].\n\n[^1]: Why.\n\n"

SCRIPTS = {
    "calling": calling,
    "asking-tools": asking_tools,
    "login": play(call(), output(LOGIN), message("Sorry.")),
    "long": play(call(), output("ä" * 70_000), message("Done.")),
    "object": play(call(), output({"rows": [1, 2]}), message("Done.")),
    "failed": play(call(), output('{"isError":true,"text":"no"}'),
                   message("Sorry.")),
    "same-ids": play(call(), output("one"), call(), output("two"),
                     message("Done.")),
    "odd-ids": play(
        item({"type": "function_call", "call_id": "a\"b\\ä", "name": "n",
              "arguments": ""}),
        {"type": "function_call_output", "call_id": "a\"b\\ä",
         "output": "o"},
        message("Done.")),
    "only-tools": play(call(), output("done")),
    "richer": play(
        delta("First."), message("First."), call(), output("one"),
        delta("Second.", "msg_2"), message("Second.", "msg_2"),
        message(RICHER.strip(), "msg_1"), delta(" Third.", "msg_3")),
}


class Scripted(ServedCase):
    scripts = SCRIPTS

    def tell(self, name):
        """The reply to a script as streamed and as stored."""
        session = new_id()
        reply = self.user.say(f"[{name}] go on", session)
        stored = self.user.message(session, reply.message_id)
        text, parts = fold(reply)
        self.assertEqual(stored["content"], text)
        self.assertEqual(stored["parts"], parts)
        return reply, stored

    def tool(self, name):
        reply, stored = self.tell(name)
        self.assertEqual(reply.status, "complete")
        self.assertEqual(len(stored["parts"]), 1)
        return stored["parts"][0]

    def test_a_call_that_nobody_runs_is_unanswered(self):
        reply, stored = self.tell("asking-tools")
        self.assertEqual(reply.status, "complete")
        self.assertEqual(reply.last["finish_reason"], "tool_calls")
        tool = stored["parts"][0]
        self.assertEqual((tool["name"], tool["status"]),
                         ("get_weather", "unanswered"))

    def test_a_tool_that_needs_a_sign_in_says_where(self):
        tool = self.tool("login")
        self.assertEqual(tool["status"], "failed")
        self.assertEqual(tool["login"], {
            "connection": "crm",
            "url": "https://example.com/explore/connections/crm?o=1"})

    def test_a_long_output_is_cut_with_a_mark(self):
        tool = self.tool("long")
        self.assertTrue(tool["cut"])
        self.assertEqual(tool["output"], "ä" * 32768)

    def test_an_output_that_is_no_text_is_told_as_json(self):
        self.assertEqual(self.tool("object")["output"], '{"rows":[1,2]}')

    def test_a_tool_that_says_so_has_failed(self):
        self.assertEqual(self.tool("failed")["status"], "failed")

    def test_calls_with_the_same_id_are_two(self):
        _, stored = self.tell("same-ids")
        self.assertEqual([p["output"] for p in stored["parts"]],
                         ["one", "two"])

    def test_an_id_may_be_anything(self):
        self.assertEqual(self.tool("odd-ids")["status"], "done")

    def test_a_reply_of_tools_alone_is_one(self):
        tool = self.tool("only-tools")
        self.assertEqual(tool["output"], "done")

    def test_a_richer_text_moves_what_stands_behind_it(self):
        _, stored = self.tell("richer")
        self.assertEqual(stored["content"], RICHER + "Second.\n\n Third.")
        tool = stored["parts"][0]
        self.assertEqual(stored["content"][:tool["at"]].strip(),
                         RICHER.strip())

    def test_a_stopped_reply_leaves_its_call_unanswered(self):
        session = new_id()
        with self.user.ask("[calling] stop", session) as stream:
            while not stream.seen or "parts" not in stream.seen[-1].json:
                stream.next()
            self.user.stop(stream.seen[0].json["message_id"])
            reply = Reply(check_stream(stream.rest()))
        _, parts = fold(reply)
        self.assertEqual(parts[0]["status"], "unanswered")
        stored = self.user.message(session, reply.message_id)
        self.assertEqual(stored["parts"], parts)
        self.assertEqual(parts[0]["at"], units("Grüße 🌍. "))

    def test_a_kill_in_a_call_keeps_it(self):
        server = self.serve(self.upstream)
        user, session = script(server), new_id()
        with user.ask("[calling] kill", session) as stream:
            while not stream.seen or "parts" not in stream.seen[-1].json:
                stream.next()
            seen = list(stream.seen)
            server.kill()
        live = [p for e in seen for p in e.json.get("parts", [])]
        self.assertEqual(live[0]["status"], "running")
        server.restart()
        reply = seen[0].json["message_id"]
        stored = user.message(session, reply)
        self.assertEqual(stored["status"], "interrupted")
        self.assertEqual(stored["content"], "Grüße 🌍. ")
        self.assertEqual(stored["parts"],
                         [{**live[0], "status": "unanswered"}])
        self.go_on(user, session, stored)

    def go_on(self, user, session, stored):
        """It goes on behind text and parts; the numbers go on too."""
        stream = user.open(f"/messages/{stored['message_id']}/continue", {})
        with stream:
            stream.rest()
        after = user.message(session, stored["message_id"])
        self.assertTrue(after["content"].startswith(stored["content"]))
        self.assertEqual(after["parts"][0]["id"], stored["parts"][0]["id"])
        with user.resume(stored["message_id"], after=0) as again:
            events = again.rest()
        parts = [p for e in events if e.type == "message"
                 for p in e.json.get("parts", [])]
        self.assertEqual(parts[0]["id"], stored["parts"][0]["id"])


class Approvals(PartsCase):
    def approve(self, reply, part, approve=True, user=None, **headers):
        return (user or self.user).open(
            f"/messages/{reply}/approve",
            {"part_id": part, "approve": approve}, headers=headers)

    def waiting(self):
        """A reply that waits for an approval, its part and its chat."""
        reply, session = self.ask(APPROVAL)
        text, parts = self.check_history(reply, session)
        self.assertEqual(reply.last["finish_reason"], "approval")
        self.assertEqual([p["kind"] for p in parts], ["approval"])
        self.assertEqual(
            [parts[0][k] for k in ("name", "server_label", "arguments")],
            ["search", "demo_server", '{"query":"demo"}'])
        self.assertNotIn("answer", parts[0])
        self.assertEqual(parts[0]["at"], units(text))
        return reply, parts[0], session

    def read(self, stream):
        with stream:
            return Reply(check_stream(stream.rest()))

    def check_answered(self, before, more, session, answer):
        """Nothing of the reply is lost, and the history shows all of it."""
        self.assertEqual(more.message_id, before.message_id)
        self.assertTrue(more.first["continued"])
        self.assertGreater(more.events[0].sequence,
                           before.events[-2].sequence)
        whole = Reply(before.events[:-1] + more.events)
        text, parts = self.check_history(whole, session)
        self.assertTrue(text.startswith(before.text + "\n\n"), text)
        self.assertEqual(parts[0]["answer"], answer)
        return parts

    def test_allowed_the_tool_runs_and_the_reply_goes_on(self):
        reply, part, session = self.waiting()
        more = self.read(self.approve(reply.message_id, part["id"]))
        parts = self.check_answered(reply, more, session, "approved")
        self.assertEqual([p["kind"] for p in parts], ["approval", "tool"])
        self.assertEqual(parts[1]["status"], "done")
        self.assertEqual(more.last["finish_reason"], "stop")

    def test_denied_the_reply_goes_on_without(self):
        reply, part, session = self.waiting()
        more = self.read(self.approve(reply.message_id, part["id"], False))
        parts = self.check_answered(reply, more, session, "denied")
        self.assertEqual(len(parts), 1)

    def test_it_is_answered_after_a_restart_of_the_server(self):
        reply, part, session = self.waiting()
        self.server.stop()
        self.server.restart()
        more = self.read(self.approve(reply.message_id, part["id"]))
        self.check_answered(reply, more, session, "approved")

    def test_answers_at_the_same_time_are_one(self):
        reply, part, session = self.waiting()
        first = self.approve(reply.message_id, part["id"])
        second = self.approve(reply.message_id, part["id"], False)
        first, second = self.read(first), self.read(second)
        self.assertEqual([e.data for e in first.events][-2:],
                         [e.data for e in second.events][-2:])
        self.assertEqual(first.text, second.text)
        third = self.read(self.approve(reply.message_id, part["id"]))
        self.assertEqual(third.text, first.text)
        self.check_answered(reply, first, session, "approved")

    def test_answered_is_answered(self):
        reply, part, _ = self.waiting()
        self.read(self.approve(reply.message_id, part["id"]))
        again = self.approve(reply.message_id, part["id"],
                             **{"Idempotency-Key": "other"})
        self.assertEqual((again.status, again.json["code"]),
                         (409, "conflict"))

    def test_a_chat_that_has_gone_on_waits_no_more(self):
        reply, part, session = self.waiting()
        self.user.say("never mind, short", session)
        late = self.approve(reply.message_id, part["id"])
        self.assertEqual((late.status, late.json["code"]), (409, "conflict"))

    def test_what_was_not_asked_is_not_answered(self):
        reply, _, _ = self.waiting()
        nothing = self.approve(reply.message_id, "approval-none")
        self.assertEqual(nothing.status, 404)
        nothing = self.approve("no-message", "approval-none")
        self.assertEqual(nothing.status, 404)
        wrong = self.user.post(f"/messages/{reply.message_id}/approve",
                               {"approve": True})
        self.assertProblem(wrong, 422, "invalid_request", "part_id")
        wrong = self.user.post(f"/messages/{reply.message_id}/approve",
                               {"part_id": "x"})
        self.assertProblem(wrong, 422, "invalid_request", "approve")

    def test_what_waits_in_the_queue_waits_for_the_answer(self):
        reply, part, session = self.waiting()
        added = self.user.post(f"/chats/{session}/queue",
                               {"content": "and then, short"})
        self.assertEqual(added.status, 201)
        self.read(self.approve(reply.message_id, part["id"]))
        wait_until(lambda: len(self.user.messages(session)) == 4,
                   what="the queued message is sent")


GUARDED = ("emu-guardrail", "emu-guardrail-output", "emu-guardrail-pii",
           "emu-guardrail-named", "emu-refusal")


class Blocked(PartsCase):
    """What a content rule has blocked does not block what comes after."""

    def test_a_chat_goes_on_behind_what_was_blocked(self):
        for number, fault in enumerate(GUARDED):
            with self.subTest(fault=fault):
                self.go_on_behind(fault.removeprefix("emu-"), number)

    def go_on_behind(self, fault, number):
        session, marker = new_id(), f"marker{number}"
        self.emulator.control(PLAIN, fault, 1)
        blocked = self.user.say(f"{marker}, short please", session)
        if fault == "refusal":
            self.assertEqual(blocked.last["finish_reason"], "content_filter")
        else:
            self.assertEqual(blocked.error["code"], "content_blocked")
            self.assertFalse(blocked.error["retryable"])
        normal = self.user.say("hello, short please", session)
        self.assertEqual(normal.status, "complete")
        self.assertIn("1 message came with the request", normal.text)


class Elsewhere(FolderCase):
    """Parts go with a chat, out of one database and into another."""

    def read(self, database, name):
        done = tool(self.folder, "export", "--all", "--to", name,
                    database=database)
        self.assertEqual(done.code, 0, done)
        document = json.loads((self.folder / name).read_text())
        return document["chats"]

    def test_an_export_taken_in_elsewhere_says_the_same(self):
        upstream = self.new_upstream(**SCRIPTS)
        server = self.serve(upstream)
        user, session = script(server), new_id()
        user.say("[richer] go on", session)
        user.say("[login] go on", session)
        shown = [(m["content"], m["parts"]) for m in user.messages(session)]
        server.stop()
        chats = self.read(server.database, "one.json")
        parts = [v["parts"] for m in chats[0]["messages"]
                 for v in m["variants"]]
        self.assertTrue(any(parts))
        other = self.serve(upstream)
        other.stop()
        done = tool(self.folder, "import", "one.json", "--user",
                    chats[0]["user_id"], database=other.database)
        self.assertEqual(done.code, 0, done)
        self.assertEqual(self.read(other.database, "two.json"), chats)
        other.restart()
        self.assertEqual([(m["content"], m["parts"])
                          for m in script(other).messages(session)], shown)
