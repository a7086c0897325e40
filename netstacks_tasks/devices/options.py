"""Which driver options a device may have, and what they may be.

A driver's own list is far longer: some of its options name files to read or
write, commands to run or modules to import, and others leave the checked
connection for an open one. None of these may come out of an inventory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from netstacks_tasks.errors import DeviceError
from netstacks_tasks.models.inventory import Device

Allowed = type[bool] | range | frozenset[str]
"""Yes or no; a whole number of a range; one of some words."""

LEGACY_ALGORITHMS: Final = "legacy_algorithms"
NO_ENABLE: Final = "force_no_enable"
_PORTS: Final = range(1, 65536)
_SSH: Final[Mapping[str, Allowed]] = {LEGACY_ALGORITHMS: bool}
_NETMIKO: Final[Mapping[str, Allowed]] = {
    **_SSH,
    "fast_cli": bool,
    NO_ENABLE: bool,
    "global_delay_factor": range(1, 21),
}
_HTTPS: Final = frozenset({"https"})

OPTIONS: Final[Mapping[str, Mapping[str, Allowed]]] = {
    "ios": {**_NETMIKO, "transport": frozenset({"ssh"})},
    "nxos_ssh": _NETMIKO,
    "eos": {"port": _PORTS, "transport": _HTTPS, "enforce_verification": bool},
    "nxos": {"port": _PORTS, "transport": _HTTPS, "ssl_verify": bool},
    "iosxr": _SSH,
    "junos": {**_SSH, "huge_tree": bool, "keepalive": range(1, 3601)},
    "frr": _SSH,
    "linux": _SSH,
}
"""By platform. `port` is that of HTTPS (443 unless given)."""


def require_options(device: Device) -> None:
    """Refuse a device whose options its platform does not take.

    Raises:
        DeviceError: there is one; an inventory may be older than the list.
    """
    for name, fault in option_faults(device.platform, device.options):
        raise DeviceError(device.name, "connect", "unsupported", f"options.{name}: {fault}")


def option_faults(platform: str, options: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """The options that a platform does not take: their names, and what is wrong.

    Args:
        platform: one we do not know takes none.
        options: as in the inventory.
    """
    allowed = OPTIONS.get(platform, {})
    for name, value in options.items():
        if name not in allowed:
            known = ", ".join(sorted(allowed)) or "none"
            yield name, f"no option of platform {platform}; known: {known}"
        elif not _fits(value, allowed[name]):
            yield name, f"must be {_said(allowed[name])}"


def _fits(value: object, allowed: Allowed) -> bool:
    if isinstance(allowed, range):
        return isinstance(value, int) and not isinstance(value, bool) and value in allowed
    if isinstance(allowed, frozenset):
        return isinstance(value, str) and value in allowed
    return isinstance(value, bool)


def _said(allowed: Allowed) -> str:
    if isinstance(allowed, range):
        return f"a whole number from {allowed.start} to {allowed.stop - 1}"
    if isinstance(allowed, frozenset):
        return " or ".join(map(repr, sorted(allowed)))
    return "true or false"
