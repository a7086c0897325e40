"""What the running application holds for each of its requests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from fastapi import Request

from netstacks_tasks.access.throttle import Throttle
from netstacks_tasks.metrics.listener import Exposed
from netstacks_tasks.wiring import NetStacks


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """One per process."""

    netstacks: NetStacks
    throttle: Throttle
    exposed: Exposed
    """What is told to those who watch it."""


def shared(request: Request) -> Shared:
    """Of the application that got the request."""
    return cast("Shared", request.app.state.shared)


def netstacks(request: Request) -> NetStacks:
    """Tasks, runs and configurations."""
    return shared(request).netstacks


def address(request: Request) -> str | None:
    """Where the request comes from."""
    return request.client.host if request.client else None
