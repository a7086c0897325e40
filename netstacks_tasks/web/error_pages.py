"""Errors, as a person reads them."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import quote

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from netstacks_tasks.errors import NotSignedIn
from netstacks_tasks.exchange.problems import ProblemDetails, headers_of, problem_of
from netstacks_tasks.web.rendering import is_part, page


def answer(request: Request, error: Exception) -> Response:
    """The way to the sign-in, or what went wrong: as a page, or as a notice within one."""
    if isinstance(error, NotSignedIn):
        return _to_sign_in(request)
    problem = _problem(request, error)
    template = "error_notice.html" if is_part(request) else "error.html"
    response = page(request, template, status=problem.status, problem=problem)
    response.headers.update(headers_of(error))
    return response


def _to_sign_in(request: Request) -> Response:
    if is_part(request):
        # htmx would put the sign-in into a part of the page.
        return Response(status_code=401, headers={"HX-Redirect": "/sign-in"})
    back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    query = f"?next={quote(back)}" if request.method == "GET" and back != "/" else ""
    return RedirectResponse(f"/sign-in{query}", status_code=303)


def _problem(request: Request, error: Exception) -> ProblemDetails:
    if isinstance(error, HTTPException):
        status = HTTPStatus(error.status_code)
        return ProblemDetails(
            type="about:blank",
            title=status.phrase,
            status=status,
            detail="There is no such page." if status == HTTPStatus.NOT_FOUND else error.detail,
        )
    if isinstance(error, RequestValidationError):
        return ProblemDetails(
            type="about:blank",
            title="There is no such page",
            status=404,
            detail="The address is not one of ours.",
        )
    return problem_of(error, request.url.path)
