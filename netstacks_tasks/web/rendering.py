"""Templates as answers."""

from __future__ import annotations

from functools import cache
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from netstacks_tasks.web.assets import asset
from netstacks_tasks.web.wording import FILTERS


@cache
def environment() -> Environment:
    """Everything that is put into a page is escaped."""
    made = Environment(
        loader=PackageLoader("netstacks_tasks.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["asset"] = asset
    made.filters.update(FILTERS)
    return made


def page(request: Request, template: str, /, *, status: int = 200, **values: Any) -> HTMLResponse:  # noqa: ANN401 - whatever the template shows
    """Render a template of `templates/`: a page, or a part of one for htmx.

    Each gets `request`, `session` (None when nobody is signed in), `csrf_token`
    and `nonce` beside its own values.
    """
    return HTMLResponse(rendered(request, template, **values), status_code=status)


def rendered(request: Request, template: str, /, **values: Any) -> str:  # noqa: ANN401 - as above
    """`page`, as text: a part to put into another part."""
    session = getattr(request.state, "session", None)
    return environment().get_template(template).render(
        request=request,
        session=session,
        csrf_token=session.csrf_token if session else "",
        nonce=request.state.nonce,
        **values,
    )  # fmt: skip


def is_part(request: Request) -> bool:
    """Whether htmx asks, for a part of the page that is open; going back needs a whole one."""
    asked = request.headers
    return asked.get("hx-request") == "true" and "hx-history-restore-request" not in asked
