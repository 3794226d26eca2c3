"""What clients were told and what they saw, and what may therefore stand in
the database after a crash."""

import threading
import uuid

from support.client import FINAL


class Fact:
    """A value that clients change; what it may be now."""

    ANY = "<anything>"

    def __init__(self, value):
        self.possible = {value}

    def attempt(self, value, action):
        """Runs a request that sets it. Without an answer both may be so."""
        before = set(self.possible)
        self.possible |= {value}
        response = action()
        if response.status < 300:
            self.possible = {value}
        elif response.status < 500:
            self.possible = before
        return response

    def settle(self, value):
        """It was read; it stays so. False when that may not be."""
        fits = value in self.possible or self.ANY in self.possible
        self.possible = {value}
        return fits

    @property
    def sure(self):
        """The value, None while it may be several."""
        return next(iter(self.possible)) if len(self.possible) == 1 else None


class View:
    """What one viewer of a reply saw, from a place on."""

    def __init__(self, take, text="", after=0):
        self.take, self.text, self.last = take, text, after
        self.begin = after
        self.marks = {after: len(text)}
        self.raw = []
        self.final = None
        self.faults = []
        take.views.append(self)

    def add(self, event):
        if event.type == "reset":
            self.text, self.marks, self.last = "", {}, 0
        elif event.type != "message":
            return
        document = event.json
        self.raw.append(event.raw)
        if self.final:
            self.faults.append(f"an event after the last: {event.raw!r}")
        if event.sequence <= self.last:
            self.faults.append(f"{event.sequence} after {self.last}")
        self.last = event.sequence
        if document.get("status") in FINAL:
            self.final = document
            if document.get("error") and not self.text:
                return
        self.text += document["content"]
        self.marks[event.sequence] = len(self.text)


class Take:
    """One making of a reply; a regeneration is another. Viewers may come
    once its first event was seen, for before that they would be shown the
    one before."""

    def __init__(self, sure, base=None):
        """base: the take whose text this one goes on with."""
        self.sure, self.base = sure, base
        self.views = []
        self.lock = threading.Lock()
        self.watched, self.closed = 0, not sure
        self.stopped = False

    def enter(self):
        """A viewer comes; False when the take is being replaced."""
        with self.lock:
            self.watched += not self.closed
            return not self.closed

    def leave(self):
        with self.lock:
            self.watched -= 1

    def close(self):
        """No viewer from now on; False while there is one."""
        with self.lock:
            self.closed = self.closed or self.watched == 0
            return self.closed

    def fits(self, message):
        """What is wrong with the stored message, None when nothing is."""
        begun = [v.text for v in (self.base.views if self.base else [])]
        if not all(message["content"].startswith(text) for text in begun):
            return f"goes on, but not behind {begun}: {message}"
        for view in self.views:
            if not message["content"].startswith(view.text):
                return (f"seen {view.text!r} from {view.begin} on as "
                        f"{view.raw[:3]}, stored {message}")
            if view.final and (view.final["status"] != message["status"] or
                               view.text != message["content"]):
                return (f"seen to the end as {view.final}, {view.text!r}; "
                        f"stored {message}")
        return self.compare_views()

    def compare_views(self):
        """An event number means the same place in the text for all."""
        places = {}
        for view in self.views:
            for sequence, length in view.marks.items():
                if places.setdefault(sequence, length) != length:
                    return (f"event {sequence} ends at {length} for one and "
                            f"at {places[sequence]} for another viewer")
        return None


class Reply:
    def __init__(self, message_id, take):
        self.message_id = message_id
        self.takes = [take]
        self.rating = Fact(None)

    @property
    def take(self):
        return self.takes[-1]

    def settle(self, message):
        """What is wrong with the stored message. An unsure take that is not
        there is dropped."""
        wrong = self.take.fits(message)
        if wrong and not self.take.sure and len(self.takes) > 1:
            self.takes.pop()
            wrong = self.take.fits(message)
        if not self.take.sure:
            self.takes = [Take(True)]  # what stands there is not known
        if wrong is None and not self.rating.settle(message["rating"]):
            wrong = f"rated {message['rating']}, not {self.rating.possible}"
        return wrong


class Turn:
    """A send: unsure until it is answered or looked for."""

    def __init__(self, content):
        self.message_id = str(uuid.uuid4())
        self.content, self.other = content, None  # other: an unsure edit
        self.edited = False
        self.sent = Fact(False)
        self.reply = None


    def settle_edit(self, content):
        """The text was read; it stays so, and the reply that goes with it."""
        if self.other == content:
            self.content, self.reply = content, None
        self.other = None


class Chat:
    def __init__(self, person):
        self.session_id = f"s-{uuid.uuid4()}"
        self.person = person
        self.turns = []
        self.deleted = Fact(False)
        self.facts = {}
        self.reports = {}
        self.queue = []
        self.draft = None
        self.told = False

    @property
    def known(self):
        """Whether a client was told that there is such a chat."""
        return (any(t.sent.sure for t in self.turns) or
                any(r.sure for r in self.reports.values()))
