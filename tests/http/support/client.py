"""What a person or a script does with the server, and what must hold."""

import json
import uuid

from .process import API_TOKEN
from .wire import Response, WAIT, open_stream, request, target

API = "/chat-api"
FINAL = ("complete", "stopped", "error", "interrupted")


class Reply:
    """A reply as one viewer saw it from the first event to the last."""

    def __init__(self, events):
        self.events = events
        self.documents = [e.json for e in events if e.type == "message"]
        self.first, self.last = self.documents[0], self.documents[-1]
        self.message_id = self.first["message_id"]
        self.status = self.last.get("status")
        self.error = self.last.get("error")
        shown = [d["content"] for d in self.documents]
        if self.error and not any(shown[:-1]):
            shown = []
        self.text = "".join(shown)
        self.reasoning = "".join(d.get("reasoning") or ""
                                 for d in self.documents)


class User:
    """A caller with a way to prove who it is."""

    def __init__(self, server, headers=None):
        self.server, self.port = server, server.port
        self.headers = dict(headers or {})

    def call(self, method, path, body=None, headers=None, timeout=WAIT,
             **query):
        """One request; body: a document, or bytes as they are."""
        fields = {**self.headers, **(headers or {})}
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            fields.setdefault("Content-Type", "application/json")
        return request(self.port, method, target(API + path, **query),
                       fields, body, timeout)

    def get(self, path, **more):
        return self.call("GET", path, **more)

    def post(self, path, body=None, **more):
        return self.call("POST", path, body, **more)

    def open(self, path, body, method="POST", headers=None, timeout=WAIT,
             receive_buffer=None):
        fields = {**self.headers, **(headers or {})}
        data = None
        if body is not None:
            fields.setdefault("Content-Type", "application/json")
            data = json.dumps(body).encode()
        return open_stream(self.port, method, API + path, fields, data,
                           timeout, receive_buffer)

    def ask(self, content, session_id=None, **more):
        """Sends a message; gives the stream of its reply, opened."""
        self.server.hide(content)
        options = {name: more.pop(name) for name in
                   ("timeout", "headers", "receive_buffer") if name in more}
        stream = self.open("/chat", {
            "content": content, "session_id": session_id or new_id(),
            **more}, **options)
        assert not isinstance(stream, Response), stream
        return stream

    def say(self, content, session_id=None, **more):
        """Sends a message and reads its reply to the end."""
        with self.ask(content, session_id, **more) as stream:
            return Reply(check_stream(stream.rest(more.get("timeout",
                                                           WAIT))))

    def regenerate(self, message_id, original_content, session_id, **more):
        stream = self.open("/regenerate", {
            "message_id": message_id, "original_content": original_content,
            "session_id": session_id, **more})
        assert not isinstance(stream, Response), stream
        with stream:
            return Reply(check_stream(stream.rest()))

    def resume(self, message_id, after=None, last_event_id=None):
        """The stream of a reply that runs already, or a Response."""
        headers = {"Last-Event-ID": last_event_id} if last_event_id else {}
        return self.open(target(f"/messages/{message_id}/stream",
                                after=after),
                         None, method="GET", headers=headers)

    def stop(self, message_id):
        return self.post(f"/messages/{message_id}/stop")

    def rate(self, message_id, rating):
        return self.post(f"/messages/{message_id}/rate", rating=rating)

    def chats(self, **query):
        response = self.get("/chats", **query)
        assert response.status == 200, response
        return response.json["sessions"]

    def messages(self, session_id):
        response = self.get(f"/sessions/{session_id}/messages")
        assert response.status == 200, response
        return response.json["messages"]

    def message(self, session_id, message_id):
        """One message of a chat as the history shows it."""
        return {m["message_id"]: m
                for m in self.messages(session_id)}[message_id]


def script(server):
    """The caller with the bearer token of the configuration."""
    return User(server, {"Authorization": f"Bearer {API_TOKEN}"})


def person(server, name):
    """A caller behind the proxy of Databricks Apps."""
    return User(server, {
        "X-Forwarded-User": f"id-{name}",
        "X-Forwarded-Email": f"{name}@example.com",
        "X-Forwarded-Preferred-Username": name.title(),
        "Sec-Fetch-Site": "same-origin"})


def new_id():
    return f"s-{uuid.uuid4()}"


def check_stream(events):
    """Asserts what holds for each whole stream of a reply."""
    assert events, "the stream had no event"
    done = events[-1]
    assert done.type == "done" and done.data == "{}", events[-2:]
    messages = events[:-1]
    assert all(e.type == "message" for e in messages), events
    ids = {e.json["message_id"] for e in messages}
    assert len(ids) == 1, f"several replies in one stream: {ids}"
    prefix = ids.pop() + "."
    assert all(e.id.startswith(prefix) for e in messages), events
    numbers = [e.sequence for e in messages]
    assert numbers == sorted(set(numbers)), \
        f"numbers do not grow: {numbers}"
    assert all(isinstance(e.json["content"], str) for e in messages), events
    assert messages[-1].json["status"] in FINAL, messages[-1]
    return events


def check_resumes(case, user, message, stream, live):
    """Asserts that from every event on, what a viewer has seen and what it
    gets make the whole that `stream` has shown."""
    told = {e.sequence: e for e in stream.seen if e.type == "message"}
    for after in [0, *told]:
        had = "".join(e.json["content"] for n, e in told.items()
                      if n <= after)
        viewer = user.resume(message, after=after)
        if after == max(told) and not live:
            case.assertEqual(viewer.status, 204)
            continue
        with viewer:
            if live:
                viewer.until_text(len(stream.text()) - len(had))
            else:
                viewer.rest()
            case.assertEqual(had + viewer.text(), stream.text(), after)
