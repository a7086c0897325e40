"""The control channel: one JSON object a line over a private Unix socket."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Final

from netstacks_tasks.errors import NetstacksError

Operation = Callable[[Mapping[str, Any]], Awaitable[object]]

_FILE_NAME: Final = "control.sock"
_LONGEST_PATH: Final = 100
"""The kernel allows some 104 bytes."""


class ControlServer:
    """Answers `{"op": ..., ...}` with `{"ok": true, "result": ...}` or an error text."""

    def __init__(self, directory: Path, operations: Mapping[str, Operation]) -> None:
        self._operations = operations
        self._private: Path | None = None
        self._server: asyncio.Server | None = None
        self.path = directory / _FILE_NAME
        if len(os.fsencode(self.path)) > _LONGEST_PATH:
            self._private = Path(tempfile.mkdtemp(prefix="netstacks-fleet-"))
            self.path = self._private / _FILE_NAME

    async def open(self) -> None:
        """Listen; the caller holds the directory's lock, so an old socket is a dead one."""
        self.path.unlink(missing_ok=True)
        before = os.umask(0o177)
        try:
            self._server = await asyncio.start_unix_server(self._serve, self.path)
        finally:
            os.umask(before)

    async def close(self) -> None:
        """Stop listening and remove the socket."""
        if self._server:
            self._server.close()
            await self._server.wait_closed()
        self.path.unlink(missing_ok=True)
        if self._private:
            shutil.rmtree(self._private, ignore_errors=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                answer = await self._answer(line)
                writer.write(json.dumps(answer).encode() + b"\n")
                await writer.drain()
        except (OSError, ValueError):
            return  # the client left, or sent a line without end
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _answer(self, line: bytes) -> dict[str, Any]:
        try:
            request = json.loads(line)
        except ValueError:
            return {"ok": False, "error": "a request is one JSON object on one line"}
        operation = (
            self._operations.get(str(request.get("op"))) if isinstance(request, dict) else None
        )
        if operation is None:
            return {"ok": False, "error": f"op must be one of {', '.join(self._operations)}"}
        try:
            return {"ok": True, "result": await operation(request)}
        except (NetstacksError, OSError) as error:
            return {"ok": False, "error": str(error)}
