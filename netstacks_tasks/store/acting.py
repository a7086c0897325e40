"""On whose behalf this task of the event loop writes; the database's triggers record it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from netstacks_tasks.models.access import Actor

_ACTOR: Final[ContextVar[Actor | None]] = ContextVar("netstacks_actor", default=None)


def current_actor() -> Actor | None:
    """None: nobody was named, and the audit log tells the database's user."""
    return _ACTOR.get()


def act_as(actor: Actor) -> None:
    """What this task of the event loop writes from now on is this actor's doing."""
    _ACTOR.set(actor)


@contextmanager
def acting_as(actor: Actor) -> Iterator[None]:
    """The same for a while."""
    before = _ACTOR.set(actor)
    try:
        yield
    finally:
        _ACTOR.reset(before)
