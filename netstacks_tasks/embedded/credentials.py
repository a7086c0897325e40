"""Saves a credential: a Prefect block with the secrets, and a row that names it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID, uuid4

from pydantic import ValidationError

from netstacks_tasks.embedded.block_documents import save_block_documents
from netstacks_tasks.embedded.endpoints import Endpoints
from netstacks_tasks.errors import InvalidInput, Problem
from netstacks_tasks.models.ids import CredentialId
from netstacks_tasks.models.inventory import DeviceCredential
from netstacks_tasks.store import audit, inventory, inventory_changes
from netstacks_tasks.store.audit import Deed
from netstacks_tasks.store.database import Database
from netstacks_tasks.store.inventory_items import Credential

BLOCK_TYPE: Final = "netstacks-device-credentials"
_LONGEST: Final = 40
_BLOCK_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,200}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCredential:
    """What the person gave."""

    name: str
    id: UUID | None = None
    block: str | None = None
    """A block that exists; then there are no fields."""
    fields: Mapping[str, Any] | None = field(default=None, repr=False)
    """Of a block to be written; they hold secrets."""


async def save_credential(db: Database, reach: Endpoints, new: NewCredential) -> Credential:
    """Write the block, then the row; the same name again replaces the secrets.

    Raises:
        InvalidInput: a field is refused, the id is another one's, or there is
            no such block.
        SyncError: Prefect does not answer, or refuses.
    """
    known = {one.name: one for one in await inventory.find(db, Credential)}
    before = known.get(new.name)
    if before is not None and new.id not in {None, before.id}:
        raise InvalidInput.single(
            "id", f"the credential {new.name!r} has the id {before.id}: leave the id out"
        )
    if any(one.id == new.id for one in known.values() if one is not before):
        raise InvalidInput.single("id", f"another credential has the id {new.id}: choose another")
    key = before.id if before is not None else CredentialId(new.id or uuid4())
    return await _save(db, reach, key, new, before)


async def replace_credential(
    db: Database,
    reach: Endpoints,
    key: UUID | str,
    new: NewCredential,
    check: Callable[[Credential], None],
) -> Credential:
    """Give a known credential other secrets or another block, and perhaps another name.

    Args:
        db: holds the row.
        reach: tells where Prefect is.
        key: the credential's id or its name by now.
        new: what it is to be.
        check: refuses, by an error, the credential as it is by now.

    Raises:
        NotFound: there is none.
        InvalidInput: as for `save_credential`, or the name is another one's.
        SyncError: Prefect does not answer, or refuses.
    """
    before = await inventory.get(db, Credential, key)
    check(before)
    if new.id not in {None, before.id}:
        raise InvalidInput.single("id", f"is {before.id} and stays so: leave the id out")
    if any(
        one.name == new.name and one.id != before.id for one in await inventory.find(db, Credential)
    ):
        raise InvalidInput.single("name", "another credential has this name: choose another")
    return await _save(db, reach, before.id, new, before)


async def _save(
    db: Database,
    reach: Endpoints,
    key: CredentialId,
    new: NewCredential,
    before: Credential | None,
) -> Credential:
    credential = Credential(id=key, name=new.name, block_name=_block_name(new, key, before))
    if new.fields is None:
        await _check_block(reach, credential.block_name)
    else:
        await _write_block(reach, credential.block_name, new.fields)
    await inventory_changes.save(db, [credential])
    if new.fields is not None and before is not None:
        # The row may be the same as before, and its trigger say nothing.
        await audit.record(
            db,
            Deed(
                action="secrets replaced",
                kind="credential",
                object_id=credential.id,
                object_name=credential.name,
            ),
        )
    return credential


def _block_name(new: NewCredential, key: CredentialId, before: Credential | None) -> str:
    if new.block is not None:
        return new.block
    if before is not None:
        return before.block_name
    # With its id: a block of another credential, or of another installation
    # on the same Prefect server, must not be written over.
    return f"{_simplified(new.name)}-{key.hex[:8]}"


async def _write_block(reach: Endpoints, block: str, fields: Mapping[str, Any]) -> None:
    _check_fields(fields)
    try:
        await save_block_documents(
            api_url=reach.api_url, home=reach.make_home(), device_credentials={block: fields}
        )
    except InvalidInput as error:
        raise InvalidInput(_without_block(block, error)) from None


def _check_fields(fields: Mapping[str, Any]) -> None:
    """Their names and types; the block itself knows the rest, and takes seconds to ask."""
    try:
        DeviceCredential.model_validate(fields)
    except ValidationError as error:
        raise InvalidInput(
            [
                Problem(field=".".join(str(part) for part in fault["loc"]), message=fault["msg"])
                for fault in error.errors(include_input=False, include_url=False)
            ]
        ) from None


def _without_block(block: str, error: InvalidInput) -> list[Problem]:
    """The block's own words, each at its field."""
    said = "; ".join(problem.message for problem in error.problems)
    parts = re.split(rf"(?:^|; ){re.escape(block)}(?:\.([a-z_]+))?: ", said)
    told = zip(parts[1::2], parts[2::2], strict=True)
    return [Problem(field=name or "", message=message) for name, message in told] or [
        Problem(field="", message=said)
    ]


async def _check_block(reach: Endpoints, name: str) -> None:
    if not _BLOCK_NAME.fullmatch(name):
        message = "is no name of a Prefect block: write letters, digits and dashes"
        raise InvalidInput.single("block", message)
    # Prefect takes seconds to import.
    from prefect.exceptions import ObjectNotFound  # noqa: PLC0415

    from netstacks_tasks.sync.prefect_errors import open_client, translated  # noqa: PLC0415

    async with open_client(reach.api_url) as client, translated("read the block"):
        try:
            await client.read_block_document_by_name(name, BLOCK_TYPE, include_secrets=False)
        except ObjectNotFound:
            raise InvalidInput.single(
                "block", f"Prefect has no block {BLOCK_TYPE}/{name}: save it there first"
            ) from None


def _simplified(name: str) -> str:
    """The name in what Prefect allows for blocks: lower-case letters, digits and dashes."""
    return re.sub(r"[^a-z0-9]+", "-", name.casefold())[:_LONGEST].strip("-") or "credential"
