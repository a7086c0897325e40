"""Credentials: their names to whoever changes tasks, their secrets to nobody."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response

from netstacks_tasks.api.access_answers import CredentialAnswer, CredentialPage
from netstacks_tasks.api.access_documents import CredentialDocument, parsed
from netstacks_tasks.api.bodies import JsonBody
from netstacks_tasks.api.callers import Admin, Operator
from netstacks_tasks.api.described import IN_USE, PREFECT, with_headers
from netstacks_tasks.api.etags import IfMatch
from netstacks_tasks.api.items import Key, located, tagged, unedited
from netstacks_tasks.api.pages import Place
from netstacks_tasks.api.schemas import body_of
from netstacks_tasks.embedded.credentials import (
    NewCredential,
    replace_credential,
    save_credential,
)
from netstacks_tasks.errors import InvalidInput
from netstacks_tasks.exchange.state import netstacks
from netstacks_tasks.importing.entries import name_fault
from netstacks_tasks.store import inventory, inventory_changes
from netstacks_tasks.store.inventory_items import Credential

router: Final = APIRouter(tags=["credentials"])

_EXAMPLE: Final = {"name": "core", "username": "backup", "password": "not this one"}
_ROW: Final = {"id", "name", "block"}


@router.get(
    "/credentials",
    summary="List credentials",
    operation_id="listCredentials",
    responses={200: with_headers("Link")},
)
async def list_credentials(
    _: Operator, request: Request, response: Response, wanted: Annotated[Place, Query()]
) -> CredentialPage:
    """By name; never their secrets."""
    found = await inventory.find(netstacks(request).db, Credential)
    wanted.link(request, response, len(found))
    items = tuple(CredentialAnswer.of(one) for one in wanted.of(found))
    return CredentialPage(items=items, total=len(found), limit=wanted.limit, offset=wanted.offset)


@router.post(
    "/credentials",
    status_code=201,
    summary="Create a credential",
    operation_id="createCredential",
    responses={201: with_headers("ETag", "Location"), **PREFECT},
    openapi_extra=body_of(CredentialDocument, _EXAMPLE),
)
async def create_credential(
    _: Admin, request: Request, response: Response, body: JsonBody
) -> CredentialAnswer:
    """Its secrets go into a block of Prefect's; no answer ever holds them."""
    of = netstacks(request)
    new = _given(body)
    if any(one.name == new.name for one in await inventory.find(of.db, Credential)):
        message = "there is another credential with this name: choose a different one"
        raise InvalidInput.single("name", message)
    made = await save_credential(of.db, of.endpoints, new)
    located(request, response, "get_credential", key=str(made.id))
    return CredentialAnswer.of(tagged(response, made))


@router.get(
    "/credentials/{key}",
    summary="Read a credential",
    operation_id="getCredential",
    responses={200: with_headers("ETag")},
)
async def get_credential(
    _: Operator, request: Request, response: Response, key: Key
) -> CredentialAnswer:
    """Its name and its block; never its secrets."""
    found = await inventory.get(netstacks(request).db, Credential, key)
    return CredentialAnswer.of(tagged(response, found))


@router.put(
    "/credentials/{key}",
    summary="Replace a credential's secrets",
    operation_id="replaceCredential",
    responses={200: with_headers("ETag"), **PREFECT},
    openapi_extra=body_of(CredentialDocument, _EXAMPLE),
)
async def put_credential(
    _: Admin,
    request: Request,
    response: Response,
    key: Key,
    body: JsonBody,
    seen: IfMatch = None,
) -> CredentialAnswer:
    """All of them: a field that is left out is empty from then on."""
    of = netstacks(request)
    saved = await replace_credential(of.db, of.endpoints, key, _given(body), unedited(seen))
    return CredentialAnswer.of(tagged(response, saved))


@router.delete(
    "/credentials/{key}",
    status_code=204,
    summary="Delete a credential",
    operation_id="deleteCredential",
    responses=IN_USE,
)
async def delete_credential(_: Admin, request: Request, key: Key, seen: IfMatch = None) -> None:
    """Unless something uses it. Its block, which has the secrets, stays in Prefect."""
    await inventory_changes.delete(netstacks(request).db, Credential, key, unedited(seen))


def _given(body: bytes) -> NewCredential:
    document = parsed(CredentialDocument, body)
    if fault := name_fault(document.name):
        raise InvalidInput.single("name", fault)
    fields: dict[str, Any] = document.model_dump(exclude=_ROW, exclude_unset=True)
    if document.block is not None and fields:
        raise InvalidInput.single("block", "has its fields already: leave the other fields out")
    return NewCredential(
        name=document.name,
        id=document.id,
        block=document.block,
        fields=None if document.block is not None else fields,
    )
