"""Device groups."""

from __future__ import annotations

from typing import Annotated, Final, cast

from fastapi import APIRouter, Query, Request, Response

from netstacks_tasks.api.bodies import JsonBody
from netstacks_tasks.api.callers import Operator, Viewer
from netstacks_tasks.api.described import IN_USE, with_headers
from netstacks_tasks.api.etags import IfMatch
from netstacks_tasks.api.inventory_answers import (
    GroupAnswer,
    GroupDetails,
    GroupPage,
    MemberAnswer,
)
from netstacks_tasks.api.inventory_documents import GroupDocument
from netstacks_tasks.api.items import Key, located, tagged, unedited
from netstacks_tasks.api.pages import Place
from netstacks_tasks.api.schemas import body_of, changes_of
from netstacks_tasks.exchange.state import netstacks
from netstacks_tasks.importing import single
from netstacks_tasks.models.documents import read_document
from netstacks_tasks.store import device_search, inventory, inventory_changes
from netstacks_tasks.store.database import Database
from netstacks_tasks.store.inventory_items import DeviceGroup

router: Final = APIRouter(tags=["groups"])

_EXAMPLE: Final = {"name": "core-routers", "description": "Both data centres"}


@router.get(
    "/groups",
    summary="List device groups",
    operation_id="listGroups",
    responses={200: with_headers("Link")},
)
async def list_groups(
    _: Viewer, request: Request, response: Response, wanted: Annotated[Place, Query()]
) -> GroupPage:
    """By name, with how many devices each has."""
    db = netstacks(request).db
    found = await inventory.find(db, DeviceGroup)
    sizes = await device_search.group_sizes(db)
    wanted.link(request, response, len(found))
    items = tuple(
        GroupAnswer.of(one, device_count=sizes.get(one.id, 0)) for one in wanted.of(found)
    )
    return GroupPage(items=items, total=len(found), limit=wanted.limit, offset=wanted.offset)


@router.post(
    "/groups",
    status_code=201,
    summary="Create a device group",
    operation_id="createGroup",
    responses={201: with_headers("ETag", "Location")},
    openapi_extra=body_of(GroupDocument, _EXAMPLE),
)
async def create_group(
    _: Operator, request: Request, response: Response, body: JsonBody
) -> GroupDetails:
    """It has no devices yet: each device says to which groups it belongs."""
    db = netstacks(request).db
    made = await single.create(db, "device_groups", read_document(body))
    located(request, response, "get_group", key=str(made.id))
    return await _details(db, cast("DeviceGroup", made), response)


@router.get(
    "/groups/{key}",
    summary="Read a device group",
    operation_id="getGroup",
    responses={200: with_headers("ETag")},
)
async def get_group(_: Viewer, request: Request, response: Response, key: Key) -> GroupDetails:
    """With its devices."""
    db = netstacks(request).db
    return await _details(db, await inventory.get(db, DeviceGroup, key), response)


@router.put(
    "/groups/{key}",
    summary="Replace a device group",
    operation_id="replaceGroup",
    responses={200: with_headers("ETag")},
    openapi_extra=body_of(GroupDocument, _EXAMPLE),
)
async def replace_group(
    _: Operator,
    request: Request,
    response: Response,
    key: Key,
    body: JsonBody,
    seen: IfMatch = None,
) -> GroupDetails:
    """Its devices stay in it."""
    db = netstacks(request).db
    document = read_document(body)
    saved = await single.replace(db, "device_groups", key, document, unedited(seen))
    return await _details(db, cast("DeviceGroup", saved), response)


@router.patch(
    "/groups/{key}",
    summary="Change a device group",
    operation_id="updateGroup",
    responses={200: with_headers("ETag")},
    openapi_extra=changes_of(GroupDocument, {"description": "Being retired"}),
)
async def update_group(
    _: Operator,
    request: Request,
    response: Response,
    key: Key,
    body: JsonBody,
    seen: IfMatch = None,
) -> GroupDetails:
    """New values for some fields."""
    db = netstacks(request).db
    document = read_document(body)
    saved = await single.change(db, "device_groups", key, document, unedited(seen))
    return await _details(db, cast("DeviceGroup", saved), response)


@router.delete(
    "/groups/{key}",
    status_code=204,
    summary="Delete a device group",
    operation_id="deleteGroup",
    responses=IN_USE,
)
async def delete_group(_: Operator, request: Request, key: Key, seen: IfMatch = None) -> None:
    """Unless something works on it. Its devices stay."""
    await inventory_changes.delete(netstacks(request).db, DeviceGroup, key, unedited(seen))


async def _details(db: Database, group: DeviceGroup, response: Response) -> GroupDetails:
    tagged(response, group)
    members = await inventory.devices(db, group_id=group.id)
    return GroupDetails.of(
        group,
        device_count=len(members),
        devices=tuple(MemberAnswer(id=one.id, name=one.name) for one in members),
    )
