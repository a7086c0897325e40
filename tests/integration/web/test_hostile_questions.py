"""Every question that a route can be asked, filled with what databases and pages choke on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest
from psycopg import sql

from netstacks_tasks.store.database import Database
from tests.integration.web.conftest import Busy

INJECTIONS: Final = (
    (
        "%27;SELECT+pg_sleep(100);--%22%25(text)s%25s%24%31{0}%5C%27%0d%0aSet-Cookie:%20a=b%0d%0a%0d%0a"
        "<script>alert('q')</script>{{7*7}}"
    ),
    "%00",
    "%ed%a0%80%ff",
    "-99999999999999999999999",
)
# Of the page: what FastAPI does not describe.
PAGE: Final[dict[str, str]] = {
    "/sign-in": "next",
    "/account": "changed",
    "/audit": "actor kind object_id before",
    "/tasks/new": "type from",
    "/tasks/new/preview": "cron_expression timezone",
    "/tasks/new/zones": "text own",
    "/tasks/new/targets": "kind text",
    "/tasks/new/script": "parameters.script_id",
    "/tasks": "text type enabled state sort page",
    "/tasks/{task}": "asked",
    "/tasks/{task}/runs": "before",
    "/runs/{run}": "asked show page",
    "/runs/{run}/log": "after skip",
    "/timeline": "zone",
    "/snapshots": "device text after destination before",
    "/snapshots/diff": "after before view lines secrets",
    "/snapshots/diff/fold": "after before_start after_start count view secrets",
    "/snapshots/diff/download": "after before secrets",
}


def asked(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The paths of the API and the names of their questions, as it describes itself."""
    for path, methods in document["paths"].items():
        for parameter in methods.get("get", {}).get("parameters", ()):
            if parameter["in"] == "query":
                yield f"/api/v1{path.removeprefix('/api/v1')}", parameter["name"]


async def rows(db: Database) -> list[int]:
    counts = sql.SQL(", ").join(
        sql.SQL("(SELECT count(*) FROM {})").format(sql.Identifier(table))
        for table in ("tasks", "task_runs", "devices", "users", "config_snapshots")
    )
    async with db.connection() as connection:
        found = await connection.execute(sql.SQL("SELECT ") + counts)
        row = await found.fetchone()
    assert row is not None
    return list(row)


async def some_run(db: Database) -> str:
    async with db.connection() as connection:
        row = await (await connection.execute("SELECT id FROM task_runs LIMIT 1")).fetchone()
    assert row is not None
    return str(row[0])


async def test_no_question_is_a_statement_a_header_or_an_element(busy: Busy) -> None:
    task = next(iter(busy.tasks.values())).id
    run = await some_run(busy.db)
    before = await rows(busy.db)
    count = 0
    async with busy.site.api("admin") as api, busy.site.page("admin") as page:
        described = (await api.get("openapi.json")).json()
        questions = list(asked(described))
        assert len(questions) > 40
        questions += [(path, name) for path, names in PAGE.items() for name in names.split()]
        for path, name in questions:
            place = path.replace("{task}", str(task)).replace("{run}", run)
            place = place.replace("{run_id}", run).replace("{snapshot_id}", run)
            place = place.replace("{key}", "nobody")
            client = api if path.startswith("/api/") else page
            for value in INJECTIONS:
                answer = await client.get(f"{busy.site.url}{place}?{name}={value}")
                told = f"{place}?{name}={value[:80]}: {answer.status_code}"
                assert answer.status_code < 500, told
                assert "set-cookie" not in answer.headers, told
                assert "<script>alert('q')" not in answer.text or "json" in str(
                    answer.headers["content-type"]
                ), told
                count += 1
    assert count > 250
    assert await rows(busy.db) == before


@pytest.mark.parametrize("text", ["%", "_", "\\", "'", "ore-%", "cor_-", "$1", "{0}"])
async def test_what_is_searched_for_means_itself(busy: Busy, text: str) -> None:
    async with busy.site.api("admin") as api:
        devices = (await api.get("devices", params={"limit": 100})).json()["items"]
        names = {one["name"] for one in devices if text in one["name"] or text in one["host"]}
        found = (await api.get("devices", params={"text": text})).json()["items"]
        assert {one["name"] for one in found} == names
        for path, question in (("tasks", "text"), ("runs", "task")):
            every = (await api.get(path, params={"limit": 100})).json()["items"]
            some = (await api.get(path, params={question: text, "limit": 100})).json()["items"]
            label = "name" if path == "tasks" else "task_name"
            assert all(text in one[label] for one in some)
            assert len(some) == sum(text in one[label] for one in every)
