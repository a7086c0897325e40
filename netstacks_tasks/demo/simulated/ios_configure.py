"""Configuration mode of the IOS-like device: lines that change the running configuration."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from netstacks_tasks.demo.simulated.config_tree import ConfigTree, Node

_SECTIONS: Final = (
    "interface",
    "router",
    "line",
    "vlan",
    "ip access-list",
    "route-map",
    "class-map",
    "policy-map",
    "vrf definition",
    "key chain",
    "control-plane",
    "redundancy",
    "ip sla",
)
_MODE_NAMES: Final = {"interface": "if", "ip": "ext-nacl", "vrf": "vrf"}
_GLOBAL_WORDS: Final = frozenset(
    [
        "aaa",
        "access-list",
        "alias",
        "archive",
        "banner",
        "boot",
        "cdp",
        "clock",
        "enable",
        "errdisable",
        "hostname",
        "interface",
        "ip",
        "ipv6",
        "key",
        "line",
        "lldp",
        "logging",
        "ntp",
        "platform",
        "radius",
        "redundancy",
        "route-map",
        "router",
        "service",
        "snmp",
        "snmp-server",
        "spanning-tree",
        "system",
        "tacacs",
        "username",
        "vlan",
        "vrf",
        "vtp",
        "crypto",
        "policy-map",
        "class-map",
    ]
)
_SECTION_WORDS: Final = frozenset(
    [
        "access-class",
        "activate",
        "address-family",
        "auto-cost",
        "bandwidth",
        "bgp",
        "channel-group",
        "class",
        "deny",
        "description",
        "duplex",
        "encapsulation",
        "exec",
        "exec-timeout",
        "helper-address",
        "ip",
        "ipv6",
        "keepalive",
        "lldp",
        "logging",
        "login",
        "log-adjacency-changes",
        "match",
        "mtu",
        "name",
        "negotiation",
        "neighbor",
        "network",
        "passive-interface",
        "password",
        "permit",
        "private-vlan",
        "rd",
        "redistribute",
        "remark",
        "route-target",
        "router-id",
        "service-policy",
        "set",
        "shutdown",
        "spanning-tree",
        "speed",
        "state",
        "stopbits",
        "storm-control",
        "switchport",
        "timers",
        "transport",
        "vrf",
        "maximum-paths",
        "timeout",
        "area",
        "mls",
        "no-summary",
        "cdp",
        "default-information",
    ]
)
# In a section these are meant for the device as a whole.
_GLOBAL_ONLY: Final = re.compile(
    r"(hostname|ntp|logging (host|buffered)|snmp-server|username|enable|banner|service|vtp|aaa|"
    r"ip (route|domain|ssh|http|name-server|prefix-list|dhcp pool|default-gateway))\b"
)
_INTERFACE_NAMES: Final = (
    "GigabitEthernet",
    "TenGigabitEthernet",
    "FastEthernet",
    "Loopback",
    "Vlan",
    "Port-channel",
    "Tunnel",
)


class InvalidLine(Exception):
    """The device does not know the command; `position` is where it stumbled."""

    def __init__(self, position: int) -> None:
        self.position = position
        super().__init__(f"invalid at {position}")


class Configurator:
    """Takes one line after the other, like `configure terminal` does."""

    def __init__(self, tree: ConfigTree) -> None:
        self._tree = tree
        self._path: list[Node] = []

    @property
    def mode(self) -> str:
        """What stands between the parentheses of the prompt."""
        if not self._path:
            return "config"
        if len(self._path) > 1:
            return "config-router-af"
        word = self._path[0].text.split(maxsplit=1)[0]
        return f"config-{_MODE_NAMES.get(word, word)}"

    def leave(self) -> bool:
        """`exit`: up one level; False when that ends configuration mode."""
        if self._path:
            self._path.pop()
            return True
        return False

    def banner_mark(self, line: str) -> str | None:
        """The character that ends the banner this line begins, while it is open."""
        opening = re.match(r"banner \S+ (\^C|\S)", line.strip())
        if not opening or line.count(opening.group(1)) > 1:
            return None
        return opening.group(1)

    def apply(self, line: str) -> None:
        """Change the configuration.

        Raises:
            InvalidLine: no such command here.
        """
        negated = line.lower().startswith("no ")
        command = line[3:].strip() if negated else line
        command = self._expanded(command, len(line) - len(command))
        if self._is_global(command):
            self._path.clear()
        parent = self._path[-1] if self._path else self._tree.root
        if negated:
            self._negate(parent, command)
        elif _opens_section(command, inside=bool(self._path)):
            self._path.append(parent.put(command))
        else:
            if parent.find("no " + command):
                parent.remove("no " + command)
            parent.put(command)
        self._tree.edited()

    def _negate(self, parent: Node, command: str) -> None:
        # What a device does by itself (`ip domain lookup`) is printed once it is switched off.
        if not parent.remove(command) and command != "shutdown":
            parent.put("no " + command)

    def _is_global(self, command: str) -> bool:
        if not self._path:
            return False
        if command.split(maxsplit=1)[0] == "address-family":
            return False
        return _opens_section(command, inside=False) or bool(_GLOBAL_ONLY.match(command))

    def _expanded(self, command: str, offset: int) -> str:
        """The command with its first word and interface name in full."""
        if not command:
            raise InvalidLine(offset)
        word, _, rest = command.partition(" ")
        known = set(_GLOBAL_WORDS) if not self._path else _SECTION_WORDS | _GLOBAL_WORDS
        known |= self._words_in_use()
        full = _complete(word.lower(), known)
        if full is None and self._path and self._path[0].text.startswith("ip access-list"):
            full = word if word.isdecimal() else None
        if full is None:
            raise InvalidLine(offset)
        if full == "interface":
            rest = _interface_name(rest)
            if not rest:
                raise InvalidLine(offset + len(word) + 1)
        return f"{full} {rest.strip()}".strip()

    def _words_in_use(self) -> set[str]:
        parent = self._path[-1] if self._path else self._tree.root
        words = (node.text.removeprefix("no ").split(maxsplit=1)[0] for node in parent.children)
        return {word for word in words if not word.isdecimal()}


def apply_lines(tree: ConfigTree, lines: Iterable[str]) -> None:
    """Apply lines as if typed in configuration mode.

    Raises:
        InvalidLine: at the first line the device does not know; earlier ones stay.
    """
    configurator = Configurator(tree)
    for line in lines:
        text = line.strip()
        if text == "exit":
            configurator.leave()
        elif text and not text.startswith("!"):
            configurator.apply(text)


def _opens_section(command: str, *, inside: bool) -> bool:
    if inside and command.startswith("address-family"):
        return True
    if inside and command.startswith("vrf forwarding"):
        return False
    return any(command == start or command.startswith(start + " ") for start in _SECTIONS)


def _complete(word: str, known: Iterable[str]) -> str | None:
    matches = [full for full in known if full.startswith(word)]
    if word in matches:
        return word
    return matches[0] if len(matches) == 1 else None


def _interface_name(text: str) -> str:
    """`gi 0/1` in full; '' when it names no interface."""
    match = re.match(r"([A-Za-z-]+)\s*([\d/.]+)$", text.strip())
    if not match:
        return ""
    word, number = match.groups()
    candidates = [name for name in _INTERFACE_NAMES if name.lower().startswith(word.lower())]
    return candidates[0] + number if len(candidates) == 1 else ""
