"""The subcommands that look after the history, beside a server."""

import json
import os
import resource
import signal
import sqlite3
import subprocess
import sys

from support.admin import DATA, Writer, rows, start_tool, tool
from support.cases import FolderCase
from support.client import new_id, person
from support.scripts import hold
from support.wire import Response, wait_until

STATES = "SELECT status, count(*) FROM messages GROUP BY status"


def tiny_files():
    """In the child: no file may become larger, as on a full disk."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024))


class AdminCase(FolderCase):
    """Each test has a server with two people, and runs tools beside it."""

    def setUp(self):
        self.place = self.fresh_folder()
        self.database = self.place / "chat_history.db"
        self.upstream = self.new_upstream(hold=hold)
        self.server = self.start()
        self.ann = person(self.server, "ann")
        self.bob = person(self.server, "bob")

    def start(self, database=None):
        return self.serve(self.upstream, self.place,
                          database=database or self.database,
                          env={"DATABRICKS_APP_NAME": "chatbot"})

    def run_tool(self, *arguments, code=0, database=None, **more):
        result = tool(self.place, *arguments,
                      database=database or self.database, **more)
        self.assertEqual(result.code, code, result)
        if code:
            self.assertTrue(result.err or result.out)
        return result

    def talk(self, user, turns=2):
        """A chat of some turns, one made anew and rated."""
        session = new_id()
        for turn in range(turns):
            reply = user.say(f"question {turn} ä \" <b>", session)
        user.rate(reply.message_id, "down")
        user.regenerate(reply.message_id, "question", session)
        user.rate(reply.message_id, "up")
        return session

    def export(self, database=None):
        result = self.run_tool("export", "--all", database=database)
        document = json.loads(result.out)
        self.assertEqual(document["format"], "databricks-chatbot-export")
        self.assertEqual(document["version"], 1)
        return sorted(document["chats"], key=lambda c: c["session_id"])

    def new_database(self, name):
        """A database that a server has made and left."""
        path = self.place / name
        self.start(path).stop()
        return path


class Backup(AdminCase):
    def test_a_backup_holds_what_was_acknowledged_before(self):
        self.talk(self.bob)
        with Writer(self.ann) as writer:
            wait_until(lambda: writer.acknowledged, what="a first reply")
            for number in range(3):
                before = list(writer.acknowledged)
                copy = self.place / f"copy-{number}.db"
                self.run_tool("backup", "--to", copy)
                kept = {row[0] for row in rows(
                    copy, "SELECT message_id FROM messages"
                    " WHERE status = 'complete'")}
                self.assertLessEqual(set(before), kept)
                self.assertEqual(
                    rows(copy, "PRAGMA integrity_check"), [("ok",)])
                self.assertNotIn("streaming", dict(rows(copy, STATES)))
                self.assertFalse(
                    list(self.place.glob(f"{copy.name}[-.]*")))
                self.run_tool("check", database=copy)

    def test_a_reply_under_way_is_kept_as_interrupted(self):
        session = new_id()
        with self.ann.ask("[hold] question", session) as stream:
            seen = stream.until_text(len("One. Two. "))
            copy = self.place / "copy.db"
            self.run_tool("backup", "--to", copy)
            status, content = rows(
                copy, "SELECT status, content FROM messages"
                " WHERE role = 'assistant'")[0]
            self.assertEqual(status, "interrupted")
            self.assertTrue(content.startswith(seen), content)
            self.upstream.gate("[hold] question").set()
            stream.rest()
        self.assertEqual(
            self.ann.messages(session)[-1]["status"], "complete")

    def test_a_file_that_is_there_is_not_overwritten(self):
        copy = self.place / "copy.db"
        copy.write_text("precious")
        result = self.run_tool("backup", "--to", copy, code=1)
        self.assertIn("--force", result.err)
        self.assertEqual(copy.read_text(), "precious")
        self.run_tool("backup", "--to", copy, "--force")
        self.assertEqual(rows(copy, "PRAGMA integrity_check"), [("ok",)])

    def test_the_database_itself_is_not_overwritten(self):
        session = self.talk(self.ann)
        for command, code in (
                (["backup", "--to", self.database], 2),
                (["backup", "--to", "chat_history.db"], 2),
                (["export", "--all", "--to", self.database], 1)):
            self.run_tool(*command, "--force", code=code)
        self.assertEqual(len(self.ann.messages(session)), 4)
        self.server.stop()
        self.run_tool("backup", "--to", self.database, "--force", code=2)
        self.run_tool("check")

    def test_a_full_disk_leaves_nothing_under_the_name(self):
        self.talk(self.ann)
        before = set(self.place.iterdir())
        for command in (["backup", "--to", "copy.db"],
                        ["export", "--all", "--to", "copy.json"],
                        ["migrate", "--to", "sqlite:copy.db"]):
            self.run_tool(*command, code=1, preexec=tiny_files)
            left = {path.name for path in set(self.place.iterdir()) - before}
            if command[0] != "migrate":
                self.assertFalse(left, command)
        self.assertEqual(self.ann.say("still there?").status, "complete")


class Restore(AdminCase):
    def test_what_was_erased_comes_back_and_the_rest_stays(self):
        kept, lost = self.talk(self.ann), self.talk(self.ann, 3)
        other = self.talk(self.bob)
        before = self.export()
        copy = self.place / "copy.db"
        self.run_tool("backup", "--to", copy)
        for _ in range(2):
            self.assertIn(self.ann.call(
                "DELETE", f"/chats/{lost}", forever="true" if _ else None)
                .status, (200, 204))
        self.ann.call("PATCH", f"/chats/{kept}", {"title": "a new name"})
        self.assertEqual(self.ann.get(f"/chats/{lost}").status, 404)

        result = self.run_tool("restore", "--from", copy)
        self.assertIn("Added 6 messages in 3 chats, of which 1 new",
                      result.out)
        self.assertEqual(len(self.ann.messages(lost)), 6)
        self.assertEqual(self.ann.messages(lost)[-1]["rating"], "up")
        self.assertEqual(self.ann.get(f"/chats/{kept}").json["title"],
                         "a new name")
        again = self.run_tool("restore", "--from", copy)
        self.assertIn("Added 0 messages", again.out)
        after = self.export()
        for chat in before + after:
            chat.pop("title")
        self.assertEqual(after, before)
        self.assertEqual(len(self.bob.messages(other)), 4)

    def test_one_that_was_killed_goes_on(self):
        for _ in range(6):
            self.talk(self.ann, 1)
        expected = self.export()
        copy = self.place / "copy.db"
        self.run_tool("backup", "--to", copy)
        for chat in expected:
            for forever in (None, "true"):
                self.ann.call("DELETE", f"/chats/{chat['session_id']}",
                              forever=forever)
        self.assertEqual(self.export(), [])
        for delay in (0.02, 0.04, 0.06, 0.08):
            process = start_tool(self.place, "restore", "--from", copy,
                                 database=self.database)
            try:
                process.wait(delay)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
            process.wait()
        self.run_tool("restore", "--from", copy)
        self.assertEqual(self.export(), expected)
        self.run_tool("check")

    def test_a_chat_comes_out_of_the_trash(self):
        session = self.talk(self.ann)
        copy = self.place / "copy.db"
        self.run_tool("backup", "--to", copy)
        self.ann.call("DELETE", f"/chats/{session}")
        self.run_tool("restore", "--from", copy)
        self.assertEqual(self.ann.get(f"/chats/{session}").status, 404)
        result = self.run_tool("restore", "--from", copy, "--chat", session)
        self.assertIn("out of the trash: 1", result.out)
        self.assertEqual(self.ann.get(f"/chats/{session}").status, 200)
        self.run_tool("restore", "--from", copy, "--chat", "none", code=1)

    def test_the_whole_file_is_for_when_no_server_runs(self):
        session = self.talk(self.ann)
        copy = self.place / "copy.db"
        self.run_tool("backup", "--to", copy)
        later = self.talk(self.ann)
        result = self.run_tool(
            "restore", "--from", copy, "--replace", code=1)
        self.assertIn("another process has it open", result.err)
        self.assertEqual(len(self.ann.messages(later)), 4)
        self.server.stop()
        self.run_tool("restore", "--from", copy, "--replace")
        old = [path for path in self.place.glob("*.before-restore-*")
               if path.name.endswith("Z")]
        self.assertEqual(len(old), 1)
        self.assertEqual(rows(
            old[0], "SELECT count(*) FROM sessions"), [(2,)])
        self.server = self.start()
        self.ann = person(self.server, "ann")
        self.assertEqual(len(self.ann.messages(session)), 4)
        self.assertEqual(self.ann.get(f"/chats/{later}").status, 404)

    def test_a_damaged_backup_is_refused(self):
        self.talk(self.ann)
        copy = self.place / "copy.db"
        self.run_tool("backup", "--to", copy)
        data = bytearray(copy.read_bytes())
        for at in range(8192, len(data) - 64, 4096):
            data[at:at + 64] = os.urandom(64)
        copy.write_bytes(data)
        self.run_tool("restore", "--from", copy, code=1)
        copy.write_text("not a database at all, but long enough " * 9)
        self.run_tool("restore", "--from", copy, code=1)
        self.run_tool("restore", "--from", self.place / "none", code=1)
        self.assertFalse(list(self.place.glob("databricks-chatbot-*")))


class Check(AdminCase):
    def test_all_is_well_while_somebody_writes(self):
        self.talk(self.bob)
        with Writer(self.ann) as writer:
            wait_until(lambda: writer.acknowledged, what="a first reply")
            result = self.run_tool("check")
        self.assertIn("is sound", result.out)

    def test_what_is_wrong_is_named_with_what_to_do(self):
        self.talk(self.ann)
        self.server.stop()
        connection = sqlite3.connect(self.database)
        connection.execute("UPDATE messages SET hidden = 1"
                           " WHERE parent_id IS NULL")
        connection.commit()
        connection.close()
        result = self.run_tool("check", code=1)
        self.assertIn("WRONG  shown", result.out)
        self.assertIn("What to do", result.out)

    def test_a_reply_that_a_crash_has_cut(self):
        with self.ann.ask("[hold] question") as stream:
            stream.until_text(4)
            self.run_tool("check")
            self.server.kill()
        result = self.run_tool("check", code=1)
        self.assertIn("WRONG  replies under way", result.out)
        self.start()
        self.run_tool("check")

    def test_what_is_no_history_cannot_be_checked(self):
        other = self.place / "other.db"
        other.write_bytes(os.urandom(20000))
        self.assertEqual(self.run_tool_any("check", other).code, 1)
        self.assertEqual(
            self.run_tool_any("check", self.place / "none.db").code, 2)

    def test_damage_of_the_file_is_found(self):
        self.talk(self.ann, 8)
        self.server.stop()
        data = bytearray(self.database.read_bytes())
        for at in range(4096 * 6, len(data) - 2048, 4096):
            data[at + 100:at + 1500] = bytes(1400)
        self.database.write_bytes(data)
        result = self.run_tool("check", code=1)
        self.assertTrue("integrity" in result.out or "damaged" in result.err
                        or "malformed" in result.err, result)

    def run_tool_any(self, command, database):
        return tool(self.place, command, database=database)


class Transfer(AdminCase):
    def test_an_export_makes_an_equal_history(self):
        for user in (self.ann, self.ann, self.bob):
            self.talk(user)
        exported = self.export()
        self.assertEqual(len(exported), 3)
        variants = [len(m["variants"]) for m in exported[0]["messages"]]
        self.assertEqual(variants, [1, 1, 1, 2])
        name = self.place / "all.json"
        self.run_tool("export", "--all", "--to", name)
        other = self.new_database("other.db")
        self.run_tool("import", name, database=other)
        self.assertEqual(self.export(other), exported)
        result = self.run_tool("import", name, database=other)
        self.assertIn("Added 0 messages", result.out)
        self.assertEqual(self.export(other), exported)
        self.run_tool("check", database=other)

    def test_one_person_alone_and_as_somebody_else(self):
        self.talk(self.ann)
        self.talk(self.bob)
        name = self.place / "ann.json"
        self.run_tool("export", "--user", "id-ann", "--to", name)
        self.run_tool("import", name, "--user", "id-carl")
        carl = person(self.server, "carl")
        chat = carl.chats()[0]
        self.assertEqual(len(carl.chats()), 1)
        self.assertEqual(len(carl.messages(chat["sessionId"])), 4)
        result = self.run_tool("import", name, "--user", "id-carl")
        self.assertIn("Added 0 messages", result.out)
        self.run_tool("check")

    def test_what_came_in_can_be_read_and_gone_on_with(self):
        session = new_id()
        with self.ann.ask("[hold] question", session) as stream:
            stream.until_text(len("One. Two. "))
            cut = self.ann.messages(session)[-1]
            self.ann.stop(cut["message_id"])
            stream.rest()
        name = self.place / "ann.json"
        self.run_tool("export", "--user", "id-ann", "--to", name)
        self.run_tool("import", name, "--user", "id-carl")
        carl = person(self.server, "carl")
        chat = carl.chats()[0]["sessionId"]
        reply = carl.messages(chat)[-1]
        self.assertEqual(reply["status"], "stopped")
        self.assertTrue(reply["content"].startswith("One. Two."))
        seen = carl.resume(reply["message_id"])
        if not isinstance(seen, Response):
            with seen as stream:
                text = "".join(event.json["content"]
                               for event in stream.rest()[:-1])
            self.assertEqual(text, reply["content"])
        with carl.open(f"/messages/{reply['message_id']}/continue",
                       {}) as stream:
            self.upstream.gate("[hold] question").set()
            stream.rest()
        after = carl.messages(chat)[-1]
        self.assertEqual(after["status"], "complete")
        self.assertTrue(after["content"].startswith(reply["content"]))
        self.assertEqual(carl.say("and on", chat).status, "complete")
        self.run_tool("check")

    def test_a_readable_file_a_chat(self):
        self.talk(self.ann)
        self.talk(self.bob)
        self.run_tool("export", "--user", "id-ann", "--format", "markdown",
                      "--to", "notes")
        files = list((self.place / "notes").iterdir())
        self.assertEqual(len(files), 1)
        text = files[0].read_text()
        self.assertRegex(text, r"## Question, \d{4}-\d\d-\d\d \d\d:\d\d\n")
        self.assertIn("\n\nquestion 0 ä \" <b>\n", text)
        self.assertIn("*rated up*", text)
        self.run_tool("export", "--all", "--format", "markdown",
                      "--to", "notes2")
        self.assertEqual(len(list((self.place / "notes2").glob("*/*.md"))), 2)

    def test_chats_of_other_programs(self):
        for name, chats, messages in (("chatgpt", 2, 6), ("claude", 2, 4)):
            path = DATA / f"{name}_conversations.json"
            refused = self.run_tool("import", path, code=1)
            self.assertIn("--user", refused.err)
            with Writer(self.bob):
                result = self.run_tool("import", path, "--user", f"id-{name}")
            self.assertIn(f"Added {messages} messages in {chats} chats",
                          result.out)
            self.assertIn("Skipped chat 3: no message in it", result.out)
            user = person(self.server, name)
            self.assertEqual(
                len(user.chats() + user.chats(list="archived")), chats)
            again = self.run_tool("import", path, "--user", f"id-{name}")
            self.assertIn("Added 0 messages", again.out)
        self.run_tool("check")

    def test_the_original_application(self):
        original = self.place / "original.db"
        make_original(original)
        before = original.read_bytes()
        result = self.run_tool("import", original)
        self.assertIn("Added 8 messages in 3 chats", result.out)
        self.assertIn("Added 0 messages",
                      self.run_tool("import", original).out)
        self.assertEqual(original.read_bytes(), before)
        self.assertFalse(list(self.place.glob("databricks-chatbot-*")))
        self.run_tool("check")

    def test_what_is_no_export_is_refused(self):
        for text in ("", "[1, 2]", "{\"chats\": 1}", "hello",
                     "[{\"mapping\": {}}", "[{\"a\": 1}]"):
            path = self.place / "file.json"
            path.write_text(text)
            self.run_tool("import", path, "--user", "ann", code=1)
        self.assertEqual(self.export(), [])


class Migrate(AdminCase):
    def test_while_serving_and_then_the_rest(self):
        self.talk(self.bob)
        target = self.place / "target.db"
        with Writer(self.ann) as writer:
            wait_until(lambda: len(writer.acknowledged) > 2, what="replies")
            first = tool(self.place, "migrate", "--to", f"sqlite:{target}",
                         database=self.database)
        self.assertEqual(first.code, 0, first)
        self.assertIn("--resume", first.out)
        self.talk(self.ann)
        gone = self.talk(self.ann)
        self.ann.call("DELETE", f"/chats/{gone}")
        self.server.stop()
        again = self.run_tool(
            "migrate", "--to", f"sqlite:{target}", code=1)
        self.assertIn("--resume", again.err)
        result = self.run_tool("migrate", "--to", f"sqlite:{target}",
                               "--resume")
        self.assertIn("Every row of the target equals the source.",
                      result.out)
        self.assertEqual(self.export(target), self.export())
        self.run_tool("check", database=target)

    def test_one_that_was_killed_goes_on(self):
        for _ in range(4):
            self.talk(self.ann, 3)
        self.server.stop()
        target = self.place / "target.db"
        for delay in (0.01, 0.03, 0.06, 0.1):
            arguments = ["migrate", "--to", f"sqlite:{target}", "--resume"]
            process = start_tool(self.place, *arguments,
                                 database=self.database)
            try:
                process.wait(delay)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
            process.wait()
        self.run_tool("migrate", "--to", f"sqlite:{target}", "--resume")
        self.assertEqual(self.export(target), self.export())

    def test_a_target_in_use_is_left_alone(self):
        self.talk(self.ann)
        target = self.place / "target.db"
        self.run_tool("migrate", "--to", f"sqlite:{target}")
        server = self.start(target)
        person(server, "ann").say("said in the new place")
        server.stop()
        before = self.export(target)
        result = self.run_tool("migrate", "--to", f"sqlite:{target}",
                               "--resume", code=1)
        self.assertIn("has been used", result.err)
        self.assertEqual(self.export(target), before)


class Misuse(FolderCase):
    def test_wrong_use_is_one_sentence(self):
        folder = self.fresh_folder()
        for arguments in (
                ["export"], ["export", "--all", "--user", "ann"],
                ["export", "--all", "--format", "xml"],
                ["export", "--all", "--format", "markdown"],
                ["restore"], ["restore", "--from"], ["import"],
                ["migrate"], ["backup", "--resume"], ["backup", "extra"],
                ["migrate", "--to", "sqlite:chat_history.db"]):
            result = tool(folder, *arguments)
            self.assertEqual(result.code, 2, (arguments, result))
            self.assertEqual(len(result.err.strip().splitlines()), 1, result)

    def test_help_tells_how(self):
        for name in ("backup", "restore", "check", "export", "import",
                     "migrate"):
            result = tool(self.fresh_folder(), "help", name)
            self.assertEqual(result.code, 0)
            self.assertIn(f"databricks-chatbot {name}", result.out)


def make_original(path):
    """A database as the original application leaves it."""
    subprocess.run([sys.executable, DATA / "make_original_db.py", path],
                   check=True)
