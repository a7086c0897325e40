"""BGP sessions of a device, as its configuration wants them and its show commands tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from netstacks_tasks.demo.simulated.device import SimulatedDevice

State = Literal["Established", "Active", "Idle"]

_MINUTE: Final = 60
_HOUR: Final = 3600
_DAY: Final = 86_400
_WEEK: Final = 7 * _DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class BgpSession:
    """One neighbour; what it counted follows from the device and the address."""

    address: str
    remote_as: int
    local_as: int
    router_id: str
    description: str
    state: State
    enabled: bool
    seconds: int
    """Since it came up or, when it is down, since it went down."""
    received: int
    """Prefixes; 0 when it is down, as `sent` is."""
    sent: int
    messages: int

    @property
    def up(self) -> bool:
        return self.state == "Established"

    @property
    def age(self) -> str:
        """How long, as both IOS and FRR write it."""
        return age(self.seconds)


def sessions_of(device: SimulatedDevice) -> Sequence[BgpSession]:
    """The neighbours that the running configuration names, in its order."""
    bgp = next(device.running.root.starting("router bgp "), None)
    if bgp is None:
        return ()
    lines = [node.text.split(maxsplit=3) for node in bgp.starting("neighbor ")]
    told = {(line[1], line[2]): line[3] if len(line) > 3 else "" for line in lines}
    return [
        _session(device, address, told, bgp.text.split()[2], bgp.value("bgp router-id "))
        for address, word in told
        if word == "remote-as"
    ]


def _session(
    device: SimulatedDevice,
    address: str,
    told: dict[tuple[str, str], str],
    own_as: str,
    router_id: str,
) -> BgpSession:
    pick = device.spec.pick
    enabled = (address, "shutdown") not in told
    up = enabled and pick(f"bgp/{address}/down", 10) != 0
    remote = told[address, "remote-as"]
    return BgpSession(
        address=address,
        remote_as=int(remote) if remote.isdecimal() else 0,
        local_as=int(own_as),
        router_id=router_id,
        description=told.get((address, "description"), ""),
        state="Established" if up else "Active" if enabled else "Idle",
        enabled=enabled,
        seconds=int(device.uptime) - pick(f"bgp/{address}/since", 2 * _DAY),
        received=(pick(f"bgp/{address}", 9000) + 100) // 9 if up else 0,
        sent=pick(f"bgp/{address}/sent", 40) + 1 if up else 0,
        messages=pick(f"bgp/{address}", 9000) + 100,
    )


def age(seconds: int) -> str:
    """`00:12:31`, `3d04h` or `2w1d`."""
    if seconds < _DAY:
        return f"{seconds // _HOUR:02d}:{seconds // _MINUTE % 60:02d}:{seconds % 60:02d}"
    if seconds < _WEEK:
        return f"{seconds // _DAY}d{seconds // _HOUR % 24:02d}h"
    return f"{seconds // _WEEK}w{seconds // _DAY % 7}d"
