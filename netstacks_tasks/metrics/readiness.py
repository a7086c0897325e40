"""Whether a process can do its work: asked without a login, answered without a detail too many."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from netstacks_tasks.errors import NetstacksError

logger = logging.getLogger(__name__)

Check = Callable[[], Awaitable[None]]
"""Raises `NotReady`, or another error of ours, when what it looks at does not serve."""
_FRESH_SECONDS: Final = 2.0
"""However many ask, each part is looked at once in this time."""
_CHECK_SECONDS: Final = 5.0


class NotReady(NetstacksError):
    """Something does not serve; the text may be read by anybody, so it names no address."""


class Readiness:
    """Looks at every part at once, and remembers for a moment what it found."""

    def __init__(self, checks: Mapping[str, Check]) -> None:
        self._checks = dict(checks)
        self._lock = asyncio.Lock()
        self._at = -float("inf")
        self._found: dict[str, str] = {}

    async def faults(self) -> dict[str, str]:
        """What does not serve, by the part's name, in a sentence each; empty: all does."""
        async with self._lock:
            if time.monotonic() - self._at >= _FRESH_SECONDS:
                looked = await asyncio.gather(*(_fault(one) for one in self._checks.values()))
                told = dict(zip(self._checks, looked, strict=True))
                self._found = {part: fault for part, fault in told.items() if fault}
                self._at = time.monotonic()
                if self._found:
                    logger.warning("not ready: %s", self._found)
            return self._found

    async def answer(self) -> tuple[int, dict[str, object]]:
        """The HTTP status, and what the body says."""
        faults = await self.faults()
        parts = {part: faults.get(part, "ok") for part in self._checks}
        return (503 if faults else 200), {"ready": not faults, "parts": parts}


async def _fault(check: Check) -> str:
    try:
        async with asyncio.timeout(_CHECK_SECONDS):
            await check()
    except NotReady as error:
        return str(error)
    except TimeoutError:
        return f"did not answer within {_CHECK_SECONDS:.0f} seconds"
    except NetstacksError as error:
        # Its text may name an address: it is for the log.
        logger.warning("a check of the readiness failed: %s", error)
        return "does not serve; the log says why"
    return ""
