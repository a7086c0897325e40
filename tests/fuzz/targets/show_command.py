"""A command that a model wants to send to a device."""

from __future__ import annotations

from netstacks_tasks.devices.show_command import FORBIDDEN_WORDS, require_allowed
from netstacks_tasks.devices.show_patterns import GRAMMARS
from tests.fuzz.target import Target

_NAMES = sorted(GRAMMARS)


def _read(data: bytes) -> None:
    platform = _NAMES[data[0] % len(_NAMES)] if data else "ios"
    allowed = require_allowed(platform, data[1:].decode(errors="surrogateescape"))
    assert allowed.isascii()
    assert allowed.isprintable()
    assert not set(";&`$(){}<>\\\"'!?*\n") & set(allowed), allowed
    assert not FORBIDDEN_WORDS & set(allowed.split()), allowed
    assert require_allowed(platform, allowed) == allowed, "allowed stays allowed"


TARGET = Target(
    name="show_command",
    read=_read,
    words=(
        *(
            "show ",
            "ip ",
            "route ",
            "interface ",
            "version",
            "bgp ",
            "summary",
            "| include ",
            "vrf ",
        ),
        *("neighbors ", "GigabitEthernet0/1", "192.0.2.1", "10.0.0.0/8", "ip link", "arp", "lldp "),
        *("; reload", "`id`", "$(id)", "\n", "| redirect ", "running-config", "detail", "ping "),
    ),
    longest=256,
)
