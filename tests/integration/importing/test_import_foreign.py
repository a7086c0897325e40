"""Devices of other systems become inventory, follow what happens there, and keep what is ours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netstacks_tasks.errors import InUse, InvalidInput
from netstacks_tasks.importing.documents import import_documents
from netstacks_tasks.importing.foreign.found import Choices, CredentialRule, Found, FoundDevice
from netstacks_tasks.importing.foreign.importer import import_found
from netstacks_tasks.importing.foreign.report import ForeignReport
from netstacks_tasks.importing.sources import Source
from netstacks_tasks.models.inventory import Device
from netstacks_tasks.store import device_origins, inventory, tasks
from netstacks_tasks.store.database import Database
from netstacks_tasks.store.inventory_items import DeviceGroup
from tests.integration.importing.test_import import rows

NETBOX = "https://netbox.example.net"
CHOICES = Choices(source=NETBOX)
LOGINS = """
credentials:
  - {name: core, block_name: core}
  - {name: edge, block_name: edge}
"""


def device(key: int, name: str, **changes: Any) -> FoundDevice:  # noqa: ANN401 - its fields
    one = FoundDevice(
        key=str(key),
        name=name,
        host=f"10.0.{key // 250}.{key % 250}",
        platforms=("cisco-ios",),
        site="fra",
        groups=("role-switch",),
        source=f"{NETBOX}/dcim/devices/{key}/",
    )
    return replace(one, **changes)


async def take(db: Database, devices: Sequence[FoundDevice], **choices: Any) -> ForeignReport:  # noqa: ANN401 - as above
    return await import_found(db, Found(devices=devices), replace(CHOICES, **choices))


async def files(db: Database, text: str) -> None:
    await import_documents(db, [Source("f.yaml", text.encode())])


async def refused(db: Database, devices: Sequence[FoundDevice], **choices: Any) -> list[str]:  # noqa: ANN401 - as above
    """What is said of devices that are refused; they must change nothing."""
    before = await everything(db)
    with pytest.raises(InvalidInput) as told:
        await take(db, devices, **choices)
    assert await everything(db) == before
    return [str(problem) for problem in told.value.problems]


async def everything(db: Database) -> dict[str, list[tuple[Any, ...]]]:
    async with db.connection() as connection:
        cursor = await connection.execute("SELECT xmin::text, * FROM device_origins ORDER BY 2")
        return {**await rows(db), "origins": await cursor.fetchall()}


async def known(db: Database) -> dict[str, Device]:
    return {one.name: one for one in await inventory.devices(db)}


async def test_devices_come_with_their_groups_and_their_origin(database: Database) -> None:
    await files(database, LOGINS)
    fleet = [device(1, "sw1"), device(2, "sw2", platforms=("junos",), groups=("tag-core",))]
    report = await take(database, fleet, credential="core", groups=["netbox"])
    assert (report.created, report.unchanged) == (["sw1", "sw2"], [])
    assert report.new_groups == ["netbox", "role-switch", "tag-core"]
    found = await known(database)
    assert found["sw2"].platform == "junos"
    assert found["sw2"].groups == ("netbox", "tag-core")
    assert (found["sw1"].host, found["sw1"].site, found["sw1"].port) == ("10.0.0.1", "fra", 22)
    assert found["sw1"].credential_id == (await inventory.credential(database, "core")).id
    async with database.connection() as connection:
        origin = await device_origins.of_device(connection, found["sw2"].id)
    assert origin is not None
    assert (origin.source, origin.key, origin.scope) == (NETBOX, "2", "")


async def test_the_same_again_writes_nothing(database: Database) -> None:
    fleet = [device(n, f"sw{n}") for n in range(1, 6)]
    await take(database, fleet)
    before = await everything(database)
    report = await take(database, fleet)
    assert not report.changed
    assert len(report.unchanged) == 5
    assert await everything(database) == before


async def test_changes_there_are_followed_and_what_is_ours_stays(database: Database) -> None:
    await files(database, LOGINS)
    await take(database, [device(1, "sw1", groups=("role-switch", "tag-old"))], credential="core")
    await files(
        database,
        "device_groups: [{name: nightly}]\n"
        "devices: [{name: sw1, host: 10.0.0.1, platform: ios, port: 2222, snmp: {version: v3},\n"
        "  groups: [nightly, role-switch, tag-old], options: {transport: ssh}}]\n",
    )
    moved = device(1, "sw1", host="10.9.9.9", site="ber", groups=("role-switch", "tag-new"))
    report = await take(database, [moved])
    assert report.updated == {"sw1": ["host", "site", "groups"]}
    after = (await known(database))["sw1"]
    assert after.groups == ("nightly", "role-switch", "tag-new")
    assert (after.host, after.site, after.port, after.snmp.version) == (
        "10.9.9.9", "ber", 2222, "v3",
    )  # fmt: skip
    assert after.options == {"transport": "ssh"}
    assert after.credential_id == (await inventory.credential(database, "core")).id


async def test_a_dry_run_tells_and_writes_nothing(database: Database) -> None:
    await take(database, [device(1, "sw1"), device(2, "sw2")])
    before = await everything(database)
    changed = [device(1, "sw1", host="10.9.9.9"), device(3, "sw3", groups=("role-new",))]
    report = await take(database, changed, dry_run=True, prune=True)
    assert report.dry_run
    assert (report.created, list(report.updated), report.deleted, report.new_groups) == (
        ["sw3"], ["sw1"], ["sw2"], ["role-new"],
    )  # fmt: skip
    assert await everything(database) == before


async def test_a_device_renamed_there_is_renamed_here(database: Database) -> None:
    await take(database, [device(1, "sw1"), device(2, "sw2"), device(3, "sw3")])
    before = await known(database)
    # Each takes the name of the next, and a new one that of the first.
    renamed = [device(9, "sw1"), device(1, "sw2"), device(2, "sw3"), device(3, "sw4")]
    report = await take(database, renamed)
    assert (report.created, sorted(report.updated)) == (["sw1"], ["sw2", "sw3", "sw4"])
    after = await known(database)
    assert [after[name].id for name in ("sw2", "sw3", "sw4")] == [
        before[name].id for name in ("sw1", "sw2", "sw3")
    ]
    assert after["sw1"].id not in {one.id for one in before.values()}


async def test_names_that_are_exchanged_are_told(database: Database) -> None:
    await take(database, [device(1, "sw1"), device(2, "sw2")])
    said = await refused(database, [device(1, "sw2"), device(2, "sw1")])
    assert "another device of the inventory has this name" in said[0]


async def test_a_device_made_anew_there_is_the_same_here(database: Database) -> None:
    await take(database, [device(1, "sw1")])
    before = await known(database)
    report = await take(database, [device(7, "sw1", host="10.5.5.5")], prune=True)
    assert report.updated == {"sw1": ["host"]}
    assert (await known(database))["sw1"].id == before["sw1"].id
    await take(database, [device(7, "sw1-b")])
    assert (await known(database))["sw1-b"].id == before["sw1"].id


async def test_what_is_gone_is_told_and_removed_only_when_asked(database: Database) -> None:
    await files(database, "devices: [{name: ours, host: 10.7.7.7, platform: frr}]")
    await take(database, [device(1, "sw1"), device(2, "sw2")])
    report = await take(database, [device(1, "sw1")])
    assert (report.gone, report.deleted) == (["sw2"], [])
    report = await take(database, [device(1, "sw1")], prune=True)
    assert (report.gone, report.deleted) == ([], ["sw2"])
    assert list(await known(database)) == ["ours", "sw1"]


async def test_only_what_came_by_the_same_filters_is_pruned(database: Database) -> None:
    await take(database, [device(1, "fra1"), device(2, "fra2")], scope="site=fra")
    await take(database, [device(3, "ber1")], scope="site=ber")
    await take(database, [device(1, "other1")], source="https://other.example.net")
    await take(database, [device(1, "fra1")], scope="site=fra", prune=True)
    assert list(await known(database)) == ["ber1", "fra1", "other1"]


async def test_what_is_passed_over_there_is_not_gone(database: Database) -> None:
    await take(database, [device(1, "sw1"), device(2, "sw2")])
    found = Found(devices=[device(1, "sw1")], passed_over=["2"], notes=["sw2 is down there"])
    report = await import_found(database, found, replace(CHOICES, prune=True))
    assert (report.deleted, report.notes) == ([], ["sw2 is down there"])


async def test_a_device_left_out_is_not_gone(database: Database) -> None:
    await take(database, [device(1, "sw1"), device(2, "sw2")])
    without = device(2, "sw2", host=None)
    report = await take(database, [device(1, "sw1"), without], skip=True, prune=True)
    assert [one.name for one in report.left_out] == ["sw2"]
    assert list(await known(database)) == ["sw1", "sw2"]


TASK = """
tasks:
  - name: Nightly
    task_type: backup
    cron_expression: "0 2 * * *"
    parameters:
      {{type: backup, target_type: {kind}, target_id: {target}, destination: configs}}
"""


@pytest.mark.parametrize(
    ("kind", "target", "said"),
    [
        ("device", "sw2", "device: 'sw2' is in use by task 'Nightly'"),
        ("device_group", "role-leaf", "the group 'role-leaf' would be left without devices"),
    ],
)
async def test_what_a_task_needs_is_not_pruned(
    database: Database, kind: str, target: str, said: str
) -> None:
    fleet = [device(1, "sw1"), device(2, "sw2", groups=("role-leaf",))]
    await take(database, fleet)
    await files(database, TASK.format(kind=kind, target=target))
    problems = await refused(database, fleet[:1], prune=True)
    assert said in problems[0]
    with pytest.raises(InUse):
        await take(database, fleet[:1], prune=True, skip=True)
    assert len(await tasks.find(database)) == 1


async def test_no_device_at_all_is_refused_before_anything_is_pruned(database: Database) -> None:
    await take(database, [device(1, "sw1")])
    assert "there is no device at all" in (await refused(database, [], prune=True))[0]


ODD = [
    (device(9, ""), "it has no name there"),
    (device(9, " x"), "begins or ends with a space"),
    (device(9, "a\x07b"), "control character"),
    (device(9, "x" * 201), "at most 200"),
    (device(9, "x", host=None), "it has no address there"),
    (device(9, "x", host=""), "it has no address there"),
    (device(9, "x", host="10.0.0.1:22"), "host: '10.0.0.1:22' is neither"),
    (device(9, "x", host=["10.0.0.1"]), "host: "),
    (device(9, "x", host=10.5), "host: "),
    (device(9, "x", port="22a"), "port: "),
    (device(9, "x", port=70000), "port: "),
    (device(9, "x", platforms=("cisco-asa",)), "the platform 'cisco-asa' is none of"),
    (device(9, "x", platforms=()), "it has no platform there"),
    (device(9, "x", groups=("g\n",)), "group 'g\\n': "),
    (device(9, "x", site=["fra"]), "site: "),
    (device(9, "x", site="a\x00b"), "site: it holds a NUL"),
    (device(9, "x", refusal="only Ansible knows"), "only Ansible knows"),
    (device(1, "x"), "there are 2 devices with the id 1"),
]


async def test_what_cannot_be_taken_is_told_or_left_out(database: Database) -> None:
    for odd, said in ODD:
        fleet = [device(1, "sw1"), device(2, "sw2"), odd]
        problems = await refused(database, fleet)
        assert any(said in one and one.startswith(odd.place) for one in problems), problems
        assert "nothing was written" in problems[-1]
        report = await take(database, fleet, skip=True)
        assert any(said in reason for one in report.left_out for reason in one.reasons)
        assert "sw2" in await known(database)


async def test_thousands_that_cannot_be_taken_are_told_in_short(database: Database) -> None:
    fleet = [device(n, f"pdu{n}", host=None) for n in range(2000)]
    said = await refused(database, fleet)
    assert len(said) == 102
    assert "and 1900 more: --skip --dry-run --json" in said[-2]
    assert len((await take(database, fleet, skip=True, dry_run=True)).left_out) == 2000


async def test_two_of_the_same_name_are_both_left_out(database: Database) -> None:
    fleet = [device(1, "sw1"), device(2, "sw1", site="ber"), device(3, "sw3")]
    problems = await refused(database, fleet)
    assert len([one for one in problems if "there are 2 devices of this name" in one]) == 2
    report = await take(database, fleet, skip=True)
    assert report.created == ["sw3"]


async def test_names_of_any_script(database: Database) -> None:
    names = ["роутер-1", "交换机", "ß", "İ", "e\u0301", "\u00e9", "a'b\"c", "%s", "{{ x }}", "🦀"]
    fleet = [device(n, name, groups=(f"tag-{name}",)) for n, name in enumerate(names, 1)]
    await take(database, fleet)
    assert set(await known(database)) == set(names)
    assert not (await take(database, fleet)).changed


async def test_credentials_by_rule(database: Database) -> None:
    await files(database, LOGINS)
    rules = [
        CredentialRule(field="site", value="ber", credential="edge"),
        CredentialRule(field="platform", value="junos", credential="core"),
        CredentialRule(field="group", value="tag-x", credential="edge"),
    ]
    fleet = [
        device(1, "ber1", site="ber", platforms=("junos",)),
        device(2, "junos1", platforms=("juniper-junos",)),
        device(3, "x1", groups=("tag-x",)),
        device(4, "rest"),
    ]
    report = await take(database, fleet, rules=rules)
    names = {one.id: one.block_name for one in [
        await inventory.credential(database, name) for name in ("core", "edge")
    ]}  # fmt: skip
    chosen = {
        name: one.credential_id and names[one.credential_id]
        for name, one in (await known(database)).items()
    }
    assert chosen == {"ber1": "edge", "junos1": "core", "x1": "edge", "rest": None}
    assert report.without_credential == ["rest"]


async def test_a_wrong_credential_is_told_once(database: Database) -> None:
    fleet = [device(n, f"sw{n}") for n in range(1, 50)]
    rule = CredentialRule(field="site", value="fra", credential="nobody")
    said = await refused(database, fleet, credential="nothing", rules=[rule])
    assert said == [
        "--credential: there is no credential 'nothing' in the inventory",
        "--credential-for: there is no credential 'nobody' in the inventory",
    ]


async def test_a_device_of_ours_by_the_same_name_is_taken_over(database: Database) -> None:
    await files(
        database,
        "device_groups: [{name: nightly}]\n"
        "devices: [{name: sw1, host: 10.7.7.7, platform: frr, groups: [nightly]}]",
    )
    before = (await known(database))["sw1"]
    report = await take(database, [device(1, "sw1")])
    assert report.updated == {"sw1": ["host", "platform", "site", "groups"]}
    after = (await known(database))["sw1"]
    assert (after.id, after.groups) == (before.id, ("nightly", "role-switch"))


async def test_two_thousand_devices(database: Database) -> None:
    fleet = [
        device(n, f"sw{n}", host=f"10.{n // 62500}.{n // 250 % 250}.{n % 250}",
               groups=(f"role-{n % 7}", f"tag-{n % 50}"))
        for n in range(2_000)
    ]  # fmt: skip
    report = await take(database, fleet)
    assert len(report.created) == 2_000
    assert len(await inventory.find(database, DeviceGroup)) == 57
    fleet[5] = replace(fleet[5], host="192.0.2.5")
    report = await take(database, fleet[:-3], prune=True)
    assert (list(report.updated), len(report.deleted)) == (["sw5"], 3)


_TEXT = st.text(max_size=12)
_FOUND = st.builds(
    FoundDevice,
    key=st.sampled_from("123456"),
    name=st.one_of(st.sampled_from(["a", "b", "c"]), _TEXT),
    host=st.one_of(st.none(), st.just("10.0.0.1"), _TEXT, st.integers()),
    port=st.one_of(st.none(), st.integers(), _TEXT),
    platforms=st.lists(st.one_of(st.just("ios"), _TEXT), max_size=2).map(tuple),
    site=st.one_of(st.none(), _TEXT),
    groups=st.lists(_TEXT, max_size=2).map(tuple),
    source=st.just("odd"),
)


@settings(
    deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(fleet=st.lists(_FOUND, min_size=1, max_size=6))
def test_every_device_is_taken_or_told(database_url: str, fleet: list[FoundDevice]) -> None:
    import asyncio

    async def work() -> tuple[ForeignReport, ForeignReport]:
        async with Database.open(database_url, migrate=False) as db:
            first = await take(db, fleet, skip=True, prune=True)
            return first, await take(db, fleet, skip=True, prune=True)

    first, second = asyncio.run(work())
    taken = len(first.created) + len(first.updated) + len(first.unchanged)
    assert taken + len(first.left_out) == len(fleet)
    assert not second.created
    assert not second.updated
