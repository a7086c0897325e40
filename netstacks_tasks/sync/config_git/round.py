"""One look at everything that is new."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from anyio import to_thread

from netstacks_tasks.ending import to_its_end
from netstacks_tasks.errors import NotFound
from netstacks_tasks.models.ids import DeviceId
from netstacks_tasks.operations.redaction import Redactor
from netstacks_tasks.store import snapshots, version_log
from netstacks_tasks.store.database import Database
from netstacks_tasks.store.version_log import BEGINNING, LoggedVersion
from netstacks_tasks.sync.config_git.batch import Batch, NewCommit
from netstacks_tasks.sync.config_git.contents import Contents
from netstacks_tasks.sync.config_git.grouping import Group, grouped
from netstacks_tasks.sync.config_git.inventory import Followed, followed
from netstacks_tasks.sync.config_git.messages import (
    Trailer,
    housekeeping,
    message_of,
    trailer_of,
    trailers_in,
)
from netstacks_tasks.sync.config_git.repository import Repository

_PAGE: Final = 1000
_MOST: Final = 2000
"""Versions that one commit holds at most, as far as they do not come from one page."""
_TOGETHER: Final = 200
"""Versions whose texts are held in memory before they are written."""
_OVERLAP: Final = timedelta(minutes=10)
"""A version may be seen later than one of a later time, whose transaction was faster."""


@dataclass(slots=True)
class Written:
    """What a round has done."""

    versions: int = 0
    commits: int = 0
    waiting: int = 0
    """Versions of runs that go on."""


class Round:
    """Writes what is missing, within the repository's lock."""

    def __init__(
        self,
        db: Database,
        repository: Repository,
        contents: Contents,
        *,
        redacted: bool,
        patience: timedelta,
    ) -> None:
        self._db = db
        self._repository = repository
        self._contents = contents
        # It knows no run's secrets: it hides what a line says is one.
        self._redactor = Redactor() if redacted else None
        self._patience = patience
        self._done = Written()

    async def run(self) -> Written:
        """Raises `ConfigurationError` and `StoreUnavailable`; what was written stays."""
        await to_its_end(to_thread.run_sync(self._contents.read, self._repository))
        await self._follow_inventory()
        place, pending = self._contents.place, list[LoggedVersion]()
        more = True
        while more:
            page = await version_log.after(self._db, place, limit=_PAGE, patience=self._patience)
            more = len(page) == _PAGE
            place = page[-1].place if page else place
            pending += [one for one in page if one.id not in self._contents.written]
            found = grouped(pending, more=more, full=len(pending) >= _MOST)
            await self._write(found.commits)
            pending = list(found.waiting)
        await self._follow_inventory()
        if place > BEGINNING:
            oldest = pending[0].captured_at if pending else place.captured_at
            self._contents.go_on_from(min(oldest, place.captured_at - _OVERLAP))
        self._done.waiting = len(pending)
        return self._done

    async def _write(self, groups: Sequence[Group]) -> None:
        together: list[tuple[Group, Mapping[UUID, str]]] = []
        held = 0
        for group in groups:
            texts = await self._texts(group)
            if texts:
                together.append((tuple(one for one in group if one.id in texts), texts))
                held += len(texts)
            if held >= _TOGETHER:
                await to_its_end(to_thread.run_sync(self._commit, together))
                together, held = [], 0
        if together:
            await to_its_end(to_thread.run_sync(self._commit, together))

    async def _texts(self, group: Group) -> Mapping[UUID, str]:
        """By version; one that has been removed meanwhile is not there."""
        texts: dict[UUID, str] = {}
        for version in group:
            try:
                texts[version.id] = (await snapshots.get(self._db, version.id)).content
            except NotFound:
                continue
        return texts

    def _commit(self, groups: Sequence[tuple[Group, Mapping[UUID, str]]]) -> None:
        batch = Batch(self._repository)
        for group, texts in groups:
            trailers = [trailer_of(one) for one in group]
            newer = [known for one in trailers if (known := self._newer(one)) is not None]
            back = {one.path: batch.read(one.path) for one in newer}
            files: dict[str, bytes | None] = {
                trailer.path: self._content(texts[one.id])
                for trailer, one in zip(trailers, group, strict=True)
            }
            self._add(batch, message_of(group), group[-1].captured_at, files)
            if newer:
                subject = f"Put {len(newer)} newer configurations back"
                self._add(batch, housekeeping(subject, newer), datetime.now(UTC), {**back})
        self._finish(batch)
        self._done.versions += sum(len(group) for group, _ in groups)

    def _newer(self, trailer: Trailer) -> Trailer | None:
        """What the file holds, when that is newer: a clock was put back, or this came late."""
        known = self._contents.files.get(trailer.path)
        if known is None or known.captured_at is None or trailer.captured_at is None:
            return None
        if known.captured_at <= trailer.captured_at:
            return None
        return Trailer(path=known.path, device_id=known.device_id, captured_at=known.captured_at)

    def _content(self, text: str) -> bytes:
        shown = text if self._redactor is None else "\n".join(self._redactor.lines(text))
        return shown.encode("utf-8", "surrogatepass")

    async def _follow_inventory(self) -> None:
        """A renamed device's files are moved, those of a removed one leave the newest commit."""
        names = await version_log.device_names(self._db)
        found = followed(self._contents.files, {DeviceId(key): names[key] for key in names})
        if found.removed:
            await to_its_end(to_thread.run_sync(self._move, found))

    def _move(self, found: Followed) -> None:
        batch = Batch(self._repository)
        files: dict[str, bytes | None] = dict.fromkeys(found.removed)
        files |= {trailer.path: batch.read(path) for path, trailer in found.moved.items()}
        gone = [Trailer(path=path) for path in found.removed]
        message = housekeeping(found.subject, [*gone, *found.moved.values()])
        self._add(batch, message, datetime.now(UTC), files)
        self._finish(batch)

    def _add(
        self, batch: Batch, message: str, at: datetime, files: Mapping[str, bytes | None]
    ) -> None:
        batch.add(NewCommit(message=message, at=at, files=files))
        self._contents.take(trailers_in(message))

    def _finish(self, batch: Batch) -> None:
        try:
            self._contents.head = batch.finish()
        except BaseException:
            # What was taken up is not there: the next look reads it again.
            self._contents.head = None
            raise
        self._done.commits += batch.commits
