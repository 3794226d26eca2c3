"""Points of a run, in the form that tools/suites.py counts."""

import sys
import threading


MOST = 3000


def shorten(text):
    """Beginning and end of what is too long to read."""
    if len(text) <= MOST:
        return text
    return f"{text[:MOST // 2]} ... {text[-MOST // 2:]}"


class Points:
    """Named statements; each ends as one point, broken or not."""

    def __init__(self, names):
        self.names = list(names)
        self.broken = {name: [] for name in self.names}
        self.checked = dict.fromkeys(self.names, 0)
        self.lock = threading.Lock()

    def check(self, name, holds, why=""):
        """Notes that a statement was looked at; gives whether it holds."""
        with self.lock:
            self.checked[name] += 1
            if not holds:
                self.broken[name].append(str(why))
                print(f"# BROKEN {name}: {shorten(str(why))}", flush=True)
        return holds

    def failures(self):
        return sum(map(len, self.broken.values()))

    def report(self):
        """Prints the points; gives how many are broken."""
        for number, name in enumerate(self.names, 1):
            state = "not ok" if self.broken[name] else "ok"
            print(f"{state} {number} - {name} "
                  f"({self.checked[name]} times)")
        print(f"1..{len(self.names)}")
        sys.stdout.flush()
        return sum(map(bool, self.broken.values()))
