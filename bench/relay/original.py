"""The original's stack doing the relay's job: FastAPI, uvicorn, httpx and
SQLite, as Debian packages them. One process, as the original ran its streams:
the question is stored, the model's events are parsed and passed on, the answer
is stored at the end.

    MODEL_URL=http://127.0.0.1:1234 python3 original.py PORT DATABASE
"""

import json
import os
import sqlite3
import sys
import uuid

import httpx
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse
from fastapi.staticfiles import StaticFiles

PORT, DATABASE = int(sys.argv[1]), sys.argv[2]
MODEL_URL = os.environ["MODEL_URL"]

app = FastAPI()
database = sqlite3.connect(DATABASE)
database.executescript(
    "PRAGMA journal_mode=WAL;"
    "CREATE TABLE IF NOT EXISTS messages(message_id TEXT PRIMARY KEY,"
    " session_id TEXT, user_id TEXT, content TEXT, role TEXT)")
client = httpx.AsyncClient(
    timeout=600, limits=httpx.Limits(max_connections=None))


def store(session_id, user_id, content, role):
    database.execute("INSERT INTO messages VALUES(?, ?, ?, ?, ?)",
                     (str(uuid.uuid4()), session_id, user_id, content, role))
    database.commit()


async def relay(session_id, user_id, content):
    message_id, answer = str(uuid.uuid4()), ""
    body = {"messages": [{"role": "user", "content": content}], "stream": True}
    async with client.stream("POST", MODEL_URL + "/invocations",
                             json=body) as upstream:
        async for line in upstream.aiter_lines():
            data = line.strip().removeprefix("data: ")
            if not data or data == "[DONE]":
                continue
            delta = json.loads(data)["choices"][0]["delta"]
            text = delta.get("content") or ""
            answer += text
            event = {"message_id": message_id, "content": text,
                     "sources": None, "metrics": None}
            yield f"data: {json.dumps(event)}\n\n"
    store(session_id, user_id, answer, "assistant")
    yield "event: done\ndata: {}\n\n"


@app.post("/chat-api/chat")
async def chat(request: Request):
    body = await request.json()
    user_id = request.headers.get("x-forwarded-user", "nobody")
    store(body["session_id"], user_id, body["content"], "user")
    return StreamingResponse(
        relay(body["session_id"], user_id, body["content"]),
        media_type="text/event-stream")


@app.get("/chat-api/model")
async def model():
    return {"model": "bench"}


app.mount("/static", StaticFiles(directory="static"))
uvicorn.run(app, host="127.0.0.1", port=PORT, log_level="error",
            access_log=False)
