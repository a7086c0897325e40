"""Loads the model endpoint of a run from its Prefect block."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, cast

from pydantic import ValidationError

from blocks import ModelEndpoint
from netstacks_tasks.errors import ConfigurationError
from netstacks_tasks.operations.agent.chat import Usage
from netstacks_tasks.operations.agent.openai_chat import Endpoint, OpenAIChat, openai_client
from netstacks_tasks.operations.redaction import Redactor

_KIND: Final = "netstacks-model-endpoint"
_NO_KEY: Final = ModelEndpoint.model_fields["api_key"].default.get_secret_value()
_MILLION: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """What a million tokens cost."""

    read: float
    written: float
    currency: str

    def of(self, usage: Usage) -> float:
        """What tokens cost, in the currency."""
        return (self.read * usage.prompt + self.written * usage.completion) / _MILLION


async def load_model(name: str, redactor: Redactor) -> ModelEndpoint:
    """The endpoint of a block; its key is hidden in every text from now on.

    Raises:
        ConfigurationError: there is no usable block of that name.
    """
    make = f"netstacks model set {name} --base-url http://HOST:PORT/v1 --model MODEL"
    try:
        block = cast("ModelEndpoint", await ModelEndpoint.aload(name))
    except ValidationError as error:
        # Its text shows the values it refused: it must not be chained.
        fields = ", ".join(
            sorted({str(fault["loc"][0]) for fault in error.errors() if fault["loc"]})
        )
        raise ConfigurationError(
            f"the block {_KIND}/{name} is not right ({fields}): save it again with `{make}`"
        ) from None
    except ValueError:
        raise ConfigurationError(
            f"there is no model to ask: Prefect has no block {_KIND}/{name}. Make it with "
            f"`{make}`, or name another block in the task's parameters.model_block"
        ) from None
    except Exception as error:
        raise ConfigurationError(
            f"the block {_KIND}/{name} cannot be loaded ({type(error).__name__}); save it again "
            f"with `{make}`"
        ) from None
    if block.api_key.get_secret_value() != _NO_KEY:
        redactor.hide(block.api_key)
    return block


def prices_of(block: ModelEndpoint) -> Prices | None:
    """The prices of a block that has them."""
    if block.input_price is None or block.output_price is None:
        return None
    return Prices(read=block.input_price, written=block.output_price, currency=block.currency)


@asynccontextmanager
async def chat_with(
    name: str, block: ModelEndpoint, temperature: float | None, redactor: Redactor
) -> AsyncIterator[OpenAIChat]:
    """A chat with the endpoint; its connections end with the block."""
    endpoint = Endpoint(
        name=name,
        base_url=block.base_url,
        model=block.model,
        tool_choice=block.tool_choice,
        timeout=block.timeout_seconds,
        temperature=temperature,
    )
    async with openai_client(block.base_url, block.api_key.get_secret_value()) as client:
        yield OpenAIChat(endpoint, client, redactor)
