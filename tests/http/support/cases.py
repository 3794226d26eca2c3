"""What test classes share: a folder, an upstream and a server each."""

import concurrent.futures
import os
import shutil
import tempfile
import unittest
from pathlib import Path

from . import wire
from .client import person, script
from .openapi import Document
from .process import Server
from .upstream import Upstream
from .wire import PATIENCE

if os.environ.get("CHATBOT_CHECK_OPENAPI"):
    wire.observer = Document.of_program()


class FolderCase(unittest.TestCase):
    """Each class has a folder of its own, gone at the end."""

    @classmethod
    def setUpClass(cls):
        cls.folder = Path(tempfile.mkdtemp(prefix="chatbot-http-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)

    @classmethod
    def new_upstream(cls, **scripts):
        upstream = Upstream(**scripts)
        cls.addClassCleanup(upstream.close)
        return upstream

    def fresh_folder(self):
        return Path(tempfile.mkdtemp(dir=self.folder))

    def serve(self, upstream=None, folder=None, start=True, **more):
        """A server for one test; it is looked at when the test ends."""
        server = Server(folder or self.fresh_folder(), upstream, **more)
        self.addCleanup(self.leave, server)
        return server.start() if start else server

    def leave(self, server):
        if server.running:
            try:
                server.stop()
            finally:
                server.kill()

    def assertProblem(self, response, status, code, field=None):
        """An answer in the common form of errors; gives its document."""
        self.assertEqual(response.status, status, response)
        self.assertEqual(response.header("content-type"),
                         "application/problem+json", response)
        problem = response.json
        self.assertEqual(problem["code"], code, problem)
        self.assertEqual(problem["status"], status)
        self.assertEqual(problem["type"], "about:blank")
        self.assertTrue(problem["title"])
        self.assertGreater(len(problem["detail"]), 10, problem)
        self.assertEqual(problem["request_id"],
                         response.header("x-request-id"))
        if field:
            self.assertEqual(problem.get("field"), field, problem)
            self.assertIn(field, problem["detail"])
        return problem


class ScenarioCase(FolderCase):
    """Scenarios that mostly wait: each run_x of the class begins at once,
    test_... asks result("x") what it has come to."""

    results = None

    @classmethod
    def setUpClass(cls):
        if cls.results is None:
            cls.begin_scenarios()

    @classmethod
    def begin_scenarios(cls):
        """May be called earlier than the class has its turn."""
        super().setUpClass()
        names = [name for name in dir(cls) if name.startswith("run_")]
        pool = concurrent.futures.ThreadPoolExecutor(len(names))
        cls.addClassCleanup(pool.shutdown, cancel_futures=True)
        cls.results = {}
        for name in names:
            folder = cls.folder / name
            folder.mkdir()
            cls.results[name] = pool.submit(getattr(cls, name), folder)

    def result(self, name):
        return self.results["run_" + name].result(60 * PATIENCE)


class ServedCase(FolderCase):
    """A server for the whole class, in front of a scripted upstream."""

    scripts = {}
    env = {}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.upstream = cls.new_upstream(**cls.scripts)
        cls.server = Server(cls.folder, cls.upstream, env=cls.env)
        cls.addClassCleanup(cls.server.kill_if_running)
        cls.server.start()
        cls.user = script(cls.server)

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()


class AppCase(ServedCase):
    """The same inside Databricks Apps: the proxy says who calls."""

    env = {"DATABRICKS_APP_NAME": "chatbot"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ann = person(cls.server, "ann")
        cls.bob = person(cls.server, "bob")
