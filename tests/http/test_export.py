"""A person's chats as files over HTTP: one, or all of them."""

import json
from urllib.parse import unquote

from support.admin import tool
from support.cases import AppCase
from support.client import new_id, person, script
from support.upstream import MODEL
from support.wire import Connection, build_request, wait_until
from support.workspace import WorkspaceCase

MOST_AT_ONCE = 8
BIG = "All of this is one long line of text. " * 20000  # not far from a megabyte


def big(exchange):
    exchange.begin()
    for at in range(0, len(BIG), 50_000):
        exchange.delta(BIG[at:at + 50_000])
    exchange.finish()


class Export(AppCase):
    scripts = {"big": big}

    def one(self, user, session, form="json"):
        return user.get(f"/chats/{session}/export", format=form)

    def every(self, user, form="json"):
        return user.get("/export", format=form)

    def talk(self, user, turns=2, title=None):
        session = new_id()
        for turn in range(turns):
            reply = user.say(f"question {turn} ä \" <b>", session)
        user.regenerate(reply.message_id, "question", session)
        user.rate(reply.message_id, "up")
        if title:
            user.call("PATCH", f"/chats/{session}", {"title": title})
        return session

    def test_markdown_is_for_people(self):
        session = self.talk(self.ann, title="Plans *for* May")
        answer = self.one(self.ann, session, "markdown")
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(answer.header("content-type"),
                         "text/markdown; charset=utf-8")
        self.assertEqual(answer.header("cache-control"), "no-store")
        self.assertTrue(answer.text.startswith("# Plans *for* May\n"))
        self.assertEqual(answer.text.count("## Question, 20"), 2)
        self.assertEqual(answer.text.count(f"## Answer ({MODEL}), 20"), 2)
        self.assertIn("question 1 ä \" <b>", answer.text)
        self.assertIn("Grüße — 你好 🌍", answer.text)
        self.assertIn("*rated up*", answer.text)

    def test_json_is_what_the_subcommand_writes_and_reads(self):
        session = self.talk(self.ann)
        answer = self.one(self.ann, session)
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(answer.header("content-type"), "application/json")
        self.assertEqual(
            (answer.json["format"], answer.json["version"]),
            ("databricks-chatbot-export", 1))
        (chat,) = answer.json["chats"]
        self.assertEqual(len(chat["messages"][3]["variants"]), 2)
        told = tool(self.folder, "export", "--user", "id-ann",
                    database=self.server.database)
        self.assertEqual(told.code, 0, told)
        self.assertIn(chat, json.loads(told.out)["chats"])
        other = self.serve(self.upstream, env=self.env)
        mine = other.folder / "mine.json"
        mine.write_bytes(answer.body)
        read = tool(other.folder, "import", mine, database=other.database)
        self.assertEqual(read.code, 0, read)
        self.assertEqual(self.one(person(other, "ann"), session)
                         .json["chats"], [chat])

    def test_all_are_all_but_the_trash(self):
        dora = person(self.server, "dora")
        kept, away, gone = (self.talk(dora, 1, name)
                            for name in ("Kept", "Away", "Gone"))
        self.talk(self.bob, 1)
        dora.call("PATCH", f"/chats/{away}", {"archived": True})
        dora.call("DELETE", f"/chats/{gone}")
        answer = self.every(dora)
        self.assertEqual([c["session_id"] for c in answer.json["chats"]],
                         [kept, away])
        text = self.every(dora, "markdown").text
        self.assertIn("# Kept\n", text)
        self.assertIn("\n---\n\n# Away\n", text)
        self.assertNotIn("Gone", text)
        self.assertRegex(
            answer.header("content-disposition"),
            r'^attachment; filename="chats-\d{4}-\d\d-\d\d\.json"$')

    def test_many_chats_and_long_ones_come_whole(self):
        emil = person(self.server, "emil")
        sessions = [new_id() for _ in range(205)]
        for session in sessions:
            emil.say("Hello", session)
        for _ in range(70):
            emil.say("And on", sessions[0])
        chats = self.every(emil).json["chats"]
        self.assertEqual({c["session_id"] for c in chats}, set(sessions))
        self.assertEqual({c["session_id"]: len(c["messages"])
                          for c in chats}[sessions[0]], 142)
        alone = self.one(emil, sessions[0]).json["chats"][0]
        self.assertEqual(alone, {c["session_id"]: c for c in chats}[
            sessions[0]])

    def test_nobody_without_a_chat_gets_an_empty_document(self):
        nobody = person(self.server, "nobody")
        self.assertEqual(self.every(nobody).json["chats"], [])
        self.assertEqual(self.every(nobody, "markdown").body, b"")

    def test_a_file_name_is_safe_and_tells_the_chat(self):
        session = self.talk(self.ann, 1, "Zürich\"; x=\u202e../\\\n50 %")
        for form, ending in (("markdown", ".md"), ("json", ".json")):
            said = self.one(self.ann, session, form).header(
                "content-disposition")
            self.assertTrue(said.isascii(), said)
            plain, coded = said.removeprefix("attachment; ").split("; ")
            self.assertRegex(plain, r'^filename="[0-9]{4}-[a-z0-9-]+'
                             + ending.replace(".", r"\.") + '"$')
            self.assertTrue(coded.startswith("filename*=UTF-8''"))
            name = unquote(coded.removeprefix("filename*=UTF-8''"))
            self.assertTrue(name.startswith("Zürich"), name)
            self.assertTrue(name.endswith(ending), name)
            for bad in "/\\\n\u202e":
                self.assertNotIn(bad, name)

    def test_what_is_not_ours_or_gone_does_not_exist(self):
        session = self.talk(self.ann, 1)
        for form in ("markdown", "json"):
            self.assertProblem(self.one(self.bob, session, form), 404,
                               "not_found")
            self.assertProblem(self.one(self.ann, new_id(), form), 404,
                               "not_found")
        self.ann.call("DELETE", f"/chats/{session}")
        self.assertProblem(self.one(self.ann, session), 404, "not_found")

    def test_a_format_must_be_said(self):
        session = self.talk(self.ann, 1)
        for path in ("/export", f"/chats/{session}/export"):
            for form in (None, "", "pdf", "JSON"):
                self.assertProblem(self.ann.get(path, format=form), 422,
                                   "invalid_request", "format")

    def test_so_many_at_once_and_no_more(self):
        fay = person(self.server, "fay")
        session = new_id()
        for _ in range(8):
            fay.say("[big] Tell me all", session)
        slow = []
        try:
            for _ in range(MOST_AT_ONCE):
                connection = Connection(self.server.port, 10, 4096)
                connection.send(build_request(
                    "GET", "/chat-api/export?format=json", fay.headers))
                self.assertEqual(connection.read_head().status, 200)
                slow.append(connection)
            refused = self.every(fay)
            self.assertProblem(refused, 503, "overloaded")
            self.assertEqual(refused.header("retry-after"), "10")
            self.assertEqual(self.ann.get("/chats").status, 200)
        finally:
            for connection in slow:
                connection.close()
        wait_until(lambda: self.every(fay).status == 200,
                   what="a place for an export")

    def test_a_large_chat_comes_byte_by_byte_the_same(self):
        gil = person(self.server, "gil")
        session = new_id()
        for _ in range(3):
            gil.say("[big] Tell me all", session)
        messages = self.one(gil, session).json["chats"][0]["messages"]
        self.assertEqual([m["variants"][0]["content"] == BIG
                         for m in messages[1::2]], [True] * 3)
        text = self.one(gil, session, "markdown").text
        self.assertEqual(text.count(BIG), 3)


class Agents(WorkspaceCase):
    endpoints = ("databricks-supervisor-agent", "databricks-docs-assistant")
    pace = {"first_token_ms": 0, "tokens_per_second": 5000}

    def test_tools_and_sources_are_in_the_text(self):
        session = new_id()
        self.user.say("What is the weather?", session,
                      serving_endpoint=self.endpoints[0])
        text = script(self.server).get(f"/chats/{session}/export",
                                       format="markdown").text
        self.assertIn("<details><summary>Tool: ", text)
        self.assertEqual(text.count("<details>"), text.count("</details>"))
