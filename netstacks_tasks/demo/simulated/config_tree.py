"""An indented configuration (IOS, FRR) that can be parsed, edited and printed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

Dialect = Literal["ios", "frr"]

_BANNER: Final = re.compile(r"banner \S+ (\^C|\S)")

# Commands of which a section holds one: a second value replaces the first.
_SINGLE: Final = (
    "hostname",
    "description",
    "mtu",
    "bandwidth",
    "speed",
    "duplex",
    "name",
    "version",
    "router-id",
    "enable secret",
    "bgp router-id",
    "ospf router-id",
    "ip domain name",
    "ip ospf cost",
    "ip default-gateway",
    "switchport mode",
    "switchport access vlan",
    "switchport voice vlan",
    "switchport trunk native vlan",
    "switchport trunk allowed vlan",
    "snmp-server location",
    "snmp-server contact",
    "banner motd",
    "banner login",
    "exec-timeout",
    "encapsulation",
)
_SINGLE_NEIGHBOR: Final = {"remote-as", "description", "update-source", "password", "weight"}


@dataclass(slots=True)
class Node:
    """One command and the commands under it; a banner's text spans lines."""

    text: str
    children: list[Node] = field(default_factory=list)

    def find(self, text: str) -> Node | None:
        """The child with exactly this text."""
        return next((child for child in self.children if child.text == text), None)

    def starting(self, prefix: str) -> Iterator[Node]:
        """Children whose text begins with `prefix`."""
        return (child for child in self.children if child.text.startswith(prefix))

    def value(self, prefix: str) -> str:
        """What follows `prefix` in the first child that begins with it, or ''."""
        return next((child.text[len(prefix) :].strip() for child in self.starting(prefix)), "")

    def put(self, text: str) -> Node:
        """Add a command; one that holds a single value replaces its predecessor."""
        existing = self.find(text)
        if existing:
            return existing
        key = _single_key(text)
        if key:
            for child in self.children:
                if _single_key(child.text) == key:
                    child.text = text
                    return child
        node = Node(text)
        self.children.insert(self._place_for(text), node)
        return node

    def remove(self, text: str) -> bool:
        """Drop the command, or those that begin with it (`no description`)."""
        kept = [
            child
            for child in self.children
            if child.text != text and not child.text.startswith(text + " ")
        ]
        removed = len(kept) < len(self.children)
        self.children[:] = kept
        return removed

    def _place_for(self, text: str) -> int:
        """Right after the last sibling of the same kind, else at the end."""
        word = text.split(maxsplit=1)[0]
        for position in range(len(self.children), 0, -1):
            if self.children[position - 1].text.split(maxsplit=1)[0] == word:
                return position
        return len(self.children)


class ConfigTree:
    """A whole configuration; `revision` grows with every edit."""

    def __init__(self, root: Node) -> None:
        self.root = root
        self.revision = 0

    @classmethod
    def parse(cls, text: str) -> ConfigTree:
        """Read a configuration as a device prints it."""
        root = Node("")
        stack: list[tuple[int, Node]] = [(-1, root)]
        lines = iter(text.splitlines())
        for line in lines:
            command = line.strip()
            if not command or command.startswith(("!", "exit")):
                continue
            if command == "end":
                break
            indent = len(line) - len(line.lstrip(" "))
            while stack[-1][0] >= indent:
                stack.pop()
            node = Node(_whole_banner(command, lines))
            stack[-1][1].children.append(node)
            stack.append((indent, node))
        return cls(root)

    def render(self, dialect: Dialect) -> str:
        """The configuration as the device prints it, without its header lines."""
        lines: list[str] = []
        previous: Node | None = None
        for node in self.root.children:
            if previous is None or _apart(previous, node):
                lines.append("!")
            _print(node, 0, dialect, lines)
            previous = node
        lines += ["!", "end"]
        return "\n".join(lines) + "\n"

    def edited(self) -> None:
        """Note that the tree was changed."""
        self.revision += 1

    @property
    def hostname(self) -> str:
        return self.root.value("hostname ")

    def interfaces(self) -> Sequence[Node]:
        """The interface sections, in the order they are printed."""
        return list(self.root.starting("interface "))


def _whole_banner(command: str, following: Iterator[str]) -> str:
    opening = _BANNER.match(command)
    if not opening:
        return command
    mark = opening.group(1)
    lines = [command]
    while lines[-1].count(mark) < (2 if len(lines) == 1 else 1):
        line = next(following, None)
        if line is None:
            break
        lines.append(line)
    return "\n".join(lines)


def _single_key(text: str) -> str | None:
    words = text.split()
    if words[0] == "neighbor" and len(words) > 2 and words[2] in _SINGLE_NEIGHBOR:
        return " ".join(words[:3])
    if words[0] == "username":
        return " ".join(words[:2])
    if text.startswith("ip address ") and words[-1] != "secondary":
        return "ip address"
    for prefix in _SINGLE:
        if text.startswith(prefix + " "):
            return prefix
    return None


def _apart(first: Node, second: Node) -> bool:
    if first.children or second.children or "\n" in second.text:
        return True
    return first.text.split(maxsplit=1)[0] != second.text.split(maxsplit=1)[0]


def _print(node: Node, depth: int, dialect: Dialect, lines: list[str]) -> None:
    indent = " " * depth
    lines.append(indent + node.text)
    for child in node.children:
        _print(child, depth + 1, dialect, lines)
    if node.text.startswith("address-family"):
        lines.append(f"{indent}exit-address-family")
    elif node.children and dialect == "frr" and depth == 0:
        lines.append("exit")
