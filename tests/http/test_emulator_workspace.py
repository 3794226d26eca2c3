"""What the emulator lists of its endpoints, and its database credentials."""

import re
import time

from support.process import EMULATOR_TOKEN
from support.workspace import CLAUDE, USER, EmulatorCase, claims

LIST = "/api/2.0/serving-endpoints"


class Personal(EmulatorCase):
    def test_an_endpoint_may_want_the_person(self):
        for token, status in ((EMULATOR_TOKEN, 403), (
                "user-token:ann@example.com:model-serving", 200)):
            answer = self.invoke("emu-personal", {"messages": USER},
                                 token=token)
            self.assertEqual(answer.status, status, answer)


class Lakebase(EmulatorCase):
    ENDPOINT = "projects/demo/branches/main/endpoints/primary"

    def test_where_the_database_is(self):
        found = self.call("GET", "/api/2.0/database/instances/demo").json
        self.assertEqual((found["state"], found["read_write_dns"]),
                         ("AVAILABLE", "127.0.0.1"))
        found = self.call("GET", "/api/2.0/postgres/" + self.ENDPOINT).json
        self.assertEqual(found["status"]["hosts"]["host"], "127.0.0.1")
        for path in ("database/instances/other",
                     "postgres/projects/x/branches/y/endpoints/z"):
            self.refused(self.call("GET", "/api/2.0/" + path), 404,
                         "does not exist")

    def test_passwords(self):
        for path, body, expiry, seconds in (
                ("database", {"request_id": "1", "instance_names": ["demo"]},
                 "expiration_time", 3600),
                ("postgres", {"endpoint": self.ENDPOINT}, "expire_time",
                 3600),
                ("postgres", {"endpoint": self.ENDPOINT, "ttl": "300s"},
                 "expire_time", 300)):
            answer = self.call("POST", f"/api/2.0/{path}/credentials", body)
            self.assertEqual(set(answer.json), {"token", expiry})
            self.assertTrue(re.match(r"\d{4}-\d\d-\d\dT[\d:.]+Z$",
                                     answer.json[expiry]))
            said = claims(answer.json["token"])
            self.assertEqual(said["exp"] - said["iat"], seconds)
            self.assertEqual(said["sub"], "demo.user@example.com")
            self.assertLess(abs(said["iat"] - time.time()), 3600)
            self.assertEqual(self.call(
                "GET", LIST, token=answer.json["token"]).status, 403)

    def test_wrong_use_is_refused(self):
        for path, body, words in (
                ("database", {"instance_names": ["demo"]}, "request_id"),
                ("database", {"request_id": "1", "instance_names": []},
                 "instance"),
                ("database", {"request_id": "1", "instance_names": ["x"]},
                 "not exist"),
                ("database", None, "not JSON"),
                ("postgres", {"endpoint": "projects/x"}, "endpoint"),
                ("postgres", {"endpoint": self.ENDPOINT, "ttl": "10s"},
                 "ttl"),
                ("postgres", {"endpoint": self.ENDPOINT, "x": "1"},
                 "no more")):
            self.refused(self.call("POST", f"/api/2.0/{path}/credentials",
                                   body), 400, words)
        self.assertEqual(self.call(
            "GET", "/api/2.0/database/instances/demo",
            token="user-token:ann@example.com:genie").status, 403)

    def test_it_fails_when_told_to(self):
        body = {"endpoint": self.ENDPOINT}
        place = "/api/2.0/postgres/credentials"
        self.emulator.control("lakebase", "error-503", 1)
        self.assertEqual(self.call("POST", place, body).status, 503)
        self.emulator.control("lakebase", "ttl-5", 1)
        said = claims(self.call("POST", place, body).json["token"])
        self.assertEqual(said["exp"] - said["iat"], 5)


class Listing(EmulatorCase):
    def one(self, name):
        return self.call("GET", f"{LIST}/{name}").json

    def test_what_discovery_reads(self):
        listed = {e["name"]: e for e in self.call("GET", LIST).json[
            "endpoints"]}
        gateway = listed[CLAUDE]["ai_gateway"]
        self.assertEqual(gateway["rate_limits"][0]["calls"], 100)
        self.assertEqual(gateway["guardrails"]["input"]["pii"]["behavior"],
                         "BLOCK")
        self.assertTrue(listed["qwq-32b-think"]["config"][
            "served_entities"][0]["scale_to_zero_enabled"])
        assistant = listed["databricks-knowledge-assistant"]
        self.assertEqual(assistant["tile_endpoint_metadata"],
                         {"problem_type": "KNOWLEDGE_ASSISTANT"})
        self.assertEqual(assistant["tags"][0]["key"], "MONITOR_EXPERIMENT_ID")
        self.assertNotIn("ai_gateway", assistant)
        detailed = self.one(CLAUDE)
        self.assertEqual(detailed["config"]["served_entities"][0]["state"][
            "deployment"], "DEPLOYMENT_READY")

    def test_states_that_a_name_asks_for(self):
        new = self.one("emu-not-ready")
        self.assertEqual(new["state"]["ready"], "NOT_READY")
        self.assertEqual(new["config"]["served_entities"][0]["state"][
            "deployment"], "DEPLOYMENT_CREATING")
        self.refused(self.ask("emu-not-ready"), 404, "is not ready")
        for name, update in (("emu-updating", "IN_PROGRESS"),
                             ("emu-update-failed", "UPDATE_FAILED")):
            self.assertEqual(self.one(name)["state"]["config_update"], update)
            self.assertEqual(self.ask(name).status, 200)
        self.assertNotIn("task", self.one("emu-no-task"))
        self.assertEqual(self.ask("emu-no-task").status, 200)
        self.assertTrue(self.one("emu-scale-to-zero")["config"][
            "served_entities"][0]["scale_to_zero_enabled"])
        policy = self.one("emu-personal")["auth_policy"]
        self.assertIn("model-serving",
                      policy["user_auth_policy"]["api_scopes"])
        self.assertEqual(self.one("emu-responses-personal")[
            "tile_endpoint_metadata"]["problem_type"],
            "MULTI_AGENT_SUPERVISOR")

    def test_discovery_goes_wrong_when_told_to(self):
        self.emulator.control("listing", "empty", 1)
        self.assertEqual(self.call("GET", LIST).json, {})
        self.emulator.control("listing", "error-403", 1)
        self.assertEqual(self.call("GET", f"{LIST}/{CLAUDE}").status, 403)
        self.assertEqual(self.one(CLAUDE)["name"], CLAUDE)
        self.refused(self.call("GET", LIST + "/nothing"), 404,
                     "Serving endpoint with name nothing not found")

    def test_every_fault_is_listed_once(self):
        listed = [e["name"] for e in self.call(
            "GET", LIST + "?emulator=all").json["endpoints"]]
        self.assertEqual(len(listed), len(set(listed)))
        for name in ("emu-tool-fragments", "emu-responses-tool-login",
                     "emu-responses-late-trace", "emu-gzip"):
            self.assertIn(name, listed)
        self.assertNotIn("emu-never-ends", listed)
