"""Which devices the demo fleet has."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID, uuid5

from netstacks_tasks.models.inventory import SnmpVersion

Role = Literal["core", "core_frr", "edge", "spine", "server"]
Family = Literal["ios", "frr", "linux"]

_NAMESPACE: Final = UUID("5b0f4ad8-7d5c-4d0e-9d6b-6a2c1c7f1d10")


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialSpec:
    """A credential of the inventory; its secrets are made per fleet directory."""

    id: UUID
    name: str
    snmp_version: SnmpVersion
    with_key: bool
    with_password: bool

    @property
    def block_name(self) -> str:
        return f"demo-{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupSpec:
    """A device group of the inventory."""

    id: UUID
    name: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleSpec:
    """What the devices of one role have in common."""

    prefix: str
    family: Family
    template: str
    credential: CredentialSpec
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceSpec:
    """One device; `number` counts from 1 within its role, `index` from 0 in the fleet."""

    name: str
    role: Role
    number: int
    index: int
    site: str

    @property
    def id(self) -> UUID:
        return uuid5(_NAMESPACE, self.name)

    @property
    def kind(self) -> RoleSpec:
        return ROLES[self.role]

    def pick(self, label: str, below: int) -> int:
        """A number below `below` that is always the same for this device and label."""
        digest = hashlib.sha256(f"{self.name}/{label}".encode()).digest()
        return int.from_bytes(digest[:8]) % below


def _credential(
    name: str, snmp: SnmpVersion, *, key: bool, password: bool, fixed_id: str = ""
) -> CredentialSpec:
    return CredentialSpec(
        id=UUID(fixed_id) if fixed_id else uuid5(_NAMESPACE, f"credential/{name}"),
        name=name,
        snmp_version=snmp,
        with_key=key,
        with_password=password,
    )


def _group(name: str, description: str, fixed_id: str = "") -> GroupSpec:
    return GroupSpec(
        id=UUID(fixed_id) if fixed_id else uuid5(_NAMESPACE, f"group/{name}"),
        name=name,
        description=description,
    )


_CORE: Final = _credential("core-routers", "v3", key=False, password=True)
_EDGE: Final = _credential(
    "edge-switches",
    "v2c",
    key=False,
    password=True,
    fixed_id="b2c3d4e5-6789-abcd-ef01-234567890bcd",  # the one the example health check names
)
_OPEN: Final = _credential("frr-routers", "v3", key=True, password=False)
_SERVER: Final = _credential("linux-servers", "v2c", key=True, password=True)

CREDENTIALS: Final = (_CORE, _EDGE, _OPEN, _SERVER)

GROUPS: Final = (
    _group(
        "core-routers",
        "Core routers of every site",
        "a1b2c3d4-5678-9abc-def0-123456789abc",  # the one the example backup names
    ),
    _group("edge-switches", "Access switches at the edge"),
    _group("frr-routers", "Routers that run FRR"),
    _group("linux-servers", "Linux servers with routing duties"),
)

ROLES: Final[dict[Role, RoleSpec]] = {
    "core": RoleSpec(
        prefix="core-rtr",
        family="ios",
        template="ios_router.j2",
        credential=_CORE,
        groups=("core-routers",),
    ),
    "core_frr": RoleSpec(
        prefix="core-frr",
        family="frr",
        template="frr.j2",
        credential=_OPEN,
        groups=("core-routers", "frr-routers"),
    ),
    "edge": RoleSpec(
        prefix="edge-sw",
        family="ios",
        template="ios_switch.j2",
        credential=_EDGE,
        groups=("edge-switches",),
    ),
    "spine": RoleSpec(
        prefix="spine-frr",
        family="frr",
        template="frr.j2",
        credential=_OPEN,
        groups=("frr-routers",),
    ),
    "server": RoleSpec(
        prefix="srv-linux",
        family="linux",
        template="linux.j2",
        credential=_SERVER,
        groups=("linux-servers",),
    ),
}

_PATTERN: Final[tuple[Role, ...]] = (
    "core",
    "edge",
    "core_frr",
    "edge",
    "server",
    "core",
    "edge",
    "spine",
    "edge",
    "core",
    "edge",
    "server",
)
_SITES: Final = ("ams1", "fra2", "lon3", "nyc4")


def devices(count: int) -> list[DeviceSpec]:
    """The first `count` devices; a larger fleet begins with the smaller one's devices."""
    numbers: Counter[Role] = Counter()
    specs = []
    for index in range(count):
        role = _PATTERN[index % len(_PATTERN)]
        numbers[role] += 1
        specs.append(
            DeviceSpec(
                name=f"{ROLES[role].prefix}-{numbers[role]:02d}",
                role=role,
                number=numbers[role],
                index=index,
                site=_SITES[index % len(_SITES)],
            )
        )
    return specs
