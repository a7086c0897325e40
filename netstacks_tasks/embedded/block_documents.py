"""Saves Prefect block documents through the program of the `blocks` package.

The package is only named here, never imported: this one must not depend on it.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from netstacks_tasks.embedded.environment import prefect_environment
from netstacks_tasks.errors import ConfigurationError, InvalidInput, Unreachable

_PROGRAM = "blocks"
_TIMEOUT_SECONDS = 90
_REFUSED = 2
"""Its exit code for a document that is not right."""
_UNREACHABLE = 3
"""Its exit code when Prefect does not answer, or refuses its login."""


async def save_block_documents(
    *,
    api_url: str,
    home: Path,
    database_url: str | None = None,
    config_store_root: Path | None = None,
    device_credentials: Mapping[str, Mapping[str, Any]] | None = None,
    model_endpoints: Mapping[str, Mapping[str, Any]] | None = None,
) -> tuple[str, ...]:
    """Register the block types and save the given documents; returns their names.

    Args:
        api_url: the Prefect API.
        home: Prefect's home folder.
        database_url: saved as the block `netstacks-database`.
        config_store_root: saved as the block `netstacks-config-store`.
        device_credentials: the fields of each credential, by block name.
        model_endpoints: the fields of each model endpoint, by block name.

    Raises:
        InvalidInput: a document is refused.
        Unreachable: Prefect does not answer, or refuses the login.
        ConfigurationError: with what the program said.
    """
    documents: dict[str, Any] = {
        "device_credentials": dict(device_credentials or {}),
        "model_endpoints": dict(model_endpoints or {}),
    }
    if database_url is not None:
        documents["database_url"] = database_url
    if config_store_root is not None:
        documents["config_store_root"] = str(config_store_root)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",
        "-m",
        _PROGRAM,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=prefect_environment(home, {"PREFECT_API_URL": api_url}),
        cwd=home,
    )
    try:
        # By standard input: arguments can be read by every user of the machine.
        async with asyncio.timeout(_TIMEOUT_SECONDS):
            printed, said = await process.communicate(json.dumps(documents).encode())
    except TimeoutError:
        raise ConfigurationError(
            f"saving the block documents took longer than {_TIMEOUT_SECONDS} s: is the Prefect "
            f"server at {api_url} overloaded?"
        ) from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    message = " ".join(said.decode(errors="replace").split())
    if process.returncode == _REFUSED:
        raise InvalidInput.single("", message)
    if process.returncode == _UNREACHABLE:
        raise Unreachable(message)
    if process.returncode != 0:
        tail = "\n".join(said.decode(errors="replace").strip().splitlines()[-5:])
        raise ConfigurationError(f"the block documents could not be saved at {api_url}:\n{tail}")
    return tuple(printed.decode().split())
