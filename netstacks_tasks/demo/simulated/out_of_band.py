"""Changes made on a device behind NetStacks' back, as if somebody had typed them."""

from __future__ import annotations

from collections.abc import Sequence

from netstacks_tasks.demo.simulated.device import SimulatedDevice
from netstacks_tasks.demo.simulated.ios_configure import InvalidLine, apply_lines
from netstacks_tasks.errors import InvalidInput

_USERNAME = "oncall"
_LINUX_FILE = "/etc/network/interfaces"


def change(device: SimulatedDevice, lines: Sequence[str]) -> list[str]:
    """Apply configuration lines, or a change of our own choice; returns the lines.

    On a Linux device the lines are appended to /etc/network/interfaces.

    Raises:
        InvalidInput: the device does not know a line; nothing was changed before it.
    """
    applied = list(lines) or _own_choice(device)
    if device.family == "linux":
        device.files[_LINUX_FILE] += "".join(f"{line}\n" for line in applied)
    else:
        try:
            apply_lines(device.running, applied)
        except InvalidLine:
            raise InvalidInput.single(
                "lines", f"{device.spec.name} does not know one of {applied}; use its own syntax"
            ) from None
    device.edited(_USERNAME)
    return applied


def _own_choice(device: SimulatedDevice) -> list[str]:
    number = device.running.revision + 1
    if device.family == "linux":
        return [f"    up ip route add 172.20.{number % 256}.0/24 via 192.168.1.254"]
    ports = device.running.interfaces()
    port = ports[len(ports) // 2].text
    text = f"moved to patch panel {chr(65 + number % 26)}{number} during maintenance"
    return [
        port,
        f"description {text}",
        "exit",
        f"ip route 172.20.{number % 256}.0 {_route(device)}",
    ]


def _route(device: SimulatedDevice) -> str:
    if device.family == "frr":
        return "255.255.255.0 Null0"
    return "255.255.255.0 Null0 200"
