"""An OpenAI-compatible language model."""

from __future__ import annotations

from typing import ClassVar, Final, Literal
from urllib.parse import urlsplit

from prefect.blocks.core import Block
from pydantic import ConfigDict, Field, HttpUrl, SecretStr, field_validator, model_validator

from blocks.links import DOCUMENTATION, WEBHOOK_LOGO
from netstacks_tasks.models.device_networks import DeviceNetworks

_METADATA: Final = frozenset({"metadata", "metadata.google.internal", "metadata.goog"})


class ModelEndpoint(Block):
    """An OpenAI-compatible chat endpoint, local or remote.

    Example:
        Load a stored endpoint:
        ```python
        from blocks import ModelEndpoint

        model_endpoint = ModelEndpoint.load("BLOCK_NAME")
        print(model_endpoint.model)
        ```
    """

    _block_type_name: ClassVar[str | None] = "NetStacks Model Endpoint"
    _block_type_slug: ClassVar[str | None] = "netstacks-model-endpoint"
    _logo_url: ClassVar[HttpUrl | None] = WEBHOOK_LOGO
    _documentation_url: ClassVar[HttpUrl | None] = DOCUMENTATION

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    base_url: str = Field(
        description="The address of the API, with its version.",
        examples=["http://127.0.0.1:8080/v1"],
    )
    api_key: SecretStr = Field(
        default=SecretStr("none"),
        description="The key of the API; a local server usually takes anything.",
    )
    model: str = Field(min_length=1, max_length=200, description="The name of the model.")
    tool_choice: Literal["auto", "required"] = Field(
        default="auto",
        description="Whether the model may answer without a tool; small models need 'required'.",
    )
    timeout_seconds: float = Field(
        default=60.0, gt=0, le=3600, description="How long one answer may take, in seconds."
    )
    input_price: float | None = Field(
        default=None, ge=0, description="What a million tokens that the model reads cost."
    )
    output_price: float | None = Field(
        default=None, ge=0, description="What a million tokens that the model writes cost."
    )
    currency: str = Field(default="USD", min_length=1, max_length=10, description="Of the prices.")

    @field_validator("base_url")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("write the whole address (http://127.0.0.1:8080/v1)")
        if "@" in value.split("/")[2]:
            raise ValueError("put the key into api_key, where it is kept secret, not into the URL")
        host = urlsplit(value).hostname or ""
        if host.rstrip(".") in _METADATA or DeviceNetworks().fault(host) is not None:
            raise ValueError("no model is there: that address is a cloud's, or nobody's")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _both_prices_or_none(self) -> ModelEndpoint:
        if (self.input_price is None) != (self.output_price is None):
            missing = "input_price" if self.input_price is None else "output_price"
            raise ValueError(f"{missing}: give both prices, or none")
        return self
