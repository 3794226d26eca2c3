"""Streams of replies that only the database remembers."""

import os
import re
import sqlite3
import time
from pathlib import Path

from support.cases import FolderCase
from support.client import Reply, check_stream, new_id, script
from support.upstream import answer_to
from support.wire import BulkReader, wait_until

EVENTS = 1500
EVENT = "0123456789abcdef é 🌍 " * 400  # about 10 KB: 16 MB in all


class Rows:
    """The database of a server that is not running."""

    def __init__(self, server):
        self.db = sqlite3.connect(server.database)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.db.commit()
        self.db.close()

    def purge(self, message):
        """What the housekeeping does after a week."""
        log = self.log_of(message)
        self.db.execute("DELETE FROM reply_events WHERE reply = ?", (log,))
        self.db.execute("DELETE FROM reply_logs WHERE reply = ?", (log,))

    def log_of(self, message):
        return self.db.execute("SELECT reply FROM reply_logs"
                               " WHERE message_id = ?", (message,)
                               ).fetchone()[0]

    def grow(self, message, events):
        """As if the reply had said all this."""
        log = self.log_of(message)
        self.db.execute("DELETE FROM reply_events WHERE reply = ?", (log,))
        self.db.executemany(
            "INSERT INTO reply_events(reply, sequence, text_delta)"
            " VALUES(?, ?, ?)",
            ((log, n, text) for n, text in enumerate(events, 2)))
        self.set_text(message, "".join(events), len(events) + 2)

    def set_text(self, message, text, last):
        self.db.execute("UPDATE messages SET content = ?, last_sequence = ?"
                        " WHERE message_id = ?", (text, last, message))


def slow(exchange):
    """Slow enough for an event a part."""
    exchange.begin()
    for part in ("One. ", "Two é. ", "Three 🌍. ", "Four. "):
        exchange.delta(part)
        time.sleep(0.1)
    exchange.finish()


class StoredCase(FolderCase):
    def setUp(self):
        self.server = self.serve(self.new_upstream(slow=slow), env={
            "MAX_REPLY_BYTES": "64MiB"})
        self.user, self.session = script(self.server), new_id()
        self.reply = self.user.say("[slow] What do you remember?",
                                   self.session)
        self.message = self.reply.message_id
        self.server.stop()

    def resume(self, after=None):
        answer = self.user.resume(self.message, after=after)
        self.assertEqual(answer.status, 200, answer)
        self.addCleanup(answer.close)
        answer.reader = BulkReader()
        return answer


class WholeLog(StoredCase):
    def test_a_stored_reply_streams_as_the_live_one_did(self):
        self.server.restart()
        events = check_stream(self.resume().rest())
        self.assertEqual(Reply(events).text, self.reply.text)
        self.assertEqual(events[0].raw, self.reply.events[0].raw)
        self.assertEqual([e.raw for e in events[-2:]],
                         [e.raw for e in self.reply.events[-2:]])

    def test_a_long_log_goes_in_pages(self):
        with Rows(self.server) as rows:
            rows.grow(self.message, [EVENT] * EVENTS)
        self.server.restart()
        self.hold_open(4)  # what reading costs once, whoever reads
        before = self.memory()
        self.hold_open(12)
        # Whole logs would be 192 MB; the allocator keeps some of each page,
        # that of the address checks all.
        if "ASAN_OPTIONS" not in os.environ:
            self.assertLess(self.memory() - before, 24 << 20)
        text = Reply(check_stream(self.resume(after=0).rest(60))).text
        self.assertEqual(text, EVENT * EVENTS)
        middle = Reply(check_stream(self.resume(after=1001).rest(60)))
        self.assertEqual(middle.text, EVENT * (EVENTS - 1000))

    def hold_open(self, count):
        """Viewers that read one event and then nothing."""
        viewers = [self.resume(after=0) for _ in range(count)]
        for viewer in viewers:
            viewer.take(2)
        time.sleep(0.5)  # as much as it would send ahead

    def memory(self):
        status = Path(f"/proc/{self.server.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) << 10


class PurgedLog(StoredCase):
    def purge(self, text=None):
        with Rows(self.server) as rows:
            if text:
                rows.set_text(self.message, text, 500)
            rows.purge(self.message)
        self.server.restart()

    @property
    def last(self):
        return 500 if self.long else self.reply.events[-2].sequence

    long = False

    def test_who_has_nothing_gets_the_text(self):
        self.purge()
        events = check_stream(self.resume(after=0).rest())
        self.assertEqual(Reply(events).text, self.reply.text)
        events = check_stream(self.resume(after=1).rest())
        self.assertEqual(Reply(events).text, self.reply.text)
        self.assertEqual(len(events), 3)

    def test_who_stands_in_the_middle_is_given_all_anew(self):
        self.purge()
        first = self.reply.events[1].sequence
        self.assertLess(first, self.last - 1)
        reset, final, done = self.resume(after=first).rest()
        self.assertEqual(reset.type, "reset")
        self.assertEqual(reset.json["content"], self.reply.text)
        self.assertEqual(reset.sequence, self.last - 1)
        self.assertEqual(final.raw, self.reply.events[-2].raw)
        self.assertEqual(done.type, "done")

    def test_who_has_all_the_text_gets_the_end(self):
        self.purge()
        final, _ = self.resume(after=self.last - 1).rest()
        self.assertEqual(final.raw, self.reply.events[-2].raw)
        self.assertEqual(self.user.resume(
            self.message, after=self.last).status, 204)

    def test_long_text_comes_in_parts_that_can_be_cut(self):
        text = "".join(f"{n} é 🌍 " for n in range(300000))
        self.long = True
        self.purge(text)
        cut = self.resume(after=7)
        parts = cut.take(5)
        cut.close()
        self.assertEqual(parts[0].type, "reset")
        self.assertEqual({p.id for p in parts}, {None})
        for after in (0, 7):
            events = self.resume(after=after).rest(60)
            texts = [e for e in events if e.type != "done"][:-1]
            if after == 0:
                self.assertEqual(texts.pop(0).json["status"], "streaming")
            self.assertEqual(texts[0].type, "reset")
            self.assertEqual("".join(e.json["content"] for e in texts), text)
            self.assertEqual(texts[-1].sequence, 499)
            self.assertEqual({e.id for e in texts[:-1]}, {None})


class Anew(FolderCase):
    def test_a_follower_of_a_reply_made_anew_begins_anew(self):
        """It follows in the store, by the other of two loops."""
        server = self.serve(self.new_upstream(), env={"WORKERS": "2"})
        user, session = script(server), new_id()
        first = user.say("Once", session)
        again = user.regenerate(first.message_id, "Once", session)
        self.assertEqual(again.text, answer_to("Once"))
        wait_until(lambda: user.messages(session)[1]["status"] == "complete",
                   what="it is complete")
        for _ in range(12):
            with user.resume(first.message_id, after=0) as stream:
                self.assertEqual(Reply(check_stream(stream.rest())).text,
                                 again.text)
