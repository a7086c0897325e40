"""SNMPv3's user-based security (RFC 3414, 3826, 7860): keys, digests, AES."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from cryptography.hazmat.decrepit.ciphers.modes import CFB
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms

from netstacks_tasks.models.inventory import DeviceCredential

_DIGEST_OCTETS: Final = {
    "md5": 12,
    "sha": 12,
    "sha224": 16,
    "sha256": 24,
    "sha384": 32,
    "sha512": 48,
}
_HASHLIB_NAMES: Final = {"sha": "sha1"}
_AES_KEY_OCTETS: Final = 16


@dataclass(frozen=True, slots=True)
class User:
    """An authPriv user as one engine knows it: its keys are the engine's own."""

    name: bytes
    protocol: str
    auth_key: bytes
    priv_key: bytes

    @classmethod
    def of(cls, credential: DeviceCredential, engine_id: bytes) -> User | None:
        """The SNMPv3 user of a credential, or None when it has none."""
        auth, priv = credential.snmp_auth_key, credential.snmp_priv_key
        if not credential.snmp_user or auth is None or priv is None:
            return None
        protocol = credential.snmp_auth_protocol
        return cls(
            credential.snmp_user.encode(),
            protocol,
            _localised(protocol, auth.get_secret_value(), engine_id),
            _localised(protocol, priv.get_secret_value(), engine_id)[:_AES_KEY_OCTETS],
        )

    @property
    def digest_octets(self) -> int:
        """Length of the authentication parameters."""
        return _DIGEST_OCTETS[self.protocol]

    def digest(self, message: bytes) -> bytes:
        """Of a message whose authentication parameters are zeros."""
        name = _HASHLIB_NAMES.get(self.protocol, self.protocol)
        return hmac.digest(self.auth_key, message, name)[: self.digest_octets]

    def encrypt(self, data: bytes, boots: int, time: int) -> tuple[bytes, bytes]:
        """The cipher text and the privacy parameters (salt)."""
        salt = secrets.token_bytes(8)
        encryptor = self._cipher(salt, boots, time).encryptor()
        return encryptor.update(data) + encryptor.finalize(), salt

    def decrypt(self, data: bytes, salt: bytes, boots: int, time: int) -> bytes:
        """The plain text; rubbish when the key was another one."""
        decryptor = self._cipher(salt, boots, time).decryptor()
        return decryptor.update(data) + decryptor.finalize()

    def _cipher(self, salt: bytes, boots: int, time: int) -> Cipher[CFB]:
        start = boots.to_bytes(4) + time.to_bytes(4) + salt
        return Cipher(algorithms.AES128(self.priv_key), CFB(start))


def _localised(protocol: str, password: str, engine_id: bytes) -> bytes:
    name = _HASHLIB_NAMES.get(protocol, protocol)
    key = _stretched(name, password)
    return hashlib.new(name, key + engine_id + key).digest()


@lru_cache(maxsize=64)
def _stretched(name: str, password: str) -> bytes:
    """The password repeated over 2^20 octets: slow, and the same for every engine."""
    text = password.encode()
    return hashlib.new(name, (text * (2**20 // len(text) + 1))[: 2**20]).digest()
