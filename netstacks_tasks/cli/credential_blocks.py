"""Saves a credential: a Prefect block with the secrets, and a row that names it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID, uuid4

from netstacks_tasks.embedded.block_documents import save_block_documents
from netstacks_tasks.errors import InvalidInput
from netstacks_tasks.models.ids import CredentialId
from netstacks_tasks.store import inventory, inventory_changes
from netstacks_tasks.store.inventory_items import Credential

if TYPE_CHECKING:
    from netstacks_tasks.wiring import NetStacks

BLOCK_TYPE: Final = "netstacks-device-credentials"
_LONGEST: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCredential:
    """What the person gave."""

    name: str
    id: UUID | None
    block: str | None
    """A block that exists; then there are no fields."""
    fields: Mapping[str, Any] | None = field(repr=False)
    """Of a block to be written; they hold secrets."""


async def save_credential(netstacks: NetStacks, new: NewCredential) -> Credential:
    """Write the block, then the row; the same name again replaces the secrets.

    Raises:
        InvalidInput: a field is refused, the id is another one's, or there is
            no such block.
        SyncError: Prefect does not answer, or refuses.
    """
    api_url = netstacks.endpoints.api_url
    credential = await _credential(netstacks, new)
    if new.fields is None:
        await _check_block(api_url, credential.block_name)
    else:
        home = netstacks.endpoints.make_home()
        await save_block_documents(
            api_url=api_url, home=home, device_credentials={credential.block_name: new.fields}
        )
    await inventory_changes.save(netstacks.db, [credential])
    return credential


async def _credential(netstacks: NetStacks, new: NewCredential) -> Credential:
    known = {one.name: one for one in await inventory.find(netstacks.db, Credential)}
    before = known.get(new.name)
    if before is not None and new.id not in {None, before.id}:
        raise InvalidInput.single(
            "--id", f"the credential {new.name!r} has the id {before.id}: leave --id out"
        )
    if any(one.id == new.id for one in known.values() if one is not before):
        raise InvalidInput.single("--id", f"another credential has the id {new.id}: choose another")
    key = before.id if before is not None else CredentialId(new.id or uuid4())
    if new.block is not None:
        block = new.block
    elif before is not None:
        block = before.block_name
    else:
        # With its id: a block of another credential, or of another installation
        # on the same Prefect server, must not be written over.
        block = f"{_simplified(new.name)}-{key.hex[:8]}"
    return Credential(id=key, name=new.name, block_name=block)


async def _check_block(api_url: str, name: str) -> None:
    # Prefect takes seconds to import.
    from prefect.exceptions import ObjectNotFound

    from netstacks_tasks.sync.prefect_errors import open_client, translated

    async with open_client(api_url) as client, translated("read the block"):
        try:
            await client.read_block_document_by_name(name, BLOCK_TYPE, include_secrets=False)
        except ObjectNotFound:
            raise InvalidInput.single(
                "--block", f"Prefect has no block {BLOCK_TYPE}/{name}: save it there first"
            ) from None


def _simplified(name: str) -> str:
    """The name in what Prefect allows for blocks: lower-case letters, digits and dashes."""
    return re.sub(r"[^a-z0-9]+", "-", name.casefold())[:_LONGEST].strip("-") or "credential"
