"""What the show commands of the FRR-like device print, also as JSON."""

from __future__ import annotations

import json
from typing import Any, Final

from netstacks_tasks.demo.simulated.bgp import BgpSession, sessions_of
from netstacks_tasks.demo.simulated.device import SimulatedDevice
from netstacks_tasks.demo.simulated.interfaces import Interface, interfaces_of

_HEADINGS: Final = (
    "Neighbor        V         AS   MsgRcvd   MsgSent   TblVer  InQ OutQ  Up/Down "
    "State/PfxRcd   PfxSnt Desc"
)


def version(device: SimulatedDevice) -> str:
    """The banner of vtysh."""
    return (
        f"FRRouting 10.2.1 ({device.hostname}) on Linux(6.1.0-28-amd64).\n"
        "Copyright 1996-2005 Kunihiro Ishiguro, et al.\n"
    )


def interface_brief(device: SimulatedDevice) -> str:
    """One line for each interface."""
    lines = [
        "Interface       Status  VRF             Addresses",
        "---------       ------  ---             ---------",
    ]
    for port in interfaces_of(device):
        state = "up" if port.up else "down"
        lines.append(f"{port.name:<15} {state:<7} default         {port.address}")
    return "\n".join(lines) + "\n"


def interfaces_json(device: SimulatedDevice) -> str:
    """What zebra knows of each interface; it counts no packets."""
    return _json({port.name: _interface(port) for port in interfaces_of(device)})


def bgp_summary(device: SimulatedDevice) -> str:
    """The table of neighbours."""
    sessions = sessions_of(device)
    if not sessions:
        return "% BGP instance not found\n"
    first = sessions[0]
    lines = [
        "",
        "IPv4 Unicast Summary:",
        f"BGP router identifier {first.router_id}, local AS number {first.local_as} vrf-id 0",
        "BGP table version 1421",
        f"Peers {len(sessions)}, using {len(sessions) * 724} KiB of memory",
        "",
        _HEADINGS,
        *map(_row, sessions),
        "",
        f"Total number of neighbors {len(sessions)}",
    ]
    return "\n".join(lines) + "\n"


def bgp_neighbours_json(device: SimulatedDevice) -> str:
    """Every session of every VRF: there is one."""
    sessions = sessions_of(device)
    if not sessions:
        return _json({})
    default = {"vrfId": 0, "vrfName": "default"}
    return _json({"default": default | {s.address: _session(s) for s in sessions}})


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2) + "\n"


def _interface(port: Interface) -> dict[str, Any]:
    state = "up" if port.up else "down"
    described = {"description": port.description} if port.description else {}
    return {
        "administrativeStatus": state,
        "operationalStatus": state,
        "vrfName": "default",
        **described,
        "index": port.index,
        "mtu": port.mtu,
        "speed": 0 if port.name == "lo" else port.speed // 1_000_000,
        "hardwareAddress": port.mac.hex(":"),
        "ipAddresses": [{"address": port.address}] if port.address else [],
    }


def _row(session: BgpSession) -> str:
    shown = str(session.received) if session.up else session.state
    if not session.enabled:
        shown = "Idle (Admin)"
    return (
        f"{session.address:<15} 4 {session.remote_as:>10} {session.messages:>9} "
        f"{session.messages - 40:>9}     1421    0    0 {session.age:>8} {shown:>12} "
        f"{session.sent:>8} {session.description or 'N/A'}"
    )


def _session(session: BgpSession) -> dict[str, Any]:
    counted = {"acceptedPrefixCounter": session.received}
    told: dict[str, Any] = {
        "remoteAs": session.remote_as,
        "localAs": session.local_as,
        "nbrExternalLink": session.remote_as != session.local_as,
    }
    if session.description:
        told["nbrDesc"] = session.description
    if not session.enabled:
        told["adminShutDown"] = True
    told["bgpState"] = session.state
    if session.up:
        told["bgpTimerUpMsec"] = session.seconds * 1000
        told["bgpTimerUpString"] = session.age
        counted["sentPrefixCounter"] = session.sent
    return told | {"addressFamilyInfo": {"ipv4Unicast": counted}}
