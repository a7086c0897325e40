"""Parts of a page that keep themselves up to date, and stay untouched while nothing changes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, Final

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from markupsafe import Markup

from netstacks_tasks.web.rendering import rendered

_SEEN: Final = "seen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a part is, and how often it asks for its own news."""

    id: str
    url: str
    """Answers with the part."""
    every: int | None
    """Seconds; None: never again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part as it looks now."""

    html: Markup
    digest: str


def part(request: Request, template: str, place: Place, **values: Any) -> Part:  # noqa: ANN401 - whatever the template shows
    """Render it."""
    inner = rendered(request, template, **values)
    digest = hashlib.sha256(f"{place}{inner}".encode()).hexdigest()[:16]
    ask = f"{place.url}{'&' if '?' in place.url else '?'}{_SEEN}={digest}"
    html = rendered(request, "live.html", place=place, ask=ask, inner=Markup(inner))  # noqa: S704 - of a template that escapes
    return Part(html=Markup(html), digest=digest)  # noqa: S704 - as above


def is_poll(request: Request) -> bool:
    """Whether a part asks, and not a person."""
    return _SEEN in request.query_params


def answer(request: Request, current: Part) -> Response:
    """The part; nothing at all when it is what the page shows already.

    So neither the focus nor a selection is disturbed, and a screen reader is silent.
    """
    if request.query_params.get(_SEEN) == current.digest:
        return Response(status_code=204)
    return HTMLResponse(current.html)
