"""The page and the API, served on loopback from a database of a test's own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx

from netstacks_tasks.access import bearer, passwords
from netstacks_tasks.models.access import ROLES, Role
from netstacks_tasks.serving.server import serving
from netstacks_tasks.settings import Settings
from netstacks_tasks.store import users
from netstacks_tasks.wiring import NetStacks

PASSWORD: Final = "correct horse battery"


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """Where it is, and who may enter: a user and a token for each role, named like it."""

    url: str
    netstacks: NetStacks
    tokens: dict[Role, str] = field(repr=False)

    def api(self, role: Role | None = "admin") -> httpx.AsyncClient:
        """A client of the API with the token of a role; None: without one."""
        headers = {"Authorization": f"Bearer {self.tokens[role]}"} if role else {}
        return httpx.AsyncClient(
            base_url=f"{self.url}/api/v1/", headers=headers, trust_env=False, timeout=60
        )

    @asynccontextmanager
    async def page(self, role: Role | None = "admin") -> AsyncIterator[httpx.AsyncClient]:
        """A browser without a window, signed in as the user of a role; None: not signed in."""
        async with httpx.AsyncClient(base_url=self.url, trust_env=False, timeout=60) as client:
            if role is not None:
                form = {"name": role, "password": PASSWORD}
                answer = await client.post("/sign-in", data=form)
                assert answer.status_code == 303, answer.text
            yield client


@asynccontextmanager
async def served(settings: Settings) -> AsyncIterator[Served]:
    """Serve inside the context.

    Args:
        settings: with a database, and with a Prefect server when the test needs one.
    """
    async with NetStacks.open(settings) as netstacks:
        kept = await passwords.hashed(PASSWORD)
        for role in ROLES:
            await users.create(netstacks.db, role, role, kept)
        tokens: dict[Role, str] = {
            role: (await bearer.issue(netstacks.db, role, role)).text for role in ROLES
        }
        async with serving(settings) as url:
            yield Served(url=url, netstacks=netstacks, tokens=tokens)


def settings_for(
    database_url: str, state_dir: Path, prefect_api_url: str | None = None
) -> Settings:
    """Settings of a served test; the port is a free one."""
    return Settings.model_validate(
        {
            "database_url": database_url,
            "state_dir": state_dir,
            "web_port": 0,
            "prefect_api_url": prefect_api_url,
        }
    )
