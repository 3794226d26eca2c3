"""The OpenAPI document is well-formed, and the server does what it says:
requests are made of the document, fitting ones and wrong ones in each way that
it knows, and every answer is held against it. CHATBOT_SEED=N repeats the
random ones of a run."""

import copy
import json
import os
import random
import re
import subprocess
import unittest

import jsonschema

from support.cases import FolderCase, ServedCase
from support.client import Reply, User, new_id
from support.openapi import METHODS, Document, resolve
from support.process import API_TOKEN, BIN
from support.upstream import MODEL
from support.wire import Response, open_stream, request, target

SEED = int(os.environ.get("CHATBOT_SEED", random.randrange(1 << 32)))
RANDOM_BODIES = 20
LARGEST_TEXT = 100_000  # longer ones than that are not made
OF_EACH_TYPE = {"null": None, "boolean": True, "integer": 7, "number": 1.5,
                "string": "text", "array": [], "object": {}}


def nodes(node, path=""):
    """Every object of a document with its place."""
    if isinstance(node, dict):
        yield path, node
        for key, value in node.items():
            yield from nodes(value, f"{path}/{key}")
    elif isinstance(node, list):
        for i, value in enumerate(node):
            yield from nodes(value, f"{path}/{i}")


class Rules(FolderCase):
    """What a reader of the document may rely on."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.document = Document.of_program()
        cls.json = cls.document.json

    def test_version_is_that_of_the_program(self):
        said = subprocess.run([BIN, "--version"], capture_output=True,
                              text=True, check=True).stdout.split()[-1]
        self.assertEqual(self.json["info"]["version"], said)

    def test_operations_say_who_they_are(self):
        ids = [o.id for o in self.document.operations]
        self.assertEqual(len(ids), len(set(ids)))
        tags = {tag["name"] for tag in self.json["tags"]}
        used = set()
        for o in self.document.operations:
            with self.subTest(str(o)):
                self.assertRegex(o.id, r"^[a-z][A-Za-z]+$")
                self.assertRegex(o.said["summary"], r"^[A-Z].*[.]$")
                self.assertEqual(len(o.said["tags"]), 1)
                used |= set(o.said["tags"])
                self.assertTrue(o.success)
        self.assertEqual(used, tags)

    def test_operations_name_their_refusals(self):
        for o in self.document.operations:
            with self.subTest(str(o)):
                self.assertIn("default", o.responses)
                self.assertEqual("401" in o.responses, not o.public)
                if not o.public and o.method != "GET":
                    self.assertIn("403", o.responses)
                if o.body:
                    self.assertLessEqual({"400", "413", "415", "422"},
                                         set(o.responses))
                if "{" in o.path:
                    self.assertIn("404", o.responses)

    def test_path_parameters_are_those_of_the_path(self):
        for o in self.document.operations:
            named = [p["name"] for p in o.parameters if p["in"] == "path"]
            self.assertEqual(named, re.findall(r"\{(\w+)\}", o.path), o)

    def test_parameters_say_what_they_are(self):
        for o in self.document.operations:
            for p in o.parameters:
                self.assertTrue(p["description"], (o, p))
                self.assertTrue(p["required"] or p["in"] != "path", (o, p))

    def test_no_two_paths_are_the_same(self):
        shapes = [re.sub(r"\{\w+\}", "{}", path)
                  for path in self.json["paths"]]
        self.assertEqual(len(shapes), len(set(shapes)))

    def test_references_lead_somewhere_and_everything_is_used(self):
        used = {node["$ref"] for _, node in nodes(self.json)
                if isinstance(node.get("$ref"), str)}
        for reference in used:
            self.assertIsNotNone(resolve(self.json, {"$ref": reference}))
        components = {f"#/components/{kind}/{name}"
                      for kind, named in self.json["components"].items()
                      if kind != "securitySchemes" for name in named}
        self.assertEqual(components - used, set())
        asked = {name for option in self.json["security"] for name in option}
        self.assertEqual(asked, set(self.json["components"]
                                    ["securitySchemes"]))

    def test_schemas_are_json_schemas(self):
        for name, schema in self.json["components"]["schemas"].items():
            with self.subTest(name):
                jsonschema.Draft202012Validator.check_schema(schema)

    def test_objects_require_what_they_have(self):
        for path, node in nodes(self.json["components"]["schemas"]):
            required = node.get("required")
            if isinstance(required, list):
                self.assertLessEqual(set(required), set(node["properties"]),
                                     path)

    def test_examples_fit(self):
        for name, schema in self.json["components"]["schemas"].items():
            for example in schema.get("examples", ()):
                self.assertEqual(self.document.complaints(
                    {"$ref": f"#/components/schemas/{name}"}, example), [],
                    name)
            for member, of in schema.get("properties", {}).items():
                for example in of.get("examples", ()):
                    self.assertEqual(self.document.complaints(of, example),
                                     [], (name, member))
        for o in self.document.operations:
            for p in o.parameters:
                if "example" in p:
                    self.assertEqual(self.document.complaints(
                        p["schema"], p["example"]), [], (o, p["name"]))

    def test_answers_have_examples(self):
        for o in self.document.operations:
            for status in o.success:
                for of in o.responses[str(status)].get("content", {}).values():
                    schema = resolve(self.json, of["schema"])
                    if schema.get("additionalProperties") is not True:
                        self.assertTrue(schema.get("examples"), o)


def types_of(document, schema):
    """The JSON types that a schema takes; empty: any."""
    schema = resolve(document, schema)
    if "anyOf" in schema:
        return {t for option in schema["anyOf"]
                for t in types_of(document, option)}
    named = schema.get("type", [])
    types = {named} if isinstance(named, str) else set(named)
    return types | ({"integer"} if "number" in types else set())


def shape_of(document, schema):
    """The schema itself where it may also be null."""
    schema = resolve(document, schema)
    for option in schema.get("anyOf", ()):
        if option.get("type") != "null":
            return shape_of(document, option)
    return schema


def sample(document, schema):
    """A value that fits."""
    schema = shape_of(document, schema)
    if schema.get("examples"):
        return schema["examples"][0]
    if "enum" in schema:
        return schema["enum"][0]
    kind = next(t for t in types_of(document, schema) if t != "null")
    return {"string": "x" * max(1, schema.get("minLength", 1)),
            "boolean": True, "integer": schema.get("minimum", 1),
            "number": schema.get("minimum", 1), "array": [],
            "object": {}}[kind]


def wrong_values(document, schema):
    """(what is wrong, value) for a member in each way its schema excludes."""
    types, shape = types_of(document, schema), shape_of(document, schema)
    for name, value in OF_EACH_TYPE.items():
        if name not in types and not (name == "null" and "null" in types):
            yield f"a {name}", value
    if "enum" in shape:
        yield "an unknown word", "no-such-word"
        return
    longest = shape.get("maxLength")
    if longest and longest <= LARGEST_TEXT:
        yield "too long", "x" * (longest + 1)
    if shape.get("minLength"):
        yield "empty", ""
    if shape.get("pattern"):
        yield "blank", "  "
    if "A-Za-z" in shape.get("pattern", ""):
        yield "a path", "../x"
    if shape.get("format") == "date-time":
        yield "no time", "yesterday"
    if "minimum" in shape:
        yield "too small", shape["minimum"] - 1
    if "maximum" in shape:
        yield "too large", shape["maximum"] + 1
    if shape.get("maxItems") and shape.get("items"):
        item = sample(document, shape["items"])
        yield "too many", [item] * (shape["maxItems"] + 1)
    if "array" in types and shape.get("items"):
        for _, value in wrong_values(document, shape["items"]):
            yield "a wrong item", [value]
    if shape.get("additionalProperties") is False:
        yield "an unknown member", {"no_such_member": 1}
    for name, of in shape.get("properties", {}).items():
        for what, value in wrong_values(document, of):
            yield f"{name}: {what}", {name: value}


class Requests(ServedCase):
    """Requests made of the document."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        print(f"CHATBOT_SEED={SEED}")
        cls.random = random.Random(SEED)
        cls.document = Document.of_program()
        cls.json = cls.document.json
        cls.reply = cls.user.say("How is bread made?", "shared-1")
        cls.kept = {"session_id": "shared-1", "queue_id": "no-such-item",
                    "message_id": cls.reply.message_id, "variant": "1",
                    "id": "no-such-token"}

    def send(self, o, path=None, body=None, query=None, headers=None):
        """One request; the answer is held against the document."""
        fields = {**self.user.headers, **(headers or {})}
        path = target(path or self.path(o, self.kept), **(query or {}))
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        if body is not None:
            fields.setdefault("Content-Type", "application/json")
        fields = {k: v for k, v in fields.items() if v is not None}
        got = open_stream(self.server.port, o.method, path, fields, body)
        if isinstance(got, Response):
            self.document.check(o.method, path, got.head, got.body)
        else:
            self.document.check(o.method, path, got.head, None)
            with got:
                self.read_events(o, path, got)
        self.assertLess(got.status, 500, got)
        return got

    def read_events(self, o, path, stream):
        """To the end; of the feed, which has none, the greeting."""
        count = 1 if o.id == "followChanges" else None
        while count != 0 and (event := stream.next()):
            self.document.check_event(o.method, path, event)
            count = count and count - 1

    @staticmethod
    def path(o, values):
        return re.sub(r"\{(\w+)\}", lambda m: str(values[m[1]]), o.path)

    # What the server gives out, and what excludes another one.
    NOT_ALONG = {"cursor", "after", "around"}

    def query(self, o, every=True):
        return {p["name"]: p.get("example", sample(self.json, p["schema"]))
                for p in o.parameters
                if p["in"] == "query" and (p["required"] or every)
                and p["name"] not in self.NOT_ALONG}

    # ---- Fitting ones ----

    def world(self, o, every=True):
        """A chat with all that an operation may be about."""
        session, queue_id = new_id(), "no-such-item"
        reply = self.user.say("How is bread made?", session)
        if o.said["tags"] == ["Queue"]:
            session = new_id()  # where no reply has just ended, so it waits
            self.user.post("/error", {
                "message_id": new_id(), "session_id": session,
                "content": "The network is gone."})
            queue_id = self.user.post(
                f"/chats/{session}/queue",
                {"content": "And with rye?"}).json["queue_id"]
        token = self.user.post("/tokens", {"name": "for one test"})
        if o.id == "restoreChat" or (o.id == "deleteChat" and every):
            self.user.call("DELETE", f"/chats/{session}")
        return {"session_id": session, "message_id": reply.message_id,
                "queue_id": queue_id, "variant": "1",
                "id": token.json["token_id"]}

    def body(self, o, values, every):
        """All members or those that are needed, about this world."""
        own = {"session_id": values["session_id"],
               "message_id": values["message_id"],
               "serving_endpoint": MODEL}
        if o.id in ("sendMessage", "recordError", "recordRegenerationError"):
            own["message_id"] = new_id()
        if o.id == "updateChat":
            own["revision"] = self.user.get(
                f"/chats/{values['session_id']}").json["revision"]
        return {name: own.get(name, sample(self.json, of))
                for name, of in o.body["properties"].items()
                if every or name in o.body["required"]}

    # What stands in the way of these is the state of the chat, not the form.
    NOT_NOW = {"continueReply": 409, "approve": 404}

    def fitting(self, o, every):
        values = self.world(o, every)
        if o.id == "editMessage":
            values["message_id"] = self.user.messages(
                values["session_id"])[0]["message_id"]
        body = self.body(o, values, every) if o.body else None
        if body is not None and o.id == "approve":
            body["part_id"] = "approval-1"
        got = self.send(o, self.path(o, values), body, self.query(o, every))
        if o.id in self.NOT_NOW:
            self.assertEqual(got.status, self.NOT_NOW[o.id], got)
        else:
            self.assertIn(got.status, o.success, got)

    def test_fitting_requests_succeed(self):
        for o in self.document.operations:
            for every in (False, True):
                with self.subTest(o.id, every=every):
                    self.fitting(o, every)

    # ---- Wrong ones ----

    def with_bodies(self):
        for o in self.document.operations:
            if o.body:
                yield o, {name: sample(self.json, of)
                          for name, of in o.body["properties"].items()
                          if name in o.body["required"]}

    def assertRefused(self, got, status, code, field=None):
        problem = self.assertProblem(got, status, code)
        if field is not None:
            self.assertEqual(problem.get("field", "").split(".")[0], field,
                             problem)

    def test_members_that_do_not_fit_are_refused(self):
        for o, body in self.with_bodies():
            query = self.query(o)
            for name, of in o.body["properties"].items():
                for what, value in wrong_values(self.json, of):
                    with self.subTest(o.id, member=name, what=what):
                        self.assertRefused(
                            self.send(o, None, {**body, name: value}, query),
                            422, "invalid_request", name)

    def test_members_that_are_missing_are_named(self):
        for o, body in self.with_bodies():
            for name in o.body["required"]:
                rest = {k: v for k, v in body.items() if k != name}
                for without in (rest, {**rest, name: None}):
                    with self.subTest(o.id, member=name):
                        self.assertRefused(
                            self.send(o, None, without, self.query(o)),
                            422, "invalid_request", name)

    def test_bodies_that_are_none_are_refused(self):
        for o, body in self.with_bodies():
            cases = (
                (b"{", {}, 400, "invalid_json"),
                (b'{"a": "\xff"}', {}, 400, "invalid_json"),
                (b"[]", {}, 422, "invalid_request"),
                (b"null", {}, 422, "invalid_request"),
                (json.dumps(body).encode(), {"Content-Type": "text/plain"},
                 415, "unsupported_media_type"),
                (json.dumps(body).encode(), {"Content-Type": None},
                 415, "unsupported_media_type"),
            )
            for sent, headers, status, code in cases:
                with self.subTest(o.id, sent=sent, headers=headers):
                    self.assertRefused(
                        self.send(o, None, sent, self.query(o), headers),
                        status, code)
            if o.said["requestBody"]["required"]:
                with self.subTest(o.id, sent=None):
                    got = self.send(o, None, None, self.query(o))
                    self.assertIn(got.status, (400, 415))

    def test_query_values_that_do_not_fit_are_refused(self):
        for o in self.document.operations:
            for p in o.parameters:
                if p["in"] != "query":
                    continue
                values = [v for what, v in wrong_values(self.json,
                                                        p["schema"])
                          if not isinstance(v, (dict, list, bool))
                          and (what != "a integer" and what != "a number")]
                if "string" in types_of(self.json, p["schema"]) and \
                        "enum" not in p["schema"]:
                    continue
                for value in values or ():
                    with self.subTest(o.id, name=p["name"], value=value):
                        self.assertRefused(
                            self.send(o, query={**self.query(o),
                                                p["name"]: value or ""}),
                            422, "invalid_request", p["name"])
                if p["required"]:
                    self.assertRefused(
                        self.send(o, query={k: v
                                            for k, v in self.query(o).items()
                                            if k != p["name"]}),
                        422, "invalid_request", p["name"])

    def test_headers_that_do_not_fit_are_refused(self):
        bodies = {o.id: body for o, body in self.with_bodies()}
        for o in self.document.operations:
            for p in o.parameters:
                wrong = {"Idempotency-Key": "k" * 256,
                         "Last-Event-ID": "elsewhere.7"}.get(p["name"])
                if p["in"] != "header":
                    continue
                with self.subTest(o.id, name=p["name"]):
                    self.assertIsNotNone(wrong, "say what is wrong for it")
                    self.assertRefused(
                        self.send(o, None, bodies.get(o.id),
                                  headers={p["name"]: wrong}),
                        422, "invalid_request")

    def test_ids_of_nothing_are_not_found(self):
        bodies = {o.id: body for o, body in self.with_bodies()}
        tolerant = {"listQueue", "addQueued", "putDraft"}
        for o in self.document.operations:
            if "{" not in o.path or o.id in tolerant:
                continue
            nothing = {**self.kept, "session_id": "no-such-chat",
                       "message_id": "no-such-message", "variant": "99"}
            body = bodies.get(o.id)
            if o.id == "approve":
                body = {**body, "part_id": "approval-1"}
            with self.subTest(o.id):
                self.assertRefused(
                    self.send(o, self.path(o, nothing), body,
                              self.query(o, False)), 404, "not_found")

    def test_ids_that_cannot_be_are_refused(self):
        bodies = {o.id: body for o, body in self.with_bodies()}
        for o in self.document.operations:
            for strange in ("%ff", "%00", "a%2fb", "x" * 300, "..%2f",
                            "%F0%9F%8D%9E", "-1"):
                if "{" not in o.path:
                    continue
                values = dict.fromkeys(self.kept, strange)
                with self.subTest(o.id, strange=strange):
                    self.send(o, self.path(o, values), bodies.get(o.id),
                              self.query(o, False))

    def test_nobody_is_told_to_sign_in(self):
        for o in self.document.operations:
            if o.public:
                continue
            for headers in ({}, {"Authorization": "Bearer nothing"},
                            {"Cookie": "chatbot_session=nothing"}):
                fields = {"Authorization": None, **headers}
                with self.subTest(o.id, headers=headers):
                    self.assertRefused(self.send(o, headers=fields),
                                       401, "unauthenticated")

    def test_other_methods_are_refused_with_those_there_are(self):
        for path, item in self.json["paths"].items():
            there = {m.upper() for m in METHODS if m in item}
            sent = self.path(next(o for o in self.document.operations
                                  if o.path == path), self.kept)
            for method in {m.upper() for m in METHODS} - there:
                with self.subTest(path, method=method):
                    got = request(self.server.port, method, sent,
                                  self.user.headers)
                    self.assertProblem(got, 405, "method_not_allowed")
                    allowed = set(got.header("allow").split(", "))
                    self.assertEqual(allowed - {"HEAD", "OPTIONS"}, there)

    def test_random_bodies_get_described_answers(self):
        junk = [None, True, -1, 1e300, "", "x" * 70000, "\u0000", [[]],
                {"a": {}}, "null", "🍞", "../..", 2**63]
        for o, body in self.with_bodies():
            members = list(o.body["properties"])
            for _ in range(RANDOM_BODIES):
                sent = copy.deepcopy(body)
                for name in self.random.sample(
                        members, self.random.randrange(len(members) + 1)):
                    sent[name] = self.random.choice(junk)
                if "session_id" in sent:
                    sent["session_id"] = new_id()
                with self.subTest(o.id, sent=str(sent)[:300], seed=SEED):
                    self.send(o, None, sent, self.query(o))

    def test_document_is_served_as_it_is_printed(self):
        served = User(self.server).get("/openapi.json").json
        self.assertEqual(served, self.json)


if __name__ == "__main__":
    unittest.main()
