"""Reads what vtysh's JSON says of an FRR router's state."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import asyncssh

from netstacks_tasks.devices.vtysh import run_vtysh, vtysh_failed
from netstacks_tasks.errors import DeviceError
from netstacks_tasks.models.inventory import Device
from netstacks_tasks.models.operational import BgpNeighbour

NEIGHBOURS: Final = "show bgp vrf all neighbors json"

_NO_BGP: Final = re.compile(
    r"^%? ?(bgpd is not running|BGP instance not found|No BGP (process|instance)s?\b.*"
    r"|BGP (not active|is not running))\.?\s*$",
    re.IGNORECASE | re.MULTILINE,
)
_CAPITAL: Final = re.compile(r"(?<!^)(?=[A-Z])")
_FAMILIES: Final = {"l2VpnEvpn": "l2vpn evpn"}
_SAID: Final = 100


async def vtysh_json(
    connection: asyncssh.SSHClientConnection, device: Device, command: str
) -> dict[str, Any]:
    """The JSON object that a command prints.

    Raises:
        DeviceError: the command failed, or printed something else.
    """
    output, complaint, status = await run_vtysh(connection, device, command)
    if status != 0:
        raise vtysh_failed(device, command, output, complaint, status)
    return parsed(device, command, output)


def parsed(device: Device, command: str, output: str) -> dict[str, Any]:
    """The JSON object in the output.

    Raises:
        DeviceError: there is none, or it is cut off.
    """
    try:
        found = json.loads(output)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise DeviceError(
            device.name,
            "command",
            "bad_output",
            f"{command!r} printed no whole JSON object but {_shown(output)!r}",
        )
    return found


async def bgp_neighbours(
    connection: asyncssh.SSHClientConnection, device: Device
) -> tuple[BgpNeighbour, ...]:
    """Every session of every VRF; empty where no BGP runs."""
    output, complaint, status = await run_vtysh(connection, device, NEIGHBOURS)
    if _NO_BGP.search(output if output.strip() else complaint):
        return ()
    if status != 0:
        raise vtysh_failed(device, NEIGHBOURS, output, complaint, status)
    return neighbours_in(device, parsed(device, NEIGHBOURS, output))


def neighbours_in(device: Device, vrfs: Mapping[str, Any]) -> tuple[BgpNeighbour, ...]:
    """The sessions in the output of `show bgp vrf all neighbors json`.

    Raises:
        DeviceError: it is not of that form.
    """
    try:
        return tuple(_neighbours(vrfs))
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise DeviceError(
            device.name,
            "command",
            "bad_output",
            f"{NEIGHBOURS!r} printed JSON of another form ({type(error).__name__})",
        ) from error


def _neighbours(vrfs: Mapping[str, Any]) -> Iterator[BgpNeighbour]:
    for vrf, sessions in vrfs.items():
        for address, session in sessions.items():
            # Beside its sessions stand the VRF's own number and name.
            if isinstance(session, dict):
                yield _neighbour(vrf, address, session)


def _neighbour(vrf: str, address: str, session: Mapping[str, Any]) -> BgpNeighbour:
    state = str(session["bgpState"]).lower()
    up = state == "established"
    families: Mapping[str, Mapping[str, Any]] = session.get("addressFamilyInfo", {})
    return BgpNeighbour(
        address=address,
        remote_as=as_number(session["remoteAs"]),
        local_as=as_number(session["localAs"]) if "localAs" in session else None,
        vrf=vrf,
        address_families=tuple(map(_family, families)),
        state=state,
        up=up,
        enabled=not session.get("adminShutDown", False),
        uptime_seconds=session["bgpTimerUpMsec"] / 1000 if up else None,
        prefixes_received=_sum(families, "acceptedPrefixCounter") if up else None,
        prefixes_sent=_sum(families, "sentPrefixCounter") if up else None,
        description=str(session.get("nbrDesc", "")),
    )


def as_number(value: int | str) -> int:
    """An AS number, also as written with a dot (RFC 5396)."""
    high, _, low = str(value).rpartition(".")
    return int(high or 0) * 65536 + int(low)


def _family(name: str) -> str:
    return _FAMILIES.get(name) or _CAPITAL.sub(" ", name).lower()


def _sum(families: Mapping[str, Mapping[str, Any]], counter: str) -> int | None:
    known = [info[counter] for info in families.values() if counter in info]
    return sum(known) if known else None


def _shown(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text.strip()[:_SAID])
