"""What our own Prefect server asks everybody for who talks to it.

Its API can start runs and read every secret of every block, and whatever runs
on this machine, a task's script too, reaches it.
"""

from __future__ import annotations

import secrets
from pathlib import Path

from netstacks_tasks.embedded.private_files import write_private

AUTH_STRING = "PREFECT_API_AUTH_STRING"
"""The variable of Prefect's clients."""
_FILE = "prefect-auth-string"
_USER = "netstacks"


def login_file(state_dir: Path) -> Path:
    """Where it is kept; ours alone."""
    return state_dir / _FILE


def own_auth_string(state_dir: Path) -> str:
    """`user:password`: random, made once and kept, so that a browser's stays right.

    The caller holds the lock of the folder.
    """
    path = login_file(state_dir)
    try:
        kept = path.read_text(encoding="utf-8").strip()
    except (FileNotFoundError, ValueError):
        kept = ""
    if not kept:
        kept = f"{_USER}:{secrets.token_urlsafe(24)}"
        write_private(path, f"{kept}\n")
    return kept
