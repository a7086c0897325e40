"""Slows down whoever guesses passwords."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Final

from netstacks_tasks.errors import TooManyAttempts

_WINDOW_SECONDS: Final = 300.0
_MOST_FAILURES: Final = 5
_MOST_KEYS: Final = 10_000


class Throttle:
    """Five wrong passwords in five minutes, for one name or from one address, then a pause.

    Lives in this process: a restart forgets, and each replica counts for itself.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: dict[str, deque[float]] = {}

    def check(self, *keys: str) -> None:
        """Go on, unless one of the keys has failed too often.

        Raises:
            TooManyAttempts: says when to come back.
        """
        now = self._clock()
        for key in keys:
            failures = self._failures.get(key)
            if failures is None:
                continue
            while failures and failures[0] <= now - _WINDOW_SECONDS:
                failures.popleft()
            if not failures:
                del self._failures[key]
            elif len(failures) >= _MOST_FAILURES:
                raise TooManyAttempts(int(failures[0] + _WINDOW_SECONDS - now) + 1)

    def failed(self, *keys: str) -> None:
        """A wrong password."""
        now = self._clock()
        for key in keys:
            if key not in self._failures and len(self._failures) >= _MOST_KEYS:
                # The one that was heard of first; whoever floods us gains little by it.
                self._failures.pop(next(iter(self._failures)))
            self._failures.setdefault(key, deque(maxlen=_MOST_FAILURES)).append(now)

    def succeeded(self, key: str) -> None:
        """The right password: what this name got wrong before does not matter any more."""
        self._failures.pop(key, None)
