"""Bad days of the machine: the process is killed or told to end, the disk
fails, the database is an old one."""

import json
import os
import random
import resource
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time

from support.cases import FolderCase
from support.client import User, check_stream, new_id, script
from support.process import Process, TOP
from support.scripts import hold, pace, paced_text
from support.wire import (Closed, Connection, PATIENCE, Response, WAIT, request,
                          wait_until)

SEED = int(os.environ.get("CHATBOT_TEST_SEED", random.randrange(10**9)))
NOBODY = 65534
FIXTURE = str(TOP / "tests/data/make_original_db.py")
FEW_FILES = 300  # of which a hundred are for connections, half to models


class Killed(FolderCase):
    """kill -9 at moments chosen by chance."""

    ROUNDS = 5

    def test_nothing_that_was_seen_is_lost(self):
        print(f"\nCHATBOT_TEST_SEED={SEED}")
        chance = random.Random(SEED)
        upstream = self.new_upstream(pace=pace)
        server = self.serve(upstream)
        user = script(server)
        finished, session = [], new_id()
        for number in range(self.ROUNDS):
            finished.append(user.say(f"Round {number}", session))
            running = [new_id() for _ in range(3)]
            streams = [user.ask(f"[pace] Killed in {s}", s)
                       for s in running]
            seen = self.watch(streams, chance.uniform(0.02, 0.7), server)
            server.restart()
            self.check(user, running, seen)
            kept = user.messages(session)
            self.assertEqual(
                [m["content"] for m in kept if m["role"] == "assistant"],
                [r.text for r in finished])
        self.assertEqual(len(user.chats()), 1 + 3 * self.ROUNDS)
        session = running[0]
        self.assertEqual(user.say("Going on", session).status, "complete")

    def watch(self, streams, seconds, server):
        """Reads all streams, kills the server, gives what each saw."""
        def read(stream):
            try:
                stream.rest()
            except (Closed, ConnectionError):
                pass
        threads = [threading.Thread(target=read, args=(s,)) for s in streams]
        for thread in threads:
            thread.start()
        time.sleep(seconds)
        server.kill()
        for thread in threads:
            thread.join(WAIT)
        for stream in streams:
            stream.close()
        return [stream.seen for stream in streams]

    def check(self, user, sessions, seen):
        for session, events in zip(sessions, seen):
            question, *rest = user.messages(session)
            self.assertEqual(question["content"],
                             f"[pace] Killed in {session}")
            answer = rest[0]
            text = "".join(e.json["content"] for e in events)
            where = f"seed {SEED}, seen {len(text)}"
            self.assertEqual(answer["status"], "interrupted", where)
            self.assertTrue(answer["content"].startswith(text), where)
            self.assertTrue(paced_text(1500).startswith(answer["content"]),
                            where)
            if events:
                self.assertEqual(answer["message_id"],
                                 events[0].json["message_id"])
                self.check_resume(user, answer, events[-1], text)

    def check_resume(self, user, answer, last, text):
        """A browser that was cut asks on where it was."""
        again = user.resume(answer["message_id"], last_event_id=last.id)
        self.assertNotIsInstance(again, Response, "it is not told the end")
        with again:
            events = check_stream(again.rest())
        self.assertEqual(events[-2].json["status"], "interrupted")
        self.assertEqual(text + again.text(), answer["content"])


class Signals(FolderCase):
    """SIGTERM and SIGINT with replies running."""

    def test_reply_that_ends_in_time_is_seen_to_its_end(self):
        upstream = self.new_upstream(hold=hold)
        server = self.serve(upstream)
        user, session = script(server), new_id()
        question = "[hold] May I finish?"
        with user.ask(question, session) as stream:
            stream.until_text(len("One. "))
            server.process.send_signal(signal.SIGTERM)
            time.sleep(0.3)
            self.assertTrue(server.running)
            upstream.gate(question).set()
            last = check_stream(stream.rest())[-2].json
        self.assertEqual(last["status"], "complete")
        self.assertEqual(server.wait(15 * PATIENCE), 0)
        server.check_log()
        server.restart()
        self.assertEqual(user.messages(session)[1]["content"],
                         "One. Two. Three. Four.")

    def test_new_messages_are_refused_while_it_ends(self):
        upstream = self.new_upstream(hold=hold)
        server = self.serve(upstream, env={"SHUTDOWN_GRACE": "5s"})
        user, question = script(server), "[hold] Who comes too late?"
        with user.ask(question) as stream:
            stream.until_text(len("One. "))
            server.process.send_signal(signal.SIGTERM)
            time.sleep(0.2)
            try:
                response = user.post("/chat", {
                    "content": "Too late?", "session_id": new_id()})
                self.assertProblem(response, 503, "shutting_down")
            except (ConnectionError, Closed):
                pass
            upstream.gate(question).set()
            check_stream(stream.rest())
        self.assertEqual(server.wait(15 * PATIENCE), 0)

    def test_each_signal_ends_an_idle_server_at_once(self):
        for signum in (signal.SIGTERM, signal.SIGINT):
            server = self.serve(self.new_upstream())
            script(server).say("Nothing runs when the signal comes.")
            status, seconds = server.end(signum)
            self.assertEqual(status, 0)
            self.assertLess(seconds, 2 * PATIENCE)
            server.check_log()

    def test_second_signal_does_not_wait(self):
        upstream = self.new_upstream(hold=hold)
        server = self.serve(upstream)
        user, session = script(server), new_id()
        with user.ask("[hold] How impatient?", session) as stream:
            stream.until_text(len("One. "))
            server.process.send_signal(signal.SIGINT)
            time.sleep(0.3)
            began = time.monotonic()
            server.process.send_signal(signal.SIGINT)
            server.wait(15 * PATIENCE)
            self.assertLess(time.monotonic() - began, 3 * PATIENCE)
        server.restart()
        answer = user.messages(session)[1]
        self.assertEqual(answer["status"], "interrupted")
        self.assertTrue(answer["content"].startswith("One. "))


class Start(FolderCase):
    """What makes a start impossible is said in one line."""

    def fails(self, expected, *arguments, env=None):
        """The start fails and the one line names what was expected."""
        folder = self.fresh_folder()
        process = Process(["serve", *arguments], folder,
                          {"DEMO": "on", **(env or {})})
        process.launch()
        self.addCleanup(process.kill)
        status = process.wait(WAIT)
        self.assertGreater(status, 0, process.log)
        self.assertIsNone(process.complaints())
        errors = [line for line in process.said().splitlines()
                  if "level=error" in line or "level=" not in line]
        self.assertEqual(len(errors), 1, process.log)
        self.assertIn(str(expected), errors[0])

    def test_port_taken(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            self.fails(port, "--port", str(port))

    def test_port_of_another_server_goes_on_serving(self):
        first = self.serve(self.new_upstream())
        self.fails(first.port, "--port", str(first.port))
        self.assertEqual(script(first).say("Still there?").status,
                         "complete")

    def test_database_that_is_a_directory(self):
        place = self.fresh_folder()
        self.fails(place, "--port", "0", "--database", f"sqlite:{place}")

    def test_database_that_is_something_else(self):
        place = self.fresh_folder() / "notes.txt"
        place.write_text("These are notes, not a database.\n" * 200)
        self.fails(place, "--port", "0", "--database", f"sqlite:{place}")
        self.assertTrue(place.read_text().startswith("These are notes"))

    def test_database_of_a_newer_program(self):
        server = self.serve(self.new_upstream())
        script(server).say("Make the tables.")
        server.stop()
        with sqlite3.connect(server.database) as base:
            version, = base.execute("PRAGMA user_version").fetchone()
            names = [n for n, in base.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table'")]
            if "schema_migrations" in names:
                columns = [c[1] for c in base.execute(
                    "PRAGMA table_info(schema_migrations)")]
                row = list(base.execute(
                    "SELECT * FROM schema_migrations "
                    "ORDER BY 1 DESC LIMIT 1").fetchone())
                row[0] = 9999
                base.execute("INSERT INTO schema_migrations VALUES "
                             f"({','.join('?' * len(columns))})", row)
            if version:
                base.execute("PRAGMA user_version = 9999")
        self.fails(server.database, "--port", "0",
                  "--database", f"sqlite:{server.database}")

    def test_damaged_database_is_left_alone(self):
        server = self.serve(self.new_upstream())
        script(server).say("Make the tables.")
        server.stop()
        data = bytearray(server.database.read_bytes())
        data[100:3000] = b"\xa5" * 2900
        server.database.write_bytes(data)
        self.fails(server.database, "--port", "0",
                  "--database", f"sqlite:{server.database}")
        self.assertEqual(server.database.read_bytes(), bytes(data))

    def test_options_that_do_not_exist_or_fit(self):
        for name, value in (("--no-such-option", "1"), ("--port", "70000"),
                            ("--port", "http"), ("--log-level", "loud")):
            self.fails(name.strip("-"), name, value)

    def test_variables_that_do_not_fit(self):
        for name, value in (("RATE_LIMIT_PER_MINUTE", "many"),
                            ("DATABRICKS_HOST", "http://example.org"),
                            ("DATABASE_URL", "mysql://x/y")):
            self.fails(name, "--port", "0", env={name: value})

    def test_workspace_without_credentials(self):
        self.fails("DATABRICKS_", "--port", "0", env={
            "DEMO": "auto", "DATABRICKS_HOST": "https://workspace.invalid"})


def as_nobody():
    """In the child: files of root are no longer writable."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)


def few_files():
    resource.setrlimit(resource.RLIMIT_NOFILE, (FEW_FILES, FEW_FILES))


def ignore_sigxfsz():
    """In the child: a file that may not grow is an error, not the end."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)


class SmallDisk:
    """A mounted disk of a few megabytes."""

    refusals = ((507, "storage_full"),)

    def __init__(self, place):
        self.place, self.ballast = place, place / "ballast"

    def fill(self, _):
        with self.ballast.open("wb", buffering=0) as out:
            for size in (65536, 4096, 1):
                try:
                    while True:
                        out.write(b"x" * size)
                except OSError:
                    pass

    def free(self, _):
        self.ballast.unlink()


class LimitedFiles:
    """The nearest thing without a right to mount: no file may grow."""

    refusals = ((507, "storage_full"), (503, "storage_unavailable"))

    def __init__(self, place):
        self.place = place

    def limit(self, server, size):
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE,
                         (size, resource.RLIM_INFINITY))

    def fill(self, server):
        self.limit(server, 4096)

    def free(self, server):
        self.limit(server, resource.RLIM_INFINITY)


class Disk(FolderCase):
    """The place where chats are kept."""

    def test_directory_that_is_missing_is_made(self):
        place = self.fresh_folder() / "not" / "yet" / "there.db"
        server = self.serve(self.new_upstream(), database=place,
                            start=False)
        server.launch()
        try:
            server.wait_listening(server.port)
        except AssertionError:
            self.assertGreater(server.process.returncode, 0)
            self.assertIn(str(place.parent), server.said())
            self.assertEqual(len(server.said().splitlines()), 1)
            return
        script(server).say("Are you there now?")
        self.assertTrue(place.exists())

    def test_file_that_is_read_only_can_be_read(self):
        upstream = self.new_upstream()
        server = self.serve(upstream)
        user, session = script(server), new_id()
        first = user.say("What was written before?", session)
        server.stop()
        self.folder.chmod(0o755)
        server.folder.chmod(0o555)
        for path in server.folder.iterdir():
            path.chmod(0o444)
        server.preexec = as_nobody
        server.output = {"stdout": bytearray(), "stderr": bytearray()}
        server.launch()
        try:
            server.wait_listening(server.port)
        except AssertionError:
            self.fail("it does not serve what it can read:\n" + server.log)
        self.assertEqual(
            [m["content"] for m in user.messages(session)],
            ["What was written before?", first.text])
        response = user.post("/chat", {"content": "And now?",
                                       "session_id": session})
        self.assertProblem(response, 503, "storage_readonly")
        self.assertEqual(len(user.messages(session)), 2)
        self.assertEqual(upstream.asked("And now?"), [])
        ready = request(server.port, "GET", "/readyz")
        self.assertEqual(ready.status, 503, ready)

    def new_disk(self):
        """A disk that can be filled, real where one can be mounted."""
        place = self.fresh_folder()
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(place)],
            capture_output=True, check=False)
        if done.returncode:
            return LimitedFiles(place)
        self.addCleanup(subprocess.run, ["umount", "-l", str(place)],
                        check=False)
        return SmallDisk(place)

    def test_full_disk(self):
        self.check_full_disk(self.new_disk())

    def test_few_open_files(self):
        server = self.serve(self.new_upstream(), preexec=few_files)
        wait_until(lambda: f"files={FEW_FILES} connections=50" in server.log,
                   what="the log tells how many fit")
        held = [Connection(server.port) for _ in range(50)]
        for _ in range(3):
            with Connection(server.port) as late:
                answer = late.read_response()
            self.assertProblem(answer, 503, "overloaded")
        for connection in held:
            connection.close()
        wait_until(server.answers, what="there is room again")
        self.assertEqual(script(server).say("Here?", new_id()).status,
                         "complete")

    def test_files_that_may_not_grow(self):
        self.check_full_disk(LimitedFiles(self.fresh_folder()))

    def check_full_disk(self, disk):
        server = self.serve(self.new_upstream(), preexec=ignore_sigxfsz,
                            database=disk.place / "chats.db")
        user, session = script(server), new_id()
        first = user.say("While there is room.", session)
        disk.fill(server)
        response = self.until_refused(user)
        self.assertIn((response.status, response.json["code"]), disk.refusals)
        self.assertProblem(response, response.status, response.json["code"])
        self.check_reading(user, session, first)
        disk.free(server)
        self.assertEqual(user.say("There is room again.", session).status,
                         "complete")
        server.stop()

    def test_disk_that_fills_while_a_reply_runs(self):
        disk = self.new_disk()
        upstream = self.new_upstream(pace=pace)
        server = self.serve(upstream, preexec=ignore_sigxfsz,
                            database=disk.place / "chats.db")
        user, session = script(server), new_id()
        with user.ask("[pace] Is there room for this?", session) as stream:
            stream.until_text(40)
            message = stream.seen[0].json["message_id"]
            disk.fill(server)
            time.sleep(1.0)
            self.assertEqual(
                request(server.port, "GET", "/healthz").status, 200)
            disk.free(server)
            user.stop(message)
            check_stream(stream.rest(timeout=30))
            seen = stream.text()
        stored = wait_until(
            lambda: (m := user.message(session, message))
            and m["status"] != "streaming" and m,
            what="the reply has its final state")
        self.assertTrue(stored["content"].startswith(seen))
        self.assertTrue(paced_text(1500).startswith(stored["content"]))
        self.assertEqual(user.say("Going on.", session).status, "complete")

    def until_refused(self, user):
        """Writes until the disk says no; gives the refusal."""
        for number in range(60):
            answer = user.open("/chat", {
                "content": f"Filler {number} " + "x" * 20_000,
                "session_id": new_id()})
            if isinstance(answer, Response):
                return answer
            with answer:
                answer.rest(timeout=30)
        self.fail("nothing was refused")

    def check_reading(self, user, session, first):
        self.assertEqual(user.messages(session)[1]["content"], first.text)
        self.assertEqual(user.get("/chats").status, 200)
        self.assertEqual(
            request(user.port, "GET", "/healthz").status, 200)

    def test_second_process_on_the_same_database(self):
        upstream = self.new_upstream(hold=hold)
        first = self.serve(upstream)
        user, session = script(first), new_id()
        question = "[hold] Does a second process harm me?"
        with user.ask(question, session) as stream:
            stream.until_text(len("One. "))
            second = self.serve(upstream, database=first.database,
                                start=False)
            second.launch()
            status = second.wait(WAIT)
            self.assertGreater(status, 0)
            self.assertIn(str(first.database), second.said())
            upstream.gate(question).set()
            last = check_stream(stream.rest())[-2].json
        self.assertEqual(last["status"], "complete")
        self.assertEqual(user.messages(session)[1]["content"],
                         "One. Two. Three. Four.")

    def test_database_is_free_again_after_a_kill(self):
        server = self.serve(self.new_upstream())
        script(server).say("Before the kill.")
        server.kill()
        server.restart()
        self.assertEqual(len(script(server).chats()), 1)


ORIGINAL_SCHEMA = """
CREATE TABLE sessions (
    session_id TEXT PRIMARY KEY, user_id TEXT NOT NULL, user_email TEXT,
    first_query TEXT, timestamp TEXT NOT NULL,
    is_active INTEGER NOT NULL DEFAULT 1,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP);
CREATE TABLE messages (
    message_id TEXT PRIMARY KEY, session_id TEXT NOT NULL,
    user_id TEXT NOT NULL, content TEXT NOT NULL, role TEXT NOT NULL,
    model TEXT, timestamp TEXT NOT NULL, sources TEXT, metrics TEXT,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    FOREIGN KEY (session_id) REFERENCES sessions (session_id));
CREATE TABLE message_ratings (
    message_id TEXT NOT NULL, user_id TEXT NOT NULL,
    session_id TEXT NOT NULL, rating TEXT,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    PRIMARY KEY (message_id, user_id));
CREATE INDEX idx_messages_session ON messages (session_id);
"""


class Upgrade(FolderCase):
    """A database that the original application wrote."""

    USER = "user-1@example.com"

    def original(self):
        """A chat_history.db with the original's tables and some chats."""
        place = self.fresh_folder() / "chat_history.db"
        with sqlite3.connect(place) as base:
            base.executescript(ORIGINAL_SCHEMA)
            for chat in range(3):
                session = f"old-session-{chat}"
                base.execute(
                    "INSERT INTO sessions VALUES (?,?,?,?,?,?,?)",
                    (session, self.USER, self.USER, f"Old question {chat}",
                     f"2025-03-0{chat + 1} 10:00:00", 1,
                     f"2025-03-0{chat + 1} 10:00:00"))
                self.add_messages(base, session, chat)
        return place

    def add_messages(self, base, session, chat):
        for turn in range(2):
            for role in ("user", "assistant"):
                name = f"{session}-{turn}-{role}"
                base.execute(
                    "INSERT INTO messages VALUES (?,?,?,?,?,?,?,?,?,?)",
                    (name, session, self.USER,
                     f"Old {role} text {turn} of {chat}: Grüße 🌍", role,
                     None if role == "user" else "old-model",
                     f"2025-03-0{chat + 1}T10:0{turn}:0"
                     f"{int(role == 'assistant')}.123456",
                     None if role == "user" else json.dumps(
                         [{"page_content": "A page", "metadata": {
                             "url": "https://example.org"}}]),
                     None if role == "user" else json.dumps(
                         {"timeToFirstToken": 0.9, "totalTime": 6.01}),
                     f"2025-03-0{chat + 1} 10:0{turn}:00"))
        base.execute("INSERT INTO message_ratings VALUES (?,?,?,?,?)",
                     (f"{session}-0-assistant", self.USER, session, "up",
                      "2025-03-01 11:00:00"))

    def begin(self, place):
        self.upstream = self.new_upstream()
        server = self.serve(self.upstream, database=place,
                            folder=place.parent,
                            env={"LOCAL_USER_ID": self.USER})
        return server, script(server)

    def test_every_chat_is_shown(self):
        place = self.original()
        server, user = self.begin(place)
        chats = {c["sessionId"]: c for c in user.chats()}
        self.assertEqual(set(chats), {f"old-session-{n}" for n in range(3)})
        self.assertEqual([c["sessionId"] for c in user.chats()],
                         [f"old-session-{n}" for n in (2, 1, 0)])
        for number in range(3):
            chat = chats[f"old-session-{number}"]
            self.assertEqual(chat["firstQuery"], f"Old question {number}")
            self.check_messages(chat["messages"], number)

    def check_messages(self, messages, chat):
        self.assertEqual([m["role"] for m in messages],
                         ["user", "assistant"] * 2)
        for turn in range(2):
            answer = messages[2 * turn + 1]
            self.assertEqual(
                answer["content"],
                f"Old assistant text {turn} of {chat}: Grüße 🌍")
            self.assertEqual(answer["model"], "old-model")
            self.assertEqual(answer["status"], "complete")
            self.assertEqual(answer["metrics"]["totalTime"], 6.01)
            self.assertEqual(answer["sources"][0]["page_content"], "A page")
            self.assertEqual(answer["rating"], None if turn else "up")

    def test_backup_is_made_and_is_the_original(self):
        place = self.original()
        with sqlite3.connect(place) as base:
            before = list(base.iterdump())
        self.begin(place)
        copies = [p for p in place.parent.iterdir()
                  if p != place and "backup" in p.name.lower()
                  or p.suffix == ".bak"]
        self.assertEqual(len(copies), 1,
                         sorted(p.name for p in place.parent.iterdir()))
        with sqlite3.connect(copies[0]) as base:
            self.assertEqual(list(base.iterdump()), before)

    def test_old_chats_go_on_and_start_again_makes_no_new_copy(self):
        place = self.original()
        server, user = self.begin(place)
        session = "old-session-1"
        question = "A new question in an old chat"
        user.say(question, session)
        self.assertEqual(len(user.messages(session)), 6)
        self.assertEqual(
            len(self.upstream.asked(question)[0].messages), 5)
        again = user.regenerate(f"{session}-0-assistant",
                                "Old user text 0 of 1", session)
        self.assertEqual(again.status, "complete")
        self.assertEqual(user.rate(f"{session}-1-assistant",
                                   "down").status, 200)
        server.stop()
        before = sorted(p.name for p in place.parent.iterdir()
                        if "-wal" not in p.name and "-shm" not in p.name)
        server.restart()
        after = sorted(p.name for p in place.parent.iterdir()
                       if "-wal" not in p.name and "-shm" not in p.name)
        self.assertEqual(after, before)
        self.assertEqual(len(user.messages(session)), 6)

    def test_databases_of_several_people_usual_and_odd(self):
        for kind in ([], ["--odd"]):
            with self.subTest(kind=kind):
                place = self.fresh_folder() / "chat_history.db"
                subprocess.run([sys.executable, FIXTURE, *kind, str(place)],
                               check=True)
                with sqlite3.connect(place) as base:
                    sessions = base.execute(
                        "SELECT DISTINCT user_id, session_id "
                        "FROM sessions").fetchall()
                    messages = base.execute(
                        "SELECT user_id, content FROM messages "
                        "WHERE user_id IS NOT NULL AND content IS NOT NULL "
                        "AND session_id IS NOT NULL").fetchall()
                base.close()
                server = self.serve(
                    self.new_upstream(), database=place, folder=place.parent,
                    env={"DATABRICKS_APP_NAME": "chatbot"})
                self.check_people(server, sessions, messages)
                server.stop()

    def check_people(self, server, sessions, messages):
        for name in {user for user, _ in sessions}:
            user = User(server, {"X-Forwarded-User": name})
            chats = user.chats()
            self.assertLessEqual({s for u, s in sessions if u == name},
                                 {c["sessionId"] for c in chats})
            shown = [m["content"] for c in chats for m in c["messages"]]
            for owner, content in messages:
                if owner == name:
                    self.assertIn(content, shown)
            foreign = {c for u, c in messages if u != name} - {
                c for u, c in messages if u == name}
            self.assertFalse(foreign & set(shown))
