"""Signing in and out."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from netstacks_tasks.access import sign_in as access
from netstacks_tasks.errors import AccessDenied, TooManyAttempts
from netstacks_tasks.exchange.state import address, shared
from netstacks_tasks.web.rendering import page
from netstacks_tasks.web.sessions import (
    Viewer,
    check_form,
    check_origin,
    cookie_name,
    session_of,
    set_cookie,
)

router = APIRouter()


@router.get("/sign-in")
async def ask(request: Request, next: str = "/") -> Response:  # noqa: A002 - as browsers show it
    """The form."""
    if await session_of(request) is not None:
        return RedirectResponse(_own(next), status_code=303)
    return page(request, "sign_in.html", name="", next=_own(next), problem="")


@router.post("/sign-in")
async def sign_in(request: Request) -> Response:
    """Check what was typed."""
    check_origin(request)
    check_form(request)
    form = await request.form()
    name, password = str(form.get("name", "")), str(form.get("password", ""))
    back = _own(str(form.get("next", "/")))
    own = shared(request)
    try:
        cookie = await access.sign_in(
            own.netstacks.db, own.throttle, name, password, address(request)
        )
    except AccessDenied as error:
        status = 429 if isinstance(error, TooManyAttempts) else 401
        return page(
            request, "sign_in.html", status=status, name=name, next=back, problem=str(error)
        )
    response = RedirectResponse(back, status_code=303)
    set_cookie(request, response, cookie)
    return response


@router.post("/sign-out")
async def sign_out(request: Request, _: Viewer) -> Response:
    """The session is over, here and in the database."""
    await access.sign_out(shared(request).netstacks.db, request.cookies[cookie_name(request)])
    response = RedirectResponse("/sign-in", status_code=303)
    response.delete_cookie(cookie_name(request), path="/")
    return response


def _own(path: str) -> str:
    """The path when it leads to a page of ours, else the first page."""
    own = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if own else "/"
