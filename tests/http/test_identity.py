"""Who may do what: no identity no data, and nobody sees another's chats."""

from support.cases import AppCase, FolderCase, ServedCase
from support.client import API, User, check_stream, new_id, person, script
from support.wire import Connection, Response, build_request, request

# method, path, body; {session} and {message} are somebody's.
DATA_ROUTES = (
    ("GET", "/login", None),
    ("GET", "/model", None),
    ("GET", "/config", None),
    ("GET", "/serving-endpoints", None),
    ("GET", "/tokens", None),
    ("POST", "/tokens", {"name": "A way in"}),
    ("DELETE", "/tokens/0123456789abcdef", None),
    ("GET", "/chats", None),
    ("GET", "/chats?limit=1&messages=none", None),
    ("GET", "/chats/{session}", None),
    ("DELETE", "/chats/{session}", None),
    ("GET", "/sessions/{session}/messages", None),
    ("GET", "/search?q=private", None),
    ("POST", "/chat", {"content": "Let me in.", "session_id": "{session}"}),
    ("POST", "/regenerate", {
        "message_id": "{message}", "session_id": "{session}",
        "original_content": "Let me in."}),
    ("POST", "/messages/{message}/stop", None),
    ("GET", "/messages/{message}/stream?after=0", None),
    ("POST", "/messages/{message}/rate?rating=up", None),
    ("POST", "/error", {
        "message_id": "{message}", "session_id": "{session}",
        "content": "An error.", "role": "assistant"}),
    ("POST", "/regenerate/error", {
        "message_id": "{message}", "session_id": "{session}",
        "content": "An error.", "role": "assistant"}),
)


def hold(exchange):
    exchange.begin()
    exchange.delta("A private word. ")
    exchange.upstream.gate(exchange.question).wait(60)
    exchange.delta("Another one.")
    exchange.finish()


def call_route(user, route, session, message):
    """One of DATA_ROUTES; whatever comes back, streams read to the end."""
    method, path, body = route
    names = {"session": session, "message": message}
    path = path.format(**names)
    if body is not None:
        body = {k: v.format(**names) for k, v in body.items()}
    answer = user.open(path, body, method=method)
    if not isinstance(answer, Response):
        with answer:
            answer.rest()
        answer = Response(answer.head, b"".join(answer.chunks))
    return answer


class Nobody(ServedCase):
    """Without a sign that the server knows, there is no data."""

    scripts = {"hold": hold}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.session = new_id()
        cls.reply = cls.user.say("A private question.", cls.session)

    def assertShut(self, headers):
        nobody = User(self.server, headers)
        for route in DATA_ROUTES:
            with self.subTest(route=route[:2]):
                response = call_route(nobody, route, self.session,
                                      self.reply.message_id)
                self.assertProblem(response, 401, "unauthenticated")
                self.assertNotIn("private", response.text)
        self.assertEqual(len(self.user.messages(self.session)), 2)

    def test_no_identity(self):
        self.assertShut({})

    def test_wrong_bearer_token(self):
        self.assertShut({"Authorization": "Bearer wrong-token-0123456789"})

    def test_half_a_token_and_other_schemes(self):
        token = self.user.headers["Authorization"].split()[1]
        for value in (f"Bearer {token[:-1]}", f"Bearer {token}x", "Bearer",
                      "Bearer ", f"Basic {token}", token):
            response = User(self.server,
                            {"Authorization": value}).get("/chats")
            self.assertProblem(response, 401, "unauthenticated")

    def test_made_up_cookie(self):
        names = self.cookie_names()
        self.assertShut({"Cookie": "; ".join(
            f"{name}=0123456789abcdef0123456789abcdef" for name in names)})

    def cookie_names(self):
        response = request(self.server.port, "GET", self.server.wait_link())
        return [value.split("=")[0]
                for value in response.head.all("set-cookie")]

    def test_proxy_headers_are_not_believed_outside_the_platform(self):
        self.assertShut(person(self.server, "mallory").headers)

    def test_bearer_scheme_in_any_case(self):
        token = self.user.headers["Authorization"].split()[1]
        response = User(self.server, {
            "Authorization": f"bearer {token}"}).get("/login")
        self.assertEqual(response.status, 200, response)

    def test_what_is_open_to_all_holds_no_data(self):
        for path in ("/healthz", "/readyz", "/metrics", API + "/"):
            response = request(self.server.port, "GET", path)
            self.assertEqual(response.status, 200, path)
            self.assertNotIn("private", response.text)
            self.assertNotIn(self.session, response.text)


class SignIn(FolderCase):
    """The one-time link that the server prints when it starts."""

    def setUp(self):
        self.upstream = self.new_upstream()
        self.server = self.serve(self.upstream)

    def sign_in(self, link=None):
        """Follows a link; gives a user with the cookie, and the answer."""
        response = request(self.server.port, "GET",
                           link or self.server.wait_link())
        cookies = [value.split(";")[0]
                   for value in response.head.all("set-cookie")]
        for cookie in cookies:
            self.server.hide(cookie.partition("=")[2])
        return User(self.server, {
            "Cookie": "; ".join(cookies),
            "Origin": f"http://127.0.0.1:{self.server.port}",
            "Host": f"127.0.0.1:{self.server.port}",
            "Sec-Fetch-Site": "same-origin"}), response

    def test_link_signs_in_once(self):
        link = self.server.wait_link()
        user, response = self.sign_in(link)
        self.assertEqual(response.status, 303, response)
        self.assertEqual(response.header("location"), "/")
        self.assertEqual(user.get("/login").status, 200)
        self.assertEqual(user.say("Am I in?").status, "complete")
        again = request(self.server.port, "GET", link)
        self.assertEqual(again.status, 303, again)
        self.assertEqual(again.header("location"),
                         "/signed-out?reason=link")
        self.assertEqual(again.head.all("set-cookie"), [])

    def test_wrong_links_sign_nobody_in(self):
        for query in ("?token=wrong", "?token=", "", "?token=%20",
                      "?token=" + "x" * 5000, "?other=1"):
            response = request(self.server.port, "GET",
                               API + "/signin" + query)
            self.assertEqual(response.status, 303, query)
            self.assertEqual(response.header("location"),
                             "/signed-out?reason=link")
            self.assertEqual(response.head.all("set-cookie"), [])
        user, _ = self.sign_in()
        self.assertEqual(user.get("/login").status, 200,
                         "a wrong link has used up the right one")

    def test_head_of_the_link_does_not_use_it_up(self):
        # Chat programs and mail scanners look at links before people do.
        request(self.server.port, "HEAD", self.server.wait_link())
        user, _ = self.sign_in()
        self.assertEqual(user.get("/login").status, 200)

    def test_cookie_is_out_of_reach_of_scripts_and_other_sites(self):
        _, response = self.sign_in()
        cookies = response.head.all("set-cookie")
        self.assertEqual(len(cookies), 1, cookies)
        _, *attributes = [p.strip() for p in cookies[0].split(";")]
        lower = [a.lower() for a in attributes]
        self.assertIn("httponly", lower)
        self.assertIn("path=/", lower)
        self.assertTrue({"samesite=lax", "samesite=strict"} & set(lower),
                        lower)
        self.assertNotIn("domain", " ".join(lower))
        value = cookies[0].split(";")[0].partition("=")[2]
        self.assertGreaterEqual(len(value), 22, "too easily guessed")

    def test_logout_ends_the_session(self):
        user, _ = self.sign_in()
        response = user.get("/logout")
        self.assertEqual(response.status, 303, response)
        self.assertEqual(response.header("location"), "/signed-out")
        cleared = response.header("set-cookie", "").lower()
        self.assertTrue("max-age=0" in cleared or "1970" in cleared,
                        cleared)
        self.assertProblem(user.get("/chats"), 401, "unauthenticated")

    def test_sign_in_outlives_a_restart(self):
        user, _ = self.sign_in()
        session = new_id()
        user.say("Will you know me later?", session)
        self.server.stop()
        self.server.restart()
        self.assertEqual(user.get("/login").status, 200)
        self.assertEqual(len(user.messages(session)), 2)

    def test_logout_outlives_a_restart(self):
        user, _ = self.sign_in()
        user.get("/logout")
        self.server.stop()
        self.server.restart()
        self.assertProblem(user.get("/chats"), 401, "unauthenticated")

    def test_requests_from_other_sites_are_refused(self):
        user, _ = self.sign_in()
        session = new_id()
        reply = user.say("May others write here?", session)
        cookie = {"Cookie": user.headers["Cookie"],
                  "Host": user.headers["Host"]}
        foreign = (
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Origin": f"http://127.0.0.1:{self.server.port + 1}"},
            {"Origin": f"http://127.0.0.1:{self.server.port}.evil.example"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
            {"Sec-Fetch-Site": "cross-site",
             "Origin": user.headers["Origin"]},
            {},
        )
        for headers in foreign:
            stranger = User(self.server, {**cookie, **headers})
            for route in DATA_ROUTES:
                if route[0] == "GET":
                    continue
                with self.subTest(headers=headers, route=route[:2]):
                    response = call_route(stranger, route, session,
                                          reply.message_id)
                    self.assertProblem(response, 403, "cross_site_request")
        self.assertEqual(len(user.messages(session)), 2)
        self.assertIsNone(
            user.message(session, reply.message_id)["rating"])

    def test_either_header_of_the_own_site_is_enough(self):
        user, _ = self.sign_in()
        for name in ("Origin", "Sec-Fetch-Site"):
            one = User(self.server, {
                k: v for k, v in user.headers.items()
                if k in ("Cookie", "Host", name)})
            self.assertEqual(one.say(f"Is {name} enough?").status,
                             "complete")

    def test_tokens_are_made_used_and_revoked(self):
        user, _ = self.sign_in()
        made = user.post("/tokens", {"name": "My script"})
        self.assertEqual(made.status, 201, made)
        token = made.json["token"]
        self.server.hide(token)
        robot = User(self.server, {"Authorization": f"Bearer {token}"})
        self.assertEqual(robot.say("Am I a robot?").status, "complete")
        listed = user.get("/tokens")
        self.assertNotIn(token, listed.text)
        entry, = listed.json["tokens"]
        self.assertEqual(entry["name"], "My script")
        gone = user.call("DELETE", f"/tokens/{entry['token_id']}")
        self.assertEqual(gone.status, 204, gone)
        self.assertProblem(robot.get("/chats"), 401, "unauthenticated")
        self.assertEqual(user.get("/tokens").json, {"tokens": []})

    def test_bearer_token_needs_no_origin(self):
        self.assertEqual(script(self.server).say("A script?").status,
                         "complete")


class Proxy(AppCase):
    """Behind the proxy of Databricks Apps."""

    scripts = {"hold": hold}

    def test_person_is_who_the_proxy_says(self):
        self.assertEqual(self.ann.get("/login").json, {"user_info": {
            "email": "ann@example.com", "user_id": "id-ann",
            "username": "Ann"}})

    def test_user_header_alone_is_enough(self):
        response = User(self.server,
                        {"X-Forwarded-User": "id-solo"}).get("/login")
        self.assertEqual(response.status, 200, response)
        self.assertEqual(response.json["user_info"]["user_id"], "id-solo")

    def test_request_without_the_headers_is_nobody(self):
        for headers in ({}, {"X-Forwarded-User": ""},
                        {"X-Forwarded-Email": "x@example.com"}):
            response = User(self.server, headers).get("/chats")
            self.assertProblem(response, 401, "unauthenticated")

    def test_header_given_twice_is_not_believed(self):
        raw = build_request("GET", API + "/login", [
            ("X-Forwarded-User", "id-ann"), ("X-Forwarded-User", "id-bob")])
        with Connection(self.server.port) as connection:
            connection.send(raw)
            response = connection.read_response()
        self.assertIn(response.status, (400, 401), response)

    def test_no_sign_in_link_inside_the_platform(self):
        self.assertEqual(self.server.links(), [])

    def test_names_in_any_script_come_back_whole(self):
        name = "Zoë 漢字"
        response = User(self.server, {
            "X-Forwarded-User": "id-zoe",
            "X-Forwarded-Preferred-Username":
                name.encode().decode("latin-1")}).get("/login")
        self.assertEqual(response.json["user_info"]["username"], name)

    def test_requests_from_other_sites_are_refused(self):
        # The proxy's own cookie signs a foreign page's request, too.
        session = new_id()
        self.ann.say("May others write here?", session)
        stranger = User(self.server, {
            **self.ann.headers, "Origin": "https://evil.example",
            "Sec-Fetch-Site": "cross-site"})
        response = stranger.call("DELETE", f"/chats/{session}")
        self.assertProblem(response, 403, "cross_site_request")
        self.assertEqual(len(self.ann.messages(session)), 2)


class Apart(AppCase):
    """Two people on one server."""

    scripts = {"hold": hold}

    def test_no_route_shows_or_changes_what_is_anothers(self):
        session = new_id()
        reply = self.ann.say("A private question of Ann.", session)
        before = self.ann.get(f"/chats/{session}").json
        for route in DATA_ROUTES:
            if "{" not in repr(route) or "token" in route[1]:
                continue
            with self.subTest(route=route[:2]):
                response = call_route(self.bob, route, session,
                                      reply.message_id)
                self.assertNotIn("private question", response.text)
                self.assertIn(response.status, (404, 409), response)
        self.assertEqual(self.ann.get(f"/chats/{session}").json, before)
        for path in ("/chats", "/chats?messages=none"):
            self.assertNotIn(session, self.bob.get(path).text)
        self.assertEqual(self.upstream.asked("Let me in."), [])

    def test_running_reply_is_its_owners_only(self):
        session, question = new_id(), "[hold] What is Ann's reply?"
        with self.ann.ask(question, session) as stream:
            stream.until_text(5)
            message = stream.seen[0].json["message_id"]
            for response in (
                    self.bob.stop(message),
                    self.bob.resume(message, 0),
                    self.bob.resume(message, last_event_id=f"{message}.1"),
                    self.bob.rate(message, "down"),
                    self.bob.get(f"/sessions/{session}/messages")):
                self.assertIsInstance(response, Response)
                self.assertProblem(response, 404, "not_found")
            self.upstream.gate(question).set()
            last = check_stream(stream.rest())[-2].json
        self.assertEqual(last["status"], "complete")
        self.assertEqual(stream.text(), "A private word. Another one.")

    def test_model_hears_only_the_callers_history(self):
        self.ann.say("The word of Ann is xylophone.", new_id())
        self.bob.say("What was the word?", new_id())
        heard = self.upstream.asked("What was the word?")[0]
        self.assertNotIn(b"xylophone", heard.raw_body)

    def test_regenerate_across_chats_is_not_possible(self):
        mine, other = new_id(), new_id()
        reply = self.ann.say("In one chat.", mine)
        self.ann.say("In another chat.", other)
        response = self.ann.post("/regenerate", {
            "message_id": reply.message_id, "session_id": other,
            "original_content": "In one chat."})
        self.assertProblem(response, 404, "not_found")


class TrustedProxy(FolderCase):
    """A proxy of one's own, named by its address."""

    def test_listed_proxy_is_believed(self):
        server = self.serve(self.new_upstream(),
                            env={"TRUSTED_PROXIES": "127.0.0.1"})
        response = person(server, "ann").get("/login")
        self.assertEqual(response.status, 200, response)
        self.assertEqual(response.json["user_info"]["user_id"], "id-ann")

    def test_other_addresses_are_not(self):
        server = self.serve(self.new_upstream(),
                            env={"TRUSTED_PROXIES": "10.1.2.3"})
        response = person(server, "ann").get("/login")
        self.assertProblem(response, 401, "unauthenticated")
