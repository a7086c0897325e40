"""What the form asks for while somebody types."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response

from netstacks_tasks.errors import InvalidInput
from netstacks_tasks.exchange.state import netstacks
from netstacks_tasks.models.schedule_preview import preview
from netstacks_tasks.store import choices, inventory
from netstacks_tasks.store.choices import Choice
from netstacks_tasks.store.inventory_items import Script
from netstacks_tasks.web.forms import advice, zones
from netstacks_tasks.web.forms.documents import document_of
from netstacks_tasks.web.forms.names import with_ids
from netstacks_tasks.web.forms.zones import Zone
from netstacks_tasks.web.rendering import page
from netstacks_tasks.web.routes.task_forms import sent
from netstacks_tasks.web.sessions import Operator

router = APIRouter()

_MOST: Final = 30


@router.get("/tasks/new/preview")
async def schedule(
    request: Request, _: Operator, cron_expression: str = "", timezone: str = ""
) -> Response:
    """What the schedule means, or what is wrong with it."""
    errors = {}
    found = None
    try:
        found = preview(cron_expression, timezone.strip())
    except InvalidInput as error:
        errors = {problem.field: problem.message for problem in error.problems}
    return page(request, "task_form_preview.html", preview=found, errors=errors)


@router.get("/tasks/new/zones")
async def find_zones(request: Request, _: Operator, text: str = "", own: str = "") -> Response:
    """Timezones that fit what is typed."""
    used = await choices.timezones_in_use(netstacks(request).db)
    return _options(zones.suggestions(text, used, own, _MOST + 1))


@router.get("/tasks/new/targets")
async def find_targets(
    request: Request,
    _: Operator,
    kind: Literal["device", "device_group"],
    text: Annotated[str, Query(max_length=300)] = "",
) -> Response:
    """Devices or groups that fit what is typed."""
    wanted = text.strip().replace("\x00", "")
    return _options(await choices.targets(netstacks(request).db, kind, wanted, _MOST + 1))


def _options(found: Sequence[Choice | Zone]) -> Response:
    """Some of them; `more` says that there are others."""
    shown = [{"value": one.name, "note": one.note} for one in found[:_MOST]]
    return JSONResponse({"options": shown, "more": len(found) > _MOST})


@router.post("/tasks/new/advice")
async def advise(request: Request, _: Operator) -> Response:
    """On how many devices the task will work, and what is advised."""
    db = netstacks(request).db
    values, task_type = await sent(request)
    document, unknown = await with_ids(db, document_of(values, task_type))
    devices = None if unknown else await advice.device_count(db, document["parameters"])
    return page(
        request,
        "task_form_advice.html",
        devices=devices,
        guidance=advice.guidance(document, devices),
    )


@router.post("/tasks/new/document")
async def as_json(request: Request, _: Operator) -> Response:
    """What is typed as the document that the API takes."""
    values, task_type = await sent(request)
    document, _problems = await with_ids(netstacks(request).db, document_of(values, task_type))
    text = json.dumps(document, indent=2, ensure_ascii=False)
    return page(request, "task_form_document.html", text=text)


@router.get("/tasks/new/script")
async def look_at_script(
    request: Request, _: Operator, script_id: Annotated[str, Query(alias="parameters.script_id")]
) -> Response:
    """The text of a stored script; nothing as long as none is chosen."""
    db = netstacks(request).db
    script = await inventory.get(db, Script, script_id) if script_id else None
    return page(request, "task_form_script.html", script=script)
