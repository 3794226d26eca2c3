"""In whose name the model is asked: the server's, or the person's own."""

import base64
import json

from support.cases import ServedCase
from support.client import API, User, new_id, person
from support.process import EMULATOR_TOKEN, Server
from support.upstream import PERSONAL, TOKEN
from support.wire import Connection, build_request, wait_until
from support.workspace import EmulatorCase

ANN = "token-of-ann-4f8d2c7711"
EXPIRED = "token-that-ran-out-93ab20"
NARROW = "token-without-a-scope-771c"
HEADER = "X-Forwarded-Access-Token"


def jwt(**claims):
    parts = [{"typ": "at+jwt", "alg": "RS256"}, claims]
    return ".".join([base64.urlsafe_b64encode(
        json.dumps(part).encode()).decode().rstrip("=")
        for part in parts] + ["c2lnbmF0dXJl"])


LIMITED = jwt(sub="ann@example.com", scope="iam.current-user:read sql")
LISTED = jwt(sub="ann@example.com", scp=["sql", "model-serving"])
DENIED = (403, "PERMISSION_DENIED",
          "You do not have permission 'Query' on the endpoint.")


class WaysCase(ServedCase):
    way = None

    @classmethod
    def setUpClass(cls):
        cls.env = {"DATABRICKS_APP_NAME": "chatbot",
                   "DATABRICKS_USER_AUTH": cls.way,
                   "SERVING_ENDPOINTS": PERSONAL}
        super().setUpClass()
        cls.upstream.tokens.add(ANN)
        cls.upstream.refusals.update({
            EXPIRED: (403, 403, "Invalid access token."),
            NARROW: (403, "PERMISSION_DENIED", "Provided OAuth token does "
                     "not have required scopes: model-serving"),
            LIMITED: DENIED, LISTED: DENIED})
        cls.server.hide(ANN, EXPIRED, NARROW, LIMITED, LISTED)

    def ann(self, *tokens):
        user = person(self.server, "ann")
        if len(tokens) == 1:
            user.headers[HEADER] = tokens[0]
        return user

    def ask(self, *tokens, **more):
        """The reply, and the tokens that the model was asked with."""
        question = f"Who asks? {new_id()}"
        reply = self.ann(*tokens).say(question, **more)
        return reply, [e.token for e in self.upstream.asked(question)]

    def assertFails(self, reply, code, *words):
        self.assertEqual(reply.status, "error", reply.last)
        self.assertEqual(reply.error["code"], code)
        for word in words:
            self.assertIn(word, reply.error["message"])

    def assertNowhere(self, token):
        """Not in the database either; the log is looked at in the end."""
        for path in self.folder.glob("chat_history.db*"):
            self.assertNotIn(token.encode(), path.read_bytes(), path)


class AsService(WaysCase):
    way = "service-principal"

    def test_the_token_is_left_alone(self):
        reply, tokens = self.ask(ANN)
        self.assertEqual(reply.status, "complete")
        self.assertEqual(tokens, [TOKEN])
        self.assertNowhere(ANN)

    def test_an_endpoint_that_wants_the_person_gets_the_token(self):
        def asked_as_ann():
            reply, tokens = self.ask(ANN, serving_endpoint=PERSONAL)
            self.assertEqual(reply.status, "complete", reply.last)
            return tokens == [ANN]
        wait_until(asked_as_ann, what="the endpoint is known")
        # What it wants is what may be missing.
        reply, tokens = self.ask(LIMITED, serving_endpoint=PERSONAL)
        self.assertEqual(tokens, [LIMITED, TOKEN])
        notice, = [p for d in reply.documents for p in d.get("parts") or []]
        self.assertIn("lacks the scope files.files,", notice["text"])
        _, tokens = self.ask(serving_endpoint=PERSONAL)
        self.assertEqual(tokens, [TOKEN])


class AsUser(WaysCase):
    way = "user"

    def test_with_the_token(self):
        reply, tokens = self.ask(ANN)
        self.assertEqual(reply.status, "complete", reply.last)
        self.assertEqual(tokens, [ANN])
        self.assertNowhere(ANN)

    def test_without_a_token_nothing_is_asked(self):
        reply, tokens = self.ask()
        self.assertFails(reply, "user_token_missing", "your sign-in",
                         "user authorization")
        self.assertEqual(tokens, [])

    def test_a_token_that_no_header_can_hold_is_none(self):
        reply, tokens = self.ask("not a token")
        self.assertFails(reply, "user_token_missing")
        self.assertEqual(tokens, [])

    def test_a_token_sent_twice_is_not_believed(self):
        question = f"Who asks? {new_id()}"
        body = json.dumps({"content": question,
                           "session_id": new_id()}).encode()
        raw = build_request("POST", API + "/chat", [
            *self.ann().headers.items(), (HEADER, ANN), (HEADER, EXPIRED),
            ("Content-Type", "application/json")], body)
        with Connection(self.server.port) as connection:
            connection.send(raw)
            connection.read_response()
        self.assertEqual(self.upstream.asked(question), [])

    def test_refused_once_and_never_replaced_by_ours(self):
        reply, tokens = self.ask(EXPIRED)
        self.assertFails(reply, "user_token_refused", "reload the page")
        self.assertTrue(reply.error["retryable"])
        self.assertEqual(tokens, [EXPIRED])

    def test_the_missing_scope_is_named(self):
        for token in (NARROW, LIMITED):
            reply, tokens = self.ask(token)
            self.assertFails(reply, "missing_scope", "model-serving",
                             "user_api_scopes")
            self.assertEqual(tokens, [token])

    def test_denied_with_every_scope(self):
        reply, _ = self.ask(LISTED)
        self.assertFails(reply, "upstream_forbidden", "You may not use")

    def test_what_waited_is_not_sent_as_somebody_else(self):
        session, question = new_id(), f"Later, please. {new_id()}"
        ann = self.ann(ANN)
        with ann.ask("[hold] first", session) as stream:
            gate = self.upstream.wait_asked("[hold] first").question
            added = ann.post(f"/chats/{session}/queue",
                             {"content": question})
            self.assertEqual(added.status, 201, added)
            self.upstream.gate(gate).set()
            stream.rest()

        def ended():
            told = [m for m in ann.messages(session)
                    if m["role"] == "assistant" and m["status"] == "error"]
            return told and told[0]
        failed = wait_until(ended, what="the queued message has its end")
        self.assertEqual(failed["error"]["code"], "user_token_missing")
        self.assertEqual(self.upstream.asked(question), [])

    scripts = {"hold": lambda exchange: (
        exchange.begin(), exchange.delta("Wait. "),
        exchange.upstream.gate(exchange.question).wait(60),
        exchange.finish())}


class AsUserThenService(WaysCase):
    way = "user-then-service"

    def notice(self, reply):
        """What the person is told beside the answer."""
        parts = [p for d in reply.documents for p in d.get("parts") or []
                 if p["kind"] == "notice"]
        self.assertEqual({p["code"] for p in parts}, {"asked_as_service"})
        stored = self.ann().message(reply.first["session_id"],
                                    reply.message_id)["parts"]
        self.assertEqual(stored[0]["text"], parts[0]["text"])
        return parts[0]["text"]

    def test_with_the_token(self):
        reply, tokens = self.ask(ANN)
        self.assertEqual(reply.status, "complete", reply.last)
        self.assertEqual(tokens, [ANN])

    def test_without_a_token(self):
        reply, tokens = self.ask()
        self.assertEqual(reply.status, "complete", reply.last)
        self.assertEqual(tokens, [TOKEN])
        self.assertIn("no access token", self.notice(reply))

    def test_refused_or_too_narrow(self):
        for token in (NARROW, EXPIRED, LIMITED):
            reply, tokens = self.ask(token)
            self.assertEqual(reply.status, "complete", reply.last)
            self.assertEqual(tokens, [token, TOKEN])
            self.assertIn("scope model-serving" if token != EXPIRED
                          else "no longer takes", self.notice(reply))

    def test_a_person_who_may_not_is_not_overruled(self):
        reply, tokens = self.ask(LISTED)
        self.assertFails(reply, "upstream_forbidden")
        self.assertEqual(tokens, [LISTED])


class Untrusted(WaysCase):
    """Where nobody stands for the headers, the token is not believed."""

    way = "user"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.outside = Server(cls.folder / "outside", cls.upstream, env={
            "DATABRICKS_USER_AUTH": "user"},
            database=cls.folder / "outside.db")
        (cls.folder / "outside").mkdir()
        cls.addClassCleanup(cls.outside.kill_if_running)
        cls.outside.start()

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        cls.outside.stop()

    def test_headers_of_a_stranger(self):
        question = f"Who asks? {new_id()}"
        stranger = User(self.outside, {
            **self.ann(ANN).headers,
            "Authorization": self.user.headers["Authorization"]})
        reply = stranger.say(question)
        self.assertFails(reply, "user_token_missing")
        self.assertEqual(self.upstream.asked(question), [])


class WithTheEmulator(EmulatorCase):
    """Tokens and scopes as a workspace checks them."""

    def ann_of(self, way):
        return person(self.serve(env={
            "DATABRICKS_APP_NAME": "chatbot", "DATABRICKS_USER_AUTH": way,
            "DATABRICKS_HOST": self.emulator.url,
            "DATABRICKS_TOKEN": EMULATOR_TOKEN,
            "SERVING_ENDPOINT_NAME": "emu-speed-500",
            "SERVING_ENDPOINTS": "emu-personal"}), "ann")

    def test_an_endpoint_for_persons(self):
        ann = self.ann_of("service-principal")
        reply = ann.say("hello short", serving_endpoint="emu-personal")
        self.assertEqual(reply.error["code"], "upstream_forbidden")
        ann.headers[HEADER] = "user-token:ann@example.com:all-apis"

        def answered():
            reply = ann.say("hello short", serving_endpoint="emu-personal")
            return reply.status == "complete"
        wait_until(answered, what="the endpoint is known and asked as ann")

    def test_a_token_that_was_taken_back(self):
        ann = self.ann_of("user")
        token = "user-token:ann@example.com:model-serving,sql"
        ann.headers[HEADER] = token
        self.assertEqual(ann.say("hello short").status, "complete")
        revoked = self.call("POST", "/emulator/revoke", {"token": token})
        self.assertEqual(revoked.status, 200, revoked)
        self.assertEqual(ann.say("hello short").error["code"],
                         "user_token_refused")

    def test_scopes_of_people(self):
        ann = self.ann_of("user")
        ann.headers[HEADER] = "user-token:ann@example.com:model-serving"
        reply = ann.say("hello short")
        self.assertEqual(reply.status, "complete", reply.last)
        ann.headers[HEADER] = "user-token:ann@example.com:genie"
        reply = ann.say("hello short")
        self.assertEqual(reply.error, {
            "code": "missing_scope", "retryable": False,
            "message": "Your sign-in lacks the scope model-serving, which the "
            "model needs; ask the operator to add it to the application's "
            "user_api_scopes, then sign in again."})
