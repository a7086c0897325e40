"""An IOS XR device that keeps a configuration: a target for each login, and a list of commits."""

from __future__ import annotations

import difflib
import re
from copy import deepcopy
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, unescape

from tests.hosts.eos_device import Tree, put
from tests.hosts.xml_agent import ASKED, XmlAgentDevice, response

_SECTIONS = r"interface \S+"
_LINES = r"hostname \S+|username \S+"
_INNER = r"description .+|(no )?shutdown|secret \d+ .+"
_INVALID = "colour blue\n ^\n% Invalid input detected at '^' marker."


@dataclass
class IosXrDevice(XmlAgentDevice):
    """What it runs, and what the login that has the lock would make of it."""

    running: Tree = field(default_factory=dict)
    commits: list[Tree] = field(default_factory=list)
    """What it ran before each."""
    wanted: list[str] = field(default_factory=list)
    """The lines of the target configuration."""
    locked: bool = False
    ignored: str = ""
    """A line that it takes, commits, and does not have afterwards."""

    def shown(self) -> str:
        """The running configuration as it prints it."""
        return _printed(self.running)

    def ended(self) -> None:
        self.wanted, self.locked = [], False

    def reply(self, request: str) -> str:
        self.configuration = self.shown()
        asked = ASKED.search(request)
        if asked is not None:
            said = unescape(asked[2]).strip()
            if said.startswith("show configuration"):
                self.asked.append(said)
                return response(
                    f"<CLI><Configuration>{escape(self._shown(said))}</Configuration></CLI>"
                )
            if said.startswith("show"):
                return super().reply(request)
            return _told(self._load(said))
        self.asked += re.findall(r"<(Lock|Unlock|Clear|Commit|Rollback)\b", request)
        if "<Lock/>" in request:
            self.locked = True
        if "<Unlock/>" in request:
            self.locked = "<Lock/>" in request
        if "<Clear/>" in request:
            self.wanted = []
        if "<Commit" in request:
            return self._commit(replace='Replace="true"' in request)
        if "<Rollback>" in request:
            self.running = self.commits.pop()
        return response("")

    def _shown(self, said: str) -> str:
        if "merge" in said:
            return _printed(_with(self.wanted, self.running) or {})
        before, after = self.shown(), _printed(_with(self.wanted, {}) or {})
        return "\n".join(
            line
            for line in difflib.ndiff(before.splitlines(), after.splitlines())
            if line.startswith(("+ ", "- "))
        )

    def _load(self, text: str) -> str:
        lines = [*self.wanted, *text.splitlines()]
        if _with(lines, self.running) is None:
            return _INVALID
        self.wanted = lines
        return ""

    def _commit(self, *, replace: bool) -> str:
        made = _with(self.wanted, {} if replace else self.running)
        if not self.wanted or made is None:
            return response('<Commit ErrorCode="0x41864e00" ErrorMsg="empty"/>', errors=1)
        if any("in use elsewhere" in line for line in self.wanted):
            said = "'CfgMgr' detected the 'warning' condition"
            return response(f'<Commit ErrorCode="0x1" ErrorMsg="{said}"/>', errors=1)
        made.pop(self.ignored, None)
        self.commits.append(self.running)
        self.running, self.wanted = made, []
        return response("<Commit/>")


def _told(text: str) -> str:
    return response(f"<CLI><Configuration>{escape(text)}</Configuration></CLI>")


def _with(lines: list[str], before: Tree) -> Tree | None:
    """What the lines make of a configuration; None when one of them is refused."""
    tree = deepcopy(before)
    section: Tree | None = None
    for line in map(str.strip, lines):
        if not line or line.startswith("!") or line in {"end", "exit"}:
            continue
        if re.fullmatch(f"{_SECTIONS}|{_LINES}", line):
            put(tree, line, gone=False)
            section = tree[line]
        elif section is not None and re.fullmatch(_INNER, line):
            put(section, line.removeprefix("no "), gone=line.startswith("no "))
        else:
            return None
    return tree


def _printed(tree: Tree) -> str:
    lines = ["!! IOS XR Configuration 7.5.2", "!"]
    for line in sorted(tree):
        lines += [line, *(f" {inner}" for inner in sorted(tree[line])), "!"]
    return "".join(f"{line}\n" for line in [*lines, "end"])
