"""The real binary with its history in PostgreSQL."""

import importlib.util
import tempfile
from pathlib import Path
from urllib.parse import quote

from support.cases import FolderCase
from support.client import new_id, script
from support.process import EMULATOR_CLIENT, Emulator
from support.scripts import hold
from support.wire import PATIENCE, wait_until

HARNESS = Path(__file__).resolve().parents[1] / "harness/with_postgres.py"


def load_harness():
    spec = importlib.util.spec_from_file_location("with_postgres", HARNESS)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class PostgresCase(FolderCase):
    """One cluster for the class."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.harness = load_harness()
        folder = tempfile.TemporaryDirectory(prefix="pg-")
        cls.addClassCleanup(folder.cleanup)
        cls.cluster = cls.harness.Cluster(folder.name)
        cls.cluster.create()
        cls.cluster.keeper.start()
        cls.addClassCleanup(cls.cluster.stop)
        cls.cluster.wait()
        cls.upstream = cls.new_upstream(hold=hold)

    def url(self, password=None):
        password = quote(password or self.harness.PASSWORD)
        return (f"postgres://tester:{password}@127.0.0.1:{self.cluster.port}"
                "/postgres")

    def serve_by(self, **env):
        """A server that finds its database by these variables alone."""
        server = self.serve(self.upstream, start=False, env=env)
        at = server.arguments.index("--database")
        del server.arguments[at:at + 2]
        return server


class Journey(PostgresCase):
    def test_a_chat_outlives_kill_and_the_database(self):
        server = self.serve_by(
            PGHOST=self.cluster.sockets, PGPORT=str(self.cluster.port),
            PGUSER="tester", PGDATABASE="postgres").start()
        user, session = script(server), new_id()
        first = user.say("first question", session)
        self.assertEqual(first.last["status"], "complete")
        self.assertEqual(user.rate(first.message_id, "up").status, 200)

        with user.ask("[hold] second question", session) as stream:
            seen = stream.until_text(len("One. Two. "))
            server.kill()
        server.restart()
        cut = wait_until(
            lambda: (last := user.messages(session)[-1])["status"]
            != "streaming" and last, 30 * PATIENCE, "the cut is seen")
        self.assertEqual(cut["status"], "interrupted")
        self.assertTrue(cut["content"].startswith(seen), cut)
        again = user.message(session, first.message_id)
        self.assertEqual(again["rating"], "up")
        self.assertEqual(again["content"], first.text)

        self.cluster.process.send_signal(self.harness.signal.SIGINT)
        self.assertEqual(
            user.say("after the restart", session).last["status"], "complete")
        self.assertEqual(len(user.messages(session)), 6)
        self.assertIn(session, [chat["sessionId"] for chat in user.chats()])

    def test_an_address_with_a_password_serves_and_is_not_told(self):
        server = self.serve_by(DATABASE_URL=self.url())
        server.hide(quote(self.harness.PASSWORD))
        server.start()
        self.assertEqual(
            script(server).say("a question").last["status"], "complete")

    def serve_as_principal(self, host, client=EMULATOR_CLIENT):
        """A service principal, whose token is the database's password."""
        folder = self.fresh_folder()
        workspace = Emulator(folder)
        self.addCleanup(workspace.stop)
        server = self.serve_by(
            PGHOST=host, PGPORT=str(self.cluster.port), PGUSER="tester",
            PGDATABASE="postgres", DATABRICKS_HOST=workspace.start().url,
            DATABRICKS_CLIENT_ID=client[0], DATABRICKS_CLIENT_SECRET=client[1])
        del server.env["DATABRICKS_TOKEN"]
        return server

    def test_a_principal_logs_in_with_a_token(self):
        server = self.serve_as_principal(self.cluster.sockets).start()
        self.assertEqual(script(server).get("/chats").status, 200)

    def test_a_token_that_the_database_refuses(self):
        server = self.serve_as_principal("127.0.0.1")
        server.launch()
        self.assertEqual(server.wait(), 1)
        self.assertIn("password authentication failed", server.said())

    def test_a_principal_that_the_workspace_refuses(self):
        server = self.serve_as_principal(
            self.cluster.sockets, (EMULATOR_CLIENT[0], "dose-wrong-0123456"))
        server.launch()
        self.assertEqual(server.wait(), 1)
        self.assertIn("no token for PostgreSQL", server.said())

    def test_a_wrong_password_is_one_sentence(self):
        server = self.serve_by(DATABASE_URL=self.url("not this one"))
        server.launch()
        self.assertEqual(server.wait(), 1)
        said = server.said()
        self.assertIn("password authentication failed", said)
        self.assertNotIn(quote("not this one"), said)
        self.assertEqual(len(said.strip().splitlines()), 1, said)
