"""Encrypts the texts of configurations on their way into the database.

AES-256-GCM over the compressed text, bound to its version: the text of one version cannot be put
in another's place. The hashes that versions are compared by are keyed, too: with a plain one,
whoever has a dump could try passwords against it.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import zlib
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from netstacks_tasks.errors import ConfigurationError

_FORM: Final = b"\x01"
_KEY_ID: Final = 4
_NONCE: Final = 12
_HEAD: Final = len(_FORM) + _KEY_ID + _NONCE
_LEVEL: Final = 1
"""Of zlib: configurations shrink to a tenth by the quickest already."""
_LONGEST: Final = 256 * 1024 * 1024
"""Bytes of a text; more than any reader takes."""


class Sealing:
    """With the first of some keys; without any, texts stay as they are."""

    def __init__(self, keys: Sequence[bytes] = ()) -> None:
        """`keys`: 32 bytes each; all of them open."""
        self._keys = {_key_id(key): key for key in keys}
        self._first = next(iter(self._keys), None)

    def __repr__(self) -> str:
        return f"<Sealing, {len(self._keys)} keys>"

    @property
    def active(self) -> bool:
        """Whether texts are encrypted."""
        return self._first is not None

    @property
    def mark(self) -> bytes | None:
        """What a text that the first key sealed begins with; none without keys."""
        return None if self._first is None else _FORM + self._first

    def seal(self, text: str, version: UUID) -> bytes | None:
        """The text of a version for nobody else to read; none without keys."""
        if self._first is None:
            return None
        head = _FORM + self._first + os.urandom(_NONCE)
        plain = zlib.compress(text.encode("utf-8", "surrogatepass"), _LEVEL)
        bound = head + version.bytes
        return head + AESGCM(self._keys[self._first]).encrypt(head[-_NONCE:], plain, bound)

    def open(self, sealed: bytes, version: UUID) -> str:
        """The text of a version.

        Raises:
            ConfigurationError: none of the keys opens it.
        """
        head, key = sealed[:_HEAD], self._keys.get(sealed[len(_FORM) : len(_FORM) + _KEY_ID])
        if key is None:
            raise ConfigurationError(
                f"version {version} is encrypted: NETSTACKS_CONFIG_KEY_FILE has to name the file "
                f"with its key {head[len(_FORM) : len(_FORM) + _KEY_ID].hex()}"
            )
        try:
            plain = AESGCM(key).decrypt(head[-_NONCE:], sealed[_HEAD:], head + version.bytes)
        except InvalidTag:
            raise ConfigurationError(
                f"version {version} was changed in the database: it does not decrypt any more"
            ) from None
        return zlib.decompressobj().decompress(plain, _LONGEST).decode("utf-8", "surrogatepass")

    def digest(self, text: str) -> str:
        """What a text is compared by: hexadecimal, of the first key."""
        return self.digests(text)[0]

    def digests(self, text: str) -> tuple[str, ...]:
        """The same, and what it was compared by before: with the other keys, without any."""
        data = text.encode("utf-8", "surrogatepass")
        keyed = (hmac.digest(key, data, "sha256").hex() for key in self._keys.values())
        return (*keyed, hashlib.sha256(data).hexdigest())


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(b"netstacks-config-key" + key).digest()[:_KEY_ID]


UNSEALED: Final = Sealing()
