"""Alerts of an installation: automations of Prefect's, which it carries out itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import BlockDocument
from prefect.events.schemas.automations import Automation, AutomationCore
from prefect.exceptions import ObjectNotFound

from netstacks_tasks.errors import InvalidInput
from netstacks_tasks.models.alert_kind import KINDS, AlertKind
from netstacks_tasks.sync.alert_kinds import automation, block_tag, kind_tag
from netstacks_tasks.sync.desired import installation_tag
from netstacks_tasks.sync.prefect_errors import translated

_PAGE = 200
_NOTIFIES = "notify"

Outcome = Literal["made", "changed", "unchanged", "removed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One that is there, or was."""

    id: UUID
    kind: AlertKind
    block: str
    """`type/name`."""
    enabled: bool
    outcome: Outcome = "unchanged"


class Alerts:
    """Those of one installation; others, and what people made by hand, are left alone."""

    def __init__(self, client: PrefectClient, installation: UUID) -> None:
        self._client = client
        self._installation = installation

    async def find(self) -> list[Alert]:
        """All of them, by kind and block."""
        found = [alert for one in await self._read() if (alert := _alert(one)) is not None]
        return sorted(found, key=lambda alert: (KINDS.index(alert.kind), alert.block))

    async def set(self, kinds: Sequence[AlertKind], block: str) -> list[Alert]:
        """Make them, or make them as they should be; the same again changes nothing.

        Raises:
            InvalidInput: there is no such block, or it cannot notify.
            SyncError: Prefect does not answer, or refuses.
        """
        document = await self._block(block)
        there = await self._read()
        done = []
        for kind in kinds:
            wanted = automation(kind, block, document.id, self._installation)
            same = [one for one in there if _is(one, kind, block)]
            done.append(await self._put(wanted, same, kind, block))
        return done

    async def remove(self, kinds: Sequence[AlertKind], block: str | None = None) -> list[Alert]:
        """Delete those of these kinds; only by this block, when one is named."""
        chosen = [
            alert
            for alert in await self.find()
            if alert.kind in kinds and block in {None, alert.block}
        ]
        async with translated("remove the alerts"):
            for alert in chosen:
                await self._client.delete_automation(alert.id)
        return [_with(alert, "removed") for alert in chosen]

    async def _put(
        self, wanted: AutomationCore, same: Sequence[Automation], kind: AlertKind, block: str
    ) -> Alert:
        async with translated(f"save the alert {wanted.name!r}"):
            # Two who set it at the same moment leave two behind: nobody is told twice.
            for one in same[1:]:
                await self._client.delete_automation(one.id)
            if not same:
                made = await self._client.create_automation(wanted)
                return Alert(id=made, kind=kind, block=block, enabled=True, outcome="made")
            key = same[0].id
            if _content(same[0]) == _content(wanted):
                return Alert(id=key, kind=kind, block=block, enabled=True)
            # The client leaves out what was not set, and that would stay as it is.
            whole = AutomationCore.model_validate(wanted.model_dump(exclude={"owner_resource"}))
            await self._client.update_automation(key, whole)
            return Alert(id=key, kind=kind, block=block, enabled=True, outcome="changed")

    async def _block(self, block: str) -> BlockDocument:
        slug, _, name = block.partition("/")
        if not slug or not name:
            raise InvalidInput.single(
                "--block", f"{block!r}: write its type and its name, as slack-webhook/ops"
            )
        async with translated("read the block"):
            try:
                found = await self._client.read_block_document_by_name(
                    name, slug, include_secrets=False
                )
            except ObjectNotFound:
                raise InvalidInput.single(
                    "--block",
                    f"Prefect has no block {block!r}: make it on Prefect's Blocks page",
                ) from None
        schema = found.block_schema
        if schema is None or _NOTIFIES not in schema.capabilities:
            raise InvalidInput.single(
                "--block",
                f"{block!r} sends no notifications: use one of a type that does, as "
                "slack-webhook, ms-teams-webhook, custom-webhook or sendgrid-email",
            )
        return found

    async def _read(self) -> list[Automation]:
        ours: list[Automation] = []
        mark = installation_tag(self._installation)
        async with translated("read the automations"):
            while True:
                page = await self._client.read_automations(limit=_PAGE, offset=len(ours))
                ours += page
                if len(page) < _PAGE:
                    return [one for one in ours if mark in one.tags]


def _content(one: AutomationCore) -> dict[str, object]:
    """Everything of it that is ours to say."""
    names = ("name", "description", "enabled", "trigger", "actions")
    said = one.model_dump(mode="json", include=set(names))
    said["trigger"] = {
        name: sorted(value) if name in {"after", "expect", "for_each"} else value
        for name, value in said["trigger"].items()
        if name != "id"
    }
    return said | {"tags": sorted(one.tags)}


def _is(one: Automation, kind: AlertKind, block: str) -> bool:
    return {kind_tag(kind), block_tag(block)} <= set(one.tags)


def _alert(one: Automation) -> Alert | None:
    kind = next((kind for kind in KINDS if kind_tag(kind) in one.tags), None)
    prefix = block_tag("")
    blocks: Iterable[str] = (tag.removeprefix(prefix) for tag in one.tags if tag.startswith(prefix))
    block = next(iter(blocks), None)
    if kind is None or block is None:
        return None
    return Alert(id=one.id, kind=kind, block=block, enabled=one.enabled)


def _with(alert: Alert, outcome: Outcome) -> Alert:
    return Alert(
        id=alert.id, kind=alert.kind, block=alert.block, enabled=alert.enabled, outcome=outcome
    )
