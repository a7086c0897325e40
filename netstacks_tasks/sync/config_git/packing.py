"""Keeps the repository small."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path


async def pack(folder: Path) -> None:
    """Let git pack what has become many files, where there is a git.

    Without one, or when it fails, the repository is as good, and larger.
    """
    if (git := shutil.which("git")) is None:
        return
    process = await asyncio.create_subprocess_exec(
        *(git, "--git-dir", str(folder), "-c", "gc.autoDetach=false", "gc", "--auto", "--quiet"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
