"""Stored scripts."""

from __future__ import annotations

from typing import Annotated, Final, cast

from fastapi import APIRouter, Query, Request, Response

from netstacks_tasks.api.bodies import JsonBody
from netstacks_tasks.api.callers import Operator
from netstacks_tasks.api.described import IN_USE, with_headers
from netstacks_tasks.api.etags import IfMatch
from netstacks_tasks.api.inventory_answers import ScriptAnswer, ScriptPage, ScriptSummary
from netstacks_tasks.api.inventory_documents import ScriptDocument
from netstacks_tasks.api.items import Key, located, tagged, unedited
from netstacks_tasks.api.pages import Place
from netstacks_tasks.api.schemas import body_of, changes_of
from netstacks_tasks.exchange.state import netstacks
from netstacks_tasks.importing import single
from netstacks_tasks.models.documents import read_document
from netstacks_tasks.store import inventory, inventory_changes
from netstacks_tasks.store.inventory_items import Item, Script

router: Final = APIRouter(tags=["scripts"])

_EXAMPLE: Final = {"name": "count-routes", "interpreter": "python", "body": "print('hello')\n"}


@router.get(
    "/scripts",
    summary="List scripts",
    operation_id="listScripts",
    responses={200: with_headers("Link")},
)
async def list_scripts(
    _: Operator, request: Request, response: Response, wanted: Annotated[Place, Query()]
) -> ScriptPage:
    """By name, without their texts."""
    found = await inventory.find(netstacks(request).db, Script)
    wanted.link(request, response, len(found))
    items = tuple(ScriptSummary.of(one) for one in wanted.of(found))
    return ScriptPage(items=items, total=len(found), limit=wanted.limit, offset=wanted.offset)


@router.post(
    "/scripts",
    status_code=201,
    summary="Create a script",
    operation_id="createScript",
    responses={201: with_headers("ETag", "Location")},
    openapi_extra=body_of(ScriptDocument, _EXAMPLE),
)
async def create_script(
    _: Operator, request: Request, response: Response, body: JsonBody
) -> ScriptAnswer:
    """Tasks run it by its id."""
    made = await single.create(netstacks(request).db, "scripts", read_document(body))
    located(request, response, "get_script", key=str(made.id))
    return _shown(response, made)


@router.get(
    "/scripts/{key}",
    summary="Read a script",
    operation_id="getScript",
    responses={200: with_headers("ETag")},
)
async def get_script(_: Operator, request: Request, response: Response, key: Key) -> ScriptAnswer:
    """With its text."""
    return _shown(response, await inventory.get(netstacks(request).db, Script, key))


@router.put(
    "/scripts/{key}",
    summary="Replace a script",
    operation_id="replaceScript",
    responses={200: with_headers("ETag")},
    openapi_extra=body_of(ScriptDocument, _EXAMPLE),
)
async def replace_script(
    _: Operator,
    request: Request,
    response: Response,
    key: Key,
    body: JsonBody,
    seen: IfMatch = None,
) -> ScriptAnswer:
    """Every task that runs it runs the new text from then on."""
    db, document = netstacks(request).db, read_document(body)
    saved = await single.replace(db, "scripts", key, document, unedited(seen))
    return _shown(response, saved)


@router.patch(
    "/scripts/{key}",
    summary="Change a script",
    operation_id="updateScript",
    responses={200: with_headers("ETag")},
    openapi_extra=changes_of(ScriptDocument, {"body": "print('hello again')\n"}),
)
async def update_script(
    _: Operator,
    request: Request,
    response: Response,
    key: Key,
    body: JsonBody,
    seen: IfMatch = None,
) -> ScriptAnswer:
    """New values for some fields."""
    db, document = netstacks(request).db, read_document(body)
    saved = await single.change(db, "scripts", key, document, unedited(seen))
    return _shown(response, saved)


@router.delete(
    "/scripts/{key}",
    status_code=204,
    summary="Delete a script",
    operation_id="deleteScript",
    responses=IN_USE,
)
async def delete_script(_: Operator, request: Request, key: Key, seen: IfMatch = None) -> None:
    """Unless a task runs it."""
    await inventory_changes.delete(netstacks(request).db, Script, key, unedited(seen))


def _shown(response: Response, script: Item) -> ScriptAnswer:
    return ScriptAnswer.of(cast("Script", tagged(response, script)))
