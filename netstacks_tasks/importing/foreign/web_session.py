"""Speaks HTTP to one service: with time limits, its certificate checked, its token kept to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import urlsplit, urlunsplit

import requests

from netstacks_tasks.errors import InvalidInput, Unreachable

_REFUSED: Final = frozenset({401, 403})
_LONGEST: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Where a service is, and how to ask it."""

    url: str
    """As people open it, without `/api`."""
    token: str = field(repr=False)
    ca: Path | None = None
    """Certificates to trust; those of this machine unless given."""
    connect_seconds: float = 10.0
    answer_seconds: float = 60.0
    """For each answer, of which there are as many as pages."""


def checked_url(text: str) -> str:
    """The address of a service without a slash at its end.

    Raises:
        InvalidInput: it is none, or it holds a password.
    """
    parts = urlsplit(text.strip())
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise InvalidInput.single("URL", f"write https://host, as you open it: got {text[:80]!r}")
    if parts.username or parts.password:
        raise InvalidInput.single(
            "URL", "no user or password belongs into it: a token is asked for"
        )
    if parts.query or parts.fragment:
        raise InvalidInput.single("URL", "leave away what stands behind ? or #: filter by --filter")
    path = parts.path.rstrip("/").removesuffix("/api")
    return urlunsplit((parts.scheme, parts.netloc, path, "", ""))


class WebSession(requests.Session):
    """A session that goes to its own service alone, whatever links that sends."""

    def __init__(self, service: Service) -> None:
        super().__init__()
        self._service = service
        # Without this, an entry in ~/.netrc would take the token's place.
        self.auth = lambda request: request
        self._verify: bool | str = True if service.ca is None else str(service.ca)

    def request(self, method: Any, url: Any, *args: Any, **options: Any) -> requests.Response:  # noqa: ANN401 - the library's many arguments, passed on
        """As the library's, with time limits; raises `InvalidInput` for a redirection."""
        limits = (self._service.connect_seconds, self._service.answer_seconds)
        options |= {"timeout": limits, "verify": self._verify, "allow_redirects": False}
        response = super().request(method, self._own(str(url)), *args, **options)
        if 300 <= response.status_code < 400:
            target = response.headers.get("location", "elsewhere")[:_LONGEST]
            message = f"{self._service.url} sends on to {target}: give that address"
            raise InvalidInput.single("URL", message)
        return response

    def _own(self, url: str) -> str:
        """The link at our own service: one behind a proxy often names itself wrongly."""
        base, link = urlsplit(self._service.url), urlsplit(url)
        return urlunsplit((base.scheme, base.netloc, link.path, link.query, ""))


class Library(Protocol):
    """What pynetbox and pynautobot have in common: the errors of an answer."""

    RequestError: type[Exception]
    """Carries the answer as `req`."""
    ContentError: type[Exception]


@contextmanager
def told(service: Service, system: str, library: Library) -> Iterator[None]:
    """Turns what goes wrong with a request into one clear error.

    Args:
        service: that is asked.
        system: what it should be.
        library: by which it is asked.

    Raises:
        Unreachable: it does not answer, or not as it should; the same may work later.
        InvalidInput: it refuses the token or the filter, or is something else.
    """
    try:
        yield
    except requests.exceptions.SSLError as error:
        reason = _cause(error)
        raise Unreachable(
            f"{service.url}: its certificate is not trusted ({reason}): give the certificate of "
            "the authority that signed it by --ca"
        ) from None
    except requests.exceptions.ConnectTimeout:
        raise Unreachable(
            f"{service.url}: no connection within {service.connect_seconds:g} s"
        ) from None
    except requests.exceptions.Timeout:
        raise Unreachable(
            f"{service.url}: no answer within {service.answer_seconds:g} s: ask for less by "
            "--filter, or wait longer by --timeout"
        ) from None
    except library.ContentError:
        raise not_as(service, system, "what it says is no JSON") from None
    except library.RequestError as error:
        raise _refusal(service, system, error.req) from None  # type: ignore[attr-defined]  # of every one
    except OSError as error:
        raise Unreachable(f"{service.url} cannot be reached: {_cause(error)}") from None
    except (KeyError, TypeError, ValueError, AttributeError):
        raise not_as(service, system, "it gives no list of devices") from None


def _refusal(service: Service, system: str, response: requests.Response) -> Exception:
    """The error for an answer that is none."""
    status, said = response.status_code, _said(response)
    if status in _REFUSED:
        return InvalidInput.single(
            "token", f"{service.url} refuses it ({status}{said}): give one that may view devices"
        )
    if status == requests.codes.bad_request:
        return InvalidInput.single("--filter", f"{service.url} refuses it (400{said})")
    if status == requests.codes.not_found:
        message = f"there is no {system} at {service.url}: nothing at /api/dcim/devices/ (404)"
        return InvalidInput.single("URL", message)
    return Unreachable(f"{service.url} failed to answer ({status}{said}): see its own log")


def not_as(service: Service, system: str, what: str) -> Unreachable:
    """The error for an answer that makes no sense."""
    return Unreachable(f"{service.url} does not answer as {system} does: {what}")


def _said(response: requests.Response) -> str:
    """What a refusal says of its reason, short and in one line."""
    try:
        body = response.json()
    except ValueError:
        return ""
    if isinstance(body, dict):
        body = body.get("detail") or body.get("error") or body
    text = " ".join(str(body).split())[:_LONGEST]
    return f": {text}" if text else ""


def _cause(error: BaseException) -> str:
    """The innermost reason, in one line."""
    reason: BaseException = error
    while inner := reason.__cause__ or reason.__context__:
        reason = inner
    words = getattr(reason, "verify_message", None) or getattr(reason, "strerror", None)
    return (str(words or reason).strip() or type(reason).__name__)[:_LONGEST]
