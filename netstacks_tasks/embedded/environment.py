"""The environment of the programs we start: a short list, not whatever we were given."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from netstacks_tasks.settings import PREFIX

_PASSED_ON = (
    "PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR",
    "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "VIRTUAL_ENV", "LD_LIBRARY_PATH",
    "PYTHONPATH",
    # Where the zones of clocks are read from: Prefect has two libraries for them.
    "PYTHONTZPATH", "PYTZ_TZDATADIR",
)  # fmt: skip


# Of the server that this process is pointed at.
_PREFECT_ACCESS = ("PREFECT_API_KEY", "PREFECT_API_AUTH_STRING", "PREFECT_CLIENT_CUSTOM_HEADERS")


def limited_environment() -> dict[str, str]:
    """What any program needs of our environment; no setting and no secret of ours."""
    return {name: os.environ[name] for name in _PASSED_ON if name in os.environ}


def prefect_environment(home: Path, more: Mapping[str, str]) -> dict[str, str]:
    """A Prefect program's environment.

    Its home is ours, so that the user's own Prefect profile is neither read nor
    written, and it reports to nobody.
    """
    return (
        limited_environment()
        | {name: os.environ[name] for name in _PREFECT_ACCESS if name in os.environ}
        | {
            "PREFECT_HOME": str(home),
            "PREFECT_PROFILES_PATH": str(home / "profiles.toml"),
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "DO_NOT_TRACK": "1",
            "PREFECT_CLI_PROMPT": "false",
            "PREFECT_CLI_COLORS": "false",
            "PYTHONUNBUFFERED": "1",
        }
        | dict(more)
    )


def tunables() -> dict[str, str]:
    """Our own settings that flow runs read too; never an address with a password."""
    return {
        name: value
        for name, value in os.environ.items()
        if name.startswith(PREFIX) and not name.endswith("_URL")
    }
