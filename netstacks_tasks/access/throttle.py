"""Slows down whoever guesses passwords."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

from netstacks_tasks.errors import TooManyAttempts

_WINDOW_SECONDS: Final = 300.0
_MOST_FAILURES: Final = 5
_MOST_KEYS: Final = 10_000
_LONGEST_NAME: Final = 100
_IPV6_NETWORK: Final = 64


class Throttle:
    """Five wrong passwords in five minutes, for one name or from one address, then a pause.

    Lives in this process: a restart forgets, and each replica counts for itself.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._attempts: dict[str, deque[float]] = {}

    def attempt(self, *keys: str) -> None:
        """Count an attempt, before its password is checked: many at once count too.

        Raises:
            TooManyAttempts: one of the keys has failed too often; says when to come back.
        """
        now = self._clock()
        for key in keys:
            self._check(key, now)
        for key in keys:
            if key not in self._attempts and len(self._attempts) >= _MOST_KEYS:
                # The one that was heard of first; whoever floods us gains little by it.
                self._attempts.pop(next(iter(self._attempts)))
            self._attempts.setdefault(key, deque(maxlen=_MOST_FAILURES)).append(now)

    def _check(self, key: str, now: float) -> None:
        attempts = self._attempts.get(key)
        while attempts and attempts[0] <= now - _WINDOW_SECONDS:
            attempts.popleft()
        if attempts is not None and not attempts:
            del self._attempts[key]
        elif attempts and len(attempts) >= _MOST_FAILURES:
            raise TooManyAttempts(int(attempts[0] + _WINDOW_SECONDS - now) + 1)

    def succeeded(self, forgiven: str, *others: str) -> None:
        """It was the right password.

        Args:
            forgiven: what this key got wrong before does not matter any more.
            others: keys of which this attempt alone is taken back.
        """
        self._attempts.pop(forgiven, None)
        for key in others:
            if attempts := self._attempts.get(key):
                attempts.pop()


def name_key(name: str) -> str:
    """Of a name that is tried; one that nobody can have takes no more room than another."""
    return f"name:{name[:_LONGEST_NAME]}"


def address_key(address: str | None) -> str:
    """Of where an attempt comes from: with IPv6 a whole network belongs to one machine."""
    try:
        found = ip_address(address or "")
    except ValueError:
        return f"address:{address}"
    if isinstance(found, IPv6Address):
        found = found.ipv4_mapped or found
    if isinstance(found, IPv6Address):
        return f"address:{ip_network((found, _IPV6_NETWORK), strict=False)}"
    return f"address:{found}"
