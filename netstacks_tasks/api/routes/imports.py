"""Bulk import of inventory and tasks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Self

from fastapi import APIRouter, HTTPException, Request
from pydantic import Field

from netstacks_tasks.api.callers import Operator
from netstacks_tasks.exchange.state import netstacks
from netstacks_tasks.importing.documents import import_documents
from netstacks_tasks.importing.report import ImportReport
from netstacks_tasks.importing.sources import Format, Source
from netstacks_tasks.models.inventory import Value

router: Final = APIRouter(tags=["import"])

_FORMATS: Final[Mapping[str, Format]] = {
    "application/json": "json",
    "application/yaml": "yaml",
    "text/csv": "csv",
}
_JSON: Final[Mapping[str, Any]] = {
    "schema": {"type": ["object", "array"]},
    "example": {
        "device_groups": [{"name": "core-routers"}],
        "devices": [
            {
                "name": "core-rtr-01",
                "host": "192.0.2.1",
                "platform": "ios",
                "groups": ["core-routers"],
            }
        ],
    },
}
_TEXT: Final[Mapping[str, Any]] = {"schema": {"type": "string"}}
_BODY: Final = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": _JSON,
            "application/yaml": {**_TEXT, "example": "device_groups:\n  - name: core-routers\n"},
            "text/csv": {**_TEXT, "example": "name,host,platform\ncore-rtr-01,192.0.2.1,ios\n"},
        },
    }
}

Names = Mapping[str, list[str]]


class ImportAnswer(Value):
    """What an import did: names by section, such as `devices`."""

    created: Names = Field(description="What is new.")
    updated: Names = Field(description="What is different now.")
    unchanged: Names = Field(description="What was the same already.")

    @classmethod
    def of(cls, report: ImportReport) -> Self:
        """What it reports."""
        return cls(
            created=report.created, updated=report.updated, unchanged=report.unchanged
        )  # fmt: skip


@router.post(
    "/import",
    summary="Import inventory and tasks",
    operation_id="importDocuments",
    openapi_extra=_BODY,
)
async def import_body(caller: Operator, request: Request) -> ImportAnswer:
    """Everything in it, or nothing; the same again changes nothing.

    Sections: credentials (names of blocks, for administrators), device_groups,
    devices, scripts, stacks, stack_instances, tasks; CSV holds devices. What it
    does not mention stays. Every bad line is told with its number.
    """
    said = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    form = _FORMATS.get(said)
    if form is None:
        raise HTTPException(415, f"send one of {', '.join(_FORMATS)} as Content-Type")
    report = await import_documents(
        netstacks(request).db,
        [Source("body", await request.body())],
        form,
        may_change_credentials=caller.may("admin"),
    )
    return ImportAnswer.of(report)
