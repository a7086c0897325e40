"""Turns entries into items of the inventory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal
from uuid import UUID

from pydantic import BaseModel, ValidationError

from netstacks_tasks.devices.options import option_faults
from netstacks_tasks.devices.platforms import PLATFORMS
from netstacks_tasks.devices.resolving import device_networks
from netstacks_tasks.errors import Problem
from netstacks_tasks.importing.entries import KEYS, WORDS, Entry, Section, names_a_secret
from netstacks_tasks.importing.hosts import host_fault
from netstacks_tasks.importing.registry import Registry
from netstacks_tasks.importing.script_checks import script_problems
from netstacks_tasks.importing.stack_checks import instance_problems, stack_problems
from netstacks_tasks.models.inventory import Device
from netstacks_tasks.store.inventory_items import (
    Credential,
    DeviceGroup,
    Item,
    Script,
    Stack,
    StackInstance,
)

MODELS: Final[Mapping[Section, type[Item]]] = {
    "credentials": Credential,
    "device_groups": DeviceGroup,
    "devices": Device,
    "scripts": Script,
    "stacks": Stack,
    "stack_instances": StackInstance,
}


class ItemBuilder:
    """Builds items; what is wrong with them collects in `problems`.

    A field that an entry leaves out keeps the value that a known item has; a
    field that is null takes its default.
    """

    def __init__(self, known: Mapping[UUID, Item], registry: Registry) -> None:
        self.problems: list[Problem] = []
        self._known = known
        self._registry = registry
        self._built: dict[UUID, Item] = {}

    def build(self, entry: Entry, key: UUID) -> Item | None:
        """The item as it is to be; None when something is wrong with it."""
        model = MODELS[entry.section]
        before = len(self.problems)
        given = self._given(entry, model)
        known = self._known.get(key)
        values = {**(known.model_dump() if known is not None else {}), **given, "id": key}
        self._complete(entry, values, known)
        told = {problem.field.partition("[")[0] for problem in self.problems[before:]}
        try:
            item = model.model_validate(values)
        except ValidationError as error:
            self._refuse(entry, error, told)
            return None
        if told:
            return None
        if isinstance(item, StackInstance):
            self.problems += instance_problems(entry, item, {**self._known, **self._built})
        self._built[key] = item
        return item

    def _refuse(self, entry: Entry, error: ValidationError, told: set[str]) -> None:
        """Add what the model says, unless something was said of the field already."""
        for fault in error.errors(include_url=False, include_input=False):
            field = _file_field(entry, fault["loc"])
            if field.partition(".")[0] not in told:
                self.problems.append(entry.problem(field, fault["msg"]))

    def _given(self, entry: Entry, model: type[BaseModel]) -> dict[str, Any]:
        given = {}
        for name, node in entry.fields.items():
            if name not in KEYS[entry.section]:
                continue
            field = model.model_fields.get(name)
            if node.value is None and field is not None and not field.is_required():
                given[name] = field.get_default(call_default_factory=True)
            else:
                given[name] = node.plain()
        return given

    def _complete(self, entry: Entry, values: dict[str, Any], known: Item | None) -> None:
        """Resolve references, and check what the models cannot."""
        match entry.section:
            case "devices":
                self._device(entry, values, known)
            case "scripts":
                self.problems += script_problems(entry, values)
            case "stacks":
                self._stack_version(values, known)
                self.problems += stack_problems(entry)
            case "stack_instances":
                self._stack_instance(entry, values)
            case _:
                pass

    def _device(self, entry: Entry, values: dict[str, Any], known: Item | None) -> None:
        if "credential" in values:
            reference = values.pop("credential")
            values["credential_id"] = (
                None
                if reference is None
                else self._find(entry, "credential", "credentials", reference)
            )
        if "groups" in entry.fields:
            values["groups"] = self._groups(entry, values["groups"])
        if isinstance(values.get("snmp"), Mapping) and isinstance(known, Device):
            values["snmp"] = {**known.snmp.model_dump(), **values["snmp"]}
        host, platform = values.get("host"), values.get("platform")
        if isinstance(host, str) and (fault := host_fault(host)):
            self.problems.append(entry.problem("host", fault))
        elif isinstance(host, str) and (fault := device_networks().fault(host)):
            self.problems.append(entry.problem("host", f"{host} {fault}"))
        if isinstance(platform, str) and platform not in PLATFORMS:
            message = f"unknown platform {platform[:60]!r}; known: {', '.join(sorted(PLATFORMS))}"
            self.problems.append(entry.problem("platform", message))
        elif isinstance(platform, str) and isinstance(values.get("options"), Mapping):
            for name, fault in option_faults(platform, values["options"]):
                if names_a_secret(name):
                    continue  # told as such
                self.problems.append(entry.problem(f"options.{name}", fault))

    def _groups(self, entry: Entry, references: object) -> Sequence[str] | object:
        if not isinstance(references, list | tuple):
            return references
        found = [
            self._find(entry, f"groups[{position}]", "device_groups", reference)
            for position, reference in enumerate(references)
        ]
        names = {self._registry.name("device_groups", key) for key in found if key is not None}
        return tuple(sorted(names))

    def _stack_version(self, values: dict[str, Any], known: Item | None) -> None:
        if not isinstance(known, Stack):
            values["version"] = 1
        elif (values["templates"], values["variables"]) != (known.templates, known.variables):
            values["version"] = known.version + 1

    def _stack_instance(self, entry: Entry, values: dict[str, Any]) -> None:
        if "stack" in values:
            values["stack_id"] = self._find(entry, "stack", "stacks", values.pop("stack"))
        stack_id = values.get("stack_id")
        stack = self._built.get(stack_id) or self._known.get(stack_id)  # type: ignore[arg-type]  # None finds none
        if isinstance(stack, Stack):
            # Without a version: the newest.
            version = values["version"] if "version" in entry.fields else stack.version
            values["version"] = stack.version if version is None else version
            if isinstance(version, int) and version > stack.version:
                message = f"the stack has versions up to {stack.version}"
                self.problems.append(entry.problem("version", message))
        self._members(entry, values, "devices", "device")
        self._members(entry, values, "groups", "group")

    def _members(
        self, entry: Entry, values: dict[str, Any], field: Literal["devices", "groups"], word: str
    ) -> None:
        """Devices or groups, each by name or id, or a mapping with its variables."""
        given = entry.fields.get(field)
        if given is None or (items := given.items) is None:
            return
        section: Section = "devices" if field == "devices" else "device_groups"
        members = []
        seen: set[UUID] = set()
        for position, node in enumerate(items):
            member = dict(node.plain()) if node.fields is not None else {word: node.value}
            if word in member:
                place = f"{field}[{position}]"
                key = self._find(entry, place, section, member.pop(word))
                if key in seen:
                    message = f"the {WORDS[section]} is there twice: name each once"
                    self.problems.append(entry.problem(place, message))
                elif key is not None:
                    seen.add(key)
                member[f"{word}_id"] = key
            members.append(member)
        values[field] = members

    def _find(self, entry: Entry, field: str, section: Section, reference: object) -> UUID | None:
        found = self._registry.find(section, reference)
        if found is None:
            where = "the files or the inventory" if entry.source else "the inventory"
            message = f"there is no {WORDS[section]} {str(reference)[:200]!r} in {where}"
            self.problems.append(entry.problem(field, message))
        return found


def _file_field(entry: Entry, loc: tuple[int | str, ...]) -> str:
    """A model's field as the file calls it."""
    path = ".".join(str(part) for part in loc)
    renamed = {"credential_id": "credential", "stack_id": "stack"}
    return renamed.get(path, path) if path not in entry.fields else path
