"""The network of a simulated Linux machine: `ip`, `ss` and the kernel's files."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, Final

from netstacks_tasks.demo.simulated.device import SimulatedDevice
from netstacks_tasks.demo.simulated.interfaces import Interface, interfaces_of
from netstacks_tasks.demo.simulated.program import Call, Ended

_COLUMNS: Final = "bytes    packets errs drop fifo"
_OBJECTS: Final = ("address", "link", "neighbor", "route", "rule")


def ip(call: Call) -> Ended:
    """`ip address`, `link`, `route`, `neighbor` and `rule`; of links also `-s` and `-j`."""
    options = {word for word in call.arguments if word.startswith("-")}
    words = [word for word in call.arguments if not word.startswith("-")]
    what = next((name for name in _OBJECTS if words and name.startswith(words[0])), "")
    if not what:
        shown = words[0] if words else ""
        return Ended(error=f'Object "{shown}" is unknown, try "ip help".\n', status=1)
    ports = interfaces_of(call.device)
    if "dev" in words[:-1]:
        name = words[words.index("dev") + 1]
        ports = [port for port in ports if port.name == name]
        if not ports:
            return Ended(error=f'Device "{name}" does not exist.\n', status=1)
    if what == "link" and "-s" in options:
        uptime = call.device.uptime
        if "-j" in options:
            return Ended(json.dumps([_link(port, uptime) for port in ports]) + "\n")
        return Ended("".join(_counters(port, uptime) for port in ports))
    lines = _table(what, ports)
    return Ended("".join(f"{line}\n" for line in lines))


def ss(call: Call) -> Ended:
    """The listening sockets: SSH and SNMP alone."""
    udp = any("u" in word for word in call.arguments if word.startswith("-"))
    local = "0.0.0.0:161" if udp else "0.0.0.0:22"
    state = "UNCONN" if udp else "LISTEN"
    return Ended(
        "State   Recv-Q  Send-Q  Local Address:Port  Peer Address:Port\n"
        f"{state:<7} 0       128     {local:<19} 0.0.0.0:*\n"
    )


def _uptime(device: SimulatedDevice) -> str:
    return f"{device.uptime:.2f} {device.uptime * 1.9:.2f}\n"


def _load(_device: SimulatedDevice) -> str:
    return "0.08 0.03 0.01 1/142 31337\n"


def _net_dev(device: SimulatedDevice) -> str:
    lines = [
        "Inter-|   Receive                                                |  Transmit",
        f" face |{_COLUMNS} frame compressed multicast|{_COLUMNS} colls carrier compressed",
    ]
    uptime = device.uptime
    for port in interfaces_of(device):
        received = f"{port.octets(uptime, 'in')} {port.packets(uptime, 'in')} {port.errors} 0"
        sent = f"{port.octets(uptime, 'out')} {port.packets(uptime, 'out')} 0 {port.discards}"
        lines.append(f"{port.name:>6}: {received} 0 0 0 0 {sent} 0 0 0 0")
    return "\n".join(lines) + "\n"


def _no_product(_device: SimulatedDevice) -> str:
    return "Simulated Server\n"


KERNEL_FILES: Final[dict[str, Callable[[SimulatedDevice], str]]] = {
    "/proc/loadavg": _load,
    "/proc/net/dev": _net_dev,
    "/proc/uptime": _uptime,
    "/sys/class/dmi/id/product_name": _no_product,
}
"""Files that say something else each time they are read."""


def _table(what: str, ports: Sequence[Interface]) -> list[str]:
    if what == "rule":
        return ["0:\tfrom all lookup local", "32766:\tfrom all lookup main"]
    if what == "neighbor":
        return []
    if what == "route":
        return [
            f"{port.address.rsplit('.', 1)[0]}.0/24 dev {port.name} proto kernel scope link"
            for port in ports
            if port.address and not port.name.startswith("lo")
        ]
    return [
        f"{port.name:<16} {'UP' if port.up else 'DOWN':<14} "
        + (port.address if what == "address" else port.mac.hex(":"))
        for port in ports
    ]


def _link(port: Interface, uptime: float) -> dict[str, Any]:
    flags = ["UP", "LOWER_UP"] if port.up else []
    described = {"ifalias": port.description} if port.description else {}
    return {
        "ifindex": port.index,
        "ifname": port.name,
        "flags": flags,
        "mtu": port.mtu,
        "operstate": "UP" if port.up else "DOWN",
        "address": port.mac.hex(":"),
        **described,
        "stats64": {
            "rx": _counted(port, uptime, "in", port.errors, 0),
            "tx": _counted(port, uptime, "out", 0, port.discards),
        },
    }


def _counted(
    port: Interface, uptime: float, direction: str, errors: int, dropped: int
) -> dict[str, int]:
    return {
        "bytes": port.octets(uptime, direction),
        "packets": port.packets(uptime, direction),
        "errors": errors,
        "dropped": dropped,
    }


def _counters(port: Interface, uptime: float) -> str:
    state = "UP" if port.up else "DOWN"
    return f"""{port.index}: {port.name}: <{state}> mtu {port.mtu} state {state} mode DEFAULT
    link/ether {port.mac.hex(":")} brd ff:ff:ff:ff:ff:ff
    RX:  bytes packets errors dropped  missed   mcast
    {port.octets(uptime, "in")} {port.packets(uptime, "in")} {port.errors} 0 0 0
    TX:  bytes packets errors dropped carrier collsns
    {port.octets(uptime, "out")} {port.packets(uptime, "out")} 0 {port.discards} 0 0
"""
