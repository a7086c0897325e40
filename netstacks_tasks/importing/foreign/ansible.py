"""Hosts of an Ansible inventory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import PurePath
from typing import Final, Literal

from netstacks_tasks.importing.foreign import ansible_ini
from netstacks_tasks.importing.foreign.ansible_inventory import AnsibleInventory
from netstacks_tasks.importing.foreign.ansible_nodes import read_json, read_yaml
from netstacks_tasks.importing.foreign.found import Found, FoundDevice, Login, Raw
from netstacks_tasks.importing.nodes import Node
from netstacks_tasks.importing.sources import Source

Form = Literal["json", "yaml", "ini"]

_READERS: Final[Mapping[Form, Callable[[Source], AnsibleInventory]]] = {
    "json": read_json,
    "yaml": read_yaml,
    "ini": ansible_ini.read,
}
_SUFFIXES: Final[Mapping[str, Form]] = {".json": "json", ".yaml": "yaml", ".yml": "yaml"}
_BY_SSH: Final = ("", "ssh", "smart", "paramiko", "paramiko_ssh", "network_cli", "libssh")
"""Connections whose port is that of SSH."""
_TEMPLATE: Final = "{{"


def form_of(source: Source) -> Form:
    """How to read a file: by its suffix, and what it begins with."""
    by_suffix = _SUFFIXES.get(PurePath(source.name).suffix.lower())
    if by_suffix is not None:
        return by_suffix
    return "json" if source.content.lstrip().startswith(b"{") else "ini"


def read(source: Source, form: Form | None = None) -> Found:
    """The hosts, with the variables that Ansible would give them from this file.

    Raises:
        InvalidInput: it is no such inventory; says where.
    """
    inventory = _READERS[form or form_of(source)](source)
    devices, locked = [], []
    for name, groups, variables in inventory.resolved():
        device = _device(inventory, name, groups, variables)
        devices.append(device)
        if device.login is None and _password(variables) is not None:
            locked.append(name)
    count = len(locked)
    notes = [f"the passwords of {count} hosts are encrypted or templates: not read"]
    return Found(devices=devices, notes=notes if locked else [])


def _device(
    inventory: AnsibleInventory, name: str, groups: list[str], variables: Mapping[str, Node]
) -> FoundDevice:
    host, port = _value(variables, "ansible_host", "ansible_ssh_host"), None
    connection = str(_value(variables, "ansible_connection") or "").rpartition(".")[2]
    if connection in _BY_SSH:
        port = _value(variables, "ansible_port", "ansible_ssh_port")
    system = str(_value(variables, "ansible_network_os") or "")
    words: tuple[str, ...] = (system,) if system else ()
    if system.rpartition(".")[2] == "nxos":
        # By SSH it is another platform here than by NX-API.
        words = ("nxos" if connection == "httpapi" else "nxos_ssh", system)
    templates = {"ansible_host": host, "ansible_port": port, "ansible_network_os": system}
    refusal = next(
        (
            f"{variable} is a template, which only Ansible can fill in: {str(value)[:60]!r}"
            for variable, value in templates.items()
            if isinstance(value, str) and _TEMPLATE in value
        ),
        "",
    )
    return FoundDevice(
        key=name,
        name=name,
        host=name if host is None else host,
        port=port,
        platforms=words,
        groups=tuple(groups),
        login=_login(variables),
        refusal=refusal,
        source=inventory.source,
        line=inventory.lines[name],
    )


def _login(variables: Mapping[str, Node]) -> Login | None:
    password = _password(variables)
    secret = _value(variables, "ansible_become_password", "ansible_become_pass")
    user = _value(variables, "ansible_user", "ansible_ssh_user")
    readable = [value for value in (password, secret) if value is not None]
    if not readable or any(not _plain(value) for value in (*readable, user or "")):
        return None
    return Login(
        username=str(user or ""),
        password="" if password is None else str(password),
        enable_secret="" if secret is None else str(secret),
    )


def _password(variables: Mapping[str, Node]) -> Raw:
    return _value(variables, "ansible_password", "ansible_ssh_pass", "ansible_ssh_password")


def _plain(value: Raw) -> bool:
    """Whether it is a text, and no template and not encrypted."""
    return isinstance(value, str | int) and _TEMPLATE not in str(value)


def _value(variables: Mapping[str, Node], *names: str) -> Raw:
    for name in names:
        if name in variables:
            value: Raw = variables[name].plain()
            return value
    return None
