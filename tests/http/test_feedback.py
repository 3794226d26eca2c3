"""What people say of replies: ratings with reasons and a comment."""

from support.cases import ServedCase
from support.client import new_id


class Feedback(ServedCase):
    def setUp(self):
        self.session = new_id()
        self.reply = self.user.say("How tall is it?", self.session)

    def rate(self, rating, body=None, **more):
        return self.user.post(f"/messages/{self.reply.message_id}/rate", body,
                              rating=rating, **more)

    def stored(self):
        return self.user.message(self.session, self.reply.message_id)

    def expect(self, response, rating, reasons=(), comment=None):
        self.assertEqual(response.status, 200, response)
        feedback = rating and {"rating": rating, "reasons": list(reasons),
                               "comment": comment}
        self.assertEqual(response.json, {
            "status": "success", "rating": rating, "feedback": feedback})
        stored = self.stored()
        self.assertEqual(stored["rating"], rating)
        self.assertEqual(stored["feedback"], feedback)

    def test_a_vote_alone_is_enough(self):
        self.assertIsNone(self.stored()["feedback"])
        self.expect(self.rate("up"), "up")
        self.expect(self.rate("up", {}), "up")
        self.expect(self.rate("null"), None)

    def test_reasons_and_comment_come_with_it_or_later(self):
        self.expect(self.rate("down"), "down")
        self.expect(self.rate("down", {
            "reasons": ["other", "inaccurate", "other"]}),
            "down", ["inaccurate", "other"])
        self.expect(self.rate("down", {"comment": " It is 300 m. \n"}),
                    "down", ["inaccurate", "other"], "It is 300 m.")
        self.expect(self.rate("down", {"reasons": None, "comment": None}),
                    "down", ["inaccurate", "other"], "It is 300 m.")
        self.expect(self.rate("down", {"reasons": []}), "down", [],
                    "It is 300 m.")
        self.expect(self.rate("up", {"reasons": ["clear"]}), "up", ["clear"],
                    "It is 300 m.")
        self.expect(self.rate("down"), "down", [], "It is 300 m.")
        self.expect(self.rate("down", {"comment": ""}), "down")
        self.rate("down", {"reasons": ["unsafe"], "comment": "x"})
        self.expect(self.rate("null"), None)
        self.expect(self.rate("down"), "down")

    def test_a_comment_may_have_4000_characters_of_any_kind(self):
        comment = "\U0001f30d\"" * 2000
        self.expect(self.rate("up", {"comment": comment}), "up", [], comment)
        self.assertProblem(self.rate("up", {"comment": comment + "x"}),
                           422, "invalid_request", "comment")
        self.assertEqual(self.stored()["feedback"]["comment"], comment)

    def test_what_makes_no_sense_is_refused(self):
        for rating, body, field in (
                ("up", {"reasons": ["inaccurate"]}, "reasons"),
                ("down", {"reasons": ["clear"]}, "reasons"),
                ("up", {"reasons": ["lovely"]}, "reasons"),
                ("up", {"reasons": "clear"}, "reasons"),
                ("up", {"reasons": [1]}, "reasons"),
                ("up", {"reasons": ["clear"] * 9}, "reasons"),
                ("up", {"comment": 1}, "comment"),
                ("null", {"comment": "bye"}, "rating"),
                ("null", {"reasons": ["other"]}, "rating"),
                ("maybe", None, "rating")):
            with self.subTest(rating=rating, body=body):
                self.assertProblem(self.rate(rating, body), 422,
                                   "invalid_request", field)
        self.assertProblem(self.rate("up", b"{"), 415,
                           "unsupported_media_type")
        self.assertIsNone(self.stored()["feedback"])

    def test_variants_keep_their_own(self):
        self.rate("down", {"reasons": ["too_long"], "comment": "shorter"})
        self.user.regenerate(self.reply.message_id, "How tall is it?",
                             self.session)
        self.assertIsNone(self.stored()["feedback"])
        self.rate("up", {"reasons": ["complete"]})
        listed = self.user.get(
            f"/messages/{self.reply.message_id}/variants").json["variants"]
        self.assertEqual([v["feedback"] for v in listed], [
            {"rating": "down", "reasons": ["too_long"],
             "comment": "shorter"},
            {"rating": "up", "reasons": ["complete"], "comment": None}])

    def test_the_document_tells_the_words(self):
        document = self.user.get("/openapi.json").json
        body = document["paths"]["/chat-api/messages/{message_id}/rate"][
            "post"]["requestBody"]
        self.assertIs(body["required"], False)
        schemas = document["components"]["schemas"]
        self.assertEqual(
            schemas["RateRequest"]["properties"]["reasons"]["items"],
            {"$ref": "#/components/schemas/Reason"})
        words = schemas["Reason"]["enum"]
        self.assertEqual(len(words), len(set(words)))
        # The server takes exactly these, each for one side or for both.
        reply = self.user.say("Rate me with every word.")
        for word in words + ["no_such_word"]:
            taken = [rating for rating in ("up", "down") if self.user.post(
                f"/messages/{reply.message_id}/rate", {"reasons": [word]},
                rating=rating).status == 200]
            sides = {"other": 2, "no_such_word": 0}.get(word, 1)
            self.assertEqual(len(taken), sides, word)
