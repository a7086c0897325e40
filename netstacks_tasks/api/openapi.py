"""The API's description: what FastAPI says of the routes, made whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.metadata import version
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from netstacks_tasks.api.described import headers
from netstacks_tasks.api.task_schemas import task_schemas
from netstacks_tasks.exchange.problems import MEDIA_TYPE, ProblemDetails

_ABOUT: Final = """\
Recurring network operations, run by Prefect.

Every request needs a token (`netstacks token create`), sent as `Authorization: Bearer TOKEN`.
The role `viewer` reads, `operator` changes and runs tasks and the inventory, `admin` manages
credentials, users and tokens.

Errors are problem details (RFC 9457): `detail` and `errors` say what is wrong and how to mend it,
`type` is for programs. All times are RFC 3339; those of answers are in UTC.

Changes that must not undo somebody else's send the ETag of what they change as `If-Match`.
"""
_TAGS: Final = (
    ("tasks", "What is done when, and by hand."),
    ("preview", "What a schedule means."),
    ("runs", "What was done, and how it went."),
    ("snapshots", "Configurations that backups kept, and what changed in them."),
    ("devices", "What tasks work on, and the SSH host keys that are trusted."),
    ("groups", "Named sets of devices."),
    ("scripts", "Stored scripts for `custom_script` tasks."),
    ("stacks", "Versioned sets of templates."),
    ("stack instances", "A version of a stack with its devices and variables."),
    ("import", "Inventory and tasks in bulk."),
    ("credentials", "Where the secrets of logins are; never the secrets."),
    ("users", "Who may sign in to the page."),
    ("tokens", "What programs show to the API."),
    ("audit", "Who did what."),
)
_STANDARD: Final[Mapping[int, str]] = {
    400: "The request cannot be read.",
    401: "No token, or one that is not valid.",
    403: "The token's role does not suffice.",
    404: "There is no such thing.",
    412: "Somebody else changed it since the ETag in If-Match.",
    413: "The body is too large.",
    415: "The body is of a kind that is not taken here.",
    422: "The input was refused: `errors` says which fields, why, and how to mend it.",
    503: "PostgreSQL or Prefect does not answer; the same may work later.",
}
_WITH_HEADERS: Final[Mapping[int, str]] = {401: "WWW-Authenticate", 503: "Retry-After"}
_OURS_INSTEAD: Final = ("HTTPValidationError", "ValidationError")


def description(app: FastAPI) -> dict[str, Any]:
    """OpenAPI of every route that is part of the API."""
    found = get_openapi(
        title=app.title,
        version=version("netstacks-tasks"),
        description=_ABOUT,
        routes=app.routes,
        tags=[{"name": name, "description": about} for name, about in _TAGS],
    )
    components = found.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for name in _OURS_INSTEAD:
        schemas.pop(name, None)
    schemas |= task_schemas()
    problem = ProblemDetails.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= problem.pop("$defs", {})
    schemas["ProblemDetails"] = problem
    components["responses"] = {
        f"Problem{status}": _problem(status, about) for status, about in _STANDARD.items()
    }
    for path in found["paths"].values():
        for operation in path.values():
            _complete(operation)
    return found


def _complete(operation: dict[str, Any]) -> None:
    """Every error that it may answer with."""
    answers: dict[str, Any] = operation["responses"]
    for status in _errors(operation):
        answers[str(status)] = {"$ref": f"#/components/responses/Problem{status}"}
    for code, answer in answers.items():
        if code >= "400" and "$ref" not in answer:
            answer["content"] = _content()
        elif answer.get("description") == "Successful Response":
            answer["description"] = operation["summary"]
    operation["responses"] = dict(sorted(answers.items()))


def _errors(operation: Mapping[str, Any]) -> Iterator[int]:
    parameters = operation.get("parameters", [])
    yield from (401, 403, 503)
    if any(one["in"] == "path" for one in parameters):
        yield 404
    if any(one["name"] == "If-Match" for one in parameters):
        yield 412
    if "requestBody" in operation:
        yield from (400, 413, 415)
    if parameters or "requestBody" in operation:
        yield 422


def _problem(status: int, about: str) -> dict[str, Any]:
    found: dict[str, Any] = {"description": about, "content": _content()}
    if status in _WITH_HEADERS:
        found["headers"] = headers(_WITH_HEADERS[status])
    return found


def _content() -> dict[str, Any]:
    return {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}}
