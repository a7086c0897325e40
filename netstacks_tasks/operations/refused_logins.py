"""Keeps a run from locking an account: a wrong password is not tried on every device."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

from netstacks_tasks.errors import DeviceError
from netstacks_tasks.models.inventory import Device
from netstacks_tasks.models.result import DeviceResult

MOST_REFUSED: Final = 10
"""Logins with one credential that are refused, and none accepted, before it is left alone."""
PATIENCE_SECONDS: Final = 10.0
"""How long the first logins are waited for before the others may follow."""

_LOGGED_IN: Final = frozenset({"prompt", "command", "capture"})
_UNTOLD: Final = frozenset({"timed_out", "disconnected", "internal"})
"""Causes that leave open whether the login was accepted."""


class RefusedLogins:
    """Which credentials are refused everywhere, and which were accepted once.

    A credential begins with a few devices. Once one accepts it, or none refuses
    it for a while, the rest follow. One that is refused by all is given up for
    the attempt; an attempt after that begins with a single device.
    """

    def __init__(self, accepted: Callable[[str], None]) -> None:
        """`accepted` is called once for each credential that may go on."""
        self._accepted = accepted
        self._open: set[str] = set()
        self._refused: Counter[str] = Counter()

    def begin(
        self,
        devices: Sequence[Device],
        account: Callable[[Device], str],
        earlier: Sequence[DeviceResult],
    ) -> dict[str, int]:
        """How many devices each credential may begin with.

        Args:
            devices: the target, what is done of it included.
            account: the credential of a device.
            earlier: the results of earlier attempts. One that they show to be
                accepted is not held back, and not in the answer.
        """
        accepted = {result.device_id for result in earlier if result.ok}
        refused = {result.device_id for result in earlier if _is_refusal(result)}
        self._open = {account(device) for device in devices if device.id in accepted}
        before = Counter(account(device) for device in devices if device.id in refused)
        for device in devices:
            name = account(device)
            self._refused[name] = MOST_REFUSED - 1 if before[name] >= MOST_REFUSED else 0
        return {
            name: MOST_REFUSED - count
            for name, count in self._refused.items()
            if name not in self._open
        }

    def given_up(self, account: str) -> bool:
        """Whether no further device should be asked."""
        return account not in self._open and self._refused[account] >= MOST_REFUSED

    def heard(self, account: str, error: DeviceError | None) -> None:
        """How a device took it; None: it went well."""
        if error is None or (error.stage in _LOGGED_IN and error.cause not in _UNTOLD):
            self._go_on(account)
        elif _is_refusal(error):
            self._refused[account] += 1

    def waited(self) -> None:
        """The time to wait for first logins is over: whom nobody has refused may go on."""
        for account, refused in self._refused.items():
            if not refused:
                self._go_on(account)

    def _go_on(self, account: str) -> None:
        if account not in self._open:
            self._open.add(account)
            self._accepted(account)


def _is_refusal(found: DeviceError | DeviceResult) -> bool:
    """Whether a device refused the login itself."""
    return (found.stage, found.cause) == ("authenticate", "auth")
