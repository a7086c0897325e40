"""Whoever works on this machine, by a command."""

from __future__ import annotations

import os
import pwd

from netstacks_tasks.models.access import Actor


def terminal_actor() -> Actor:
    """The account that the system knows; a variable could name any other."""
    uid = os.getuid()
    try:
        account = pwd.getpwuid(uid).pw_name
    except KeyError:
        account = str(uid)
    return Actor(name=f"cli:{account}", via="cli")
