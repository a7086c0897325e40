"""The certificate and the key that the page and the API are served with."""

from __future__ import annotations

import ssl
from pathlib import Path

from netstacks_tasks.errors import InvalidInput, Problem
from netstacks_tasks.settings import Settings


def check_certificate(settings: Settings) -> None:
    """Refuse files that no server could use.

    Raises:
        InvalidInput: names the setting.
    """
    certificate, key = settings.web_certificate, settings.web_key
    if certificate is None or key is None:
        return
    files = {"NETSTACKS_WEB_CERTIFICATE": certificate, "NETSTACKS_WEB_KEY": key}
    problems = [
        Problem(field=field, message=fault)
        for field, file in files.items()
        if (fault := _unreadable(file)) is not None
    ]
    if problems:
        raise InvalidInput(problems)
    try:
        # Without a password given it would ask for one at the terminal.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password="")
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            raise InvalidInput.single(
                "NETSTACKS_WEB_KEY", f"{key} is not the key of {certificate}: name the right one"
            ) from None
        raise InvalidInput.single(
            "NETSTACKS_WEB_CERTIFICATE",
            f"{certificate} and {key} cannot be used: write the certificate, its chain after it, "
            "and the key without a password, both as PEM",
        ) from None


def _unreadable(file: Path) -> str | None:
    try:
        with file.open("rb"):
            return None
    except OSError as error:
        return f"{file} cannot be read: {error.strerror}"
