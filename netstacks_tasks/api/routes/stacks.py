"""Stacks: versioned sets of templates."""

from __future__ import annotations

from typing import Annotated, Final, cast

from fastapi import APIRouter, Query, Request, Response

from netstacks_tasks.api.bodies import JsonBody
from netstacks_tasks.api.callers import Operator
from netstacks_tasks.api.described import IN_USE, with_headers
from netstacks_tasks.api.etags import IfMatch
from netstacks_tasks.api.inventory_documents import StackDocument
from netstacks_tasks.api.items import Key, located, tagged, unedited
from netstacks_tasks.api.pages import Place
from netstacks_tasks.api.parameters import LARGEST
from netstacks_tasks.api.schemas import body_of
from netstacks_tasks.api.stack_answers import (
    StackAnswer,
    StackPage,
    StackSummary,
    StackVersionAnswer,
    StackVersions,
)
from netstacks_tasks.exchange.state import netstacks
from netstacks_tasks.importing import single
from netstacks_tasks.models.documents import read_document
from netstacks_tasks.store import inventory, inventory_changes, stack_history
from netstacks_tasks.store.inventory_items import Stack

router: Final = APIRouter(tags=["stacks"])

Version = Annotated[
    int | None, Query(ge=1, le=LARGEST, description="This one instead of the newest.")
]
_EXAMPLE: Final = {
    "name": "access-vlans",
    "templates": {"vlans": "vlan {{ vlan_id }}\n name {{ vlan_name }}\n"},
    "variables": {"vlan_name": "users"},
}


@router.get(
    "/stacks",
    summary="List stacks",
    operation_id="listStacks",
    responses={200: with_headers("Link")},
)
async def list_stacks(
    _: Operator, request: Request, response: Response, wanted: Annotated[Place, Query()]
) -> StackPage:
    """By name, in their newest versions, without the templates' texts."""
    found = await inventory.find(netstacks(request).db, Stack)
    wanted.link(request, response, len(found))
    items = tuple(StackSummary.of(one) for one in wanted.of(found))
    return StackPage(items=items, total=len(found), limit=wanted.limit, offset=wanted.offset)


@router.post(
    "/stacks",
    status_code=201,
    summary="Create a stack",
    operation_id="createStack",
    responses={201: with_headers("ETag", "Location")},
    openapi_extra=body_of(StackDocument, _EXAMPLE),
)
async def create_stack(
    _: Operator, request: Request, response: Response, body: JsonBody
) -> StackAnswer:
    """Its first version. Templates that cannot be read are refused, with their lines."""
    made = await single.create(netstacks(request).db, "stacks", read_document(body))
    located(request, response, "get_stack", key=str(made.id))
    return StackAnswer.of(cast("Stack", tagged(response, made)))


@router.get(
    "/stacks/{key}",
    summary="Read a stack",
    operation_id="getStack",
    responses={200: with_headers("ETag")},
)
async def get_stack(
    _: Operator, request: Request, response: Response, key: Key, version: Version = None
) -> StackAnswer:
    """With its templates and variables. The ETag is that of the newest version."""
    db = netstacks(request).db
    newest = tagged(response, await inventory.get(db, Stack, key))
    if version is None:
        return StackAnswer.of(newest)
    return StackAnswer.of(await inventory.stack_version(db, newest.id, version))


@router.get(
    "/stacks/{key}/versions", summary="List versions of a stack", operation_id="listStackVersions"
)
async def list_versions(_: Operator, request: Request, key: Key) -> StackVersions:
    """The newest first."""
    db = netstacks(request).db
    stack = await inventory.get(db, Stack, key)
    found = await stack_history.versions(db, stack.id)
    items = tuple(
        StackVersionAnswer(version=one.version, created_at=one.created_at) for one in found
    )
    return StackVersions(items=items)


@router.put(
    "/stacks/{key}",
    summary="Replace a stack",
    operation_id="replaceStack",
    responses={200: with_headers("ETag")},
    openapi_extra=body_of(StackDocument, _EXAMPLE),
)
async def replace_stack(
    _: Operator,
    request: Request,
    response: Response,
    key: Key,
    body: JsonBody,
    seen: IfMatch = None,
) -> StackAnswer:
    """Other templates or variables make the next version.

    Instances stay with the version they name until they are changed.
    """
    db, document = netstacks(request).db, read_document(body)
    saved = await single.replace(db, "stacks", key, document, unedited(seen))
    return StackAnswer.of(cast("Stack", tagged(response, saved)))


@router.delete(
    "/stacks/{key}",
    status_code=204,
    summary="Delete a stack",
    operation_id="deleteStack",
    responses=IN_USE,
)
async def delete_stack(_: Operator, request: Request, key: Key, seen: IfMatch = None) -> None:
    """With all its versions, unless it has instances."""
    await inventory_changes.delete(netstacks(request).db, Stack, key, unedited(seen))
