"""What a service manager hands over and is told: sd_listen_fds, sd_notify."""

import os
import signal
import socket
import subprocess
import tempfile
import threading

from support.cases import FolderCase
from support.process import BIN, clean_environment, free_port
from support.wire import WAIT, request, wait_until

PASSED_FD = 3
EXIT = 15


class Manager:
    """Keeps the listening socket and hears what the service says."""

    def __init__(self, folder):
        self.folder = folder
        self.listening = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listening.getsockname()[1]
        self.ears = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.ears.bind(f"{folder}/notify")
        self.ears.settimeout(WAIT)
        self.heard = []

    def start(self, **env):
        """The variables name the process that is to take the socket, so a
        shell says its own number and becomes the server."""
        def pass_socket():
            os.dup2(self.listening.fileno(), PASSED_FD)
            os.set_inheritable(PASSED_FD, True)
        return subprocess.Popen(
            ["sh", "-c", 'LISTEN_PID=$$ exec "$0" "$@"', BIN, "serve",
             "--env-file=", "--database", "sqlite:chat.db"],
            cwd=self.folder, preexec_fn=pass_socket, close_fds=False,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            env={**clean_environment(self.folder), "LISTEN_FDS": "1",
                 "NOTIFY_SOCKET": f"{self.folder}/notify", **env})

    def hear(self, state):
        while state not in self.heard:
            self.heard.append(self.ears.recv(4096).decode())

    def close(self):
        self.listening.close()
        self.ears.close()


class Service(FolderCase):
    def setUp(self):
        super().setUp()
        short = tempfile.TemporaryDirectory()  # a socket's path is short
        self.addCleanup(short.cleanup)
        self.manager = Manager(short.name)
        self.addCleanup(self.manager.close)

    def start(self, **env):
        process = self.manager.start(**env)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def end(self, process):
        process.send_signal(signal.SIGTERM)
        self.assertEqual(0, process.wait(EXIT + WAIT), process.stderr.read())

    def test_it_serves_on_the_socket_it_was_given(self):
        for workers in "1", "2":
            process = self.start(WORKERS=workers)
            self.manager.hear("READY=1")
            for _ in range(8):
                answer = request(self.manager.port, "GET", "/healthz")
                self.assertEqual(200, answer.status)
            self.end(process)

    def test_who_comes_between_two_starts_is_served_by_the_second(self):
        first = self.start()
        self.manager.hear("READY=1")
        self.end(first)
        statuses = []

        def ask():
            answer = request(self.manager.port, "GET", "/healthz",
                             timeout=WAIT)
            statuses.append(answer.status)
        asking = threading.Thread(target=ask)
        asking.start()
        second = self.start()
        asking.join(WAIT)
        self.assertEqual([200], statuses)
        self.end(second)

    def test_it_says_when_it_is_ready_lives_and_stops(self):
        process = self.start(WATCHDOG_USEC="100000", WORKERS="2")
        self.manager.hear("READY=1")
        wait_until(lambda: self.manager.hear("WATCHDOG=1") or True)
        self.manager.heard.clear()
        self.manager.hear("WATCHDOG=1")
        self.end(process)
        self.manager.hear("STOPPING=1")

    def test_a_process_that_does_not_run_says_nothing(self):
        process = self.start(WATCHDOG_USEC="100000")
        self.manager.hear("WATCHDOG=1")
        process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WNOWAIT)
        self.manager.ears.setblocking(False)
        with self.assertRaises(BlockingIOError):
            while True:
                self.manager.ears.recv(4096)
        self.manager.ears.settimeout(0.5)
        with self.assertRaises(TimeoutError):
            self.manager.ears.recv(4096)
        process.send_signal(signal.SIGCONT)
        self.manager.ears.settimeout(WAIT)
        self.assertEqual(b"WATCHDOG=1", self.manager.ears.recv(4096))
        self.end(process)

    def test_without_a_socket_it_listens_as_it_is_told(self):
        port = free_port()
        process = self.start(PORT=str(port), LISTEN_FDS="0")
        self.manager.hear("READY=1")
        self.assertEqual(200, request(port, "GET", "/healthz").status)
        self.end(process)

    def test_what_is_no_tcp_socket_is_refused(self):
        self.manager.listening.close()
        self.manager.listening = socket.socket(socket.AF_UNIX)
        process = self.start()
        self.assertEqual(1, process.wait(WAIT))
        self.assertIn(b"is no TCP socket", process.stderr.read())


if __name__ == "__main__":
    import unittest
    unittest.main()
