"""What the framework itself refuses, told as everything else is."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import Match

from netstacks_tasks.exchange.problems import MEDIA_TYPE, FieldProblem, ProblemDetails
from netstacks_tasks.models.documents import show_name

_METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
_SOURCES: Final = frozenset({"body", "query", "path", "header"})


def answer(request: Request, error: HTTPException | RequestValidationError) -> JSONResponse:
    """A problem for a path that is not there, a method, or a parameter that is wrong."""
    headers: dict[str, str] = {}
    if isinstance(error, HTTPException):
        status = HTTPStatus(error.status_code)
        headers = dict(error.headers or {})
        if status is HTTPStatus.METHOD_NOT_ALLOWED:
            headers["Allow"] = ", ".join(_methods(request))
        problem = ProblemDetails(
            type="about:blank",
            title=status.phrase,
            status=status,
            detail=str(error.detail),
            instance=request.url.path,
        )
    else:
        faults = [_fault(one) for one in error.errors()]
        problem = ProblemDetails(
            type="urn:netstacks:invalid-input",
            title="The input was refused",
            status=422,
            detail="; ".join(f"{one.field}: {one.detail}" for one in faults),
            instance=request.url.path,
            errors=faults,
        )
    return JSONResponse(
        problem.model_dump(), status_code=problem.status, media_type=MEDIA_TYPE, headers=headers
    )


def _methods(request: Request) -> list[str]:
    """Those of every route of the path; the framework names those of the first."""
    routes = request.app.router.routes
    return [
        method
        for method in _METHODS
        if any(
            route.matches({**request.scope, "method": method})[0] is Match.FULL for route in routes
        )
    ]


def _fault(error: Mapping[str, object]) -> FieldProblem:
    location = error.get("loc")
    parts = [str(part) for part in location] if isinstance(location, tuple) else []
    if parts and parts[0] in _SOURCES:
        parts = parts[1:]
    return FieldProblem(field=".".join(map(show_name, parts)), detail=_message(error))


def _message(error: Mapping[str, object]) -> str:
    if error.get("type") == "extra_forbidden":
        return "is not known here: leave it out"
    if error.get("type") == "missing":
        return "is required: add it"
    return str(error.get("msg", "is not right")).removeprefix("Value error, ")
