"""The structured answer, and what is wrong with one."""

from __future__ import annotations

import difflib
import json
from collections.abc import Collection, Mapping, Sequence
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from netstacks_tasks.operations.agent.schemas import schema_of

FINAL_ANSWER: Final = "final_answer"
"""The tool by which the model gives its answer."""

_MOST_FAULTS: Final = 8
_MOST_OBJECTS: Final = 50
_DECODER: Final = json.JSONDecoder()

Severity = Literal["critical", "warning", "info"]
Confidence = Literal["high", "medium", "low"]


def _lower(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


def _as_word(value: object) -> object:
    """Models like to give a share between 0 and 1."""
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1:
        return "high" if value >= 0.75 else "medium" if value >= 0.4 else "low"
    return _lower(value)


def _none_if_blank(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Finding(_Part):
    """One thing that was found."""

    severity: Annotated[Severity, BeforeValidator(_lower)] = Field(
        description="critical: somebody must act now; warning: soon; info: worth knowing."
    )
    device: Annotated[str | None, BeforeValidator(_none_if_blank)] = Field(
        default=None,
        max_length=300,
        description="The device's name as in the inventory; null when it is about no single one.",
    )
    evidence: str = Field(
        min_length=1, max_length=2000, description="What was seen, with names and numbers."
    )
    tool_call: str = Field(
        min_length=1,
        max_length=200,
        description="The call that showed it, as its result names it: c1, c2, ...",
    )


class NotReached(_Part):
    """A device that could not be read."""

    device: str = Field(min_length=1, max_length=300, description="Its name.")
    reason: str = Field(min_length=1, max_length=1000, description="Why not.")


class Answer(_Part):
    """What the agent answers."""

    summary: str = Field(
        min_length=1, max_length=8000, description="The answer, for a network engineer in a hurry."
    )
    findings: tuple[Finding, ...] = Field(
        default=(), max_length=200, description="What was found, the worst first; may be empty."
    )
    unreachable: tuple[NotReached, ...] = Field(
        default=(), max_length=5000, description="Devices that could not be read, and why."
    )
    confidence: Annotated[Confidence, BeforeValidator(_as_word)] = Field(
        description="How sure the answer is, given what could be read."
    )


def answer_tool() -> dict[str, Any]:
    """The tool by which the answer is given, as the endpoint is told of it."""
    return {
        "type": "function",
        "function": {
            "name": FINAL_ANSWER,
            "description": "Give the answer and end. Call it alone, once the data is there.",
            "parameters": schema_of(Answer),
        },
    }


class AnswerChecker:
    """Reads answers and tells what is wrong with them."""

    def __init__(self, devices: Collection[str]) -> None:
        self._devices = devices

    def read(self, text: str, calls: Mapping[str, str]) -> Answer | list[str]:
        """The answer in a text, or its faults as sentences.

        Args:
            text: JSON, alone or within a block of code.
            calls: how each call that was carried out may be named, and its name.
        """
        found = _object_in(text)
        if found is None:
            return ["it is no JSON object with summary, findings, unreachable and confidence"]
        try:
            answer = Answer.model_validate(found)
        except ValidationError as error:
            return _faults(error)
        named = [
            finding.model_copy(update={"tool_call": calls.get(finding.tool_call.strip(), "")})
            for finding in answer.findings
        ]
        faults = [
            *_uncalled(answer.findings, calls),
            *self._unknown([one.device for one in answer.findings if one.device], "findings"),
            *self._unknown([one.device for one in answer.unreachable], "unreachable"),
        ]
        return faults[:_MOST_FAULTS] or answer.model_copy(update={"findings": tuple(named)})

    def _unknown(self, names: Sequence[str], field: str) -> list[str]:
        faults = []
        for name in dict.fromkeys(names):
            if name in self._devices:
                continue
            near = difflib.get_close_matches(name, self._devices, n=1)
            hint = f"did you mean {near[0]!r}?" if near else "null is for no single device"
            faults.append(f"{field}: the inventory has no device {name[:100]!r}; {hint}")
        return faults


def _uncalled(findings: Sequence[Finding], calls: Mapping[str, str]) -> list[str]:
    known = ", ".join(dict.fromkeys(calls.values())) or "none yet"
    return [
        f"findings.{number}.tool_call: there was no call {one.tool_call[:100]!r}; cite one of "
        f"those that gave a result: {known}"
        for number, one in enumerate(findings)
        if one.tool_call.strip() not in calls
    ]


def _object_in(text: str) -> dict[str, Any] | None:
    """The JSON object that a text is or holds; one that looks like an answer before others."""
    found: list[dict[str, Any]] = []
    place = text.find("{")
    for _ in range(_MOST_OBJECTS):
        if place < 0:
            break
        try:
            value, end = _DECODER.raw_decode(text, place)
        except (ValueError, RecursionError):
            end = place + 1
        else:
            found.append(value)
        place = text.find("{", end)
    return next((one for one in found if "summary" in one), found[0] if found else None)


def _faults(error: ValidationError) -> list[str]:
    faults = [
        f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}"
        for fault in error.errors(include_input=False, include_url=False)
    ]
    more = len(faults) - _MOST_FAULTS
    return [*faults[:_MOST_FAULTS], *([f"and {more} more faults"] if more > 0 else [])]
