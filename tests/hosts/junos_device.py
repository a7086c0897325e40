"""A Junos device that keeps a configuration: one candidate, its lock, commits to be confirmed."""

from __future__ import annotations

import asyncio
import difflib
import re
import time
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Final
from xml.sax.saxutils import escape

import asyncssh

from tests.hosts.netconf import NetconfDevice, Request, refusal

Tree = dict[str, "Tree | None"]

_KNOWN: Final = {
    "system": r"host-name \S+|login",
    "login": r"user \S+|message .+",
    "interfaces": r"\S+",
    "routing-options": r"static",
    "static": r"route \S+ \S+",
}
_INTERFACE: Final = r"description .+|disable|mtu \d+|unit \d+"
_ONE_OF_A_KIND: Final = frozenset({"host-name", "description", "mtu", "message", "version"})


@dataclass
class JunosDevice(NetconfDevice):
    """What is committed, what would be, who holds the lock, and what waits."""

    waiting: tuple[float, Tree] | None = field(default=None, kw_only=True)
    """Until when the last commit must be confirmed, and what the device goes back to."""
    holder: object = field(default=None, kw_only=True)
    """The session that has the lock."""
    slow: dict[str, float] = field(default_factory=dict, kw_only=True)
    """How many seconds a request takes, by its name."""
    ahead: float = field(default=0.0, kw_only=True)
    """How many seconds its clock is ahead, for a test to let time pass."""
    ignored: str = field(default="", kw_only=True)
    """A statement that it takes, commits, and does not have afterwards."""

    def __post_init__(self) -> None:
        self.committed = parsed(self.configuration)
        self.candidate = deepcopy(self.committed)
        self._comment, self._committed_at = "", 0
        self._commits = 0
        self._committing = False
        self._before: Tree = self.committed

    def shown(self) -> str:
        """The committed configuration as it prints it."""
        self._look_at_the_clock()
        return f"\n## Last commit: {self._commits} by netops\n{printed(self.committed)}"

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        super().connection_made(conn)
        if not self.reachable:
            conn.abort()

    @property
    def reachable(self) -> bool:
        """Unless its management interface is disabled."""
        self._look_at_the_clock()
        return "disable" not in ((self.committed.get("interfaces") or {}).get("fxp0") or {})

    async def answer(self, request: Request, holder: object) -> str:
        self._look_at_the_clock()
        if request.name == "commit-configuration":
            # It goes on even when the one who asked for it has gone.
            return await asyncio.shield(asyncio.ensure_future(self._commit(request)))
        answers = {
            "lock-configuration": lambda: self._lock(holder),
            "unlock-configuration": lambda: self._unlock(holder),
            "load-configuration": lambda: self._load(request),
            "get-configuration": lambda: self._configuration(request),
            "get-commit-revision-information": self._last_commit,
            "get-system-uptime-information": self._uptime,
        }
        if request.name in answers:
            await asyncio.sleep(self.slow.get(request.name, 0))
            return answers[request.name]()
        return await super().answer(request, holder)

    def ended(self, holder: object) -> None:
        """What a session that had the lock did not commit is lost."""
        if self.holder is holder:
            self.holder = None
            self.candidate = deepcopy(self.committed)

    def _lock(self, holder: object) -> str:
        if self._committing or self.holder not in {None, holder}:
            return refusal("configuration database locked by: netops terminal p0 (pid 7) on since")
        if self.candidate != self.committed:
            return refusal("configuration database modified")
        self.holder = holder
        return "<ok/>"

    def _unlock(self, holder: object) -> str:
        self.ended(holder)
        return "<ok/>"

    def _configuration(self, request: Request) -> str:
        if not request.attribute("compare"):
            return f"<configuration-text>{escape(self.shown())}</configuration-text>"
        text = escape(_difference(self.committed, self.candidate))
        return (
            f"<configuration-information><configuration-output>\n{text}</configuration-output>"
            "</configuration-information>"
        )

    def _last_commit(self) -> str:
        return (
            f'<commit-revision-information><date-time seconds="{self._committed_at}"/>'
            f"<revision>re0-{self._commits}</revision>{self._comment}"
            "</commit-revision-information>"
        )

    def _uptime(self) -> str:
        return (
            "<system-uptime-information><current-time>"
            f'<date-time seconds="{self._now()}"/></current-time></system-uptime-information>'
        )

    def _load(self, request: Request) -> str:
        done = "<load-configuration-results><ok/></load-configuration-results>"
        if number := request.attribute("rollback"):
            self.candidate = deepcopy(self._before if number == "1" else self.committed)
            return done
        loaded = parsed(request.within("configuration-text"))
        unknown = _unknown(loaded)
        if unknown is not None:
            path, element = unknown
            said = refusal("syntax error", element=element, path=f"[edit {path}]")
            return f"<load-configuration-results>{said}</load-configuration-results>"
        if request.attribute("action") == "override":
            self.candidate = loaded
        else:
            _merge(self.candidate, loaded)
        return done

    async def _commit(self, request: Request) -> str:
        wanted, self._committing = deepcopy(self.candidate), True
        try:
            await asyncio.sleep(self.slow.get(request.name, 0))
        finally:
            self._committing = False
        for name, interface in (wanted.get("interfaces") or {}).items():
            mtu = next((line for line in interface or {} if line.startswith("mtu ")), "mtu 1500")
            if int(mtu.split()[1]) > 9192:
                return refusal(
                    "mtu value outside range", element=mtu, path=f"[edit interfaces {name}]"
                )
        self._before, self.waiting, self._comment = self.committed, None, ""
        if "confirmed" in request.text:
            minutes = int(request.within("confirm-timeout") or 10)
            self.waiting = (self._now() + minutes * 60, self.committed)
            self._comment = f"<comment>commit confirmed, rollback in {minutes}mins</comment>"
        wanted.pop(self.ignored, None)
        self._put(wanted)
        return "<ok/>"

    def _put(self, tree: Tree) -> None:
        self.committed, self.candidate = tree, deepcopy(tree)
        self._commits += 1
        self._committed_at = self._now()
        if not self.reachable:
            for connection in self.connections:
                connection.abort()

    def _look_at_the_clock(self) -> None:
        if self.waiting is not None and self._now() >= self.waiting[0]:
            back, self.waiting, self._comment = self.waiting[1], None, ""
            self._put(back)

    def _now(self) -> int:
        return int(time.monotonic() + self.ahead)


def parsed(text: str) -> Tree:
    """The tree of a configuration as it is written."""
    tree: Tree = {}
    path = [tree]
    for part in re.findall(r"[^{};]+[{;]|\}", re.sub(r"#.*", "", text)):
        if part == "}":
            path.pop()
            continue
        name = " ".join(part[:-1].split())
        if part.endswith(";"):
            _put(path[-1], name, None)
        else:
            inner = path[-1].setdefault(name, {})
            path.append(inner if inner is not None else {})
    return tree


def printed(tree: Tree, depth: int = 0) -> str:
    """The configuration as the device writes it."""
    indent = "    " * depth
    lines = []
    for name in sorted(tree, key=lambda name: (name.partition(" ")[0] != "version", name)):
        inner = tree[name]
        if inner is None:
            lines.append(f"{indent}{name};\n")
        else:
            lines.append(f"{indent}{name} {{\n{printed(inner, depth + 1)}{indent}}}\n")
    return "".join(lines)


def _merge(tree: Tree, other: Tree) -> None:
    for name, inner in other.items():
        there = tree.get(name)
        if inner is not None and there is not None:
            _merge(there, inner)
        else:
            _put(tree, name, deepcopy(inner))


def _put(tree: Tree, name: str, inner: Tree | None) -> None:
    kind = name.partition(" ")[0]
    if kind in _ONE_OF_A_KIND:
        for other in [other for other in tree if other.partition(" ")[0] == kind]:
            del tree[other]
    tree[name] = inner


def _unknown(tree: Tree, path: tuple[str, ...] = ()) -> tuple[str, str] | None:
    """The first statement that it does not know, and where it stands."""
    for name, inner in tree.items():
        known = _KNOWN.get(path[-1], _INTERFACE) if path else "|".join([*_KNOWN, r"version \S+"])
        if not re.fullmatch(known, name):
            return " ".join(path), name.partition(" ")[0]
        if inner:
            found = _unknown(inner, (*path, name))
            if found is not None:
                return found
    return None


def _difference(before: Tree, after: Tree) -> str:
    lines = difflib.ndiff(printed(before).splitlines(), printed(after).splitlines())
    return "".join(f"{line}\n" for line in lines if line.startswith(("+ ", "- ")))
