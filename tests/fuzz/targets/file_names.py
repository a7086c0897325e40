"""Names that become paths: a backup's destination, a device, a script's file."""

from __future__ import annotations

import os
from pathlib import PurePosixPath

from pydantic import TypeAdapter, ValidationError

from netstacks_tasks.importing.entries import name_fault
from netstacks_tasks.importing.hosts import host_fault
from netstacks_tasks.models.destination import Destination
from netstacks_tasks.operations.config_files import ConfigFiles, file_name
from netstacks_tasks.operations.script.artifacts import _shown
from tests.fuzz.target import Target

_ROOT = PurePosixPath("/var/lib/netstacks/configs")
_DESTINATION: TypeAdapter[str] = TypeAdapter(Destination)


def _read(data: bytes) -> None:
    text = data.decode(errors="surrogateescape")
    where, _, name = text.partition("\n")
    shown = _shown((os.fsdecode(data),))
    assert "\n" not in shown
    shown.encode()
    host_fault(where)
    if name_fault(name) is not None:
        name = "core-1"
    safe = file_name(name)
    assert safe not in {"", ".", ".."}
    assert "/" not in safe
    assert "\x00" not in safe
    assert len(os.fsencode(safe)) < 220, "a file system takes it, with its suffix"
    try:
        destination = _DESTINATION.validate_python(where)
    except ValidationError:
        return
    files = ConfigFiles(_ROOT, destination)  # type: ignore[arg-type]  # it is only joined
    path = os.path.normpath(files.path(name, "running"))
    assert path.startswith(f"{_ROOT}/"), path
    assert path == str(files.path(name, "running")), "it is what it says"


TARGET = Target(
    name="file_names",
    read=_read,
    words=("..", "/", "./", "../", "\\", "%2e%2e", "~", "\x00", "\n", "configs", "con", "a" * 60),
    longest=600,
)
