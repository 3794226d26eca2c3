"""Tokens on behalf of people at the emulator, with scopes and without."""

import json

from support.cases import FolderCase
from support.process import Emulator
from support.wire import request

ASK = "/serving-endpoints/databricks-claude-sonnet-4-5/invocations"
ME = "/api/2.0/preview/scim/v2/Me"


class People(FolderCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.emulator = Emulator(cls.folder)
        cls.addClassCleanup(cls.emulator.kill_if_running)
        cls.emulator.start()

    @classmethod
    def tearDownClass(cls):
        cls.emulator.stop()

    def call(self, method, path, token, body=None):
        return request(self.emulator.port, method, path, {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json"},
            json.dumps(body).encode() if body else b"")

    def test_people_are_told_apart(self):
        seen = [self.call("GET", ME, f"user-token:{name}@example.com:").json
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
                "POST", ASK, f"user-token:ann@example.com:{scopes}", body)
            self.assertEqual(response.status, status, scopes)
            if status == 403:
                self.assertIn("required scopes: model-serving",
                              response.json["message"])

    def test_other_forms_are_no_tokens(self):
        for token in ("user-token:ann@example.com", "user-token:ann:genie",
                      "user-token", "User-Token:ann@example.com:genie"):
            response = self.call("GET", ME, token)
            self.assertEqual(response.status, 403, token)
            self.assertEqual(response.json["message"],
                             "Invalid access token.")
