"""What somebody who is signed in may change about their own account."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from netstacks_tasks.access.own_password import change_own_password
from netstacks_tasks.access.passwords import SHORTEST
from netstacks_tasks.errors import InvalidInput, TooManyAttempts
from netstacks_tasks.exchange.state import shared
from netstacks_tasks.web.rendering import page
from netstacks_tasks.web.sessions import Viewer, set_cookie

router = APIRouter()


@router.get("/account")
async def account(request: Request, _: Viewer, changed: bool = False) -> Response:
    """Who is signed in, and the form for another password."""
    return _page(request, changed=changed)


@router.post("/account")
async def change_password(request: Request, session: Viewer) -> Response:
    """Another password; every other browser is signed out."""
    form = await request.form()
    old, new, again = (str(form.get(name, "")) for name in ("old_password", "password", "again"))
    own = shared(request)
    try:
        if new != again:
            raise InvalidInput.single("again", "is not the same as the new password")
        cookie = await change_own_password(own.netstacks.db, own.throttle, session.user, old, new)
    except InvalidInput as error:
        faults = {one.field: one.message for one in error.problems}
        return _page(request, status=422, faults=faults)
    except TooManyAttempts as error:
        return _page(request, status=429, faults={"old_password": str(error)})
    response = RedirectResponse("/account?changed=true", status_code=303)
    set_cookie(request, response, cookie)
    return response


def _page(
    request: Request,
    *,
    status: int = 200,
    changed: bool = False,
    faults: dict[str, str] | None = None,
) -> Response:
    return page(
        request,
        "account.html",
        status=status,
        changed=changed,
        faults=faults or {},
        shortest=SHORTEST,
    )
