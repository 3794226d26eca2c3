"""The bundle and app.yaml hang together: what one names the other defines,
and every key and permission is one that Databricks Apps knows. The Databricks
CLI, which alone can validate a bundle, needs a workspace for it."""

import json
import re
import unittest
from pathlib import Path

import yaml

TOP = Path(__file__).resolve().parents[2]
TEXT = (TOP / "databricks.yml").read_text()
BUNDLE = yaml.safe_load(TEXT)
APP_YAML = yaml.safe_load((TOP / "app.yaml").read_text())
OPTIONS = (TOP / "src/app/options_table.c").read_text()

TOP_KEYS = {"bundle", "variables", "sync", "resources", "targets"}
APP_KEYS = {"name", "description", "source_code_path", "resources",
            "permissions", "user_api_scopes", "config"}
SCOPES = {"serving.serving-endpoints", "dashboards.genie", "sql"}
# Type of a resource: its members and the permissions that it has.
RESOURCES = {
    "serving_endpoint": ({"name"}, {"CAN_QUERY", "CAN_VIEW", "CAN_MANAGE"}),
    "database": ({"instance_name", "database_name"},
                 {"CAN_CONNECT_AND_CREATE"}),
    "genie_space": ({"name", "space_id"},
                    {"CAN_VIEW", "CAN_RUN", "CAN_EDIT", "CAN_MANAGE"}),
    "experiment": ({"experiment_id"}, {"CAN_READ", "CAN_EDIT", "CAN_MANAGE"}),
    "secret": ({"scope", "key"}, {"READ", "WRITE", "MANAGE"}),
}
LONGEST_NAME = 26  # some of the platform's own tools take no longer one


def app_of(target):
    """The app as a target has it: lists are added, the rest is laid over."""
    base = BUNDLE["resources"]["apps"]["chat"]
    over = BUNDLE["targets"][target].get("resources", {}).get(
        "apps", {}).get("chat", {})
    return {**base, **over,
            "resources": base["resources"] + over.get("resources", [])}


APPS = {target: app_of(target) for target in BUNDLE["targets"]}


class Bundle(unittest.TestCase):
    def test_keys_are_known(self):
        self.assertLessEqual(set(BUNDLE), TOP_KEYS)
        for app in APPS.values():
            self.assertLessEqual(set(app), APP_KEYS)
            self.assertLessEqual(set(app.get("user_api_scopes", [])), SCOPES)

    def test_exactly_one_target_is_the_default(self):
        marks = [t.get("default", False) for t in BUNDLE["targets"].values()]
        self.assertEqual(1, marks.count(True))

    def test_names_are_such_as_an_app_may_have(self):
        for target, app in APPS.items():
            name = app["name"].replace("${bundle.target}", target)
            self.assertRegex(name, r"^[a-z0-9-]+$")
            self.assertLessEqual(len(name), LONGEST_NAME)

    def test_resources_are_whole(self):
        for app in APPS.values():
            names = [resource["name"] for resource in app["resources"]]
            self.assertEqual(len(names), len(set(names)))
            for resource in app["resources"]:
                (kind, members), = ((k, v) for k, v in resource.items()
                                    if k not in ("name", "description"))
                self.assertIn(kind, RESOURCES)
                wanted, permissions = RESOURCES[kind]
                self.assertEqual(wanted | {"permission"}, set(members))
                self.assertIn(members["permission"], permissions)

    def test_the_full_one_has_every_kind(self):
        kinds = {kind for resource in APPS["full"]["resources"]
                 for kind in resource if kind != "name"}
        self.assertEqual(set(RESOURCES), kinds)

    def test_variables_are_declared_and_used(self):
        self.assertEqual(set(BUNDLE["variables"]),
                         set(re.findall(r"\$\{var\.(\w+)\}", TEXT)))

    def test_what_is_uploaded_is_what_pack_makes(self):
        pack = (TOP / "deploy/pack").read_text()
        for app in APPS.values():
            self.assertIn(f"/../{app['source_code_path']}", pack)
        self.assertEqual([APPS["full"]["source_code_path"]],
                         BUNDLE["sync"]["paths"])

    def test_settings_exist_and_come_from_resources(self):
        settings = [(APPS["small"], APP_YAML["env"], "valueFrom")]
        settings += [(app, app["config"]["env"], "value_from")
                     for app in APPS.values() if "config" in app]
        self.assertEqual(2, len(settings))
        for app, env, key in settings:
            names = {resource["name"] for resource in app["resources"]}
            for setting in env:
                self.assertEqual({"name", key}, set(setting))
                self.assertIn(setting[key], names)
                self.assertIn(f'"{setting["name"]}"', OPTIONS)

    def test_both_commands_are_one(self):
        self.assertEqual(APP_YAML["command"],
                         APPS["full"]["config"]["command"])
        script = APP_YAML["command"][2]
        self.assertIn("exec /tmp/databricks-chatbot serve", script)
        self.assertIn("--port $DATABRICKS_APP_PORT", script)

    def test_app_yaml_has_what_the_platform_reads(self):
        self.assertEqual({"command", "env"}, set(APP_YAML))
        json.dumps(APP_YAML)  # plain values only


if __name__ == "__main__":
    unittest.main()
