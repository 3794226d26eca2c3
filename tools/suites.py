#!/usr/bin/env python3
"""Runs the test suites, shows how they go, and counts: see ./test list.

Started by ./test, which has installed and built what all suites share. A suite
is a function that returns (passed, failed); what it printed goes to a log that
is shown at the end if something failed.
"""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
LOGS = TOP / "build" / "logs"
SUITE_SECONDS = 900
BROWSER_SECONDS = 2400
TAIL_LINES = 150
AGAIN = "== once more =="

PROGRAM = "src/app/databricks-chatbot"

# The release build refuses warnings; with sanitizers gcc also warns of what
# they make of the code.
CHECKED = ["--buildtype=debug", "-Doptimization=1", "-Dwerror=false",
           "-Db_lundef=false"]
BUILDS = {
    "build": ["--buildtype=release"],
    "build-asan": [*CHECKED, "-Db_sanitize=address,undefined"],
    "build-tsan": [*CHECKED, "-Db_sanitize=thread"],
}

SANITIZERS = {
    "ASAN_OPTIONS": "detect_leaks=1:halt_on_error=1",
    "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
    "TSAN_OPTIONS": "halt_on_error=1:second_deadlock_stack=1:"
                    f"suppressions={TOP}/tools/tsan.supp",
}


class Log:
    """The output of one suite, in a file."""

    def __init__(self, name):
        self.path = LOGS / f"suite-{name.removeprefix('suite-')}.log"
        self.path.write_bytes(b"")

    def run(self, *command, cwd=TOP, env=None, seconds=SUITE_SECONDS):
        """Runs a command to its end or the time limit; gives its status."""
        with self.path.open("ab") as out:
            process = subprocess.Popen(
                command, cwd=cwd, stdout=out, stderr=out,
                stdin=subprocess.DEVNULL, start_new_session=True,
                env={**os.environ, **(env or {})})
            try:
                return process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.say(f"stopped after {seconds} s: {command}")
                return 124
            finally:
                end_group(process)

    def say(self, text):
        with self.path.open("a") as out:
            out.write(text + "\n")

    def text(self):
        return self.path.read_text(errors="replace")


def end_group(process):
    """Ends what a command may have left running in its own session."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def build(name):
    """Builds the server in one of BUILDS; false if that failed."""
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c",
         '. tools/lib.sh; build_server "$@"', "-", name, "all", *BUILDS[name]],
        cwd=TOP).returncode == 0


def count_tap(text):
    """Counts the points of a TAP run, those skipped apart."""
    failed = len(re.findall(r"^not ok\b", text, re.M))
    skipped = len(re.findall(r"^ok\b.*#\s*skip", text, re.M | re.I))
    return len(re.findall(r"^ok\b", text, re.M)) - skipped, failed


def meson(build_dir, *selection):
    """A suite of TAP programs that Meson runs; each point counts."""

    def run(log):
        base = "suite-" + "-".join(selection).replace("--", "")
        results = TOP / build_dir / "meson-logs" / f"{base}.json"
        results.unlink(missing_ok=True)
        log.run("meson", "test", "-C", build_dir, "--no-rebuild",
                "--print-errorlogs", "--logbase", base, *selection,
                env=SANITIZERS)
        passed = failed = 0
        if results.exists():
            for line in results.read_text().splitlines():
                program = json.loads(line)
                good, bad = count_tap(program.get("stdout") or "")
                if program["result"] not in ("OK", "SKIP") and not bad:
                    bad = 1
                passed, failed = passed + good, failed + bad
        return passed, failed

    return run


def each(*commands, cwd=TOP):
    """A suite in which each command is one test."""

    def run(log):
        results = [log.run(*command, cwd=cwd) == 0 for command in commands]
        return results.count(True), results.count(False)

    return run


def both(*parts):
    """Several suites counted as one."""

    def run(log):
        counts = [part(log) for part in parts]
        return sum(c[0] for c in counts), sum(c[1] for c in counts)

    return run


def count_unittest(text):
    """Counts what one run of unittest has said."""
    ran = sum(map(int, re.findall(r"^Ran (\d+) test", text, re.M)))
    outcome = dict(re.findall(r"(failures|errors|skipped)=(\d+)", text))
    failed = int(outcome.get("failures", 0)) + int(outcome.get("errors", 0))
    return max(ran - failed - int(outcome.get("skipped", 0)), 0), failed


def python(folder, pattern="test*.py", at_once=1, **env):
    """The unittest modules of a folder, the longest first. Those that wait for
    servers of their own run several at once."""

    def run(log):
        files = sorted((TOP / folder).glob(pattern),
                       key=lambda file: -file.stat().st_size)

        def one(file):
            own = Log(f"{log.path.stem}-{file.stem}")
            status = own.run(sys.executable, "-m", "unittest", "-v", file.stem,
                             cwd=TOP / folder,
                             env={"PYTHONDONTWRITEBYTECODE": "1", **env})
            passed, failed = count_unittest(own.text())
            log.say(f"== {file.name} ==\n{own.text()}")
            return passed, failed or int(status != 0)

        with ThreadPoolExecutor(at_once) as pool:
            counts = list(pool.map(one, files))
        return sum(c[0] for c in counts), sum(c[1] for c in counts)

    return run


def points(folder, *scripts, **env):
    """Scripts that print TAP; each is a file of the folder and arguments.
    They mostly wait, so two run at a time."""

    def run(log):
        def one(script):
            own = Log("-".join([log.path.stem, *script]).replace(".py", ""))
            status = own.run(sys.executable, f"{folder}/{script[0]}",
                             *script[1:], env={
                                 "PYTHONDONTWRITEBYTECODE": "1", **env})
            passed, failed = count_tap(own.text())
            log.say(f"== {' '.join(script)} ==\n{own.text()}")
            return passed, failed or int(status != 0)

        with ThreadPoolExecutor(2) as pool:
            counts = list(pool.map(one, scripts))
        return sum(c[0] for c in counts), sum(c[1] for c in counts)

    return run


def vitest(log):
    """The unit tests of the page."""
    results = LOGS / "vitest.json"
    results.unlink(missing_ok=True)
    status = log.run("node", "node_modules/vitest/vitest.mjs", "run",
                     "--reporter=default", "--reporter=json",
                     f"--outputFile.json={results}", cwd=TOP / "frontend")
    if not results.exists():
        return 0, 1
    counts = json.loads(results.read_text())
    failed = counts["numFailedTests"]
    return counts["numPassedTests"], failed or int(status != 0)


def playwright(**env):
    """The journeys in a browser against the real binary. Asked once more, only
    those that failed go again, and leave a trace."""

    def run(log):
        again = AGAIN in log.text()
        first, second = (LOGS / f"{log.path.stem}{end}.json"
                         for end in ("", "-again"))
        results = second if again else first
        results.unlink(missing_ok=True)
        more = ["--last-failed", "--trace=retain-on-failure"] if again else []
        status = log.run("node", "node_modules/@playwright/test/cli.js",
                         "test", "--reporter=list,json", *more,
                         cwd=TOP / "frontend", seconds=BROWSER_SECONDS,
                         env={"PLAYWRIGHT_JSON_OUTPUT_NAME": str(results),
                              **env})
        if not results.exists():
            return 0, 1
        stats = json.loads(results.read_text())["stats"]
        failed = stats["unexpected"] + stats["flaky"]
        passed = stats["expected"]
        if again:
            passed += json.loads(first.read_text())["stats"]["expected"]
        return passed, failed or int(status != 0)

    return run


def page_script(name):
    return ["node", "--run", name]


class Suite:
    """With `beside` it runs in a lane of its own beside the others: it mostly
    waits or keeps one processor busy. With `apart` it runs only when named."""

    def __init__(self, about, run, builds=(), quick=False, beside=False,
                 apart=False):
        self.about, self.run = about, run
        self.builds, self.quick, self.beside = builds, quick, beside
        self.apart = apart


# Suites run beside each other, and everything is slower under the sanitizers:
# what waits for something waits longer before it gives up.
PATIENT = {"CHATBOT_TEST_PATIENCE": "2"}
HTTP_ASAN = {"CHATBOT_TEST_PATIENCE": "4",
             "CHATBOT_BIN": f"{TOP}/build-asan/{PROGRAM}", **SANITIZERS}

HTTP_TSAN = {**HTTP_ASAN,
             "CHATBOT_BIN": f"{TOP}/build-tsan/{PROGRAM}"}

SUITES = {
    "repo": Suite("the checks of tools/ and their own tests",
                  python("tests/repo"), ["build"], quick=True),
    "unit": Suite("C unit tests", meson("build", "--suite", "unit"),
                  ["build"], quick=True),
    "contract": Suite("one suite for every store",
                      meson("build", "--suite", "contract"),
                      ["build"], quick=True),
    "page": Suite("the page: format, lint, types, unit tests, size budget",
                  both(each(page_script("format"), page_script("lint"),
                            page_script("typecheck"), page_script("budget"),
                            cwd=TOP / "frontend"),
                       vitest), quick=True),
    "interface": Suite("the OpenAPI document, and the page's types of it",
                       both(each(["node", "--run", "api-types", "--",
                                  "--check"], cwd=TOP / "frontend"),
                            python("tests/http", "test_openapi.py",
                                   **PATIENT)), ["build"], quick=True),
    "http": Suite("the real binary over HTTP, bad days included",
                  python("tests/http", at_once=4, CHATBOT_CHECK_OPENAPI="1",
                         **PATIENT),
                  ["build"], quick=True, beside=True),
    "http-slow": Suite("more of that: half-minute waits, PostgreSQL",
                       python("tests/http", "slow*.py", at_once=3, **PATIENT),
                       ["build"], beside=True),
    "asan": Suite("all C tests under address and undefined-behaviour checks",
                  meson("build-asan"), ["build-asan"]),
    "tsan": Suite("what crosses threads, under the thread checker",
                  meson("build-tsan", "--suite", "threads"), ["build-tsan"]),
    "http-tsan": Suite("several loops in one process, under the same",
                       python("tests/http", "test_workers.py", **HTTP_TSAN),
                       ["build-tsan"]),
    "http-asan": Suite("the same as http under those checks",
                       python("tests/http", at_once=3, **HTTP_ASAN),
                       ["build-asan"], beside=True),
    "fault": Suite("killed hundreds of times, cut, starved of disk and memory",
                   points("tests/fault", ["crash.py", "sqlite"],
                          ["crash.py", "postgres"], ["viewers.py", "one"],
                          ["viewers.py", "nodes", "40"],
                          ["faults.py", "io"], ["faults.py", "postgres"],
                          ["slow_disk.py"]),
                   ["build"], beside=True),
    "fault-asan": Suite("the same starving under address checks",
                        points("tests/fault", ["faults.py", "memory"],
                               ["faults.py", "io", "2"], **HTTP_ASAN),
                        ["build", "build-asan"], beside=True),
    "bench": Suite("the measurements with little data, instructions counted",
                   each(["bench/run", "--short"], ["bench/instructions"]),
                   ["build"], beside=True),
    "deploy": Suite("the release in one file, as it is uploaded",
                    python("tests/deploy"), beside=True),
    "e2e": Suite("journeys in Chromium", playwright(), ["build"]),
    "e2e-all": Suite("all of them, wide and narrow, light and dark",
                     playwright(E2E_SCREENS="all"), ["build"], apart=True),
}


class Ticker:
    """Shows that a suite is still going on."""

    def __init__(self, name):
        self.name, self.started = name, time.monotonic()
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.tick, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()

    def seconds(self):
        return time.monotonic() - self.started

    def tick(self):
        terminal = sys.stdout.isatty()
        while not self.stop.wait(1 if terminal else 30):
            if terminal:
                print(f"\r\033[K  {self.name} {self.seconds():.0f} s",
                      end="", flush=True)
            else:
                print(f"  {self.name} ... {self.seconds():.0f} s", flush=True)
        if terminal:
            print("\r\033[K", end="")


BUILDING = threading.Lock()


def build_all(names):
    with BUILDING:
        return all([build(name) for name in names])


def attempt(suite, log):
    try:
        passed, failed = suite.run(log)
    except Exception as error:  # a broken suite is a failed one
        log.say(f"{type(error).__name__}: {error}")
        return 0, 1
    if passed + failed == 0:
        log.say("no test ran")
        return 0, 1
    return passed, failed


def run_suite(name):
    """Runs one suite with its builds; gives passed, failed and its log. These
    tests wait for real processes on machines that others use too: a suite
    that fails is run once more, and both outcomes are told."""
    suite, log = SUITES[name], Log(name)
    if not build_all(suite.builds):
        log.say(f"not run: a build failed, see {LOGS.relative_to(TOP)}")
        passed, failed, seconds, note = 0, 1, 0.0, ""
    else:
        with Ticker(name) as ticker:
            passed, failed = attempt(suite, log)
            note = ""
            if failed:
                note = f" ({failed} failed at first)"
                log.say(AGAIN)
                passed, failed = attempt(suite, log)
            seconds = ticker.seconds()
    print(f"{name:10} {passed:5} passed {failed:4} failed {seconds:7.1f} s"
          f"{note}", flush=True)
    return passed, failed, log


def show_failure(log):
    """Shows the end of a log without the tests that passed."""
    lines = [line for line in log.text().splitlines()
             if not re.search(r"\.\.\. ok$|^ok \d", line)]
    print(f"\n== {log.path.relative_to(TOP)} ==")
    print("\n".join(lines[-TAIL_LINES:]))


def run_suites(names):
    """Runs suites in turn, some in a lane beside the others, and
    closes with the sum; gives the exit status."""
    lanes = [[n for n in names if SUITES[n].beside == beside]
             for beside in (False, True)]
    with ThreadPoolExecutor(len(lanes)) as pool:
        runs = pool.map(lambda lane: [run_suite(n) for n in lane], lanes)
        results = [result for lane in runs for result in lane]
    for _, failed, log in results:
        if failed:
            show_failure(log)
    passed = sum(r[0] for r in results)
    failed = sum(r[1] for r in results)
    print(f"\n{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


def main(arguments):
    if arguments == ["list"]:
        for name, suite in SUITES.items():
            mark = "quick" if suite.quick else "apart" if suite.apart else ""
            print(f"{name:10} {mark:6} {suite.about}")
        print(f"{'fresh':10} {'apart':6} ./run, the release, ./test quick "
              "in a clean Debian 12 root")
        return 0
    if arguments == ["fresh"]:
        return subprocess.run(["bash", "tools/fresh.sh"], cwd=TOP).returncode
    if arguments == ["quick"]:
        arguments = [n for n, suite in SUITES.items() if suite.quick]
    unknown = [name for name in arguments if name not in SUITES]
    if unknown:
        print(f"No suite {', '.join(unknown)}; see ./test list",
              file=sys.stderr)
        return 2
    return run_suites(arguments or [name for name, suite in SUITES.items()
                                    if not suite.apart])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
