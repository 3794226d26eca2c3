"""The subcommands that look after the history, with PostgreSQL."""

import json
import signal
import subprocess
from urllib.parse import quote

from slow_postgres import PostgresCase
from support.admin import DATA, Writer, rows, start_tool, tool
from support.client import new_id, person
from support.wire import wait_until

EQUAL = "Every row of the target equals the source."
SETTINGS = {"DATABRICKS_APP_NAME": "chatbot"}


class AdminPostgres(PostgresCase):
    def setUp(self):
        self.place = self.fresh_folder()
        self.names = 0

    def new_url(self):
        """An empty database of its own on the cluster."""
        self.names += 1
        name = f"{self.id().split('.')[-1][:40]}_{self.names}".lower()
        subprocess.run(
            [self.harness.program("createdb"), "-h", self.cluster.sockets,
             "-p", str(self.cluster.port), "-U", "tester", name], check=True)
        password = quote(self.harness.PASSWORD)
        return (f"postgres://tester:{password}@127.0.0.1:"
                f"{self.cluster.port}/{name}")

    def run_tool(self, url, *arguments, code=0, **more):
        """A tool of a database that its URL names."""
        result = tool(self.place, *arguments, "--database", url, **more)
        self.assertEqual(result.code, code, result)
        self.assertNotIn(quote(self.harness.PASSWORD),
                         result.out + result.err)
        return result

    def serve_url(self, url):
        server = self.serve(self.upstream, self.place, start=False,
                            env=SETTINGS)
        at = server.arguments.index("--database")
        server.arguments[at + 1] = url
        return server.start()

    def export(self, url):
        return sorted(
            json.loads(self.run_tool(url, "export", "--all").out)["chats"],
            key=lambda chat: chat["session_id"])

    def talk(self, user, turns=2):
        session = new_id()
        for turn in range(turns):
            reply = user.say(f"question {turn} ä €", session)
        user.rate(reply.message_id, "down")
        user.regenerate(reply.message_id, "question", session)
        user.rate(reply.message_id, "up")
        return session

    def sqlite(self, name):
        return f"sqlite:{self.place / name}"

    def test_there_and_back_again_is_equal(self):
        first, second, third = \
            self.sqlite("one.db"), self.new_url(), self.sqlite("three.db")
        server = self.serve_url(first)
        ann, bob = person(server, "ann"), person(server, "bob")
        for user in (ann, bob, ann):
            self.talk(user)
        ann.call("PUT", "/drafts/new", {"content": "not sent"})
        with ann.ask("[hold] under way") as stream:
            stream.until_text(3)
            server.kill()
        there = self.run_tool(first, "migrate", "--to", second)
        self.assertIn(EQUAL, there.out)
        back = self.run_tool(second, "migrate", "--to", third)
        self.assertIn(EQUAL, back.out)
        server = self.serve_url(second)
        wait_until(lambda: person(server, "ann").messages(
            stream_session(person(server, "ann")))[-1]["status"]
            == "interrupted", what="the cut reply is recovered")
        self.assertEqual(person(server, "bob").say("on").status, "complete")
        server.stop()
        again = self.run_tool(second, "migrate", "--to", third, "--resume")
        self.assertIn(EQUAL, again.out)
        self.assertEqual(self.export(third), self.export(second))
        for url in (first, second, third):
            result = tool(self.place, "check", "--database", url)
            self.assertEqual(result.code, url == first, result)
        tables = [line.split() for line in there.out.splitlines()[1:-1]]
        self.assertEqual(len(tables), 13)
        self.assertTrue(all(len(row) == 6 for row in tables), tables)

    def test_while_serving(self):
        url, target = self.new_url(), self.sqlite("target.db")
        server = self.serve_url(url)
        ann, bob = person(server, "ann"), person(server, "bob")
        lost = self.talk(bob)
        with Writer(ann) as writer:
            wait_until(lambda: writer.acknowledged, what="a first reply")
            before = list(writer.acknowledged)
            copy = self.place / "copy.db"
            self.run_tool(url, "backup", "--to", copy)
            self.run_tool(url, "check")
            first = self.run_tool(url, "migrate", "--to", target)
            self.assertIn(EQUAL, first.out)
            self.run_tool(url, "import",
                          DATA / "chatgpt_conversations.json",
                          "--user", "id-carl")
        kept = {row[0] for row in rows(
            copy, "SELECT message_id FROM messages"
            " WHERE status = 'complete'")}
        self.assertLessEqual(set(before), kept)
        self.run_tool(self.sqlite("copy.db"), "check")
        self.assertEqual(len(person(server, "carl").chats()), 1)
        for forever in (None, "true"):
            bob.call("DELETE", f"/chats/{lost}", forever=forever)
        result = self.run_tool(url, "restore", "--from", copy,
                               "--user", "id-bob")
        self.assertIn("Added 4 messages in 1 chat", result.out)
        self.assertEqual(bob.messages(lost)[-1]["rating"], "up")
        refused = self.run_tool(url, "restore", "--from", copy, "--replace",
                                code=2)
        self.assertIn("PostgreSQL", refused.err)
        server.stop()
        result = self.run_tool(url, "migrate", "--to", target, "--resume")
        self.assertIn(EQUAL, result.out)
        self.assertEqual(self.export(target), self.export(url))

    def test_one_that_was_killed_goes_on(self):
        source, target = self.sqlite("source.db"), self.new_url()
        server = self.serve_url(source)
        ann = person(server, "ann")
        for _ in range(6):
            self.talk(ann)
        server.stop()
        for delay in (0.05, 0.1, 0.15, 0.2, 0.3):
            process = start_tool(self.place, "migrate", "--to", target,
                                 "--resume", "--database", source)
            try:
                process.wait(delay)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
            process.wait()
        result = self.run_tool(source, "migrate", "--to", target, "--resume")
        self.assertIn(EQUAL, result.out)
        self.assertEqual(self.export(target), self.export(source))

    def test_a_tool_makes_no_tables(self):
        url = self.new_url()
        for command in (["backup", "--to", "copy.db"], ["check"],
                        ["export", "--all"],
                        ["migrate", "--to", self.sqlite("target.db")]):
            result = self.run_tool(
                url, *command, code=2 if command == ["check"] else 1)
            self.assertIn("start the server", result.err)
        self.assertFalse(list(self.place.glob("copy.db*")))

    def test_a_server_that_is_not_there_is_one_sentence(self):
        source = self.sqlite("source.db")
        self.serve_url(source).stop()
        result = self.run_tool(
            source, "migrate", "--to",
            "postgres://tester@127.0.0.1:1/postgres", code=1)
        self.assertEqual(len(result.err.strip().splitlines()), 1, result)


def stream_session(user):
    """The chat whose question was under way."""
    return next(chat["sessionId"] for chat in user.chats()
                if "under way" in chat["firstQuery"])
