"""The environment of a run's process."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from prefect.utilities.processutils import sanitize_subprocess_env

_NO_AUTHORITY: Final = Path(__file__).with_name("no_authority.pem")
_READ_AT_START: Final = ("PYTHON", "LD_", "DYLD_", "MALLOC_", "GLIBC_")


def run_environment(configured: Mapping[str, str | None]) -> dict[str, str]:
    """The variables of a run's process, but for those that say which run it is.

    Args:
        configured: the worker's own with those of the deployment over them, as a
            job configuration has them; None removes one.
    """
    together = dict(configured)
    # Each run would ask the server for its version; the worker has.
    together.setdefault("PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED", "false")
    if str(together.get("PREFECT_API_URL") or "").startswith("http://"):
        # Every client of Prefect loads all public authorities, a fifth of a short run's
        # work, even for a server without TLS. This one has expired: it vouches for nobody.
        together.setdefault("PREFECT_API_SSL_CERT_FILE", str(_NO_AUTHORITY))
    return sanitize_subprocess_env(together)


def needs_interpreter(environment: Mapping[str, str]) -> bool:
    """Whether it differs from ours in what takes effect only when an interpreter starts."""
    return _read_at_start(environment) != _read_at_start(os.environ)


def _read_at_start(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.startswith(_READ_AT_START)}
