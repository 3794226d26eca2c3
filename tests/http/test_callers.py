"""Callers who come with an access token of the workspace."""

import concurrent.futures
import threading

from support.cases import FolderCase, ServedCase
from support.client import User, new_id
from support.process import EMULATOR_TOKEN, Emulator
from support.upstream import TOKEN, WORKSPACE_ID, who
from support.wire import wait_until

ANN, BOB = "token-of-ann-81ab3f", "token-of-bob-55c1d2"
EMAIL = {ANN: "ann@example.com", BOB: "bobby@example.com"}


def caller(server, token):
    server.hide(token)
    return User(server, {"Authorization": f"Bearer {token}"})


class Callers(ServedCase):
    def setUp(self):
        self.upstream.people = dict(EMAIL)
        self.upstream.me = None

    def fresh_token(self, email="zoe@example.com"):
        token = f"token-{new_id()}"
        self.upstream.people[token] = email
        return token

    def hold_answers(self):
        """The workspace says nothing until the event is set."""
        held = threading.Event()

        def slowly(exchange):
            held.wait(60)
            who(exchange)
        self.upstream.me = slowly
        return held

    def times_asked(self, token):
        with self.upstream.lock:
            return self.upstream.asked_who.count(token)

    def test_who_the_workspace_says(self):
        seen = caller(self.server, ANN).get("/login").json["user_info"]
        self.assertEqual(seen, {
            "user_id": f"{len(EMAIL[ANN])}77@{WORKSPACE_ID}",
            "email": EMAIL[ANN], "username": "ann"})

    def test_people_have_chats_of_their_own(self):
        ann, bob = caller(self.server, ANN), caller(self.server, BOB)
        session = new_id()
        reply = ann.say("A word in private.", session)
        self.assertEqual(reply.status, "complete", reply.last)
        self.assertIn(session, [c["sessionId"] for c in ann.chats()])
        self.assertProblem(bob.get(f"/chats/{session}"), 404, "not_found")
        # The model is asked as the server: that is what is configured.
        self.assertEqual([e.token for e in self.upstream.asked(
            "A word in private.")], [TOKEN])

    def test_asked_once_and_believed_for_a_while(self):
        token = self.fresh_token()
        for _ in range(5):
            self.assertEqual(caller(self.server, token).get("/login").status,
                             200)
        self.assertEqual(self.times_asked(token), 1)
        del self.upstream.people[token]
        self.assertEqual(caller(self.server, token).get("/login").status, 200)

    def test_many_at_once_are_one_question(self):
        token, held = self.fresh_token(), self.hold_answers()
        user = caller(self.server, token)
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            answers = [pool.submit(user.get, "/login") for _ in range(8)]
            held.set()
            self.assertEqual({a.result().status for a in answers}, {200})
        self.assertEqual(self.times_asked(token), 1)

    def test_nobodys_token_is_401_and_remembered_briefly(self):
        token = f"token-{new_id()}"
        for _ in range(3):
            self.assertProblem(caller(self.server, token).get("/login"),
                               401, "unauthenticated")
        self.assertEqual(self.times_asked(token), 1)

    def test_somebody_who_was_switched_off(self):
        self.upstream.me = lambda exchange: exchange.answer(200, (
            '{"id": "1", "userName": "gone@example.com", "active": false}'))
        self.assertProblem(
            caller(self.server, f"token-{new_id()}").get("/login"),
            401, "unauthenticated")

    def test_a_workspace_that_does_not_say_is_503(self):
        for status, code, message in (
                (500, "INTERNAL_ERROR", "Broken."),
                (503, "TEMPORARILY_UNAVAILABLE", "Later."),
                (429, "REQUEST_LIMIT_EXCEEDED", "Slowly."),
                (404, "ENDPOINT_NOT_FOUND", "No API found."),
                (403, 403, "Source IP address: 10.0.0.1 is blocked by "
                 "Databricks IP ACL for workspace: 1"),
                (200, "OK", "Nobody.")):
            self.upstream.me = lambda exchange: exchange.refuse(
                status, code, message)
            token = self.fresh_token()
            problem = self.assertProblem(
                caller(self.server, token).get("/login"), 503,
                "identity_unavailable")
            self.assertEqual(problem["retry_after"], 5)
            self.upstream.me = None
            self.assertEqual(
                caller(self.server, token).get("/login").status, 200,
                "not remembered")

    def test_the_servers_own_tokens_ask_nobody(self):
        made = self.user.post("/tokens", {"name": "mine"}).json["token"]
        self.assertEqual(caller(self.server, made).get("/login").status, 200)
        self.assertEqual(self.times_asked(made), 0)

    def test_only_a_hash_is_kept(self):
        token = self.fresh_token()
        caller(self.server, token).say("hello")
        for path in self.folder.glob("chat_history.db*"):
            self.assertNotIn(token.encode(), path.read_bytes(), path)

    def test_a_client_that_leaves_while_the_question_is_open(self):
        token, held = self.fresh_token(), self.hold_answers()
        user = caller(self.server, token)
        with self.assertRaises(OSError):
            user.get("/login", timeout=0.3)
        held.set()
        wait_until(lambda: user.get("/login").status == 200,
                   what="the next one is let in")
        self.assertEqual(self.times_asked(token), 1)


class InTheirName(ServedCase):
    """Where models are asked as people, a caller's token is the person's."""

    env = {"DATABRICKS_USER_AUTH": "user"}

    def test_the_callers_token_asks_the_model(self):
        self.upstream.people[ANN] = EMAIL[ANN]
        self.upstream.tokens.add(ANN)
        for _ in range(2):  # also when it is known already
            question = f"Who asks? {new_id()}"
            reply = caller(self.server, ANN).say(question)
            self.assertEqual(reply.status, "complete", reply.last)
            self.assertEqual(
                [e.token for e in self.upstream.asked(question)], [ANN])

    def test_a_token_of_ours_is_no_token_of_the_workspace(self):
        question = f"Who asks? {new_id()}"
        reply = self.user.say(question)
        self.assertEqual(reply.error["code"], "user_token_missing")
        self.assertEqual(self.upstream.asked(question), [])


class Off(ServedCase):
    env = {"WORKSPACE_TOKENS": "false"}

    def test_nobody_is_asked(self):
        self.upstream.people[ANN] = EMAIL[ANN]
        self.assertProblem(caller(self.server, ANN).get("/login"),
                           401, "unauthenticated")
        self.assertEqual(self.upstream.asked_who, [])


class WithTheEmulator(FolderCase):
    def test_the_same_person_by_the_proxy_and_by_token(self):
        emulator = Emulator(self.folder).start()
        self.addCleanup(emulator.stop)
        server = self.serve(env={
            "DATABRICKS_HOST": emulator.url,
            "DATABRICKS_TOKEN": EMULATOR_TOKEN,
            "SERVING_ENDPOINT_NAME": "emu-speed-500",
            "TRUSTED_PROXIES": "127.0.0.1"})
        token = "user-token:ann@example.com:model-serving"
        ann = caller(server, token)
        info = ann.get("/login").json["user_info"]
        self.assertRegex(info["user_id"], r"^\d+@6051921418418893$")
        session = new_id()
        self.assertEqual(ann.say("hello short", session).status, "complete")
        proxied = User(server, {"X-Forwarded-User": info["user_id"],
                                "X-Forwarded-Email": info["email"]})
        self.assertEqual([c["sessionId"] for c in proxied.chats()], [session])

    def test_a_demo_takes_no_tokens(self):
        server = self.serve()
        self.assertProblem(caller(
            server, "user-token:ann@example.com:all-apis").get("/login"),
            401, "unauthenticated")
