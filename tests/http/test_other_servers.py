"""Models that are asked by an OpenAI-compatible interface: of any server, and
of a workspace. And workspaces that a profile names."""

from support.cases import FolderCase
from support.client import User, new_id, person, script
from support.process import EMULATOR_CLIENT, EMULATOR_TOKEN
from support.upstream import MODEL, TOKEN
from support.wire import request, wait_until
from support.workspace import EmulatorCase

FAST = "emu-speed-500"
SUPERVISOR = "databricks-supervisor-agent"


class NoWorkspace(FolderCase):
    """Somebody's own server: no key, and names as it likes them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.upstream = cls.new_upstream()
        cls.upstream.tokens.add("")
        cls.names = {"OPENAI_BASE_URL": cls.upstream.url,
                     "SERVING_ENDPOINT_NAME": MODEL}

    def test_no_key_is_sent_and_the_model_is_named(self):
        name = "library/llama3.2:3b"
        server = self.serve(env={**self.names, "SERVING_ENDPOINTS": name})
        server.wait_said(f"Models at: {self.upstream.url}/v1")
        user = script(server)
        for model in (MODEL, name):
            question = f"Which one? {new_id()}"
            reply = user.say(question, serving_endpoint=model)
            self.assertEqual(reply.status, "complete", reply.last)
            asked = self.upstream.asked(question)[0]
            self.assertEqual(asked.path, "/v1/chat/completions")
            self.assertNotIn("authorization", asked.headers)
            self.assertEqual(asked.body["model"], model)
            self.assertLessEqual(set(asked.body),
                                 {"model", "messages", "stream"})
            self.assertTrue(user.message(reply.first["session_id"],
                                         reply.message_id)["metrics"])

    def test_a_key_is_sent_and_a_persons_token_never(self):
        self.upstream.tokens.add("sk-of-this-server-51")
        server = self.serve(env={
            **self.names, "OPENAI_API_KEY": "sk-of-this-server-51",
            "DATABRICKS_APP_NAME": "chatbot", "DATABRICKS_USER_AUTH": "user",
            "DATABRICKS_HOST": self.upstream.url, "DATABRICKS_TOKEN": TOKEN})
        server.hide("sk-of-this-server-51", "token-of-ann-1f2d")
        ann = person(server, "ann")
        ann.headers["X-Forwarded-Access-Token"] = "token-of-ann-1f2d"
        question = f"Whose is this? {new_id()}"
        self.assertEqual(ann.say(question).status, "complete")
        self.assertEqual([e.token for e in self.upstream.asked(question)],
                         ["sk-of-this-server-51"])
        server.wait_said("models are asked at OPENAI_BASE_URL")

    def test_what_it_serves_is_looked_up(self):
        for name, state in ((MODEL, "ready"), ("not-listed", "unknown")):
            server = self.serve(env={**self.names,
                                     "SERVING_ENDPOINT_NAME": name})
            wait_until(lambda: "endpoint=models" in server.log and request(
                server.port, "GET", "/readyz").json["endpoint"] == state,
                what=f"{name} is {state}")

    def test_no_workspace_checks_callers(self):
        server = self.serve(env=self.names)
        stranger = User(server, {"Authorization": "Bearer somebody-elses-1"})
        self.assertProblem(stranger.get("/login"), 401, "unauthenticated")


class AnswersCase(EmulatorCase):
    def assertAnswers(self, server, endpoint=None):
        more = {"serving_endpoint": endpoint} if endpoint else {}
        reply = script(server).say("hello, short please", new_id(), **more)
        self.assertEqual(reply.status, "complete", reply.last)
        self.assertIn("built-in demo", reply.text)
        return reply


class OpenAiPaths(AnswersCase):
    def test_the_plain_server_of_the_emulator(self):
        server = self.serve(env={
            "OPENAI_BASE_URL": f"{self.emulator.url}/v1/",
            "OPENAI_API_KEY": EMULATOR_TOKEN,
            "SERVING_ENDPOINT_NAME": FAST,
            "SERVING_ENDPOINTS": "nothing,emu-error-500"})
        metrics = self.assertAnswers(server).last["metrics"]
        self.assertGreater(metrics["totalTime"], 0)
        for name, code in (("nothing", "upstream_not_found"),
                           ("emu-error-500", "upstream_error")):
            reply = script(server).say("hello", serving_endpoint=name)
            self.assertEqual(reply.error["code"], code)

    def test_a_wrong_key_is_told(self):
        server = self.serve(env={
            "OPENAI_BASE_URL": f"{self.emulator.url}/v1",
            "OPENAI_API_KEY": "dapi-wrong-0123456789",
            "SERVING_ENDPOINT_NAME": FAST})
        server.hide("dapi-wrong-0123456789")
        reply = script(server).say("hello")
        self.assertEqual(reply.error["code"], "upstream_auth")

    def test_the_ai_gateway_of_a_workspace(self):
        """Its models have names of their own and are asked as chats."""
        server = self.serve(env={
            "OPENAI_BASE_URL": f"{self.emulator.url}/ai-gateway/mlflow/v1",
            "DATABRICKS_HOST": self.emulator.url,
            "DATABRICKS_TOKEN": EMULATOR_TOKEN,
            "SERVING_ENDPOINT_NAME": "system.ai.claude-sonnet-4-5"})
        self.assertAnswers(server)

    def test_the_paths_of_a_workspace(self):
        """Also of agents, whose task is looked up at the workspace."""
        server = self.serve(env={
            "OPENAI_BASE_URL": f"{self.emulator.url}/serving-endpoints",
            "DATABRICKS_HOST": self.emulator.url,
            "DATABRICKS_CLIENT_ID": EMULATOR_CLIENT[0],
            "DATABRICKS_CLIENT_SECRET": EMULATOR_CLIENT[1],
            "SERVING_ENDPOINT_NAME": FAST,
            "SERVING_ENDPOINTS": SUPERVISOR})
        server.wait_said("Way in: service principal (OAuth) of DATABRICKS_CLIENT")
        self.assertAnswers(server)

        def agent_answers():
            reply = script(server).say("hello, short please", new_id(),
                                       serving_endpoint=SUPERVISOR)
            return reply.status == "complete"
        wait_until(agent_answers, what="the agent is known as one")


class Profiles(AnswersCase):
    def home(self, text):
        home = self.fresh_folder()
        (home / ".databrickscfg").write_text(text.format(
            url=self.emulator.url, token=EMULATOR_TOKEN,
            client=EMULATOR_CLIENT))
        return {"HOME": str(home)}

    FILE = ("[DEFAULT]\nhost = {url}\ntoken = {token}\n"
            "[sp]\nhost = {url}/ # ours\nclient_id = {client[0]}\n"
            "client_secret = {client[1]}\n")

    def test_a_service_principal_of_a_profile(self):
        minted = self.emulator.stats()
        server = self.serve(env={**self.home(self.FILE),
                                 "DATABRICKS_CONFIG_PROFILE": "sp"})
        server.wait_said("Way in: service principal (OAuth) of profile sp")
        self.assertAnswers(server)
        self.assertNotEqual(self.emulator.stats(), minted)
        self.assertNotIn(EMULATOR_CLIENT[1], server.log)

    def test_a_file_in_the_home_folder_alone_connects_nobody(self):
        server = self.serve(env=self.home(self.FILE))
        server.wait_said("Demo mode")
        self.assertNotIn(self.emulator.url, server.log)

    def test_the_file_named_brings_its_default(self):
        server = self.serve(env={
            **self.home(self.FILE),
            "DATABRICKS_CONFIG_FILE": "~/.databrickscfg"})
        server.wait_said("personal access token of profile DEFAULT")
        self.assertAnswers(server)
