"""Devices and the SSH host keys that are trusted for them."""

from __future__ import annotations

from typing import Annotated, Final, cast
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from netstacks_tasks.api.bodies import JsonBody
from netstacks_tasks.api.callers import Operator, Viewer
from netstacks_tasks.api.described import IN_USE, with_headers
from netstacks_tasks.api.etags import IfMatch
from netstacks_tasks.api.inventory_answers import (
    DeviceAnswer,
    DeviceDetails,
    DevicePage,
    ForgottenKeys,
    HostKeyAnswer,
    HostKeys,
)
from netstacks_tasks.api.inventory_documents import DeviceDocument
from netstacks_tasks.api.items import Key, located, tagged, unedited
from netstacks_tasks.api.pages import Place
from netstacks_tasks.api.parameters import Text
from netstacks_tasks.api.schemas import body_of, changes_of
from netstacks_tasks.errors import InvalidInput, NotFound
from netstacks_tasks.exchange.state import netstacks
from netstacks_tasks.importing import single
from netstacks_tasks.models.documents import read_document
from netstacks_tasks.models.inventory import Device
from netstacks_tasks.store import device_search, inventory, inventory_changes
from netstacks_tasks.store.database import Database
from netstacks_tasks.store.device_search import DeviceSearch
from netstacks_tasks.store.host_keys import StoredHostKeys
from netstacks_tasks.store.inventory_items import Credential, DeviceGroup

router: Final = APIRouter(tags=["devices"])

_EXAMPLE: Final = {
    "name": "core-rtr-01",
    "host": "192.0.2.1",
    "platform": "ios",
    "site": "west",
    "groups": ["core-routers"],
    "credential": "core",
}


class DeviceQuery(Place):
    """Which devices, a page of them."""

    text: Text | None = Field(default=None, description="Only with this in their name or host.")
    group: Text | None = Field(default=None, description="Only of this group, by its id or name.")
    platform: Text | None = Field(default=None, description="Only of this platform, e.g. `ios`.")
    site: Text | None = Field(default=None, description="Only those that stand there.")
    credential: Text | None = Field(
        default=None, description="Only those that use this credential, by its id or name."
    )


@router.get(
    "/devices",
    summary="List devices",
    operation_id="listDevices",
    responses={200: with_headers("Link")},
)
async def list_devices(
    _: Viewer, request: Request, response: Response, wanted: Annotated[DeviceQuery, Query()]
) -> DevicePage:
    """Those that match, by name, a page at a time."""
    db = netstacks(request).db
    search = DeviceSearch(
        text=wanted.text,
        platform=wanted.platform,
        site=wanted.site,
        group_id=await _id_of(db, DeviceGroup, "group", wanted.group),
        credential_id=await _id_of(db, Credential, "credential", wanted.credential),
    )
    found, total = await device_search.devices(
        db, search, limit=wanted.limit, offset=wanted.offset
    )  # fmt: skip
    wanted.link(request, response, total)
    items = tuple(DeviceAnswer.of(one) for one in found)
    return DevicePage(items=items, total=total, limit=wanted.limit, offset=wanted.offset)


@router.post(
    "/devices",
    status_code=201,
    summary="Create a device",
    operation_id="createDevice",
    responses={201: with_headers("ETag", "Location")},
    openapi_extra=body_of(DeviceDocument, _EXAMPLE),
)
async def create_device(
    _: Operator, request: Request, response: Response, body: JsonBody
) -> DeviceDetails:
    """Everything that is wrong with it is told at once, and then nothing is saved."""
    db = netstacks(request).db
    made = cast("Device", await single.create(db, "devices", read_document(body)))
    located(request, response, "get_device", key=str(made.id))
    return await _details(db, made, response)


@router.get(
    "/devices/{key}",
    summary="Read a device",
    operation_id="getDevice",
    responses={200: with_headers("ETag")},
)
async def get_device(_: Viewer, request: Request, response: Response, key: Key) -> DeviceDetails:
    """With the host keys that are trusted for it."""
    db = netstacks(request).db
    return await _details(db, await inventory.get(db, Device, key), response)


@router.put(
    "/devices/{key}",
    summary="Replace a device",
    operation_id="replaceDevice",
    responses={200: with_headers("ETag"), **IN_USE},
    openapi_extra=body_of(DeviceDocument, _EXAMPLE),
)
async def replace_device(
    _: Operator,
    request: Request,
    response: Response,
    key: Key,
    body: JsonBody,
    seen: IfMatch = None,
) -> DeviceDetails:
    """What is left out takes its default. A group that a task works on keeps one device."""
    db = netstacks(request).db
    document = read_document(body)
    saved = await single.replace(db, "devices", key, document, unedited(seen))
    return await _details(db, cast("Device", saved), response)


@router.patch(
    "/devices/{key}",
    summary="Change a device",
    operation_id="updateDevice",
    responses={200: with_headers("ETag"), **IN_USE},
    openapi_extra=changes_of(DeviceDocument, {"site": "east"}),
)
async def update_device(
    _: Operator,
    request: Request,
    response: Response,
    key: Key,
    body: JsonBody,
    seen: IfMatch = None,
) -> DeviceDetails:
    """New values for some fields. `groups` and `options` are replaced whole, `snmp` by field."""
    db = netstacks(request).db
    document = read_document(body)
    saved = await single.change(db, "devices", key, document, unedited(seen))
    return await _details(db, cast("Device", saved), response)


@router.delete(
    "/devices/{key}",
    status_code=204,
    summary="Delete a device",
    operation_id="deleteDevice",
    responses=IN_USE,
)
async def delete_device(_: Operator, request: Request, key: Key, seen: IfMatch = None) -> None:
    """Unless something works on it. Its history and its configurations stay."""
    await inventory_changes.delete(netstacks(request).db, Device, key, unedited(seen))


@router.get(
    "/devices/{key}/host-keys", summary="List trusted host keys", operation_id="listHostKeys"
)
async def list_host_keys(_: Viewer, request: Request, key: Key) -> HostKeys:
    """What a device must show before it is sent any secret."""
    db = netstacks(request).db
    device = await inventory.get(db, Device, key)
    return HostKeys(items=await _keys(db, device))


@router.delete(
    "/devices/{key}/host-keys", summary="Forget trusted host keys", operation_id="forgetHostKeys"
)
async def forget_host_keys(_: Operator, request: Request, key: Key) -> ForgottenKeys:
    """Trust whatever key the device shows next: for one that was replaced or reinstalled.

    Somebody in between would be trusted too; `netstacks device trust` compares
    the key with what its console says.
    """
    db = netstacks(request).db
    device = await inventory.get(db, Device, key)
    return ForgottenKeys(forgotten=await StoredHostKeys(db).forget(device.id))


async def _details(db: Database, device: Device, response: Response) -> DeviceDetails:
    tagged(response, device)
    return DeviceDetails.of(device, host_keys=await _keys(db, device))


async def _keys(db: Database, device: Device) -> tuple[HostKeyAnswer, ...]:
    return tuple(HostKeyAnswer.of(one) for one in await StoredHostKeys(db).known(device.id))


async def _id_of(
    db: Database, kind: type[DeviceGroup | Credential], field: str, key: str | None
) -> UUID | None:
    if key is None:
        return None
    try:
        return (await inventory.get(db, kind, key)).id
    except NotFound as error:
        raise InvalidInput.single(field, f"there is {error}") from None
