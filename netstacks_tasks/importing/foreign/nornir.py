"""Hosts of a Nornir SimpleInventory: hosts.yaml, groups.yaml, defaults.yaml."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from netstacks_tasks.importing.foreign.found import Found, FoundDevice, Login, Raw
from netstacks_tasks.importing.nodes import Node, refused
from netstacks_tasks.importing.sources import Source

_NOTHING: Final = Node({}, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class NornirFiles:
    """The files of an inventory."""

    hosts: Source
    groups: Source | None = None
    defaults: Source | None = None


def read(files: NornirFiles) -> Found:
    """The hosts, each with what it inherits as Nornir has it.

    What a host does not say itself is said by its groups in their order, each with the groups
    above it, and at last by the defaults.

    Raises:
        InvalidInput: a file is no such YAML, or names a group that is not there.
    """
    inventory = _Inventory(files)
    return Found(devices=[inventory.device(name) for name in inventory.hosts])


class _Inventory:
    def __init__(self, files: NornirFiles) -> None:
        self.hosts = _mapping(files.hosts)
        self._source = files.hosts.name
        self._groups_source = files.groups.name if files.groups is not None else files.hosts.name
        self._groups = _mapping(files.groups)
        self._defaults = Node(_mapping(files.defaults), 0)

    def device(self, name: str) -> FoundDevice:
        host = self.hosts[name]
        above = list(self._groups_of(host, self._source, [name]))
        layers = [host, *(self._groups[group] for group in above), self._defaults]
        port, site = _value(layers, "port"), _value(layers, "data", "site")
        platform = _value(layers, "platform")
        return FoundDevice(
            key=name,
            name=name,
            host=_value(layers, "hostname"),
            port=port,
            platforms=(platform,) if isinstance(platform, str) else (),
            site=site if isinstance(site, str) else None,
            groups=tuple(above),
            login=_login(layers),
            source=self._source,
            line=host.line,
        )

    def _groups_of(self, element: Node, source: str, path: list[str]) -> Iterator[str]:
        """The groups above a host or group, in the order in which they are asked, each once."""
        seen: set[str] = set()
        for node in _list(element, "groups", source):
            name = node.value
            if not isinstance(name, str) or name not in self._groups:
                raise refused(source, node.line, f"there is no group {str(name)[:60]!r}")
            if name in path:
                circle = " > ".join([*path, name])
                raise refused(source, node.line, f"groups go round in a circle: {circle}")
            within = self._groups_of(self._groups[name], self._groups_source, [*path, name])
            for one in (name, *within):
                if one not in seen:
                    seen.add(one)
                    yield one


def _mapping(source: Source | None) -> Mapping[str, Node]:
    if source is None:
        return {}
    documents = source.read("yaml").documents
    if len(documents) > 1:
        raise refused(source.name, documents[1].line, "more than one document: Nornir reads one")
    root = documents[0] if documents else _NOTHING
    if root.value is None:
        return {}
    if root.fields is None:
        raise refused(source.name, root.line, "a mapping is expected here, as Nornir has it")
    return root.fields


def _list(element: Node, name: str, source: str) -> list[Node]:
    node = (element.fields or {}).get(name)
    if node is None or node.value is None:
        return []
    if node.items is None:
        raise refused(source, node.line, f"{name}: a list is expected here")
    return list(node.items)


def _value(layers: list[Node], *path: str) -> Raw:
    """The first value that a layer says; as Nornir, passes over empty ones."""
    for layer in layers:
        node: Node | None = layer
        for part in path:
            node = (node.fields or {}).get(part) if node is not None else None
        if node is not None and node.plain() is not None:
            return node.plain()
    return None


def _login(layers: list[Node]) -> Login | None:
    user, password = _value(layers, "username"), _value(layers, "password")
    secret = _value(layers, "connection_options", "netmiko", "extras", "secret")
    if secret is None:
        secret = _value(layers, "connection_options", "napalm", "extras", "optional_args", "secret")
    if password is None and secret is None:
        return None
    return Login(
        username="" if user is None else str(user),
        password="" if password is None else str(password),
        enable_secret="" if secret is None else str(secret),
    )
