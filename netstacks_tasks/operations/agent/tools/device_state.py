"""What devices say of themselves at this moment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from pydantic import Field

from netstacks_tasks.devices import show_command
from netstacks_tasks.errors import InvalidInput
from netstacks_tasks.models.inventory import Device
from netstacks_tasks.models.operational import BgpNeighbour, Facts, InterfaceCounters
from netstacks_tasks.operations.agent.tool import Arguments, Found, NotAllowed, Tool
from netstacks_tasks.operations.agent.tools.reach import Reach
from netstacks_tasks.operations.agent.tools.selection import Inventory, Selection
from netstacks_tasks.operations.deadline import Deadline

_BY_SELECTION: Final = "name one device or a group"
_WORDS_OF_A_HEAD: Final = 3


def device_facts(inventory: Inventory, reach: Reach) -> Tool[Selection]:
    """Vendor, model, software, uptime."""

    async def call(wanted: Selection, until: Deadline) -> Found:
        readings = await reach.read(
            "device_facts",
            inventory.of(wanted),
            until,
            lambda reader, target, seconds: reader.facts(target, timeout=seconds),
            lambda facts: f"{facts.vendor} {facts.model}, {facts.os_version}",
        )
        rows = [_facts(device, facts) for device, facts in readings.found]
        return {**readings.missing(), "devices": rows}

    return Tool(
        name="device_facts",
        description="Ask devices for hostname, vendor, model, software version, serial number and "
        "uptime: one device, a group, or all.",
        arguments=Selection,
        call=call,
        narrow=_BY_SELECTION,
    )


def _facts(device: Device, facts: Facts) -> dict[str, Any]:
    row = {"device": device.name, **facts.model_dump(exclude_none=True)}
    if facts.uptime_seconds is not None:
        del row["uptime_seconds"]
        row["uptime"] = _span(facts.uptime_seconds)
    return row


class BgpQuestion(Selection):
    """Whose sessions, and which."""

    only_down: bool = Field(
        default=False, description="Only sessions that are not established; all are counted."
    )


def bgp_neighbours(inventory: Inventory, reach: Reach) -> Tool[BgpQuestion]:
    """BGP sessions and their state."""

    async def call(wanted: BgpQuestion, until: Deadline) -> Found:
        readings = await reach.read(
            "bgp_neighbours",
            inventory.of(wanted),
            until,
            lambda reader, target, seconds: reader.bgp_neighbours(target, timeout=seconds),
            _neighbours_in_words,
        )
        sessions = [(device, one) for device, neighbours in readings.found for one in neighbours]
        # Those that are down come first: they are the last to be cut off.
        sessions.sort(key=lambda pair: (pair[1].up, not pair[1].enabled))
        down = [pair for pair in sessions if not pair[1].up]
        return {
            **readings.missing(),
            "sessions_total": len(sessions),
            "sessions_up": len(sessions) - len(down),
            "sessions_down": len([1 for _, one in down if one.enabled]),
            "sessions_shut_administratively": len([1 for _, one in down if not one.enabled]),
            "devices_without_bgp": [device.name for device, found in readings.found if not found],
            "sessions": [_session(*pair) for pair in (down if wanted.only_down else sessions)],
        }

    return Tool(
        name="bgp_neighbours",
        description="Ask devices for their BGP sessions: neighbour, AS, state, uptime, prefixes. "
        "One device, a group, or all; sessions that are down come first. Unless a session says "
        "otherwise it is in the VRF default, of ipv4 unicast, and enabled.",
        arguments=BgpQuestion,
        call=call,
        narrow="name one device or a group, or set only_down",
    )


def _session(device: Device, one: BgpNeighbour) -> dict[str, Any]:
    """A session in few words: a fleet has many, and a small model reads little."""
    row = {"device": device.name, **one.model_dump(exclude_none=True, exclude_defaults=True)}
    if one.address_families == ("ipv4 unicast",):
        del row["address_families"]
    if one.enabled:
        del row["enabled"]
    if one.uptime_seconds is not None:
        del row["uptime_seconds"]
        row["uptime"] = _span(one.uptime_seconds)
    return row


def _span(seconds: float) -> str:
    """`377 d 4 h`, `3 h 12 min`, `40 s`."""
    whole = int(seconds)
    days, hours, minutes = whole // 86400, whole // 3600 % 24, whole // 60 % 60
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes} min" if whole >= 3600 else f"{minutes} min {whole % 60} s"


def _neighbours_in_words(neighbours: Sequence[BgpNeighbour]) -> str:
    down = [one for one in neighbours if not one.up and one.enabled]
    shut = [one for one in neighbours if not one.enabled]
    told = f"{len(neighbours)} BGP sessions, {len(down)} down"
    if shut:
        told += f", {len(shut)} shut administratively"
    return f"{told}: {', '.join(one.address for one in down[:5])}" if down else told


class CountersQuestion(Selection):
    """Whose interfaces, and which."""

    min_errors: int = Field(
        default=1,
        ge=0,
        description="Only interfaces with at least so many errors, received and sent together; "
        "0 shows every interface.",
    )


def interface_counters(inventory: Inventory, reach: Reach) -> Tool[CountersQuestion]:
    """Interfaces with their counters."""

    async def call(wanted: CountersQuestion, until: Deadline) -> Found:
        readings = await reach.read(
            "interface_counters",
            inventory.of(wanted),
            until,
            lambda reader, target, seconds: reader.interfaces(target, timeout=seconds),
            _interfaces_in_words,
        )
        every = [(device, one) for device, interfaces in readings.found for one in interfaces]
        shown = [pair for pair in every if pair[1].errors >= wanted.min_errors]
        shown.sort(key=lambda pair: -pair[1].errors)
        uncounted = [pair for pair in every if _uncounted(pair[1])]
        return {
            **readings.missing(),
            "interfaces_total": len(every),
            "min_errors": wanted.min_errors,
            "interfaces_shown": len(shown),
            # A counter that nobody reads is not a clean interface.
            "interfaces_without_error_counters": len(uncounted),
            "interfaces": [
                _interface(device, one, whole=wanted.device is not None) for device, one in shown
            ],
        }

    return Tool(
        name="interface_counters",
        description="Ask devices for their interfaces with state, packets, errors and discards, "
        "the most errors first; for a single device with bytes and speed too. Counters are totals "
        "since they were last cleared. One device, a group, or all. An interface is enabled "
        "unless it says otherwise.",
        arguments=CountersQuestion,
        call=call,
        narrow="name one device or a group, or raise min_errors",
    )


def _interface(device: Device, one: InterfaceCounters, *, whole: bool) -> dict[str, Any]:
    left_out = set() if whole else {"rx_bytes", "tx_bytes", "speed_mbps"}
    if one.enabled:
        left_out.add("enabled")
    if not one.description:
        left_out.add("description")
    fields = one.model_dump(exclude_none=True, exclude=left_out)
    return {"device": device.name, "errors": one.errors, **fields}


def _uncounted(one: InterfaceCounters) -> bool:
    return one.rx_errors is None and one.tx_errors is None


def _interfaces_in_words(interfaces: Sequence[InterfaceCounters]) -> str:
    faulty = sorted((one for one in interfaces if one.errors), key=lambda one: -one.errors)
    told = f"{len(interfaces)} interfaces, {len(faulty)} with errors"
    worst = ", ".join(f"{one.name} {one.errors}" for one in faulty[:5])
    return f"{told}: {worst}" if faulty else told


class ShowQuestion(Arguments):
    """A command for one device."""

    device: str = Field(min_length=1, max_length=300, description="The device's name.")
    command: str = Field(
        min_length=1, max_length=300, description="The whole command, without abbreviations."
    )


def show(inventory: Inventory, reach: Reach) -> Tool[ShowQuestion]:
    """The text of an allowed command."""

    async def call(wanted: ShowQuestion, until: Deadline) -> Found:
        device = inventory.one(wanted.device)
        try:
            command = show_command.require_allowed(device.platform, wanted.command)
        except InvalidInput as refused:
            raise NotAllowed(refused.problems) from None
        readings = await reach.read(
            "show_command",
            [device],
            until,
            lambda reader, target, seconds: reader.show(target, command, timeout=seconds),
            lambda text: f"{command}: {len(text.splitlines())} lines",
        )
        output = readings.found[0][1] if readings.found else ""
        return {"device": device.name, "command": command, **readings.missing(), "output": output}

    return Tool(
        name="show_command",
        description="Send one command that only shows something to one device, and get its text. "
        f"Prefer the other tools where they tell the same. {_allowed(inventory)}",
        arguments=ShowQuestion,
        call=call,
        narrow="choose a command that prints less, such as one for a single interface or neighbour",
    )


def _allowed(inventory: Inventory) -> str:
    """How the allowed commands of the inventory's platforms begin; a refusal tells the rest."""
    platforms = sorted({device.platform for device in inventory.devices})
    lists = [
        f"On {platform}: {', '.join(heads)}."
        for platform in platforms
        if (heads := _heads(show_command.allowed_commands(platform)))
    ]
    return (
        "Only commands that begin so are allowed, and of those not all; a refusal says what may "
        f"follow. {' '.join(lists)}"
    )


def _heads(commands: Sequence[str]) -> list[str]:
    heads: dict[str, None] = {}
    for command in commands:
        words = []
        for word in command.split()[:_WORDS_OF_A_HEAD]:
            if word[0] in "<[{|":
                break
            words.append(word)
        if words:
            heads[" ".join(words)] = None
    return list(heads)
