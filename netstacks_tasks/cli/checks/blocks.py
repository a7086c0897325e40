"""The Prefect blocks that flow runs load: there, readable, and of this installation."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from prefect.blocks.core import Block
from prefect.client.orchestration import PrefectClient
from prefect.exceptions import ObjectNotFound
from prefect.plugins import load_prefect_collections
from pydantic import ValidationError

from netstacks_tasks.cli.checks.finding import Finding, fail, ok, warn
from netstacks_tasks.cli.checks.machine import disk
from netstacks_tasks.models.parameters import DEFAULT_MODEL_BLOCK, AgentTaskParameters
from netstacks_tasks.store import inventory, tasks
from netstacks_tasks.store.database import Database
from netstacks_tasks.store.inventory_items import Credential
from netstacks_tasks.store.tasks import TaskFilter
from netstacks_tasks.sync.prefect_errors import translated

_DATABASE: Final = ("sqlalchemy-connector", "netstacks-database")
_STORE: Final = ("netstacks-config-store", "netstacks-config-store")
_CREDENTIALS: Final = "netstacks-device-credentials"
_MODELS: Final = "netstacks-model-endpoint"
_MEND: Final = "run `netstacks up` here, or `python -m blocks` as the README says"


async def blocks(client: PrefectClient, database_url: str) -> AsyncIterator[Finding]:
    """Look at the blocks that every flow run of this installation needs.

    Raises:
        NetstacksError: they cannot be looked at.
    """
    load_prefect_collections()
    data = await _loaded(client, *_DATABASE)
    yield data if isinstance(data, Finding) else same_database(data, database_url)
    data = await _loaded(client, *_STORE)
    if isinstance(data, Finding):
        yield data
    else:
        for finding in config_store(Path(str(data.get("root", "")))):
            yield finding


async def credentials(client: PrefectClient, database_url: str) -> AsyncIterator[Finding]:
    """Look at the block of every credential of the inventory.

    Raises:
        NetstacksError: they cannot be looked at.
    """
    async with Database.open(database_url, migrate=False) as db:
        known = await inventory.find(db, Credential)
    faulty = 0
    for credential in known:
        data = await _loaded(client, _CREDENTIALS, credential.block_name)
        if isinstance(data, Finding):
            faulty += 1
            mend = f"netstacks credential add '{credential.name}'"
            yield fail(f"credential {credential.name}", data.found, mend)
    if not faulty:
        yield ok("credentials", f"{len(known)} in the inventory, each with its block")


async def models(client: PrefectClient, database_url: str) -> AsyncIterator[Finding]:
    """Look at the block of every model that a task asks.

    Raises:
        NetstacksError: they cannot be looked at.
    """
    async with Database.open(database_url, migrate=False) as db:
        asking = await tasks.find(db, TaskFilter(task_type="agent_task", enabled=True))
    users: dict[str, str] = {}
    for task in asking:
        parameters = task.spec.parameters
        if isinstance(parameters, AgentTaskParameters):
            users.setdefault(parameters.model_block or DEFAULT_MODEL_BLOCK, task.name)
    for name, user in users.items():
        data = await _loaded(client, _MODELS, name)
        if isinstance(data, Finding):
            mend = f"netstacks model set {name} --base-url http://HOST:PORT/v1 --model MODEL"
            yield fail(f"model {name}", f"{data.found}; the task {user!r} asks it", mend)
        else:
            yield ok(f"model {name}", f"{data.get('model')} at {data.get('base_url')}")


async def _loaded(client: PrefectClient, slug: str, name: str) -> Finding | dict[str, Any]:
    """The data of a block that its class accepts, or what is wrong with it."""
    subject = f"block {name}"
    async with translated("read the blocks"):
        try:
            found = await client.read_block_document_by_name(name, slug, include_secrets=True)
        except ObjectNotFound:
            return fail(subject, f"Prefect has no block {slug}/{name}", _MEND)
    try:
        await Block.aload(f"{slug}/{name}", client=client)
    except ValidationError as error:
        # Its text may repeat a secret.
        fields = sorted({str(fault["loc"][0]) for fault in error.errors() if fault["loc"]})
        return fail(subject, f"{slug}/{name} is faulty: {', '.join(fields)}", _MEND)
    except (RuntimeError, ValueError) as error:
        return fail(subject, f"{slug}/{name} cannot be loaded: {type(error).__name__}", _MEND)
    return dict(found.data)


def same_database(data: Mapping[str, Any], url: str) -> Finding:
    """Whether flow runs use the database that this command uses."""
    info = data.get("connection_info")
    if not isinstance(info, Mapping):
        return ok("block netstacks-database", "loads")
    ours = urlsplit(url)
    here = f"{ours.hostname}:{ours.port or 5432}/{unquote(ours.path.lstrip('/'))}"
    there = f"{info.get('host')}:{info.get('port') or 5432}/{info.get('database')}"
    if here == there:
        return ok("block netstacks-database", "loads; flow runs use the database of this command")
    return warn(
        "block netstacks-database",
        f"flow runs use {there}, this command {here}",
        "if these are two databases, set NETSTACKS_DATABASE_URL to that one, or save the block",
    )


def config_store(root: Path) -> list[Finding]:
    """Whether the folder of the newest configurations can be written, as far as seen from here."""
    subject = "config store"
    there = next((path for path in (root, *root.parents) if path.exists()), Path("/"))
    if not os.access(there, os.W_OK | os.X_OK):
        return [
            warn(
                subject,
                f"{root} cannot be written by this user",
                "right if workers are elsewhere or another user; else change its owner",
            )
        ]
    return [ok("block netstacks-config-store", f"loads; {root}"), disk(subject, root)]
