"""Which servers this process talks to."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from netstacks_tasks.embedded.connection import Connection, running_stack
from netstacks_tasks.errors import ConfigurationError, Unreachable
from netstacks_tasks.settings import Settings

NO_DATABASE = (
    "no database is known: start everything with `netstacks up`, or set NETSTACKS_DATABASE_URL "
    "(and PREFECT_API_URL) to what runs already"
)
NO_PREFECT = "no Prefect server is known: start one with `netstacks up`, or set PREFECT_API_URL"


class NotConnected(ConfigurationError, Unreachable):
    """Neither the settings nor a running stack say where a server is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """The database and the Prefect server."""

    database_url: str = field(repr=False)
    prefect_api_url: str | None
    prefect_auth_string: str | None = field(repr=False)
    """None: as the environment says, if at all."""
    prefect_home: Path
    """Prefect's files of this process; not the user's own."""
    work_pool: str

    @property
    def api_url(self) -> str:
        """Prefect's API.

        Raises:
            NotConnected: none is known.
        """
        if self.prefect_api_url is None:
            raise NotConnected(NO_PREFECT)
        return self.prefect_api_url

    def make_home(self) -> Path:
        """The folder for Prefect's files, made when it is missing.

        Raises:
            ConfigurationError: it cannot be made.
        """
        return made_home(self.prefect_home)


def made_home(home: Path) -> Path:
    """A folder for Prefect's files, made when it is missing.

    Raises:
        ConfigurationError: it cannot be made.
    """
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise ConfigurationError(
            f"cannot write to {home} ({error.strerror}): set NETSTACKS_STATE_DIR to a folder this "
            "user may write to"
        ) from None
    return home


def endpoints(settings: Settings) -> Endpoints:
    """As the settings say; else those of the stack that runs on the state folder.

    A stack that runs is not asked about Prefect when the settings name another
    database than its own: the two belong together.

    Raises:
        NotConnected: no database is known.
    """
    running = running_stack(settings.state_dir)
    given = settings.database_url.get_secret_value() if settings.database_url else None
    if given is None and running is None:
        raise NotConnected(NO_DATABASE)
    if running is not None and given not in {None, running.database_url}:
        running = None
    prefect = prefect_of(settings, running)
    return Endpoints(
        database_url=given or (running.database_url if running else ""),
        prefect_api_url=prefect.api_url,
        prefect_auth_string=prefect.auth_string,
        prefect_home=settings.state_dir / "prefect",
        work_pool=prefect.work_pool,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PrefectPlace:
    """A Prefect server, if one is known, and our pool on it."""

    api_url: str | None
    auth_string: str | None = field(default=None, repr=False)
    work_pool: str


def prefect_of(settings: Settings, running: Connection | None) -> PrefectPlace:
    """The Prefect server to talk to.

    Args:
        settings: what they name comes first.
        running: the stack that runs, whose login and pool go with its server.
    """
    given = settings.prefect_api_url
    if running is None or given not in {None, running.prefect_api_url}:
        return PrefectPlace(api_url=given, work_pool=settings.work_pool)
    return PrefectPlace(
        api_url=running.prefect_api_url,
        auth_string=running.prefect_auth_string,
        work_pool=running.work_pool,
    )
