"""Where the devices are, and what they are called."""

from __future__ import annotations


def address(number: int) -> str:
    """The loopback address of a device, counted from 0."""
    return f"127.1.{number // 250}.{1 + number % 250}"


def name(number: int) -> str:
    """The host name of a device, counted from 0."""
    return f"r{number:04}"
