"""An EOS device that keeps a configuration: sessions, commit timers, and what it refuses."""

from __future__ import annotations

import difflib
import re
import threading
import time
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from tests.hosts.https_api import HttpsApi

Tree = dict[str, "Tree"]

_SECTIONS = {
    r"interface \S+": (r"description .+", r"(no )?shutdown"),
    r"vlan \d+": (r"name \S+",),
}
_LINES = (r"hostname \S+", r"ip route \S+ \S+", r"username \S+ secret .+")
_ONE_OF_A_KIND = frozenset({"hostname", "description", "name"})


@dataclass
class EosDevice(HttpsApi):
    """What it runs, what it would boot with, and who works on it."""

    running: Tree = field(default_factory=dict)
    startup: Tree = field(default_factory=dict)
    sessions: dict[str, Tree] = field(default_factory=dict)
    """The candidates by the name of their session."""
    waiting: tuple[str, float, Tree] | None = None
    """The session to be confirmed, until when, and what the device goes back to."""
    slow: dict[str, float] = field(default_factory=dict)
    """How many seconds a command takes, by words that it holds."""
    ahead: float = 0.0
    """How many seconds its clock is ahead, for a test to let time pass."""
    since_4_32: bool = False
    """Tells what waits to be confirmed beside the sessions, as newer releases do."""
    ignored: str = ""
    """A line that it takes, commits, and does not have afterwards."""

    def __post_init__(self) -> None:
        self._busy = threading.Lock()
        self._mode: tuple[str, str] | None = None

    def eos(self, request: dict[str, Any]) -> dict[str, Any]:
        """One request after the other, as its configuration agent takes them."""
        with self._busy:
            self._mode = None
            return super().eos(request)

    @property
    def reachable(self) -> bool:
        """Unless its management interface is shut."""
        self._look_at_the_clock()
        return "shutdown" not in self.running.get("interface Management1", {})

    def shown(self) -> str:
        """The running configuration as it prints it."""
        self._look_at_the_clock()
        return printed(self.running)

    def eos_answer(self, command: str) -> dict[str, Any] | None:
        """Do one command."""
        self._look_at_the_clock()
        for words, seconds in self.slow.items():
            if words in command:
                time.sleep(seconds)
        if self._mode is not None:
            return self._configure(*self._mode, command)
        if command.startswith("configure session "):
            return self._session(*command.split(maxsplit=3)[2:])
        if found := re.fullmatch(r"show session-config named (\S+) diffs", command):
            return {"output": self._difference(found[1])} if found[1] in self.sessions else None
        return self._shown(command) or super().eos_answer(command)

    def _shown(self, command: str) -> dict[str, Any] | None:
        match command:
            case "show version":
                return {"version": "4.31.2F", "modelName": "vEOS", "uptime": self._now()}
            case "show running-config":
                return {"output": printed(self.running)}
            case "show startup-config":
                return {"output": printed(self.startup)}
            case "show configuration sessions" | "show configuration sessions detail":
                return self._shown_sessions()
            case "write memory":
                self.startup = deepcopy(self.running)
            case "copy startup-config flash:rollback-0":
                pass
            case _:
                return None
        return {"output": "Copy completed successfully."}

    def _session(self, name: str, action: str = "") -> dict[str, Any] | None:
        if not action:
            self.sessions.setdefault(name, deepcopy(self.running))
            self._mode = (name, "")
            return {}
        waits = self.waiting is not None and self.waiting[0] == name
        if name not in self.sessions and not waits:
            return None
        if action == "abort":
            if waits:
                self._revert()
            self.sessions.pop(name, None)
            return {}
        if action == "commit" and waits:
            self.waiting = None
            return {}
        return self._commit(name, action)

    def _commit(self, name: str, action: str) -> dict[str, Any] | None:
        timer = re.fullmatch(r"commit timer (\d+):(\d+):(\d+)", action)
        if timer:
            hours, minutes, seconds = map(int, timer.groups())
            until = self._now() + hours * 3600 + minutes * 60 + seconds
            self.waiting = (name, until, self.running)
        elif action != "commit":
            return None
        self.running = self.sessions.pop(name)
        self.running.pop(self.ignored, None)
        return {}

    def _configure(self, name: str, section: str, command: str) -> dict[str, Any] | None:
        tree = self.sessions[name]
        if command == "end":
            self._mode = None
            return {}
        if command == "rollback clean-config":
            tree.clear()
            return {}
        line, gone = command.removeprefix("no "), command.startswith("no ")
        if section and any(re.fullmatch(kind, command) for kind in _known_in(section)):
            put(tree[section], line, gone=gone)
            return {}
        for kind in _SECTIONS:
            if re.fullmatch(kind, line):
                put(tree, line, gone=gone)
                self._mode = (name, "" if gone else line)
                return {}
        if any(re.fullmatch(kind, line) for kind in _LINES):
            self._mode = (name, "")
            put(tree, line, gone=gone)
            return {}
        return None

    def _shown_sessions(self) -> dict[str, Any]:
        sessions: dict[str, Any] = {name: {"state": "pending"} for name in self.sessions}
        shown: dict[str, Any] = {"sessions": sessions}
        if self.waiting is not None and self.since_4_32:
            sessions[self.waiting[0]] = {"state": "committed"}
            shown["commitTimerSessionName"] = self.waiting[0]
            shown["commitTimerExpireTime"] = self.waiting[1]
        elif self.waiting is not None:
            state = {"state": "pendingCommitTimer", "commitBy": self.waiting[1]}
            sessions[self.waiting[0]] = state
        return shown

    def _difference(self, name: str) -> str:
        lines = difflib.unified_diff(
            printed(self.running).splitlines(),
            printed(self.sessions[name]).splitlines(),
            "system:/running-config",
            f"session:/{name}-session-config",
            lineterm="",
        )
        return "\n".join(lines)

    def _look_at_the_clock(self) -> None:
        if self.waiting is not None and self._now() >= self.waiting[1]:
            self._revert()

    def _revert(self) -> None:
        assert self.waiting is not None
        self.running, self.waiting = self.waiting[2], None

    def _now(self) -> float:
        return time.monotonic() + self.ahead


def parsed(text: str) -> Tree:
    """The tree of a configuration as it is written."""
    tree: Tree = {}
    section: Tree = tree
    for line in text.splitlines():
        if line.startswith(" "):
            section[line.strip()] = {}
        elif line and line not in {"!", "end"}:
            section = tree.setdefault(line, {})
    return tree


def printed(tree: Tree) -> str:
    """The configuration as the device writes it."""
    lines = ["! device: leaf-1 (vEOS, EOS-4.31.2F)", "!"]
    for line in sorted(tree, key=lambda line: (line.split()[0], line)):
        lines += [line, *(f"   {inner}" for inner in sorted(tree[line])), "!"]
    return "".join(f"{line}\n" for line in [*lines, "end"])


def _known_in(section: str) -> tuple[str, ...]:
    return next(inner for kind, inner in _SECTIONS.items() if re.fullmatch(kind, section))


def put(tree: Tree, line: str, *, gone: bool) -> None:
    """Do what a line says: add it, in the place of the one it takes, or remove it."""
    kind = line.split(maxsplit=1)[0]
    if gone or kind in _ONE_OF_A_KIND:
        for other in [other for other in tree if other == line or other.split()[0] == kind]:
            if other == line or kind in _ONE_OF_A_KIND:
                del tree[other]
    if not gone:
        tree.setdefault(line, {})
