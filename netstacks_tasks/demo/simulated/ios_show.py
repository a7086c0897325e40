"""What the show commands of the IOS-like device print."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from netstacks_tasks.demo.simulated import ios_bgp_show
from netstacks_tasks.demo.simulated.bgp import sessions_of
from netstacks_tasks.demo.simulated.device import STARTUP_FILE, SimulatedDevice
from netstacks_tasks.demo.simulated.interfaces import Interface, interfaces_of

Show = Callable[[SimulatedDevice], str]

_ROUTER_VERSION: Final = (
    "Cisco IOS Software [Cupertino], ISR Software (X86_64_LINUX_IOSD-UNIVERSALK9-M), "
    "Version 17.9.4a, RELEASE SOFTWARE (fc3)"
)
_SWITCH_VERSION: Final = (
    "Cisco IOS Software, C2960X Software (C2960X-UNIVERSALK9-M), "
    "Version 15.2(7)E8, RELEASE SOFTWARE (fc3)"
)


_RATES: Final = ("IHQ", "IQD", "OHQ", "OQD", "RXBS", "RXPS", "TXBS", "TXPS", "TRTL")


def model(device: SimulatedDevice) -> str:
    """The product the device says it is."""
    return "ISR4431/K9" if device.spec.role == "core" else "WS-C2960X-24TS-L"


def serial(device: SimulatedDevice) -> str:
    """The chassis serial number."""
    return f"FDO{2000 + device.spec.pick('year', 500)}D{device.spec.pick('serial', 900) + 100}"


def version_line(device: SimulatedDevice) -> str:
    """The first line of `show version`; also its sysDescr."""
    return _ROUTER_VERSION if device.spec.role == "core" else _SWITCH_VERSION


def _version(device: SimulatedDevice) -> str:
    minutes = int(device.uptime // 60)
    uptime = f"{minutes // 10080} weeks, {minutes // 1440 % 7} days, "
    uptime += f"{minutes // 60 % 24} hours, {minutes % 60} minutes"
    return f"""{version_line(device)}
Technical Support: http://www.cisco.com/techsupport

ROM: Bootstrap program is simulated

{device.hostname} uptime is {uptime}
System returned to ROM by power-on
System image file is "flash:/simulated.bin"
Last reload reason: power-on

cisco {model(device)} (1RU) processor with 1684579K/6147K bytes of memory.
Processor board ID {serial(device)}
{len(interfaces_of(device))} interfaces
4194304K bytes of physical memory.

Configuration register is 0x2102
"""


def running_config(device: SimulatedDevice) -> str:
    """The running configuration, with the lines that differ at every show."""
    body = device.running.render("ios").removesuffix("end\n")
    now = datetime.now(UTC)
    clock_period = f"ntp clock-period {17179000 + (device.shows * 37 + device.spec.index) % 900}\n"
    body += clock_period + "end\n"
    changed = max(device.changed_at, now.replace(microsecond=0))
    header = f"""!
! Last configuration change at {_moment(changed)} by {device.changed_by}
! NVRAM config last updated at {_moment(now)} by {device.changed_by}
"""
    size = len(header) + len(body) + device.shows % 7
    return f"Building configuration...\n\nCurrent configuration : {size} bytes\n{header}{body}\n"


def startup_config(device: SimulatedDevice) -> str:
    """The saved configuration."""
    body = device.files[STARTUP_FILE["ios"]]
    tail = "" if body.rstrip().endswith("\nend") else "!\nend\n"
    header = f"Using {len(body) + 500} out of 33554432 bytes\n!\n"
    return f"{header}! No configuration change since last restart\n{body}{tail}\n"


def _inventory(device: SimulatedDevice) -> str:
    return f"""NAME: "Chassis", DESCR: "Cisco {model(device)} Chassis"
PID: {model(device):<18}, VID: V04, SN: {serial(device)}

NAME: "Power Supply Module 0", DESCR: "450W AC Power Supply"
PID: PWR-4430-AC       , VID: V03, SN: PST{device.spec.pick("psu", 90000) + 10000}

"""


def _ip_interface_brief(device: SimulatedDevice) -> str:
    lines = ["Interface              IP-Address      OK? Method Status                Protocol"]
    for port in interfaces_of(device):
        address = port.address.split("/")[0] or "unassigned"
        status = "up" if port.up else "administratively down"
        protocol = "up" if port.up else "down"
        lines.append(f"{port.name:<22} {address:<15} YES NVRAM  {status:<21} {protocol}")
    return "\n".join(lines) + "\n"


def _interfaces_description(device: SimulatedDevice) -> str:
    lines = ["Interface                      Status         Protocol Description"]
    for port in interfaces_of(device):
        status = "up" if port.up else "admin down"
        protocol = "up" if port.up else "down"
        lines.append(f"{port.name:<30} {status:<14} {protocol:<8} {port.description}")
    return "\n".join(lines) + "\n"


def interfaces(device: SimulatedDevice, name: str = "") -> str:
    """The counters of every interface, or of one, also by a short name; empty for another."""
    uptime = device.uptime
    ports = [port for port in interfaces_of(device) if not name or _is_called(port, name)]
    return "".join(_interface(port, uptime) for port in ports)


def _is_called(port: Interface, name: str) -> bool:
    letters = name.rstrip("0123456789/")
    number = name[len(letters) :]
    full = port.name.rstrip("0123456789/")
    return full.lower().startswith(letters.lower()) and port.name == full + number


def _interface(port: Interface, uptime: float) -> str:
    state = "up, line protocol is up" if port.up else "administratively down, line protocol is down"
    mac = port.mac.hex()
    mac = f"{mac[:4]}.{mac[4:8]}.{mac[8:]}"
    description = f"  Description: {port.description}\n" if port.description else ""
    address = f"  Internet address is {port.address}\n" if port.address else ""
    rate = port.rate * 8 if port.up else 0
    return f"""{port.name} is {state}
  Hardware is Gigabit Ethernet, address is {mac} (bia {mac})
{description}{address}  MTU {port.mtu} bytes, BW {port.speed // 1000} Kbit/sec, DLY 10 usec,
     reliability 255/255, txload 1/255, rxload 1/255
  5 minute input rate {rate} bits/sec, {rate // 4960} packets/sec
  5 minute output rate {rate * 6 // 10} bits/sec, {rate * 6 // 49600} packets/sec
     {port.packets(uptime, "in")} packets input, {port.octets(uptime, "in")} bytes, 0 no buffer
     {port.errors} input errors, {port.errors} CRC, 0 frame, 0 overrun, 0 ignored
     {port.packets(uptime, "out")} packets output, {port.octets(uptime, "out")} bytes, 0 underruns
     0 output errors, 0 collisions, 1 interface resets
"""


def _vlan_brief(device: SimulatedDevice) -> str:
    ports: dict[str, list[str]] = {}
    for node in device.running.interfaces():
        vlan = node.value("switchport access vlan ")
        if vlan:
            short = node.text.removeprefix("interface ").replace("GigabitEthernet", "Gi")
            ports.setdefault(vlan, []).append(short)
    lines = [
        "VLAN Name                             Status    Ports",
        "---- -------------------------------- --------- -------------------------------",
    ]
    for node in device.running.root.starting("vlan "):
        number = node.text.removeprefix("vlan ")
        members = ", ".join(ports.get(number, [])[:4])
        lines.append(f"{number:<4} {node.value('name '):<32} active    {members}")
    return "\n".join(lines) + "\n"


def _interface_summary(device: SimulatedDevice) -> str:
    lines = [
        " *: interface is up",
        " IHQ: pkts in input hold queue     IQD: pkts dropped from input queue",
        " OHQ: pkts in output hold queue    OQD: pkts dropped from output queue",
        " RXBS: rx rate (bits/sec)          RXPS: rx rate (pkts/sec)",
        " TXBS: tx rate (bits/sec)          TXPS: tx rate (pkts/sec)",
        " TRTL: throttle count",
        "",
        f"  {'Interface':<23} " + "".join(f"{name:>10}" for name in _RATES),
        "-" * 113,
    ]
    for port in interfaces_of(device):
        rate = port.rate * 8 if port.up else 0
        numbers = (0, 0, 0, port.discards, rate, rate // 4960, rate * 6 // 10, rate * 6 // 49600, 0)
        mark = "*" if port.up else " "
        lines.append(f"{mark} {port.name:<23} " + "".join(f"{number:>10}" for number in numbers))
    return "\n".join(lines) + "\n"


def _logging(device: SimulatedDevice) -> str:
    lines = ["Syslog logging: enabled", "Log Buffer (64000 bytes):", ""]
    for session in sessions_of(device):
        if session.enabled and not session.up:
            went = datetime.now(UTC) - timedelta(seconds=session.seconds)
            lines.append(
                f"*{went:%b} {went.day} {went:%H:%M:%S}.118: %BGP-5-ADJCHANGE: neighbor "
                f"{session.address} Down BGP Notification sent"
            )
    return "\n".join(lines) + "\n"


def _hosts(device: SimulatedDevice) -> str:
    domain = device.running.root.value("ip domain name ") or "not set"
    return f"Default domain is {domain}\nName servers are 255.255.255.255\n"


def _clock(_device: SimulatedDevice) -> str:
    now = datetime.now(UTC)
    return f"*{now:%H:%M:%S}.{now.microsecond // 1000:03d} UTC {now:%a %b} {now.day} {now.year}\n"


def _users(device: SimulatedDevice) -> str:
    return f"""    Line       User       Host(s)              Idle       Location
*  2 vty 0     {device.credential.username:<10} idle                 00:00:00   127.0.0.1
"""


def _file_systems(_device: SimulatedDevice) -> str:
    return """Directory of flash:/

    2  -rwx    77871104  Jan 12 2026 10:11:12 +00:00  simulated.bin

2142715904 bytes total (1817575424 bytes free)
"""


def _processes_cpu(device: SimulatedDevice) -> str:
    load = device.spec.pick("cpu", 30) + 2
    return (
        f"CPU utilization for five seconds: {load}%/0%; "
        f"one minute: {load}%; five minutes: {load}%\n"
    )


SHOWS: Final[dict[str, Show]] = {
    "show version": _version,
    "show inventory": _inventory,
    "show ip interface brief": _ip_interface_brief,
    "show interfaces summary": _interface_summary,
    "show interfaces description": _interfaces_description,
    "show vlan": _vlan_brief,
    "show vlan brief": _vlan_brief,
    "show ip bgp summary": ios_bgp_show.summary,
    "show ip bgp neighbors": ios_bgp_show.neighbours,
    "show bgp all summary": ios_bgp_show.all_summary,
    "show bgp ipv4 unicast summary": ios_bgp_show.summary,
    "show bgp ipv4 unicast neighbors": ios_bgp_show.neighbours,
    "show logging": _logging,
    "show hosts": _hosts,
    "show clock": _clock,
    "show users": _users,
    "show processes cpu": _processes_cpu,
    "dir": _file_systems,
}
"""Anyone may see these; the configurations need the enable secret."""


def _moment(moment: datetime) -> str:
    return f"{moment:%H:%M:%S} UTC {moment:%a %b} {moment.day} {moment.year}"
