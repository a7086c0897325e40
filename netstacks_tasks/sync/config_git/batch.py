"""Commits that become visible together, by one move of the branch."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from dulwich.errors import NotTreeError
from dulwich.file import FileLocked
from dulwich.object_store import MemoryObjectStore, OverlayObjectStore, commit_tree_changes
from dulwich.objects import ZERO_SHA, Blob, Commit, ObjectID, Tree

from netstacks_tasks.errors import ConfigurationError
from netstacks_tasks.sync.config_git.repository import BRANCH, Repository, storage_errors

_AUTHOR: Final = b"NetStacks <netstacks@localhost>"
_FILE: Final = 0o100644
_MANY: Final = 200
"""So many objects are written as one pack, not as a file each."""
_STALE_SECONDS: Final = 60.0
"""A branch is locked for a moment; whoever holds it longer is dead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCommit:
    """One to be made."""

    message: str
    at: datetime
    files: Mapping[str, bytes | None]
    """By path, the new content; None removes a file that is there."""


class Batch:
    """Collects commits in memory; nothing of them is there before `finish`."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._new = MemoryObjectStore()
        self._store = OverlayObjectStore([self._new, repository.repo.object_store], self._new)
        self._begun = self._head = repository.head()
        self._tree = self._tree_of(self._head)
        self.commits = 0

    def read(self, path: str) -> bytes:
        """What a file holds by now.

        Raises:
            ConfigurationError: it is not there: somebody has removed it.
        """
        found = self._find(path)
        if found is None:
            raise ConfigurationError(
                f"{path} is missing in {self._repository.folder}: write the repository anew "
                "with `netstacks snapshot git --rebuild`"
            )
        return found.data

    def _find(self, path: str) -> Blob | None:
        try:
            _, key = self._tree.lookup_path(self._store.__getitem__, path.encode())
            found = self._store[key]
        except (KeyError, NotTreeError):
            return None
        return found if isinstance(found, Blob) else None

    def add(self, new: NewCommit) -> None:
        """Take up a commit, on top of those before."""
        changes: list[tuple[bytes, int | None, ObjectID | None]] = []
        for path, content in new.files.items():
            if content is None:
                if self._find(path) is not None:
                    changes.append((path.encode(), None, None))
                continue
            blob = Blob.from_string(content)
            self._store.add_object(blob)
            changes.append((path.encode(), _FILE, blob.id))
        # What goes makes room first: a folder may become a file.
        changes.sort(key=lambda change: change[2] is not None)
        tree_id = commit_tree_changes(self._store, self._tree, changes)
        commit = Commit()
        commit.tree = tree_id
        commit.parents = [] if self._head is None else [self._head]
        commit.author = commit.committer = _AUTHOR
        commit.author_time = commit.commit_time = int(new.at.timestamp())
        commit.author_timezone = commit.commit_timezone = 0
        commit.encoding = b"UTF-8"
        commit.message = new.message.encode("utf-8", "replace")
        self._store.add_object(commit)
        self._head = commit.id
        self._tree = self._tree_of(self._head)
        self.commits += 1

    def finish(self) -> ObjectID | None:
        """Write it all; returns the newest commit.

        Raises:
            ConfigurationError: the disk does not take it, or somebody else has
                moved the branch; what was there is there.
        """
        if self._head is None or self._head == self._begun:
            return self._head
        folder = self._repository.folder
        store = self._repository.repo.object_store
        objects = [self._new[key] for key in self._new]
        with storage_errors(folder):
            if len(objects) > _MANY:
                store.add_objects([(one, None) for one in objects])
            else:
                for one in objects:
                    store.add_object(one)
            _free_branch(folder)
            try:
                moved = self._repository.repo.refs.set_if_equals(
                    BRANCH, self._begun or ZERO_SHA, self._head
                )
            except FileLocked:
                moved = False
        if not moved:
            raise ConfigurationError(
                f"somebody else writes to the branch of {folder}: it belongs to NetStacks alone"
            )
        return self._head

    def _tree_of(self, head: ObjectID | None) -> Tree:
        if head is None:
            return Tree()
        commit = self._store[head]
        tree = self._store[commit.tree] if isinstance(commit, Commit) else None
        if not isinstance(tree, Tree):
            raise ConfigurationError(f"the branch of {self._repository.folder} has no files")
        return tree


def _free_branch(folder: Path) -> None:
    """Remove the lock of a writer that was killed while it held it."""
    lock = folder / f"{BRANCH.decode()}.lock"
    try:
        age = time.time() - lock.stat().st_mtime
    except FileNotFoundError:
        return
    if age > _STALE_SECONDS:
        lock.unlink(missing_ok=True)
