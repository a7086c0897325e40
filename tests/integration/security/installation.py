"""An installation that is searched from end to end for secrets, while it runs."""

from __future__ import annotations

import asyncio
import base64
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlsplit, urlunsplit

import httpx
import psycopg

from netstacks_tasks.embedded.connection import Connection
from tests.integration.security import places
from tests.integration.security.canaries import Search, canary
from tests.integration.security.mishaps import Mishaps
from tests.integration.security.planting import Watch

KEPT: Final = {
    "page-admin-password": "first password of the page",
    "postgres/admin-password": "password of PostgreSQL's administrator",
    "prefect-encryption-key": "key of Prefect's blocks",
}
"""Secrets that are made with an installation: their files, and what they are."""
EXPECTED: Final = {
    "Canary: Wrong password": "failed",
    "Canary: Refused key": "failed",
    "Canary: Echo": "failed",
    "Canary: Wrong SNMP keys": "failed",
    "Canary: Telling script": "failed",
    "Canary: Refused line": "failed",
    "Canary: Model refuses the key": "failed",
    "Canary: Model repeats the key": "completed",
}
_CLI: Final = (sys.executable, "-c", "from netstacks_tasks.cli.main import main; main()")
_CONFIGURATION_TEXTS: Final = [("config_snapshots", "content")]


@dataclass(frozen=True, kw_only=True)
class Installation:
    """Where it is, and what was seen of it so far."""

    state: Path
    running: Connection
    pid: int
    said: str
    """What its command printed."""
    watch: Watch

    @asynccontextmanager
    async def faces(self) -> AsyncIterator[Faces]:
        """Its API, its page and Prefect, as an administrator and as a viewer."""
        url, prefect = str(self.running.page_url), self.running
        login = base64.b64encode(str(prefect.prefect_auth_string).encode()).decode()
        tokens = {role: await asyncio.to_thread(self._token, role) for role in ("admin", "viewer")}
        async with (
            _client(f"{url}/api/v1", Authorization=f"Bearer {tokens['admin']}") as admin,
            _client(f"{url}/api/v1", Authorization=f"Bearer {tokens['viewer']}") as viewer,
            _client(prefect.prefect_api_url, Authorization=f"Basic {login}") as of_prefect,
            _client(url) as page,
        ):
            faces = Faces(of=self, admin=admin, viewer=viewer, prefect=of_prefect, page=page)
            faces.secrets |= {token: f"token of a {role}" for role, token in tokens.items()}
            yield faces

    def _token(self, role: str) -> str:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("PREFECT_", "NETSTACKS_"))}
        done = subprocess.run(
            [*_CLI, "token", "create", f"canary-{role}", "--role", role],
            env=kept | {"NETSTACKS_STATE_DIR": str(self.state)},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    @property
    def prefect_database_url(self) -> str:
        import json

        passwords = json.loads((self.state / "passwords.json").read_text())
        parts = urlsplit(self.running.database_url)
        netloc = f"prefect:{quote(passwords['prefect'], safe='')}@127.0.0.1:{parts.port}"
        return urlunsplit(parts._replace(netloc=netloc, path="/prefect"))


@asynccontextmanager
async def _client(url: str, **headers: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        base_url=url, headers=headers, trust_env=False, timeout=60
    ) as client:
        yield client


@dataclass(kw_only=True)
class Faces:
    """Those of an installation, and the secrets that were given to them."""

    of: Installation
    admin: httpx.AsyncClient
    viewer: httpx.AsyncClient
    prefect: httpx.AsyncClient
    page: httpx.AsyncClient
    secrets: dict[str, str] = field(default_factory=dict)
    answers: list[bytes] = field(default_factory=list)

    async def things_go_wrong(self) -> dict[str, str]:
        """Whatever can, with secrets at hand; returns those that were brought."""
        await self._sign_in()
        mishaps = Mishaps(self.admin, self.prefect)
        await mishaps.happen()
        assert mishaps.states == EXPECTED
        self.answers += mishaps.answers
        self.secrets |= mishaps.secrets
        return self.secrets

    async def _sign_in(self) -> None:
        """As a new administrator, after a password was typed where the name belongs."""
        password, mistaken = canary(), canary()
        self.secrets |= {password: "password of a user", mistaken: "password typed as a name"}
        user = {"name": "canary-user", "role": "admin", "password": password}
        self.answers.append((await self.admin.post("/users", json=user)).content)
        for form, status in (
            ({"name": mistaken, "password": mistaken}, 401),
            ({"name": "canary-user", "password": mistaken}, 401),
            ({"name": "canary-user", "password": password}, 303),
        ):
            answer = await self.page.post("/sign-in", data=form)
            assert answer.status_code == status, answer.text
            if status != 303:
                # A name that is refused stands in the form again, for whoever typed it.
                self.answers.append(answer.content)
        for cookie in self.page.cookies.jar:
            self.secrets[str(cookie.value)] = f"cookie {cookie.name}"

    async def searched(self, search: Search) -> None:
        """Every place that there is."""
        state, watch = self.of.state, self.of.watch
        watch.look()
        search.look("log files", places.of_files(state, logs=True))
        search.look("other files of the state folder", places.of_files(state, logs=False))
        search.look("what the command said", [self.of.said.encode()])
        search.look("command lines of all processes", watch.command_lines)
        assert watch.environments, "no script was seen"
        search.look("environments of scripts", watch.environments)
        url, prefect_url = self.of.running.database_url, self.of.prefect_database_url
        rows = places.of_rows(url, without=_CONFIGURATION_TEXTS)
        search.look("rows of our database, but configurations' texts", rows)
        search.look("rows of Prefect's database", places.of_rows(prefect_url))
        for kind in places.KINDS:
            found = [one async for one in places.of_prefect(self.prefect, kind)]
            search.look(f"Prefect's API: {kind}", found)
        found = [one async for one in places.of_events(self.prefect)]
        search.look("Prefect's API: events", found)
        found = [one async for one in places.of_api(self.admin, configurations=False)]
        search.look("our API, to an administrator, but configurations' texts", found)
        found = [one async for one in places.of_api(self.viewer, configurations=True)]
        search.look("our API, to a viewer, configurations too", found)
        found = [one async for one in places.of_page(self.page, self.admin)]
        search.look("our page, to an administrator", found)
        search.look("answers to what was created and to wrong requests", self.answers)

    async def finds_what_is_leaked(self, secrets: dict[str, str]) -> None:
        """Leak one on purpose, three ways, and search again: each must be found."""
        secret = next(iter(secrets))
        leak = {
            "log files": self.of.state / "logs" / "leak.log",
            "other files of the state folder": self.of.state / "prefect" / "leak",
        }
        for path in leak.values():
            path.write_text(f"password={base64.b64encode(secret.encode()).decode()}")
        with psycopg.connect(self.of.running.database_url, autocommit=True) as connection:
            connection.execute(
                "UPDATE task_runs SET message = %s WHERE task_name = 'Canary: Echo'", [secret]
            )
        await self.prefect.post("/variables/", json={"name": "leak", "value": f"<{secret}>"})
        again = Search(secrets)
        await self.searched(again)
        for path in leak.values():
            path.unlink()
        found = {finding.place for finding in again.findings}
        assert {finding.kind for finding in again.findings} == {secrets[secret]}
        assert found == {
            *leak,
            "rows of our database, but configurations' texts",
            "rows of Prefect's database",
            "Prefect's API: variables",
            "our API, to an administrator, but configurations' texts",
            "our API, to a viewer, configurations too",
            "our page, to an administrator",
        }
