"""The OpenAPI document of the program, and whether answers are what it says."""

import functools
import json
import re
import subprocess
import tempfile

import jsonschema

from .process import BIN, clean_environment

METHODS = ("get", "put", "post", "delete", "patch")
SCHEMAS = "#/components/schemas/"


def resolve(document, node):
    """What a node is, or what its $ref leads to."""
    while isinstance(node, dict) and "$ref" in node:
        path = node["$ref"].removeprefix("#/").split("/")
        node = functools.reduce(lambda part, key: part[key], path, document)
    return node


def close(node):
    """A schema whose objects have no other members than those described, in
    as much as it does not say that they may."""
    if isinstance(node, list):
        return [close(item) for item in node]
    if not isinstance(node, dict):
        return node
    closed = {key: value if key in ("allOf", "examples", "enum", "const")
              else close(value) for key, value in node.items()}
    if isinstance(closed.get("properties"), dict) and "type" in closed:
        closed.setdefault("additionalProperties", False)
    return closed


class Operation:
    def __init__(self, document, method, path, said):
        self.document, self.method, self.path = document, method.upper(), path
        self.said, self.id = said, said["operationId"]
        self.responses = {status: resolve(document, response)
                          for status, response in said["responses"].items()}
        self.public = said.get("security") == []
        self.pattern = re.compile(
            re.sub(r"\\\{\w+\\\}", "[^/]*", re.escape(path)))
        self.parameters = [resolve(document, p) for p in said["parameters"]]

    @property
    def body(self):
        """The schema of the body, or None."""
        content = self.said.get("requestBody", {}).get("content", {})
        schema = content.get("application/json", {}).get("schema")
        return resolve(self.document, schema) if schema else None

    @property
    def success(self):
        return [int(s) for s in self.responses if s[0] in "23"]

    def __repr__(self):
        return f"{self.method} {self.path}"


class Document:
    def __init__(self, json_document):
        self.json = json_document
        self.operations = [
            Operation(self.json, method, path, item[method])
            for path, item in self.json["paths"].items()
            for method in METHODS if method in item]
        self.strict = close(self.json["components"]["schemas"])
        self.validators = {}

    @staticmethod
    @functools.cache
    def of_program():
        """The one that the program prints."""
        with tempfile.TemporaryDirectory() as folder:
            printed = subprocess.run(
                [BIN, "openapi"], cwd=folder, env=clean_environment(folder),
                stdout=subprocess.PIPE, check=True, timeout=60).stdout
        return Document(json.loads(printed))

    def find(self, method, target):
        """The operation of a request, or None: a fixed path goes before one
        with parameters, as in the router."""
        path = target.partition("?")[0]
        found = [o for o in self.operations if o.pattern.fullmatch(path)]
        fixed = min((o.path.count("{") for o in found), default=0)
        return next((o for o in found if o.method == method
                     and o.path.count("{") == fixed), None)

    def complaints(self, schema, value):
        """What of a value does not fit a schema of the document."""
        key = json.dumps(schema, sort_keys=True)
        if key not in self.validators:
            self.validators[key] = jsonschema.Draft202012Validator(
                {**schema, "components": {"schemas": self.strict}})
        return [f"{'/'.join(map(str, error.absolute_path))}: "
                f"{error.message[:300]}"
                for error in self.validators[key].iter_errors(value)]

    def check(self, method, target, head, body):
        """Asserts that an answer is described; body is None for a stream.
        HEAD and OPTIONS are not: they follow from the others."""
        operation = self.find(method, target)
        if operation is None:
            return
        what = f"{method} {target} -> {head.status}"
        said = operation.responses.get(str(head.status),
                                       operation.responses["default"])
        for name in said["headers"]:
            if name == "X-Request-Id" or (name, head.status) == (
                    "Location", 303):
                assert head.get(name), f"{what} has no {name}"
        media = (head.get("content-type") or "").partition(";")[0]
        content = said.get("content", {})
        assert bool(content) == bool(media), f"{what}: {media!r}"
        if not content:
            assert not body, what
            return
        assert media in content, f"{what} is {media}, not {list(content)}"
        if media.endswith("json") and body is not None:
            wrong = self.complaints(content[media]["schema"],
                                    json.loads(body))
            assert not wrong, f"{what}: {wrong}"

    def check_event(self, method, target, event):
        """Asserts that an event of a stream is described."""
        operation = self.find(method, target)
        if operation is None:
            return
        content = operation.responses["200"]["content"]["text/event-stream"]
        events = resolve(self.json, content["schema"])["x-events"]
        what = f"{method} {target}: {event}"
        assert event.type in events, what
        wrong = self.complaints(events[event.type], event.json)
        assert not wrong, f"{what}: {wrong}"
