"""Tokens on behalf of people at the emulator, with scopes and without."""

from support.workspace import EmulatorCase

ASK = "/serving-endpoints/databricks-claude-sonnet-4-5/invocations"
ME = "/api/2.0/preview/scim/v2/Me"


class People(EmulatorCase):
    def test_people_are_told_apart(self):
        seen = [self.call("GET", ME, token=f"user-token:{name}@example.com:").json
                for name in ("ann", "bob", "ann")]
        self.assertEqual([m["userName"] for m in seen], [
            "ann@example.com", "bob@example.com", "ann@example.com"])
        self.assertEqual(seen[0]["id"], seen[2]["id"])
        self.assertNotEqual(seen[0]["id"], seen[1]["id"])

    def test_scopes_decide(self):
        body = {"messages": [{"role": "user", "content": "hello short"}]}
        for scopes, status in (("model-serving", 200), ("all-apis", 200),
                               ("genie", 403), ("", 403),
                               ("model-serving-x", 403)):
            response = self.call(
                "POST", ASK, body,
                token=f"user-token:ann@example.com:{scopes}")
            self.assertEqual(response.status, status, scopes)
            if status == 403:
                self.assertIn("required scopes: model-serving",
                              response.json["message"])

    def test_other_forms_are_no_tokens(self):
        for token in ("user-token:ann@example.com", "user-token:ann:genie",
                      "user-token", "User-Token:ann@example.com:genie"):
            response = self.call("GET", ME, token=token)
            self.assertEqual(response.status, 403, token)
            self.assertEqual(response.json["message"],
                             "Invalid access token.")
