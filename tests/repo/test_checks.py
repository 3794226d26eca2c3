"""Each check passes on this repository and complains about a bad sample."""

import importlib
import sys
import tempfile
import unittest
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tools"))

CHECKS = sorted(path.stem for path in (TOP / "tools").glob("check_*.py"))


def load(name):
    return importlib.import_module(name)


class Repository(unittest.TestCase):
    """One test for each script tools/check_*.py, added below."""


def passes(name):
    def test(self):
        complaints = load(name).check(TOP)
        if complaints:
            self.fail("\n" + "\n".join(complaints))

    return test


for check_name in CHECKS:
    setattr(Repository, f"test_{check_name}", passes(check_name))


class Samples(unittest.TestCase):
    """Each rule against a small tree that breaks it, and one that does not."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)

    def put(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def complaints(self, check):
        return "\n".join(load(check).check(self.root))

    def refuses(self, check, name, text, said):
        """The file is refused with these words; without it all is well."""
        path = self.put(name, text)
        self.assertIn(said, self.complaints(check))
        path.unlink()
        self.assertNotIn(said, self.complaints(check))

    def accepts(self, check, name, text):
        self.put(name, text)
        self.assertEqual("", self.complaints(check))

    def test_layers_refuse_an_upward_include(self):
        self.refuses("check_layers", "src/base/a.c", '#include "loop/loop.h"\n',
                     "a.c:1: src/base may not include loop/loop.h")

    def test_layers_refuse_a_neighbour(self):
        self.refuses("check_layers", "src/replies/a.c",
                     '/* why */\n#include "store/store.h"\n',
                     "a.c:2: src/replies may not include store/store.h")

    def test_layers_refuse_a_foreign_header(self):
        self.refuses("check_layers", "src/store/a.c", "#include <sqlite3.h>\n",
                     "sqlite3.h belongs to src/store/sqlite alone")
        self.refuses("check_layers", "src/api/a.h", "#include <curl/curl.h>\n",
                     "curl/curl.h belongs to src/http_client alone")

    def test_layers_refuse_an_unknown_library(self):
        self.refuses("check_layers", "src/api/a.c", "#include <zlib.h>\n",
                     "zlib.h has no owner")

    def test_layers_refuse_an_unknown_folder(self):
        self.refuses("check_layers", "src/extra/a.c", "\n",
                     "src/extra is not in tools/check_layers.py")

    def test_layers_accept_what_lies_below(self):
        self.put("src/api/api_int.h", "")
        self.accepts("check_layers", "src/api/a.c",
                     '#include <sys/stat.h>\n#include "base/str.h"\n'
                     '#include "store/store.h"\n#include "api_int.h"\n'
                     '// #include <uv.h>\n')

    def test_calls_refuse_the_banned(self):
        for name in load("check_calls").BANNED:
            self.refuses("check_calls", "src/app/a.c",
                         f"void f(void)\n{{\n    {name}(a);\n}}\n",
                         f"a.c:3: {name} is banned here")

    def test_calls_refuse_printing(self):
        self.refuses("check_calls", "src/api/a.c",
                     "void f(void)\n{\n    snprintf(a, 1, b);\n}\n",
                     "a.c:3: snprintf is banned here")

    def test_calls_accept_words_and_members(self):
        self.accepts("check_calls", "src/api/a.c",
                     '// system(x)\nchar *s = "system(x)";\n'
                     "int i = op->system(x) + my_system(x);\n")
        self.accepts("check_calls", "src/app/a.c", "int i = printf(x);\n")

    def function(self, body, parameters="void"):
        return f"static int work({parameters})\n{{\n{body}}}\n"

    def test_guarantees_want_a_test_that_exists(self):
        page, said = "docs/guarantees.md", "docs/guarantees.md:1: "
        self.put(page, "1. **All is well.** Tests: `tests/a.py: test_it`\n"
                       "2. **Always.**\n")
        self.assertEqual("docs/guarantees.md: promise 2 names no test\n"
                         f"{said}there is no tests/a.py",
                         self.complaints("check_guarantees"))
        self.put(page, "1. **All is well.** Tests: `tests/a.py: test_it`\n")
        self.put("tests/a.py", "def test_its(self):\n")
        self.assertEqual(f"{said}tests/a.py has no test test_it",
                         self.complaints("check_guarantees"))
        self.put("tests/a.py", "def test_it(self):\n")
        self.assertEqual("", self.complaints("check_guarantees"))

    def test_shape_refuses_a_long_function(self):
        self.refuses("check_shape", "src/a.c", self.function("    a();\n" * 78),
                     "a.c:1: work has lines 81, at most 80")
        self.accepts("check_shape", "src/a.c", self.function("    a();\n" * 77))

    def test_shape_refuses_a_tangle(self):
        self.refuses("check_shape", "src/a.c",
                     self.function("    if (a && b) c();\n" * 10),
                     "work has complexity 21, at most 20")
        names = "    case A: return x;\n" * 10 + '    case B: return "b";\n' * 9
        self.accepts("check_shape", "src/a.c", self.function(names))

    def test_shape_refuses_many_parameters(self):
        seven = "int a, int b, int c, int d, int e, fn(*f)(int, int), int g"
        self.refuses("check_shape", "src/a.c", self.function("", seven),
                     "work has parameters 7, at most 6")

    def test_shape_refuses_deep_nesting(self):
        deep = ("if (a) {", "for (;;) {", "while (b) {", "switch (c) {",
                "do {", "if (d) {")
        text = "\n".join(deep) + "\n" + "}" * len(deep) + "\n"
        self.refuses("check_shape", "src/a.c", self.function(text),
                     "work has nesting 6, at most 5")
        self.accepts("check_shape", "src/a.c", self.function(
            "if (a) {\nx = (struct s){{{{{{1}}}}}};\n}\n"))

    def test_shape_refuses_a_long_file(self):
        self.refuses("check_shape", "frontend/src/a.ts", "a\n" * 1001,
                     "a.ts: 1001 lines, at most 1000")

    def test_shape_finds_functions_behind_attributes_and_macros(self):
        text = ("struct table t[] = {\n    {f(1)},\n};\n\n"
                "__attribute__((cold)) struct s *first(int a)\n{\n}\n\n"
                "TEST(second)\n{\n    if (a)\n        b();\n}\n\n"
                "#define M(x) \\\n    third(x) { }\n\nint later(void);\n")
        found = [f.name for f in load("check_shape").functions(text)]
        self.assertEqual(["first", "second"], found)

    def test_format_refuses_a_long_line(self):
        (self.root / ".clang-format").write_text("DisableFormat: true\n")
        self.refuses("check_format", "src/a.h", "// " + "x" * 78 + "\n",
                     "a.h:1: 81 columns, at most 80")

    def test_format_refuses_another_layout(self):
        layout = (TOP / ".clang-format").read_text()
        (self.root / ".clang-format").write_text(layout)
        self.refuses("check_format", "src/a.c", "int f( void ){return 1;}\n",
                     "code should be clang-formatted")
        self.accepts("check_format", "src/a.c", "int a;\n")

    def test_format_refuses_a_broken_script(self):
        self.refuses("check_format", "a.sh", "#!/bin/sh\nif true\n",
                     "syntax error")

    def test_format_refuses_a_careless_script(self):
        self.refuses("check_format", "run", '#!/bin/bash\nrm $1\n', "SC2086")

    def test_headers_refuse_one_that_needs_others(self):
        self.refuses("check_headers", "src/base/a.h", "size_t f(void);\n",
                     "src/base/a.h: does not compile alone")
        self.accepts("check_headers", "src/base/a.h",
                     "#include <stddef.h>\nsize_t f(void);\n")

    def test_words_refuse_what_must_not_stay(self):
        for text, said in (("// TO" + "DO later\n", "note of unfinished work"),
                           ("a = '/ro" + "ot/x'\n", "path of one machine"),
                           ("/ho" + "me/ann/x\n", "path of one machine"),
                           ("https://regis" + "try.example.org/x\n",
                            "host of a package registry")):
            self.refuses("check_words", "src/a.c", text, f"a.c:1: {said}")
        self.accepts("check_words", "src/a.c", "/usr/share/x ~/x\n")

    def program(self, text):
        path = self.put("build/src/app/databricks-chatbot",
                        f"#!/bin/sh\nprintf '{text} %s\\n' \"$@\"\n")
        path.chmod(0o755)

    def test_options_refuse_a_stale_page(self):
        self.program("one")
        module = load("check_options")
        self.assertIn(".env.example: not what the option table prints",
                      self.complaints("check_options"))
        module.write(self.root)
        self.assertEqual("", self.complaints("check_options"))
        self.program("two")
        self.assertIn("docs/configuration.md: not what the option table prints",
                      self.complaints("check_options"))

    def test_options_refuse_a_program_that_fails(self):
        self.put("build/src/app/databricks-chatbot", "#!/bin/false\n")
        self.assertIn("cannot print it", self.complaints("check_options"))

    def test_routes_refuse_the_undocumented_and_the_untested(self):
        self.put("src/api/routes.c",
                 '{"GET", "/chat-api/chats/{id}", f},\n'
                 '{.method = "POST", .pattern = "/chat-api/chat"},\n')
        said = self.complaints("check_routes")
        self.assertIn("routes.c:1: GET /chat-api/chats/{id} is not in", said)
        self.assertIn("routes.c:1: no test speaks of /chat-api/chats/{id}",
                      said)
        self.put("docs/api.md", "`POST /chat-api/chat`\n"
                                "`GET  /chat-api/chats/{id}`\n")
        self.put("tests/http/test_a.py", 'get(f"/chat-api/chats/{chat}")\n')
        self.assertEqual("src/api/routes.c:2: no test speaks of /chat-api/chat",
                         self.complaints("check_routes"))
        self.put("tests/http/test_b.py", 'post("/chat", {})\n')
        self.assertEqual("", self.complaints("check_routes"))

    def test_metrics_refuse_what_is_not_documented_or_not_there(self):
        self.put("src/telemetry/metrics.h", 'X(A, "a_total", "counter", "x")\n'
                                            'X(B, "b_seconds", "x")\n')
        rows = "| `chatbot_a_total` | x |\n| `chatbot_b_seconds` | x |\n"
        self.accepts("check_metrics", "docs/operations.md", rows)
        self.put("docs/operations.md",
                 rows.replace("a_total", "c_total"))
        self.put("deploy/prometheus/alerts.yml",
                 "expr: chatbot_b_seconds_bucket + chatbot_d\n")
        self.assertEqual(
            "deploy/prometheus/alerts.yml: there is no metric chatbot_d\n"
            "docs/operations.md: no row for chatbot_a_total\n"
            "docs/operations.md: there is no metric chatbot_c_total",
            self.complaints("check_metrics"))

    def test_routes_refuse_to_find_nothing(self):
        self.put("src/api/routes.c", "int a;\n")
        self.assertIn("no row of a route table",
                      self.complaints("check_routes"))

    def test_errors_refuse_a_missing_row_and_an_unknown_code(self):
        self.put("src/api/problem.h", 'X(GONE, 410, "gone", "Gone")\n'
                                      'X(INTERNAL, 500, "internal", "x")\n')
        self.put("src/databricks/error.h", 'X(BLOCKED, "blocked")\n')
        rows = "| `gone` | 410 |\n| `internal`, `blocked` | 500 |\n"
        self.accepts("check_errors", "docs/errors.md", rows)
        self.put("docs/errors.md", rows.replace("`gone`", "`invented`"))
        self.assertEqual("docs/errors.md: no row for gone\n"
                         "src: no source file knows the code invented",
                         self.complaints("check_errors"))

    def test_errors_refuse_faults_without_a_row_or_a_test(self):
        self.put("src/databricks/error.h", 'X(DOWN, "down")\n')
        self.put("src/emulator/fault.c",
                 '{"error-<n>", "error-1", EMU_FAULT_A, ANY, 0, 9, "x"},\n'
                 '{"login", "login", EMU_FAULT_B, AGENT, 0, 0, "x"},\n'
                 '{"ttl-<n>", "ttl-1", EMU_FAULT_C, TOKEN, 0, 0, "x"},\n')
        self.put("frontend/e2e/faults.spec.ts", "heading: 'Faults'\n")
        code = "| `down` | Gone. |\n\n"
        rows = ("| `error-500` | x | `down` | none | error | No. | Try again |\n"
                "| `agent-login` | x | – | all | complete | – | – |\n")
        self.accepts("check_errors", "docs/errors.md",
                     f"{code}### Faults\n\n{rows}")
        for wrong, said in (
                (rows[:rows.index("| `agent")], "no row for the fault login"),
                (rows + rows.replace("error-500", "error-x"),
                 "the emulator has no fault error-x"),
                (rows.replace("`down`", "`up`"), "an unknown code, `up`"),
                (rows.replace("| error |", "| complete |"),
                 "error-500 cannot be complete with `down`"),
                (rows.replace("Try again", "Beg"), "not there: Beg"),
                (rows.replace("| No. ", ""), "error-500 has 6 cells")):
            self.put("docs/errors.md", f"{code}### Faults\n\n{wrong}")
            self.assertIn(said, self.complaints("check_errors"))
        self.put("docs/errors.md", f"{code}### Others\n\n{rows}")
        self.assertIn("does not go through “Others”",
                      self.complaints("check_errors"))


if __name__ == "__main__":
    unittest.main()
