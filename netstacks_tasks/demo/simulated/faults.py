"""The ways a simulated device can be told to misbehave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

FaultKind = Literal[
    "down",
    "hang",
    "error_page",
    "empty",
    "truncate",
    "close",
    "host_key",
    "kex",
    "password",
    "enable",
    "slow",
    "snmp_silent",
]

FAULT_KINDS: Final[tuple[FaultKind, ...]] = get_args(FaultKind)

DESCRIPTIONS: Final[dict[FaultKind, str]] = {
    "down": "SSH refuses connections and SNMP does not answer",
    "hang": "a login succeeds and then nothing more comes",
    "error_page": "an HTML error page stands where the configuration should",
    "empty": "nothing stands where the configuration should",
    "truncate": "a configuration stops half-way and the prompt returns",
    "close": "the connection is lost in the middle of a configuration",
    "host_key": "the SSH server shows another host key than before",
    "kex": "the SSH server offers only an obsolete key exchange",
    "password": "every login is refused",
    "enable": "the enable secret is refused",
    "slow": "every command takes `seconds` longer",
    "snmp_silent": "SNMP does not answer",
}

LISTENER_FAULTS: Final[frozenset[FaultKind]] = frozenset({"down", "host_key", "kex"})
"""Faults of the listening socket itself; the rest strike a session."""

UNCOUNTED_FAULTS: Final[frozenset[FaultKind]] = LISTENER_FAULTS | {"snmp_silent"}
"""Faults that cannot be limited to a number of logins."""

ERROR_PAGE: Final = """\
<!DOCTYPE html>
<html><head><title>503 Service Unavailable</title></head>
<body><h1>Service Unavailable</h1>
<p>The configuration service is temporarily unavailable. Try again later.</p>
<hr><address>management-proxy/2.1</address>
</body></html>
"""


@dataclass(slots=True, kw_only=True)
class Fault:
    """A fault in force on a device.

    `seconds` is the extra time per command (slow only). `remaining` is the
    number of logins it still strikes before it heals by itself; None: until
    healed.
    """

    kind: FaultKind
    seconds: float = 0.0
    remaining: int | None = None


def spoil(text: str, kinds: frozenset[FaultKind]) -> tuple[str, bool]:
    """What is printed instead of a configuration, and whether the line drops then."""
    if "error_page" in kinds:
        return ERROR_PAGE, False
    if "empty" in kinds:
        return "", False
    if "close" in kinds or "truncate" in kinds:
        return text[: len(text) * 2 // 5], "close" in kinds
    return text, False
