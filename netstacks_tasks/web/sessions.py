"""Who uses the page, and whether they may."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from typing import Annotated, Final
from urllib.parse import urlsplit

from fastapi import Depends, HTTPException, Request
from fastapi.responses import Response

from netstacks_tasks.access import sign_in
from netstacks_tasks.access.sign_in import Session
from netstacks_tasks.errors import ForgedRequest, NotSignedIn, RoleTooLow
from netstacks_tasks.exchange.state import address, netstacks
from netstacks_tasks.models.access import Role
from netstacks_tasks.store import web_sessions
from netstacks_tasks.store.acting import act_as

CSRF_FIELD: Final = "csrf_token"
CSRF_HEADER: Final = "X-CSRF-Token"
_SAFE: Final = frozenset({"GET", "HEAD"})
_FORM: Final = "application/x-www-form-urlencoded"
_OWN_SITES: Final = frozenset({"same-origin", "none"})


def cookie_name(request: Request) -> str:
    """Browsers take a cookie with the prefix from nobody but this very host, over TLS."""
    return "__Host-netstacks" if request.url.scheme == "https" else "netstacks"


def set_cookie(request: Request, response: Response, value: str) -> None:
    """Stay signed in."""
    response.set_cookie(
        cookie_name(request),
        value,
        max_age=int(web_sessions.LIFETIME.total_seconds()),
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )


def check_origin(request: Request) -> None:
    """A request that changes something comes from our own page.

    Raises:
        ForgedRequest: a browser says that it came from another.
    """
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site is not None and site not in _OWN_SITES:
        raise ForgedRequest("the request came from another site's page: nothing was done")
    if origin is not None and _host_in(origin) != request.headers.get("host"):
        raise ForgedRequest("the request came from another site's page: nothing was done")


def _host_in(origin: str) -> str:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""


def check_form(request: Request) -> None:
    """What is sent is a form as our pages send it: the other way has its own character sets.

    Raises:
        HTTPException: it is something else.
    """
    said = request.headers.get("content-type", _FORM).partition(";")[0].strip().lower()
    if said != _FORM:
        raise HTTPException(415, f"a form is sent as {_FORM}: nothing was done")


async def _check_token(request: Request, session: Session) -> None:
    given = request.headers.get(CSRF_HEADER) or (await request.form()).get(CSRF_FIELD)
    if not isinstance(given, str) or not hmac.compare_digest(
        given.encode(), session.csrf_token.encode()
    ):
        raise ForgedRequest("this page is out of date: load it again and repeat; nothing was done")


async def session_of(request: Request) -> Session | None:
    """Who is signed in; None: nobody."""
    cookie = request.cookies.get(cookie_name(request))
    return await sign_in.session(netstacks(request).db, cookie, address(request))


def _needs(role: Role) -> Callable[[Request], Awaitable[Session]]:
    async def check(request: Request) -> Session:
        session = await session_of(request)
        if session is None:
            raise NotSignedIn("sign in first")
        request.state.session = session
        if request.method not in _SAFE:
            check_origin(request)
            check_form(request)
            await _check_token(request, session)
        if not session.principal.may(role):
            raise RoleTooLow(session.principal.role, role)
        act_as(session.principal.actor)
        return session

    return check


Viewer = Annotated[Session, Depends(_needs("viewer"))]
Operator = Annotated[Session, Depends(_needs("operator"))]
Admin = Annotated[Session, Depends(_needs("admin"))]
