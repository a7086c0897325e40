"""Stack instances: a version of a stack with its devices and variables."""

from __future__ import annotations

from typing import Annotated, Final, cast

from fastapi import APIRouter, Query, Request, Response

from netstacks_tasks.api.bodies import JsonBody
from netstacks_tasks.api.callers import Operator, Viewer
from netstacks_tasks.api.described import IN_USE, with_headers
from netstacks_tasks.api.etags import IfMatch
from netstacks_tasks.api.inventory_documents import StackInstanceDocument
from netstacks_tasks.api.items import Key, located, tagged, unedited
from netstacks_tasks.api.pages import Place
from netstacks_tasks.api.parameters import Text
from netstacks_tasks.api.schemas import body_of
from netstacks_tasks.api.stack_answers import (
    InstanceAnswer,
    InstancePage,
    InstanceSummary,
    RenderedAnswer,
    RenderedAnswers,
)
from netstacks_tasks.exchange.state import netstacks
from netstacks_tasks.importing import single
from netstacks_tasks.models.documents import read_document
from netstacks_tasks.operations.deployment.trial import trial
from netstacks_tasks.store import inventory, inventory_changes
from netstacks_tasks.store.inventory_items import Item, Stack, StackInstance

router: Final = APIRouter(tags=["stack instances"])

OneDevice = Annotated[Text | None, Query(description="Only for the device of this name.")]
_EXAMPLE: Final = {
    "name": "access-vlans-west",
    "stack": "access-vlans",
    "variables": {"vlan_id": 20},
    "devices": ["edge-sw-01", {"device": "edge-sw-02", "variables": {"vlan_id": 21}}],
}


@router.get(
    "/stack-instances",
    summary="List stack instances",
    operation_id="listStackInstances",
    responses={200: with_headers("Link")},
)
async def list_instances(
    _: Viewer, request: Request, response: Response, wanted: Annotated[Place, Query()]
) -> InstancePage:
    """By name, without their variables."""
    db = netstacks(request).db
    names = {stack.id: stack.name for stack in await inventory.find(db, Stack)}
    found = await inventory.find(db, StackInstance)
    wanted.link(request, response, len(found))
    items = tuple(InstanceSummary.of(one, names.get(one.stack_id, "")) for one in wanted.of(found))
    return InstancePage(items=items, total=len(found), limit=wanted.limit, offset=wanted.offset)


@router.post(
    "/stack-instances",
    status_code=201,
    summary="Create a stack instance",
    operation_id="createStackInstance",
    responses={201: with_headers("ETag", "Location")},
    openapi_extra=body_of(StackInstanceDocument, _EXAMPLE),
)
async def create_instance(
    _: Operator, request: Request, response: Response, body: JsonBody
) -> InstanceAnswer:
    """The templates are tried with the variables of every device before it is saved."""
    made = await single.create(netstacks(request).db, "stack_instances", read_document(body))
    located(request, response, "get_instance", key=str(made.id))
    return _shown(response, made)


@router.get(
    "/stack-instances/{key}",
    summary="Read a stack instance",
    operation_id="getStackInstance",
    responses={200: with_headers("ETag")},
)
async def get_instance(
    _: Operator, request: Request, response: Response, key: Key
) -> InstanceAnswer:
    """With its devices in order, its variables, and how it is rolled out."""
    return _shown(response, await inventory.get(netstacks(request).db, StackInstance, key))


@router.put(
    "/stack-instances/{key}",
    summary="Replace a stack instance",
    operation_id="replaceStackInstance",
    responses={200: with_headers("ETag")},
    openapi_extra=body_of(StackInstanceDocument, _EXAMPLE),
)
async def replace_instance(
    _: Operator,
    request: Request,
    response: Response,
    key: Key,
    body: JsonBody,
    seen: IfMatch = None,
) -> InstanceAnswer:
    """What is left out takes its default; without a version it is the stack's newest."""
    db, document = netstacks(request).db, read_document(body)
    saved = await single.replace(db, "stack_instances", key, document, unedited(seen))
    return _shown(response, saved)


@router.post(
    "/stack-instances/{key}/render",
    summary="Render a stack instance",
    operation_id="renderStackInstance",
)
async def render_instance(
    _: Operator, request: Request, key: Key, device: OneDevice = None
) -> RenderedAnswers:
    """What a deployment would want in force on each device; no device is touched.

    `<secret NAME>` stands for what a Secret block holds.
    """
    db = netstacks(request).db
    instance = await inventory.get(db, StackInstance, key)
    found = await trial(db, instance, device)
    return RenderedAnswers(items=tuple(RenderedAnswer.of(one) for one in found))


@router.delete(
    "/stack-instances/{key}",
    status_code=204,
    summary="Delete a stack instance",
    operation_id="deleteStackInstance",
    responses=IN_USE,
)
async def delete_instance(_: Operator, request: Request, key: Key, seen: IfMatch = None) -> None:
    """Unless a task deploys it. Its devices stay as they are."""
    await inventory_changes.delete(netstacks(request).db, StackInstance, key, unedited(seen))


def _shown(response: Response, instance: Item) -> InstanceAnswer:
    return InstanceAnswer.of(cast("StackInstance", tagged(response, instance)))
