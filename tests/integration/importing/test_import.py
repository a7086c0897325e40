"""Files become inventory and tasks: all of them, once, or nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from netstacks_tasks.errors import InvalidInput
from netstacks_tasks.importing.documents import import_documents
from netstacks_tasks.importing.report import ImportReport
from netstacks_tasks.importing.sources import Source
from netstacks_tasks.models.inventory import Device, SnmpSettings
from netstacks_tasks.store import inventory, inventory_changes, tasks
from netstacks_tasks.store.database import Database
from netstacks_tasks.store.inventory_items import (
    Credential,
    DeviceGroup,
    Script,
    Stack,
    StackInstance,
)

GROUP = UUID("a1b2c3d4-5678-9abc-def0-123456789abc")
CREDENTIAL = UUID("b2c3d4e5-6789-abcd-ef01-234567890bcd")
INSTANCE = UUID("c3d4e5f6-7890-bcde-f012-345678901cde")

EVERYTHING = f"""\
tasks:
  - name: Nightly
    task_type: backup
    cron_expression: "0 2 * * *"
    parameters:
      {{type: backup, target_type: device_group, target_id: core, destination: configs/core}}
  - name: Health
    task_type: health_check
    cron_expression: "*/15 * * * *"
    parameters: {{type: health_check, credential_id: login, checks: [ping, ssh]}}
  - name: Script
    task_type: custom_script
    cron_expression: "@daily"
    parameters: {{type: custom_script, script_id: hello, target_type: device, target_id: r1}}
  - name: Push
    task_type: deployment
    cron_expression: "0 0 * * 0"
    parameters: {{type: deployment, stack_instance_id: vlans here}}
stack_instances:
  - id: {INSTANCE}
    name: vlans here
    stack: vlans
    variables: {{id: 7}}
    devices: [r2, {{device: r1, variables: {{id: 8}}}}]
stacks:
  - name: vlans
    templates: {{vlan: "vlan {{{{ id }}}}"}}
scripts:
  - {{name: hello, interpreter: bash, body: "echo hello"}}
devices:
  - &r1
    name: r1
    host: 10.0.0.1
    platform: ios
    groups: [core]
    credential: login
    snmp: {{version: v3}}
    options: {{transport: ssh}}
  - <<: *r1
    name: r2
    host: r2.example.com
    port: 2222
    groups: [{GROUP}]
    credential: {CREDENTIAL}
    site: north
device_groups:
  - {{id: {GROUP}, name: core, description: the core}}
credentials:
  - {{id: {CREDENTIAL}, name: login, block_name: login-block}}
"""

CSV = """\
name,host,port,platform,site,groups,credential,snmp_version,snmp_port
c1,10.1.0.1,,ios,south,core,login,v2c,1161
c2,10.1.0.2,2022,linux,,core,,,
"""

TABLES = (
    "credentials",
    "device_groups",
    "devices",
    "device_group_members",
    "scripts",
    "stacks",
    "stack_versions",
    "stack_instances",
    "stack_instance_devices",
    "tasks",
)


def yaml(text: str, name: str = "f.yaml") -> Source:
    return Source(name, text.encode())


def as_json(document: object, name: str = "f.json") -> Source:
    return Source(name, json.dumps(document, indent=1).encode())


def csv(text: str) -> Source:
    return Source("d.csv", text.encode())


def names(section: Mapping[str, list[str]]) -> dict[str, list[str]]:
    return {kind: sorted(found) for kind, found in section.items()}


async def rows(db: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Everything there is, and which transaction wrote it."""
    found = {}
    async with db.connection() as connection:
        for table in TABLES:
            statement = f"SELECT xmin::text, * FROM {table} ORDER BY 2, 3"  # noqa: S608 - our own names
            found[table] = await (await connection.execute(statement)).fetchall()
    return found


async def problems(db: Database, *sources: Source) -> list[str]:
    """What is said of files that are refused; they must change nothing."""
    before = await rows(db)
    with pytest.raises(InvalidInput) as refused:
        await import_documents(db, sources)
    assert await rows(db) == before
    return [str(problem) for problem in refused.value.problems]


async def test_everything_at_once_in_any_order(database: Database) -> None:
    report = await import_documents(database, [csv(CSV), yaml(EVERYTHING)])
    assert names(report.created) == {
        "credentials": ["login"],
        "device_groups": ["core"],
        "devices": ["c1", "c2", "r1", "r2"],
        "scripts": ["hello"],
        "stack_instances": ["vlans here"],
        "stacks": ["vlans"],
        "tasks": ["Health", "Nightly", "Push", "Script"],
    }
    assert not report.updated
    assert not report.unchanged
    r2 = await inventory.get(database, Device, "r2")
    assert (r2.host, r2.port, r2.site, r2.groups) == ("r2.example.com", 2222, "north", ("core",))
    assert r2.snmp == SnmpSettings(version="v3")
    assert r2.options == {"transport": "ssh"}
    assert r2.credential_id == CREDENTIAL
    c1 = await inventory.get(database, Device, "c1")
    assert (c1.port, c1.site, c1.snmp.port) == (22, "south", 1161)
    assert (await inventory.get(database, Device, "c2")).credential_id is None
    assert (await inventory.get(database, DeviceGroup, "core")).id == GROUP
    assert (await inventory.get(database, Credential, "login")).block_name == "login-block"
    instance = await inventory.get(database, StackInstance, INSTANCE)
    r1 = await inventory.get(database, Device, "r1")
    members = [(member.device_id, member.variables) for member in instance.devices]
    assert members == [(r2.id, {}), (r1.id, {"id": 8})]
    pushed = await inventory.targets_of(database, await tasks.get(database, "Push"))
    assert [device.name for device in pushed] == ["r2", "r1"]


async def test_a_second_import_changes_nothing(database: Database) -> None:
    files = [yaml(EVERYTHING), csv(CSV)]
    first = await import_documents(database, files)
    before = await rows(database)
    second = await import_documents(database, files)
    assert not second.changed
    assert names(second.unchanged) == names(first.created)
    # Not even written: neither announced nor synced again.
    assert await rows(database) == before
    assert str(second).endswith("unchanged")


async def test_the_users_own_documents_are_taken_as_they_are(database: Database) -> None:
    folder = Path(__file__).parents[2] / "examples"
    await import_documents(database, [yaml(EVERYTHING)])
    files = sorted(folder.glob("*.json"))
    documents = [json.loads(file.read_text()) for file in files]
    scripts = {
        script_id
        for document in documents
        if (script_id := document["parameters"].get("script_id")) is not None
    }
    needed = [{"id": key, "name": f"script {key}", "body": "pass"} for key in scripts]
    await import_documents(database, [as_json({"scripts": needed})])
    report = await import_documents(database, files)
    assert sorted(report.created["tasks"]) == sorted(document["name"] for document in documents)
    assert len(documents) == 5
    assert not (await import_documents(database, files)).changed


async def test_ids_that_are_not_given_follow_from_the_names(database: Database) -> None:
    text = "device_groups: [{name: a}, {name: b}]"
    await import_documents(database, [yaml(text)])
    first = await inventory.find(database, DeviceGroup)
    for group in first:
        await inventory_changes.delete(database, DeviceGroup, group.id)
    await import_documents(database, [yaml(text)])
    assert await inventory.find(database, DeviceGroup) == first
    # What was renamed is not what now has its name.
    await inventory_changes.save(database, [first[0].model_copy(update={"name": "renamed"})])
    report = await import_documents(database, [yaml(text)])
    assert report.created == {"device_groups": ["a"]}
    found = await inventory.find(database, DeviceGroup)
    assert [group.name for group in found] == ["a", "b", "renamed"]
    assert not (await import_documents(database, [yaml(text)])).changed


async def test_an_edit_changes_what_it_says_and_keeps_the_rest(database: Database) -> None:
    await import_documents(database, [yaml(EVERYTHING)])
    edit = """
        devices:
          - {name: r1, host: 10.9.9.9, platform: ios, snmp: {port: 999}}
        tasks:
          - name: Nightly
            task_type: backup
            cron_expression: "30 2 * * *"
            parameters: {type: backup, target_type: device, target_id: r2, destination: a/b}
        """
    report = await import_documents(database, [yaml(edit)])
    assert report == ImportReport(updated={"devices": ["r1"], "tasks": ["Nightly"]})
    assert str(report) == "1 devices, 1 tasks updated"
    r1 = await inventory.get(database, Device, "r1")
    assert (r1.host, r1.groups) == ("10.9.9.9", ("core",))
    assert r1.snmp == SnmpSettings(version="v3", port=999)
    nightly = await tasks.get(database, "Nightly")
    assert (nightly.revision, nightly.spec.cron_expression) == (2, "30 2 * * *")
    cleared = """
        devices:
          - {name: r1, host: h, platform: ios, groups: [], credential: null, snmp: null}
        """
    await import_documents(database, [yaml(cleared)])
    r1 = await inventory.get(database, Device, "r1")
    assert (r1.groups, r1.credential_id, r1.snmp) == ((), None, SnmpSettings())


async def test_a_name_can_be_changed_by_id(database: Database) -> None:
    await import_documents(database, [yaml(EVERYTHING)])
    text = f"""
        device_groups: [{{id: {GROUP}, name: centre}}]
        devices: [{{name: r1, host: 10.0.0.1, platform: ios, groups: [centre]}}]
        """
    report = await import_documents(database, [yaml(text)])
    assert report.updated["device_groups"] == ["centre"]
    assert (await inventory.get(database, Device, "r2")).groups == ("centre",)
    nightly = await tasks.get(database, "Nightly")
    assert [d.name for d in await inventory.targets_of(database, nightly)] == ["r1", "r2"]


async def test_stacks_grow_and_instances_follow(database: Database) -> None:
    await import_documents(database, [yaml(EVERYTHING)])
    changed = EVERYTHING.replace('vlan: "vlan {{ id }}"', 'vlan: "vlan {{ id }} x"')
    assert changed != EVERYTHING
    report = await import_documents(database, [yaml(changed)])
    assert report.updated == {"stacks": ["vlans"], "stack_instances": ["vlans here"]}
    assert (await inventory.get(database, Stack, "vlans")).version == 2
    assert (await inventory.get(database, StackInstance, "vlans here")).version == 2
    pinned = changed.replace("    stack: vlans\n", "    stack: vlans\n    version: 1\n")
    await import_documents(database, [yaml(pinned)])
    assert (await inventory.get(database, StackInstance, "vlans here")).version == 1
    too_new = pinned.replace("version: 1", "version: 3")
    (told,) = await problems(database, yaml(too_new))
    assert "stack has versions up to 2" in told


FAULTY = """\
credentials:
  - {name: login, block_name: b}
  - {name: login, block_name: c}
  - {name: no block}
devices:
  - name: r1
    host: 10.0.0.1:22
    platform: nonsense
    groups: [core, nowhere]
    credential: nobody
    port: 70000
  - name: r2
    host: 10.0.0.2
    platform: ios
    prot: 22
    password: canary-password
  - host: 10.0.0.3
    platform: ios
  - name: r4
    id: not-an-id
    host: 169.254.169.254
    platform: ios
    options: {secret: canary-secret}
  - name: r6
    host: 10.0.0.6
    platform: eos
    options: {transport: os.system}
  - just text
routers: []
device_groups: {}
"""
FAULTY_TASK = {
    "name": "Backup",
    "task_type": "backup",
    "cron_expression": "61 * * * *",
    "timezone": "Mars/Base",
    "max_retries": -1,
    "colour": "red",
    "parameters": {
        "type": "backup",
        "target_type": "device",
        "target_id": "r1",
        "destination": "../../etc",
    },
}
FAULTS = [
    ("broken.yaml:1:", "not YAML"),
    ("d.csv:2: host:", "device 'r9': '10.0.0.999' is not an IP address"),
    ("d.csv:3:", "4 cells, but the header has 3"),
    ("i.yaml:3: name:", "the same name as at i.yaml:2"),
    ("i.yaml:4: block_name:", "credential 'no block'"),
    ("i.yaml:7: host:", "neither an IP address nor a host name"),
    ("i.yaml:8: platform:", "unknown platform 'nonsense'; known: eos"),
    ("i.yaml:9: groups[0]:", "there is no device group 'core'"),
    ("i.yaml:9: groups[1]:", "there is no device group 'nowhere'"),
    ("i.yaml:10: credential:", "there is no credential 'nobody'"),
    ("i.yaml:11: port:", "device 'r1': "),
    ("i.yaml:15: prot:", "no such field; known: id, name, host, port"),
    ("i.yaml:16: password:", "put it into a Prefect block"),
    ("i.yaml:17: name:", "a name is needed"),
    ("i.yaml:20: id:", "not a UUID"),
    ("i.yaml:21: host:", "169.254.169.254 is link-local, where clouds have their metadata service"),
    ("i.yaml:23: options.secret:", "put it into a Prefect block"),
    ("i.yaml:27: options.transport:", "device 'r6': must be 'https'"),
    ("i.yaml:28: devices:", "a device is a mapping of fields"),
    ("i.yaml:29: routers:", "no such section; known: credentials"),
    ("i.yaml:30: device_groups:", "write a list here"),
    ("t.json:6: cron_expression:", ""),
    ("t.json:7: timezone:", ""),
    ("t.json:8: max_retries:", ""),
    ("t.json:9: colour:", ""),
    ("t.json:14: parameters.destination:", ""),
]


async def test_every_fault_of_every_file_is_told_with_its_line(database: Database) -> None:
    told = await problems(
        database,
        yaml(FAULTY, "i.yaml"),
        as_json({"tasks": [FAULTY_TASK]}, "t.json"),
        csv("name,host,platform\nr9,10.0.0.999,ios\nr5,10.0.0.5,ios,x\n"),
        yaml("a: [", "broken.yaml"),
    )
    missing = [
        (start, message)
        for start, message in FAULTS
        if not any(line.startswith(start) and message in line for line in told)
    ]
    assert missing == []
    assert len(told) == len(FAULTS)
    assert not any("canary" in line for line in told)


async def test_a_field_within_a_field_is_told_with_its_line(database: Database) -> None:
    text = """\
devices:
  - name: r1
    host: h
    platform: ios
    snmp:
      port: 161
      version: v9
"""
    (told,) = await problems(database, yaml(text))
    assert told.startswith("f.yaml:7: snmp.version: device 'r1': ")


async def test_ids_that_clash_are_refused(database: Database) -> None:
    await import_documents(database, [yaml("device_groups: [{name: a}]")])
    other = "device_groups:\n- {id: 00000000-0000-0000-0000-000000000001, name: a}"
    (told,) = await problems(database, yaml(other))
    assert "f.yaml:2: id: device group 'a': there is one of this name with the id" in told
    twice = """\
device_groups:
  - {id: 00000000-0000-0000-0000-000000000001, name: x}
  - {id: 00000000-0000-0000-0000-000000000001, name: y}
"""
    (told,) = await problems(database, yaml(twice))
    assert told == "f.yaml:3: id: device group 'y': the same id as at f.yaml:2"


async def test_tasks_are_checked_against_the_inventory(database: Database) -> None:
    text = """\
device_groups: [{name: empty}]
tasks:
  - name: a
    task_type: backup
    cron_expression: "@daily"
    parameters:
      type: backup
      target_type: device_group
      target_id: empty
      destination: x
"""
    (told,) = await problems(database, yaml(text))
    assert told == (
        "f.yaml:9: parameters.target_id: task 'a': the device group 'empty' has no devices: "
        "add one to it first"
    )
    (told,) = await problems(database, yaml(text.replace("target_id: empty", "target_id: nope")))
    assert told.startswith("f.yaml:9: parameters.target_id: task 'a': there is no device group")


async def test_a_group_that_a_task_uses_is_not_emptied(database: Database) -> None:
    await import_documents(database, [yaml(EVERYTHING)])
    text = """
        devices:
          - {name: r1, host: 10.0.0.1, platform: ios, groups: []}
          - {name: r2, host: 10.0.0.2, platform: ios, groups: []}
        """
    (told,) = await problems(database, yaml(text))
    assert "'core' would be left without devices, and the task 'Nightly'" in told


@pytest.mark.parametrize("text", ["", "---\n", "{}", "devices: []", "devices:\n", "# nothing\n"])
async def test_nothing_is_nothing(database: Database, text: str) -> None:
    report = await import_documents(database, [yaml(text)])
    assert report == ImportReport()
    assert str(report) == "nothing to import"


@pytest.mark.parametrize("text", ["just text", "7", "[1, 2]", "devices: text"])
async def test_what_is_no_document_is_refused(database: Database, text: str) -> None:
    assert await problems(database, yaml(text))


async def test_imports_at_once_are_one_after_the_other(database: Database) -> None:
    reports = await asyncio.gather(
        *(import_documents(database, [yaml(EVERYTHING)]) for _ in range(4))
    )
    assert sum(report.changed for report in reports) == 1


async def test_a_task_that_was_deleted_comes_back(database: Database) -> None:
    await import_documents(database, [yaml(EVERYTHING)])
    await tasks.delete(database, "Nightly")
    report = await import_documents(database, [yaml(EVERYTHING)])
    assert report.created == {"tasks": ["Nightly"]}


@pytest.mark.parametrize(
    "name", ["", " x", "x\n", "a\x07b", "x" * 201, None, 7, ["a"], "\u202ex", "\ud800"]
)
async def test_hostile_names_are_refused(database: Database, name: object) -> None:
    told = await problems(database, as_json({"device_groups": [{"name": name}]}))
    assert all("name" in line and len(line) < 500 for line in told)


async def test_odd_names_are_taken(database: Database) -> None:
    name = "Group; DROP TABLE tasks -- 'é' 😀 %s {x}"
    await import_documents(database, [as_json({"groups": [{"name": name}]})])
    assert (await inventory.get(database, DeviceGroup, name)).name == name


async def test_a_script_may_hold_anything(database: Database) -> None:
    body = "#!/bin/bash\necho 'é' %s %(x)s {y}\n\ttab\r\n"
    script = {"name": "s", "interpreter": "bash", "body": body}
    await import_documents(database, [as_json({"scripts": [script]})])
    assert (await inventory.get(database, Script, "s")).body == body
    for field, wrong in (
        ("interpreter", {**script, "interpreter": "python"}),
        ("body", {**script, "body": " "}),
    ):
        (told,) = await problems(database, as_json({"scripts": [wrong]}))
        assert f" {field}: script 's': " in told


@pytest.mark.parametrize("text", ["a\x00b", "a\ud800b"])
async def test_text_that_cannot_be_stored_is_refused(database: Database, text: str) -> None:
    for document in (
        {"scripts": [{"name": "s", "body": text}]},
        {"stacks": [{"name": "s", "templates": {"a": text}}]},
        {"devices": [{"name": "d", "host": "h", "platform": "ios", "site": text}]},
    ):
        (told,) = await problems(database, as_json(document))
        assert told.startswith("f.json:")


async def test_many_devices(database: Database) -> None:
    lines = ["name,host,platform,groups"]
    lines += [f"r{n},10.{n // 65536}.{n // 256 % 256}.{n % 256},ios,core" for n in range(3000)]
    files = [csv("\n".join(lines)), yaml("device_groups: [{name: core}]")]
    report = await import_documents(database, files)
    assert len(report.created["devices"]) == 3000
    assert not (await import_documents(database, files)).changed
