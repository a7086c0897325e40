"""Which values of a configuration are secrets, as routers, switches and hosts write them."""

from __future__ import annotations

import re
from typing import Final

_KIND: Final = r"""
    (?:(?:
        sha\d*|md5|hmac-\S+|cmac-\S+|scrypt|encrypted|clear|cleartext|plaintext|ciphertext|cipher
      | irreversible-cipher|ascii-text|ascii|hexadecimal|hex|text|password|local|remote|enc
      | \d{1,3}
      | address[ \t]+\S+[ \t]+(?:\S+[ \t]+)?key
    )[ \t]+){0,3}
"""
"""How the secret behind it is written, or with whom it is shared."""
_VALUE: Final = r"""(?P<value>"[^"\n]*"|[^\s;,]+)"""

_BY_WORD: Final = re.compile(
    rf"""
    (?P<before>
        \b(?:password|passwd|secret|(?<!send-)(?<!set[ ])community|key-string
           |pre-shared-key|passphrase|psk|psksecret|authentication-key|auth-key|api[-_]key
           |message-digest-key[ \t]+\d+[ \t]+md5
           |tacacs-server[ \t]+key|radius-server[ \t]+key|isakmp[ \t]+key|server-key
           |authentication[ \t]+(?:text|string)
           |auth[ \t]+(?:md5|sha\S*)|priv[ \t]+(?:des|3des|aes)\S*
           |encrypted-password|key(?=[ \t]+(?:\d[ \t]|["$]))|priv(?=[ \t]+0x)
        )
        ["']?[ \t:=]+{_KIND}
    )
    {_VALUE}
    """,
    re.IGNORECASE | re.VERBOSE,
)
# Where a word alone says too little: `key 1` of a key chain is none, `key abc` of a server is one.
_BY_LINE: Final = re.compile(
    rf"""
    ^(?P<before>
        [ \t+-]*(?:no[ \t]+)?
        (?:
            (?:tacacs-server[ \t]+host|radius-server[ \t]+host|server-private)[ \t][^\n]*?[ \t]key
          | key(?=[ \t]+(?!\d{{1,4}}[ \t]*$)\S+[ \t]*$)
          | key[ \t]+[0-9a-f]{{2,64}}[ \t]+(?:0|7|8a)
          | (?:standby|vrrp|glbp|hsrp)[ \t]+(?:\d+[ \t]+)?authentication
            (?![ \t]+(?:md5|text|mode|key-chain)\b)
          | snmp-server[ \t]+host[ \t]+\S+
            (?:[ \t]+vrf[ \t]+\S+)?(?:[ \t]+(?:traps?|informs?))?
            (?:[ \t]+(?:encrypted|clear))?(?:[ \t]+version[ \t]+(?:1|2c))?
            (?![ \t]+(?:version|(?:use-|filter-)?vrf|source-interface|traps?|informs?)\b)
        )
        [ \t]+{_KIND}
    )
    {_VALUE}
    """,
    re.IGNORECASE | re.VERBOSE | re.MULTILINE,
)
_HASH: Final = re.compile(r"\$(?:[0-9]{1,2}|2[abxy]|y|gy|sha1|nt)\$[^\s;,\"']+")
"""Of a password, as crypt and Cisco's and Juniper's devices write it."""


def without_values(text: str, instead: str) -> str:
    """The text with `instead` for each; it keeps its lines."""
    for pattern in (_BY_LINE, _BY_WORD):
        text = pattern.sub(lambda match: match["before"] + instead, text)
    return _HASH.sub(instead, text)
