"""An OpenAI-compatible endpoint on loopback: it says what a test scripts and keeps what it got."""

from __future__ import annotations

import json
import socket
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Body = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Reply:
    """One answer over HTTP."""

    status: int = 200
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    hangs: bool = False
    """Nothing comes until the endpoint ends."""
    breaks_off: bool = False
    """The connection is closed in the middle of the body."""


Script = Reply | Callable[[Body], Reply]


@dataclass
class ChatEndpoint:
    """What is said, in order, and what was asked; the last reply is said again and again."""

    script: deque[Script]
    requests: list[Body] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    """The headers `Authorization`."""
    port: int = 0
    _ended: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def sent(self) -> str:
        """Everything that was sent to it, as text."""
        return "\n".join(json.dumps(request, ensure_ascii=False) for request in self.requests)

    def reply(self, path: str, key: str, body: Body) -> Reply:
        with self._lock:
            self.paths.append(path)
            self.keys.append(key)
            self.requests.append(body)
            chosen = self.script.popleft() if len(self.script) > 1 else self.script[0]
        return chosen if isinstance(chosen, Reply) else chosen(body)

    def hang(self) -> None:
        self._ended.wait(60)

    def end(self) -> None:
        self._ended.set()


@contextmanager
def chat_endpoint(*script: Script) -> Iterator[ChatEndpoint]:
    """Serve a script while the block runs."""
    endpoint = ChatEndpoint(deque(script))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            reply = endpoint.reply(self.path, self.headers.get("Authorization", ""), body)
            if reply.hangs:
                endpoint.hang()
                return
            data = reply.body.encode()
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.content_type)
            self.send_header("Content-Length", str(len(data)))
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.end_headers()
            if reply.breaks_off:
                self.wfile.write(data[: len(data) // 2])
                self.wfile.flush()
                self.connection.shutdown(socket.SHUT_RDWR)
                self.close_connection = True
            else:
                self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    endpoint.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield endpoint
    finally:
        endpoint.end()
        server.shutdown()
        thread.join()
        server.server_close()


def completion(
    message: Mapping[str, Any], *, finish: str = "stop", usage: Mapping[str, int] | None = None
) -> Reply:
    """A chat completion of one choice."""
    body: Body = {
        "id": "chatcmpl-test",
        "object": "chat.completion",
        "created": 1,
        "model": "test",
        "choices": [
            {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": finish}
        ],
    }
    if usage is not None:
        body["usage"] = dict(usage)
    return Reply(body=json.dumps(body))


USED = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}


def words(text: str, *, finish: str = "stop") -> Reply:
    return completion({"content": text}, finish=finish, usage=USED)


def calls(*made: tuple[str, Mapping[str, Any] | str], ids: tuple[str, ...] = ()) -> Reply:
    """Calls of tools; arguments as an object or as the text that a bad model writes."""
    return completion(
        {
            "content": None,
            "tool_calls": [
                {
                    "id": ids[number] if ids else f"call_{name}_{number}",
                    "type": "function",
                    "function": {
                        "name": name,
                        "arguments": given if isinstance(given, str) else json.dumps(given),
                    },
                }
                for number, (name, given) in enumerate(made)
            ],
        },
        finish="tool_calls",
        usage=USED,
    )


def answer(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - a document
    """An answer that is right, with changes."""
    return {
        "summary": "All is well.",
        "findings": [],
        "unreachable": [],
        "confidence": "high",
    } | changes


def final(**changes: Any) -> Reply:  # noqa: ANN401 - a document
    return calls(("final_answer", answer(**changes)))


def failure(status: int, message: str = "", *, code: str = "", **headers: str) -> Reply:
    """An error as OpenAI's API words it; headers with `_` for `-`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    error = {"message": message, "type": "error", "code": code or None}
    return Reply(status=status, body=json.dumps({"error": error}), headers=named)


def results(body: Body) -> dict[str, Any]:
    """What tools answered in a conversation, by tool: the data of the last message of each."""
    from netstacks_tasks.operations.agent.fence import inside

    found: dict[str, Any] = {}
    tools = {
        call["id"]: call["function"]["name"]
        for message in body["messages"]
        for call in message.get("tool_calls") or ()
    }
    for message in body["messages"]:
        if message["role"] == "tool":
            found[tools[message["tool_call_id"]]] = json.loads(inside(message["content"]))
    return found
