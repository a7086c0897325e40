"""An installation that is searched from end to end for secrets, while it runs."""

from __future__ import annotations

import asyncio
import base64
import json
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
    "Canary: Deployed secret": "completed",
    "Canary: Model refuses the key": "failed",
    "Canary: Model repeats the key": "completed",
}
WORKERS_PASSWORD: Final = canary('/"&+')
FORBIDDEN: Final = (
    "SELECT password_hash FROM users",
    "SELECT * FROM api_tokens",
    "SELECT * FROM web_sessions",
    "SELECT * FROM audit_log",
    "DELETE FROM audit_log",
    "UPDATE audit_log SET actor = 'nobody'",
    "INSERT INTO users (name, role, password_hash) VALUES ('x', 'admin', 'x')",
    "UPDATE tasks SET enabled = false",
    "UPDATE devices SET host = '192.0.2.1'",
    "UPDATE scripts SET body = 'x'",
    "INSERT INTO device_groups (id, name) VALUES (gen_random_uuid(), 'x')",
    "UPDATE credentials SET block_name = 'x'",
    "DELETE FROM config_snapshots",
    "DELETE FROM task_runs",
    "CREATE TABLE x (y int)",
)
"""What the role of workers has no right to."""
_CLI: Final = (sys.executable, "-c", "from netstacks_tasks.cli.main import main; main()")
_CONFIGURATION_TEXTS: Final = [("config_snapshots", "content")]
_IN_BLOCKS: Final = (
    "password of demo-", "enable_secret", "snmp_", "private key", "password of canary-",
    "private_key", "API key", "Secret block", "database password of workers",
)  # fmt: skip


def kind_is_in_a_block(kind: str) -> bool:
    """Whether runs are given such a secret, by a block; the others no worker comes to see."""
    return kind.startswith(_IN_BLOCKS)


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
        token = await asyncio.to_thread(self._first_token)
        async with (
            _client(f"{url}/api/v1", Authorization=f"Bearer {token}") as admin,
            _client(f"{url}/api/v1") as viewer,
            _client(prefect.prefect_api_url, Authorization=f"Basic {login}") as of_prefect,
            _client(url) as page,
        ):
            wanted = {"name": f"viewer-{os.urandom(4).hex()}", "role": "viewer"}
            made = (await admin.post("/tokens", json=wanted)).json()["token"]
            viewer.headers["Authorization"] = f"Bearer {made}"
            faces = Faces(of=self, admin=admin, viewer=viewer, prefect=of_prefect, page=page)
            faces.secrets |= {token: "token of an administrator", made: "token of a viewer"}
            yield faces

    def _first_token(self) -> str:
        """Made at the terminal: nobody has one yet."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("PREFECT_", "NETSTACKS_"))}
        done = subprocess.run(
            [*_CLI, "token", "create", f"admin-{os.urandom(4).hex()}", "--role", "admin"],
            env=kept | {"NETSTACKS_STATE_DIR": str(self.state)},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    @property
    def prefect_database_url(self) -> str:
        passwords = json.loads((self.state / "passwords.json").read_text())
        return _as_role(self.running.database_url, "prefect", passwords["prefect"], "prefect")


def _as_role(url: str, role: str, password: str, database: str = "netstacks") -> str:
    parts = urlsplit(url)
    netloc = f"{role}:{quote(password, safe='')}@127.0.0.1:{parts.port}"
    return urlunsplit(parts._replace(netloc=netloc, path=f"/{database}"))


def _documented_sql() -> str:
    """The statements that docs/security.md advises."""
    text = (Path(__file__).parents[3] / "docs" / "security.md").read_text()
    return text.split("```sql\n")[1].split("```")[0]


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

    async def give_workers_their_role(self) -> None:
        """Let runs log in to our database as docs/security.md advises."""
        self.secrets[WORKERS_PASSWORD] = "database password of workers"
        state = self.of.state
        admin = (state / "postgres/admin-password").read_text().strip()
        url = _as_role(self.of.running.database_url, "netstacks_admin", admin)
        text = _documented_sql().replace("another one", WORKERS_PASSWORD)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(text.encode())
        workers = _as_role(self.of.running.database_url, "netstacks_worker", WORKERS_PASSWORD)
        kept = {k: v for k, v in os.environ.items() if not k.startswith("PREFECT_")}
        environment = kept | {
            "PREFECT_API_URL": self.of.running.prefect_api_url,
            "PREFECT_API_AUTH_STRING": str(self.of.running.prefect_auth_string),
            "PREFECT_HOME": str(state / "prefect"),
        }
        saved = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "blocks"), stdin=subprocess.PIPE, env=environment
        )
        await saved.communicate(json.dumps({"database_url": workers}).encode())
        assert saved.returncode == 0

    def workers_may_not(self) -> list[str]:
        """What the role of workers is refused of what would help whoever steals one."""
        log = self.of.state / "logs" / "postgres.log"
        assert "permission denied" not in log.read_text(), "runs lack a right"
        url = _as_role(self.of.running.database_url, "netstacks_worker", WORKERS_PASSWORD)
        refused = []
        with psycopg.connect(url, autocommit=True) as connection:
            for statement in FORBIDDEN:
                try:
                    connection.execute(statement.encode())
                except psycopg.errors.InsufficientPrivilege:
                    refused.append(statement)
        return refused

    async def things_go_wrong(self) -> dict[str, str]:
        """Whatever can, with secrets at hand; returns those that were brought."""
        await self._sign_in()
        mishaps = Mishaps(self.admin, self.prefect)
        await mishaps.happen()
        assert mishaps.states == EXPECTED, mishaps.states
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
            if form["name"] != mistaken:
                # A name that is refused stands in the form again, for whoever typed it.
                self.answers.append(answer.content)
        for cookie in self.page.cookies.jar:
            self.secrets[str(cookie.value)] = f"cookie {cookie.name}"

    async def searched(self, search: Search) -> None:
        """Every place that there is."""
        watch = self.of.watch
        watch.look()
        search.look("what the command said", [self.of.said.encode()])
        search.look("command lines of all processes", watch.command_lines)
        assert watch.environments, "no script was seen"
        search.look("environments of scripts", watch.environments)
        self._kept(search)
        for kind in places.KINDS:
            found = [one async for one in places.of_prefect(self.prefect, kind)]
            search.look(f"Prefect's API: {kind}", found)
        found = [one async for one in places.of_events(self.prefect)]
        search.look("Prefect's API: events", found)
        found = [one async for one in places.of_api(self.admin, configurations=False)]
        search.look("our API, to an administrator, but configurations' texts", found)
        found = [one async for one in places.of_api(self.viewer, configurations=True)]
        search.look("configurations' texts and diffs, to a viewer", found)
        found = [one async for one in places.of_page(self.page, self.admin)]
        search.look("our page, to an administrator", found)
        search.look("answers to what was created and to wrong requests", self.answers)

    def _kept(self, search: Search) -> None:
        """What is on the disk and in the databases."""
        state, url = self.of.state, self.of.running.database_url
        search.look("log files", places.of_files(state, logs=True))
        search.look("other files of the state folder", places.of_files(state, logs=False))
        rows = places.of_rows(url, without=_CONFIGURATION_TEXTS)
        search.look("rows of our database, but configurations' texts", rows)
        prefect_rows = places.of_rows(self.of.prefect_database_url)
        search.look("rows of Prefect's database", prefect_rows)

    async def read_with_a_workers_login(self, secrets: dict[str, str]) -> set[str]:
        """What the login in a worker's environment opens: kinds of secrets."""
        body = {"limit": 200, "include_secrets": True}
        answer = await self.prefect.post("/block_documents/filter", json=body)
        search = Search(secrets)
        search.look("Prefect's blocks", [answer.content])
        return {finding.kind for finding in search.findings}

    async def finds_what_is_leaked(self, secrets: dict[str, str]) -> None:
        """Leak one on purpose, here and there, and search again: each must be found."""
        secret = next(iter(secrets))
        leaks = {
            "log files": self.of.state / "logs" / "leak.log",
            "other files of the state folder": self.of.state / "prefect" / "leak",
        }
        for path in leaks.values():
            path.write_text(f"password={base64.b64encode(secret.encode()).decode()}")
        with psycopg.connect(self.of.running.database_url, autocommit=True) as connection:
            change = "UPDATE task_runs SET message = %s WHERE task_name = 'Canary: Echo'"
            connection.execute(change, [secret])
        saved = await self.prefect.post(
            "/variables/", json={"name": "leak", "value": f"<{secret}>"}
        )
        assert saved.status_code == 201, saved.text
        again = Search(secrets)
        self._kept(again)
        again.look("our API", [(await self.viewer.get("/runs")).content])
        for path in leaks.values():
            path.unlink()
        assert {finding.kind for finding in again.findings} == {secrets[secret]}, again.table()
        assert {finding.place for finding in again.findings} == {
            *leaks,
            "rows of our database, but configurations' texts",
            "rows of Prefect's database",
            "our API",
        }, again.table()
