"""Messages that wait on the server until a reply has ended."""

from support.cases import AppCase
from support.client import new_id
from support.scripts import hold
from support.wire import wait_until


class Queue(AppCase):
    scripts = {"hold": hold}

    def setUp(self):
        """A chat of Ann's in which a reply is being written."""
        self.session = new_id()
        self.question = f"[hold] Busy with {self.session}"
        self.stream = self.ann.ask(self.question, self.session)
        self.addCleanup(self.stream.close)
        self.addCleanup(self.upstream.gate(self.question).set)
        self.stream.take(1)
        self.path = f"/chats/{self.session}/queue"

    def add(self, content, user=None, **more):
        return (user or self.ann).post(self.path, {"content": content, **more})

    def items(self):
        answer = self.ann.get(self.path)
        self.assertEqual(answer.status, 200, answer)
        return answer.json["items"]

    def contents(self):
        return [item["content"] for item in self.items()]

    def change(self, item, user=None, **members):
        return (user or self.ann).call(
            "PATCH", f"{self.path}/{item['queue_id']}", members)

    def questions(self):
        return [m["content"] for m in self.ann.messages(self.session)
                if m["role"] == "user"]

    def wait_sent(self, *expected):
        """Until these have been asked and answered."""
        for content in expected:
            self.upstream.wait_asked(content)
        def settled():
            messages = self.ann.messages(self.session)
            done = all(m["status"] == "complete" for m in messages)
            return done and len(messages) == 2 + 2 * len(expected)
        wait_until(settled)
        return self.ann.messages(self.session)

    def test_what_waits_is_sent_when_the_reply_is_complete(self):
        first, second = new_id(), new_id()
        a = self.add(f"First {first}").json
        self.add(f"Second {second}")
        self.assertEqual(self.questions(), [self.question])
        self.upstream.gate(self.question).set()
        messages = self.wait_sent(f"First {first}", f"Second {second}")
        self.assertEqual(self.questions(), [
            self.question, f"First {first}", f"Second {second}"])
        self.assertEqual(messages[2]["message_id"], a["queue_id"])
        self.assertEqual(messages[3]["parent_id"], a["queue_id"])
        self.assertEqual(self.items(), [])

    def test_what_waits_behind_a_stopped_reply_is_sent_at_a_wish(self):
        words = f"Later {new_id()}"
        item = self.add(words).json
        self.ann.stop(self.stream.seen[0].json["message_id"])
        self.stream.rest()
        self.assertEqual(self.contents(), [words])
        self.assertEqual(self.questions(), [self.question])
        with self.ann.open(f"/chats/{self.session}/queue/send", None) as reply:
            reply.rest()
        self.assertEqual(reply.seen[0].json["user_message_id"],
                         item["queue_id"])
        self.assertEqual(self.questions(), [self.question, words])
        self.assertEqual(self.items(), [])

    def test_sending_what_waits_is_refused_when_it_cannot_be(self):
        self.assertProblem(
            self.ann.post(f"/chats/{self.session}/queue/send"), 404, "not_found")
        self.add("x")
        self.assertProblem(
            self.ann.post(f"/chats/{self.session}/queue/send"), 409, "reply_in_progress")
        self.assertProblem(
            self.bob.post(f"/chats/{self.session}/queue/send"), 404, "not_found")
        self.assertEqual(self.contents(), ["x"])

    def test_messages_wait_in_order_and_can_be_changed(self):
        self.assertEqual(self.items(), [])
        a, b, c = (self.add(text).json for text in ("a", "b", "c"))
        self.assertEqual(self.contents(), ["a", "b", "c"])
        chat = self.ann.get(f"/chats/{self.session}").json
        self.assertEqual(chat["queued"], 3)
        self.assertEqual(len(chat["messages"]), 2)
        answer = self.change(b, content="B")
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.json, {**b, "content": "B"})
        self.assertEqual(self.change(c, place=1).json["content"], "c")
        self.assertEqual(self.contents(), ["c", "a", "B"])
        self.change(c, place=100, content="C")
        self.assertEqual(self.contents(), ["a", "B", "C"])
        path = f"{self.path}/{a['queue_id']}"
        self.assertEqual(self.ann.call("DELETE", path).status, 204)
        self.assertProblem(self.ann.call("DELETE", path), 404, "not_found")
        self.assertProblem(self.change(a, content="x"), 404, "not_found")
        self.assertEqual(self.contents(), ["B", "C"])

    def test_item_says_how_it_will_be_sent(self):
        model = self.ann.get("/model").json["model"]
        answer = self.add("x", queue_id="my-id", include_history=False,
                          serving_endpoint=model)
        self.assertEqual(answer.status, 201, answer)
        item = answer.json
        self.assertEqual(item["queue_id"], "my-id")
        self.assertEqual(item["session_id"], self.session)
        self.assertEqual(item["serving_endpoint"], model)
        self.assertFalse(item["include_history"])
        self.assertTrue(item["created_at"])
        self.assertEqual(self.items(), [item])
        self.add("x", queue_id="my-id")
        self.assertEqual(self.contents(), ["x"])

    def test_what_is_sent_again_with_its_key_is_one_message(self):
        key = {"Idempotency-Key": "a key, of \u00e9very kind".encode()
               .decode("latin-1")}
        first = self.ann.post(self.path, {"content": "x"}, headers=key)
        again = self.ann.post(self.path, {"content": "x"}, headers=key)
        self.assertEqual(first.json, again.json)
        self.assertEqual(self.contents(), ["x"])
        self.bob.say("Hello", other := new_id())
        theirs = self.bob.post(f"/chats/{other}/queue", {"content": "x"},
                               headers=key)
        self.assertEqual(theirs.status, 201)
        self.assertNotEqual(theirs.json["queue_id"], first.json["queue_id"])
        session = new_id()
        body = {"content": "Once only", "session_id": session}
        key = {"Idempotency-Key": new_id()}
        replies = [self.ann.open("/chat", body, headers=key)
                   for _ in range(3)]
        for reply in replies:
            with reply:
                reply.rest()
        self.assertEqual(len({r.seen[0].json["message_id"]
                              for r in replies}), 1)
        self.assertEqual(len(self.ann.messages(session)), 2)
        self.assertProblem(
            self.ann.post(self.path, {"content": "x"},
                          headers={"Idempotency-Key": "k" * 256}),
            422, "invalid_request")

    def test_queue_has_a_bound(self):
        for number in range(50):
            self.assertEqual(self.add(str(number)).status, 201)
        self.assertProblem(self.add("one more"), 409, "queue_full")
        self.assertEqual(len(self.items()), 50)

    def test_queue_of_others_is_not_there(self):
        item = self.add("mine").json
        other = new_id()
        self.bob.say("Hello", other)
        path = f"{self.path}/{item['queue_id']}"
        for answer in (self.bob.get(self.path),
                       self.add("x", user=self.bob),
                       self.change(item, user=self.bob, content="x"),
                       self.bob.call("DELETE", path),
                       self.bob.post(f"/chats/{other}/queue", {
                           "content": "x", "queue_id": item["queue_id"]}),
                       self.bob.call(
                           "PATCH",
                           f"/chats/{other}/queue/{item['queue_id']}",
                           {"content": "x"})):
            self.assertProblem(answer, 404, "not_found")
        self.assertEqual(self.contents(), ["mine"])

    def test_values_that_do_not_fit_are_named(self):
        item = self.add("x").json
        self.assertProblem(self.add(""), 422, "invalid_request", "content")
        self.assertProblem(self.add("x", queue_id="a b"), 422,
                           "invalid_request", "queue_id")
        self.assertProblem(self.add("x", serving_endpoint="none"), 422,
                           "invalid_request", "serving_endpoint")
        self.assertProblem(self.change(item, place=0), 422,
                           "invalid_request", "place")
        self.assertProblem(self.ann.get("/chats/none/queue"), 404,
                           "not_found")
