"""Makes inventory items of another system's devices, and says which cannot be taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from netstacks_tasks.errors import Problem
from netstacks_tasks.importing.entries import Entries, Entry
from netstacks_tasks.importing.foreign.documents import Documents
from netstacks_tasks.importing.foreign.found import Choices, FoundDevice
from netstacks_tasks.importing.foreign.ordering import in_order
from netstacks_tasks.importing.foreign.report import ForeignReport, LeftOut
from netstacks_tasks.importing.items import ItemBuilder
from netstacks_tasks.importing.nodes import Node
from netstacks_tasks.importing.registry import Registry
from netstacks_tasks.models.ids import DeviceId
from netstacks_tasks.models.inventory import Device
from netstacks_tasks.store.device_origins import Origin
from netstacks_tasks.store.inventory_items import Item


class Taking:
    """One look at all devices; `changed`, `origins` and `left_out` are what came of it."""

    def __init__(
        self,
        known: Mapping[UUID, Item],
        registry: Registry,
        origins: Mapping[str, Origin],
        choices: Choices,
    ) -> None:
        self.changed: list[Item] = []
        self.origins: list[Origin] = []
        self.left_out: list[LeftOut] = []
        self._known = known
        self._registry = registry
        self._by_key = origins
        self._by_device = {origin.device_id: origin for origin in origins.values()}
        self._choices = choices
        self._builder = ItemBuilder(known, registry)
        self._taken: list[Device] = []

    def take(self, devices: Sequence[FoundDevice]) -> None:
        """Look at every device; takes seconds for tens of thousands."""
        documents = Documents(devices, self._choices)
        refused: dict[int, list[str]] = {}
        sound = []
        for position, device in enumerate(devices):
            if reasons := documents.reasons(device):
                refused[position] = reasons
            else:
                sound.append((position, device))
        self._add_groups(documents, [device for _, device in sound])
        former = {key: self._known[one.device_id].name for key, one in self._by_key.items()}
        for position, device in in_order(sound, former):
            if reasons := self._device(documents, device):
                refused[position] = reasons
        for position in sorted(refused):
            one = devices[position]
            self.left_out.append(
                LeftOut(name=one.title, place=one.place, reasons=refused[position])
            )

    def report(
        self, *, deleted: Sequence[str], gone: Sequence[str], notes: Sequence[str]
    ) -> ForeignReport:
        """What it comes to."""
        created, updated, unchanged = [], {}, []
        for device in self._taken:
            before = self._known.get(device.id)
            if before is None:
                created.append(device.name)
            elif before == device:
                unchanged.append(device.name)
            else:
                updated[device.name] = _differences(before, device)
        return ForeignReport(
            dry_run=self._choices.dry_run,
            created=sorted(created),
            updated=dict(sorted(updated.items())),
            unchanged=sorted(unchanged),
            deleted=deleted,
            gone=gone,
            left_out=self.left_out,
            new_groups=sorted(one.name for one in self.changed if not isinstance(one, Device)),
            without_credential=sorted(d.name for d in self._taken if d.credential_id is None),
            notes=notes,
        )

    def _add_groups(self, documents: Documents, devices: Sequence[FoundDevice]) -> None:
        """Make the groups that are not there yet; their names were checked."""
        names = {name for device in devices for name in documents.groups(device)}
        missing = sorted(
            name for name in names if self._registry.id_of("device_groups", name) is None
        )
        entries = Entries()
        nodes = [Node({"name": Node(name, 0)}, 0) for name in missing]
        entries.add(self._choices.source, Node({"device_groups": Node(nodes, 0)}, 0))
        ids, _ = self._registry.assign(entries.found)
        for position, entry in enumerate(entries.found):
            item = self._builder.build(entry, ids[position])
            if item is not None:
                self.changed.append(item)

    def _device(self, documents: Documents, device: FoundDevice) -> list[str]:
        """Take a device, or say why not."""
        known = self._known_as(device)
        origin = None if known is None else self._by_device.get(known.id)
        given = () if origin is None else origin.groups
        # One that came from elsewhere before has its groups of there no more told apart.
        kept = () if known is None else set(known.groups) - set(given)
        entry, told = documents.entry(device, None if known is None else known.id, kept)
        if entry is None:
            return told
        ids, problems = self._registry.assign([entry])
        if problems:
            return ["another device of the inventory has this name: rename or delete that first"]
        item = self._builder.build(entry, ids[0])
        if problems := self._builder.problems:
            self._builder.problems = []
            return [_said(entry, one) for one in problems]
        if isinstance(item, Device):
            self._taken.append(item)
            if item != self._known.get(item.id):
                self.changed.append(item)
            came = Origin(
                device_id=item.id,
                source=self._choices.source,
                scope=self._choices.scope,
                key=device.key,
                groups=tuple(documents.groups(device)),
            )
            if came != origin:
                self.origins.append(came)
        return []

    def _known_as(self, device: FoundDevice) -> Device | None:
        """What it is in the inventory: by its id there, else by its name."""
        origin = self._by_key.get(device.key)
        key = (
            origin.device_id if origin is not None else self._registry.id_of("devices", device.name)
        )
        found = None if key is None else self._known.get(DeviceId(key))
        return found if isinstance(found, Device) else None


def _said(entry: Entry, problem: Problem) -> str:
    """The problem without what stands beside it anyway."""
    message = problem.message.removeprefix(f"{entry.word} {entry.name!r}: ")
    return f"{problem.field}: {message}" if problem.field else message


def _differences(before: Item, after: Item) -> list[str]:
    old, new = before.model_dump(), after.model_dump()
    return [name.removesuffix("_id") for name in new if new[name] != old.get(name)]
