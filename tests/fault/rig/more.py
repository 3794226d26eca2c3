"""More that people do with their chats, and what must hold of it."""

from support.client import API, person
from support.wire import Response, open_stream

from .ledger import Fact, Take, Turn, View
from .promises import ACKNOWLEDGED, KEPT, ONCE, SEARCH

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
        (("POST", "/messages/{message_id}/continue"), go_on),
        (("POST", "/messages/{message_id}/edit"), edit),
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


def go_on(actor, chat, reply):
    """Continues a reply whose whole text was seen."""
    old = reply.take
    ended = [view for view in old.views if view.final]
    if not ended or not old.close():
        return
    take = Take(False, old)
    reply.takes[-1] = take
    answer = actor.user.open(f"/messages/{reply.message_id}/continue", {})
    actor.rig.count("continue", answer)
    if isinstance(answer, Response):
        if answer.status < 500:
            reply.takes[-1], old.closed = old, False
        return
    take.sure, take.closed = True, False
    view = View(take, ended[0].text, ended[0].last)
    actor.rig.live.append((actor.name, reply))
    actor.follow(answer, view, actor.chance.choice((None, 2, 5)))


def edit(actor, chat, reply):
    """Asks the last question in other words."""
    turn = chat.turns[-1]
    if turn.reply is not reply:
        return
    turn.edited = True
    turn.other = f"short edit of {turn.message_id} in {chat.session_id}"
    for sent in [*chat.reports.values(), *(t.sent for t in chat.queue)]:
        sent.possible.add(Fact.ANY)  # it may be hidden from now on
    answer = actor.user.open(f"/messages/{turn.message_id}/edit",
                             {"content": turn.other})
    actor.rig.count("edit", answer)
    if isinstance(answer, Response):
        if answer.status < 500:
            turn.other = None
        return
    turn.settle_edit(turn.other)
    take = Take(True)
    actor.watch(answer, take, turn)


def check_variants(points, user, reply):
    """Takes that were replaced stand among the variants."""
    if len(reply.takes) < 2:
        return
    answer = user.get(f"/messages/{reply.message_id}/variants")
    if not points.check(KEPT, answer.status == 200, answer):
        return
    for take in reply.takes[:-1]:
        points.check(KEPT, any(take.fits(v) is None
                               for v in answer.json["variants"]),
                     f"{[v.text for v in take.views]} is in none of "
                     f"{answer.json}")


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
