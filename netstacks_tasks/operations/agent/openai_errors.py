"""What went wrong with an endpoint, in words that say how to mend it."""

from __future__ import annotations

import email.utils
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Final

from netstacks_tasks.errors import ModelError
from netstacks_tasks.operations.agent.cleaning import visible

if TYPE_CHECKING:
    import openai

_LONGEST_SAID: Final = 300
_OVERFLOW: Final = re.compile(
    r"context[ _]?(?:length|window|size)|maximum context|exceed\w* .{0,40}context"
    r"|too many (?:input )?tokens|prompt is too long|input is too long|reduce the length",
    re.IGNORECASE,
)
_QUOTA: Final = re.compile(r"insufficient_quota|exceeded your current quota|billing", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointErrors:
    """Makes the errors of one endpoint."""

    name: str
    """Of its block."""
    url: str
    model: str
    redact: Callable[[str], str]

    def of(self, error: Exception, seconds: float) -> ModelError:
        """An error that the client raised."""
        import openai  # noqa: PLC0415 - loaded already, by the client

        if isinstance(error, openai.APIStatusError):
            return self._status(error)
        if isinstance(error, openai.APITimeoutError):
            return self.no_reply(seconds)
        if isinstance(error, openai.APIConnectionError):
            return self._connection(error)
        kind = type(error).__name__
        if kind in {"RemoteProtocolError", "ReadError", "WriteError", "IncompleteRead"}:
            return self._disconnected()
        return ModelError(
            "not_an_api", f"the endpoint {self.url} could not be asked: an unexpected {kind}"
        )

    def _status(self, error: openai.APIStatusError) -> ModelError:
        status = error.status_code
        said = self._said(_text_of(error.body) or error.response.text)
        if _OVERFLOW.search(f"{error.code} {said}") and status in {400, 413, 422, 500}:
            return ModelError("context_overflow", f"the endpoint says: {said}")
        told = f"{status}{f': {said}' if said else ''}"
        wait = retry_after(error.response.headers)
        if status in _WAYS:
            return _WAYS[status](self, told)
        if 300 <= status < 400:
            return self.moved(status)
        if status == 429:
            return self._limited(f"{error.code}", told, wait)
        if status in {408, 409} or status >= 500:
            return ModelError(
                "server_error",
                f"the endpoint {self.url} is in trouble ({told}): look at its own log",
                wait,
            )
        return ModelError(
            "bad_request",
            f"the endpoint {self.url} refuses the request ({told}): the model must know tools, "
            f"and the tool_choice, the temperature and the model of the block {self.name} must be "
            "ones it takes",
        )

    def _unauthorised(self, told: str) -> ModelError:
        return ModelError(
            "unauthorised",
            f"the endpoint {self.url} refuses the key ({told}): save the right one with "
            f"`netstacks model set {self.name}`",
        )

    def _not_found(self, told: str) -> ModelError:
        return ModelError(
            "not_found",
            f"the endpoint {self.url} knows no model {self.model!r}, or its address is another "
            f"({told}): look at `netstacks model list` and mend the block {self.name}",
        )

    def _limited(self, code: str, told: str, wait: float | None) -> ModelError:
        if _QUOTA.search(f"{code} {told}"):
            return ModelError(
                "quota", f"nothing is left of the endpoint's quota ({told}): raise it there"
            )
        return ModelError(
            "rate_limited",
            f"the endpoint {self.url} limits how often it is asked ({told}): run the task at "
            "another time, or raise the limit there",
            wait,
        )

    def _connection(self, error: Exception) -> ModelError:
        why = "no connection"
        for cause in _chain(error):
            if isinstance(cause, ConnectionRefusedError):
                why = "nothing listens there"
            elif isinstance(cause, socket.gaierror):
                why = "its name has no address"
            elif isinstance(cause, ssl.SSLError):
                why = f"TLS failed: {self._said(cause.reason or type(cause).__name__)}"
            elif type(cause).__name__ in {"RemoteProtocolError", "ReadError", "WriteError"}:
                return self._disconnected()
            elif type(cause).__name__ == "UnsupportedProtocol":
                why = "its address is none of HTTP"
            else:
                continue
            break
        return ModelError(
            "unreachable",
            f"the endpoint {self.url} cannot be reached ({why}): start it, or mend the address "
            f"with `netstacks model set {self.name}`",
        )

    def _disconnected(self) -> ModelError:
        return ModelError(
            "disconnected",
            f"the endpoint {self.url} closed the connection before its reply was whole: look at "
            "its own log",
        )

    def no_reply(self, seconds: float) -> ModelError:
        return ModelError(
            "no_reply",
            f"the endpoint {self.url} did not reply within {seconds:.0f} seconds: raise "
            f"--timeout of the block {self.name} and timeout_seconds of the task, or use a faster "
            "model",
        )

    def moved(self, status: int) -> ModelError:
        return ModelError(
            "not_found",
            f"the endpoint {self.url} sends elsewhere ({status}), which is not followed: write "
            f"its real address into the block {self.name}",
        )

    def too_long(self, most: int) -> ModelError:
        return ModelError(
            "not_an_api", f"the endpoint {self.url} replied with more than {most} bytes"
        )

    def not_an_api(self, text: str) -> ModelError:
        shown = self._said(text)[:80]
        return ModelError(
            "not_an_api",
            f"what {self.url} replied is no chat completion but {shown!r}: is the address that of "
            "an OpenAI-compatible API, version included (http://host:port/v1)?",
        )

    def empty(self) -> ModelError:
        return ModelError("empty", f"the endpoint {self.url} replied without a choice")

    def filtered(self, refusal: str) -> ModelError:
        said = f": {self._said(refusal)}" if refusal else ""
        return ModelError(
            "filtered",
            f"the model {self.model!r} or its filter declined to answer{said}; word the prompt "
            "otherwise, or use another model",
        )

    def refused(self, error: object) -> ModelError:
        """An error that came with status 200."""
        said = self._said(_text_of({"error": error}))
        if _OVERFLOW.search(said):
            return ModelError("context_overflow", f"the endpoint says: {said}")
        return ModelError("bad_request", f"the endpoint {self.url} refuses the request: {said}")

    def _said(self, text: str) -> str:
        """What the endpoint said, in one line without secrets."""
        line = self.redact(" ".join(visible(text).split()))
        return line if len(line) <= _LONGEST_SAID else f"{line[:_LONGEST_SAID]}…"


_WAYS: Final[Mapping[int, Callable[[EndpointErrors, str], ModelError]]] = {
    401: EndpointErrors._unauthorised,
    403: EndpointErrors._unauthorised,
    404: EndpointErrors._not_found,
    405: EndpointErrors._not_found,
}


def _text_of(body: object) -> str:
    """The message in an error's body, however deep."""
    for _ in range(3):
        if not isinstance(body, Mapping):
            break
        body = next(
            (body[key] for key in ("error", "message", "detail") if body.get(key)), str(dict(body))
        )
    return str(body) if body else ""


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = error
    for _ in range(8):
        if seen is None:
            return
        yield seen
        seen = seen.__cause__ or seen.__context__


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds a reply asks to wait: a number, or a date; None when it does not say."""
    said = headers.get("retry-after", "").strip()
    try:
        seconds = float(said)
    except ValueError:
        try:
            when = email.utils.parsedate_to_datetime(said)
        except ValueError:
            return None
        aware = when if when.tzinfo is not None else when.replace(tzinfo=UTC)
        seconds = aware.timestamp() - time.time()
    return max(0.0, seconds) if seconds == seconds and seconds != float("inf") else None  # noqa: PLR0124 - no number equals itself not
