"""Who calls the API, and whether they may."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPBearer

from netstacks_tasks.access.bearer import bearer
from netstacks_tasks.errors import RoleTooLow
from netstacks_tasks.exchange.state import address, netstacks
from netstacks_tasks.models.access import Principal, Role
from netstacks_tasks.store.acting import act_as

# For the description alone; `bearer` does the work.
_SCHEME = HTTPBearer(auto_error=False, description="A token made by `netstacks token create`.")


def _needs(role: Role) -> Callable[..., Awaitable[Principal]]:
    async def check(
        request: Request,
        _: Annotated[object, Depends(_SCHEME)],
    ) -> Principal:
        header = request.headers.get("authorization")
        principal = await bearer(netstacks(request).db, header, address(request))
        if not principal.may(role):
            raise RoleTooLow(principal.role, role)
        act_as(principal.actor)
        return principal

    return check


Viewer = Annotated[Principal, Depends(_needs("viewer"))]
Operator = Annotated[Principal, Depends(_needs("operator"))]
Admin = Annotated[Principal, Depends(_needs("admin"))]
