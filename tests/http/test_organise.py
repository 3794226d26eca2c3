"""Names, marks, lists, the trash and drafts, as HTTP shows them."""

from support.cases import AppCase
from support.client import API, new_id
from support.scripts import hold
from support.wire import request
from test_races import at_once


class Organise(AppCase):
    scripts = {"hold": hold}

    def chat(self, user, question="What is this about?"):
        session = new_id()
        user.say(question, session)
        return session

    def patch(self, user, session, **members):
        return user.call("PATCH", f"/chats/{session}", members)

    def ids(self, user, **query):
        return [c["sessionId"] for c in user.chats(messages="none", **query)]

    def test_chat_is_renamed_pinned_and_archived(self):
        session = self.chat(self.ann, "The first question")
        before = self.ann.get(f"/chats/{session}").json
        self.assertEqual(before["title"], "The first question")
        self.assertFalse(before["pinned"] or before["archived"])
        self.assertIsNone(before["deleted_at"])
        self.assertEqual(before["queued"], 0)
        answer = self.patch(self.ann, session, title="  Plans for May ",
                            revision=before["revision"])
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(answer.json["title"], "Plans for May")
        self.assertEqual(answer.json["firstQuery"], "The first question")
        self.assertEqual(answer.json["messages"], [])
        self.assertGreater(answer.json["revision"], before["revision"])
        self.assertEqual(self.patch(self.ann, session, pinned=True).status,
                         200)
        self.assertIn(session, self.ids(self.ann, list="pinned"))
        self.assertIn(session, self.ids(self.ann))
        self.patch(self.ann, session, archived=True)
        self.assertNotIn(session, self.ids(self.ann, list="pinned"))
        self.assertNotIn(session, self.ids(self.ann))
        self.assertIn(session, self.ids(self.ann, list="archived"))
        self.ann.say("An archived chat can still be used", session)
        after = self.ann.get(f"/chats/{session}").json
        self.assertEqual(after["title"], "Plans for May")
        self.assertTrue(after["pinned"] and after["archived"])
        self.assertEqual(len(after["messages"]), 4)
        self.patch(self.ann, session, title="")
        self.assertEqual(self.ann.get(f"/chats/{session}").json["title"],
                         "The first question")

    def test_of_two_devices_that_rename_at_once_one_is_told(self):
        session = self.chat(self.ann)
        for _ in range(5):
            revision = self.ann.get(f"/chats/{session}").json["revision"]
            answers = at_once(4, lambda n: self.patch(
                self.ann, session, title=f"Device {n}", revision=revision))
            won = [a for a in answers if a.status == 200]
            self.assertEqual(len(won), 1, answers)
            for answer in answers:
                if answer is not won[0]:
                    problem = self.assertProblem(answer, 409,
                                                 "revision_conflict")
                    self.assertEqual(problem["revision"], revision + 1)
            self.assertEqual(self.ann.get(f"/chats/{session}").json["title"],
                             won[0].json["title"])

    def test_trash_keeps_and_gives_back_and_forgets(self):
        session = self.chat(self.ann)
        path = f"/chats/{session}"
        self.assertProblem(self.ann.call("DELETE", path, forever="true"), 404,
                           "not_found")
        self.assertEqual(self.ann.call("DELETE", path).status, 204)
        self.assertProblem(self.ann.get(path), 404, "not_found")
        self.assertProblem(self.patch(self.ann, session, pinned=True), 404,
                           "not_found")
        trash = [c for c in self.ann.chats(list="trash")
                 if c["sessionId"] == session]
        self.assertEqual(len(trash), 1)
        self.assertIsNotNone(trash[0]["deleted_at"])
        restored = self.ann.post(path + "/restore")
        self.assertEqual(restored.status, 200, restored)
        self.assertIsNone(restored.json["deleted_at"])
        self.assertEqual(len(self.ann.messages(session)), 2)
        self.assertProblem(self.ann.post(path + "/restore"), 404, "not_found")
        self.ann.call("DELETE", path)
        self.assertEqual(
            self.ann.call("DELETE", path, forever="true").status, 204)
        self.assertNotIn(session, self.ids(self.ann, list="trash"))
        self.assertProblem(self.ann.post(path + "/restore"), 404, "not_found")

    def test_emptying_the_trash_leaves_others_alone(self):
        mine = [self.chat(self.ann) for _ in range(3)]
        theirs = self.chat(self.bob)
        for session in mine[:2]:
            self.ann.call("DELETE", f"/chats/{session}")
        self.bob.call("DELETE", f"/chats/{theirs}")
        count = len(self.ids(self.ann, list="trash"))
        answer = self.ann.call("DELETE", "/trash")
        self.assertEqual((answer.status, answer.json),
                         (200, {"erased": count}))
        self.assertEqual(self.ids(self.ann, list="trash"), [])
        self.assertIn(mine[2], self.ids(self.ann))
        self.assertIn(theirs, self.ids(self.bob, list="trash"))

    def test_chat_is_not_erased_under_its_reply(self):
        session, question = new_id(), "[hold] Still writing"
        with self.ann.ask(question, session) as stream:
            stream.take(2)
            self.ann.call("DELETE", f"/chats/{session}")
            self.assertProblem(
                self.ann.call("DELETE", f"/chats/{session}", forever="true"),
                409, "reply_in_progress")
            self.upstream.gate(question).set()
            stream.rest()
        self.assertEqual(self.ann.call("DELETE", f"/chats/{session}",
                                       forever="true").status, 204)

    def test_chats_of_others_are_not_there(self):
        session = self.chat(self.ann)
        path = f"/chats/{session}"
        for answer in (self.patch(self.bob, session, title="Mine"),
                       self.patch(self.bob, session, title="x", revision=1),
                       self.bob.call("DELETE", path),
                       self.bob.call("DELETE", path, forever="true"),
                       self.bob.post(path + "/restore")):
            problem = self.assertProblem(answer, 404, "not_found")
            self.assertNotIn("revision", problem)
        self.ann.call("DELETE", path)
        self.assertProblem(self.bob.post(path + "/restore"), 404, "not_found")
        self.assertProblem(self.bob.call("DELETE", path, forever="true"), 404,
                           "not_found")
        self.assertIn(session, self.ids(self.ann, list="trash"))

    def test_values_that_do_not_fit_are_named(self):
        session = self.chat(self.ann)
        for member, value in (("title", 7), ("title", "x" * 513),
                              ("pinned", "yes"), ("archived", 1),
                              ("revision", "3"), ("revision", 0)):
            self.assertProblem(self.patch(self.ann, session,
                                          **{member: value}),
                               422, "invalid_request", member)
        self.assertProblem(self.ann.get("/chats", list="mine"), 422,
                           "invalid_request", "list")
        self.assertProblem(self.ann.call("DELETE", f"/chats/{session}",
                                         forever="maybe"),
                           422, "invalid_request", "forever")

    def test_another_site_cannot_change_anything(self):
        session = self.chat(self.ann)
        fields = {**self.ann.headers, "Sec-Fetch-Site": "cross-site",
                  "Content-Type": "application/json"}
        for method, path in (("PATCH", f"/chats/{session}"),
                             ("POST", f"/chats/{session}/restore"),
                             ("DELETE", "/trash"),
                             ("POST", f"/chats/{session}/queue"),
                             ("PUT", "/drafts/new")):
            answer = request(self.server.port, method, API + path, fields,
                             b'{"content": "x"}')
            self.assertProblem(answer, 403, "cross_site_request")


class Drafts(AppCase):
    def put(self, user, session, content):
        return user.call("PUT", f"/drafts/{session}", {"content": content})

    def drafts(self, user):
        return {d["session_id"]: d["content"]
                for d in user.get("/drafts").json["drafts"]}

    def test_draft_is_kept_for_its_owner(self):
        self.assertEqual(self.put(self.ann, "new", "Dear").status, 204)
        self.assertEqual(self.put(self.ann, "s-1", "Other").status, 204)
        self.assertEqual(self.put(self.ann, "new", "Dear all\n").status, 204)
        self.assertEqual(self.drafts(self.ann),
                         {"new": "Dear all\n", "s-1": "Other"})
        self.assertEqual(self.drafts(self.bob), {})
        self.assertEqual(self.put(self.bob, "new", "").status, 204)
        self.assertEqual(self.put(self.ann, "s-1", "").status, 204)
        self.assertEqual(self.drafts(self.ann), {"new": "Dear all\n"})
        self.server.stop()
        self.server.restart()
        self.assertEqual(self.drafts(self.ann), {"new": "Dear all\n"})

    def test_draft_that_does_not_fit_is_refused(self):
        self.assertProblem(self.put(self.ann, "a%20b", "x"), 422,
                           "invalid_request", "session_id")
        self.assertProblem(self.put(self.ann, "a" * 65, "x"), 422,
                           "invalid_request", "session_id")
        self.assertProblem(self.put(self.ann, "new", None), 422,
                           "invalid_request", "content")
