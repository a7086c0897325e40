"""The private folder a script works in, and what is kept of it."""

from __future__ import annotations

import json
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import SecretStr

from netstacks_tasks.models.inventory import Device, DeviceCredential

MOST_FILES: Final = 200
MOST_BYTES: Final = 50_000_000
"""Of all artifacts of one attempt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """A file that a script left in `artifacts/`."""

    path: str
    """Below that folder."""
    size: int
    """Bytes."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """A folder that only the script's user may enter; gone when the block ends."""

    folder: Path
    uid: int | None

    @property
    def artifacts(self) -> Path:
        return self.folder / "artifacts"

    @property
    def devices(self) -> Path:
        return self.folder / "devices.json"

    @property
    def credential(self) -> Path:
        return self.folder / "credential.json"

    def script(self, interpreter: str) -> Path:
        """Where the script's text is."""
        return self.folder / ("script.sh" if interpreter == "bash" else "script.py")

    def write(self, path: Path, text: str) -> None:
        """Make a file that nobody but the script's user can read, and nobody write."""
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o400)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            if self.uid is not None:
                os.fchown(file.fileno(), self.uid, self.uid)
            file.write(text)


@contextmanager
def workspace(uid: int | None) -> Iterator[Workspace]:
    """A fresh workspace; `uid` is the script's user, None for this process's own."""
    folder = Path(tempfile.mkdtemp(prefix="netstacks-script-"))
    try:
        made = Workspace(folder, uid)
        for part in (made.artifacts, folder / "tmp", folder):
            part.mkdir(mode=0o700, exist_ok=True)
            if uid is not None:
                os.chown(part, uid, uid)
        yield made
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def devices_document(devices: Sequence[Device]) -> str:
    """What a script learns of its devices, as JSON: a list of objects."""
    fields = {"id", "name", "host", "port", "platform"}
    return json.dumps([device.model_dump(mode="json", include=fields) for device in devices])


def credential_document(credential: DeviceCredential) -> str:
    """A credential's fields as JSON, those without a value left out."""
    fields: dict[str, Any] = {}
    for name, value in dict(credential).items():
        plain = value.get_secret_value() if isinstance(value, SecretStr) else value
        if plain is not None:
            fields[name] = plain
    return json.dumps(fields, default=str)


def keep_artifacts(found: Workspace, destination: Path) -> tuple[list[Artifact], list[str]]:
    """Copy what the script left to be kept; call it when nothing of it runs any more.

    Only regular files that the script itself made are copied: a link could
    lead to what its user may not read.

    Args:
        found: the script's folder.
        destination: where to; made when there is something to copy.

    Returns:
        what was copied, and a sentence for each thing that was not.
    """
    owner = os.geteuid() if found.uid is None else found.uid
    kept: list[Artifact] = []
    left_out: list[str] = []
    total = 0
    root = str(found.artifacts)
    for base, folders, names, handle in os.fwalk(root, follow_symlinks=False):
        folders.sort()
        for name in sorted(names):
            relative = os.path.relpath(os.path.join(base, name), root)  # noqa: PTH118 - as fwalk
            fault = None
            try:
                source = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=handle)
            except OSError:
                left_out.append(f"{relative}: not a plain file")
                continue
            with os.fdopen(source, "rb") as file:
                seen = os.fstat(source)
                if not stat.S_ISREG(seen.st_mode) or seen.st_uid != owner or seen.st_nlink > 1:
                    fault = "not a plain file of the script's own"
                elif len(kept) >= MOST_FILES:
                    fault = f"more than {MOST_FILES} files"
                elif total + seen.st_size > MOST_BYTES:
                    fault = f"more than {MOST_BYTES // 1_000_000} MB in all"
                if fault is not None:
                    left_out.append(f"{relative}: {fault}")
                    continue
                target = destination / relative
                target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                with target.open("wb") as copy:
                    target.chmod(0o600)
                    shutil.copyfileobj(file, copy)
            total += seen.st_size
            kept.append(Artifact(path=relative, size=seen.st_size))
    return kept, left_out
