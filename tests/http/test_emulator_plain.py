"""The emulator asked as a plain OpenAI-compatible server."""

import json

from support.cases import FolderCase
from support.process import EMULATOR_TOKEN, Emulator
from support.wire import request

USER = [{"role": "user", "content": "hello short"}]
MEMBERS = {"message", "type", "param", "code"}


class Plain(FolderCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.emulator = Emulator(cls.folder)
        cls.addClassCleanup(cls.emulator.kill_if_running)
        cls.emulator.start()

    @classmethod
    def tearDownClass(cls):
        cls.emulator.stop()

    def ask(self, token=EMULATOR_TOKEN, **body):
        return request(self.emulator.port, "POST", "/v1/chat/completions", {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json"}, json.dumps(body).encode())

    def test_every_listed_model_answers(self):
        models = request(self.emulator.port, "GET", "/v1/models", {
            "Authorization": f"Bearer {EMULATOR_TOKEN}"}).json["data"]
        self.assertGreater(len(models), 3)
        for model in models:
            answer = self.ask(model=model["id"], messages=USER)
            self.assertEqual(answer.status, 200, answer)
            self.assertEqual(answer.json["object"], "chat.completion")

    def test_what_is_wrong_is_said_in_its_shape(self):
        for status, response in (
                (400, self.ask(messages=USER)),
                (400, self.ask(model="emu-long", messages=USER, inputs=1)),
                (404, self.ask(model="nothing", messages=USER)),
                (403, self.ask(token="dapi-wrong", model="emu-long",
                               messages=USER)),
                (500, self.ask(model="emu-error-500", messages=USER)),
                (429, self.ask(model="emu-error-429", messages=USER))):
            self.assertEqual(response.status, status, response)
            self.assertEqual(set(response.json), {"error"})
            self.assertEqual(set(response.json["error"]), MEMBERS)
            self.assertTrue(response.json["error"]["message"])
