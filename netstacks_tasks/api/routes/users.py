"""Who may sign in to the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response

from netstacks_tasks.access.passwords import hashed
from netstacks_tasks.api.access_answers import UserAnswer, UserPage
from netstacks_tasks.api.access_documents import UserChanges, UserDocument, parsed
from netstacks_tasks.api.bodies import JsonBody
from netstacks_tasks.api.callers import Admin
from netstacks_tasks.api.described import with_headers
from netstacks_tasks.api.etags import IfMatch, etag_of, relies_on
from netstacks_tasks.api.items import Key, located, tagged
from netstacks_tasks.api.pages import Place
from netstacks_tasks.api.schemas import body_of
from netstacks_tasks.errors import EditedMeanwhile, InvalidInput
from netstacks_tasks.exchange.state import netstacks
from netstacks_tasks.models.access import User
from netstacks_tasks.store import users

router: Final = APIRouter(tags=["users"])

_EXAMPLE: Final = {"name": "anna", "role": "operator", "password": "twelve characters or more"}


@router.get(
    "/users", summary="List users", operation_id="listUsers", responses={200: with_headers("Link")}
)
async def list_users(
    _: Admin, request: Request, response: Response, wanted: Annotated[Place, Query()]
) -> UserPage:
    """By name."""
    found = await users.find(netstacks(request).db)
    wanted.link(request, response, len(found))
    items = tuple(UserAnswer.of(one) for one in wanted.of(found))
    return UserPage(items=items, total=len(found), limit=wanted.limit, offset=wanted.offset)


@router.post(
    "/users",
    status_code=201,
    summary="Create a user",
    operation_id="createUser",
    responses={201: with_headers("ETag", "Location")},
    openapi_extra=body_of(UserDocument, _EXAMPLE),
)
async def create_user(_: Admin, request: Request, response: Response, body: JsonBody) -> UserAnswer:
    """The password is kept as a hash, and is in no answer."""
    new = parsed(UserDocument, body)
    kept = await hashed(new.password)
    made = await users.create(netstacks(request).db, new.name, new.role, kept)
    located(request, response, "get_user", key=str(made.id))
    return UserAnswer.of(tagged(response, made))


@router.get(
    "/users/{key}",
    summary="Read a user",
    operation_id="getUser",
    responses={200: with_headers("ETag")},
)
async def get_user(_: Admin, request: Request, response: Response, key: Key) -> UserAnswer:
    """By name or id."""
    return UserAnswer.of(tagged(response, await users.get(netstacks(request).db, key)))


@router.patch(
    "/users/{key}",
    summary="Change a user",
    operation_id="updateUser",
    responses={200: with_headers("ETag")},
    openapi_extra=body_of(UserChanges, {"role": "viewer"}),
)
async def update_user(
    _: Admin,
    request: Request,
    response: Response,
    key: Key,
    body: JsonBody,
    seen: IfMatch = None,
) -> UserAnswer:
    """They are signed out everywhere. The last administrator stays one."""
    new = parsed(UserChanges, body)
    if new.role is None and new.password is None:
        raise InvalidInput.single("", "changes nothing: give a role, a password, or both")
    kept = None if new.password is None else await hashed(new.password)
    changed = await users.change(
        netstacks(request).db, key, role=new.role, password_hash=kept, check=_unedited(seen)
    )
    return UserAnswer.of(tagged(response, changed))


@router.delete("/users/{key}", status_code=204, summary="Delete a user", operation_id="deleteUser")
async def delete_user(_: Admin, request: Request, key: Key, seen: IfMatch = None) -> None:
    """They are signed out everywhere. The last administrator stays."""
    await users.delete(netstacks(request).db, key, _unedited(seen))


def _unedited(seen: str | None) -> Callable[[User], None]:
    def check(user: User) -> None:
        if not relies_on(seen, etag_of(user)):
            raise EditedMeanwhile.of("user", user.name)

    return check
