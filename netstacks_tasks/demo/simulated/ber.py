"""The part of BER that SNMP uses."""

from __future__ import annotations

from typing import Final

INTEGER: Final = 0x02
OCTET_STRING: Final = 0x04
NULL: Final = 0x05
OBJECT_ID: Final = 0x06
SEQUENCE: Final = 0x30
COUNTER32: Final = 0x41
GAUGE32: Final = 0x42
TIME_TICKS: Final = 0x43
COUNTER64: Final = 0x46
NO_SUCH_OBJECT: Final = b"\x80\x00"
NO_SUCH_INSTANCE: Final = b"\x81\x00"
END_OF_MIB_VIEW: Final = b"\x82\x00"

Oid = tuple[int, ...]


class BadEncoding(Exception):
    """The octets are not the BER expected."""


def tagged(tag: int, content: bytes) -> bytes:
    """One element."""
    length = len(content)
    if length < 0x80:
        return bytes([tag, length]) + content
    size = length.to_bytes((length.bit_length() + 7) // 8)
    return bytes([tag, 0x80 | len(size)]) + size + content


def integer(value: int, tag: int = INTEGER) -> bytes:
    """A whole number; counters and gauges too, which are never negative."""
    return tagged(tag, value.to_bytes(value.bit_length() // 8 + 1, signed=True))


def octets(value: bytes) -> bytes:
    """An octet string."""
    return tagged(OCTET_STRING, value)


def sequence(*elements: bytes, tag: int = SEQUENCE) -> bytes:
    """Encoded elements in a row, as one."""
    return tagged(tag, b"".join(elements))


def object_id(oid: Oid) -> bytes:
    """An object identifier."""
    content = bytearray()
    for number in (oid[0] * 40 + oid[1], *oid[2:]):
        groups = [number & 0x7F]
        while number := number >> 7:
            groups.append(number & 0x7F | 0x80)
        content += bytes(reversed(groups))
    return tagged(OBJECT_ID, bytes(content))


class Reader:
    """Reads elements one after the other.

    Every method raises BadEncoding when something else stands there.
    """

    def __init__(self, data: bytes, start: int = 0, end: int | None = None) -> None:
        self._data = data
        self._end = len(data) if end is None else end
        self.position = start
        """Offset into the whole message of the next element."""

    @property
    def at_end(self) -> bool:
        return self.position >= self._end

    def peek(self) -> int:
        """The tag of the next element."""
        if self.at_end:
            raise BadEncoding("ends too early")
        return self._data[self.position]

    def enter(self, tag: int | None = None) -> Reader:
        """The content of the next element, which is passed over here."""
        if tag is not None and self.peek() != tag:
            raise BadEncoding(f"tag {self.peek():#x} instead of {tag:#x}")
        start = self.position + 2
        if start > self._end:
            raise BadEncoding("ends too early")
        length = self._data[self.position + 1]
        if length & 0x80:
            size = length & 0x7F
            if not 1 <= size <= 4:
                raise BadEncoding("length of an unknown form")
            length = int.from_bytes(self._data[start : start + size])
            start += size
        if start + length > self._end:
            raise BadEncoding("ends too early")
        self.position = start + length
        return Reader(self._data, start, start + length)

    def content(self, tag: int | None = None) -> bytes:
        """The octets of the next element's content."""
        inner = self.enter(tag)
        return self._data[inner.position : inner._end]

    def integer(self) -> int:
        content = self.content(INTEGER)
        if not 1 <= len(content) <= 8:
            raise BadEncoding("a whole number of no usable size")
        return int.from_bytes(content, signed=True)

    def octets(self) -> bytes:
        return self.content(OCTET_STRING)

    def object_id(self) -> Oid:
        content = self.content(OBJECT_ID)
        if not content or content[-1] & 0x80:
            raise BadEncoding("an object identifier that ends too early")
        numbers: list[int] = []
        number = 0
        for octet in content:
            number = number << 7 | octet & 0x7F
            if not octet & 0x80:
                numbers.append(number)
                number = 0
        first = min(numbers[0] // 40, 2)
        return (first, numbers[0] - first * 40, *numbers[1:])
