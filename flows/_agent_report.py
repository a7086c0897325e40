"""The texts of an agent's artifacts: pure functions of how its conversation ended."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from flows._model import Prices
from flows._report import escape, fenced
from netstacks_tasks.models.result import DeviceResult
from netstacks_tasks.operations.agent.answer import Answer
from netstacks_tasks.operations.agent.chat import Usage
from netstacks_tasks.operations.agent.ending import AgentEnd
from netstacks_tasks.operations.agent.tool import Called
from netstacks_tasks.operations.agent.transcript import FORMAT, Entry, Transcript

_MOST_ROWS: Final = 300
_MOST_TRANSCRIPT: Final = 150_000
_MOST_ENTRY: Final = 8_000
_LONGEST_ARGUMENTS: Final = 200
_LONGEST_CELL: Final = 500
"""The whole text is in the transcript's file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Who was asked, and where the whole conversation is kept."""

    title: str
    model: str
    endpoint: str
    prices: Prices | None
    kept: Path | None
    """The transcript's file on the worker; None when it could not be written."""


def agent_report(asked: Asked, end: AgentEnd, results: Sequence[DeviceResult]) -> str:
    """Markdown: the answer, the findings, what was not reached, the calls, the costs."""
    parts = [f"# {escape(asked.title)}", _headline(end)]
    if end.answer is not None:
        parts += _answer(end.answer)
    unread = _unread(end.answer, results)
    if unread:
        parts.append("## Not reached\n\n" + unread)
    notes = [*end.notes, *_refused(end.transcript.calls)]
    if notes:
        parts.append("## Notes\n\n" + "\n".join(f"- {escape(note)}" for note in notes))
    parts.append("## What it looked at\n\n" + _calls(end.transcript.calls))
    parts.append("## What it used\n\n" + _used(asked, end))
    return "\n\n".join(parts) + "\n"


def _headline(end: AgentEnd) -> str:
    if end.answer is None:
        return f"**No answer: {escape(end.fault)}**"
    worst = [finding.severity for finding in end.answer.findings]
    counts = ", ".join(
        f"{worst.count(severity)} {severity}"
        for severity in ("critical", "warning", "info")
        if severity in worst
    )
    return f"**{counts or 'No findings'}. Confidence: {end.answer.confidence}.**"


def _answer(answer: Answer) -> list[str]:
    lines = [escape(line) for line in answer.summary.splitlines() if line.strip()]
    parts = ["## Answer\n\n" + "\n\n".join(lines)]
    if answer.findings:
        rows = [
            f"| {finding.severity} | {escape(finding.device or '-')} "
            f"| {escape(finding.evidence[:_LONGEST_CELL])} | {escape(finding.tool_call)} |"
            for finding in answer.findings
        ]
        head = ["| severity | device | evidence | call |", "|---|---|---|---|"]
        parts.append("## Findings\n\n" + "\n".join([*head, *rows]))
    return parts


def _unread(answer: Answer | None, results: Sequence[DeviceResult]) -> str:
    """What the answer names, and what tools met and it does not name."""
    named = {} if answer is None else {one.device: one.reason for one in answer.unreachable}
    rows = [
        f"| {escape(device)} | {escape(reason[:_LONGEST_CELL])} | the answer |"
        for device, reason in named.items()
    ]
    rows += [
        f"| {escape(one.device_name)} "
        f"| {escape(f'{one.stage}: {one.cause}: {one.summary}'[:_LONGEST_CELL])} | {one.item} |"
        for one in results
        if not one.ok and one.device_name not in named
    ]
    if not rows:
        return ""
    more = [f"\nand {len(rows) - _MOST_ROWS} more"] if len(rows) > _MOST_ROWS else []
    return "\n".join(["| device | reason | said by |", "|---|---|---|", *rows[:_MOST_ROWS], *more])


def _refused(calls: Sequence[Called]) -> list[str]:
    refused = [call.name for call in calls if call.status == "refused"]
    if not refused:
        return []
    return [
        f"the model asked for what it may not have ({', '.join(refused[:20])}); none of it was done"
    ]


def _calls(calls: Sequence[Called]) -> str:
    if not calls:
        return "No tool was called."
    rows = [
        f"| {call.name} | {escape(call.tool)} | {escape(call.arguments[:_LONGEST_ARGUMENTS])} "
        f"| {call.status}{', cut' if call.cut else ''} | {len(call.data)} | {call.seconds:.1f} s |"
        for call in calls[:_MOST_ROWS]
    ]
    head = ["| call | tool | arguments | result | characters | time |", "|---|---|---|---|---|---|"]
    return "\n".join([*head, *rows])


def _used(asked: Asked, end: AgentEnd) -> str:
    rows = [
        ("model", asked.model),
        ("endpoint", asked.endpoint),
        ("turns", str(end.turns)),
        ("calls of tools", str(end.tool_calls)),
        ("tokens", tokens_in_words(end.usage)),
        ("time", f"{end.seconds:.0f} s"),
    ]
    if asked.prices is not None:
        rows.append(("cost", f"{asked.prices.of(end.usage):.4f} {asked.prices.currency}"))
    if asked.kept is not None:
        rows.append(("whole transcript, on the worker", str(asked.kept)))
    lines = [f"| {name} | {escape(value)} |" for name, value in rows]
    return "\n".join(["| | |", "|---|---|", *lines])


def tokens_in_words(usage: Usage) -> str:
    """How many tokens, of which kind, and whether that is a guess."""
    told = f"{usage.total}: {usage.prompt} read, {usage.completion} written"
    if usage.estimated:
        told += " (estimated, on the high side: the endpoint does not tell)"
    return told


def transcript_report(title: str, transcript: Transcript, kept: Path | None) -> str:
    """Markdown: the conversation, entry by entry, as far as there is room."""
    parts = [f"# {escape(title)}: transcript"]
    left = _MOST_TRANSCRIPT
    where = "" if kept is None else f"; all of it is in `{kept}` on the worker"
    entries = transcript.entries
    for number, entry in enumerate(entries):
        text = _entry(entry)
        if len(text) > left:
            parts.append(f"{len(entries) - number} more entries{where}")
            break
        left -= len(text)
        parts.append(text)
    return "\n\n".join(parts) + "\n"


def _entry(entry: Entry) -> str:
    called = entry.called
    if called is not None:
        head = f"{called.name} {called.tool}: {called.status}"
        body = f"{called.arguments}\n\n{called.data}"
    else:
        head = entry.role
        made = [f"{tool} {arguments}" for tool, arguments in entry.calls]
        body = "\n".join([*([entry.content] if entry.content else []), *made])
    if entry.usage is not None:
        head += f" ({tokens_in_words(entry.usage)})"
    if len(body) > _MOST_ENTRY:
        body = f"{body[:_MOST_ENTRY]}\n… {len(body) - _MOST_ENTRY} more characters"
    return f"### {entry.at:%H:%M:%S} turn {entry.turn}, {escape(head)}\n\n{fenced(body, 'text')}"


def transcript_document(
    about: dict[str, Any], transcript: Transcript, answer: Answer | None
) -> str:
    """The whole conversation as JSON, for programs."""
    document = {
        "format": FORMAT,
        **about,
        "answer": None if answer is None else answer.model_dump(mode="json"),
        "entries": transcript.as_document(),
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"
