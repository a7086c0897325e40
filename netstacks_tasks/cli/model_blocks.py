"""Saves, lists and removes the Prefect blocks that say where a language model is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from netstacks_tasks.embedded.block_documents import save_block_documents
from netstacks_tasks.errors import InvalidInput, NotFound
from netstacks_tasks.models.parameters import (
    DEFAULT_MODEL_BLOCK,
    AgentTaskParameters,
    check_block_name,
)
from netstacks_tasks.store import tasks
from netstacks_tasks.store.tasks import TaskFilter

if TYPE_CHECKING:
    from prefect.client.schemas.objects import BlockDocument

    from netstacks_tasks.wiring import NetStacks

BLOCK_TYPE: Final = "netstacks-model-endpoint"
_NEEDED: Final = {"base_url": "--base-url", "model": "--model"}


async def save_model(netstacks: NetStacks, name: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Write a block; what is not given stays as it is, the key too. Returns it without the key.

    Raises:
        InvalidInput: a field is missing or refused.
        SyncError: Prefect does not answer, or refuses.
    """
    try:
        check_block_name(name)
    except ValueError as error:
        raise InvalidInput.single("NAME", str(error)) from None
    before = await _fields(netstacks, name)
    whole = {**before, **fields}
    for field, option in _NEEDED.items():
        if not whole.get(field):
            raise InvalidInput.single(option, f"needed for a new block, as {name!r} is")
    await save_block_documents(
        api_url=netstacks.endpoints.api_url,
        home=netstacks.endpoints.make_home(),
        model_endpoints={name: whole},
    )
    return _shown(name, await _fields(netstacks, name))


async def list_models(netstacks: NetStacks) -> list[dict[str, Any]]:
    """Every block by name, without its key."""
    # Prefect takes seconds to import.
    from prefect.exceptions import ObjectNotFound

    from netstacks_tasks.sync.prefect_errors import open_client, translated

    async with open_client(netstacks.endpoints.api_url) as client, translated("read the blocks"):
        try:
            found = await client.read_block_documents_by_type(BLOCK_TYPE, include_secrets=False)
        except ObjectNotFound:
            return []  # no block of this type was ever saved
    return sorted(
        (_shown(one.name or "", one.data) for one in found), key=lambda shown: shown["name"]
    )


async def remove_model(netstacks: NetStacks, name: str) -> None:
    """Delete a block that no task uses.

    Raises:
        NotFound: there is none.
        InvalidInput: a task uses it.
    """
    from netstacks_tasks.sync.prefect_errors import open_client, translated

    document = await _document(netstacks, name)
    if document is None:
        raise NotFound("model", name)
    users = await _users(netstacks, name)
    if users:
        raise InvalidInput.single(
            "NAME", f"{name!r} is used by the task {', '.join(map(repr, users))}: change it first"
        )
    async with open_client(netstacks.endpoints.api_url) as client, translated("remove the block"):
        await client.delete_block_document(document.id)


async def _users(netstacks: NetStacks, name: str) -> list[str]:
    found = await tasks.find(netstacks.db, TaskFilter(task_type="agent_task"))
    return [
        task.name
        for task in found
        if isinstance(task.spec.parameters, AgentTaskParameters)
        and (task.spec.parameters.model_block or DEFAULT_MODEL_BLOCK) == name
    ]


async def _fields(netstacks: NetStacks, name: str) -> dict[str, Any]:
    """What a block holds, its key included; empty when there is none."""
    document = await _document(netstacks, name)
    return {} if document is None else dict(document.data)


async def _document(netstacks: NetStacks, name: str) -> BlockDocument | None:
    from prefect.exceptions import ObjectNotFound

    from netstacks_tasks.sync.prefect_errors import open_client, translated

    async with open_client(netstacks.endpoints.api_url) as client, translated("read the block"):
        try:
            return await client.read_block_document_by_name(name, BLOCK_TYPE)
        except ObjectNotFound:
            return None


def _shown(name: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": name} | {field: value for field, value in fields.items() if field != "api_key"}
