"""What the repository holds by now, as far as the writer has to know."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from dulwich.objects import ObjectID

from netstacks_tasks.store.version_log import BEGINNING, Place
from netstacks_tasks.sync.config_git.messages import Trailer, trailers_in
from netstacks_tasks.sync.config_git.repository import Repository


@dataclass(slots=True)
class Contents:
    """Follows the log of a repository, the oldest commit first."""

    head: ObjectID | None = None
    """Up to which commit."""
    place: Place = BEGINNING
    """All versions before it are written."""
    written: dict[UUID, datetime] = field(default_factory=dict)
    """Those behind it that are written too, with the times of their capture."""
    files: dict[str, Trailer] = field(default_factory=dict)
    """By path, what a commit last said of each file that is there now."""

    def read(self, repository: Repository) -> None:
        """Follow what was written since the last look, by this process or another."""
        messages = None if self.head is None else repository.messages(self.head)
        if messages is None:
            self.place, self.written, self.files = BEGINNING, {}, {}
            messages = repository.messages(None) or []
        for message in messages:
            self.take(trailers_in(message))
        self.head = repository.head()

    def take(self, trailers: Iterable[Trailer]) -> None:
        """Follow one commit."""
        for one in trailers:
            if one.captured_at is None:
                self.files.pop(one.path, None)
                continue
            self.files[one.path] = one
            if one.version_id is not None:
                self.written[one.version_id] = one.captured_at

    def go_on_from(self, time: datetime) -> None:
        """Versions captured earlier are not to be asked for again."""
        self.place = max(Place(time), self.place)
        self.written = {key: at for key, at in self.written.items() if at >= time}
