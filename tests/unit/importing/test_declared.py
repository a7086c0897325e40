"""What is exported reads as what it was, byte for byte and field for field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netstacks_tasks.devices.platforms import PLATFORMS
from netstacks_tasks.importing import items, yaml_text
from netstacks_tasks.importing.declared.plan import Change, Plan
from netstacks_tasks.importing.declared.tasks import declared_tasks
from netstacks_tasks.importing.declared.whole import whole
from netstacks_tasks.importing.declared.written import (
    SECTION_OF,
    exported_item,
    newest_versions,
    task_document,
)
from netstacks_tasks.importing.declared.yaml_files import as_yaml
from netstacks_tasks.importing.entries import SECTIONS, Entries
from netstacks_tasks.importing.items import ItemBuilder
from netstacks_tasks.importing.registry import Registry
from netstacks_tasks.models.ids import CredentialId, DeviceId, GroupId, ScriptId, StackId
from netstacks_tasks.models.ids import StackInstanceId as InstanceId
from netstacks_tasks.models.inventory import Device, SnmpSettings
from netstacks_tasks.models.task_spec import TaskSpec, parse_task
from netstacks_tasks.store.inventory_items import (
    Credential,
    DeviceGroup,
    Item,
    Script,
    Stack,
    StackGroup,
    StackInstance,
    StackMember,
)

_FEW = settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
_LINES = st.text(" \t\nab#:-|>'\"%&{[\\ü\u2028\x85\x1b", max_size=30)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | _TEXT | _LINES | st.sampled_from(["yes", "2024-01-01", "1e3", "<<", "=", "~", "12:30"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT | _LINES, inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
_NAME = st.text(min_size=1, max_size=30).filter(
    lambda name: name.isprintable() and name == name.strip()
)


@pytest.fixture(scope="module", autouse=True)
def _nothing_is_rendered() -> Iterator[None]:
    """A process renders templates: what they give is another matter."""
    with pytest.MonkeyPatch.context() as patched:
        for name in ("instance_problems", "stack_problems"):
            patched.setattr(items, name, lambda *_: ())
        yield


def read(text: str) -> Any:  # noqa: ANN401 - whatever YAML holds
    (document,) = yaml_text.read(text, "f.yaml").documents
    return document.plain()


@settings(deadline=None)
@given(_JSON)
def test_yaml_reads_as_what_was_written(value: object) -> None:
    document = {"a": value, "b": [value]}
    text = as_yaml(document)
    assert read(text) == document
    assert as_yaml(read(text)) == text


def test_a_script_is_a_block_that_can_be_compared() -> None:
    body = "#!/bin/bash\nif true; then\n\techo 'a: b'\nfi\n"
    assert as_yaml({"body": body}) == (
        "body: |\n  #!/bin/bash\n  if true; then\n  \techo 'a: b'\n  fi\n"
    )


class Inventory:
    """Things of every kind that refer to each other, with any names and texts."""

    def __init__(self, data: st.DataObject, names: Sequence[str], *, versions: int = 1) -> None:
        """`versions`: how many the stack has at least."""
        self._data = data
        self._number = 0
        variables = st.dictionaries(st.from_regex(r"[a-c]", fullmatch=True), _JSON, max_size=3)
        login = Credential(id=CredentialId(self.key()), name=names[0], block_name="block")
        groups = [
            DeviceGroup(id=GroupId(self.key()), name=name, description=self.draw(_TEXT))
            for name in names[1:3]
        ]
        some = st.lists(st.sampled_from(groups), unique=True, max_size=2)
        devices = [
            Device(
                id=DeviceId(self.key()),
                name=name,
                host="192.0.2.1",
                port=self.draw(st.integers(1, 65535)),
                platform=self.draw(st.sampled_from(sorted(set(PLATFORMS) - {"linux"}))),
                site=self.draw(st.none() | st.text("ab1", min_size=1)),
                groups=tuple(sorted(group.name for group in self.draw(some))),
                credential_id=self.draw(st.sampled_from([None, login.id])),
                snmp=self.draw(
                    st.builds(
                        SnmpSettings,
                        version=st.sampled_from(["v2c", "v3"]),
                        port=st.integers(1, 65535),
                    )
                ),
            )
            for name in names[3:5]
        ]
        script = Script(
            id=ScriptId(self.key()),
            name=names[5],
            body=f"text = {self.draw(_LINES)!r}\n\tpass"[:-6],
        )
        stack = Stack(
            id=StackId(self.key()),
            name=names[6],
            description=self.draw(_TEXT),
            version=self.draw(st.integers(versions, 3)),
            templates={"b": "x\n\ty\n", "a": "hostname {{ device.name }}\n"},
            variables=self.draw(variables),
        )
        instance = StackInstance(
            id=InstanceId(self.key()),
            name=names[7],
            stack_id=stack.id,
            version=self.draw(st.integers(1, stack.version)),
            variables=self.draw(variables),
            groups=tuple(
                StackGroup(group_id=group.id, variables=self.draw(variables))
                for group in self.draw(some)
            ),
            devices=tuple(
                StackMember(device_id=device.id, variables=self.draw(variables))
                for device in devices
            ),
            mode="merge",
            canaries=self.draw(st.integers(0, 3)),
            post_checks=self.draw(st.sampled_from([(), ("ping",), ("ssh", "ping")])),
            save=self.draw(st.booleans()),
        )
        made: list[Item] = [login, *groups, *devices, script, stack, instance]
        self.items: dict[UUID, Item] = {item.id: item for item in made}
        parameters: list[dict[str, object]] = [
            {
                "type": "backup",
                "target_type": "device",
                "target_id": str(devices[0].id),
                "destination": "a/b",
            },
            {
                "type": "health_check",
                "credential_id": str(login.id),
                "checks": ["ssh", "ping"],
                "max_failed_devices": 2,
            },
            {
                "type": "custom_script",
                "script_id": str(script.id),
                "arguments": self.draw(st.lists(_LINES, max_size=2)),
            },
            {"type": "agent_task", "prompt": f"why?{self.draw(_LINES)}", "temperature": 0.5},
            {"type": "deployment", "stack_instance_id": str(instance.id), "dry_run": True},
        ]
        self.tasks = [
            parse_task(
                {
                    "id": str(self.key()),
                    "name": f"task {number}",
                    "task_type": one["type"],
                    "cron_expression": "@daily",
                    "enabled": self.draw(st.booleans()),
                    "parameters": one,
                }
            )
            for number, one in enumerate(parameters)
        ]

    def draw(self, strategy: st.SearchStrategy[Any]) -> Any:  # noqa: ANN401 - whatever it draws
        return self._data.draw(strategy)

    def key(self) -> UUID:
        self._number += 1
        return UUID(int=self._number)

    def files(self) -> list[str]:
        names = {key: item.name for key, item in self.items.items()}
        newest = newest_versions(self.items)
        return [
            *(
                as_yaml({SECTION_OF[type(item)]: [exported_item(item, names, newest)]})
                for item in self.items.values()
            ),
            *(as_yaml(task_document(spec)) for spec in self.tasks),
        ]


def named(data: st.DataObject, inventories: int) -> list[list[str]]:
    """Names for each inventory; what two call the same has the same id."""
    drawn = data.draw(
        st.lists(_NAME, min_size=9 * inventories, max_size=9 * inventories, unique=True)
    )
    first, *others = (drawn[at : at + 9] for at in range(0, len(drawn), 9))
    return [
        first,
        *(
            [data.draw(st.sampled_from(pair)) for pair in zip(first, own, strict=True)]
            for own in others
        ),
    ]


def declared(
    files: list[str], known: Mapping[UUID, Item]
) -> tuple[dict[UUID, Item], list[TaskSpec]]:
    """What files mean beside what is known."""
    entries, registry = Entries(), Registry()
    for number, text in enumerate(files):
        for document in yaml_text.read(text, f"{number}.yaml").documents:
            entries.add(f"{number}.yaml", document)
    entries.check_unique()
    assert entries.problems == []
    for item in known.values():
        registry.add(SECTION_OF[type(item)], item.id, item.name)
    completed = [whole(entry) for entry in entries.found]
    assert [fault for _, faults in completed for fault in faults] == []
    inventory = sorted(
        (entry for entry, _ in completed if entry.section != "tasks"),
        key=lambda entry: SECTIONS.index(entry.section),
    )
    ids, problems = registry.assign(inventory)
    builder = ItemBuilder(known, registry)
    built = [builder.build(entry, ids[position]) for position, entry in enumerate(inventory)]
    tasks, faults = declared_tasks(
        [entry for entry, _ in completed if entry.section == "tasks"], [], registry
    )
    assert [*problems, *builder.problems, *faults] == []
    return {item.id: item for item in built if item is not None}, [one.spec for one in tasks]


@_FEW
@given(st.data())
def test_what_is_exported_is_declared_as_it_is(data: st.DataObject) -> None:
    (names,) = named(data, 1)
    made = Inventory(data, names)
    found, tasks = declared(made.files(), made.items)
    assert found == made.items
    assert tasks == made.tasks


@_FEW
@given(st.data())
def test_whatever_else_is_there_by_these_ids_it_becomes_what_was_exported(
    data: st.DataObject,
) -> None:
    names, names_before = named(data, 2)
    made = Inventory(data, names)
    newest = newest_versions(made.items)
    # An instance may stay at an earlier version, which has to be there.
    other = Inventory(data, names_before, versions=max(newest.values()))
    found, tasks = declared(made.files(), other.items)
    assert tasks == made.tasks
    for key, item in found.items():
        wanted = made.items[key]
        if isinstance(item, Stack):
            # Its version goes on from the one that is there.
            assert item.model_copy(update={"version": newest[key]}) == wanted
        elif isinstance(item, StackInstance):
            assert item.model_copy(update={"version": 1}) == wanted.model_copy(
                update={"version": 1}
            )
        else:
            assert item == wanted


def test_a_plan_is_told_by_what_it_does_to_what_was() -> None:
    def plan(verb: Any, before: dict[str, Any], after: dict[str, Any]) -> Plan:  # noqa: ANN401 - a verb
        change = Change(
            verb=verb, section="scripts", id=UUID(int=1), name="a", before=before, after=after
        )
        return Plan(owner="o", changes=(change,))

    one = plan("update", {"a": {"b": 1, "c": [1]}}, {"a": {"b": 2}, "d": "x"})
    assert one.pending[0].fields() == {"a.b": (1, 2), "a.c": ([1], None), "d": (None, "x")}
    assert (
        one.digest()
        == plan("update", {"a": {"c": [1], "b": 1}}, {"d": "x", "a": {"b": 2}}).digest()
    )
    assert one.digest() != plan("update", {"a": {"b": 0}}, {"a": {"b": 2}, "d": "x"}).digest()
    assert plan("unchanged", {}, {}).pending == ()
