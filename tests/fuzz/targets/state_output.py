"""What devices say of their state, in JSON and otherwise."""

from __future__ import annotations

import json
from collections.abc import Callable

from netstacks_tasks.devices import frr_state, kernel_state, shell_state, vtysh_state
from netstacks_tasks.devices.napalm_answers import facts_in
from netstacks_tasks.devices.ssh_session import decoded
from netstacks_tasks.testing import device
from tests.fuzz.target import Target

_DEVICE = device("core-1")


def _bgp(text: str) -> object:
    return frr_state.neighbours_in(_DEVICE, frr_state.parsed(_DEVICE, "show bgp", text))


def _zebra(text: str) -> object:
    return vtysh_state.interfaces_in(_DEVICE, frr_state.parsed(_DEVICE, "show interface", text))


def _kernel(text: str) -> object:
    return kernel_state.interfaces_in(_DEVICE, text)


def _facts(text: str) -> object:
    known = dict.fromkeys(("hostname", "vendor", "model", "os_version"), text)
    return [facts_in(known)]


def _plain(text: str) -> object:
    return [
        kernel_state.speeds_in(text),
        vtysh_state.uptime_in(text),
        shell_state.release_in(text),
    ]


_READERS: tuple[Callable[[str], object], ...] = (_bgp, _zebra, _kernel, _facts, _plain)


def _read(data: bytes) -> None:
    read = _READERS[data[0] % len(_READERS)] if data else _plain
    found = read(decoded(data[1:]))
    # As it goes into a report: strict JSON has no infinity.
    json.dumps(found, default=lambda one: one.model_dump(), allow_nan=False)


TARGET = Target(
    name="state_output",
    read=_read,
    words=(
        *("bgpState", "Established", "remoteAs", "localAs", "addressFamilyInfo", "bgpTimerUpMsec"),
        *("acceptedPrefixCounter", "administrativeStatus", "operationalStatus", "speed", "up"),
        *("ifname", "flags", "UP", "LOWER_UP", "stats64", "rx", "bytes", "1e999", "NaN", "-1"),
        *(
            "/sys/class/net/eth0/speed:1000\n",
            "PRETTY_NAME=",
            '"',
            "1.5 2.5",
            "Infinity",
            "1" * 320,
        ),
    ),
)
