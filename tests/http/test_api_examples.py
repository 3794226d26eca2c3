"""What docs/api.md shows is run, in its order, against a server in demo mode,
and answers have the shape that stands there."""

import json
import re
import subprocess

from support.cases import FolderCase
from support.openapi import Document
from support.process import API_TOKEN, TOP
from support.wire import PATIENCE, Event

PAGE = (TOP / "docs/api.md").read_text()
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
ADDRESS = "http://localhost:8000"
# Told by the demo in any number, and what only some servers limit.
OF_ITSELF = {"limits"}


def shape(value):
    """Names and kinds of a document without its values."""
    if isinstance(value, dict):
        return {name: shape(of) for name, of in value.items()
                if name not in OF_ITSELF}
    if isinstance(value, list):
        return [shape(of) for of in value[:1]]
    return "number" if isinstance(value, float) else type(value).__name__


def blocks():
    return [(match[1], match[2]) for match in FENCE.finditer(PAGE)]


class Examples(FolderCase):
    def run_block(self, server, text):
        """A command of the page, spoken to this server."""
        self.assertIn(ADDRESS, text)
        done = subprocess.run(
            ["bash", "-euc", text.replace(ADDRESS,
                                          f"http://127.0.0.1:{server.port}")],
            env={"PATH": "/usr/bin:/bin", "API_TOKEN": API_TOKEN},
            stdout=subprocess.PIPE, timeout=60 * PATIENCE, check=True)
        return done.stdout.decode()

    def test_commands_answer_as_the_page_says(self):
        server = self.serve(env={"RATE_LIMIT_PER_MINUTE": "60"})
        found = blocks()
        ran = 0
        for (kind, text), (after, said) in zip(found, found[1:] + [("", "")]):
            if kind != "sh":
                continue
            with self.subTest(text):
                answer = self.run_block(server, text)
                ran += 1
                if after == "json":
                    self.assertEqual(shape(json.loads(answer)),
                                     shape(json.loads(said)))
                elif "-N" in text or "-sN" in text:
                    self.assertTrue(answer.endswith(
                        "event: done\ndata: {}\n\n"), answer[-200:])
                else:
                    self.assertIn("sessionId", json.loads(answer))
        self.assertGreaterEqual(ran, 5)

    def test_events_on_the_page_fit_the_document(self):
        document = Document.of_program()
        checked = 0
        for kind, text in blocks():
            if kind or "data: " not in text:
                continue
            feed = "event: hello" in text
            operation = next(o for o in document.operations if o.id == (
                "followChanges" if feed else "sendMessage"))
            for block in text.strip().split("\n\n"):
                # What is cut on the page with dots is no value.
                event = Event(re.sub(r'"timestamp":"\.\.\."',
                                     '"timestamp":null', block).encode())
                with self.subTest(block):
                    document.check_event(operation.method, operation.path,
                                         event)
                    checked += 1
        self.assertGreaterEqual(checked, 6)
