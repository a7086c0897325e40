"""What a simulated device prints as its configuration, and what of it has to arrive."""

from __future__ import annotations

from typing import Final

_HEAD: Final = """\
Building configuration...

Current configuration : 31744 bytes
!
! Last configuration change at 10:20:30 UTC Mon Mar 2 2026 by netops
!
"""
_STARTUP_HEAD: Final = "Using 31744 out of 262144 bytes\n!\n"
_BASE: Final = """\
version 15.2
service timestamps debug datetime msec
service timestamps log datetime msec
no service password-encryption
!
hostname {name}
!
aaa new-model
!
"""
_INTERFACE: Final = """\
interface GigabitEthernet{slot}/0/{port}
 description {name} uplink {slot}-{port}
 switchport access vlan {vlan}
 switchport mode access
 spanning-tree portfast
!
"""
_TAIL: Final = """\
line con 0
line vty 0 4
 transport input ssh
!
end
"""
LINES: Final = 1000
_FIRST: Final = "version "
_LAST: Final = "end"


def running(name: str) -> str:
    """The running configuration as printed, `LINES` lines of it from `version` to `end`."""
    return _HEAD + _body(name)


def startup(name: str) -> str:
    """The startup configuration as printed; the same, saved."""
    return _STARTUP_HEAD + _body(name)


def wanted(text: str) -> tuple[str, ...]:
    """The lines of a configuration from `version` to `end`; empty when it is not whole.

    What stands before tells of the asking, and each tool keeps it or leaves it out.
    """
    lines = [line.rstrip() for line in text.splitlines()]
    first = next((number for number, line in enumerate(lines) if line.startswith(_FIRST)), None)
    if first is None or _LAST not in lines[first:]:
        return ()
    return tuple(lines[first : lines.index(_LAST, first) + 1])


def _body(name: str) -> str:
    ends = (_BASE + _TAIL).count("\n")
    each = _INTERFACE.count("\n")
    count, rest = divmod(LINES - ends, each)
    interfaces = "".join(
        _INTERFACE.format(name=name, slot=1 + i // 48, port=1 + i % 48, vlan=10 + i % 200)
        for i in range(count)
    )
    routes = "".join(f"ip route 10.200.{i}.0 255.255.255.0 10.0.0.1\n" for i in range(rest))
    return _BASE.format(name=name) + interfaces + routes + _TAIL
