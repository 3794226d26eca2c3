#!/usr/bin/env python3
"""Runs a command beside a PostgreSQL cluster of its own.

    with_postgres.py COMMAND [ARGUMENT...]

The cluster lives in a temporary folder with its own socket and port, runs as
an unprivileged user, and is gone in the end. When it stops in between it is
started again, as a service manager would. The command finds it by PGHOST (the
socket), PGPORT, PGUSER and PGDATABASE; over TCP (127.0.0.1) the server asks
for CHATBOT_TEST_PG_PASSWORD. CHATBOT_TEST_PG_PID is the file whose first line
is the server's process.
"""

import glob
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

PASSWORD = "right one"
START_SECONDS = 60


def program(name):
    """PostgreSQL's programs are not on the path in Debian."""
    installed = sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"))
    found = installed[-1] if installed else shutil.which(name)
    if found is None:
        sys.exit(f"{name} is missing: install the Debian package postgresql")
    return found


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Cluster:
    def __init__(self, folder):
        self.data = Path(folder) / "data"
        self.sockets, self.port = folder, free_port()
        self.as_user = {}
        if os.geteuid() == 0:
            self.as_user = {"user": "nobody", "group": "nogroup",
                            "extra_groups": []}
            shutil.chown(folder, "nobody", "nogroup")
        self.stopping = threading.Event()
        self.keeper = threading.Thread(target=self.keep, daemon=True)
        self.process = None

    def create(self):
        secret = Path(self.sockets) / "password"
        secret.write_text(PASSWORD)
        subprocess.run(
            [program("initdb"), "-D", self.data, "-U", "tester", "-E", "UTF8",
             "--locale=C.UTF-8", "--auth-local=trust",
             "--auth-host=scram-sha-256", f"--pwfile={secret}", "--no-sync"],
            check=True, stdout=subprocess.DEVNULL, cwd="/", **self.as_user)

    def start(self):
        self.process = subprocess.Popen(
            [program("postgres"), "-D", self.data, "-k", self.sockets,
             "-p", str(self.port), "-c", "listen_addresses=127.0.0.1",
             "-c", "fsync=off", "-c", "max_connections=60",
             "-c", "log_min_messages=panic", "-c", "shared_buffers=16MB"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/",
            **self.as_user)

    def keep(self):
        while not self.stopping.is_set():
            self.start()
            self.process.wait()

    def wait(self):
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            ready = subprocess.run(
                [program("pg_isready"), "-q", "-h", self.sockets,
                 "-p", str(self.port)])
            if ready.returncode == 0:
                return
            time.sleep(0.1)
        sys.exit("PostgreSQL does not start")

    def stop(self):
        self.stopping.set()
        for _ in range(START_SECONDS * 10):
            if self.process is not None:
                self.process.send_signal(signal.SIGINT)
            self.keeper.join(0.1)
            if not self.keeper.is_alive():
                return

    def environment(self):
        return {**os.environ, "PGHOST": self.sockets, "PGUSER": "tester",
                "PGPORT": str(self.port), "PGDATABASE": "postgres",
                "CHATBOT_TEST_PG_PASSWORD": PASSWORD,
                "CHATBOT_TEST_PG_PID": str(self.data / "postmaster.pid")}


def main(command):
    with tempfile.TemporaryDirectory(prefix="pg-") as folder:
        cluster = Cluster(folder)
        cluster.create()
        cluster.keeper.start()
        try:
            cluster.wait()
            return subprocess.run(
                command, env=cluster.environment()).returncode
        finally:
            cluster.stop()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
