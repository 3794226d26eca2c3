"""What nobody should send: each is refused with the field named, and the
server goes on."""

import json
import os
import random

from support.cases import ServedCase
from support.client import API, new_id
from support.wire import (Closed, Connection, PATIENCE, build_request, request,
                          wait_until)

JSON = {"Content-Type": "application/json"}
OPTIONAL = ("role", "original_content")
ENDINGS = (400, 401, 404, 405, 408, 409, 411, 413, 414, 415, 417, 422, 426,
           429, 431, 501, 505)


class Case(ServedCase):
    def tearDown(self):
        response = self.user.get("/model", timeout=5)
        self.assertEqual(response.status, 200, "the server is not well")

    def assertRefused(self, response, statuses=ENDINGS):
        self.assertIn(response.status, statuses, response)
        self.assertEqual(response.header("content-type"),
                         "application/problem+json", response)
        self.assertTrue(response.json["detail"])
        return response.json

    def nothing_was_asked(self):
        self.assertEqual(self.upstream.exchanges, [])


class Documents(Case):
    """Bodies that are not what the route takes."""

    good = {
        "/chat": {"content": "Hello", "session_id": "s-1"},
        "/regenerate": {"message_id": "m-1", "session_id": "s-1",
                        "original_content": "Hello"},
        "/error": {"message_id": "m-1", "session_id": "s-1",
                   "content": "Sorry", "role": "assistant"},
        "/regenerate/error": {"message_id": "m-1", "session_id": "s-1",
                              "content": "Sorry", "role": "assistant"},
    }

    def tearDown(self):
        super().tearDown()
        self.nothing_was_asked()

    def test_text_that_is_not_json(self):
        for path in self.good:
            for body in (b"", b"{", b"nonsense", b"{'a': 1}", b'{"a":1,}',
                         b'{"a":1} x', b"\xef\xbb\xbf{}", b"\x00",
                         b'{"content": "a\nb"}', b'{"content": "\x01"}',
                         b'{"content": NaN}', b'{"a": 01}', b'"open'):
                with self.subTest(path=path, body=body):
                    response = self.user.post(path, body, headers=JSON)
                    self.assertProblem(response, 400, "invalid_json")

    def test_json_that_is_not_an_object(self):
        for path in self.good:
            for body in (b"[]", b"1", b"null", b'"text"', b"true",
                         b'[{"content": "x"}]'):
                with self.subTest(path=path, body=body):
                    response = self.user.post(path, body, headers=JSON)
                    self.assertRefused(response, (400, 422))

    def test_missing_members_are_named(self):
        for path, good in self.good.items():
            for name in good:
                if name in OPTIONAL:
                    continue
                with self.subTest(path=path, missing=name):
                    body = {k: v for k, v in good.items() if k != name}
                    self.assertProblem(self.user.post(path, body), 422,
                                       "invalid_request", name)

    def test_members_of_a_wrong_type_are_named(self):
        for path, good in self.good.items():
            for name in good:
                for value in (None, 1, 1.5, True, [], ["x"], {}, {"a": "b"}):
                    if value is None and name in OPTIONAL:
                        continue
                    with self.subTest(path=path, name=name, value=value):
                        body = {**good, name: value}
                        self.assertProblem(self.user.post(path, body), 422,
                                           "invalid_request", name)

    def test_options_of_a_wrong_type_are_named(self):
        for path, name, values in (
                ("/chat", "include_history", ("yes", 1, [], {})),
                ("/chat", "serving_endpoint", (1, True, [], {})),
                ("/regenerate", "include_history", ("true", 0, [])),
                ("/regenerate", "serving_endpoint", (1, [], {}))):
            for value in values:
                with self.subTest(path=path, name=name, value=value):
                    body = {**self.good[path], name: value}
                    self.assertProblem(self.user.post(path, body), 422,
                                       "invalid_request", name)

    def test_texts_that_are_empty_are_named(self):
        for path, name in (("/chat", "content"), ("/chat", "session_id"),
                           ("/regenerate", "message_id"),
                           ("/regenerate", "session_id"),
                           ("/error", "session_id"),
                           ("/error", "message_id")):
            for value in ("", "   \n\t "):
                with self.subTest(path=path, name=name, value=value):
                    body = {**self.good[path], name: value}
                    self.assertProblem(self.user.post(path, body), 422,
                                       "invalid_request", name)

    def test_ids_are_of_64_plain_characters(self):
        for value in ("x" * 65, "a b", "a/b", "../etc", "a\u007fb", "ä",
                      "a'; DROP TABLE messages;--", "a\nb", "<script>"):
            with self.subTest(value=value):
                self.assertProblem(
                    self.user.post("/chat", {"content": "Hello",
                                             "session_id": value}),
                    422, "invalid_request", "session_id")

    def test_text_with_nul_is_refused(self):
        for path, name in (("/chat", "content"),
                           ("/regenerate", "original_content")):
            body = {**self.good[path], name: "before \u0000 after"}
            problem = self.assertRefused(self.user.post(path, body),
                                         (400, 422))
            self.assertNotIn("JSON_", problem["detail"])

    def test_text_that_is_not_utf8_is_refused(self):
        for bad in (b"\xff", b"\xc3(", b"\xe2\x82", b"\xed\xa0\x80",
                    b"\xf4\x90\x80\x80", b"\xc0\xaf"):
            body = b'{"session_id": "s-1", "content": "' + bad + b'"}'
            with self.subTest(bad=bad):
                self.assertRefused(self.user.post("/chat", body,
                                                  headers=JSON), (400, 422))

    def test_lone_surrogates_are_refused(self):
        for bad in (r"\ud800", r"\udc00\ud800", r"\ud83d x"):
            body = (r'{"session_id": "s-1", "content": "%s"}'
                    % bad).encode()
            with self.subTest(bad=bad):
                self.assertRefused(self.user.post("/chat", body,
                                                  headers=JSON), (400, 422))

    def test_deep_nesting_is_refused(self):
        for depth in (100, 5_000, 200_000):
            for body in (b"[" * depth, b'{"a":' * depth,
                         b'{"content":' + b"[" * depth + b"]" * depth
                         + b"}"):
                with self.subTest(depth=depth, start=body[:12]):
                    response = self.user.post("/chat", body, headers=JSON)
                    self.assertRefused(response, (400, 413, 422))

    def test_member_given_twice_is_refused_or_one_of_them(self):
        body = (b'{"content": "x", "session_id": "s-1", '
                b'"session_id": "a b"}')
        self.assertRefused(self.user.post("/chat", body, headers=JSON),
                           (400, 422))

    def test_content_over_the_limit_is_named(self):
        limit = self.user.get("/config").json["limits"]["content_bytes"]
        body = {"content": "x" * (limit + 1), "session_id": "s-1"}
        response = self.user.post("/chat", body)
        self.assertIn(response.status, (413, 422), response)
        if response.status == 422:
            self.assertEqual(response.json["field"], "content")

    def test_huge_body_is_refused_before_it_has_come(self):
        for size in (64 * 1024 * 1024, 10**15, 2**63, 10**30):
            with self.subTest(size=size), \
                    Connection(self.server.port) as connection:
                connection.send(build_request("POST", API + "/chat", {
                    **self.user.headers, **JSON,
                    "Content-Length": str(size)}))
                connection.send(b'{"content": "')
                response = connection.read_response()
                self.assertIn(response.status, (400, 413), response)

    def test_endless_chunked_body_is_cut(self):
        with Connection(self.server.port) as connection:
            connection.send(build_request("POST", API + "/chat", {
                **self.user.headers, **JSON,
                "Transfer-Encoding": "chunked"}))
            part = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
            try:
                for _ in range(64):
                    connection.send(part)
                status = connection.read_response().status
            except (ConnectionError, Closed):
                status = 413  # cut while we were sending: as good
            self.assertEqual(status, 413)

    def test_other_media_types_are_refused(self):
        body = json.dumps(self.good["/chat"]).encode()
        for media in ("text/plain", "application/x-www-form-urlencoded",
                      "multipart/form-data; boundary=x", "application/jsonx",
                      "text/json,application/json", "nonsense"):
            with self.subTest(media=media):
                response = self.user.post(
                    "/chat", body, headers={"Content-Type": media})
                self.assertProblem(response, 415, "unsupported_media_type")

    def test_compressed_body_is_refused(self):
        response = self.user.post(
            "/chat", b"\x1f\x8b\x08\x00", headers={
                **JSON, "Content-Encoding": "gzip"})
        self.assertRefused(response, (400, 415))


class Targets(Case):
    """Paths and query values."""

    def test_page_size_is_a_number_in_range(self):
        for value in ("0", "-1", "x", "", "1.5", "1e3", " 5", "999999999",
                      "99999999999999999999", "5;DROP", "%00"):
            with self.subTest(limit=value):
                response = self.user.get("/chats", limit=value)
                self.assertProblem(response, 422, "invalid_request",
                                   "limit")

    def test_cursor_is_one_that_was_given_out(self):
        for value in ("x", "-1", "' OR 1=1 --", "\u0000", "ÿ", "x" * 3000):
            with self.subTest(cursor=value):
                response = self.user.get("/chats", limit=3, cursor=value)
                self.assertRefused(response, (400, 422))

    def test_resume_position_is_a_number(self):
        for value in ("-1", "x", "1.5", "99999999999999999999"):
            with self.subTest(after=value):
                response = self.user.resume("m-1", after=value)
                self.assertIn(response.status, (404, 422), response)

    def test_ids_in_paths(self):
        for path in ("/chats/%00", "/chats/%ff%fe", "/chats/" + "x" * 3000,
                     "/chats/..%2f..%2f", "/chats/%", "/chats/%zz",
                     "/sessions/%20/messages", "/messages/%0d%0aX/rate"):
            method = "POST" if path.endswith("rate") else "GET"
            with self.subTest(path=path[:40]):
                response = request(self.server.port, method, API + path,
                                   self.user.headers)
                self.assertRefused(response, (400, 404, 422))

    def test_target_that_is_too_long(self):
        response = request(self.server.port, "GET",
                           API + "/chats?cursor=" + "x" * 100_000,
                           self.user.headers)
        self.assertEqual(response.status, 414, response)

    def test_headers_that_are_too_large_or_too_many(self):
        for headers in ({"X-Large": "x" * 100_000},
                        {f"X-Many-{i}": "x" for i in range(1000)}):
            response = request(self.server.port, "GET", API + "/model",
                               {**self.user.headers, **headers})
            self.assertEqual(response.status, 431, response)


class Wire(Case):
    """Bytes that are not HTTP, or not the kind that is safe."""

    def assertCut(self, raw):
        """An answer of 4xx or none, then the connection ends."""
        with Connection(self.server.port) as connection:
            try:
                connection.send(raw)
                head = connection.read_head()
                connection.read_body(head)
            except (Closed, ConnectionError):
                return
            self.assertIn(head.status, ENDINGS, raw[:80])
            self.assertTrue(connection.is_closed(5), raw[:80])

    def test_requests_that_smuggle_are_cut(self):
        start = "POST /chat-api/chat HTTP/1.1\r\nHost: x\r\n"
        for rest in ("Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
                     "Content-Length: 5\r\nTransfer-Encoding: chunked"
                     "\r\n\r\n0\r\n\r\n",
                     "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
                     "Transfer-Encoding: gzip\r\n\r\nhello",
                     "Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n",
                     "Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n",
                     "Transfer-Encoding: chunked\r\n\r\n"
                     "ffffffffffffffffff\r\nx",
                     "Content-Length: +5\r\n\r\nhello",
                     "Content-Length: 0x5\r\n\r\nhello",
                     "Content-Length : 5\r\n\r\nhello",
                     "X: a\x00b\r\n\r\n", "X: a\rb\r\n\r\n",
                     "No colon here\r\n\r\n"):
            with self.subTest(rest=rest):
                self.assertCut((start + rest).encode())

    def test_things_that_are_not_http_are_cut(self):
        for raw in (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
                    b"SSH-2.0-OpenSSH\r\n\r\n", b"GET /\r\n\r\n",
                    b"GET / HTTP/9.9\r\n\r\n", b"\r\n\r\n\x00\x00",
                    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                    b"G\x00T / HTTP/1.1\r\nHost: x\r\n\r\n",
                    b"GET http://other.example:99999/ HTTP/1.1\r\n\r\n",
                    b"\xff" * 5000 + b"\r\n\r\n"):
            with self.subTest(raw=raw[:30]):
                self.assertCut(raw)

    def test_request_without_host_is_refused(self):
        with Connection(self.server.port) as connection:
            connection.send(b"GET /chat-api/ HTTP/1.1\r\n\r\n")
            self.assertEqual(connection.read_head().status, 400)

    def test_connect_and_trace_are_refused(self):
        for method in ("CONNECT", "TRACE", "BREW"):
            with Connection(self.server.port) as connection:
                connection.send(build_request(method, API + "/model",
                                              self.user.headers))
                head = connection.read_head()
                self.assertIn(head.status, ENDINGS, method)

    def test_half_requests_that_never_end(self):
        for raw in (b"GET /chat-api/ HT", b"POST /chat-api/chat HTTP/1.1\r\n"
                    b"Host: x\r\nContent-Length: 100\r\n\r\n{"):
            with Connection(self.server.port) as connection:
                connection.send(raw)
                connection.reset()

    def test_many_connections_that_say_nothing(self):
        idle = [Connection(self.server.port) for _ in range(300)]
        try:
            self.assertEqual(self.user.get("/model").status, 200)
        finally:
            for connection in idle:
                connection.close()


class Random(Case):
    """Good requests with a few things changed by chance."""

    COUNT = 400

    def test_changed_requests_get_an_answer_or_a_cut(self):
        seed = int(os.environ.get("CHATBOT_TEST_SEED",
                                  random.randrange(10**9)))
        print(f"\nCHATBOT_TEST_SEED={seed}")
        chance = random.Random(seed)
        for number in range(self.COUNT):
            raw = self.change(chance, self.whole(chance))
            with self.subTest(seed=seed, number=number, raw=raw[:200]):
                self.send(raw)
        self.assertTrue(self.server.running)

    def whole(self, chance):
        """One good request to a route chosen by chance."""
        ids = [new_id(), "m-1"]
        method, path, body = chance.choice((
            ("POST", "/chat", {"content": "Hello, \u00e4 \U0001f30d",
                               "session_id": ids[0]}),
            ("POST", "/regenerate", {
                "message_id": ids[1], "session_id": ids[0],
                "original_content": "Hello"}),
            ("POST", "/error", {
                "message_id": ids[1], "session_id": ids[0],
                "content": "Sorry", "role": "assistant",
                "metrics": {"totalTime": 1.5}, "sources": [{"a": "b"}]}),
            ("POST", f"/messages/{ids[1]}/rate?rating=up", None),
            ("POST", f"/messages/{ids[1]}/stop", None),
            ("GET", f"/messages/{ids[1]}/stream?after=1", None),
            ("GET", "/chats?limit=5&cursor=abc", None),
            ("GET", f"/sessions/{ids[0]}/messages", None),
            ("DELETE", f"/chats/{ids[0]}", None),
            ("GET", "/signin?token=abc", None),
        ))
        data = None if body is None else json.dumps(
            body, ensure_ascii=chance.random() < 0.5).encode()
        headers = [*self.user.headers.items(), ("Connection", "close")]
        if data:
            headers.append(("Content-Type", "application/json"))
        return build_request(method, API + path, headers, data)

    def change(self, chance, raw):
        """Flips, drops, doubles or inserts bytes, mostly in the body."""
        data = bytearray(raw)
        border = raw.index(b"\r\n\r\n") + 4
        for _ in range(chance.choice((1, 1, 2, 5))):
            low = border if chance.random() < 0.6 and border < len(data) \
                else 0
            at = chance.randrange(min(low, len(data) - 1), len(data))
            kind = chance.randrange(4)
            if kind == 0:
                data[at] = chance.randrange(256)
            elif kind == 1:
                del data[at:at + chance.choice((1, 3, 20))]
            elif kind == 2:
                data[at:at] = data[at:at + chance.choice((1, 10, 200))]
            else:
                data[at:at] = chance.choice((
                    b"\x00", b"\xff\xfe", b'"', b"{", b"\r\n", b"%00",
                    b"\xed\xa0\x80", b"9" * 30, b"[" * 50, b": ", b"\\u"))
            if not data:
                data += b"\x00"
        return bytes(data)

    def test_a_credential_cut_off_its_header_is_not_logged(self):
        secret = f"cut-{new_id()}"
        self.server.hide(secret)
        self.send(f"{secret} / HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        wait_until(lambda: "method=- " in self.server.log,
                   what="the request is in the log")

    def what_comes(self, connection):
        """The beginning of the answer; none if more is waited for."""
        connection.sock.settimeout(0.1 * PATIENCE)
        try:
            while len(connection.buffer) < 12:
                connection.fill()
        except (TimeoutError, Closed):
            pass
        return connection.buffer

    def send(self, raw):
        with Connection(self.server.port, timeout=5) as connection:
            try:
                connection.send(raw)
                answer = self.what_comes(connection)
            except ConnectionError:
                return
        if answer:
            self.assertRegex(answer[:12], rb"^HTTP/1\.[01] [2345]")
            status = int(answer[9:12])
            self.assertNotEqual(status, 500, answer[:500])
            self.assertNotEqual(status, 503, answer[:500])
