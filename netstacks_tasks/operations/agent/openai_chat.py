"""The chat of an OpenAI-compatible endpoint."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from netstacks_tasks.errors import ModelError
from netstacks_tasks.operations.agent.chat import Completion, Message, ToolSchema
from netstacks_tasks.operations.agent.openai_errors import EndpointErrors
from netstacks_tasks.operations.agent.openai_reply import read_reply

if TYPE_CHECKING:
    from openai import AsyncOpenAI

_MOST_BYTES: Final = 4 * 1024 * 1024
"""Of one reply; a model's is some kilobytes."""
_CONNECT_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where a model is, and how it is asked."""

    name: str
    """Of the block that says so."""
    base_url: str
    model: str
    tool_choice: str
    timeout: float
    """Seconds for one reply."""
    temperature: float | None = None
    """None: as the endpoint likes."""


class OpenAIChat:
    """Asks over HTTP, once: whether again is for the caller to say."""

    def __init__(
        self, endpoint: Endpoint, client: AsyncOpenAI, redact: Callable[[str], str]
    ) -> None:
        self._endpoint = endpoint
        self._client = client
        self._errors = EndpointErrors(
            name=endpoint.name, url=endpoint.base_url, model=endpoint.model, redact=redact
        )

    async def complete(
        self, messages: Sequence[Message], tools: Sequence[ToolSchema], *, timeout: float
    ) -> Completion:
        seconds = min(timeout, self._endpoint.timeout)
        try:
            async with asyncio.timeout(seconds):
                text = await self._post(messages, tools, seconds)
        except TimeoutError:
            raise self._errors.no_reply(seconds) from None
        except ModelError:
            raise
        except Exception as error:
            # The request, and with it the key, hangs on the client's errors.
            raise self._errors.of(error, seconds) from None
        return read_reply(text, self._errors)

    async def _post(
        self, messages: Sequence[Message], tools: Sequence[ToolSchema], seconds: float
    ) -> str:
        asked: dict[str, Any] = {
            "model": self._endpoint.model,
            "messages": messages,
            "tools": tools,
            "tool_choice": self._endpoint.tool_choice,
            "timeout": seconds,
        }
        if self._endpoint.temperature is not None:
            asked["temperature"] = self._endpoint.temperature
        posting = self._client.chat.completions.with_streaming_response.create(**asked)
        body = bytearray()
        async with posting as response:
            if 300 <= response.status_code < 400:
                raise self._errors.moved(response.status_code)
            async for chunk in response.iter_bytes():
                body += chunk
                if len(body) > _MOST_BYTES:
                    raise self._errors.too_long(_MOST_BYTES)
        return body.decode("utf-8", "replace")


def openai_client(base_url: str, api_key: str) -> AsyncOpenAI:
    """A client of our own settings, whatever the worker's environment says of OpenAI's.

    It follows no redirection: what was gathered from the network goes to the
    endpoint that was chosen, and nowhere else.
    """
    # 0.6 s, which only agent tasks should pay.
    import openai  # noqa: PLC0415

    client = openai.AsyncOpenAI(
        base_url=base_url,
        api_key=api_key,
        max_retries=0,
        http_client=openai.DefaultAsyncHttpxClient(
            follow_redirects=False,
            timeout=openai.Timeout(None, connect=_CONNECT_SECONDS),
        ),
    )
    client.organization = None
    client.project = None
    return client
