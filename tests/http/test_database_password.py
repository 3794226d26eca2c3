"""A service principal's access token as the password of PostgreSQL."""

import socket
import struct
import threading

from support.cases import FolderCase
from support.process import EMULATOR_CLIENT, Emulator, Server

SSL_REQUEST, CLEARTEXT = 80877103, 3


class Database:
    """A database server that speaks no TLS; notes what it is told."""

    def __init__(self):
        self.listener = socket.socket()
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(16)
        self.port = self.listener.getsockname()[1]
        self.asked_for_tls, self.passwords, self.told = 0, [], {}
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.speak, args=(sock,),
                             daemon=True).start()

    def speak(self, sock):
        with sock:
            try:
                self.converse(sock)
            except (OSError, struct.error):
                pass

    def converse(self, sock):
        size, code = struct.unpack("!II", sock.recv(8))
        if code == SSL_REQUEST:
            self.asked_for_tls += 1
            sock.sendall(b"N")
            size, code = struct.unpack("!II", sock.recv(8))
        told = sock.recv(size - 8).decode().split("\0")
        self.told = dict(zip(told[::2], told[1::2]))
        sock.sendall(b"R" + struct.pack("!II", 8, CLEARTEXT))
        kind, size = struct.unpack("!cI", sock.recv(5))
        if kind == b"p":
            self.passwords.append(sock.recv(size - 4).rstrip(b"\0").decode())
        refusal = b"SFATAL\0C28P01\0Mwrong password\0\0"
        sock.sendall(b"E" + struct.pack("!I", len(refusal) + 4) + refusal)

    def close(self):
        self.listener.close()


class MintedPassword(FolderCase):
    def setUp(self):
        self.emulator = Emulator(self.fresh_folder()).start()
        self.addCleanup(self.emulator.stop)
        self.database = Database()
        self.addCleanup(self.database.close)

    def start(self, host=None, **env):
        """Starts a server, which cannot get in; gives what it said."""
        server = Server(self.fresh_folder(), env={
            "DATABRICKS_HOST": self.emulator.url,
            "DATABRICKS_CLIENT_ID": EMULATOR_CLIENT[0],
            "DATABRICKS_CLIENT_SECRET": EMULATOR_CLIENT[1],
            "PGPORT": str(self.database.port),
            **({"PGHOST": host} if host else {}), **env})
        at = server.arguments.index("--database")
        del server.arguments[at:at + 2]
        server.launch()
        self.assertNotEqual(server.wait(), 0)
        self.assertFalse(server.complaints(), server.log)
        for password in self.database.passwords:
            self.assertNotIn(password, server.log)
        return server.log

    def test_refused_means_one_more_password(self):
        said = self.start("127.0.0.1")
        self.assertIn("28P01", said)
        first, second = self.database.passwords
        self.assertEqual(first.count("."), 2)
        self.assertNotEqual(first, second)
        self.assertEqual(self.emulator.stats()["tokens_minted"], 2)

    def test_not_told_in_the_clear_to_another_machine(self):
        # For libpq and for us this is no name of this machine.
        said = self.start("0.0.0.0")
        self.assertIn("SSL", said)
        self.assertEqual(self.database.passwords, [])
        self.assertGreater(self.database.asked_for_tls, 0)

    def test_unless_somebody_says_so(self):
        self.start("0.0.0.0", PGSSLMODE="disable")
        self.assertEqual(len(self.database.passwords), 2)

    def test_who_and_where_without_being_told(self):
        self.start("127.0.0.1")
        self.assertEqual(
            (self.database.told["user"], self.database.told["database"]),
            (EMULATOR_CLIENT[0], "databricks_postgres"))

    def test_who_and_where_as_told(self):
        self.start("127.0.0.1", PGUSER="it's me", PGDATABASE="chat")
        self.assertEqual(
            (self.database.told["user"], self.database.told["database"]),
            ("it's me", "chat"))

    def test_the_workspace_knows_where_it_is(self):
        for name in ("demo",
                     "projects/demo/branches/main/endpoints/primary"):
            self.database.passwords.clear()
            said = self.start(LAKEBASE_ENDPOINT=name)
            self.assertIn("28P01", said)
            self.assertEqual(len(self.database.passwords), 2)
            self.assertEqual(self.database.told["user"], EMULATOR_CLIENT[0])

    def test_a_database_that_the_workspace_does_not_have(self):
        said = self.start(LAKEBASE_ENDPOINT="other")
        self.assertIn("does not say where LAKEBASE_ENDPOINT is", said)
        self.assertEqual(self.database.passwords, [])

    def test_lakebase_without_a_service_principal(self):
        said = self.start(LAKEBASE_ENDPOINT="demo", DATABRICKS_HOST="",
                          DATABRICKS_CLIENT_ID="", DATABRICKS_CLIENT_SECRET="")
        self.assertIn("needs a workspace and a service principal", said)

    def test_a_personal_token_beside_it_changes_nothing(self):
        self.start("127.0.0.1", DATABRICKS_TOKEN="dapi-of-somebody-1234")
        self.assertEqual(self.database.passwords[0].count("."), 2)

    def test_a_password_that_is_set_is_used(self):
        self.start("127.0.0.1", PGPASSWORD="written-down-77")
        self.assertEqual(self.database.passwords, ["written-down-77"])
