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
    "render",  # the templates gave no configuration
    "lock",  # another run configures the device
    "start",  # it was not begun
    "compare",  # what would change could not be found out
    "apply",  # the device refused a line, or went away meanwhile
    "verify",  # applied, and not in force; or a check after it failed
    "roll_back",  # the device holds neither the old nor the new configuration
    "save",  # in force, and not kept for the next boot
    "script",  # what a person's script does on the device
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
    "template",  # a variable is missing, or the template is wrong
    "rejected",  # the device refused a line
    "mismatch",  # the running configuration is not what it should be
    "unhealthy",  # a check after the change failed
    "busy",  # somebody else works on it
    "not_begun",  # too many devices before it had failed
    "reported",  # a script said so
]
