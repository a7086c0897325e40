"""Takes secrets out of texts that people and other programs will see."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from functools import partial
from typing import Final

from pydantic import SecretStr

from netstacks_tasks.models.inventory import DeviceCredential
from netstacks_tasks.operations.secret_forms import login_forms, written_forms
from netstacks_tasks.operations.secret_spans import spans
from netstacks_tasks.operations.secret_values import without_values

HIDDEN: Final = "<hidden>"

_SHORTEST = 4
"""A shorter secret would blank ordinary words."""

_KEY_BLOCK: Final = re.compile(
    r"(-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----)(.*?)(-----END [A-Z0-9 ]*PRIVATE KEY-----|\Z)",
    re.DOTALL,
)
_HIDDEN_LINES: Final = re.compile(rf"(?:\s*[+-]?{HIDDEN} [0-9a-f]{{6}})+\s*")
"""Of a key that is out already, in a diff too."""
_LINE: Final = re.compile(r"[^\n]+")


class Redactor:
    """Knows the secrets a run has used."""

    def __init__(self) -> None:
        self._known: set[str] = set()

    def learn(self, credential: DeviceCredential) -> None:
        """Hide every secret of a credential from now on."""
        for name in type(credential).model_fields:
            value = getattr(credential, name)
            if isinstance(value, SecretStr):
                secret = value.get_secret_value()
                # A key is printed line by line; its frame is no secret.
                lines = [line.strip() for line in secret.splitlines() if "-----" not in line]
                for text in (secret, *lines):
                    self._know(text)
        if credential.password is not None:
            password = credential.password.get_secret_value()
            self._known |= login_forms(credential.username, password)

    def hide(self, secret: SecretStr) -> None:
        """Hide a secret of another kind from now on, such as the key of an API."""
        self._know(secret.get_secret_value())

    def _know(self, secret: str) -> None:
        if len(secret) >= _SHORTEST:
            self._known |= written_forms(secret)

    def __call__(self, text: str) -> str:
        """The text without the secrets of the run's credentials."""
        return self._without_known(text, lambda _: HIDDEN)

    def _without_known(self, text: str, instead: Callable[[str], str]) -> str:
        parts, at = [], 0
        for start, end in spans(text, self._known):
            parts += [text[at:start], instead(text[start:end])]
            at = end
        return "".join([*parts, text[at:]])

    def private_keys(self, text: str) -> str:
        """Without the lines of private keys; each key has a word that changes when the key does.

        For texts that are to be compared: a part of a key, as a diff shows it,
        would not be recognised.
        """
        return _KEY_BLOCK.sub(self._without_lines, text)

    def _without_lines(self, block: re.Match[str]) -> str:
        begin, lines, end = block.groups()
        if _HIDDEN_LINES.fullmatch(lines):
            return block[0]
        digest = hashlib.blake2s(lines.encode(), digest_size=3).hexdigest()
        return f"{begin}\n{HIDDEN} {digest}\n{end}"

    def configuration(self, text: str) -> str:
        """The same, and without the values that a configuration line keeps secret."""
        return without_values(self.private_keys(self(text)), HIDDEN)

    def lines(self, text: str) -> list[str]:
        """The lines of `configuration`, as many as before: line n stands for line n.

        Of a private key each line is hidden by itself.
        """
        known_hidden = self._without_known(text, partial(_LINE.sub, HIDDEN))
        blanked = _KEY_BLOCK.sub(_line_by_line, known_hidden)
        return without_values(blanked, HIDDEN).split("\n")


def _line_by_line(block: re.Match[str]) -> str:
    begin, lines, end = block.groups()
    return begin + _LINE.sub(HIDDEN, lines) + end
