"""The page and the API: set up rightly, reachable, and open to the right people."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx

from netstacks_tasks.cli.checks.finding import Finding, fail, ok, warn
from netstacks_tasks.embedded.connection import running_stack
from netstacks_tasks.errors import InvalidInput
from netstacks_tasks.models.access import ApiToken
from netstacks_tasks.serving.certificate import check_certificate
from netstacks_tasks.serving.listening import check_reach
from netstacks_tasks.settings import Settings
from netstacks_tasks.store import api_tokens, users
from netstacks_tasks.store.database import Database

_SECONDS: Final = 5
_SOON: Final = timedelta(days=14)
_OLD: Final = timedelta(days=365)
_EVERYWHERE: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - told apart
_START: Final = "`netstacks serve` (or `netstacks up`) starts it"


async def page(settings: Settings, database_url: str) -> AsyncIterator[Finding]:
    """Look at the page that this machine serves, or would serve.

    Raises:
        NetstacksError: the database cannot be looked at.
    """
    for check in (check_reach, check_certificate):
        try:
            check(settings)
        except InvalidInput as error:
            yield fail("page's settings", str(error), "set them as it says")
            return
    async with Database.open(database_url, migrate=False) as db:
        people = await users.find(db)
        tokens = await api_tokens.find(db)
    answer = await _asked(_address(settings), settings)
    used = bool(people or tokens)
    if answer is None:
        yield (
            warn("page", "nothing serves it here", _START)
            if used
            else ok("page", f"not in use; {_START}")
        )
    else:
        yield answer
    admins = [one.name for one in people if one.role == "admin"]
    if admins:
        yield ok("administrators", ", ".join(admins))
    elif used or answer is not None:
        mend = "netstacks user add NAME --role admin"
        yield warn("administrators", "nobody may manage credentials, users and tokens", mend)
    if tokens:
        yield tokens_state(tokens)


def _address(settings: Settings) -> str:
    running = running_stack(settings.state_dir)
    if running is not None and running.page_url is not None:
        return running.page_url
    scheme = "http" if settings.web_certificate is None else "https"
    host = _EVERYWHERE.get(settings.web_host, settings.web_host)
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{settings.web_port}"


async def _asked(url: str, settings: Settings) -> Finding | None:
    """What the page answers; None: nobody does."""
    verify: Any = True
    if settings.web_certificate is not None:
        # Whoever signed it: the question is whether it is ours, and for how long.
        verify = ssl.create_default_context(cafile=str(settings.web_certificate))
        verify.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        verify.check_hostname = False
    try:
        async with httpx.AsyncClient(timeout=_SECONDS, trust_env=False, verify=verify) as client:
            answer = await client.get(f"{url}/sign-in")
    except httpx.HTTPError as error:
        refused = _refused(error)
        if refused is None:
            return None
        mend = "renew the certificate, and start the page again"
        return fail("page", f"{url}: {refused.verify_message}", mend)
    if "NetStacks" not in answer.text:
        return warn("page", f"{url} is served by something else", "set NETSTACKS_WEB_PORT")
    return _served(url, answer)


def _refused(error: BaseException | None) -> ssl.SSLCertVerificationError | None:
    while error is not None and not isinstance(error, ssl.SSLCertVerificationError):
        error = error.__cause__ or error.__context__
    return error


def _served(url: str, answer: httpx.Response) -> Finding:
    stream = answer.extensions.get("network_stream")
    encrypted = stream.get_extra_info("ssl_object") if stream is not None else None
    if encrypted is None:
        return ok("page", f"served at {url}")
    ends = ssl.cert_time_to_seconds(encrypted.getpeercert()["notAfter"])
    until = datetime.fromtimestamp(ends, UTC)
    found = f"served at {url}, its certificate is good until {until:%Y-%m-%d}"
    if until - datetime.now(UTC) < _SOON:
        return warn("page", found, "renew the certificate, and start the page again")
    return ok("page", found)


def tokens_state(tokens: Sequence[ApiToken]) -> Finding:
    """Whether any of the API's tokens should go."""
    now = datetime.now(UTC)
    over = [one.name for one in tokens if one.expires_at is not None and one.expires_at <= now]
    eternal = [one.name for one in tokens if one.expires_at is None and one.created_at < now - _OLD]
    said = []
    if over:
        said.append(f"run out: {', '.join(over)}")
    if eternal:
        said.append(f"older than a year, and never run out: {', '.join(eternal)}")
    if not said:
        return ok("tokens", f"{len(tokens)} of them")
    mend = "netstacks token revoke NAME, and netstacks token create for what still needs one"
    return warn("tokens", "; ".join(said), mend)
