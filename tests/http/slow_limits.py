"""What is done so that one endpoint, or one person, does not spoil the day
for everybody: breakers, queues, pauses."""

import threading

from support.cases import FolderCase
from support.client import check_stream, new_id, person, script
from support.scripts import hold
from support.upstream import MODEL, MODELS
from support.wire import request, wait_until

SECOND = MODELS[1]


def down(exchange):
    exchange.refuse(500, "INTERNAL_ERROR", "The model crashed.")


def blocked(exchange):
    exchange.refuse(400, "BAD_REQUEST", '{"finishReason":'
                    '"input_guardrail_triggered","input_guardrail":[]}')


def busy_once(exchange):
    """429 with Retry-After the first time, then an answer."""
    if len(exchange.upstream.asked(exchange.question)) == 1:
        exchange.refuse(429, "REQUEST_LIMIT_EXCEEDED", "Too many.",
                        headers=[("Retry-After", "5")])
    else:
        exchange.upstream.scripts["echo"](exchange)


def queue_parts(documents):
    """What a viewer was told of the wait, in order."""
    return [part for document in documents
            for part in document.get("parts") or ()
            if part["kind"] == "queue"]


class Breakers(FolderCase):
    def setUp(self):
        self.upstream = self.new_upstream(down=down, hold=hold,
                                          blocked=blocked)
        self.server = self.serve(self.upstream, env={
            "BREAKER_FAILURES": "3", "BREAKER_REST": "5s"})
        self.user = script(self.server)

    def open_breaker(self):
        for _ in range(3):
            reply = self.user.say("[down] Are you there?")
            self.assertEqual(reply.error["code"], "upstream_error")

    def send(self, content, session_id=None, **more):
        return self.user.post("/chat", {
            "content": content, "session_id": session_id or new_id(), **more})

    def about(self, page):
        return request(self.server.port, "GET", f"/{page}")

    def wait_rest(self):
        def over():
            state = self.about("readyz").json
            return all(b["state"] != "open" for b in state["breakers"])
        wait_until(over, what="the rest is over")

    def test_one_that_fails_again_and_again_is_left_alone(self):
        chat = new_id()
        self.open_breaker()
        refused = self.send("Kept with me", chat)
        problem = self.assertProblem(refused, 503, "endpoint_resting")
        self.assertIn(problem["retry_after"], (4, 5))
        self.assertEqual(refused.header("retry-after"),
                         str(problem["retry_after"]))
        self.assertIn(f"The model {MODEL} has failed 3 times in a row",
                      problem["detail"])
        self.assertEqual(self.upstream.asked("Kept with me"), [])
        self.assertNotIn(chat, [c["sessionId"] for c in self.user.chats()])
        self.assertIn(f'endpoint_resting{{endpoint="{MODEL}"}} 1',
                      self.about("metrics").text)
        self.wait_rest()
        self.assertEqual(self.user.say("Well again?", chat).status, "complete")
        self.assertEqual(self.user.say("And now?", chat).status, "complete")
        self.assertIn(f'endpoint_resting{{endpoint="{MODEL}"}} 0',
                      self.about("metrics").text)

    def test_a_probe_that_fails_lets_it_rest_longer(self):
        self.open_breaker()
        self.wait_rest()
        self.assertEqual(self.user.say("[down] Now?").status, "error")
        problem = self.send("Not yet").json
        self.assertEqual(problem["code"], "endpoint_resting")
        self.assertIn(problem["retry_after"], (9, 10))
        self.assertIn("4 times in a row", problem["detail"])

    def test_one_probes_while_others_are_told_to_wait(self):
        self.open_breaker()
        self.wait_rest()
        with self.user.ask("[hold] Probe") as probe:
            exchange = self.upstream.wait_asked("[hold] Probe")
            probe.until_text(1)
            self.upstream.gate(exchange.question).set()
            check_stream(probe.rest())
        self.assertEqual(self.user.say("All well").status, "complete")

    def test_others_are_not_concerned(self):
        """Another endpoint, by the message or by the chat's settings."""
        self.open_breaker()
        self.assertEqual(self.user.say(
            "Hello", serving_endpoint=SECOND).status, "complete")
        chat = new_id()
        self.assertEqual(self.user.say(
            "Hello", chat, settings={"model": SECOND}).status, "complete")
        self.assertEqual(self.user.say("More", chat).status, "complete")

    def test_what_was_answered_before_stays(self):
        """Neither an edit nor another answer is begun in vain."""
        chat = new_id()
        self.user.say("First", chat)
        question, answer = self.user.messages(chat)
        self.open_breaker()
        again = self.user.post("/regenerate", {
            "session_id": chat, "original_content": "First",
            "message_id": answer["message_id"]})
        self.assertProblem(again, 503, "endpoint_resting")
        edit = self.user.post(f"/messages/{question['message_id']}/edit",
                              {"content": "Other words"})
        self.assertProblem(edit, 503, "endpoint_resting")
        self.assertEqual(self.user.messages(chat), [question, answer])

    def test_refusals_of_what_was_said_open_nothing(self):
        for _ in range(5):
            self.assertEqual(self.user.say("[blocked] Bad words").error["code"],
                             "content_blocked")
        self.assertEqual(self.user.say("Good words").status, "complete")


class Queue(FolderCase):
    env = {"ENDPOINT_CONCURRENCY": "1", "WORKERS": "2",
           "DATABRICKS_APP_NAME": "chatbot"}

    def setUp(self):
        self.upstream = self.new_upstream(hold=hold, busy=busy_once)
        self.folder_here = self.fresh_folder()

    def begin(self, **more):
        self.server = self.serve(self.upstream, self.folder_here,
                                 env={**self.env, **more})
        self.ann = person(self.server, "ann")
        self.bob = person(self.server, "bob")

    def hold_place(self, name="Ann 1"):
        """Somebody is being answered until let()."""
        stream = self.ann.ask(f"[hold] {name}")
        self.addCleanup(stream.close)
        self.upstream.wait_asked(f"[hold] {name}")
        stream.until_text(1)
        return stream

    def let(self, name):
        self.upstream.gate(f"[hold] {name}").set()

    def queue_up(self, user, name, position):
        """Asks and reads until the place in the queue is told."""
        stream = user.ask(f"[hold] {name}")
        self.addCleanup(stream.close)
        self.until_position(stream, position)
        return stream

    def until_position(self, stream, position):
        while not any(p.get("position") == position
                      for p in queue_parts([e.json for e in stream.seen
                                            if e.type == "message"])):
            stream.next()

    def test_people_take_turns(self):
        self.begin()
        first = self.hold_place()
        ann2 = self.queue_up(self.ann, "Ann 2", 1)
        ann3 = self.queue_up(self.ann, "Ann 3", 2)
        bob1 = self.queue_up(self.bob, "Bob 1", 2)
        self.until_position(ann3, 3)
        order = []
        for name in ("Ann 1", "Ann 2", "Bob 1", "Ann 3"):
            exchange = self.upstream.wait_asked(f"[hold] {name}")
            order.append(exchange.question)
            self.let(name)
        self.assertEqual(len(order), len(self.upstream.asked("[hold]")))
        for stream in (first, ann2, bob1, ann3):
            events = check_stream(stream.rest())
            final = [e.json for e in events if e.type == "message"][-1]
            self.assertEqual(final["status"], "complete", final)
            self.assertEqual(queue_parts([final]), [])

    def test_the_estimate_comes_from_the_last_replies(self):
        self.begin()
        self.ann.say("Short")
        self.hold_place()
        waiting = self.queue_up(self.bob, "Bob 1", 1)
        place = queue_parts([e.json for e in waiting.seen])[0]
        self.assertEqual(place["position"], 1)
        self.assertGreaterEqual(place["ahead_s"], 1)
        self.let("Ann 1")
        self.let("Bob 1")
        check_stream(waiting.rest())

    def test_who_stops_leaves_the_queue(self):
        self.begin()
        self.hold_place()
        waiting = self.queue_up(self.bob, "Bob 1", 1)
        message = waiting.seen[0].json["message_id"]
        self.assertEqual(self.bob.stop(message).json["status"], "stopped")
        check_stream(waiting.rest())
        self.let("Ann 1")
        self.assertEqual(self.bob.say("Instead").status, "complete")
        self.assertEqual(self.upstream.asked("Bob 1"), [])

    def test_who_closes_the_window_keeps_the_place(self):
        self.begin()
        self.hold_place()
        chat = new_id()
        stream = self.bob.ask("[hold] Bob 1", chat)
        self.until_position(stream, 1)
        stream.close()
        self.let("Bob 1")
        self.let("Ann 1")
        wait_until(lambda: self.bob.messages(chat)[-1]["status"] == "complete",
                   what="the reply is complete")

    def test_a_queue_that_is_full_takes_no_more(self):
        self.begin(ENDPOINT_QUEUE="1")
        self.hold_place()
        waiting = self.queue_up(self.ann, "Ann 2", 1)
        chat = new_id()
        refused = self.bob.post("/chat", {"content": "Me too",
                                          "session_id": chat})
        problem = self.assertProblem(refused, 503, "endpoint_busy")
        self.assertGreater(problem["retry_after"], 0)
        self.assertNotIn(chat, [c["sessionId"] for c in self.bob.chats()])
        self.let("Ann 1")
        self.let("Ann 2")
        check_stream(waiting.rest())

    def test_nobody_waits_for_ever(self):
        self.begin(ENDPOINT_QUEUE_WAIT="1s")
        self.hold_place()
        reply = self.bob.say("Never")
        self.assertEqual((reply.status, reply.error["code"]),
                         ("error", "endpoint_busy"))
        self.assertTrue(reply.error["retryable"])
        self.assertEqual(self.upstream.asked("Never"), [])

    def test_a_server_that_stops_interrupts_those_who_wait(self):
        self.end_while_waiting(lambda: self.server.stop(), SHUTDOWN_GRACE="0s")

    def test_a_server_that_dies_interrupts_those_who_wait(self):
        self.end_while_waiting(lambda: self.server.kill())

    def end_while_waiting(self, end, **env):
        self.begin(**env)
        self.hold_place()
        chat = new_id()
        with self.bob.ask("[hold] Bob 1", chat) as stream:
            self.until_position(stream, 1)
            end()
        self.server.restart()
        status = [m.get("status") for m in self.bob.messages(chat)]
        self.assertEqual(status, ["complete", "interrupted"])
        self.assertEqual(self.bob.say("[echo] Again", chat).status, "complete")

    def test_all_wait_while_upstream_wants_to_be_left_alone(self):
        self.begin(ENDPOINT_CONCURRENCY="0")
        replies = []
        first = self.ann.ask("[busy] First")
        self.addCleanup(first.close)
        while not queue_parts([e.json for e in first.seen]):
            first.next()
        retry = queue_parts([e.json for e in first.seen])[0]
        self.assertEqual((retry["try"], retry["tries"], retry["code"]),
                         (2, 3, "upstream_rate_limited"))
        self.assertIn(retry["retry_s"], (5, 6))
        other = threading.Thread(
            target=lambda: replies.append(self.bob.say("Second")))
        other.start()
        events = check_stream(first.rest())
        final = [e.json for e in events if e.type == "message"][-1]
        self.assertEqual(final["status"], "complete")
        other.join()
        self.assertEqual(replies[0].status, "complete")
        told = queue_parts(replies[0].documents)
        self.assertTrue(told and told[0].get("paused"), told)
        self.assertEqual(told[-1]["position"], 0)
