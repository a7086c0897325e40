"""The task table over HTTP, on a real server and database."""

from __future__ import annotations

import json

from netstacks_tasks.models.access import Role
from netstacks_tasks.store import audit
from tests.integration.api.world import EXAMPLES, backup
from tests.served import Served

PROBLEM = "application/problem+json"


async def test_the_examples_are_made_read_changed_and_deleted(api_site: Served) -> None:
    async with api_site.api("operator") as client:
        for example in EXAMPLES:
            made = await client.post("tasks", json=example)
            assert made.status_code == 201, made.text
            task = made.json()
            given = {**example["parameters"]}
            assert given.items() <= task["parameters"].items()
            assert {key: task[key] for key in example if key != "parameters"} == {
                key: value for key, value in example.items() if key != "parameters"
            }
            read = await client.get(api_site.url + made.headers["location"])
            assert read.json() == task
            assert read.headers["etag"] == made.headers["etag"]
            assert (await client.get(f"tasks/{example['name']}")).json() == task
        scripted = next(one for one in EXAMPLES if one["parameters"].get("script"))
        async with api_site.api("viewer") as viewer:
            whole = (await viewer.get(f"tasks/{scripted['name']}")).json()
            many = (await viewer.get("tasks?task_type=custom_script")).json()["items"]
        assert {one["parameters"]["script"] for one in (whole, *many)} == {"<hidden>"}
        listed = (await client.get("tasks")).json()
        assert listed["total"] == len(listed["items"]) == len(EXAMPLES)
        changed = await client.patch(f"tasks/{task['id']}", json={"enabled": False})
        assert (changed.json()["enabled"], changed.json()["next_run_at"]) == (False, None)
        assert changed.headers["etag"] != read.headers["etag"]
        assert (await client.delete(f"tasks/{task['id']}")).status_code == 204
        gone = await client.get(f"tasks/{task['id']}")
        assert (gone.status_code, gone.headers["content-type"]) == (404, PROBLEM)
        assert gone.json()["type"] == "urn:netstacks:not-found"


async def test_each_role_does_what_it_may_and_the_audit_log_says_who(api_site: Served) -> None:
    async def status(role: Role | None, method: str, path: str, body: object = None) -> int:
        async with api_site.api(role) as client:
            answer = await client.request(method, path, json=body)
            if answer.status_code >= 400:
                assert answer.headers["content-type"] == PROBLEM
            return answer.status_code

    name = "tasks/Backup"
    writes = [("PATCH", name), ("DELETE", name)]
    writes += [("POST", f"{name}/{verb}") for verb in ("enable", "disable", "runs", "cancel")]
    assert await status("viewer", "POST", "tasks", backup("Backup")) == 403
    assert await status("operator", "POST", "tasks", backup("Backup")) == 201
    for method, path in [*writes, ("POST", "tasks")]:
        assert await status("viewer", method, path, {"enabled": False}) == 403
        assert await status(None, method, path) == 401
    for path in ("tasks", name, f"{name}/preview", f"{name}/guidance", f"{name}/runs", "runs"):
        assert await status("viewer", "GET", path) == 200
        assert await status(None, "GET", path) == 401
    async with api_site.api("viewer") as client:
        assert (await client.get(name)).json()["revision"] == 1
    entries = await audit.find(api_site.netstacks.db, audit.AuditSearch(kind="task"))
    assert [(one.actor, one.via, one.action) for one in entries] == [
        ("token:operator", "api", "created")
    ]


async def test_an_edit_of_somebody_else_is_not_undone(api_site: Served) -> None:
    async with api_site.api() as anna, api_site.api("operator") as ben:
        seen = (await anna.post("tasks", json=backup("Backup"))).headers["etag"]
        unchanged = await anna.get("tasks/Backup", headers={"If-None-Match": seen})
        assert (unchanged.status_code, unchanged.content) == (304, b"")
        one = await ben.patch(
            "tasks/Backup",
            json={"parameters.destination": "elsewhere"},
            headers={"If-Match": seen},
        )
        assert one.json()["parameters"]["destination"] == "elsewhere"
        for method in ("PATCH", "DELETE"):
            late = await anna.request(
                method, "tasks/Backup", json={"enabled": False}, headers={"If-Match": seen}
            )
            assert late.status_code == 412
            assert late.json()["type"] == "urn:netstacks:edited-meanwhile"
        odd = await anna.delete("tasks/Backup", headers={"If-Match": "7"})
        assert (odd.status_code, odd.json()["errors"][0]["field"]) == (422, "If-Match")
        now = await anna.get("tasks/Backup", headers={"If-None-Match": seen})
        assert (now.status_code, now.json()["enabled"]) == (200, True)
        right = {"If-Match": now.headers["etag"]}
        assert (await anna.delete("tasks/Backup", headers=right)).status_code == 204


async def test_what_is_wrong_is_named_and_nothing_is_written(api_site: Served) -> None:
    wrong = backup("Wrong", cron_expression="61 * * * *", colour="red", timezone="Mars/Base")
    async with api_site.api() as client:
        answer = await client.post("tasks", json=wrong)
        assert (answer.status_code, answer.headers["content-type"]) == (422, PROBLEM)
        told = {one["field"]: one["detail"] for one in answer.json()["errors"]}
        assert told.keys() == {"cron_expression", "colour", "timezone"}
        assert "the minute field '61'" in told["cron_expression"]
        missing = backup("Missing")
        missing["parameters"]["target_id"] = "00000000-0000-4000-8000-000000000000"
        answer = await client.post("tasks", json=missing)
        assert answer.json()["errors"][0]["field"] == "parameters.target_id"
        await client.post("tasks", json=backup("Backup"))
        for changes, field in (
            ({"enabeld": False}, "enabeld"),
            ({"parameters.destination": "../up"}, "parameters.destination"),
            ({"parameters.colour": "red"}, "parameters.colour"),
            ({"revision": 7}, "revision"),
        ):
            answer = await client.patch("tasks/Backup", json=changes)
            assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
        listed = (await client.get("tasks")).json()
        assert [(one["name"], one["revision"]) for one in listed["items"]] == [("Backup", 1)]


async def test_a_body_that_is_none_is_refused(api_site: Served) -> None:
    as_json = {"content-type": "application/json"}
    large = json.dumps(backup("x" * 3_000_000)).encode()

    async def in_parts() -> object:
        for start in range(0, len(large), 65536):
            yield large[start : start + 65536]

    async with api_site.api() as client:
        for body, headers, status in (
            (b"{", as_json, 422),
            (b"\xff\xfe", as_json, 422),
            (b"[" * 100_000, as_json, 422),
            (b'{"name": "\\ud800", "task_type": "backup\\u0000"}', as_json, 422),
            (b'{"max_retries": 1' + b"0" * 5000 + b"}", as_json, 422),
            (b"name=x", {"content-type": "application/x-www-form-urlencoded"}, 415),
            (large, as_json, 413),
        ):
            answer = await client.post("tasks", content=body, headers=headers)
            assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM)
        answer = await client.post("tasks", content=in_parts(), headers=as_json)  # type: ignore[arg-type]  # an asynchronous generator
        assert answer.status_code == 413
        assert (await client.get("tasks")).json()["total"] == 0


async def test_tasks_come_in_order_and_in_pages(api_site: Served) -> None:
    async with api_site.api() as client:
        for number in range(5):
            body = backup(f"Task {number}", cron_expression=f"{number} 2 1 1 *")
            await client.post("tasks", json=body | {"enabled": number != 3})
        names = []
        page = f"{api_site.url}/api/v1/tasks?sort=-next_run_at&limit=2&text=TASK"
        while page:
            answer = await client.get(page)
            names.append([one["name"] for one in answer.json()["items"]])
            assert answer.json()["total"] == 5
            page = answer.links.get("next", {}).get("url", "")
            page = page and api_site.url + page
        assert names == [["Task 4", "Task 2"], ["Task 1", "Task 0"], ["Task 3"]]
        assert answer.links["prev"]["url"].endswith("offset=2")
        found = (await client.get("tasks?enabled=false&task_type=backup")).json()
        assert [one["name"] for one in found["items"]] == ["Task 3"]
        for query in ("limit=501", "offset=-1", "sort=colour", "typo=1", "text=%00"):
            answer = await client.get(f"tasks?{query}")
            field = query.partition("=")[0]
            assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


async def test_a_schedule_is_shown_in_words_and_times(api_site: Served) -> None:
    asked: dict[str, str | int] = {
        "cron_expression": "30 2 * * 1-5",
        "timezone": "Europe/Berlin",
        "count": 3,
    }
    async with api_site.api("viewer") as client, api_site.api() as admin:
        shown = (await client.get("preview", params=asked)).json()
        assert shown["sentence"] == "At 02:30, Monday through Friday (Europe/Berlin)"
        assert [one["local"][10:16] for one in shown["runs"]] == ["T02:30"] * 3
        schedule: dict[str, object] = {key: asked[key] for key in ("cron_expression", "timezone")}
        await admin.post("tasks", json=backup("Backup", enabled=False, **schedule))
        assert (await client.get("tasks/Backup/preview?count=3")).json() == shown
        wrong = await client.get("preview", params={"cron_expression": "61 * * * *"})
        assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "cron_expression")


async def test_advice_comes_with_a_task(api_site: Served) -> None:
    slow = next(one for one in EXAMPLES if one["task_type"] == "health_check")
    async with api_site.api() as client:
        made = (await client.post("tasks", json=slow | {"timeout_seconds": 60})).json()
        assert [one.partition(" ")[0] for one in made["guidance"]] == ["timeout_seconds"]
        alone = await client.get(f"tasks/{made['id']}/guidance")
        assert alone.json() == {"guidance": made["guidance"]}
