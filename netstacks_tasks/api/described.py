"""What routes say of themselves in the API's description."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

Responses = dict[int | str, dict[str, Any]]

_HEADERS: Final[Mapping[str, str]] = {
    "ETag": "The state that is shown; send it as If-Match with a change.",
    "Idempotency-Replayed": "`true`: the same request was sent before, and this is its answer.",
    "Link": "Other pages of the list: `next`, `prev`.",
    "Location": "Where it is found from now on.",
    "Retry-After": "Seconds to wait.",
    "WWW-Authenticate": "How to show who you are.",
}
PREFECT: Final[Responses] = {502: {"description": "Prefect refused."}}
"""Of a route that asks Prefect; that it may be away (503) is said of every route."""
ENDED: Final[Responses] = {409: {"description": "It has ended already."}}
IN_USE: Final[Responses] = {409: {"description": "Something relies on it."}}

_NIGHTLY: Final = {
    "name": "Nightly Core Router Backup",
    "task_type": "backup",
    "cron_expression": "0 2 * * *",
    "timezone": "America/New_York",
    "parameters": {
        "type": "backup",
        "target_type": "device_group",
        "target_id": "a1b2c3d4-5678-9abc-def0-123456789abc",
        "destination": "config-snapshots/core-routers",
    },
}
_EXAMPLES: Final[Mapping[str, Mapping[str, object]]] = {
    "NewTask": {"A backup every night": _NIGHTLY},
    "TaskChanges": {
        "Pause": {"enabled": False},
        "Another time": {"cron_expression": "30 3 * * 1-5", "timezone": "Europe/Berlin"},
        "One parameter": {"parameters.destination": "config-snapshots/elsewhere"},
    },
}


def with_headers(*names: str) -> dict[str, Any]:
    """An answer's headers."""
    return {"headers": headers(*names)}


def headers(*names: str) -> dict[str, Any]:
    """Headers as they are described."""
    return {name: {"description": _HEADERS[name], "schema": {"type": "string"}} for name in names}


NOT_MODIFIED: Final = {"description": "You have this already.", **with_headers("ETag")}


def json_body(schema: str) -> dict[str, Any]:
    """A body that our own parser reads: its schema is one of the description's components."""
    examples = {name: {"value": value} for name, value in _EXAMPLES[schema].items()}
    content = {"schema": {"$ref": f"#/components/schemas/{schema}"}, "examples": examples}
    return {"requestBody": {"required": True, "content": {"application/json": content}}}
