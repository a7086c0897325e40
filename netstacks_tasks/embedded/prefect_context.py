"""Points the Prefect client of this process at one server."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from netstacks_tasks.embedded.ports import LOOPBACK
from netstacks_tasks.embedded.prefect_login import AUTH_STRING

_CONTEXT = "prefect.context"


@contextmanager
def pointed_at(api_url: str, *, home: Path, auth_string: str | None = None) -> Iterator[None]:
    """Inside it, Prefect uses this API and keeps its files in `home`.

    Prefect reads its environment when it is imported: one that is imported
    already is told to read it again.

    Args:
        api_url: the Prefect API.
        home: Prefect's home folder.
        auth_string: what it asks for; None: as the environment says.
    """
    before = dict(os.environ)
    was_imported = _CONTEXT in sys.modules
    unproxied = [part for part in (os.environ.get("NO_PROXY", ""), LOOPBACK, "localhost") if part]
    changes = {
        "PREFECT_API_URL": api_url,
        "PREFECT_HOME": str(home),
        "PREFECT_PROFILES_PATH": str(home / "profiles.toml"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "NO_PROXY": ",".join(unproxied),
    }
    if auth_string is not None:
        changes[AUTH_STRING] = auth_string
    os.environ.update(changes)
    _reread()
    try:
        yield
    finally:
        for name in changes:
            if name in before:
                os.environ[name] = before[name]
            else:
                del os.environ[name]
        # A Prefect that was imported in here keeps what it has: to read the
        # user's settings now would make the user's ~/.prefect.
        if was_imported:
            _reread()


def _reread() -> None:
    imported = sys.modules.get(_CONTEXT)
    if imported is not None:
        imported.refresh_global_settings_context()
