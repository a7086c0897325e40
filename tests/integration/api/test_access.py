"""Users and tokens over the API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx

from netstacks_tasks.store import audit, users
from tests.served import Served

PASSWORD = "canary canary canary"


async def test_users_come_change_and_go(api_site: Served) -> None:
    async with api_site.api("admin") as client:
        new = {"name": "anna", "role": "admin", "password": PASSWORD}
        made = await client.post("users", json=new)
        assert (made.status_code, made.json()["role"]) == (201, "admin")
        for document, field in (
            (new, "name"),
            ({**new, "name": "a b"}, "name"),
            ({**new, "name": "ben", "role": "root"}, "role"),
            ({**new, "name": "ben", "password": "canary"}, "password"),
            ({**new, "name": "ben", "passwort": PASSWORD}, "passwort"),
            ({**new, "name": "ben", "password": ["canary"]}, "password"),
        ):
            refused = await client.post("users", json=document)
            assert [one["field"] for one in refused.json()["errors"]] == [field]
            assert "canary" not in refused.text
        seen = {"If-Match": made.headers["etag"]}
        changed = await client.patch("users/anna", json={"role": "viewer"}, headers=seen)
        assert changed.json()["role"] == "viewer"
        late = await client.patch("users/anna", json={"role": "admin"}, headers=seen)
        assert late.status_code == 412
        assert (await client.patch("users/anna", json={})).status_code == 422
        again = await client.patch("users/anna", json={"password": f"another {PASSWORD}"})
        assert again.status_code == 200
        last = await client.delete("users/admin")
        assert (last.status_code, "last administrator" in last.text) == (422, True)
        assert (await client.delete("users/anna")).status_code == 204
        listed = (await client.get("users")).json()["items"]
        assert [one["name"] for one in listed] == ["admin", "operator", "viewer"]
    found = await audit.find(api_site.netstacks.db)
    assert {one.actor for one in found if one.object_name == "anna"} == {"token:admin"}
    assert "canary" not in str(found)
    assert "argon2" not in str(found)


async def test_a_token_is_shown_once_and_works_until_it_is_revoked(api_site: Served) -> None:
    async with api_site.api("admin") as client:
        new = {"name": "ci", "role": "operator", "expires_in_days": 90, "expires_at": None}
        made = (await client.post("tokens", json=new)).json()
        days = datetime.fromisoformat(made["expires_at"]) - datetime.now(UTC)
        assert timedelta(days=89) < days < timedelta(days=91)
        text = made["token"]
        async with httpx.AsyncClient(
            base_url=client.base_url, headers={"Authorization": f"Bearer {text}"}, trust_env=False
        ) as program:
            assert (await program.get("scripts")).status_code == 200
            assert (await program.get("tokens")).status_code == 403
            listed = await client.get("tokens")
            assert text not in listed.text
            used = {one["name"]: one["last_used_at"] for one in listed.json()["items"]}
            assert used["ci"] is not None
            assert (await client.delete("tokens/ci")).status_code == 204
            assert (await program.get("scripts")).status_code == 401
        later = (datetime.now(UTC) + timedelta(days=1)).isoformat()
        for document, field in (
            ({**new, "name": "admin"}, "name"),
            ({**new, "expires_at": later}, ""),
            ({**new, "role": None}, "role"),
            ({"name": "old", "role": "viewer", "expires_at": "2020-01-01T00:00:00Z"}, ""),
            ({**new, "expires_in_days": "5"}, "expires_in_days"),
        ):
            refused = await client.post("tokens", json=document)
            assert [one["field"] for one in refused.json()["errors"]] == [field], refused.text
        for_good = {"name": "wall", "role": "viewer", "expires_at": later}
        assert (await client.post("tokens", json=for_good)).status_code == 201
    assert text not in str(await audit.find(api_site.netstacks.db))


async def test_only_administrators_manage_access(api_site: Served) -> None:
    async with api_site.api("operator") as client:
        for refused in (
            await client.get("users"),
            await client.post("users", json={}),
            await client.patch("users/operator", json={"role": "admin"}),
            await client.delete("users/viewer"),
            await client.get("tokens"),
            await client.post("tokens", json={"name": "mine", "role": "admin"}),
            await client.delete("tokens/viewer"),
            await client.get("audit"),
        ):
            assert refused.status_code == 403
    assert len(await users.find(api_site.netstacks.db)) == 3


async def test_the_audit_log_says_who(api_site: Served) -> None:
    async with api_site.api("operator") as client, api_site.api("admin") as admin:
        group = (await client.post("groups", json={"name": "one"})).json()
        await admin.patch("groups/one", json={"description": "Of us"})
        found = await admin.get("audit", params={"object_id": group["id"], "limit": 1})
        (edited,) = found.json()["items"]
        assert (edited["actor"], edited["via"], edited["address"]) == (
            "token:admin",
            "api",
            "127.0.0.1",
        )
        assert edited["changes"] == {"description": ["", "Of us"]}
        following = found.links["next"]["url"].removeprefix("/api/v1/")
        (made,) = (await admin.get(following)).json()["items"]
        assert (made["actor"], made["action"]) == ("token:operator", "created")
        only = await admin.get("audit", params={"actor": "token:operator", "kind": "device group"})
        assert [one["object_name"] for one in only.json()["items"]] == ["one"]
