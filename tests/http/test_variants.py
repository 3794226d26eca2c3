"""Nothing is overwritten: regenerate, edit and the variants they make."""

from support.cases import AppCase, ServedCase
from support.client import Reply, check_stream, new_id
from support.scripts import hold
from support.upstream import answer_to
from support.wire import Response


def count(exchange):
    """Says for which time this question is asked."""
    asked = [e.question for e in exchange.upstream.asked(exchange.question)]
    exchange.begin()
    exchange.delta(f"answer {asked.count(exchange.question)}")
    exchange.finish()


def read(stream):
    with stream:
        return Reply(check_stream(stream.rest()))


class Tree:
    """What the tests of this module do with a user."""

    def edit(self, message_id, content, **more):
        headers = more.pop("headers", None)
        return self.user.open(f"/messages/{message_id}/edit",
                              {"content": content, **more}, headers=headers)

    def variants(self, message_id):
        response = self.user.get(f"/messages/{message_id}/variants")
        self.assertEqual(response.status, 200, response)
        return response.json

    def show(self, message_id, number):
        return self.user.post(f"/messages/{message_id}/variants/{number}/show")

    def path(self, session):
        return [(m["content"], m["variant"], m["variants"])
                for m in self.user.messages(session)]


class Variants(Tree, ServedCase):
    scripts = {"hold": hold, "count": count}

    def test_new_messages_have_one_variant(self):
        session = new_id()
        reply = self.user.say("Only once?", session)
        self.assertEqual((reply.first["variant"], reply.first["variants"]),
                         (1, 1))
        self.assertEqual([p[1:] for p in self.path(session)], [(1, 1)] * 2)
        listed = self.variants(reply.message_id)
        self.assertEqual(listed["shown"], 1)
        self.assertEqual([v["content"] for v in listed["variants"]],
                         [reply.text])

    def test_every_answer_is_kept_with_its_rating(self):
        session, question = new_id(), "[count] Which one?"
        first = self.user.say(question, session)
        self.user.rate(first.message_id, "down")
        second = self.user.regenerate(first.message_id, question, session)
        self.assertEqual(second.message_id, first.message_id)
        self.assertEqual((second.first["variant"], second.first["variants"]),
                         (2, 2))
        self.user.rate(first.message_id, "up")
        listed = self.variants(first.message_id)
        self.assertEqual([(v["variant"], v["content"], v["rating"])
                          for v in listed["variants"]],
                         [(1, "answer 1", "down"), (2, "answer 2", "up")])
        response = self.show(first.message_id, 1)
        self.assertEqual(response.json, {
            "message_id": first.message_id, "session_id": session,
            "shown": 1})
        shown = self.user.message(session, first.message_id)
        self.assertEqual((shown["content"], shown["rating"]),
                         ("answer 1", "down"))

    def test_branch_says_what_becomes_of_what_follows(self):
        session, question = new_id(), "[count] Branch?"
        reply = self.user.say(question, session)
        self.user.say("And then?", session)
        self.user.regenerate(reply.message_id, question, session)
        self.assertEqual(len(self.path(session)), 4)
        self.user.regenerate(reply.message_id, question, session, branch=True)
        self.assertEqual(self.path(session),
                         [(question, 1, 1), ("answer 3", 3, 3)])
        self.user.say("Elsewhere", session)
        self.assertEqual(self.show(reply.message_id, 2).status, 200)
        self.assertEqual([p[0] for p in self.path(session)],
                         [question, "answer 2", "And then?",
                          answer_to("And then?")])
        self.show(reply.message_id, 3)
        self.assertEqual(self.path(session)[2][0], "Elsewhere")

    def test_edited_question_has_an_answer_of_its_own(self):
        session = new_id()
        old = self.user.say("Waht?", session)
        asked = self.user.messages(session)[0]["message_id"]
        self.user.say("Go on", session)
        reply = read(self.edit(asked, "What?"))
        self.assertEqual(reply.text, answer_to("What?"))
        self.assertEqual(reply.first["user_message_id"], asked)
        self.assertEqual(reply.first["session_id"], session)
        self.assertNotEqual(reply.message_id, old.message_id)
        self.assertEqual(self.path(session), [
            ("What?", 2, 2), (answer_to("What?"), 1, 1)])
        self.assertEqual(self.user.messages(session)[0]["message_id"], asked)
        self.show(asked, 1)
        self.assertEqual([p[0] for p in self.path(session)],
                         ["Waht?", old.text, "Go on", answer_to("Go on")])

    def test_model_is_told_only_what_is_shown(self):
        session = new_id()
        self.user.say("First words", session)
        self.user.say("Second words", session)
        asked = self.user.messages(session)[2]["message_id"]
        read(self.edit(asked, "Other words"))
        self.user.say("Third words", session)
        told = self.upstream.asked("Third words")[-1].messages
        self.assertEqual([text for role, text in told if role == "user"],
                         ["First words", "Other words", "Third words"])
        self.assertNotIn("Second words", str(told))

    def test_nothing_changes_under_a_reply_that_streams(self):
        session, question = new_id(), "[hold] Still here?"
        first = self.user.say("Before", session)
        asked = self.user.messages(session)[0]["message_id"]
        self.user.regenerate(first.message_id, "Before", session)
        with self.user.ask(question, session) as stream:
            stream.until_text(5)
            live = stream.seen[0].json["message_id"]
            for response in (self.show(first.message_id, 1),
                             self.edit(asked, "After")):
                problem = self.assertProblem(response, 409,
                                             "reply_in_progress")
                self.assertEqual(problem["message_id"], live)
            self.upstream.gate(question).set()
            check_stream(stream.rest())
        self.assertEqual(self.show(first.message_id, 1).status, 200)

    def test_hidden_message_is_not_made_anew(self):
        session = new_id()
        reply = self.user.say("Hide me", session)
        asked = self.user.messages(session)[0]["message_id"]
        read(self.edit(asked, "Show me"))
        answer = self.user.open("/regenerate", {
            "message_id": reply.message_id, "session_id": session,
            "original_content": ""})
        self.assertIn("variant", self.assertProblem(
            answer, 409, "conflict")["detail"])

    def test_way_to_a_hidden_message_can_be_found(self):
        session = new_id()
        reply = self.user.say("Hide me", session)
        asked = self.user.messages(session)[0]["message_id"]
        read(self.edit(asked, "Show me"))
        [hidden] = self.variants(reply.message_id)["variants"]
        self.assertEqual((hidden["parent_id"], hidden["parent_variant"]),
                         (asked, 1))
        self.assertEqual([v["parent_variant"] for v in
                          self.variants(asked)["variants"]], [1, 1])
        self.show(hidden["parent_id"], hidden["parent_variant"])
        self.assertIn(reply.message_id, [
            m["message_id"] for m in self.user.messages(session)])

    def test_what_does_not_exist_is_not_found(self):
        reply = self.user.say("There", new_id())
        for number in ("0", "2", "-1", "x", "99999999999999999999"):
            self.assertProblem(self.show(reply.message_id, number), 404,
                               "not_found")
        self.assertProblem(self.show("none", 1), 404, "not_found")
        self.assertProblem(self.user.get("/messages/none/variants"), 404,
                           "not_found")
        self.assertProblem(self.edit("none", "x"), 404, "not_found")
        self.assertProblem(self.edit(reply.message_id, "x"), 404, "not_found")
        self.assertProblem(self.edit("none", ""), 422, "invalid_request",
                           "content")

    def test_same_key_is_one_edit(self):
        session = new_id()
        self.user.say("[count] Edit", session)
        asked = self.user.messages(session)[0]["message_id"]
        key = {"Idempotency-Key": "edit-1"}
        question = "[count] Edited once"
        replies = [read(self.edit(asked, question, headers=key))
                   for _ in range(3)]
        self.assertEqual({r.message_id for r in replies},
                         {replies[0].message_id})
        self.assertEqual({r.text for r in replies}, {"answer 1"})
        self.assertEqual(len(self.variants(asked)["variants"]), 2)
        again = read(self.edit(asked, question,
                               headers={"Idempotency-Key": "edit-2"}))
        self.assertNotEqual(again.message_id, replies[0].message_id)

    def test_same_key_is_one_regeneration(self):
        session, question = new_id(), "[count] Again?"
        reply = self.user.say(question, session)
        body = {"message_id": reply.message_id, "session_id": session,
                "original_content": question}
        for _ in range(3):
            again = read(self.user.open("/regenerate", body, headers={
                "Idempotency-Key": "k"}))
            self.assertEqual(again.text, "answer 2")
        self.assertEqual(len(self.variants(reply.message_id)["variants"]), 2)
        response = self.user.open("/regenerate", body, headers={
            "Idempotency-Key": "k" * 256})
        self.assertIsInstance(response, Response)
        self.assertProblem(response, 422, "invalid_request")

    def test_shown_variant_is_what_a_resume_gives(self):
        session, question = new_id(), "[count] Stream which?"
        reply = self.user.say(question, session)
        self.user.regenerate(reply.message_id, question, session)
        self.show(reply.message_id, 1)
        self.assertEqual(read(self.user.resume(reply.message_id, 0)).text,
                         "answer 1")

    def test_who_saw_another_variant_begins_anew(self):
        session, question = new_id(), "[hold] Whose is it?"
        gate = self.upstream.gate(question)
        with self.user.ask(question, session) as stream:
            stream.until_text(5)
            seen = stream.seen[-1].sequence
            message = stream.seen[0].json["message_id"]
            self.user.stop(message)
            check_stream(stream.rest())
        with self.user.open("/regenerate", {
                "message_id": message, "session_id": session,
                "original_content": question}) as stream:
            stream.until_text(15)
            with self.user.resume(message, seen) as viewer:
                live = viewer.next()
                gate.set()
                live_text = live.json["content"] + "".join(
                    e.json["content"] for e in viewer.rest()
                    if e.type == "message")
            whole = "".join(e.json["content"]
                            for e in check_stream(stream.rest())
                            if e.type == "message")
        self.assertEqual(live.type, "reset")
        self.assertEqual(live_text, whole)
        self.assertGreater(stream.seen[0].sequence, seen)
        with self.user.resume(message, seen) as viewer:
            self.assertEqual(viewer.next().type, "reset")


class TwoLoops(Tree, ServedCase):
    """Each connection of its own may be answered by another loop."""

    scripts = {"count": count, "hold": hold}
    env = {"WORKERS": "2"}
    MANY = 12

    def test_no_loop_keeps_what_is_not_shown_any_more(self):
        session, question = new_id(), "[count] Which loop?"
        message = self.user.say(question, session).message_id
        for number in range(2, 6):
            self.user.regenerate(message, question, session)
            texts = {read(self.user.resume(message, 0)).text
                     for _ in range(self.MANY)}
            self.assertEqual(texts, {f"answer {number}"})
        self.show(message, 3)
        texts = {read(self.user.resume(message, 0)).text
                 for _ in range(self.MANY)}
        self.assertEqual(texts, {"answer 3"})

    def test_stop_finds_the_variant_that_streams(self):
        session, question = new_id(), "[hold] Where to stop?"
        gate = self.upstream.gate(question)
        gate.set()
        message = self.user.say(question, session).message_id
        gate.clear()
        for _ in range(self.MANY):
            with self.user.open("/regenerate", {
                    "message_id": message, "session_id": session,
                    "original_content": question}) as stream:
                stream.until_text(5)
                self.assertEqual(self.user.stop(message).json["status"],
                                 "stopped")
                last = check_stream(stream.rest())[-2].json
                self.assertEqual(last["status"], "stopped")


class Privacy(Tree, AppCase):
    def test_variants_of_others_do_not_exist(self):
        session = new_id()
        reply = self.ann.say("Mine", session)
        self.ann.regenerate(reply.message_id, "Mine", session)
        asked = self.ann.messages(session)[0]["message_id"]
        self.user = self.bob
        self.assertProblem(
            self.bob.get(f"/messages/{reply.message_id}/variants"), 404,
            "not_found")
        self.assertProblem(self.show(reply.message_id, 1), 404, "not_found")
        self.assertProblem(self.edit(asked, "Yours"), 404, "not_found")
        self.assertProblem(
            self.bob.post(f"/messages/{reply.message_id}/continue"), 404,
            "not_found")
