"""Stands in for a language model where none is configured: a script, and it says so in every line.

It speaks OpenAI's chat completions over HTTP on loopback. Asked a question, it
calls the tools that tell of BGP, interfaces and backups, whatever the question
is, and puts what they answered into the form of an answer. It understands
nothing, and what it reports is what the tools found.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from netstacks_tasks.operations.agent.answer import FINAL_ANSWER
from netstacks_tasks.operations.agent.chat import estimated_tokens
from netstacks_tasks.operations.agent.fence import inside

NAME: Final = "scripted-stand-in"
"""The name of the model, as the block gives it."""
SIGN: Final = "[scripted stand-in, no model]"
"""In every line that it says."""

_ASKED: Final[Mapping[str, Mapping[str, Any]]] = {
    "list_devices": {},
    "bgp_neighbours": {},
    "interface_counters": {"min_errors": 1},
    "missed_backups": {},
}
_MOST_FINDINGS: Final = 60
_MOST_BYTES: Final = 8 * 1024 * 1024


@asynccontextmanager
async def scripted_model(port: int = 0) -> AsyncIterator[str]:
    """Serve it on loopback while the block runs; yields the base URL of its API.

    Args:
        port: 0 for any that is free.
    """
    server = ThreadingHTTPServer(("127.0.0.1", port), _Handler)
    thread = threading.Thread(target=server.serve_forever, name="scripted-model", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        await asyncio.to_thread(server.shutdown)
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        try:
            if self.path != "/v1/chat/completions" or length > _MOST_BYTES:
                raise ValueError(self.path)
            self._send(200, completion(json.loads(self.rfile.read(length))))
        except (ValueError, KeyError, TypeError, IndexError):
            self._send(400, {"error": {"message": f"{SIGN} cannot make sense of the request"}})

    def _send(self, status: int, document: object) -> None:
        data = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's
        """It has no log of its own."""


def completion(request: Mapping[str, Any]) -> dict[str, Any]:
    """What it replies to a request: calls first, the answer once there are results."""
    messages = request["messages"]
    offered = [tool["function"]["name"] for tool in request["tools"]]
    wanted = {name: given for name, given in _ASKED.items() if name in offered}
    if wanted and not any(message["role"] == "tool" for message in messages):
        made = wanted
    else:
        made = {FINAL_ANSWER: answer(results(messages))}
    calls = [
        {
            "id": f"scripted-{len(messages)}-{number}",
            "type": "function",
            "function": {"name": name, "arguments": json.dumps(given)},
        }
        for number, (name, given) in enumerate(made.items())
    ]
    message = {"role": "assistant", "content": None, "tool_calls": calls}
    read, written = len(json.dumps(messages)), len(json.dumps(calls))
    return {
        "id": f"scripted-{len(messages)}",
        "object": "chat.completion",
        "created": 0,
        "model": NAME,
        "choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}],
        "usage": {
            "prompt_tokens": estimated_tokens(read),
            "completion_tokens": estimated_tokens(written),
        },
    }


def results(messages: Sequence[Mapping[str, Any]]) -> dict[str, tuple[str, dict[str, Any]]]:
    """The id and the data of each tool's last result."""
    names = {
        call["id"]: call["function"]["name"]
        for message in messages
        for call in message.get("tool_calls") or ()
    }
    return {
        names[message["tool_call_id"]]: (
            message["tool_call_id"],
            json.loads(inside(message["content"]) or "{}"),
        )
        for message in messages
        if message["role"] == "tool"
    }


def answer(found: Mapping[str, tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    """The results in the form of an answer; nothing is in it that no tool found."""
    findings = [*_of_bgp(found), *_of_interfaces(found), *_of_backups(found)]
    unreachable = {
        one["device"]: f"{SIGN} {one['reason']}"
        for _, data in found.values()
        for one in data.get("unreachable", ())
    }
    lines = [_line(name, data) for name, (_, data) in found.items() if name in _LINES]
    lines += [f"{name}: {data['error']}" for name, (_, data) in found.items() if "error" in data]
    return {
        "summary": "\n".join(f"{SIGN} {line}" for line in lines or ["no tool was offered"]),
        "findings": [
            {**finding, "evidence": f"{SIGN} {finding['evidence']}"}
            for finding in findings[:_MOST_FINDINGS]
        ],
        "unreachable": [
            {"device": device, "reason": reason} for device, reason in unreachable.items()
        ],
        "confidence": "medium" if unreachable else "high",
    }


_LINES: Final[Mapping[str, str]] = {
    "list_devices": "{count} devices are in the inventory.",
    "bgp_neighbours": "BGP: {sessions_up} of {sessions_total} sessions are established, "
    "{sessions_down} are down; devices that could not be read: {devices_unreachable}.",
    "interface_counters": "Interfaces: {interfaces_shown} of {interfaces_total} have "
    "{min_errors} or more errors.",
    "missed_backups": "Backups: {missed} missed their last window, {ok} have one, "
    "{still_running} are under way.",
}


def _line(name: str, data: Mapping[str, Any]) -> str:
    try:
        return _LINES[name].format(**data)
    except KeyError:
        return f"{name} gave no numbers."


def _of_bgp(found: Mapping[str, tuple[str, dict[str, Any]]]) -> Iterator[dict[str, Any]]:
    call, data = found.get("bgp_neighbours", ("", {}))
    for one in data.get("sessions", ()):
        if one["up"]:
            continue
        yield {
            "severity": "critical" if one.get("enabled", True) else "info",
            "device": one["device"],
            "evidence": f"BGP neighbour {one['address']} (AS {one['remote_as']}) is "
            f"{one['state']}{'' if one.get('enabled', True) else ', shut administratively'}",
            "tool_call": call,
        }


def _of_interfaces(found: Mapping[str, tuple[str, dict[str, Any]]]) -> Iterator[dict[str, Any]]:
    call, data = found.get("interface_counters", ("", {}))
    for one in data.get("interfaces", ()):
        yield {
            "severity": "warning",
            "device": one["device"],
            "evidence": f"{one['name']} has {one['errors']} errors: "
            f"{one.get('rx_errors', 'unknown')} received, {one.get('tx_errors', 'unknown')} sent",
            "tool_call": call,
        }


def _of_backups(found: Mapping[str, tuple[str, dict[str, Any]]]) -> Iterator[dict[str, Any]]:
    call, data = found.get("missed_backups", ("", {}))
    for one in data.get("devices", ()):
        missed = one["status"] == "missed"
        yield {
            "severity": "warning" if missed else "info",
            "device": one["device"],
            "evidence": f"{one['task']}, due {one['due']}: {one['status']} ({one['why']}); the "
            f"last good backup: {one['last_good_backup']}",
            "tool_call": call,
        }
    for name in data.get("in_no_backup_task", ()):
        yield {
            "severity": "info",
            "device": name,
            "evidence": "is in no backup task",
            "tool_call": call,
        }
