"""What the control channel can do to a running fleet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from netstacks_tasks.demo.simulated.control_server import Operation
from netstacks_tasks.demo.simulated.device import Counts
from netstacks_tasks.demo.simulated.faults import DESCRIPTIONS, FAULT_KINDS, LISTENER_FAULTS, Fault
from netstacks_tasks.demo.simulated.node import DeviceNode
from netstacks_tasks.demo.simulated.out_of_band import change
from netstacks_tasks.errors import InvalidInput, NotFound


class FleetOperations:
    """Named operations on the devices of a fleet."""

    def __init__(self, nodes: Mapping[str, DeviceNode]) -> None:
        self._nodes = nodes

    def table(self) -> dict[str, Operation]:
        """The operations by the name they have in a request."""
        return {
            "change": self.change,
            "save": self.save,
            "break": self.break_device,
            "heal": self.heal,
            "list": self.list_devices,
            "counts": self.counts,
            "clear": self.clear,
        }

    async def change(self, request: Mapping[str, Any]) -> object:
        """`name`, optional `lines`: change the running configuration out of band."""
        lines = request.get("lines") or []
        if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
            raise InvalidInput.single("lines", "must be a list of configuration lines")
        return {"lines": change(self._node(request).device, lines)}

    async def save(self, request: Mapping[str, Any]) -> object:
        """`name`: make the running configuration the startup configuration."""
        self._node(request).device.save()
        return {}

    async def break_device(self, request: Mapping[str, Any]) -> object:
        """`name`, `fault`, optional `seconds` (slow) and `times` (logins it strikes)."""
        node = self._node(request)
        kind = request.get("fault")
        if kind not in FAULT_KINDS:
            known = "; ".join(f"{name}: {text}" for name, text in DESCRIPTIONS.items())
            raise InvalidInput.single("fault", f"must be one of: {known}")
        times = request.get("times")
        if times is not None and type(times) is not int:
            raise InvalidInput.single("times", "must be a whole number of logins")
        seconds = request.get("seconds") or 0.0
        if not isinstance(seconds, int | float):
            raise InvalidInput.single("seconds", "must be a number")
        node.device.break_with(Fault(kind=kind, seconds=float(seconds), remaining=times))
        if kind in LISTENER_FAULTS:
            await node.reopen_ssh()
        return {"faults": sorted(node.device.faults)}

    async def heal(self, request: Mapping[str, Any]) -> object:
        """Optional `name`: end the faults of one device, or of all."""
        nodes = [self._node(request)] if request.get("name") else list(self._nodes.values())
        healed = []
        for node in nodes:
            faults = node.device.faults
            if not faults:
                continue
            node.device.heal()
            healed.append(node.device.spec.name)
            if faults & LISTENER_FAULTS:
                await node.reopen_ssh()
        return {"healed": healed}

    async def list_devices(self, _request: Mapping[str, Any]) -> object:
        """Every device with its address and the faults in force."""
        return [node.as_document() for node in self._nodes.values()]

    async def counts(self, request: Mapping[str, Any]) -> object:
        """Optional `name`: what clients did to one device, or to each by name."""
        if request.get("name"):
            return self._node(request).device.counts.as_document()
        return {name: node.device.counts.as_document() for name, node in self._nodes.items()}

    async def clear(self, _request: Mapping[str, Any]) -> object:
        """Set every device's counts to zero."""
        for node in self._nodes.values():
            node.device.counts = Counts()
        return {}

    def _node(self, request: Mapping[str, Any]) -> DeviceNode:
        name = request.get("name")
        if not isinstance(name, str) or name not in self._nodes:
            raise NotFound("device in this fleet", name)
        return self._nodes[name]
