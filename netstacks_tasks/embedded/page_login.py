"""Where the page's first password is kept, until somebody changes it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_FILE: Final = "page-admin-password"


def password_file(state_dir: Path) -> Path:
    """Ours alone."""
    return state_dir / _FILE
