"""The emulator asked as a plain OpenAI-compatible server."""

from support.process import EMULATOR_TOKEN
from support.workspace import USER, EmulatorCase

MEMBERS = {"message", "type", "param", "code"}


class Plain(EmulatorCase):
    def say(self, token=EMULATOR_TOKEN, **body):
        return self.call("POST", "/v1/chat/completions", body, token)

    def test_every_listed_model_answers(self):
        models = self.call("GET", "/v1/models").json["data"]
        self.assertGreater(len(models), 3)
        for model in models:
            answer = self.say(model=model["id"], messages=USER)
            self.assertEqual(answer.status, 200, answer)
            self.assertEqual(answer.json["object"], "chat.completion")

    def test_what_is_wrong_is_said_in_its_shape(self):
        for status, response in (
                (400, self.say(messages=USER)),
                (400, self.say(model="emu-long", messages=USER, inputs=1)),
                (404, self.say(model="nothing", messages=USER)),
                (403, self.say(token="dapi-wrong", model="emu-long",
                               messages=USER)),
                (500, self.say(model="emu-error-500", messages=USER)),
                (429, self.say(model="emu-error-429", messages=USER))):
            self.assertEqual(response.status, status, response)
            self.assertEqual(set(response.json), {"error"})
            self.assertEqual(set(response.json["error"]), MEMBERS)
            self.assertTrue(response.json["error"]["message"])
