"""Writes to the repository what the database has and it has not."""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path
from typing import Final

from netstacks_tasks.store import version_log
from netstacks_tasks.store.database import Database
from netstacks_tasks.sync.config_git.contents import Contents
from netstacks_tasks.sync.config_git.lock import locked
from netstacks_tasks.sync.config_git.packing import pack
from netstacks_tasks.sync.config_git.repository import (
    Identity,
    Repository,
    refuse_foreign,
    scratch,
    storage_errors,
)
from netstacks_tasks.sync.config_git.round import Round, Written

logger = logging.getLogger(__name__)

PATIENCE: Final = timedelta(hours=1)
"""How long a version waits for the end of its run."""


class ConfigGit:
    """The writer; it may be stopped at any moment, and goes on where the repository ends."""

    def __init__(
        self, db: Database, folder: Path, *, redacted: bool, patience: timedelta = PATIENCE
    ) -> None:
        """Describe it; nothing is written yet.

        Args:
            db: which has the versions.
            folder: of the bare repository.
            redacted: leave the values that configurations keep secret out.
            patience: how long a version waits for the end of its run.
        """
        self._db = db
        self._folder = folder
        self._redacted = redacted
        self._patience = patience
        self._contents = Contents()

    async def catch_up(self) -> Written:
        """Write what is missing; the repository is made when there is none.

        Raises:
            ConfigurationError: the folder cannot be one of this database.
            RepositoryBusy: another process writes it.
            StoreUnavailable: PostgreSQL does not answer; what was written stays.
        """
        identity = Identity(await version_log.installation(self._db), self._redacted)
        with locked(self._folder), Repository.open(self._folder, identity) as repository:
            made = Round(
                self._db,
                repository,
                self._contents,
                redacted=self._redacted,
                patience=self._patience,
            )
            written = await made.run()
            if written.commits:
                await pack(self._folder)
                logger.info(
                    "wrote %d versions to %s in %d commits",
                    written.versions,
                    self._folder,
                    written.commits,
                    extra={"action": "config_git_written", "versions": written.versions},
                )
        return written

    async def rebuild(self) -> Written:
        """Write it anew from the database alone, then put it in the old one's place.

        Killed between the two, it leaves no repository: the next look makes it again.
        Raises as `catch_up` does.
        """
        with locked(self._folder), scratch(self._folder) as space:
            fresh = ConfigGit(
                self._db, space / "new", redacted=self._redacted, patience=self._patience
            )
            written = await fresh.catch_up()
            with storage_errors(self._folder):
                if self._folder.exists():
                    refuse_foreign(self._folder)
                    self._folder.rename(space / "old")
                (space / "new").rename(self._folder)
        self._contents = Contents()
        return written

    def look_at_all(self) -> None:
        """Compare everything at the next look: a clock may have been put back."""
        self._contents = Contents()
