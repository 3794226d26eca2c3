"""More that people do with their chats, and what must hold of it."""

from support.client import API, person
from support.wire import Response, open_stream

from .ledger import Fact, Turn
from .promises import ACKNOWLEDGED, ONCE, SEARCH

PATIENCE_SECONDS = 10


def offered(server):
    """Method and path of everything the server offers."""
    document = person(server, "ann").get("/openapi.json").json
    return {(method.upper(), path.removeprefix(API))
            for path, item in document["paths"].items() for method in item}


def actions_among(there):
    """Those of this module's actions that the server knows."""
    return [action for need, action in (
        (("PATCH", "/chats/{session_id}"), update),
        (("POST", "/chats/{session_id}/restore"), restore),
        (("PUT", "/drafts/{session_id}"), draft),
        (("POST", "/chats/{session_id}/queue"), queue),
    ) if need in there]


def update(actor, chat, _):
    """Renames, pins or archives; sometimes only an expected revision."""
    name, value = actor.chance.choice((
        ("title", f"Named {actor.chance.randrange(1000)}"),
        ("pinned", actor.chance.random() < 0.5),
        ("archived", actor.chance.random() < 0.5)))
    fact = chat.facts.setdefault(name, Fact(Fact.ANY))
    actor.rig.count(name, fact.attempt(value, lambda: actor.user.call(
        "PATCH", f"/chats/{chat.session_id}", {name: value})), chat)


def restore(actor, *_):
    """Takes the last chat that was deleted out of the trash."""
    gone = [c for c in actor.chats[-8:] if c.deleted.sure]
    if gone:
        chat = gone[-1]
        actor.rig.touched.append(chat)
        actor.rig.count("restore", chat.deleted.attempt(
            False, lambda: actor.user.post(
                f"/chats/{chat.session_id}/restore")), chat)


def draft(actor, chat, _):
    text = actor.chance.choice(("", "half a th", "half a thought"))
    fact = chat.draft = chat.draft or Fact("")
    actor.rig.count("draft", fact.attempt(text, lambda: actor.user.call(
        "PUT", f"/drafts/{chat.session_id}", {"content": text})))


def queue(actor, chat, _):
    """A message that waits until the reply has ended."""
    turn = Turn(f"short queued in {chat.session_id}")
    chat.queue.append(turn)
    actor.rig.count("queue", turn.sent.attempt(True, lambda: actor.user.post(
        f"/chats/{chat.session_id}/queue",
        {"queue_id": turn.message_id, "content": turn.content})), chat)


def check_queue(points, user, chat, ids):
    """What was queued waits or was sent, once."""
    if not chat.queue:
        return
    answer = user.get(f"/chats/{chat.session_id}/queue")
    if not points.check(ACKNOWLEDGED, answer.status == 200, answer):
        return
    waiting = [item["queue_id"] for item in answer.json["items"]]
    for turn in chat.queue:
        found = (waiting + ids).count(turn.message_id)
        points.check(ONCE, found <= 1, f"queued once, there {found} times")
        points.check(ACKNOWLEDGED, turn.sent.settle(found > 0),
                     f"queued {turn.message_id} of {chat.session_id}")


def check_drafts(points, user, chats):
    """The drafts of one person."""
    answer = user.get("/drafts")
    if not points.check(ACKNOWLEDGED, answer.status == 200, answer):
        return
    drafts = {d["session_id"]: d["content"] for d in answer.json["drafts"]}
    for chat in chats:
        if chat.draft and chat.deleted.sure is False:
            wanted = set(chat.draft.possible)
            points.check(
                ACKNOWLEDGED,
                chat.draft.settle(drafts.get(chat.session_id, "")),
                f"draft of {chat.session_id}: "
                f"{drafts.get(chat.session_id)!r}, not one of {wanted}")


def check_search(points, user, chat):
    """Every question of a chat is found by its words."""
    wanted = {t.message_id for t in chat.turns if t.sent.sure}
    answer = user.get("/search", q=f'"{chat.session_id}" from:me', limit=100)
    if points.check(SEARCH, answer.status == 200, answer):
        found = {hit["message_id"] for hit in answer.json["results"]}
        points.check(SEARCH, wanted <= found, f"{wanted - found} not found "
                     f"in {chat.session_id}")


class Feed:
    """The change feed of a person, from one place on."""

    def __init__(self, user):
        self.user = user
        self.last = self.read_start()

    def open(self, after=None):
        headers = {**self.user.headers,
                   **({} if after is None else
                      {"Last-Event-ID": str(after)})}
        answer = open_stream(self.user.port, "GET", f"{API}/events", headers,
                             timeout=PATIENCE_SECONDS)
        assert not isinstance(answer, Response), answer
        return answer

    def read_start(self):
        with self.open() as stream:
            return stream.next(PATIENCE_SECONDS).json["last"]

    def since(self):
        """Ids of the chats that changed since the last time; None when the
        server cannot say."""
        now, chats = self.read_start(), set()
        if now == self.last:
            return chats
        with self.open(self.last) as stream:
            place = self.last
            while place < now:
                event = stream.next(PATIENCE_SECONDS)
                if event is None or event.type == "reset":
                    return None
                if event.type == "message":
                    place = event.sequence
                    chats.add(event.json["session_id"])
        self.last = now
        return chats
