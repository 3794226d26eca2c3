"""What must hold of a chat after the server has started again."""

from support.client import FINAL, check_stream
from support.wire import BulkReader, Response

from . import more
from .promises import ACKNOWLEDGED, FINAL_STATE, ONCE, RESUME, SEEN


class Checker:
    """Compares the ledger's chats with what the server says now."""

    def __init__(self, points, chance):
        self.points, self.chance = points, chance

    def chat(self, user, chat):
        """Looks at one chat; the ledger then knows what is there."""
        answer = user.get(f"/chats/{chat.session_id}")
        if answer.status == 404:
            fits = chat.deleted.sure is not False or not chat.known
            self.points.check(ACKNOWLEDGED, fits, f"gone: {chat.session_id}")
            if chat.deleted.sure is not False:
                chat.deleted.settle(True)
            else:
                for turn in chat.turns:
                    turn.sent.settle(False)
            return
        if not self.points.check(ACKNOWLEDGED, answer.status == 200, answer):
            return
        self.points.check(ACKNOWLEDGED, chat.deleted.settle(False),
                          f"deleted, but there: {chat.session_id}")
        self.facts(chat, answer.json)
        self.messages(user, chat, answer.json["messages"])

    def facts(self, chat, document):
        for name, fact in chat.facts.items():
            wanted = set(fact.possible)
            self.points.check(
                ACKNOWLEDGED, fact.settle(document[name]),
                f"{name} of {chat.session_id} is {document[name]!r}, not one "
                f"of {wanted}")

    def messages(self, user, chat, messages):
        questions = [m for m in messages if m["role"] == "user"]
        ids = [m["message_id"] for m in questions]
        more.check_queue(self.points, user, chat, ids)
        queued = {t.message_id for t in chat.queue}
        questions = [m for m in questions if m["message_id"] not in queued]
        for turn in chat.turns:
            self.points.check(ONCE, ids.count(turn.message_id) <= 1,
                              f"{ids.count(turn.message_id)} of one send")
            self.points.check(
                ACKNOWLEDGED, turn.sent.settle(turn.message_id in ids),
                f"send {turn.message_id} of {chat.session_id}: {ids}")
        texts = {m["message_id"]: m["content"] for m in questions}
        for turn in chat.turns:
            turn.settle_edit(texts.get(turn.message_id))
        wanted = [(t.message_id, t.content) for t in chat.turns
                  if t.sent.sure]
        self.points.check(
            ACKNOWLEDGED, wanted == [(m["message_id"], m["content"])
                                     for m in questions],
            f"questions of {chat.session_id}: {questions}")
        for name, sent in chat.reports.items():
            there = any(m["message_id"] == name for m in messages)
            self.points.check(ACKNOWLEDGED, sent.settle(there), name)
        for turn in chat.turns:
            if turn.sent.sure:
                self.reply(user, turn, [m for m in messages
                                        if m["parent_id"] == turn.message_id
                                        and m["role"] == "assistant"
                                        and m["message_id"]
                                        not in chat.reports])

    def reply(self, user, turn, answers):
        if not self.points.check(ONCE, len(answers) == 1,
                                 f"{len(answers)} replies to {turn.content}"):
            return
        message = answers[0]
        self.points.check(FINAL_STATE, message["status"] in FINAL, message)
        if turn.reply is None:
            return
        self.points.check(
            SEEN, message["message_id"] == turn.reply.message_id, message)
        wrong = turn.reply.settle(message)
        self.points.check(SEEN, wrong is None, f"{turn.content}: {wrong}")
        if turn.reply.take.stopped:
            self.points.check(ACKNOWLEDGED, message["status"] == "stopped",
                              f"stopped, now {message['status']}")
        more.check_variants(self.points, user, turn.reply)
        if wrong is None and turn.reply.take.views:
            self.resume(user, turn.reply, message)

    def resume(self, user, reply, message):
        """A viewer that was cut goes on where it was."""
        view = self.chance.choice(reply.take.views)
        after = self.chance.choice(list(view.marks))
        text = view.text[:view.marks[after]]
        answer = user.resume(message["message_id"], last_event_id=(
            f"{message['message_id']}.{after}" if after else None))
        if isinstance(answer, Response):
            self.points.check(RESUME, answer.status == 204 and
                              view.final and after == view.last, answer)
            return
        answer.reader = BulkReader()
        with answer:
            events = answer.rest()
        if events[0].type == "reset":
            text, events[0].type = "", "message"
        documents = [e.json for e in check_stream(events)
                     if e.type == "message"]
        finals = [d["status"] for d in documents if d.get("status") in FINAL]
        self.points.check(FINAL_STATE, finals == [message["status"]],
                          f"{finals} of {message}")
        if documents[-1].get("error") and not message["content"]:
            documents.pop()
        text += "".join(d["content"] for d in documents)
        self.points.check(RESUME, text == message["content"],
                          f"after {after}: {text!r}, {message}")
