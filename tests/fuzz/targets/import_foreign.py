"""Inventories of other systems: Ansible, Nornir, Oxidized, RANCID."""

from __future__ import annotations

from collections.abc import Callable

from netstacks_tasks.importing.foreign import ansible, nornir, router_db
from netstacks_tasks.importing.foreign.found import Found
from netstacks_tasks.importing.foreign.nornir import NornirFiles
from netstacks_tasks.importing.sources import Source
from tests.fuzz.target import Target


def _nornir(data: bytes) -> Found:
    hosts, _, rest = data.partition(b"\n===\n")
    groups, _, defaults = rest.partition(b"\n===\n")
    return nornir.read(
        NornirFiles(
            hosts=Source("hosts.yaml", hosts),
            groups=Source("groups.yaml", groups),
            defaults=Source("defaults.yaml", defaults),
        )
    )


_READERS: tuple[Callable[[bytes], Found], ...] = (
    lambda data: ansible.read(Source("hosts", data), "ini"),
    lambda data: ansible.read(Source("hosts.yml", data), "yaml"),
    lambda data: ansible.read(Source("hosts.json", data), "json"),
    _nornir,
    lambda data: router_db.read_oxidized(Source("router.db", data), router_db.parsed_map([]), ":"),
    lambda data: router_db.read_rancid(Source("router.db", data)),
)


def _read(data: bytes) -> None:
    read = _READERS[data[0] % len(_READERS)] if data else _nornir
    found = read(data[1:])
    assert all(isinstance(device.name, str) for device in found.devices)


TARGET = Target(
    name="import_foreign",
    read=_read,
    words=(
        *("[all:vars]\n", "[core:children]\n", "ansible_host=", "ansible_network_os=", "[01:20]"),
        *("ansible_password=s3cret", "all:\n  hosts:\n    ", "children:\n", "vars: {", "_meta"),
        *('"hostvars": {', "hostname: ", "platform: ios\n", "groups: [core]\n", "data: {site: x}"),
        *(
            ":cisco:up\n",
            ";cisco;up\n",
            "\n===\n",
            "password: s3cret\n",
            "[a:z:2]",
            "[0:9999999999",
        ),
    ),
)
