"""What chats are called: by their question, by a model, by the person."""

import json
import re

from support.cases import AppCase, FolderCase
from support.client import new_id, person, script
from support.upstream import MODEL, TOKEN, answer_parts, echo
from support.wire import request, wait_until
from support.workspace import WorkspaceCase

WISH = "Name this conversation"


def is_wish(exchange):
    return exchange.question.startswith(WISH)


def complete(exchange, text, usage=(30, 4)):
    exchange.answer(200, json.dumps({
        "id": "msg_2", "object": "chat.completion", "created": 1761660865,
        "model": "house-model-upstream-id",
        "choices": [{"index": 0, "finish_reason": "stop",
                     "message": {"role": "assistant", "content": text}}],
        "usage": {"prompt_tokens": usage[0], "completion_tokens": usage[1],
                  "total_tokens": sum(usage)}}))


def naming(title):
    """A model that answers as usual and gives this name."""
    def answer(exchange):
        if is_wish(exchange):
            complete(exchange, title)
        else:
            echo(exchange)
    return answer


def waits(exchange):
    if is_wish(exchange):
        exchange.upstream.gate(marker(exchange)).wait(60)
        complete(exchange, "A late name")
    else:
        echo(exchange)


def breaks(exchange):
    if is_wish(exchange):
        exchange.refuse(503, "TEMPORARILY_UNAVAILABLE", "Try later.")
    else:
        echo(exchange)


def fails_first(exchange):
    """The first question of a chat is refused."""
    if is_wish(exchange):
        complete(exchange, "The second try")
    elif "first" in exchange.question.splitlines()[-1]:
        exchange.refuse(400, "BAD_REQUEST", "No.")
    else:
        echo(exchange)


def marker(exchange):
    return re.search(r"mark-\w+", exchange.question).group()


SCRIPTS = {
    "good": naming("Moons of Jupiter"),
    "loud": naming("\n\n## **Title:** \"Moons\u202e of `Jupiter`.\"\nBecause"),
    "long": naming("word " * 200),
    "none": naming(" \n\t "),
    "waits": waits, "breaks": breaks, "fails": fails_first,
}


class Named(AppCase):
    scripts = SCRIPTS
    env = {**AppCase.env, "AUTO_TITLE": "true"}

    def title(self, session, user=None):
        return (user or self.ann).get(f"/chats/{session}").json["title"]

    def wishes(self, mark):
        return [e for e in self.upstream.asked(mark) if is_wish(e)]

    def wait_title(self, session, title):
        wait_until(lambda: self.title(session) == title,
                   what=f"{session} to be called {title!r}")

    def counter(self, name):
        text = request(self.server.port, "GET", "/metrics",
                       self.ann.headers).text
        return int(re.search(rf"^chatbot_{name} (\d+)", text, re.M).group(1))

    def test_model_names_a_chat_once_after_its_first_reply(self):
        session = new_id()
        self.ann.say("[good] How many moons? mark-once", session)
        self.wait_title(session, "Moons of Jupiter")
        self.ann.say("[good] And Saturn? mark-once", session)
        (wish,) = self.wishes("mark-once")
        self.assertIn("How many moons?", wish.question)
        self.assertIn(answer_parts("x")[4], wish.question)
        self.assertNotIn("stream", wish.body)
        self.assertLessEqual(wish.body["max_tokens"], 1024)
        self.assertEqual(self.ann.chats(messages="none")[0]["title"],
                         "Moons of Jupiter")

    def test_the_other_windows_are_told(self):
        session = new_id()
        revision = None
        with self.ann.open("/events", None, method="GET") as feed:
            self.ann.say("[waits] Hello mark-feed", session)
            revision = self.ann.get(f"/chats/{session}").json["revision"]
            self.upstream.gate("mark-feed").set()
            self.wait_title(session, "A late name")
            told = []
            while not any(t.get("kind") == "chat" for t in told[2:]):
                told.append(feed.next().json)
                told = [t for t in told if t.get("session_id") == session]
        chat = self.ann.get(f"/chats/{session}").json
        self.assertGreater(chat["revision"], revision)

    def test_what_a_model_says_becomes_one_plain_line(self):
        session = new_id()
        self.ann.say("[loud] Hello", session)
        self.wait_title(session, "Moons of Jupiter")
        session = new_id()
        self.ann.say("[long] Hello", session)
        wait_until(lambda: self.title(session).startswith("word word"),
                   what="a long name")
        self.assertLessEqual(len(self.title(session)), 81)

    def test_the_persons_name_stands(self):
        session = new_id()
        self.ann.say("[waits] Hello mark-mine", session)
        self.upstream.wait_asked(WISH)
        wait_until(lambda: self.wishes("mark-mine"), what="the wish")
        self.ann.call("PATCH", f"/chats/{session}", {"title": "My own"})
        before = self.counter("titles_total")
        self.upstream.gate("mark-mine").set()
        wait_until(lambda: self.counter("titles_total") > before,
                   what="the title to be stored")
        self.assertEqual(self.title(session), "My own")
        answer = self.ann.call("PATCH", f"/chats/{session}", {"title": ""})
        self.assertEqual(answer.json["title"], "A late name")
        self.assertEqual(self.title(session), "A late name")

    def test_a_chat_that_is_named_before_its_reply_ends_asks_nobody(self):
        session = new_id()
        with self.ann.ask("[good] Hello mark-early", session) as stream:
            self.ann.call("PATCH", f"/chats/{session}", {"title": "Mine"})
            stream.rest()
        self.ann.say("[good] More mark-early", session)
        self.assertEqual(self.wishes("mark-early"), [])
        self.assertEqual(self.title(session), "Mine")

    def test_a_failure_is_counted_and_not_repeated(self):
        session = new_id()
        before = self.counter("titles_failed_total")
        self.ann.say("[breaks] Hello there mark-breaks", session)
        wait_until(lambda: self.counter("titles_failed_total") > before,
                   what="the failure to be counted")
        self.ann.say("[breaks] Again mark-breaks", session)
        self.assertEqual(len(self.wishes("mark-breaks")), 1)
        self.assertEqual(self.title(session),
                         "[breaks] Hello there mark-breaks")

    def test_an_empty_name_leaves_that_of_the_question(self):
        session = new_id()
        before = self.counter("titles_failed_total")
        self.ann.say("[none] # Hello\nthere", session)
        wait_until(lambda: self.counter("titles_failed_total") > before,
                   what="the failure to be counted")
        self.assertEqual(self.title(session), "[none] # Hello")

    def test_a_reply_that_fails_asks_for_no_name(self):
        session = new_id()
        reply = self.ann.say("[fails] the first mark-fails", session)
        self.assertEqual(reply.status, "error")
        self.assertEqual(self.wishes("mark-fails"), [])
        self.ann.say("[fails] the other mark-fails", session)
        self.wait_title(session, "The second try")

    def test_tokens_count_for_the_day_and_not_as_a_message(self):
        carl = person(self.server, "carl")
        session = new_id()
        carl.say("[good] Hello", session)
        wait_until(lambda: self.title(session, carl) == "Moons of Jupiter",
                   what="the title")
        self.assertEqual(carl.get("/usage").json["tokens_today"],
                         {"prompt": 41, "completion": 11, "total": 52})

    def test_a_chat_that_was_deleted_meanwhile_harms_nobody(self):
        session = new_id()
        self.ann.say("[waits] Hello mark-deleted", session)
        wait_until(lambda: self.wishes("mark-deleted"), what="the wish")
        self.ann.call("DELETE", f"/chats/{session}")
        self.ann.call("DELETE", f"/chats/{session}", forever="true")
        self.upstream.gate("mark-deleted").set()
        self.ann.say("[good] Still there?", new_id())


class Limits(FolderCase):
    def test_a_stop_does_not_wait_for_a_name(self):
        upstream = self.new_upstream(**SCRIPTS)
        server = self.serve(upstream, env={"AUTO_TITLE": "true"})
        script(server).say("[waits] Hello mark-stop")
        wait_until(lambda: [e for e in upstream.asked("mark-stop")
                            if is_wish(e)], what="the wish")
        server.stop()  # looks at the time it takes

    def test_the_message_rate_is_untouched(self):
        upstream = self.new_upstream(**SCRIPTS)
        server = self.serve(upstream, env={
            "AUTO_TITLE": "true", "RATE_LIMIT_PER_MINUTE": "3"})
        user = script(server)
        for _ in range(3):
            self.assertEqual(user.say("[good] Hello").status, "complete")

    def test_another_endpoint_may_name(self):
        upstream = self.new_upstream(**SCRIPTS)
        server = self.serve(upstream, env={
            "AUTO_TITLE": "true", "TITLE_ENDPOINT": "second-model"})
        user, session = script(server), new_id()
        user.say("[good] Hello mark-other", session)
        wait_until(lambda: len(upstream.asked("mark-other")) == 2,
                   what="the wish")
        self.assertEqual([e.path.split("/")[2]
                          for e in upstream.asked("mark-other")],
                         [MODEL, "second-model"])

    def own_name(self, way, **env):
        """What was asked for a name, of a person who has a token."""
        upstream = self.new_upstream(**SCRIPTS)
        upstream.tokens.add("persons-own")
        server = self.serve(upstream, env={
            "AUTO_TITLE": "true", "DATABRICKS_APP_NAME": "chatbot",
            "DATABRICKS_USER_AUTH": way, **env})
        server.hide("persons-own")
        ann = person(server, "ann")
        ann.headers["X-Forwarded-Access-Token"] = "persons-own"
        with ann.ask("[waits] Hello mark-way") as stream:
            stream.rest()
        (wish,) = wait_until(
            lambda: [e for e in upstream.asked("mark-way") if is_wish(e)],
            what=way)
        upstream.gate("mark-way").set()
        wait_until(lambda: ann.chats(messages="none")[0]["title"]
                   == "A late name", what="the name")
        ann.say("[good] And on mark-way", ann.chats()[0]["sessionId"])
        self.assertEqual(len([e for e in upstream.asked("mark-way")
                              if is_wish(e)]), 1)
        return wish

    def test_a_chat_is_named_in_the_name_of_who_asked(self):
        for way in ("user", "user-then-service"):
            self.assertEqual(self.own_name(way).token, "persons-own", way)
        wish = self.own_name("user", TITLE_ENDPOINT="second-model")
        self.assertEqual(wish.token, "persons-own")
        self.assertIn("second-model", wish.path)

    def test_the_server_names_where_it_asked_or_was_told_to(self):
        self.assertEqual(self.own_name("service-principal").token, TOKEN)
        wish = self.own_name(
            "user-then-service", TITLE_ENDPOINT="second-model")
        self.assertEqual(wish.token, TOKEN)

    def test_a_token_that_is_refused_for_it_leaves_the_question(self):
        def expires(exchange):
            if is_wish(exchange):
                exchange.refuse(403, "PERMISSION_DENIED", "No longer.")
            else:
                echo(exchange)
        upstream = self.new_upstream(**SCRIPTS, expires=expires)
        upstream.tokens.add("persons-own")
        server = self.serve(upstream, env={
            "AUTO_TITLE": "true", "DATABRICKS_APP_NAME": "chatbot",
            "DATABRICKS_USER_AUTH": "user-then-service"})
        ann, session = person(server, "ann"), new_id()
        ann.headers["X-Forwarded-Access-Token"] = "persons-own"
        ann.say("[expires] Hello mark-no", session)
        (wish,) = wait_until(
            lambda: [e for e in upstream.asked("mark-no") if is_wish(e)],
            what="the wish")
        ann.say("[good] Hello again", new_id())
        self.assertEqual([e.token for e in upstream.asked("mark-no")],
                         ["persons-own"] * 2)
        self.assertEqual(ann.get(f"/chats/{session}").json["title"],
                         "[expires] Hello mark-no")


class Demo(WorkspaceCase):
    env = {"AUTO_TITLE": "true"}
    endpoints = ("databricks-docs-assistant", "databricks-weather-agent",
                 "databricks-gpt-oss-120b")
    pace = {"first_token_ms": 0, "tokens_per_second": 5000}

    def test_the_emulator_gives_a_name(self):
        session = new_id()
        self.user.say("Explain housing risk", session)
        wait_until(lambda: self.user.get(f"/chats/{session}").json["title"]
                   == "About housing risk", what="the title")

    def test_a_model_that_thinks_gives_one_too(self):
        session = new_id()
        self.user.say("Explain housing risk", session,
                      serving_endpoint="databricks-gpt-oss-120b")
        wait_until(lambda: self.user.get(f"/chats/{session}").json["title"]
                   == "About housing risk", what="the title")

    def test_no_agent_is_asked_for_a_name(self):
        for agent in self.endpoints[:2]:
            session = new_id()
            self.user.say("Explain housing risk", session, serving_endpoint=agent)
            # The look for it is over when the next reply has ended.
            self.user.say("Once more", session, serving_endpoint=agent)
            self.assertEqual(
                self.user.get(f"/chats/{session}").json["title"],
                "Explain housing risk", agent)
            (calls,) = [e["calls"] for e in self.emulator.stats()["endpoints"]
                        if e["name"] == agent]
            self.assertEqual(calls, 2)
