"""What programs show to the API."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response

from netstacks_tasks.access import bearer
from netstacks_tasks.api.access_answers import IssuedToken, TokenAnswer, TokenPage
from netstacks_tasks.api.access_documents import TokenDocument, parsed
from netstacks_tasks.api.bodies import JsonBody
from netstacks_tasks.api.callers import Admin
from netstacks_tasks.api.described import with_headers
from netstacks_tasks.api.items import Key
from netstacks_tasks.api.pages import Place
from netstacks_tasks.api.schemas import body_of
from netstacks_tasks.exchange.state import netstacks
from netstacks_tasks.store import api_tokens

router: Final = APIRouter(tags=["tokens"])

_EXAMPLE: Final = {"name": "ci", "role": "operator", "expires_in_days": 90}


@router.get(
    "/tokens",
    summary="List tokens",
    operation_id="listTokens",
    responses={200: with_headers("Link")},
)
async def list_tokens(
    _: Admin, request: Request, response: Response, wanted: Annotated[Place, Query()]
) -> TokenPage:
    """By name, those that have run out too; never the tokens themselves."""
    found = await api_tokens.find(netstacks(request).db)
    wanted.link(request, response, len(found))
    items = tuple(TokenAnswer.of(one) for one in wanted.of(found))
    return TokenPage(items=items, total=len(found), limit=wanted.limit, offset=wanted.offset)


@router.post(
    "/tokens",
    status_code=201,
    summary="Create a token",
    operation_id="createToken",
    openapi_extra=body_of(TokenDocument, _EXAMPLE),
)
async def create_token(_: Admin, request: Request, body: JsonBody) -> IssuedToken:
    """Its text is in this answer and nowhere else: only a digest of it is kept."""
    new = parsed(TokenDocument, body)
    made = await bearer.issue(netstacks(request).db, new.name, new.role, new.end)
    return IssuedToken.issued(made)


@router.delete(
    "/tokens/{key}", status_code=204, summary="Revoke a token", operation_id="revokeToken"
)
async def revoke_token(_: Admin, request: Request, key: Key) -> None:
    """It is refused from then on."""
    await api_tokens.revoke(netstacks(request).db, key)
