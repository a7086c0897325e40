"""Stacks and their instances from files: what a run would stumble over is found here."""

from __future__ import annotations

import pytest

from netstacks_tasks.errors import InvalidInput
from netstacks_tasks.importing.documents import import_documents
from netstacks_tasks.importing.sources import Source
from netstacks_tasks.models.inventory import Device
from netstacks_tasks.models.stack_rendering import render_all
from netstacks_tasks.models.stack_templates import StackTemplates
from netstacks_tasks.store import inventory, inventory_changes
from netstacks_tasks.store.database import Database
from netstacks_tasks.store.inventory_items import DeviceGroup, StackInstance
from netstacks_tasks.store.stack_members import members_of

INVENTORY = """\
device_groups: [{name: access}, {name: west}]
devices:
  - {name: sw1, host: 10.0.0.1, platform: ios, groups: [access, west]}
  - {name: sw2, host: 10.0.0.2, platform: ios, groups: [access]}
  - {name: srv, host: 10.0.0.3, platform: linux}
"""
STACKS = """\
stacks:
  - name: vlans
    variables: {vlan: 1, name: global, note: stack}
    templates:
      ios/vlan: "vlan {{ vlan }}\\n name {{ name }} {{ note }} {{ site }}\\n"
stack_instances:
  - name: here
    stack: vlans
    variables: {note: instance, site: all}
    groups:
      - {group: access, variables: {name: access, vlan: 2}}
      - {group: west, variables: {name: west}}
    devices: [sw1, {device: sw2, variables: {vlan: 7}}]
    mode: merge
    canaries: 2
    batch_size: 3
    max_failures: 4
    post_checks: [ping, ssh]
    save: false
"""


def source(text: str) -> Source:
    return Source("s.yaml", text.encode())


async def problems(database: Database, text: str) -> list[str]:
    with pytest.raises(InvalidInput) as caught:
        await import_documents(database, [source(INVENTORY), source(text)])
    return [str(problem) for problem in caught.value.problems]


async def test_an_instance_is_kept_as_it_is_written(database: Database) -> None:
    files = [source(INVENTORY), source(STACKS)]
    await import_documents(database, files)
    instance = await inventory.get(database, StackInstance, "here")
    rollout = instance.rollout(dry_run=True)
    assert (rollout.mode, rollout.canaries, rollout.batch_size) == ("merge", 2, 3)
    assert (rollout.max_failures, rollout.post_checks) == (4, ("ping", "ssh"))
    assert (rollout.save, rollout.dry_run) == (False, True)
    stack, members = await members_of(database, instance)
    rendered = render_all(StackTemplates(stack.templates), members, "merge")
    # Global < group, the later one first, < device.
    assert {one.device.name: one.text for one in rendered} == {
        "sw1": "vlan 2\n name west instance all\n",
        "sw2": "vlan 7\n name access instance all\n",
    }
    assert not (await import_documents(database, files)).changed


async def test_an_older_version_is_still_deployed_as_it_was(database: Database) -> None:
    pinned = STACKS.replace("    stack: vlans\n", "    stack: vlans\n    version: 1\n")
    await import_documents(database, [source(INVENTORY), source(pinned)])
    await import_documents(database, [source(pinned.replace("vlan {{ vlan }}", "vlan {{ new }}"))])
    instance = await inventory.get(database, StackInstance, "here")
    stack, _ = await members_of(database, instance)
    assert (stack.version, "{{ vlan }}" in stack.templates["ios/vlan"]) == (1, True)


async def test_a_group_that_an_instance_uses_stays(database: Database) -> None:
    await import_documents(database, [source(INVENTORY), source(STACKS)])
    with pytest.raises(InvalidInput, match="'west' is in use by stack instance 'here'"):
        await inventory_changes.delete(database, DeviceGroup, "west")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("{{ vlan }}", "{% if %}", "template 'ios/vlan', line 1: Expected an expression"),
        ("ios/vlan", "iosx/vlan", "template 'iosx/vlan': there is no platform 'iosx'"),
        (
            "{note: instance, site: all}",
            "{note: instance}",
            "device 'sw1': template 'ios/vlan', line 2: 'site' is undefined",
        ),
        (
            "[sw1, {device",
            "[srv, {device",
            "nothing can be deployed to 'srv', whose platform is linux",
        ),
        ("[sw1, {device", "[sw2, {device", "the device is there twice: name each once"),
        ("group: west", "group: access", "the device group is there twice: name each once"),
        ("group: west", "group: east", "there is no device group 'east'"),
        ("mode: merge", "mode: push", "mode"),
        ("batch_size: 3", "batch_size: 0", "batch_size"),
        ("max_failures: 4", "max_failures: 0", "max_failures"),
        ("canaries: 2", "canaries: -1", "canaries"),
        ("[ping, ssh]", "[ping, ping]", "name each check once"),
        ("[ping, ssh]", "[pong]", "post_checks"),
        ("site: all}", "site: all, device: x}", "the name 'device' is taken"),
        ("save: false", "save: perhaps", "save"),
        ("save: false", "pause: 5", "no such field; known: "),
        ("ios/vlan", "frr/vlan", "no template of the stack is for the platform 'ios'"),
    ],
)
async def test_what_is_wrong_is_told_and_nothing_written(
    database: Database, old: str, new: str, told: str
) -> None:
    assert old in STACKS
    found = await problems(database, STACKS.replace(old, new, 1))
    assert any(told in line for line in found), found
    assert all(line.startswith("s.yaml:") for line in found)
    assert await inventory.find(database, Device) == []


async def test_a_secret_is_named_and_not_written(database: Database) -> None:
    text = STACKS.replace("site: all}", "site: {secret_block: the-site}}")
    await import_documents(database, [source(INVENTORY), source(text)])
    instance = await inventory.get(database, StackInstance, "here")
    assert instance.variables["site"] == {"secret_block": "the-site"}
