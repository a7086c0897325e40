"""Devices and groups over the API."""

from __future__ import annotations

from pydantic import BaseModel

from netstacks_tasks.api.inventory_documents import (
    DeviceDocument,
    GroupDocument,
    ScriptDocument,
    StackDocument,
    StackInstanceDocument,
)
from netstacks_tasks.importing.entries import KEYS, Section
from netstacks_tasks.models.inventory import HostKey
from netstacks_tasks.store import audit, inventory
from netstacks_tasks.store.host_keys import StoredHostKeys
from tests.integration.api import world
from tests.integration.store.samples import R1
from tests.served import Served

NEW = {"name": "edge-1", "host": "192.0.2.7", "platform": "ios", "groups": ["core"]}


def test_the_description_has_the_fields_of_an_import() -> None:
    described: dict[Section, type[BaseModel]] = {
        "device_groups": GroupDocument,
        "devices": DeviceDocument,
        "scripts": ScriptDocument,
        "stacks": StackDocument,
        "stack_instances": StackInstanceDocument,
    }
    for section, model in described.items():
        assert set(model.model_fields) == set(KEYS[section])


async def test_a_device_from_its_first_day_to_its_last(api_site: Served) -> None:
    async with api_site.api("operator") as client:
        made = await client.post("devices", json={**NEW, "snmp": {"port": 1161}})
        assert made.status_code == 201, made.text
        device = made.json()
        assert made.headers["location"] == f"/api/v1/devices/{device['id']}"
        assert (device["groups"], device["host_keys"], device["port"]) == (["core"], [], 22)
        # The id that an import would have given it: the same file changes nothing.
        again = await client.post("import", json={"devices": [{**NEW}]})
        assert again.json()["unchanged"] == {"devices": ["edge-1"]}
        read = await client.get("devices/edge-1")
        assert (read.json(), read.headers["etag"]) == (device, made.headers["etag"])

        old = {"If-Match": made.headers["etag"]}
        moved = await client.patch("devices/edge-1", json={"site": "east"}, headers=old)
        assert (moved.status_code, moved.json()["site"]) == (200, "east")
        assert moved.json()["snmp"] == {"version": "v2c", "port": 1161}
        for late in (
            await client.patch("devices/edge-1", json={"site": "west"}, headers=old),
            await client.put("devices/edge-1", json=NEW, headers=old),
            await client.delete("devices/edge-1", headers=old),
        ):
            assert late.status_code == 412
            assert late.json()["type"] == "urn:netstacks:edited-meanwhile"
        current = {"If-Match": moved.headers["etag"]}
        replaced = await client.put(
            f"devices/{device['id']}", json={**NEW, "name": "edge-one"}, headers=current
        )
        assert (replaced.json()["name"], replaced.json()["site"]) == ("edge-one", None)
        assert replaced.json()["snmp"] == {"version": "v2c", "port": 161}

        key = HostKey(algorithm="ssh-ed25519", public_key="AAAA", fingerprint="SHA256:abc")
        found = await inventory.get(api_site.netstacks.db, type(R1), "edge-one")
        await StoredHostKeys(api_site.netstacks.db).trust(found.id, key)
        (trusted,) = (await client.get("devices/edge-one/host-keys")).json()["items"]
        assert trusted["fingerprint"] == "SHA256:abc"
        assert (await client.delete("devices/edge-one/host-keys")).json() == {"forgotten": 1}
        assert (await client.delete("devices/edge-one")).status_code == 204
        assert (await client.get("devices/edge-one")).status_code == 404
    said = await audit.find(api_site.netstacks.db)
    done = [one.action for one in said if one.kind == "device" and one.actor == "token:operator"]
    assert done == ["deleted", "edited", "edited", "created"]


async def test_what_is_wrong_is_told_by_field_and_not_saved(api_site: Served) -> None:
    async with api_site.api("operator") as client:
        for document, fields in (
            ({**NEW, "platform": "vms", "host": "a b", "port": 0}, {"platform", "host", "port"}),
            ({**NEW, "groups": ["nobody"], "credential": 7}, {"groups[0]", "credential"}),
            ({"name": "edge-1"}, {"host", "platform"}),
            ({**NEW, "password": "canary"}, {"password"}),
            ({**NEW, "name": "r1"}, {"name"}),
            ({**NEW, "id": str(R1.id)}, {"id"}),
            ({**NEW, "name": " "}, {"name"}),
            ({**NEW, "site": "a\x00"}, {"site"}),
        ):
            refused = await client.post("devices", json=document)
            assert refused.status_code == 422, document
            assert {one["field"] for one in refused.json()["errors"]} == fields
            assert "canary" not in refused.text
        half = await client.post(
            "devices",
            content=b'{"name": "\\ud800", "host": "h", "platform": "ios", "port": 1e999}',
            headers={"Content-Type": "application/json"},
        )
        assert half.status_code == 422
        renamed = await client.patch("devices/r2", json={"name": "r1"})
        assert (renamed.status_code, renamed.json()["errors"][0]["field"]) == (422, "name")
        assert (await client.get("devices")).json()["total"] == 3


async def test_devices_are_searched_and_paged(api_site: Served) -> None:
    async with api_site.api("viewer") as client:
        for query, names in (
            ({}, ["core-rtr-01", "r1", "r2"]),
            ({"text": "R1"}, ["r1"]),
            ({"text": "127.0"}, ["core-rtr-01", "r1", "r2"]),
            ({"group": "core"}, ["r1", "r2"]),
            ({"group": world.CORE, "platform": "ios"}, ["core-rtr-01"]),
            ({"credential": "login", "platform": "ios"}, []),
        ):
            found = (await client.get("devices", params=query)).json()
            assert [one["name"] for one in found["items"]] == names
        page = await client.get("devices", params={"limit": "2", "text": "r"})
        assert page.headers["link"].endswith('offset=2>; rel="next"')
        last = await client.get(page.links["next"]["url"].removeprefix("/api/v1/"))
        assert [one["name"] for one in last.json()["items"]] == ["r2"]
        unknown = await client.get("devices", params={"group": "nobody"})
        assert (unknown.status_code, unknown.json()["errors"][0]["field"]) == (422, "group")


async def test_groups_and_what_works_on_them(api_site: Served) -> None:
    async with api_site.api("operator") as client:
        await client.post("tasks", json=world.backup("Nightly"))
        made = await client.post("groups", json={"name": "spare", "description": "none yet"})
        assert (made.status_code, made.json()["devices"]) == (201, [])
        sizes = {
            one["name"]: one["device_count"]
            for one in (await client.get("groups")).json()["items"]
        }  # fmt: skip
        assert sizes == {"core": 2, "core-routers": 1, "empty": 0, "spare": 0}
        changed = await client.patch("groups/spare", json={"name": "spares", "description": None})
        assert changed.json()["description"] == ""
        replaced = await client.put("groups/core", json={"name": "core"})
        assert [one["name"] for one in replaced.json()["devices"]] == ["r1", "r2"]
        used = await client.delete("groups/core-routers")
        assert (used.status_code, used.json()["type"]) == (409, "urn:netstacks:in-use")
        assert "task 'Nightly'" in used.json()["detail"]
        for left in (
            await client.delete("devices/core-rtr-01"),
            await client.patch("devices/core-rtr-01", json={"groups": []}),
        ):
            assert left.status_code == 409
            assert "would be left without devices" in left.json()["detail"]
        assert (await client.delete("groups/spares")).status_code == 204


async def test_a_viewer_changes_nothing(api_site: Served) -> None:
    async with api_site.api("viewer") as client, api_site.api(None) as nobody:
        assert (await client.get("devices/r1")).status_code == 200
        assert (await client.get("groups/core")).status_code == 200
        for answer in (
            await client.post("devices", json=NEW),
            await client.put("devices/r1", json=NEW),
            await client.patch("devices/r1", json={"site": "x"}),
            await client.delete("devices/r1"),
            await client.delete("devices/r1/host-keys"),
            await client.post("groups", json={"name": "g"}),
            await client.delete("groups/empty"),
            await client.post("import", json={}),
        ):
            assert answer.status_code == 403
        assert (await nobody.get("devices")).status_code == 401
    assert len(await inventory.devices(api_site.netstacks.db)) == 3


async def test_an_import_is_all_or_nothing(api_site: Served) -> None:
    table = "name,host,platform\nsw-1,192.0.2.8,ios\nsw-2,bad host,ios\n"
    login = "credentials:\n  - {name: other, block_name: other}\n"
    async with api_site.api("operator") as client, api_site.api("admin") as admin:
        csv = {"Content-Type": "text/csv; charset=utf-8"}
        refused = await client.post("import", content=table, headers=csv)
        (told,) = refused.json()["errors"]
        assert told["field"] == "host"
        assert told["detail"].startswith("body:3: device 'sw-2': ")
        assert (await client.get("devices/sw-1")).status_code == 404
        done = await client.post("import", content=table.replace("bad host", "sw2"), headers=csv)
        assert done.json()["created"] == {"devices": ["sw-1", "sw-2"]}
        yaml = {"Content-Type": "application/yaml"}
        forbidden = await client.post("import", content=login, headers=yaml)
        assert forbidden.status_code == 422
        assert "only an administrator" in forbidden.json()["detail"]
        assert (await admin.post("import", content=login, headers=yaml)).status_code == 200
        # What is there already may stand in the file.
        assert (await client.post("import", content=login, headers=yaml)).status_code == 200
        kind = await client.post("import", content=login, headers={"Content-Type": "text/plain"})
        assert kind.status_code == 415
