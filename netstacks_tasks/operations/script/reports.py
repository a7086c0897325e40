"""What a script says of its devices, while it runs: a JSON line for each.

A line is `{"device": NAME, "ok": true, "summary": "..."}`; the last one of a
device counts. What cannot be used is told, and is no reason to stop.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictStr, ValidationError

from netstacks_tasks.models.ids import DeviceId
from netstacks_tasks.models.inventory import Device
from netstacks_tasks.models.result import DeviceResult
from netstacks_tasks.operations.carried import newest_results
from netstacks_tasks.operations.script.workspace import Workspace

ITEM: Final = "script"

_MOST_BYTES: Final = 4 * 1024 * 1024
_LONGEST_LINE: Final = 16 * 1024
_LONGEST_SUMMARY: Final = 1000
_LONGEST_ECHO: Final = 60
_MOST_TOLD: Final = 20


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    device: Annotated[StrictStr, Field(min_length=1)]
    ok: StrictBool
    summary: StrictStr = ""


def done_reports(earlier: Iterable[DeviceResult]) -> tuple[DeviceResult, ...]:
    """The devices that an earlier attempt of the script reported to be in order."""
    return tuple(one for one in newest_results(earlier) if one.item == ITEM and one.ok)


@dataclass(slots=True)
class DeviceReports:
    """Reads the file of results as it grows."""

    place: Workspace
    devices: Sequence[Device]
    attempt: int
    redact: Callable[[str], str]
    latest: dict[DeviceId, DeviceResult] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    """A sentence for each line that says nothing, up to twenty."""
    _inode: int = 0
    _offset: int = 0
    _number: int = 0
    _total: int = 0
    _rest: bytes = b""
    _closed: bool = False

    def new(self, *, last: bool = False) -> tuple[DeviceResult, ...]:
        """What was reported since the last call, once for each device.

        Args:
            last: nothing more will be written: a line without an end counts.
        """
        text = self._rest + (b"" if self._closed else self._read())
        *lines, self._rest = text.split(b"\n")
        if last or len(self._rest) > _LONGEST_LINE:
            lines, self._rest = [*lines, self._rest], b""
        found: dict[DeviceId, DeviceResult] = {}
        for line in lines:
            self._number += 1
            if not line.strip():
                continue
            try:
                result = self._result(line)
            except ValueError as error:
                self._refuse(str(error))
            else:
                found[result.device_id] = result
        self.latest |= found
        return tuple(found.values())

    def _read(self) -> bytes:
        try:
            handle = os.open(self.place.results, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError as error:
            if not isinstance(error, FileNotFoundError):
                self._close("the results are no plain file: they are not read")
            return b""
        try:
            return self._read_on(handle)
        finally:
            os.close(handle)

    def _read_on(self, handle: int) -> bytes:
        seen = os.fstat(handle)
        own = seen.st_uid == self.place.owner and seen.st_nlink == 1
        if not stat.S_ISREG(seen.st_mode) or not own:
            self._close("the results are no plain file of the script's own: they are not read")
            return b""
        if seen.st_ino != self._inode or seen.st_size < self._offset:
            # Another file has taken its place, or it was begun anew.
            self._inode, self._offset = seen.st_ino, 0
        text = os.pread(handle, _MOST_BYTES - self._total, self._offset)
        self._offset += len(text)
        self._total += len(text)
        if self._total >= _MOST_BYTES:
            self._close(f"the results hold more than {_MOST_BYTES} bytes: the rest is not read")
        return text

    def _close(self, why: str) -> None:
        self._closed = True
        self.faults.append(why)

    def _result(self, line: bytes) -> DeviceResult:
        if len(line) > _LONGEST_LINE:
            raise ValueError(f"is longer than {_LONGEST_LINE} bytes")
        try:
            said = _Line.model_validate_json(line)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(map(str, first["loc"]))
            raise ValueError(f"{where}: {first['msg']}" if where else first["msg"]) from None
        named = (one for one in self.devices if said.device in {one.name, str(one.id)})
        device = next(named, None)
        if device is None:
            raise ValueError(f"no device of the task is called {said.device[:_LONGEST_ECHO]!r}")
        summary = self.redact(said.summary)
        if len(summary) > _LONGEST_SUMMARY:
            summary = summary[:_LONGEST_SUMMARY] + "…"
        return DeviceResult(
            device_id=device.id,
            device_name=device.name,
            item=ITEM,
            ok=said.ok,
            summary=summary or ("in order" if said.ok else "no reason given"),
            attempt=self.attempt,
            stage=None if said.ok else "script",
            cause=None if said.ok else "reported",
        )

    def _refuse(self, why: str) -> None:
        if len(self.faults) < _MOST_TOLD:
            self.faults.append(self.redact(f"line {self._number} of the results: {why}"))
        elif len(self.faults) == _MOST_TOLD:
            self.faults.append("and more lines like these")
