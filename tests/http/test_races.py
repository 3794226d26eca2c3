"""Things that happen at the same time, and bounds that are reached."""

import threading
import time

from support.cases import FolderCase, ServedCase
from support.client import API, check_stream, new_id, script
from support.scripts import hold, pace
from support.upstream import answer_to
from support.wire import (Closed, Connection, Response, WAIT, build_request,
                          request, wait_until)


def at_once(count, action):
    """Runs the action in as many threads; gives what each returned."""
    results, start = [None] * count, threading.Barrier(count)

    def run(number):
        start.wait()
        results[number] = action(number)
    threads = [threading.Thread(target=run, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(3 * WAIT)
    return results


class Races(ServedCase):
    scripts = {"hold": hold, "pace": pace}

    def test_one_of_many_questions_in_a_chat_wins(self):
        session, question = new_id(), "[hold] Who is first?"
        answers = at_once(8, lambda n: self.user.open("/chat", {
            "content": question, "session_id": session}))
        streams = [a for a in answers if not isinstance(a, Response)]
        self.assertEqual(len(streams), 1)
        for answer in answers:
            if isinstance(answer, Response):
                self.assertProblem(answer, 409, "reply_in_progress")
        self.upstream.gate(question).set()
        with streams[0] as stream:
            check_stream(stream.rest())
        self.assertEqual(len(self.user.messages(session)), 2)

    def test_one_of_many_regenerations_wins(self):
        session, question = new_id(), "[hold] Which of us?"
        self.upstream.gate(question).set()
        reply = self.user.say(question, session)
        self.upstream.gate(question).clear()
        answers = at_once(6, lambda n: self.user.open("/regenerate", {
            "message_id": reply.message_id, "session_id": session,
            "original_content": question}))
        streams = [a for a in answers if not isinstance(a, Response)]
        self.assertEqual(len(streams), 1)
        self.assertEqual({a.status for a in answers
                          if isinstance(a, Response)}, {409})
        self.upstream.gate(question).set()
        with streams[0] as stream:
            check_stream(stream.rest())
        self.assertEqual(len(self.user.messages(session)), 2)
        self.assertEqual(len(self.upstream.asked(question)), 2)

    def test_same_message_sent_many_times_at_once_is_one(self):
        session, message = new_id(), new_id()
        body = {"content": "Once only, please", "session_id": session,
                "message_id": message}
        at_once(6, lambda n: self.read(self.user.open("/chat", body)))
        wait_until(lambda: self.user.messages(session)[-1]["status"]
                   == "complete", what="the reply is complete")
        self.assertEqual(len(self.user.messages(session)), 2)
        self.assertEqual(len(self.upstream.asked("Once only")), 1)

    def read(self, answer):
        if not isinstance(answer, Response):
            with answer:
                answer.rest()

    def test_browser_that_leaves_at_once_has_sent_its_message(self):
        for number in range(10):
            session = new_id()
            body = (f'{{"content": "Gone {number}", '
                    f'"session_id": "{session}"}}').encode()
            connection = Connection(self.server.port)
            connection.send(build_request("POST", API + "/chat", {
                **self.user.headers,
                "Content-Type": "application/json"}, body))
            time.sleep(0.002 * number)
            connection.reset()
            self.check_gone(session, number)

    def check_gone(self, session, number):
        """All of it is there or nothing: no half a turn for ever."""
        time.sleep(0.05)
        response = self.user.get(f"/sessions/{session}/messages")
        if response.status == 404:
            return
        answer = wait_until(
            lambda: (m := self.user.messages(session)[-1])
            and m["status"] != "streaming" and m,
            what="the reply ends")
        self.assertEqual(answer["content"], answer_to(f"Gone {number}"))

    def test_stop_and_end_at_the_same_time_leave_one_final_state(self):
        for number in range(10):
            session, question = new_id(), f"[hold] Race {number}"
            with self.user.ask(question, session) as stream:
                stream.until_text(len("One. Two. Three. "))
                message = stream.seen[0].json["message_id"]
                at_once(2, lambda n: self.user.stop(message) if n else
                        self.upstream.gate(question).set())
                last = check_stream(stream.rest())[-2].json
            self.assertIn(last["status"], ("stopped", "complete"))
            stored = self.user.message(session, message)
            self.assertEqual(stored["status"], last["status"])
            self.assertEqual(stored["content"], stream.text())

    def test_viewers_that_come_and_go_harm_nobody(self):
        session = new_id()
        with self.user.ask("[pace] Who comes and goes?", session) as stream:
            message = stream.next().json["message_id"]

            def visit(number):
                for after in range(15):
                    viewer = self.user.resume(message, after=after)
                    viewer.take(1 + number % 3)
                    viewer.reset()
            at_once(6, visit)
            self.user.stop(message)
            check_stream(stream.rest())
        self.assertEqual(self.user.message(session, message)["content"],
                         stream.text())

    def test_pages_stay_in_step_while_chats_come_in(self):
        old = [new_id() for _ in range(6)]
        for session in old:
            self.user.say("An old chat", session)
        first = self.user.get("/chats", limit=3, messages="none").json
        self.user.say("A newcomer", new_id())
        second = self.user.get("/chats", limit=3, messages="none",
                               cursor=first["next_cursor"]).json
        pages = [s["sessionId"]
                 for s in first["sessions"] + second["sessions"]]
        self.assertEqual(pages, old[::-1])

    def test_longest_message_makes_the_round_trip(self):
        limit = self.user.get("/config").json["limits"]["content_bytes"]
        content = "ä" * (limit // 2)
        session = new_id()
        reply = self.user.say(content, session, timeout=30)
        self.assertEqual(reply.text, answer_to(content))
        self.assertEqual(self.user.messages(session)[0]["content"], content)


class Bounds(FolderCase):
    def test_connections_beyond_the_limit_are_refused(self):
        server = self.serve(self.new_upstream(),
                            env={"MAX_CONNECTIONS": "20"})
        held = [Connection(server.port) for _ in range(19)]
        time.sleep(0.2)
        self.assertEqual(script(server).get("/model").status, 200)
        held += [Connection(server.port) for _ in range(10)]
        time.sleep(0.2)
        with Connection(server.port) as late:
            late.send(build_request("GET", "/healthz"))
            try:
                self.assertEqual(late.read_head().status, 503)
            except (Closed, ConnectionError):
                pass
        for connection in held:
            connection.close()
        wait_until(server.answers, what="it takes connections again")

    def test_history_for_the_model_is_bounded(self):
        upstream = self.new_upstream()
        server = self.serve(upstream, env={"HISTORY_MESSAGES": "4"})
        user, session = script(server), new_id()
        for number in range(6):
            user.say(f"Question {number} of six", session)
        heard = upstream.asked("Question 5 of six")[-1].messages
        self.assertEqual(
            [text for role, text in heard if role == "user"],
            [f"Question {n} of six" for n in (3, 4, 5)])
        self.assertEqual(len(user.messages(session)), 12)

    def test_acknowledged_actions_survive_a_kill(self):
        server = self.serve(self.new_upstream())
        user = script(server)
        sessions = [new_id() for _ in range(4)]
        replies = [user.say("Remember this", s) for s in sessions]
        self.assertEqual(user.rate(replies[0].message_id, "up").status, 200)
        self.assertEqual(
            user.call("DELETE", f"/chats/{sessions[1]}").status, 204)
        told = user.post("/error", {
            "message_id": new_id(), "session_id": sessions[2],
            "content": "A reported error", "role": "assistant"})
        server.kill()
        server.restart()
        self.assertEqual(user.messages(sessions[0])[1]["rating"], "up")
        self.assertEqual(user.get(f"/chats/{sessions[1]}").status, 404)
        self.assertEqual(user.messages(sessions[2])[-1]["message_id"],
                         told.json["message_id"])
        self.assertEqual(user.messages(sessions[3])[1]["content"],
                         replies[3].text)
