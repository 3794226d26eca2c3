"""Search over one's messages and titles: what is found, shown and refused."""

import random
import sqlite3

from support.cases import AppCase, FolderCase
from support.client import new_id, person, script


def find(caller, q, **query):
    response = caller.get("/search", q=q, **query)
    assert response.status == 200, response
    return response.json


def places(caller, q, **query):
    """(role or None for a title, message or chat) of each hit, in order."""
    return [(hit["role"], hit["message_id"] or hit["session_id"])
            for hit in find(caller, q, **query)["results"]]


def marked(hit):
    """The snippet with its matches in brackets, cut as a browser would."""
    units = hit["snippet"]["text"].encode("utf-16-le")
    out, at = "", 0
    for begin, end in hit["snippet"]["matches"]:
        out += units[2 * at:2 * begin].decode("utf-16-le")
        out += "[" + units[2 * begin:2 * end].decode("utf-16-le") + "]"
        at = end
    return out + units[2 * at:].decode("utf-16-le")


class Search(AppCase):
    def setUp(self):
        """Each test has a word that no other message holds."""
        self.word = "w" + "".join(random.choices("abcdefgh", k=12))

    def say(self, caller, text):
        session = new_id()
        return session, caller.say(text, session)

    def test_messages_replies_and_titles_are_found_newest_first(self):
        session, reply = self.say(self.ann, f"Is {self.word} a word?")
        hits = find(self.ann, self.word)["results"]
        self.assertEqual([h["role"] for h in hits],
                         ["assistant", "user", None])
        self.assertEqual(hits[0]["message_id"], reply.message_id)
        self.assertEqual({h["session_id"] for h in hits}, {session})
        self.assertEqual({h["title"] for h in hits},
                         {f"Is {self.word} a word?"})
        self.assertEqual(hits[0]["rating"], None)
        self.assertIs(hits[0]["archived"], False)
        self.assertIs(hits[0]["hidden"], False)
        self.assertEqual(marked(hits[1]), f"Is [{self.word}] a word?")
        self.assertEqual(places(self.ann, f"{self.word} in:title"),
                         [(None, session)])
        self.assertEqual(places(self.ann, f"{self.word[:6]}* from:assistant"),
                         [("assistant", reply.message_id)])
        later, _ = self.say(self.ann, f"And {self.word} again")
        self.assertEqual(find(self.ann, self.word)["results"][0]["session_id"],
                         later)

    def test_filters_of_rating_and_day_hold(self):
        _, reply = self.say(self.ann, f"Rate {self.word}")
        day = find(self.ann, self.word)["results"][0]["timestamp"][:10]
        self.assertEqual(places(self.ann, f"{self.word} rating:up"), [])
        self.ann.rate(reply.message_id, "up")
        self.assertEqual(places(self.ann, f"{self.word} rating:up"),
                         [("assistant", reply.message_id)])
        self.assertEqual(len(places(self.ann, f"{self.word} after:{day}")), 3)
        self.assertEqual(places(self.ann, f"{self.word} before:{day}"), [])

    def test_offsets_count_as_a_browser_counts(self):
        self.say(self.ann, f"😀 é 🎉 {self.word} 👍 {self.word}")
        hit = find(self.ann, f"{self.word} from:me")["results"][0]
        self.assertEqual(marked(hit),
                         f"😀 é 🎉 [{self.word}] 👍 [{self.word}]")

    def test_pages_follow_each_other(self):
        for _ in range(3):
            self.say(self.ann, f"Page {self.word}")
        whole = places(self.ann, self.word)
        self.assertEqual(len(whole), 9)
        pages, cursor = [], None
        while True:
            query = {"limit": 2, **({"cursor": cursor} if cursor else {})}
            page = find(self.ann, self.word, **query)
            pages += [h["message_id"] or h["session_id"]
                      for h in page["results"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        self.assertEqual(pages, [place for _, place in whole])

    def test_nobody_finds_what_is_somebody_elses(self):
        self.say(self.ann, f"Mine is {self.word}")
        self.assertEqual(places(self.bob, self.word), [])
        self.assertEqual(places(person(self.server, "an"), self.word), [])
        self.say(self.bob, f"Bob has {self.word}")
        self.assertEqual(len(places(self.bob, self.word)), 3)

    def test_a_deleted_chat_is_not_found(self):
        session, _ = self.say(self.ann, f"Forget {self.word}")
        self.assertEqual(
            self.ann.call("DELETE", f"/chats/{session}").status, 204)
        self.assertEqual(places(self.ann, self.word), [])

    def test_a_reply_made_anew_is_found_by_what_it_says_now(self):
        session, reply = self.say(self.ann, f"Again {self.word}")
        self.ann.regenerate(reply.message_id, f"Again {self.word}", session)
        self.assertEqual(places(self.ann, f"{self.word} from:assistant"),
                         [("assistant", reply.message_id)])

    def test_markup_and_operators_are_text(self):
        self.say(self.ann, f"<b>{self.word}</b> OR \"x\" AND NOT (y)")
        for q in (f"{self.word} OR nothing{self.word}", f"{self.word} & y",
                  f"body:{self.word}", f"'{self.word}", f"{self.word}\\",
                  f"({self.word}", f"{self.word};", f"{self.word} NEAR/2 y"):
            self.ann.get("/search", q=q)
        hit = find(self.ann, f"{self.word} from:me")["results"][0]
        self.assertEqual(marked(hit),
                         f"<b>[{self.word}]</b> OR \"x\" AND NOT (y)")

    def test_what_cannot_be_searched_says_what_to_do(self):
        for q, sentence in (
                ("", "Write at least one word to search for."),
                ("-x", "Write also a word that must be there, without a "
                       "minus."),
                ("x after:2026-02-30",
                 "Write a day as in after:2026-01-31."),
                ("x " * 17, "Use at most 16 words and phrases."),
                ("x" * 1001, "Write a shorter search: at most 1000 bytes.")):
            problem = self.assertProblem(self.ann.get("/search", q=q), 422,
                                         "invalid_request")
            self.assertEqual(problem["detail"], sentence)
            self.assertEqual(problem["field"], "q")
        self.assertProblem(self.ann.get("/search"), 422, "invalid_request")
        for limit in ("0", "101", "x"):
            self.assertProblem(self.ann.get("/search", q="x", limit=limit),
                               422, "invalid_request", "limit")
        self.assertProblem(self.ann.get("/search", q="x", cursor="zz"),
                           422, "invalid_request", "cursor")

    def test_what_people_look_for_is_not_logged(self):
        self.server.hide(self.word)
        find(self.ann, self.word)
        self.ann.get("/search", q=f"-{self.word}")

    def test_a_stranger_may_not_search(self):
        nobody = script(self.server)
        nobody.headers = {}
        self.assertProblem(nobody.get("/search", q="x"), 401,
                           "unauthenticated")


class AnotherWriter(FolderCase):
    """Somebody went back to the original for a while: its rows are found."""

    SESSION = """INSERT INTO sessions(session_id, user_id, first_query,
        timestamp, created_at) VALUES('o1', 'id-ann', 'Where is Lyon?',
        '2026-01-01T10:00:00.5', '2026-01-01T10:00:00.5')"""
    MESSAGE = """INSERT OR REPLACE INTO messages(message_id, session_id,
        user_id, content, role, timestamp, created_at) VALUES('o2', 'o1',
        'id-ann', ?, 'assistant', '2026-01-01T10:00:01.5',
        '2026-01-01T10:00:01.5')"""

    def test_rows_that_others_wrote_and_replaced_are_found_as_they_are(self):
        server = self.serve(env={"DATABRICKS_APP_NAME": "chatbot"})
        server.stop()
        with sqlite3.connect(server.database) as db:
            db.execute(self.SESSION)
            db.execute(self.MESSAGE, ["Sorry, no idea"])
            db.execute(self.MESSAGE, ["Lyon is in France"])
            db.execute("UPDATE messages SET content = 'Lyon lies in France'")
        db.close()
        server.restart()
        ann = person(server, "ann")
        self.assertEqual(places(ann, "lyon"),
                         [("assistant", "o2"), (None, "o1")])
        self.assertEqual(places(ann, "lies france"), [("assistant", "o2")])
        self.assertEqual(places(ann, "sorry"), [])
        self.assertEqual(places(ann, "\"is in\""), [])
