"""Which model answers, how a chat is set, and how much a model is told."""

import json

from support.cases import AppCase, FolderCase
from support.client import new_id, script
from support.upstream import MODEL, answer_to, echo
from support.wire import wait_until

OTHERS = ["plain-temper", "plain-thought", "plain-cap", "plain-window",
          "agent-input", "agent-delta", "claude-sonnet-4-5", "claude-opus-5",
          "gpt-oss-120b", "gpt-5-mini", "second-model"]
EVERYTHING = {"system_prompt": "Answer in verse.", "temperature": 0.5,
              "max_tokens": 3000, "thinking": "high"}


def refuses(field, message):
    """An endpoint that refuses a request with the field."""
    def run(exchange):
        if field in exchange.body:
            exchange.refuse(400, "BAD_REQUEST", message)
        else:
            echo(exchange)
    return run


def caps(exchange):
    asked = exchange.body.get("max_tokens", 0)
    if asked > 8192:
        exchange.refuse(400, "BAD_REQUEST", "Bad request: rpc error: code = "
                        "InvalidArgument desc = max_tokens "
                        f"({asked}) cannot exceed 8192. Please reduce it.")
    else:
        echo(exchange)


def short_window(exchange):
    if len(exchange.messages) > 4:
        exchange.refuse(400, "BAD_REQUEST", "Input is too long for requested "
                        "model.")
    else:
        echo(exchange)


def wants_input(exchange):
    """A Responses agent, as one that was never looked up."""
    if "input" not in exchange.body:
        return exchange.refuse(
            400, "INVALID_PARAMETER_VALUE", "INVALID_PARAMETER_VALUE: Missing "
            "required Responses parameter: 'input'")
    exchange.begin()
    exchange.event({"type": "response.output_text.delta", "item_id": "m1",
                    "delta": "By input."})
    exchange.send(b"data: [DONE]\n\n")


def chat_agent(exchange):
    exchange.begin()
    exchange.event({"id": "r1", "delta": {
        "role": "assistant", "content": "By delta.", "id": "m1"}})
    exchange.send(b"data: [DONE]\n\n")


def always_wrong(exchange):
    exchange.refuse(400, "BAD_REQUEST", "The request is odd.")


def whole(exchange):
    if "stream" in exchange.body:
        return exchange.refuse(400, "BAD_REQUEST",
                               'Bad request: json: unknown field "stream"\n')
    exchange.answer(200, json.dumps({"id": "c1", "choices": [{
        "index": 0, "finish_reason": "stop", "message": {
            "role": "assistant", "content": "All at once."}}]}))


SCRIPTS = {
    "no-stream": whole,
    "no-temperature": refuses(
        "temperature", "BAD_REQUEST: Model eu.anthropic.claude-opus-5 does "
        "not support the temperature parameter."),
    "no-thinking": refuses(
        "reasoning_effort",
        'Bad request: json: unknown field "reasoning_effort"\n'),
    "caps": caps, "short-window": short_window, "wants-input": wants_input,
    "chat-agent": chat_agent, "always-wrong": always_wrong,
}


class Settings(AppCase):
    scripts = SCRIPTS
    env = {**AppCase.env, "SERVING_ENDPOINTS": ",".join(OTHERS),
           "SYSTEM_PROMPT": "You are of this house."}

    def set(self, session, **settings):
        return self.ann.call("PATCH", f"/chats/{session}",
                             {"settings": settings})

    def chat(self, question="Hello?", **more):
        session = new_id()
        self.ann.say(question, session, **more)
        return session

    def asked(self, marker):
        return [e.body for e in self.upstream.asked(marker)]

    def test_settings_are_merged_kept_and_listed(self):
        session = self.chat()
        before = self.ann.get(f"/chats/{session}").json
        self.assertEqual(before["settings"], {})
        answer = self.set(session, temperature=0.3, thinking="low")
        self.assertEqual(answer.status, 200, answer)
        self.assertGreater(answer.json["revision"], before["revision"])
        answer = self.set(session, temperature=None, max_tokens=50)
        expected = {"thinking": "low", "max_tokens": 50}
        self.assertEqual(answer.json["settings"], expected)
        listed = {c["sessionId"]: c for c in self.ann.chats(messages="none")}
        self.assertEqual(listed[session]["settings"], expected)
        stale = self.ann.call("PATCH", f"/chats/{session}", {
            "settings": {"thinking": "high"}, "revision": before["revision"]})
        self.assertProblem(stale, 409, "revision_conflict")
        self.assertEqual(self.bob.call(
            "PATCH", f"/chats/{session}", {"settings": {}}).status, 404)

    def test_what_makes_no_sense_is_refused_with_a_sentence(self):
        session = self.chat()
        for field, value in (
                ("model", "nobody"), ("model", 1), ("temperature", 2.5),
                ("temperature", "hot"), ("max_tokens", 0),
                ("max_tokens", 1.5), ("thinking", "deep"),
                ("include_history", "yes"), ("history_messages", -1),
                ("history_messages", 1001), ("route", "north"),
                ("system_prompt", "x" * 16385)):
            with self.subTest(field, value=value):
                problem = self.assertProblem(
                    self.set(session, **{field: value}), 422,
                    "invalid_request", "settings." + field)
                self.assertRegex(problem["detail"], r"(must|too long)")
        self.assertProblem(self.set(session, top_p=1), 422,
                           "invalid_request", "settings")
        self.assertProblem(
            self.ann.post("/chat", {"content": "?", "session_id": new_id(),
                                    "settings": {"thinking": 7}}),
            422, "invalid_request", "settings.thinking")
        self.assertEqual(self.ann.get(f"/chats/{session}").json["settings"],
                         {})

    def test_a_new_chat_begins_with_settings_and_asks_with_them(self):
        self.chat("Verse-1?", settings={**EVERYTHING, "max_tokens": 40})
        body, = self.asked("Verse-1?")
        self.assertEqual(body["temperature"], 0.5)
        self.assertEqual(body["max_tokens"], 40)
        self.assertEqual(body["messages"][0], {
            "role": "system",
            "content": "You are of this house.\n\nAnswer in verse."})
        self.assertNotIn("thinking", body)
        self.assertNotIn("reasoning_effort", body)

    def test_each_generation_is_asked_to_think_in_its_way(self):
        def body_of(model, **settings):
            marker = f"Think-{new_id()}"
            self.chat(marker, serving_endpoint=model,
                      settings={**EVERYTHING, **settings})
            return self.asked(marker)[0]
        body = body_of("claude-sonnet-4-5", max_tokens=None)
        self.assertEqual(body["thinking"],
                         {"type": "enabled", "budget_tokens": 16384})
        self.assertGreater(body["max_tokens"], 16384)
        self.assertNotIn("temperature", body)
        body = body_of("claude-sonnet-4-5")
        self.assertEqual(body["thinking"]["budget_tokens"], 1500)
        body = body_of("claude-sonnet-4-5", thinking="off")
        self.assertNotIn("thinking", body)
        self.assertEqual(body["temperature"], 0.5)
        body = body_of("claude-opus-5")
        self.assertEqual(body["thinking"], {"type": "adaptive"})
        self.assertEqual(body["output_config"], {"effort": "high"})
        self.assertNotIn("temperature", body)
        body = body_of("gpt-oss-120b")
        self.assertEqual(body["reasoning_effort"], "high")
        self.assertEqual(body["temperature"], 0.5)
        body = body_of("gpt-5-mini", thinking="off")
        self.assertEqual(body["reasoning_effort"], "minimal")
        self.assertNotIn("temperature", body)

    def test_a_chat_keeps_its_model_and_a_message_may_choose_another(self):
        session = self.chat(settings={"model": "second-model"})
        replies = [m for m in self.ann.messages(session)
                   if m["role"] == "assistant"]
        self.assertEqual(replies[0]["model"], "second-model")
        reply = self.ann.say("And now?", session, serving_endpoint=MODEL)
        self.assertEqual(reply.first["model"], MODEL)
        again = self.ann.regenerate(reply.message_id, "", session)
        self.assertEqual(again.first["model"], "second-model")
        again = self.ann.regenerate(reply.message_id, "", session,
                                    serving_endpoint="gpt-oss-120b")
        self.assertEqual(again.first["model"], "gpt-oss-120b")

    def refused_once(self, marker, model, field, settings):
        """Asked twice at first and once ever after; gives the bodies."""
        session = self.chat(f"[{marker}] first {model}?",
                            serving_endpoint=model, settings=settings)
        reply = [m for m in self.ann.messages(session)
                 if m["role"] == "assistant"][0]
        self.assertEqual([p["kind"] for p in reply["parts"]], ["notice"])
        self.assertRegex(reply["parts"][0]["text"], r"^This model .*\.$")
        first = self.asked(f"first {model}?")
        self.assertEqual(len(first), 2, first)
        self.assertIn(field, first[0])
        self.chat(f"[{marker}] later {model}?", serving_endpoint=model,
                  settings=settings)
        later = self.asked(f"later {model}?")
        self.assertEqual(len(later), 1, later)
        return first[1], later[0]

    def test_a_refused_temperature_is_left_out_and_remembered(self):
        for body in self.refused_once("no-temperature", "plain-temper",
                                      "temperature", EVERYTHING):
            self.assertNotIn("temperature", body)
            self.assertEqual(body["max_tokens"], 3000)
        accepts = {e["name"]: e["accepts"] for e in
                   self.ann.get("/config").json["endpoints"]}
        self.assertIsNone(accepts["plain-temper"]["temperature"])
        self.assertEqual(accepts[MODEL]["temperature"], 2)

    def test_refused_thinking_is_left_out_and_remembered(self):
        for body in self.refused_once("no-thinking", "gpt-oss-120b",
                                      "reasoning_effort", EVERYTHING):
            self.assertNotIn("reasoning_effort", body)

    def test_the_cap_of_an_answer_is_heeded_and_remembered(self):
        for body in self.refused_once("caps", "plain-cap", "max_tokens",
                                      {"max_tokens": 10000}):
            self.assertEqual(body["max_tokens"], 8192)

    def test_who_cannot_stream_is_asked_at_once_only(self):
        reply = self.ann.say("[no-stream] bits?",
                             serving_endpoint="gpt-5-mini")
        self.assertEqual(reply.text, "All at once.", reply.error)
        self.assertEqual([b.get("stream") for b in self.asked("bits?")],
                         [True, None])
        self.ann.say("[no-stream] later bits?", serving_endpoint="gpt-5-mini")
        self.assertEqual(len(self.asked("later bits?")), 1)

    def test_another_bad_request_is_told_at_once(self):
        reply = self.ann.say("[always-wrong] odd?", settings=EVERYTHING)
        self.assertEqual(reply.error["code"], "upstream_bad_request")
        self.assertEqual(len(self.asked("odd?")), 1)

    def test_a_chat_that_is_too_long_is_told_by_half(self):
        session = self.chat("One?", serving_endpoint="plain-window")
        self.ann.say("Two?", session)
        reply = self.ann.say("[short-window] Three?", session)
        self.assertEqual(reply.status, "complete", reply.error)
        tried = [[text for role, text in e.messages if role != "system"]
                 for e in self.upstream.asked("Three?")]
        self.assertEqual(tried[0][0], "One?")
        self.assertEqual(tried[1], ["Two?", answer_to("Two?"),
                                    "[short-window] Three?"])
        metrics = reply.last["metrics"]
        self.assertTrue(metrics["contextCut"])
        parts = self.ann.message(session, reply.message_id)["parts"]
        self.assertEqual([p["code"] for p in parts], ["context_cut"])

    def test_how_much_of_the_chat_is_told_is_set_by_chat(self):
        session = self.chat("Alpha?")
        self.ann.say("Beta?", session)
        self.set(session, history_messages=2)
        reply = self.ann.say("Gamma?", session)
        told = [t for r, t in self.upstream.asked("Gamma?")[0].messages
                if r == "user"]
        self.assertEqual(told, ["Beta?", "Gamma?"])
        ids = {m["content"]: m["message_id"]
               for m in self.ann.messages(session)}
        metrics = reply.last["metrics"]
        self.assertEqual(metrics["contextFrom"], ids["Beta?"])
        self.assertEqual(metrics["contextMessages"], 2)
        self.assertTrue(metrics["contextCut"])
        self.set(session, include_history=False)
        reply = self.ann.say("Delta?", session)
        self.assertEqual([t for r, t in
                          self.upstream.asked("Delta?")[0].messages
                          if r == "user"], ["Delta?"])
        self.assertEqual(reply.last["metrics"]["contextMessages"], 0)
        self.assertTrue(reply.last["metrics"]["contextCut"])
        self.ann.say("Epsilon?", session, include_history=True)
        self.assertEqual(len([1 for r, _ in
                              self.upstream.asked("Epsilon?")[0].messages
                              if r == "user"]), 2)

    def test_a_queued_message_keeps_its_model(self):
        session = self.chat()
        self.set(session, model="gpt-oss-120b")
        for content, more in (("Queued one?", {}), (
                "Queued two?", {"serving_endpoint": "second-model"})):
            answer = self.ann.post(f"/chats/{session}/queue",
                                   {"content": content, **more})
            self.assertEqual(answer.status, 201, answer)
        with self.ann.open(f"/chats/{session}/queue/send", {}) as stream:
            stream.rest()
        wait_until(lambda: self.upstream.asked("Queued two?"),
                   what="the second message to be sent")
        self.assertIn("gpt-oss", self.upstream.asked("Queued one?")[0].path)
        self.assertIn("second-model",
                      self.upstream.asked("Queued two?")[0].path)


class Context(AppCase):
    env = {**AppCase.env, "CONTEXT_TOKENS": "1000"}

    def test_the_oldest_turns_give_way_and_no_turn_is_torn(self):
        session = new_id()
        for n in range(6):
            reply = self.ann.say(f"Round {n}: " + "word " * 150, session)
            told = self.upstream.asked(f"Round {n}:")[0].messages
            self.assertEqual(told[0][0], "user", told)
            self.assertEqual([role for role, _ in told],
                             ["user", "assistant"] * (len(told) // 2)
                             + ["user"])
            self.assertLessEqual(reply.last["metrics"]["contextTokens"], 1000)
        self.assertTrue(reply.last["metrics"]["contextCut"])
        first = reply.last["metrics"]["contextFrom"]
        self.assertEqual(
            self.ann.message(session, first)["content"], told[0][1])


class Blind(FolderCase):
    """Endpoints of whose kind nothing can be learned beforehand."""

    def ask_all(self, lookup):
        upstream = self.new_upstream(**SCRIPTS)
        upstream.lookup = lookup
        server = self.serve(upstream, env={
            "SERVING_ENDPOINTS": ",".join(OTHERS)})
        user = script(server)
        reply = user.say("[wants-input] What?",
                         serving_endpoint="agent-input")
        self.assertEqual(reply.text, "By input.", reply.error)
        self.assertEqual(len(upstream.asked("What?")), 2)
        reply = user.say("[wants-input] Again?",
                         serving_endpoint="agent-input")
        self.assertEqual(reply.text, "By input.", reply.error)
        self.assertEqual(len(upstream.asked("Again?")), 1)
        reply = user.say("[chat-agent] Who?", serving_endpoint="agent-delta")
        self.assertEqual(reply.text, "By delta.", reply.error)
        self.assertEqual(len(upstream.asked("Who?")), 1)
        reply = user.say("Plain?")
        self.assertEqual(reply.text, answer_to("Plain?"), reply.error)
        return server

    def test_look_ups_that_are_forbidden_break_no_chat(self):
        self.ask_all(lambda exchange: exchange.refuse(
            403, "PERMISSION_DENIED", "You may not look."))

    def test_look_ups_that_never_end_break_no_chat(self):
        upstream = []

        def hang(exchange):
            upstream.append(exchange)
            exchange.upstream.gate("look-ups").wait(60)
        self.ask_all(hang)
        self.assertTrue(upstream)
        upstream[0].upstream.gate("look-ups").set()

    def test_a_wrong_task_is_found_out(self):
        def lie(exchange):
            name = exchange.path.rpartition("/")[2]
            exchange.answer(200, json.dumps({
                "name": name, "task": "agent/v2/chat" if name == "agent-input"
                else "llm/v1/chat", "state": {"ready": "READY"}}))
        self.ask_all(lie)


class Gone(FolderCase):
    def test_a_chat_whose_model_is_gone_is_answered_by_another(self):
        upstream, folder = self.new_upstream(), self.fresh_folder()
        session = new_id()
        server = self.serve(upstream, folder,
                            env={"SERVING_ENDPOINTS": "old-model"})
        script(server).say("First?", session, settings={"model": "old-model"})
        server.stop()
        user = script(self.serve(upstream, folder))
        self.assertProblem(
            user.post("/chat", {"content": "?", "session_id": session,
                                "serving_endpoint": "old-model"}),
            422, "invalid_request", "serving_endpoint")
        reply = user.say("Second?", session)
        self.assertEqual(reply.text, answer_to("Second?"), reply.error)
        message = user.message(session, reply.message_id)
        self.assertEqual(message["model"], MODEL)
        self.assertEqual([p["code"] for p in message["parts"]],
                         ["model_gone"])
        self.assertIn("old-model", message["parts"][0]["text"])


class Discovery(FolderCase):
    def config(self, user):
        return {e["name"]: e for e in
                user.get("/config").json["endpoints"]}

    def test_a_list_that_cannot_be_had_stops_nobody(self):
        upstream = self.new_upstream()
        upstream.lookup = lambda exchange: exchange.refuse(
            403, "PERMISSION_DENIED", "You may not look.")
        user = script(self.serve(upstream, env={"DISCOVER_ENDPOINTS": "on"}))
        reply = user.say("Anybody?", serving_endpoint="never-heard-of")
        self.assertEqual(reply.text, answer_to("Anybody?"), reply.error)

    def test_what_the_workspace_serves_is_offered(self):
        upstream = self.new_upstream()
        upstream.listed = [MODEL, "fresh-model"]
        user = script(self.serve(upstream, env={"DISCOVER_ENDPOINTS": "on"}))
        wait_until(lambda: "fresh-model" in self.config(user),
                   what="the workspace's list")
        self.assertEqual(self.config(user)["fresh-model"]["state"], "ready")
        self.assertProblem(
            user.post("/chat", {"content": "?", "session_id": new_id(),
                                "serving_endpoint": "stranger"}),
            422, "invalid_request", "serving_endpoint")
        reply = user.say("Fresh?", serving_endpoint="fresh-model")
        self.assertEqual(reply.first["model"], "fresh-model")
