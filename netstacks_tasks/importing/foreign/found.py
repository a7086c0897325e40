"""Devices as another system tells them, and what the person wants made of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from netstacks_tasks.importing.nodes import where

System = Literal["netbox", "nautobot", "nornir", "ansible", "oxidized", "rancid"]

Raw = object
"""A value as it stood there, of any type: the checks of the import say what is wrong with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """A login that stood beside a device; it lives in memory only."""

    username: str
    password: str = field(default="", repr=False)
    enable_secret: str = field(default="", repr=False)

    def fields(self) -> dict[str, str]:
        """As a credential's block takes it."""
        named = {
            "username": self.username,
            "password": self.password,
            "enable_secret": self.enable_secret,
        }
        return {name: value for name, value in named.items() if value}


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundDevice:
    """One device of another system."""

    key: str
    """Its own id there; of a file, its name."""
    name: str
    """Empty when it has none."""
    host: Raw = None
    port: Raw = None
    """None leaves the port that a known device has."""
    platforms: tuple[str, ...] = ()
    """What it is said to run, in that system's words; the first one known counts."""
    site: Raw = None
    groups: tuple[str, ...] = ()
    login: Login | None = None
    refusal: str = ""
    """Why it cannot be taken, where the reader knows already."""
    source: str
    """The file, or the device's address in the service: for messages."""
    line: int = 0

    @property
    def place(self) -> str:
        return where(self.source, self.line)

    @property
    def title(self) -> str:
        """What to call it in messages."""
        return self.name or f"(no name, {self.key})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What another system has."""

    devices: Sequence[FoundDevice]
    passed_over: Sequence[str] = ()
    """The ids of devices that are there and not wanted: they are not gone."""
    notes: Sequence[str] = ()
    """What people should know of the source."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialRule:
    """Devices of a platform, a site or a group use this credential."""

    field: Literal["platform", "site", "group"]
    value: str
    credential: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """How devices are taken."""

    source: str
    """What the system is called in the inventory: its URL, or the file's path."""
    scope: str = ""
    """What of it was asked for; only what came by the same words is pruned."""
    platforms: Mapping[str, str] = field(default_factory=dict)
    """Our platform by that system's word, beside the known ones."""
    default_platform: str | None = None
    """Of devices that say none."""
    credential: str | None = None
    """Name or id of the credential of devices that no rule is for; None leaves it as it is."""
    rules: Sequence[CredentialRule] = ()
    """The first that fits counts."""
    logins: Mapping[Login, str] = field(default_factory=dict)
    """Names of the credentials that logins of the source were saved as."""
    groups: Sequence[str] = ()
    """Groups of every device taken."""
    skip: bool = False
    """Leave out what cannot be taken; otherwise nothing is taken then."""
    prune: bool = False
    """Remove what came from there and is gone."""
    dry_run: bool = False


NO_CHANGE: Final = "nothing was written: mend them there, or leave them out with --skip"
