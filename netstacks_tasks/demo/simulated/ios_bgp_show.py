"""What the IOS-like device prints of its BGP sessions."""

from __future__ import annotations

from typing import Final

from netstacks_tasks.demo.simulated.bgp import BgpSession, sessions_of
from netstacks_tasks.demo.simulated.device import SimulatedDevice

_NOT_ACTIVE: Final = "% BGP not active\n"
_HEADINGS: Final = (
    "Neighbor        V           AS MsgRcvd MsgSent   TblVer  InQ OutQ Up/Down  State/PfxRcd"
)


def summary(device: SimulatedDevice) -> str:
    """The table of neighbours."""
    sessions = sessions_of(device)
    if not sessions:
        return _NOT_ACTIVE
    lines = [
        f"BGP router identifier {sessions[0].router_id}, local AS number {sessions[0].local_as}",
        "BGP table version is 1421, main routing table version 1421",
        "",
        _HEADINGS,
        *map(_row, sessions),
    ]
    return "\n".join(lines) + "\n"


def all_summary(device: SimulatedDevice) -> str:
    """The tables of every address family: there is one."""
    table = summary(device)
    return table if table == _NOT_ACTIVE else f"For address family: IPv4 Unicast\n{table}"


def neighbours(device: SimulatedDevice) -> str:
    """Every neighbour in detail."""
    sessions = sessions_of(device)
    return "\n".join(map(_detail, sessions)) if sessions else _NOT_ACTIVE


def _row(session: BgpSession) -> str:
    shown = str(session.received) if session.up else session.state
    if not session.enabled:
        shown = "Idle (Admin)"
    return (
        f"{session.address:<15} 4 {session.remote_as:>12} {session.messages:>7} "
        f"{session.messages - 40:>7}     1421    0    0 {session.age:<8} {shown:>12}"
    )


def _detail(session: BgpSession) -> str:
    link = "internal" if session.remote_as == session.local_as else "external"
    description = f" Description: {session.description}\n" if session.description else ""
    state = f"{session.state}, up for {session.age}" if session.up else session.state
    remote_id = session.address if session.up else "0.0.0.0"  # noqa: S104 - what IOS prints
    shut = "" if session.enabled else "  Administratively shut down\n"
    return f"""BGP neighbor is {session.address},  remote AS {session.remote_as}, {link} link
{description}{shut}  BGP version 4, remote router ID {remote_id}
  BGP state = {state}
  Last read 00:00:11, last write 00:00:07, hold time is 180, keepalive interval is 60 seconds

 For address family: IPv4 Unicast
  BGP table version 1421, neighbor version 1421/0
                                 Sent       Rcvd
  Prefix activity:               ----       ----
    Prefixes Current:      {session.sent:>11}{session.received:>11} (Consumes 0 bytes)
    Prefixes Total:        {session.sent:>11}{session.received:>11}

                                   Outbound    Inbound
  Local Policy Denied Prefixes:    --------    -------
    Total:                                0          0
"""
