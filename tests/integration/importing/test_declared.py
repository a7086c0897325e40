"""A folder of files says the whole: it is compared, applied, exported, and nothing is lost."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
import yaml
from psycopg import sql

from netstacks_tasks.errors import EditedMeanwhile, InUse, InvalidInput
from netstacks_tasks.importing.declared.apply import ApplyOptions
from netstacks_tasks.importing.declared.folder import declared_in
from netstacks_tasks.importing.declared.plan import Plan
from netstacks_tasks.importing.documents import import_documents
from netstacks_tasks.importing.sources import Source
from netstacks_tasks.models.ids import ScriptId
from netstacks_tasks.models.inventory import Device, SnmpSettings
from netstacks_tasks.records import Records
from netstacks_tasks.store import audit, inventory, inventory_changes, tasks
from netstacks_tasks.store.audit import AuditSearch
from netstacks_tasks.store.check_states import Observation, observe_all
from netstacks_tasks.store.database import Database
from netstacks_tasks.store.inventory_items import DeviceGroup, Script, Stack, StackInstance
from tests.integration.importing.test_import import CREDENTIAL, EVERYTHING, GROUP
from tests.integration.store import samples

EXAMPLES = Path(__file__).parents[2] / "examples"
TABLES = (
    *("credentials", "device_groups", "devices", "device_group_members", "scripts", "stacks"),
    *("stack_versions", "stack_instances", "stack_instance_devices", "stack_instance_groups"),
    *("tasks", "managed_items", "audit_log"),
)
_ALL = sql.SQL("SELECT t::text FROM {} AS t ORDER BY 1")
OWN = ApplyOptions()
PRUNE = ApplyOptions(prune=True)


async def rows(url: str) -> dict[str, list[tuple[object, ...]]]:
    async with await psycopg.AsyncConnection.connect(url) as connection:
        return {
            table: await (await connection.execute(_ALL.format(sql.Identifier(table)))).fetchall()
            for table in TABLES
        }


class Folder:
    """A folder of files, and the records that it is applied to."""

    def __init__(self, path: Path, db: Database) -> None:
        self.path, self.records = path, Records(db)
        self.path.mkdir()

    def put(self, files: Mapping[str, str]) -> None:
        for name, text in files.items():
            place = self.path / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)

    async def plan(self, options: ApplyOptions = OWN) -> Plan:
        return await self.records.plan(declared_in([self.path]), options)

    async def apply(self, options: ApplyOptions = OWN) -> Plan:
        declared = declared_in([self.path])
        return await self.records.apply(
            declared, await self.records.plan(declared, options), options
        )

    def texts(self) -> dict[str, bytes]:
        files = [file for file in self.path.rglob("*") if file.is_file()]
        return {str(file.relative_to(self.path)): file.read_bytes() for file in files}


@pytest.fixture
def folder(database: Database, tmp_path: Path) -> Folder:
    return Folder(tmp_path / "network", database)


def verbs(plan: Plan) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in plan.pending:
        found.setdefault(one.verb, []).append(one.name)
    return found


async def test_a_plan_is_made_and_leaves_no_trace_then_it_is_done_once(
    folder: Folder, database_url: str
) -> None:
    folder.put({"all.yaml": EVERYTHING, "README.md": "# Ours", ".git/config.yaml": "no: section"})
    before = await rows(database_url)
    plan = await folder.plan()
    assert await rows(database_url) == before
    assert plan.count() == {"create": 11}
    assert (await folder.apply()).digest() == plan.digest()
    done = await rows(database_url)
    assert len(done["tasks"]) == 4
    # Again there is nothing to do, and nothing is written.
    assert (await folder.apply(PRUNE)).pending == ()
    assert await rows(database_url) == done
    (deed,) = await audit.find(folder.records.db, AuditSearch(kind="files"))
    assert (deed.action, deed.object_name, deed.changes) == ("applied", "netstacks", {"create": 11})


async def test_an_export_applies_to_nothing_and_is_the_same_again(
    folder: Folder, database_url: str, tmp_path: Path
) -> None:
    await import_documents(folder.records.db, [Source("all.yaml", EVERYTHING.encode())])
    odd = Script(
        id=ScriptId(UUID(int=5)),
        name="../odd name: 'ü'",
        body='if true; then\n\techo "a: b # c"\nfi  \n\n\u2028end',
        interpreter="bash",
    )
    await inventory_changes.save(folder.records.db, [odd])
    # An instance that stays behind its stack.
    stack = await inventory.get(folder.records.db, Stack, "vlans")
    newer = stack.model_copy(update={"templates": {"vlan": "vlan {{ id }}\n name x\n"}})
    await inventory_changes.save(folder.records.db, [newer])
    before = await rows(database_url)
    first = await folder.records.export_files(folder.path)
    assert (len(first.written), first.removed) == (12, [])
    texts = folder.texts()
    assert len(texts) == 12
    assert (await folder.plan()).count() == {"unchanged": 12}
    assert await rows(database_url) == before
    again = await folder.records.export_files(folder.path)
    assert (again.written, again.unchanged, folder.texts()) == ([], 12, texts)
    # Elsewhere, from nothing, it makes the same; but for the version that is history.
    nightly = texts["tasks/Nightly.yaml"].decode()
    assert nightly.splitlines()[1] == "# target_id: core"
    instance = "stack_instances/vlans%20here.yaml"
    assert b"version: 1" in texts[instance]
    # What is there no more leaves the folder; a person's own file does not.
    folder.put({"tasks/own.yaml": "# mine\n"})
    await tasks.delete(folder.records.db, "Script")
    assert (await folder.records.export_files(folder.path)).removed == ["tasks/Script.yaml"]
    assert set(folder.texts()) == {*texts, "tasks/own.yaml"} - {"tasks/Script.yaml"}


async def test_an_export_makes_the_same_in_an_empty_database(folder: Folder) -> None:
    db = folder.records.db
    folder.put({"all.yaml": EVERYTHING})
    await folder.apply()
    (folder.path / "all.yaml").unlink()
    await folder.records.export_files(folder.path)
    texts = folder.texts()
    for name in ("Nightly", "Health", "Script", "Push"):
        await tasks.delete(db, name)
    for kind, name in (
        *((StackInstance, "vlans here"), (Stack, "vlans"), (Script, "hello")),
        *((Device, "r1"), (Device, "r2"), (DeviceGroup, "core")),
    ):
        await inventory_changes.delete(db, kind, name)
    assert (await folder.apply()).count()["create"] == 10
    await folder.records.export_files(folder.path)
    assert folder.texts() == texts


async def test_the_files_of_a_person_lie_in_it_unchanged(folder: Folder) -> None:
    folder.put(
        {
            "inventory.yaml": f"""
credentials: [{{id: {CREDENTIAL}, name: core, block_name: core}}]
device_groups: [{{id: {GROUP}, name: core-routers}}]
stacks: [{{name: s, templates: {{a: "vlan 7"}}}}]
stack_instances:
  - {{id: c3d4e5f6-7890-bcde-f012-345678901cde, name: i, stack: s, devices: [r1]}}
""",
            "devices.csv": "name,host,platform,groups,credential\n"
            "r1,192.0.2.1,ios,core-routers,core\n",
        }
    )
    chosen = ("backup-task", "agent-task", "deployment-task", "health-check-task")
    for name in chosen:
        shutil.copy(EXAMPLES / f"{name}.json", folder.path)
    await folder.apply()
    assert len(await tasks.find(folder.records.db)) == 4
    assert (await folder.plan()).pending == ()


async def test_what_a_file_leaves_out_takes_its_default(folder: Folder) -> None:
    folder.put({"all.yaml": EVERYTHING})
    await folder.apply()
    text = (
        EVERYTHING.replace("    site: north\n", "")
        .replace("    snmp: {version: v3}\n", "    snmp: {port: 1161}\n")
        .replace('cron_expression: "0 2 * * *"', 'cron_expression: "0 3 * * *"')
        .replace("interpreter: bash, ", "")
        .replace("vlan {{{{ id }}}}", "vlan {{{{ id }}}}\n name x")
        .replace('"echo hello"', '"print(1)"')
    )
    folder.put({"all.yaml": text})
    await folder.records.update("Nightly", {"max_retries": 9})
    plan = await folder.plan()
    changed = {one.name: one.fields() for one in plan.pending}
    assert changed["Nightly"] == {
        "cron_expression": ("0 2 * * *", "0 3 * * *"),
        "max_retries": (9, 3),
    }
    assert changed["r2"] == {
        "site": ("north", None),
        "snmp.version": ("v3", "v2c"),
        "snmp.port": (161, 1161),
    }
    assert changed["hello"]["interpreter"] == ("bash", "python")
    await folder.apply()
    db = folder.records.db
    device = await inventory.get(db, Device, "r2")
    assert (device.site, device.snmp) == (None, SnmpSettings(port=1161))
    assert (await inventory.get(db, Script, "hello")).interpreter == "python"
    assert (await folder.plan()).pending == ()
    folder.put({"more.yaml": "devices: [{name: r3, platform: ios}]\n"})
    with pytest.raises(InvalidInput, match=r"more.yaml:1: host: device 'r3': is required"):
        await folder.plan()


async def test_every_fault_is_told_with_its_place_and_nothing_is_written(
    folder: Folder, database_url: str
) -> None:
    folder.put(
        {
            "a.yaml": "devices:\n  - {name: r1, host: x y, platform: nope}\nnonsense: []\n",
            "b.json": '{"name": "T",\n "task_type": "backup",\n "cron_expression": "61 * * * *",\n'
            ' "parameters": {"type": "backup", "target_type": "device", "target_id": "r9",\n'
            ' "destination": "/etc"}}',
            "c/d.yaml": "tasks: [}\n",
            "e.csv": "name,host,platform\nr1,192.0.2.1,ios\n",
        }
    )
    before = await rows(database_url)
    with pytest.raises(InvalidInput) as caught:
        await folder.plan()
    told = {
        (problem.location.removeprefix(f"{folder.path}/"), problem.field)
        for problem in caught.value.problems
    }
    assert told >= {
        ("a.yaml:2", "host"), ("a.yaml:2", "platform"), ("a.yaml:3", "nonsense"),
        ("b.json:3", "cron_expression"), ("b.json:4", "parameters.target_id"),
        ("b.json:5", "parameters.destination"), ("c/d.yaml:1", ""), ("e.csv:2", "name"),
    }  # fmt: skip
    assert await rows(database_url) == before
    empty = folder.path / "empty"
    empty.mkdir()
    with pytest.raises(InvalidInput, match="there is no file that ends in"):
        declared_in([empty])
    (problem,) = declared_in([folder.path / "missing.yaml"]).problems
    assert problem.message == "cannot be read: No such file or directory"


def everything(*without: str, **more: object) -> str:
    """The same as YAML, without the items of some names, with more in some sections."""
    sections = yaml.safe_load(EVERYTHING)
    kept = {
        section: [one for one in items if one["name"] not in without]
        for section, items in sections.items()
    }
    for section, item in more.items():
        kept[section].append(item)
    return yaml.safe_dump(kept)


async def test_only_what_these_files_made_is_pruned(folder: Folder, tmp_path: Path) -> None:
    db = folder.records.db
    folder.put({"all.yaml": everything()})
    await folder.apply()
    await import_documents(db, [Source("m.yaml", b"scripts: [{name: by hand, body: print(1)}]")])
    berlin = Folder(tmp_path / "berlin", db)
    berlin.put({"b.yaml": "scripts: [{name: berlin, body: print(1)}]\n"})
    await berlin.apply(ApplyOptions(owner="berlin"))
    gone = ("Push", "Script", "vlans here", "vlans", "hello")
    declared = everything(*gone, scripts={"name": "by hand", "body": "print(2)"})
    folder.put({"all.yaml": declared})
    # Without --prune it is told and left.
    plan = await folder.plan()
    assert ({name for _, name in plan.left}, verbs(plan)) == ({*gone}, {"update": ["by hand"]})
    assert verbs(await folder.apply(PRUNE)) == {"update": ["by hand"], "delete": [*gone]}
    assert [one.name for one in await inventory.find(db, Script)] == ["berlin", "by hand"]
    # What was there by hand stays when it is declared no more ...
    folder.put({"all.yaml": everything(*gone)})
    assert (await folder.plan(PRUNE)).pending == ()
    # ... unless it was adopted.
    adopt = ApplyOptions(adopt=True)
    folder.put({"all.yaml": declared})
    assert verbs(await folder.apply(adopt)) == {"adopt": ["by hand"]}
    assert (await folder.plan(adopt)).pending == ()
    folder.put({"all.yaml": everything(*gone)})
    assert verbs(await folder.apply(PRUNE)) == {"delete": ["by hand"]}
    # What another owner manages is not changed behind its back.
    folder.put({"b.yaml": "scripts: [{name: berlin, body: print(2)}]\n"})
    with pytest.raises(InvalidInput, match="is managed by the files of 'berlin'"):
        await folder.plan()


async def test_what_was_made_again_by_hand_is_nobody_s(folder: Folder) -> None:
    db = folder.records.db
    text = "scripts: [{name: hello, body: print(1)}]\n"
    folder.put({"a.yaml": text, "b.yaml": "device_groups: [{name: g}]\n"})
    await folder.apply()
    made = await inventory.get(db, Script, "hello")
    await inventory_changes.delete(db, Script, "hello")
    await import_documents(db, [Source("a.yaml", text.encode())])
    assert (await inventory.get(db, Script, "hello")).id == made.id
    (folder.path / "a.yaml").unlink()
    assert (await folder.plan(PRUNE)).pending == ()


async def test_devices_and_tasks_leave_a_group_in_one_step(folder: Folder) -> None:
    """Neither order of two steps would do: the group would be empty, or missing."""
    db = folder.records.db
    folder.put({"all.yaml": EVERYTHING})
    await folder.apply()
    moved = (
        EVERYTHING.replace("target_id: core,", "target_id: edge,")
        .replace("groups: [core]", "groups: [edge]")
        .replace(f"groups: [{GROUP}]", "groups: [edge]")
        .replace(f"  - {{id: {GROUP}, name: core, description: the core}}", "  - {name: edge}")
    )
    folder.put({"all.yaml": moved})
    plan = await folder.apply(PRUNE)
    assert verbs(plan) == {
        "create": ["edge"], "update": ["r1", "r2", "Nightly"], "delete": ["core"],
    }  # fmt: skip
    assert [one.name for one in await inventory.find(db, DeviceGroup)] == ["edge"]
    # What something made by hand needs stays, and nothing else is done.
    folder.put({"all.yaml": moved.replace("groups: [edge]", "groups: []")})
    with pytest.raises(InUse, match="'edge' would be left without devices"):
        await folder.plan(PRUNE)
    edge = await inventory.get(db, DeviceGroup, "edge")
    parameters = {"type": "backup", "target_type": "device_group", "destination": "x"}
    by_hand = {"name": "By hand", "task_type": "backup", "cron_expression": "@daily"}
    await folder.records.create(
        {**by_hand, "parameters": {**parameters, "target_id": str(edge.id)}}
    )
    folder.put(
        {"all.yaml": everything("Nightly", "Script", "core", "r1", "r2", "Push", "vlans here")}
    )
    with pytest.raises(InUse, match="'By hand'"):
        await folder.plan(PRUNE)
    assert len(await tasks.find(db)) == 5


async def test_an_edit_between_plan_and_apply_is_noticed(folder: Folder) -> None:
    db = folder.records.db
    folder.put({"all.yaml": EVERYTHING})
    await folder.apply()
    folder.put({"all.yaml": EVERYTHING.replace("site: north", "site: south")})
    declared = declared_in([folder.path])
    shown = await folder.records.plan(declared)
    await folder.records.update("Nightly", {"max_retries": 7})
    with pytest.raises(EditedMeanwhile, match="apply again"):
        await folder.records.apply(declared, shown)
    assert (await inventory.get(db, Device, "r2")).site == "north"
    assert (await tasks.get(db, "Nightly")).spec.max_retries == 7
    # Two at once: one of them does it.
    shown = await folder.records.plan(declared)
    done = await asyncio.gather(
        *(folder.records.apply(declared, shown) for _ in range(3)), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in done) == [
        "EditedMeanwhile",
        "EditedMeanwhile",
        "Plan",
    ]
    assert (await folder.plan()).pending == ()


async def test_what_goes_and_what_changes_is_taken_in_the_order_of_runs(
    folder: Folder, database: Database
) -> None:
    line = "{{name: {name}, host: {host}, platform: linux}}"
    both = [line.format(name=name, host="127.0.0.1") for name in ("r1", "r2")]
    folder.put({"all.yaml": f"devices: [{', '.join(both)}]"})
    await folder.apply()
    first, last = sorted(await inventory.devices(database), key=lambda one: one.id)
    folder.put({"all.yaml": f"devices: [{line.format(name=last.name, host='127.0.0.2')}]"})
    seen = [Observation(device_id=one.id, item="ping", up=True) for one in (first, last)]
    async with database.transaction() as held:
        await held.execute("SELECT FROM devices WHERE id = %s FOR UPDATE", [first.id])
        recording = asyncio.create_task(observe_all(database, seen))
        await samples.eventually(lambda: samples.wait_for_locks(database, 1))
        applying = asyncio.create_task(folder.apply(PRUNE))
        await samples.eventually(lambda: samples.wait_for_locks(database, 2))
    await asyncio.gather(recording, applying)
    assert [one.host for one in await inventory.devices(database)] == ["127.0.0.2"]
