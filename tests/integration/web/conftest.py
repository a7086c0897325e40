"""The page over a database as a network team's would look; no test changes what others read."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

import httpx
import psycopg
import pytest
import pytest_asyncio
from psycopg import sql

from netstacks_tasks.embedded.postgres import EmbeddedPostgres
from netstacks_tasks.models.access import Role
from netstacks_tasks.models.task import Task
from netstacks_tasks.store.database import Database
from tests import web_data
from tests.served import Served, served, settings_for

PART: Final = {"HX-Request": "true"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Busy:
    """The site, its tasks by name, and a browser of each role."""

    site: Served
    tasks: dict[str, Task]
    browsers: dict[Role, httpx.AsyncClient]

    @property
    def db(self) -> Database:
        return self.site.netstacks.db

    async def read(self, path: str, role: Role = "operator") -> str:
        """A page, on one line, as far as white space goes."""
        answer = await self.browsers[role].get(path)
        assert answer.status_code == 200, answer.text
        return re.sub(r"\s+", " ", answer.text)

    async def post(self, path: str, role: Role = "operator", **fields: str) -> httpx.Response:
        """What a form of the page sends."""
        browser = self.browsers[role]
        shown = await browser.get("/account")
        token = re.search(r'name="csrf_token" value="([^"]+)"', shown.text)
        assert token
        return await browser.post(path, data=fields | {"csrf_token": token[1]})


@asynccontextmanager
async def served_copy(
    postgres: EmbeddedPostgres, template: str, factory: pytest.TempPathFactory
) -> AsyncIterator[Served]:
    """A site on a fresh database."""
    name = f"page_{uuid4().hex}"
    make = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
    async with await psycopg.AsyncConnection.connect(postgres.url(), autocommit=True) as admin:
        await admin.execute(make.format(sql.Identifier(name), sql.Identifier(template)))
    async with served(settings_for(postgres.url(name), factory.mktemp("page"))) as running:
        yield running


@pytest_asyncio.fixture(scope="session")
async def busy(
    postgres: EmbeddedPostgres, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Busy]:
    """Forty tasks and a few hundred runs, without a Prefect."""
    async with (
        served_copy(postgres, template_database, tmp_path_factory) as site,
        site.page("viewer") as viewer,
        site.page("operator") as operator,
        site.page("admin") as admin,
    ):
        made = await web_data.a_busy_week(site.netstacks.db)
        browsers: dict[Role, httpx.AsyncClient] = {
            "viewer": viewer,
            "operator": operator,
            "admin": admin,
        }
        yield Busy(site=site, tasks=made, browsers=browsers)
