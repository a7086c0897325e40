"""Every place where a secret could be read that should not be there."""

from __future__ import annotations

import re
import stat
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import httpx
import psycopg
from psycopg import sql

from tests.integration.web.test_route_roles import PAGE, listed

SECRETS: Final = frozenset(
    {
        "connection.json",
        "passwords.json",
        "prefect-auth-string",
        "prefect-encryption-key",
        "page-admin-password",
        "postgres/admin-password",
        "demo-fleet/secrets.json",
    }
)
"""Files whose purpose it is to keep secrets, below the state folder."""
_LEFT_OUT: Final = ("configs/", "demo-fleet/", "postgres/data/", "prefect/ui/")
"""Captured configurations hold what devices keep secret, and so do the simulated devices
themselves. PostgreSQL's files are read as rows; Prefect's page is as it comes."""
_OF_RUNS: Final = ("configs/script-artifacts/", "configs/agent-transcripts/")
_PREFECT: Final = (
    "deployments", "flow_runs", "task_runs", "flows", "artifacts", "block_documents", "variables",
    "work_pools", "concurrency_limits", "automations", "logs",
)  # fmt: skip
_PAGE_SIZE: Final = 200
_MOST_OF: Final = {"/devices": 3, "/snapshots": 3, "/tasks": 12, "/runs": 10}
"""Of the first, or the newest: all that goes wrong is among them; else the rows are read."""
_MOST_PAGES: Final = 40


def files(state: Path) -> Iterator[tuple[Path, str]]:
    """Every plain file below the state folder, and its name there; some come and go."""
    for path in sorted(state.rglob("*")):
        with suppress(FileNotFoundError):
            if stat.S_ISREG(path.lstat().st_mode):
                yield path, path.relative_to(state).as_posix()


def is_searched(name: str) -> bool:
    """Whether a file of the state folder may hold no secret."""
    return name not in SECRETS and (name.startswith(_OF_RUNS) or not name.startswith(_LEFT_OUT))


def of_files(state: Path, *, logs: bool) -> Iterator[bytes]:
    """The files that may hold no secret: logs, or all the others; their names too."""
    for path, name in files(state):
        if is_searched(name) and name.startswith("logs/") == logs:
            yield name.encode()
            with suppress(FileNotFoundError):
                yield path.read_bytes()


def readable_by_others(state: Path) -> list[str]:
    """Files below it that other users reach and may read."""
    found = []
    for path, name in files(state):
        way = [parent for parent in path.parents if parent.is_relative_to(state)]
        with suppress(FileNotFoundError):
            open_to_all = all(parent.stat().st_mode & 0o001 for parent in way)
            if open_to_all and path.stat().st_mode & 0o004:
                found.append(name)
    return found


def of_rows(url: str, *, without: Sequence[tuple[str, str]] = ()) -> Iterator[bytes]:
    """Every row of every table, as text, but for some columns."""
    with psycopg.connect(url) as connection:
        columns = connection.execute(
            "SELECT table_schema, table_name, column_name FROM information_schema.columns "
            "JOIN information_schema.tables USING (table_schema, table_name) "
            "WHERE table_type = 'BASE TABLE' "
            "AND table_schema NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        tables: dict[tuple[str, str], list[str]] = {}
        for schema, table, column in columns:
            if (table, column) not in without:
                tables.setdefault((schema, table), []).append(column)
        for (schema, table), chosen in tables.items():
            query = sql.SQL("COPY (SELECT {} FROM {}) TO STDOUT").format(
                sql.SQL(", ").join(map(sql.Identifier, chosen)), sql.Identifier(schema, table)
            )
            with connection.cursor() as cursor, cursor.copy(query) as copied:
                yield b"".join(bytes(block) for block in copied)


async def of_prefect(prefect: httpx.AsyncClient, kind: str) -> AsyncIterator[bytes]:
    """Everything of a kind that Prefect's API answers with."""
    for page in range(_MOST_PAGES):
        body = {"limit": _PAGE_SIZE, "offset": page * _PAGE_SIZE}
        answer = await prefect.post(f"/{kind}/filter", json=body)
        assert answer.status_code == 200, answer.text
        yield answer.content
        if len(answer.json()) < _PAGE_SIZE:
            return
    raise AssertionError(f"there are more {kind} than are looked at")


async def of_events(prefect: httpx.AsyncClient) -> AsyncIterator[bytes]:
    """Every event."""
    answer = await prefect.post("/events/filter", json={"limit": 50})
    for _ in range(_MOST_PAGES * 10):
        assert answer.status_code == 200, answer.text
        yield answer.content
        following = answer.json()["next_page"]
        if following is None:
            return
        answer = await prefect.get(following)
    raise AssertionError("there are more events than are looked at")


KINDS: Final = _PREFECT


async def of_api(api: httpx.AsyncClient, *, configurations: bool) -> AsyncIterator[bytes]:
    """The answer to every GET of the API, with every id that there is.

    Args:
        api: whoever asks.
        configurations: only what has the texts of configurations; else all but that.
    """
    described = (await api.get("/openapi.json")).json()
    for path, methods in described["paths"].items():
        if "get" not in methods or (_shows_configurations(path) != configurations):
            continue
        for filled in await _filled(api, path.removeprefix("/api/v1")):
            answer = await api.get(filled)
            yield filled.encode()
            yield answer.content
            yield repr(answer.headers.multi_items()).encode()


def _shows_configurations(path: str) -> bool:
    return path.endswith(("/content", "/diff"))


async def _filled(api: httpx.AsyncClient, path: str) -> list[str]:
    """A path with each of the ids that it asks for."""
    found = re.search(r"\{[^}]+\}", path)
    if found is None:
        return [path]
    listing = path[: found.start()].rstrip("/")
    answer = (await api.get(listing, params={"limit": _PAGE_SIZE})).json()
    most = _MOST_OF.get(listing, _PAGE_SIZE)
    return [path.replace(found[0], one["id"]) for one in answer.get("items", [])[:most]]


async def of_page(page: httpx.AsyncClient, api: httpx.AsyncClient) -> AsyncIterator[bytes]:
    """What the page shows, with every task and run; configurations as they are by themselves."""
    paths = [path for role in PAGE for method, path in listed(PAGE[role]) if method == "GET"]
    for path in paths:
        of = path.replace("task_id:uuid", "task_id").replace("run_id:uuid", "run_id")
        for filled in await _filled(api, of) if "{" in of else [of]:
            answer = await page.get(filled, follow_redirects=True)
            yield filled.encode()
            yield answer.content


def core_limits(pid: int) -> dict[int, tuple[str, ...]]:
    """The limits on the dumps of what a process has started: process -> soft and hard value."""
    found: dict[int, tuple[str, ...]] = {}
    below = _children(pid)
    while below:
        one = below.pop()
        try:
            limits = Path(f"/proc/{one}/limits").read_text()
            below += _children(one)
        except (FileNotFoundError, ProcessLookupError):
            continue
        (line,) = [line for line in limits.splitlines() if line.startswith("Max core file")]
        found[one] = tuple(line.split()[4:6])
    return found


def _children(pid: int) -> list[int]:
    return [
        int(child)
        for task in Path(f"/proc/{pid}/task").iterdir()
        for child in (task / "children").read_text().split()
    ]
