"""What is kept of the files that a script leaves."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

from netstacks_tasks.operations.script.usage import DEEPEST
from netstacks_tasks.operations.script.workspace import Workspace

MOST_FILES: Final = 200
MOST_BYTES: Final = 50_000_000
"""Of all artifacts of one attempt."""
_MOST_TOLD: Final = 50
_OF_THE_NAME: Final = frozenset(
    {errno.ENAMETOOLONG, errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.EINVAL}
)
"""What is no text in a name is replaced, which makes it longer, or another file's folder."""
_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
_FILE: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """A file that a script left in `artifacts/`."""

    path: str
    """Below that folder."""
    size: int
    """Bytes."""


@dataclass(slots=True)
class Artifacts:
    """What became of a script's files."""

    kept: list[Artifact] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    """A sentence for each, up to some fifty."""
    fault: str = ""
    """Why nothing more could be kept, through no fault of the script."""

    def leave_out(self, path: str, why: str) -> None:
        """Say why one is not kept."""
        if len(self.left_out) < _MOST_TOLD:
            self.left_out.append(f"{path}: {why}")
        elif len(self.left_out) == _MOST_TOLD:
            self.left_out.append("and more")

    @property
    def size(self) -> int:
        return sum(one.size for one in self.kept)


def keep_artifacts(found: Workspace, destination: Path, redact: Callable[[str], str]) -> Artifacts:
    """Copy what the script left to be kept; call it when nothing of it runs any more.

    Only plain files that the script itself made are copied: a link could lead
    to what its user may not read. A file that holds a secret is not, either.

    Args:
        found: the script's folder.
        destination: where to; made when there is something to copy.
        redact: hides secrets in a text.
    """
    done = Artifacts()
    try:
        top = os.open(found.artifacts, _FOLDER)
    except OSError as error:
        if not isinstance(error, FileNotFoundError):
            done.leave_out("artifacts", f"is no folder that can be read: {error.strerror}")
        return done
    for path, handle in _files(top, (), done):
        with os.fdopen(handle, "rb") as file:
            fault = _fault(os.fstat(handle), found.owner, done) or _secret(file, redact)
            if any(one.path == path for one in done.kept):
                fault = "another file is called the same"
            if fault:
                done.leave_out(path, fault)
                continue
            size = os.fstat(handle).st_size
            try:
                _copy(file, destination, Path(path))
            except OSError as error:
                if error.errno in _OF_THE_NAME and destination.is_dir():
                    done.leave_out(path, f"cannot be called so here: {error.strerror}")
                    continue
                done.fault = (
                    f"its artifacts could not be kept in {destination}: {error.strerror}; give "
                    "the worker's user the right to write there, and space"
                )
                return done
            done.kept.append(Artifact(path=path, size=size))
    return done


def _files(folder: int, above: tuple[str, ...], done: Artifacts) -> Iterator[tuple[str, int]]:
    """Every file below a folder, opened, by name; the folder is closed at the end."""
    try:
        for name in sorted(os.listdir(folder)):
            parts = (*above, name)
            try:
                seen = os.stat(name, dir_fd=folder, follow_symlinks=False)
                if stat.S_ISDIR(seen.st_mode) and len(parts) <= DEEPEST:
                    yield from _files(os.open(name, _FOLDER, dir_fd=folder), parts, done)
                    continue
                if not stat.S_ISREG(seen.st_mode):
                    done.leave_out(_shown(parts), "not a plain file")
                    continue
                handle = os.open(name, _FILE, dir_fd=folder)
            except OSError as error:
                done.leave_out(_shown(parts), f"cannot be read: {error.strerror}")
                continue
            yield _shown(parts), handle
    finally:
        os.close(folder)


def _shown(parts: tuple[str, ...]) -> str:
    """A path that can be told; what is no text in a name is replaced."""
    text = os.fsencode("/".join(parts)).decode(errors="replace")
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def _fault(seen: os.stat_result, owner: int, done: Artifacts) -> str:
    if not stat.S_ISREG(seen.st_mode) or seen.st_uid != owner or seen.st_nlink > 1:
        return "not a plain file of the script's own"
    if len(done.kept) >= MOST_FILES:
        return f"more than {MOST_FILES} files"
    if done.size + seen.st_size > MOST_BYTES:
        return f"more than {MOST_BYTES // 1_000_000} MB in all"
    return ""


def _secret(file: BinaryIO, redact: Callable[[str], str]) -> str:
    text = file.read().decode(errors="replace")
    file.seek(0)
    return "holds a secret of the credential" if redact(text) != text else ""


def _copy(file: BinaryIO, destination: Path, path: Path) -> None:
    target = destination / path
    for folder in reversed((target.parent, *target.parent.parents)):
        if not folder.is_dir():
            folder.mkdir(mode=0o700, exist_ok=True)
    try:
        with target.open("wb") as copy:
            target.chmod(0o600)
            shutil.copyfileobj(file, copy)
    except OSError:
        target.unlink(missing_ok=True)
        raise
