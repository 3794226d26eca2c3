"""A chat's messages, read page by page from any place of it."""

from support.cases import AppCase
from support.client import new_id

TURNS = 6


class Pages(AppCase):
    def setUp(self):
        super().setUp()
        self.session = new_id()
        for n in range(TURNS):
            self.ann.say(f"Question {n}", self.session)
        self.all = self.ann.messages(self.session)
        self.ids = [m["message_id"] for m in self.all]
        self.assertEqual(len(self.ids), 2 * TURNS)

    def page(self, **query):
        answer = self.ann.get(f"/sessions/{self.session}/messages", **query)
        self.assertEqual(answer.status, 200, answer)
        return answer.json

    def test_without_a_limit_all_is_read_as_ever(self):
        whole = self.page()
        self.assertEqual(list(whole), ["messages"])
        chat = self.ann.get(f"/chats/{self.session}").json
        self.assertEqual(chat["messages"], whole["messages"])
        self.assertNotIn("before", chat)

    def test_pages_lead_from_the_newest_to_the_first_and_back(self):
        page = self.page(limit=5)
        self.assertIsNone(page["after"])
        found = page["messages"]
        while page["before"] is not None:
            self.assertEqual(page["before"], page["messages"][0]["message_id"])
            page = self.page(limit=5, before=page["before"])
            found = page["messages"] + found
        self.assertEqual(found, self.all)
        page = self.page(limit=5, after="")
        self.assertIsNone(page["before"])
        found = page["messages"]
        while page["after"] is not None:
            page = self.page(limit=5, after=page["after"])
            found += page["messages"]
        self.assertEqual(found, self.all)

    def test_a_page_stands_around_a_message(self):
        page = self.page(limit=4, around=self.ids[5])
        self.assertEqual(page["messages"], self.all[3:7])
        self.assertEqual(page["before"], self.ids[3])
        self.assertEqual(page["after"], self.ids[6])
        page = self.page(around=self.ids[0])
        self.assertEqual(page["messages"], self.all)
        self.assertEqual((page["before"], page["after"]), (None, None))

    def test_a_chat_comes_with_a_page_or_with_none(self):
        path = f"/chats/{self.session}"
        whole = self.ann.get(path).json
        chat = self.ann.get(path, limit=3).json
        self.assertEqual(chat.pop("before"), self.ids[-3])
        self.assertIsNone(chat.pop("after"))
        self.assertEqual(chat, whole | {"messages": self.all[-3:]})
        chat = self.ann.get(path, messages="none").json
        self.assertEqual(chat, whole | {"messages": []})

    def test_what_a_variant_hides_is_on_no_page(self):
        edited = self.ids[2]
        self.ann.call("POST", f"/messages/{edited}/edit",
                      {"content": "Another question"})
        page = self.page(limit=3)
        self.assertEqual([m["message_id"] for m in page["messages"]][:2],
                         [self.ids[1], edited])
        self.assertIsNone(page["after"])
        # Who stood at what is hidden now still finds the way.
        page = self.page(limit=2, before=self.ids[-1])
        self.assertEqual(page["messages"][-1]["message_id"], edited)
        self.assertProblem(
            self.ann.get(f"/sessions/{self.session}/messages",
                         around=self.ids[-1]), 404, "not_found")

    def test_what_is_no_page_is_refused(self):
        path = f"/sessions/{self.session}/messages"
        for query in ({"limit": 0}, {"limit": 1001}, {"limit": "x"},
                      {"before": "unknown"}, {"after": "unknown"},
                      {"before": self.ids[1], "after": self.ids[0]}):
            answer = self.ann.get(path, **query)
            problem = self.assertProblem(answer, 422, "invalid_request")
            self.assertIn("field", problem)
        self.assertProblem(self.ann.get(path, around="unknown"), 404,
                           "not_found")
        self.assertProblem(self.bob.get(path, limit=5), 404, "not_found")
        self.assertProblem(self.bob.get(path, around=self.ids[0]), 404,
                           "not_found")
