"""Reads the body of a chat completion: leniently in its form, strictly in what is there."""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel, ValidationError, field_validator

from netstacks_tasks.operations.agent.chat import Completion, ToolCall, Usage
from netstacks_tasks.operations.agent.openai_errors import EndpointErrors


class _Function(BaseModel):
    name: str = ""
    arguments: str = ""

    @field_validator("arguments", mode="before")
    @classmethod
    def _as_text(cls, value: object) -> object:
        """Some servers give the object itself."""
        if isinstance(value, dict):
            return json.dumps(value)
        return value or ""


class _Call(BaseModel):
    id: str | None = None
    function: _Function


class _Reply(BaseModel):
    content: str | list[Any] | None = None
    refusal: str | None = None
    tool_calls: list[_Call] | None = None

    @property
    def text(self) -> str:
        if isinstance(self.content, list):
            parts = [part.get("text") for part in self.content if isinstance(part, dict)]
            return "".join(part for part in parts if isinstance(part, str))
        return self.content or ""


class _Choice(BaseModel):
    message: _Reply
    finish_reason: str | None = None


class _Used(BaseModel):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class _Body(BaseModel):
    choices: list[_Choice] | None = None
    usage: _Used | None = None
    error: Any = None


def read_reply(text: str, errors: EndpointErrors) -> Completion:
    """The completion in a body.

    Raises:
        ModelError: it is none, an empty one, or one that declines.
    """
    try:
        body = _Body.model_validate_json(text)
    except ValidationError:
        raise errors.not_an_api(text) from None
    if body.error is not None and not body.choices:
        raise errors.refused(body.error)
    if body.choices is None:
        raise errors.not_an_api(text)
    if not body.choices:
        raise errors.empty()
    choice = body.choices[0]
    said = choice.message
    if choice.finish_reason == "content_filter" or said.refusal:
        raise errors.filtered(said.refusal or "")
    return Completion(
        content=said.text,
        tool_calls=tuple(
            ToolCall(id=call.id or "", name=call.function.name, arguments=call.function.arguments)
            for call in said.tool_calls or ()
        ),
        cut_off=choice.finish_reason == "length",
        usage=_usage(body.usage),
    )


def _usage(said: _Used | None) -> Usage | None:
    if said is None or not said.prompt_tokens:
        return None
    return Usage(prompt=said.prompt_tokens, completion=said.completion_tokens or 0)
