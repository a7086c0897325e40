"""Which algorithms the simulated devices have, and their host keys."""

from __future__ import annotations

from typing import Final, Literal

import asyncssh

Age = Literal["modern", "legacy", "sha1"]
"""`legacy` devices have Diffie-Hellman over 2048 bits, RSA keys and CBC, with SHA-1 and SHA-256;
`sha1` ones have SHA-1 alone, which the paramiko of today does not speak."""

_RSA_KEYS: Final = 16
"""Making one takes long, and a client cannot tell that others have it too."""
_OFFERED: Final[dict[Age, dict[str, list[str]]]] = {
    "modern": {
        "kex_algs": ["curve25519-sha256", "curve25519-sha256@libssh.org", "ecdh-sha2-nistp256"],
        "encryption_algs": [
            "aes128-gcm@openssh.com",
            "aes256-gcm@openssh.com",
            "aes128-ctr",
            "aes192-ctr",
            "aes256-ctr",
        ],
        "mac_algs": ["hmac-sha2-256", "hmac-sha2-512"],
    },
    "legacy": {
        "kex_algs": ["diffie-hellman-group14-sha256", "diffie-hellman-group14-sha1"],
        "encryption_algs": ["aes128-cbc"],
        "mac_algs": ["hmac-sha1"],
        "signature_algs": ["rsa-sha2-256", "ssh-rsa"],
    },
    "sha1": {
        "kex_algs": ["diffie-hellman-group14-sha1"],
        "encryption_algs": ["aes128-cbc"],
        "mac_algs": ["hmac-sha1"],
        "signature_algs": ["ssh-rsa"],
    },
}


def offered(age: Age) -> dict[str, list[str]]:
    """What a device of that age offers, as options of asyncssh."""
    return _OFFERED[age]


def host_keys(age: Age, count: int) -> list[asyncssh.SSHKey]:
    """A host key for each device: Ed25519, one each; or RSA of 2048 bits, a few shared ones."""
    if age == "modern":
        return [asyncssh.generate_private_key("ssh-ed25519") for _ in range(count)]
    made = [
        asyncssh.generate_private_key("ssh-rsa", key_size=2048)
        for _ in range(min(count, _RSA_KEYS))
    ]
    return [made[number % len(made)] for number in range(count)]
