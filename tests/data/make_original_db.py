#!/usr/bin/env python3
"""Writes a chat_history.db as the original application leaves it.

    make_original_db.py PATH         a usual one
    make_original_db.py --odd PATH   one that years and accidents have changed

Columns, types and the seven indexes are those of its schema; times are texts
of Python's datetime.isoformat(), sources and metrics are JSON texts.
"""

import datetime
import json
import os
import sqlite3
import sys

TABLES = """
CREATE TABLE sessions (
    session_id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    user_email TEXT,
    first_query TEXT,
    timestamp TEXT NOT NULL,
    is_active INTEGER DEFAULT 1,
    created_at TEXT NOT NULL
);
CREATE TABLE messages (
    message_id TEXT PRIMARY KEY,
    session_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    content TEXT NOT NULL,
    role TEXT NOT NULL,
    model TEXT,
    timestamp TEXT NOT NULL,
    sources TEXT,
    metrics TEXT,
    created_at TEXT NOT NULL,
    FOREIGN KEY (session_id) REFERENCES sessions (session_id)
);
CREATE TABLE message_ratings (
    message_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    session_id TEXT NOT NULL,
    rating TEXT CHECK(rating IN ('up', 'down')),
    created_at TEXT NOT NULL,
    PRIMARY KEY (message_id, user_id),
    FOREIGN KEY (message_id) REFERENCES messages (message_id),
    FOREIGN KEY (session_id) REFERENCES sessions (session_id)
);
"""

INDEXES = """
CREATE INDEX idx_sessions_user_id ON sessions (user_id);
CREATE INDEX idx_sessions_timestamp ON sessions (timestamp);
CREATE INDEX idx_messages_session_id ON messages (session_id);
CREATE INDEX idx_messages_user_id ON messages (user_id);
CREATE INDEX idx_messages_timestamp ON messages (timestamp);
CREATE INDEX idx_ratings_message_id ON message_ratings (message_id);
CREATE INDEX idx_ratings_user_id ON message_ratings (user_id);
"""

# The same without keys and checks, with columns and a table of somebody else.
ODD_TABLES = """
CREATE TABLE sessions (session_id TEXT, user_id TEXT, user_email TEXT,
    first_query TEXT, timestamp, is_active, created_at TEXT, team TEXT);
CREATE TABLE messages (message_id TEXT, session_id TEXT, user_id TEXT,
    content TEXT, role TEXT, model TEXT, timestamp, sources TEXT,
    metrics TEXT, created_at TEXT, title TEXT);
CREATE TABLE message_ratings (message_id TEXT, user_id TEXT, session_id TEXT,
    rating TEXT, created_at TEXT);
CREATE TABLE notes (id INTEGER PRIMARY KEY, note TEXT);
"""

START = datetime.datetime(2025, 3, 1, 9, 30, 0, 123456)
SORRY = "Sorry, I encountered an error. Please try again."


def at(minutes, whole=False):
    moment = START + datetime.timedelta(minutes=minutes)
    return (moment.replace(microsecond=0) if whole else moment).isoformat()


def add_session(db, session, user, query, minutes):
    db.execute(
        "INSERT INTO sessions (session_id, user_id, user_email, first_query,"
        " timestamp, is_active, created_at) VALUES (?,?,?,?,?,?,?)",
        (session, user, f"{user}@example.org", query, at(minutes), 1,
         at(minutes)))


def add_message(db, message, session, user, role, content, minutes,
                whole=False):
    answer = role == "assistant"
    sources = [{"page_content": "A page", "metadata": {"url": "https://x.y"}}]
    metrics = {"timeToFirstToken": 0.9, "totalTime": 6.01}
    db.execute(
        "INSERT INTO messages (message_id, session_id, user_id, content, role,"
        " model, timestamp, sources, metrics, created_at)"
        " VALUES (?,?,?,?,?,?,?,?,?,?)",
        (message, session, user, content, role,
         "databricks-claude-sonnet-4-5" if answer else None,
         at(minutes, whole), json.dumps(sources) if answer else None,
         json.dumps(metrics) if answer else None, at(minutes, whole)))


def add_rating(db, message, user, session, rating):
    db.execute("INSERT INTO message_ratings (message_id, user_id, session_id,"
               " rating, created_at) VALUES (?,?,?,?,?)",
               (message, user, session, rating, at(50)))


def usual(db):
    add_session(db, "ann-1", "ann", "What does DHB mean?", 0)
    add_message(db, "m1", "ann-1", "ann", "user", "What does DHB mean?", 0)
    add_message(db, "m2", "ann-1", "ann", "assistant",
                "District Health Board – a «DHB».", 1)
    add_message(db, "m3", "ann-1", "ann", "user", "And FOC?", 2, True)
    add_message(db, "m4", "ann-1", "ann", "assistant", SORRY, 3)
    add_session(db, "ann-2", "ann", "Improve my notes", 10)
    add_message(db, "m5", "ann-2", "ann", "user", "Improve my notes", 10)
    add_message(db, "m6", "ann-2", "ann", "assistant", "Which ones?", 11)
    add_session(db, "bob-1", "bob", "Hello", 5)
    add_message(db, "m7", "bob-1", "bob", "user", "Hello", 5)
    add_message(db, "m8", "bob-1", "bob", "assistant", "Hello Bob.", 6)
    add_rating(db, "m2", "ann", "ann-1", "up")
    add_rating(db, "m8", "bob", "bob-1", "down")


def odd(db):
    usual(db)
    run = db.execute
    # A session row is missing; a message stands in another user's session.
    add_message(db, "lost-1", "gone", "ann", "user", "Where was I?", 20)
    add_message(db, "lost-2", "gone", "ann", "assistant", "Here.", 21)
    add_message(db, "stray", "ann-1", "bob", "user", "Bob's stray", 22)
    # The same ids twice, ids and owners missing.
    add_message(db, "m2", "ann-1", "ann", "assistant", "A second m2", 23)
    add_session(db, "bob-1", "bob", "A second bob-1", 24)
    run("INSERT INTO messages (message_id, session_id, user_id, content, role)"
        " VALUES (NULL, 'ann-2', 'ann', 'no id', 'assistant')")
    run("INSERT INTO messages (message_id, session_id, user_id, content, role)"
        " VALUES ('nobody', 'ann-2', NULL, 'no owner', 'user')")
    run("INSERT INTO messages (message_id, session_id, user_id, content, role)"
        " VALUES ('nowhere', NULL, 'ann', 'no session', 'user')")
    run("INSERT INTO messages (message_id, session_id, user_id, content, role,"
        " timestamp) VALUES ('empty', 'ann-2', 'ann', NULL, NULL, NULL)")
    # Times of every kind.
    for i, moment in enumerate(["2025-03-01 10:00:00", "2025-03-01T10:00:00Z",
                                "2025-03-01T10:00:00.5+13:00", 1740823200.25,
                                1740823200250, "yesterday", "", -5]):
        run("INSERT INTO sessions (session_id, user_id, first_query,"
            " timestamp, created_at) VALUES (?, 'cat', 'time', ?, ?)",
            (f"cat-{i}", moment, moment))
        run("INSERT INTO messages (message_id, session_id, user_id, content,"
            " role, timestamp, created_at)"
            " VALUES (?, ?, 'cat', 'x', 'user', ?, ?)",
            (f"cat-m{i}", f"cat-{i}", moment, moment))
    add_rating(db, "vanished", "ann", "vanished", "up")
    run("UPDATE sessions SET team = 'blue'")
    run("UPDATE messages SET title = 'theirs' WHERE message_id = 'm1'")
    run("INSERT INTO notes (note) VALUES ('keep me')")


def main(arguments):
    is_odd = arguments[0] == "--odd"
    path = arguments[-1]
    if os.path.exists(path):
        os.remove(path)
    db = sqlite3.connect(path)
    db.executescript(ODD_TABLES if is_odd else TABLES + INDEXES)
    (odd if is_odd else usual)(db)
    db.commit()
    db.close()


if __name__ == "__main__":
    main(sys.argv[1:])
