"""A bare git repository that is written in whole steps."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from glob import escape
from pathlib import Path
from typing import Final, Self
from uuid import UUID

from dulwich.errors import NotGitRepository
from dulwich.objects import Commit, ObjectID
from dulwich.refs import Ref
from dulwich.repo import Repo

from netstacks_tasks.errors import ConfigurationError

BRANCH: Final = Ref(b"refs/heads/main")
_SECTION: Final = (b"netstacks",)


@dataclass(frozen=True, slots=True)
class Identity:
    """What a repository is of; one of something else is not written to."""

    installation: UUID
    redacted: bool


@contextmanager
def storage_errors(folder: Path) -> Iterator[None]:
    """A disk that is full or closed is told as such."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ConfigurationError(
            f"the git repository {folder} cannot be written: {reason}: see to its disk and owner"
        ) from error


class Repository:
    """The repository, open; whoever writes holds its lock."""

    def __init__(self, folder: Path, repo: Repo) -> None:
        self.folder = folder
        self.repo = repo

    @classmethod
    @contextmanager
    def open(cls, folder: Path, identity: Identity) -> Iterator[Self]:
        """Open it; a folder that is missing or empty becomes one.

        Raises:
            ConfigurationError: it is something else, or of somebody else.
        """
        with storage_errors(folder):
            if not folder.exists() or not any(folder.iterdir()):
                _create(folder, identity)
            refuse_foreign(folder)
            repo = Repo(str(folder))
            try:
                _check(folder, repo, identity)
                yield cls(folder, repo)
            finally:
                repo.close()

    def head(self) -> ObjectID | None:
        """The newest commit; None before the first one."""
        return self.repo.refs.as_dict().get(BRANCH)

    def messages(self, since: ObjectID | None) -> list[str] | None:
        """Those of the commits after `since`, or of all, the oldest first.

        None when `since` is none of the commits: somebody has rewritten them.
        """
        found = []
        at = self.head()
        while at is not None and at != since:
            commit = self.repo.object_store[at]
            if not isinstance(commit, Commit):
                raise ConfigurationError(f"the branch of {self.folder} leads to no commit")
            found.append(commit.message.decode("utf-8", "replace"))
            at = commit.parents[0] if commit.parents else None
        if at != since:
            return None
        return found[::-1]


@contextmanager
def scratch(folder: Path) -> Iterator[Path]:
    """A closed folder beside it, removed at the end; those of killed writers are removed first."""
    with storage_errors(folder):
        folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        prefix = f".{folder.name}.netstacks-"
        for left in folder.parent.glob(f"{escape(prefix)}*"):
            shutil.rmtree(left)
        # mkdtemp gives mode 0700: configurations are for their owner alone.
        made = Path(tempfile.mkdtemp(prefix=prefix, dir=folder.parent))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _create(folder: Path, identity: Identity) -> None:
    """All of it or, whenever this is stopped, none: it is made beside and moved into its place."""
    with scratch(folder) as space:
        made = space / "new"
        made.mkdir(mode=0o700)
        repo = Repo.init_bare(str(made), default_branch=b"main")
        config = repo.get_config()
        config.set(_SECTION, b"installation", str(identity.installation).encode())
        config.set(_SECTION, b"redacted", identity.redacted)
        # A commit is on the disk before the branch leads to it.
        config.set((b"core",), b"fsyncObjectFiles", True)
        config.write_to_path()
        repo.close()
        made.rename(folder)


def refuse_foreign(folder: Path) -> None:
    """Raise `ConfigurationError` when a folder holds what NetStacks has not made."""
    if not any(folder.iterdir()):
        return
    try:
        repo = Repo(str(folder))
    except NotGitRepository:
        raise _not_ours(folder, "not a git repository, and not empty") from None
    try:
        if not repo.get_config().has_section(_SECTION):
            raise _not_ours(folder, "a git repository that NetStacks has not made")
    finally:
        repo.close()


def _not_ours(folder: Path, what: str) -> ConfigurationError:
    return ConfigurationError(f"{folder} is {what}: name a new folder in NETSTACKS_CONFIG_GIT")


def _check(folder: Path, repo: Repo, identity: Identity) -> None:
    config = repo.get_config()
    installation = config.get(_SECTION, b"installation").decode()
    redacted = config.get_boolean(_SECTION, b"redacted")
    if installation != str(identity.installation):
        raise ConfigurationError(
            f"{folder} holds the configurations of another database: name a new folder in "
            "NETSTACKS_CONFIG_GIT"
        )
    if redacted != identity.redacted:
        held = "without" if redacted else "with"
        wanted = "without" if identity.redacted else "with"
        raise ConfigurationError(
            f"{folder} was written {held} the secrets of the configurations, and "
            f"NETSTACKS_CONFIG_GIT_REDACTED asks for them {wanted}: set it back, or write the "
            "repository anew with `netstacks snapshot git --rebuild`"
        )
