"""Who may use what: every route of the API and of the page, with the role that it needs.

A route that is not in these tables fails the test: whoever adds one decides who may use it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from uuid import UUID

import httpx
from fastapi.routing import iter_route_contexts

from netstacks_tasks.models.access import ROLES, Role
from netstacks_tasks.serving.application import application
from netstacks_tasks.store.database import Database
from netstacks_tasks.wiring import NetStacks
from tests.integration.web.conftest import Busy

Route = tuple[str, str]

OPEN: Final = """
GET /api/v1/openapi.json /sign-in /static /healthz /readyz
HEAD /api/v1/openapi.json
POST /sign-in
"""
WATCHED: Final[dict[Role, str]] = {"viewer": "GET /metrics", "operator": "", "admin": ""}
"""Beside the API, and with its tokens."""
API: Final[dict[Role, str]] = {
    "viewer": """
GET /tasks /tasks/{task} /tasks/{task}/preview /tasks/{task}/guidance /tasks/{task}/runs
GET /preview /runs /runs/{run_id} /runs/{run_id}/logs
GET /snapshots /snapshots/{snapshot_id} /snapshots/{snapshot_id}/content
GET /snapshots/{snapshot_id}/diff
GET /devices /devices/{key} /devices/{key}/host-keys /groups /groups/{key} /stack-instances
""",
    "operator": """
POST /tasks /tasks/{task}/enable /tasks/{task}/disable /tasks/{task}/runs /tasks/{task}/cancel
POST /runs/{run_id}/cancel /import /devices /groups /scripts /stacks /stack-instances
POST /stack-instances/{key}/render
GET /scripts /scripts/{key} /stacks /stacks/{key} /stacks/{key}/versions /stack-instances/{key}
GET /credentials /credentials/{key}
PUT /devices/{key} /groups/{key} /scripts/{key} /stacks/{key} /stack-instances/{key}
PATCH /tasks/{task} /devices/{key} /groups/{key} /scripts/{key}
DELETE /tasks/{task} /devices/{key} /devices/{key}/host-keys /groups/{key} /scripts/{key}
DELETE /stacks/{key} /stack-instances/{key}
""",
    "admin": """
GET /users /users/{key} /tokens /audit
POST /credentials /users /tokens
PUT /credentials/{key}
PATCH /users/{key}
DELETE /credentials/{key} /users/{key} /tokens/{key}
""",
}
PAGE: Final[dict[Role, str]] = {
    "viewer": """
GET / /account /tasks /tasks/overview /timeline
GET /tasks/{task_id:uuid} /tasks/{task_id:uuid}/schedule /tasks/{task_id:uuid}/runs
GET /runs/{run_id:uuid} /runs/{run_id:uuid}/state /runs/{run_id:uuid}/log
GET /runs/{run_id:uuid}/log.txt /runs/{run_id:uuid}/report
GET /snapshots /snapshots/{snapshot_id} /snapshots/{snapshot_id}/download
GET /snapshots/diff /snapshots/diff/fold /snapshots/diff/download
POST /account /sign-out
""",
    "operator": """
GET /tasks/new /tasks/{task_id}/edit
GET /tasks/new/preview /tasks/new/zones /tasks/new/targets /tasks/new/script
POST /tasks/new /tasks/new/type /tasks/new/advice /tasks/new/document /tasks/{task_id}/edit
POST /tasks/{task_id:uuid}/enabled /tasks/{task_id:uuid}/run /tasks/{task_id:uuid}/cancel
POST /tasks/{task_id:uuid}/delete /runs/{run_id:uuid}/cancel
""",
    "admin": "GET /audit",
}
NOBODYS: Final = str(UUID(int=0))


def listed(table: str, prefix: str = "") -> Iterator[Route]:
    for line in table.strip().splitlines():
        method, *paths = line.split()
        yield from ((method, f"{prefix}{path}") for path in paths)


def needs(tables: dict[Role, str], prefix: str = "") -> list[tuple[Route, Role]]:
    return [(route, role) for role in ROLES for route in listed(tables[role], prefix)]


API_NEEDS: Final = [*needs(API, "/api/v1"), *needs(WATCHED)]
PAGE_NEEDS: Final = needs(PAGE)


def lower(role: Role) -> tuple[Role, ...]:
    return ROLES[: ROLES.index(role)]


def filled(path: str) -> str:
    return re.sub(r"\{[^}]+\}", NOBODYS, path)


async def deeds(db: Database) -> int:
    async with db.connection() as connection:
        row = await (await connection.execute("SELECT count(*) FROM audit_log")).fetchone()
    return int(row[0]) if row else 0


async def token_of(browser: httpx.AsyncClient) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', (await browser.get("/account")).text)
    assert found
    return found[1]


def test_every_route_says_whom_it_serves() -> None:
    app = application(NetStacks.open)
    routes = [
        (method, str(route.path))
        for route in iter_route_contexts(app.routes)
        for method in (route.methods or {"GET"})
    ]
    known = [*listed(OPEN), *(route for route, _ in (*API_NEEDS, *PAGE_NEEDS))]
    assert sorted(routes) == sorted(known)


async def test_the_api_serves_who_has_the_role(busy: Busy) -> None:
    before = await deeds(busy.db)
    headers = {"Content-Type": "application/json"}
    async with (
        busy.site.api(None) as nobody,
        busy.site.api("viewer") as viewer,
        busy.site.api("operator") as operator,
        busy.site.api("admin") as admin,
    ):
        clients: dict[Role, httpx.AsyncClient] = {
            "viewer": viewer,
            "operator": operator,
            "admin": admin,
        }
        for (method, path), role in API_NEEDS:
            url = busy.site.url + filled(path)
            refused = await nobody.request(method, url, content=b"{}", headers=headers)
            assert (refused.status_code, refused.json()["title"]) == (401, "Show who you are"), path
            for less in lower(role):
                refused = await clients[less].request(method, url, content=b"{}", headers=headers)
                assert refused.status_code == 403, f"{less}: {method} {path}"
        assert await deeds(busy.db) == before
        for (method, path), role in API_NEEDS:
            url = busy.site.url + filled(path)
            answer = await clients[role].request(method, url, content=b"{}", headers=headers)
            assert answer.status_code not in {401, 403}, f"{role}: {method} {path}"


async def test_the_page_serves_who_has_the_role(busy: Busy) -> None:
    before = await deeds(busy.db)
    tokens = {role: await token_of(busy.browsers[role]) for role in ROLES}
    async with busy.site.page(None) as nobody:
        for (method, path), role in PAGE_NEEDS:
            url, form = filled(path), {"password": "x", "csrf_token": ""}
            data = None if method == "GET" else form
            led = await nobody.request(method, url, data=data)
            assert (led.status_code, led.headers["location"][:8]) == (303, "/sign-in"), path
            for less in lower(role):
                data = None if method == "GET" else form | {"csrf_token": tokens[less]}
                refused = await busy.browsers[less].request(method, url, data=data)
                assert refused.status_code == 403, f"{less}: {method} {path}"
                assert "You may not do this" in refused.text, f"{less}: {method} {path}"
            if method != "GET":
                forged = await busy.browsers[role].request(method, url, data=form)
                assert forged.status_code == 403, path
                assert "did not come from our page" in forged.text, path
    assert await deeds(busy.db) == before
    for (method, path), role in PAGE_NEEDS:
        if path != "/sign-out":
            data = None if method == "GET" else {"password": "x", "csrf_token": tokens[role]}
            answer = await busy.browsers[role].request(method, filled(path), data=data)
            assert answer.status_code not in {401, 403}, f"{role}: {method} {path}"
            assert not answer.headers.get("location", "").startswith("/sign-in"), path
    assert await deeds(busy.db) == before
