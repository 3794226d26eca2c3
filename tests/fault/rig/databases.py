"""The two databases as the crash test sees them: how the server is told of
them, what is looked at when nobody uses them, and how they are hurt."""

import os
import random
import shutil
import signal
import sqlite3
import subprocess
from pathlib import Path

import with_postgres

DEAD = ("complete", "stopped", "error", "interrupted")


class Sqlite:
    name = "SQLite"
    nodes = ("a",)
    # What is disturbed: when, which calls, where, up to which number.
    points = [
        ("load", "pwrite", {"name": "-wal"}, 500),
        ("load", "fsync", {"name": "-wal"}, 40),
        ("load", "pwrite", {"name": "-events"}, 500),
        ("load", "truncate", {"name": "-events"}, 10),
        ("load", "pwrite", {"name": ".db"}, 200),
        ("load", "write", {"place": "client"}, 150),
        ("load", "write", {"place": "outward"}, 12),
        ("start", "pwrite", {"name": ".db"}, 60),
        ("start", "fsync", {"name": ".db"}, 2),
        ("start", "truncate", {"name": "-wal"}, 1),
        ("start", "unlink", {"name": "-wal"}, 2),
        ("start", "unlink", {"name": "-events"}, 1),
        ("start", "pwrite", {"name": "-wal"}, 20),
        ("stop", "pwrite", {"name": ".db"}, 60),
        ("stop", "fsync", {"name": ".db"}, 2),
        ("stop", "pwrite", {"name": "-wal"}, 60),
    ]
    hurts = ()

    def __init__(self, folder):
        self.path = Path(folder) / "chats.db"

    def arguments(self):
        return ["--database", f"sqlite:{self.path}"]

    def environment(self):
        return {}

    def check(self):
        """What is wrong with the files as a killed process left them."""
        copy = self.path.with_suffix(".copy")
        for ending in ("", "-wal"):
            source = Path(f"{self.path}{ending}")
            target = Path(f"{copy}{ending}")
            target.unlink(missing_ok=True)
            if source.exists():
                shutil.copyfile(source, target)
        base = sqlite3.connect(copy)
        try:
            found = [row[0] for row in base.execute("PRAGMA integrity_check")]
            found += base.execute("PRAGMA foreign_key_check").fetchall()
        except sqlite3.DatabaseError as error:
            return f"{type(error).__name__}: {error}"
        finally:
            base.close()
        return None if found == ["ok"] else found[:5]

    def unfinished(self):
        """Replies that have no final state."""
        base = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)
        try:
            return base.execute(
                "SELECT message_id, status FROM messages "
                f"WHERE status IS NOT NULL AND status NOT IN {DEAD}"
            ).fetchall()
        finally:
            base.close()

    def bury(self):
        """One process at a time: who starts knows that the last one died."""

    def stop(self):
        pass


class Postgres:
    name = "PostgreSQL"
    nodes = ("a", "b")
    points = [
        ("load", "write", {"place": "unix"}, 300),
        ("load", "write", {"place": "client"}, 150),
        ("load", "write", {"place": "outward"}, 12),
        ("start", "write", {"place": "unix"}, 30),
        ("stop", "write", {"place": "unix"}, 30),
    ]

    def __init__(self, folder):
        self.folder = Path(folder) / "pg"
        self.folder.mkdir()
        self.folder.chmod(0o755)
        for above in (Path(folder), Path(folder).parent):
            above.chmod(above.stat().st_mode | 0o055)
        self.cluster = with_postgres.Cluster(str(self.folder))
        self.cluster.create()
        self.cluster.keeper.start()
        self.cluster.wait()
        self.hurts = (self.kill_backend, self.kill_all)

    def arguments(self):
        return []

    def environment(self):
        return {"PGHOST": str(self.folder), "PGUSER": "tester",
                "PGPORT": str(self.cluster.port), "PGDATABASE": "postgres"}

    def query(self, sql):
        self.cluster.wait()
        done = subprocess.run(
            [with_postgres.program("psql"), "-XAtq", "-v", "ON_ERROR_STOP=1",
             "-c", "SET search_path TO databricks_chatbot", "-c", sql],
            env={**os.environ, **self.environment()}, capture_output=True,
            text=True, check=True)
        return [line.split("|") for line in done.stdout.splitlines()]

    def bury(self):
        """Lets the time pass after which a silent node counts as dead."""
        if self.query("SELECT to_regclass('nodes')") != [[""]]:
            self.query("UPDATE nodes SET seen_us = 0")

    def kill_backend(self, chance):
        """One of the server's connections dies, and PostgreSQL recovers."""
        pids = self.query("SELECT pid FROM pg_stat_activity WHERE datname = "
                          "current_database() AND pid <> pg_backend_pid() "
                          "AND backend_type = 'client backend'")
        if pids:
            self.signal(int(chance.choice(pids)[0]))

    def kill_all(self, _: random.Random):
        """The whole of PostgreSQL dies and is started again."""
        self.signal(self.cluster.process.pid)

    def signal(self, pid):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def check(self):
        """Every row can be read."""
        for table in ("sessions", "messages", "reply_events"):
            self.query(f"SELECT count(*), max(length({table}::text)) "
                       f"FROM {table}")

    def unfinished(self):
        return self.query(
            "SELECT message_id, status FROM messages "
            f"WHERE status IS NOT NULL AND status NOT IN {DEAD}")

    def stop(self):
        self.cluster.stop()
