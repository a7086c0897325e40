"""Stored scripts over the API."""

from __future__ import annotations

from netstacks_tasks.store import audit
from tests.integration.store.samples import SCRIPT
from tests.served import Served

NEW = {"name": "count", "body": "print('canary')\n"}


async def test_a_script_is_kept_changed_and_deleted(api_site: Served) -> None:
    async with api_site.api("operator") as client, api_site.api("viewer") as viewer:
        for hidden in (await viewer.get("scripts"), await viewer.get("scripts/script")):
            assert hidden.status_code == 403
        made = await client.post("scripts", json=NEW)
        assert (made.status_code, made.json()["interpreter"]) == (201, "python")
        listed = await client.get("scripts")
        assert [one["name"] for one in listed.json()["items"]] == ["count", "script"]
        assert "canary" not in listed.text
        for document, field in (
            ({**NEW, "name": "other", "body": " "}, "body"),
            ({**NEW, "name": "other", "body": "#!/bin/bash\n"}, "interpreter"),
            ({**NEW, "name": "other", "interpreter": "perl"}, "interpreter"),
            ({"name": "other"}, "body"),
        ):
            refused = await client.post("scripts", json=document)
            assert [one["field"] for one in refused.json()["errors"]] == [field]
        seen = {"If-Match": made.headers["etag"]}
        bash = {"name": "count", "interpreter": "bash", "body": "echo 1\n"}
        assert (await client.put("scripts/count", json=bash, headers=seen)).status_code == 200
        late = await client.patch("scripts/count", json={"body": "echo 2\n"}, headers=seen)
        assert late.status_code == 412
        read = (await client.get("scripts/count")).json()
        assert (read["interpreter"], read["body"]) == ("bash", "echo 1\n")
        task = {
            "name": "Runs it",
            "task_type": "custom_script",
            "cron_expression": "@daily",
            "parameters": {"type": "custom_script", "script_id": str(SCRIPT.id)},
        }
        assert (await client.post("tasks", json=task)).status_code == 201
        used = await client.delete("scripts/script")
        assert used.status_code == 409
        assert "task 'Runs it'" in used.json()["detail"]
        assert (await client.delete("scripts/count")).status_code == 204
    log = str(await audit.find(api_site.netstacks.db))
    assert "canary" not in log
    assert "sha256:" in log
