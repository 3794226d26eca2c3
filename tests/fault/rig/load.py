"""People who use the server at the same time, and viewers who come and go.

Each one goes on until the server does not answer any more. All of them are
driven by numbers of one seed, so that a run can be told to do the same again
(the moments are the machine's own)."""

import functools
import threading
import traceback

from support.client import person
from support.wire import BulkReader, Closed, Response

from .ledger import Chat, Reply, Take, Turn, View

GONE = (OSError, Closed)
STREAM_SECONDS = 30


class Actor(threading.Thread):
    """Repeats step() until the server is gone."""

    def __init__(self, rig, chance):
        super().__init__(daemon=True)
        self.rig, self.chance = rig, chance

    def run(self):
        try:
            while not self.rig.over.is_set():
                self.step()
        except GONE:
            pass
        except Exception:
            self.rig.fault(traceback.format_exc())

    def follow(self, stream, view, events=None):
        """Reads into the view: to the end, or so many events."""
        stream.reader = BulkReader()
        with stream:
            while events is None or events > 0:
                event = stream.next(STREAM_SECONDS)
                if event is None:
                    return
                view.add(event)
                events = events and events - 1
            if self.chance.random() < 0.5:
                stream.reset()


class Chatter(Actor):
    """A person at one device, with chats of its own."""

    def __init__(self, rig, chance, name, chats):
        super().__init__(rig, chance)
        self.user = person(rig.server, name)
        self.name, self.chats = name, chats
        self.unsure = [t for c in chats[-4:] for t in c.turns[-1:]
                       if c.deleted.sure is False]
        self.number = 0

    def step(self):
        chat = self.choose_chat()
        reply = self.send(chat, self.choose_turn(chat))
        if reply:
            self.act(chat, reply)

    def choose_chat(self):
        """One of the last ones, so that chats become longer; or a new one."""
        open_ones = [c for c in self.chats[-4:] if c.deleted.sure is False]
        if open_ones and self.chance.random() < 0.7:
            return self.chance.choice(open_ones)
        chat = Chat(self.name)
        self.chats.append(chat)
        self.rig.touched.append(chat)
        return chat

    def choose_turn(self, chat):
        """Sometimes a send is repeated, as after a crash it would be."""
        if chat not in self.rig.touched:
            self.rig.touched.append(chat)
        if chat.turns and chat.turns[-1] in self.unsure and \
                not chat.turns[-1].edited:
            self.unsure.remove(chat.turns[-1])
            return chat.turns[-1]
        self.number += 1
        size = self.rig.message_size(self.chance)
        length = self.chance.choice(("short ", "", "", "table "))
        chat.turns.append(Turn(
            f"{length}{self.number} of {chat.session_id}" + " é" * size))
        return chat.turns[-1]

    def send(self, chat, turn):
        """The send's reply, None when it was refused."""
        fresh = turn.sent.sure is False
        answer = turn.sent.attempt(True, lambda: self.user.open("/chat", {
            "session_id": chat.session_id, "content": turn.content,
            "message_id": turn.message_id}))
        self.rig.count("send", answer, chat if fresh else None)
        if isinstance(answer, Response):
            return None
        take = turn.reply.take if turn.reply else Take(True)
        self.watch(answer, take, turn)
        return turn.reply

    def watch(self, stream, take, turn):
        """Sees the reply come; a new one is shown to the viewers."""
        view = View(take)
        stream.reader = BulkReader()
        first = stream.next(STREAM_SECONDS)
        if first is None:
            raise Closed("by a server that is stopping")
        view.add(first)
        take.closed = False
        if turn.reply is None:
            turn.reply = Reply(first.json["message_id"], take)
        self.rig.live.append((self.name, turn.reply))
        events = self.chance.choice((None, None, 1, 3, 8))
        self.follow(stream, view, events)

    def act(self, chat, reply):
        """One more thing with the chat or the reply."""
        actions = [self.rate, self.stop, self.regenerate, self.report,
                   self.delete, self.nothing, self.nothing]
        actions += [functools.partial(action, self)
                    for action in self.rig.more_actions]
        self.chance.choice(actions)(chat, reply)

    def nothing(self, *_):
        pass

    def rate(self, _, reply):
        rating = self.chance.choice(("up", "down", None))
        self.rig.count("rate", reply.rating.attempt(
            rating, lambda: self.user.rate(
                reply.message_id, rating or "null")))

    def stop(self, _, reply):
        answer = self.user.stop(reply.message_id)
        self.rig.count("stop", answer)
        if answer.status == 200:
            reply.take.stopped = answer.json["status"] == "stopped"

    def regenerate(self, chat, reply):
        turn = next(t for t in chat.turns if t.reply is reply)
        if not reply.take.close():
            return
        take = Take(False)
        reply.takes.append(take)
        reply.rating.possible |= {None}
        answer = self.user.open("/regenerate", {
            "message_id": reply.message_id, "session_id": chat.session_id,
            "original_content": turn.content})
        self.rig.count("regenerate", answer)
        if isinstance(answer, Response):
            if answer.status < 500:
                reply.takes.pop()
                reply.take.closed = False
            return
        take.sure = True
        reply.rating.possible = {None}
        self.watch(answer, take, turn)

    def report(self, chat, _):
        """An error sentence that a client showed."""
        turn = Turn(f"An error in {chat.session_id}")
        chat.reports[turn.message_id] = turn.sent
        self.rig.count("report", turn.sent.attempt(
            True, lambda: self.user.post("/error", {
                "message_id": turn.message_id, "content": turn.content,
                "session_id": chat.session_id, "role": "assistant"})))

    def delete(self, chat, _):
        if self.chance.random() < 0.3:
            self.rig.count("delete", chat.deleted.attempt(
                True, lambda: self.user.call(
                    "DELETE", f"/chats/{chat.session_id}")), chat)


class Viewer(Actor):
    """Attaches to replies that run, at places seen before, and leaves."""

    def step(self):
        live = self.rig.live[-12:]
        if not live:
            return self.rig.over.wait(0.01)
        name, reply = self.chance.choice(live)
        take = reply.take
        if not take.enter():
            return None
        try:
            if take is reply.take:
                self.view(person(self.rig.server, name), reply, take)
        finally:
            take.leave()
        return None

    def view(self, user, reply, take):
        text, after = self.choose_place(take)
        answer = user.resume(reply.message_id, after=after)
        self.rig.count("view", answer)
        if not isinstance(answer, Response):
            self.follow(answer, View(take, text, after),
                        self.chance.choice((None, 1, 2, 5)))
        elif answer.status == 204:
            self.rig.over.wait(0.02)

    def choose_place(self, take):
        """Text and number of an event that somebody has seen."""
        if not take.views or self.chance.random() < 0.3:
            return "", 0
        view = self.chance.choice(take.views)
        after = self.chance.choice(list(view.marks))
        return view.text[:view.marks[after]], after
