"""Secrets in texts: known ones, and those that a configuration tells."""

from __future__ import annotations

from pydantic import SecretStr

from netstacks_tasks.models.inventory import DeviceCredential
from netstacks_tasks.operations.agent.cleaning import Cleaner
from netstacks_tasks.operations.redaction import HIDDEN, Redactor
from tests.fuzz.target import Target

_KEY = "-----BEGIN PRIVATE KEY-----\nTUlJQ2RnSUJBREFO\nQmdrcWhraUc5dzBC\n-----END PRIVATE KEY-----"


def _redactor() -> Redactor:
    made = Redactor()
    made.learn(
        DeviceCredential(
            username="backup",
            password=SecretStr("zUrich-42"),
            enable_secret=SecretStr("mÜnchen&7"),
            private_key=SecretStr(_KEY),
            snmp_community=SecretStr("wxyz"),
        )
    )
    return made


_REDACT = _redactor()
_SECRETS = ("zUrich-42", "mÜnchen&7", "TUlJQ2RnSUJBREFO", "QmdrcWhraUc5dzBC", "wxyz")


def _read(data: bytes) -> None:
    text = data.decode(errors="replace")
    plain = _REDACT(text)
    for told in (plain, _REDACT.configuration(text), "\n".join(_REDACT.lines(text))):
        assert not any(secret in told.replace(HIDDEN, "|") for secret in _SECRETS), told
    assert len(_REDACT.lines(text)) == text.count("\n") + 1, "line n stands for line n"
    shown = Cleaner(_REDACT).text(text)
    assert not any(secret in shown.replace(HIDDEN, "|") for secret in _SECRETS), shown


TARGET = Target(
    name="redaction",
    read=_read,
    words=(
        *_SECRETS,
        *("password ", "secret 5 ", "snmp-server community ", " key ", "\n", "\x1b[0m", "<hidden>"),
        *("-----BEGIN PRIVATE KEY-----\n", "-----END PRIVATE KEY-----", "$1$", "zUr", "ich-42"),
    ),
)
