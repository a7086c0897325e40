"""Which events people are told of, and in which words; pure values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from prefect.events.actions import SendNotification
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.events.schemas.events import ResourceSpecification

from netstacks_tasks.models.alert_kind import WHEN, AlertKind
from netstacks_tasks.sync.desired import TAG, installation_tag
from netstacks_tasks.sync.events import CHANGED, MENDED, MISSED

_RUN: Final = "prefect.flow-run"
_TASK: Final = "{{ deployment.name }}"
"""A deployment is called what its task is."""
_WHERE: Final = "{{ flow_run|ui_url }}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    """Of one kind; templates of Prefect's, rendered by its server."""

    events: tuple[str, ...]
    subject: str
    body: str


_WORDS: Final[dict[AlertKind, _Words]] = {
    "failed": _Words(
        events=(f"{_RUN}.Failed", f"{_RUN}.TimedOut", f"{_RUN}.Crashed"),
        subject=f"NetStacks: {_TASK} failed",
        body=(
            f"The run {{{{ flow_run.name }}}} of the task {_TASK} ended as "
            "{{ event.resource['prefect.state-name'] }}.\n\n"
            f"{{{{ event.resource['prefect.state-message'] }}}}\n\n{_WHERE}"
        ),
    ),
    "missed": _Words(
        events=(MISSED, f"{_RUN}.Missed"),
        subject=f"NetStacks: {_TASK} missed its time",
        body=(
            f"The task {_TASK} did not run when it was due.\n\n"
            "{% if event.payload.told %}{{ event.payload.told }}"
            "{% else %}{{ event.resource['prefect.state-message'] }}{% endif %}"
        ),
    ),
    "zombie": _Words(
        events=(MENDED,),
        subject=f"NetStacks: a run of {_TASK} lost its process",
        body=(
            f"The run {{{{ flow_run.name }}}} of the task {_TASK}: "
            f"{{{{ event.payload.told }}}}\n\n{_WHERE}"
        ),
    ),
    "changed": _Words(
        events=(CHANGED,),
        subject=f"NetStacks: {_TASK} found {{{{ event.payload.count }}}} changed devices",
        body=(
            f"The task {_TASK} found changes on {{{{ event.payload.count }}}} devices: "
            f"{{{{ event.payload.devices|join(', ') }}}}\n\n{_WHERE}"
        ),
    ),
}


def automation(kind: AlertKind, block: str, block_id: UUID, installation: UUID) -> AutomationCore:
    """The automation of Prefect that tells of a kind by a block.

    Args:
        kind: of what.
        block: `type/name` of the notification block.
        block_id: its document.
        installation: whose runs.
    """
    words = _WORDS[kind]
    return AutomationCore(
        name=name_of(kind, block),
        description=f"{WHEN[kind]} Made by `netstacks alert set`.",
        tags=[TAG, installation_tag(installation), kind_tag(kind), block_tag(block)],
        trigger=EventTrigger(
            expect=set(words.events),
            match_related=ResourceSpecification(
                {
                    "prefect.resource.role": "tag",
                    "prefect.resource.id": f"prefect.tag.{installation_tag(installation)}",
                }
            ),
            posture=Posture.Reactive,
            threshold=1,
            within=timedelta(0),
        ),
        actions=[
            SendNotification(block_document_id=block_id, subject=words.subject, body=words.body)
        ],
    )


def name_of(kind: AlertKind, block: str) -> str:
    """Shown on Prefect's page of automations."""
    return f"NetStacks: {kind}, by {block}"


def kind_tag(kind: AlertKind) -> str:
    """Says of what an automation of ours tells."""
    return f"netstacks-alert:{kind}"


def block_tag(block: str) -> str:
    """Says by which block."""
    return f"netstacks-alert-block:{block}"
