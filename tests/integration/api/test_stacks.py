"""Stacks and their instances over the API."""

from __future__ import annotations

from tests.integration.api import world
from tests.served import Served

STACK = {
    "name": "vlans",
    "templates": {"vlan": "vlan {{ id }}\n name {{ title }}\n"},
    "variables": {"title": {"secret_block": "vlan-title"}},
}
INSTANCE = {
    "name": "vlans here",
    "stack": "vlans",
    "variables": {"id": 7},
    "groups": [{"group": "core", "variables": {"id": 8}}],
    "devices": ["core-rtr-01", "edge", {"device": "far", "variables": {"id": 9}}],
}


async def test_a_stack_has_versions_and_instances(api_site: Served) -> None:
    async with api_site.api("operator") as client:
        for name in ("edge", "far"):
            device = {"name": name, "host": name, "platform": "ios", "groups": ["core"]}
            assert (await client.post("devices", json=device)).status_code == 201
        made = await client.post("stacks", json=STACK)
        assert (made.status_code, made.json()["version"]) == (201, 1)
        instance = await client.post("stack-instances", json=INSTANCE)
        assert (instance.status_code, instance.json()["version"]) == (201, 1)
        rendered = await client.post("stack-instances/vlans here/render")
        assert rendered.json()["items"] == [
            {"device": name, "text": f"vlan {vlan}\n name <secret vlan-title>\n", "error": None}
            for name, vlan in (("core-rtr-01", 7), ("edge", 8), ("far", 9))
        ]
        one = await client.post("stack-instances/vlans here/render", params={"device": "far"})
        assert [found["device"] for found in one.json()["items"]] == ["far"]
        none = await client.post("stack-instances/vlans here/render", params={"device": "r2"})
        assert none.status_code == 404

        seen = {"If-Match": made.headers["etag"]}
        newer = {**STACK, "templates": {"vlan": "vlan {{ other }}\n"}}
        second = await client.put("stacks/vlans", json=newer, headers=seen)
        assert (second.status_code, second.json()["version"]) == (200, 2)
        assert (await client.put("stacks/vlans", json=STACK, headers=seen)).status_code == 412
        same = await client.put("stacks/vlans", json=newer)
        assert same.json()["version"] == 2
        old = await client.get("stacks/vlans", params={"version": 1})
        assert old.json()["templates"] == STACK["templates"]
        assert (await client.get("stacks/vlans", params={"version": 9})).status_code == 404
        versions = (await client.get("stacks/vlans/versions")).json()["items"]
        assert [found["version"] for found in versions] == [2, 1]

        # Without a version it is the newest, whose templates want another variable.
        refused = await client.put("stack-instances/vlans here", json=INSTANCE)
        assert refused.status_code == 422
        (told,) = refused.json()["errors"][:1]
        assert told["field"] == "variables"
        assert "'other' is undefined" in told["detail"]
        kept = await client.put("stack-instances/vlans here", json={**INSTANCE, "version": 1})
        assert kept.json() == instance.json()
        used = await client.delete("stacks/vlans")
        assert (used.status_code, "'vlans here'" in used.text) == (409, True)
        assert (await client.delete("stack-instances/vlans here")).status_code == 204
        assert (await client.delete("stacks/vlans")).status_code == 204


async def test_what_cannot_be_deployed_is_refused(api_site: Served) -> None:
    async with api_site.api("operator") as client:
        for document, said in (
            ({**STACK, "templates": {"a": "{% if %}"}}, "template 'a', line 1"),
            ({**STACK, "templates": {"vms/a": "x"}}, "no platform 'vms'"),
            ({**STACK, "templates": {}}, "at least 1"),
            ({**STACK, "variables": {"device": 1}}, "'device' is taken"),
        ):
            refused = await client.post("stacks", json=document)
            assert refused.status_code == 422
            assert said in refused.json()["detail"]
        for change, said in (
            ({"stack": "nothing"}, "no stack 'nothing'"),
            ({"stack": "stack", "version": 2}, "versions up to 1"),
            ({"stack": "stack", "devices": ["r1", "r1"]}, "there twice"),
            ({"stack": "stack", "devices": ["nobody"]}, "no device 'nobody' in the inventory"),
        ):
            refused = await client.post("stack-instances", json={**INSTANCE, **change})
            assert refused.status_code == 422
            assert said in refused.json()["detail"]


async def test_a_viewer_knows_instances_by_their_names(api_site: Served) -> None:
    async with api_site.api("viewer") as client:
        found = (await client.get("stack-instances")).json()["items"]
        assert [(one["name"], one["stack"], one["device_count"]) for one in found] == [
            ("access-vlans", "stack", 1),
            ("instance", "stack", 2),
        ]
        for refused in (
            await client.get(f"stack-instances/{world.INSTANCE}"),
            await client.post(f"stack-instances/{world.INSTANCE}/render"),
            await client.get("stacks"),
            await client.post("stacks", json=STACK),
            await client.delete(f"stack-instances/{world.INSTANCE}"),
        ):
            assert refused.status_code == 403
