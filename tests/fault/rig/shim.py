"""The other side of shim/shim.h: tells the library which calls to disturb."""

import ctypes
import mmap
import os
import re
import subprocess
from pathlib import Path

from . import TOP

from support.process import BIN

LIBRARY = Path(os.environ.get(
    "FAULT_SHIM", TOP / "build/tests/fault/libfault_shim.so"))

CALLS = ("pwrite", "write", "fsync", "truncate", "rename", "unlink", "open",
         "pread", "malloc")
ACTIONS = ("count", "kill-before", "kill-after", "fail", "short", "torn",
           "slow")
PLACES = ("anywhere", "file", "client", "unix", "outward")
LIBRARIES = {"sqlite3": 1, "curl": 2, "jansson": 4, "pq": 8, "crypto": 16}
SLOTS, NAME_SIZE, FOREVER = 8, 40, 2 ** 63


def sanitizer():
    """The sanitizer's library, which must come right after ours."""
    needed = subprocess.run(["ldd", BIN], capture_output=True, text=True)
    found = re.search(r"lib[at]san\S* => (\S+)", needed.stdout)
    return [found.group(1)] if found else []


class Slot(ctypes.Structure):
    _fields_ = [("armed", ctypes.c_uint32), ("calls", ctypes.c_uint32),
                ("action", ctypes.c_uint32), ("error", ctypes.c_int32),
                ("place", ctypes.c_uint32), ("libraries", ctypes.c_uint32),
                ("count", ctypes.c_uint64), ("hits", ctypes.c_uint64),
                ("first", ctypes.c_uint64), ("last", ctypes.c_uint64),
                ("name", ctypes.c_char * NAME_SIZE)]


class Page(ctypes.Structure):
    _fields_ = [("port", ctypes.c_uint32), ("unused", ctypes.c_uint32),
                ("slots", Slot * SLOTS)]


class Shim:
    """The page of one server; it may be armed before or while it runs."""

    def __init__(self, folder, port=0):
        self.path = Path(folder) / "fault.page"
        self.path.write_bytes(bytes(ctypes.sizeof(Page)))
        with self.path.open("r+b") as file:
            self.memory = mmap.mmap(file.fileno(), ctypes.sizeof(Page))
        self.page = Page.from_buffer(self.memory)
        self.page.port = port

    def environment(self):
        """Variables of the server."""
        libraries = [str(LIBRARY), *sanitizer()]
        options = os.environ.get("ASAN_OPTIONS", "detect_leaks=1")
        return {"LD_PRELOAD": ":".join(libraries),
                "FAULT_PAGE": str(self.path),
                "ASAN_OPTIONS": f"{options}:verify_asan_link_order=0:"
                                "allocator_may_return_null=1"}

    def arm(self, calls, action="count", number=0, *, slot=0, **more):
        """Disturbs call `number` of these calls, and none when it is 0.

        more: place, name (ending of the file's name), error (an errno, or the
        milliseconds of a slow call), last
        (number of the last call disturbed), libraries (for malloc)."""
        at = self.page.slots[slot]
        at.armed = 0
        at.calls = sum(1 << CALLS.index(call) for call in calls.split())
        at.action = ACTIONS.index(action)
        at.error = more.get("error", 0)
        name = more.get("name", "")
        at.place = PLACES.index(
            more.get("place", "file" if name else "anywhere"))
        at.libraries = sum(LIBRARIES[library] for library
                           in more.get("libraries", "").split())
        at.count = at.hits = 0
        at.first = number or FOREVER
        at.last = more.get("last", number or FOREVER)
        at.name = name.encode()
        at.armed = 1

    def disarm(self):
        for slot in self.page.slots:
            slot.armed = 0

    def count(self, slot=0):
        """Calls that matched since arm()."""
        return self.page.slots[slot].count

    def hits(self, slot=0):
        """Calls that were disturbed since arm()."""
        return self.page.slots[slot].hits
