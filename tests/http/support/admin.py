"""The subcommands for those who look after a database, as a test runs them."""

import sqlite3
import subprocess
import threading
from pathlib import Path

from .client import new_id
from .process import BIN, SANITIZER, clean_environment
from .wire import PATIENCE

TOOL_SECONDS = 60 * PATIENCE
DATA = Path(__file__).resolve().parents[2] / "data"


class Result:
    """How a subcommand ended."""

    def __init__(self, done):
        self.code, self.out, self.err = \
            done.returncode, done.stdout.decode(), done.stderr.decode()
        assert not SANITIZER.search(self.err), self.err

    def __repr__(self):
        return f"exit {self.code}\n{self.out}\n{self.err}"


def tool_command(folder, *arguments, database=None, env=None, preexec=None):
    named = ["--database", f"sqlite:{database}"] if database else []
    return {"args": [str(BIN), *map(str, arguments), *named],
            "cwd": folder, "stdin": subprocess.DEVNULL,
            "preexec_fn": preexec,
            "env": {**clean_environment(folder), "TMPDIR": str(folder),
                    **(env or {})}}


def tool(folder, *arguments, **more):
    """Runs a subcommand to its end."""
    return Result(subprocess.run(
        **tool_command(folder, *arguments, **more), timeout=TOOL_SECONDS,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE))


def start_tool(folder, *arguments, **more):
    """Starts one; the caller ends it."""
    return subprocess.Popen(
        **tool_command(folder, *arguments, **more),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def rows(path, sql, *values):
    """What a database file answers, read without touching it."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return connection.execute(sql, values).fetchall()
    finally:
        connection.close()


class Writer:
    """Somebody who goes on chatting; what was acknowledged is noted."""

    def __init__(self, user):
        self.user, self.session = user, new_id()
        self.acknowledged, self.failure = [], None
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def run(self):
        try:
            while not self.over.is_set():
                reply = self.user.say("one more", self.session)
                assert reply.status == "complete", reply.last
                self.acknowledged.append(reply.message_id)
        except Exception as failure:
            self.failure = failure

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join(TOOL_SECONDS)
        assert self.failure is None, self.failure
