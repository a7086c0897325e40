"""The words for where and why work on a device failed.

They are stored in the history and shown in tables: add to them, do not rename.
"""

from __future__ import annotations

from typing import Literal

Stage = Literal[
    "credential",  # the credential could not be resolved
    "resolve",  # the host name
    "connect",  # TCP, or the first datagram
    "key_exchange",
    "host_key",
    "authenticate",
    "prompt",  # the device's prompt never came, or enable was refused
    "command",  # a command was sent and not answered, or refused
    "capture",  # what came back is not a configuration
    "check",  # ping or SNMP
    "store",  # the version could not be kept
]

Cause = Literal[
    "refused",
    "timed_out",
    "unreachable",
    "unknown_host",
    "auth",
    "host_key",
    "kex",
    "prompt",
    "bad_output",
    "not_permitted",  # this process may not do it (raw sockets)
    "unsupported",  # the platform or algorithm is not one we know
    "disconnected",
    "storage",
    "internal",
]
