"""SNMPv3 messages of one agent: discovery, authentication, time window, privacy."""

from __future__ import annotations

import hmac
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from netstacks_tasks.demo.simulated import ber, snmp_pdu
from netstacks_tasks.demo.simulated.ber import BadEncoding, Oid, Reader
from netstacks_tasks.demo.simulated.snmp_pdu import Request
from netstacks_tasks.demo.simulated.usm import User

_USM: Final = 3
_AUTH: Final = 0x01
_PRIV: Final = 0x02
_REPORTABLE: Final = 0x04
_MAX_SIZE: Final = 65_507
_TIME_WINDOW: Final = 150
_STATS: Final[Oid] = (1, 3, 6, 1, 6, 3, 15, 1, 1)
_UNSUPPORTED_LEVEL: Final = 1
_NOT_IN_TIME_WINDOW: Final = 2
_UNKNOWN_USER: Final = 3
_UNKNOWN_ENGINE: Final = 4
_WRONG_DIGEST: Final = 5
_DECRYPTION_ERROR: Final = 6


class _Refused(Exception):
    """The message is answered with a report of this counter."""

    def __init__(self, counter: int, level: int = 0) -> None:
        self.counter = counter
        self.level = level
        super().__init__(counter)


@dataclass(slots=True)
class _Message:
    raw: bytes
    message_id: int
    flags: int
    engine_id: bytes
    boots: int
    time: int
    user: bytes
    digest: bytes
    digest_at: int
    salt: bytes
    data: Reader


class V3Endpoint:
    """Answers v3 messages to one engine and its one user; only authPriv is let in."""

    def __init__(self, engine_id: bytes, boots: int, user: User) -> None:
        self._engine_id = engine_id
        self._boots = boots
        self._user = user
        self._started = time.monotonic()
        self._refused: Counter[int] = Counter()

    def respond(self, raw: bytes, answer: Callable[[Request], bytes]) -> bytes | None:
        """The reply to a message; None when it asks for none.

        Raises:
            BadEncoding: it is no v3 message.
        """
        message = _decode(raw)
        try:
            scoped = self._plain(message)
        except _Refused as refused:
            self._refused[refused.counter] += 1
            if not message.flags & _REPORTABLE:
                return None
            oid = (*_STATS, refused.counter, 0)
            pdu = snmp_pdu.report(0, oid, self._refused[refused.counter])
            return self._encode(message.message_id, self._scoped(b"", pdu), refused.level)
        scoped.octets()  # the context engine: ours, or it was not for us to answer
        context = scoped.octets()
        request = snmp_pdu.read_request(scoped)
        return self._encode(
            message.message_id, self._scoped(context, answer(request)), _AUTH | _PRIV
        )

    @property
    def _time(self) -> int:
        return int(time.monotonic() - self._started) + 1

    def _plain(self, message: _Message) -> Reader:
        """The scoped PDU of a message that passed every check."""
        if message.engine_id != self._engine_id:
            raise _Refused(_UNKNOWN_ENGINE)
        if message.user != self._user.name:
            raise _Refused(_UNKNOWN_USER)
        if message.flags & (_AUTH | _PRIV) != _AUTH | _PRIV:
            raise _Refused(_UNSUPPORTED_LEVEL)
        self._check_digest(message)
        if message.boots != self._boots or abs(message.time - self._time) > _TIME_WINDOW:
            raise _Refused(_NOT_IN_TIME_WINDOW, _AUTH)
        cipher_text = message.data.octets()
        if len(message.salt) != 8:
            raise _Refused(_DECRYPTION_ERROR, _AUTH)
        plain = self._user.decrypt(cipher_text, message.salt, message.boots, message.time)
        try:
            return Reader(plain).enter(ber.SEQUENCE)
        except BadEncoding:
            raise _Refused(_DECRYPTION_ERROR, _AUTH) from None

    def _check_digest(self, message: _Message) -> None:
        end = message.digest_at + len(message.digest)
        zeroed = message.raw[: message.digest_at] + bytes(len(message.digest)) + message.raw[end:]
        if not hmac.compare_digest(message.digest, self._user.digest(zeroed)):
            raise _Refused(_WRONG_DIGEST)

    def _scoped(self, context: bytes, pdu: bytes) -> bytes:
        return ber.sequence(ber.octets(self._engine_id), ber.octets(context), pdu)

    def _encode(self, message_id: int, scoped: bytes, level: int) -> bytes:
        now = self._time
        data, salt, user, zeros = scoped, b"", b"", b""
        if level & _AUTH:
            user, zeros = self._user.name, bytes(self._user.digest_octets)
        if level & _PRIV:
            cipher_text, salt = self._user.encrypt(scoped, self._boots, now)
            data = ber.octets(cipher_text)

        def whole(digest: bytes) -> bytes:
            header = ber.sequence(
                ber.integer(message_id),
                ber.integer(_MAX_SIZE),
                ber.octets(bytes([level])),
                ber.integer(_USM),
            )
            security = ber.sequence(
                ber.octets(self._engine_id),
                ber.integer(self._boots),
                ber.integer(now),
                ber.octets(user),
                ber.octets(digest),
                ber.octets(salt),
            )
            return ber.sequence(ber.integer(3), header, ber.octets(security), data)

        message = whole(zeros)
        return whole(self._user.digest(message)) if level & _AUTH else message


def _decode(raw: bytes) -> _Message:
    outer = Reader(raw).enter(ber.SEQUENCE)
    outer.integer()
    header = outer.enter(ber.SEQUENCE)
    message_id = header.integer()
    header.integer()
    flags = header.octets()
    if header.integer() != _USM or len(flags) != 1:
        raise BadEncoding("a security model that is not the user-based one")
    security = outer.enter(ber.OCTET_STRING).enter(ber.SEQUENCE)
    engine_id, boots, sent_at = security.octets(), security.integer(), security.integer()
    if not (0 <= boots < 2**31 and 0 <= sent_at < 2**31):
        raise BadEncoding("a time outside its range")
    user = security.octets()
    digest = security.octets()
    digest_at = security.position - len(digest)
    salt = security.octets()
    return _Message(
        raw, message_id, flags[0], engine_id, boots, sent_at, user, digest, digest_at, salt, outer
    )
