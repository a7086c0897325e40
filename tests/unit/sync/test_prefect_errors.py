"""What Prefect's answers are told as."""

from __future__ import annotations

import pickle
from pathlib import Path

import httpx
import pytest
from prefect.context import refresh_global_settings_context
from prefect.exceptions import ObjectAlreadyExists, PrefectHTTPStatusError

from netstacks_tasks.cli.failures import tell
from netstacks_tasks.embedded.prefect_context import pointed_at
from netstacks_tasks.errors import SyncError
from netstacks_tasks.sync.prefect_errors import (
    PrefectLoginRefused,
    PrefectUnavailable,
    open_client,
    translated,
)


def answer(status: int, text: str = "", **headers: str) -> httpx.HTTPStatusError:
    request = httpx.Request("POST", "http://prefect/api/x", headers=headers)
    response = httpx.Response(status, text=text, request=request)
    return PrefectHTTPStatusError("refused", request=request, response=response)


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (answer(401), PrefectLoginRefused, "could not look: Prefect asks for a login: set PREF"),
        (
            answer(401, Authorization="Basic canary"),
            PrefectLoginRefused,
            "could not look: Prefect refuses the login it is given: set PREF",
        ),
        (answer(503), PrefectUnavailable, "could not look: Prefect answers 503"),
        (answer(422, "no such field"), SyncError, "Prefect refused with 422: no such field"),
        (httpx.ConnectError("canary"), PrefectUnavailable, "no answer from Prefect (ConnectError)"),
    ],
)
async def test_each_answer_is_its_own_error(
    error: Exception, kind: type[SyncError], said: str
) -> None:
    with pytest.raises(kind) as raised:
        async with translated("look"):
            raise error
    assert type(raised.value) is kind
    assert said in str(raised.value)
    assert "canary" not in str(raised.value)


@pytest.mark.parametrize(
    "error",
    [answer(422, '{"request_body": "canary"}'), ObjectAlreadyExists(answer(409, "canary"))],
)
async def test_what_prefect_says_of_secrets_is_not_repeated(error: Exception) -> None:
    with pytest.raises(SyncError) as raised:
        async with translated("save the blocks", quoting=False):
            raise error
    assert raised.value.__cause__ is None
    assert str(raised.value).startswith("could not save the blocks: ")
    assert "canary" not in str(raised.value)


@pytest.mark.parametrize("given", [True, False])
def test_a_refused_login_counts_as_unreachable_and_can_be_carried(given: bool) -> None:
    error = PrefectLoginRefused("look", given)
    carried = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert (str(carried), carried.found) == (str(error), error.found)
    assert tell(error, as_json=True) == 3


@pytest.mark.parametrize(
    ("variables", "sent"),
    [
        ({}, None),
        ({"PREFECT_API_KEY": "key"}, "Bearer key"),
        ({"PREFECT_API_AUTH_STRING": "user:word"}, "Basic dXNlcjp3b3Jk"),
        (
            {"PREFECT_API_KEY": "key", "PREFECT_API_AUTH_STRING": "user:word"},
            "Basic dXNlcjp3b3Jk",
        ),
    ],
)
async def test_the_login_of_the_environment_is_sent(
    variables: dict[str, str], sent: str | None, tmp_path: Path
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("PREFECT_API_KEY", "PREFECT_API_AUTH_STRING"):
            patch.delenv(name, raising=False)
        for name, value in variables.items():
            patch.setenv(name, value)
        with pointed_at("http://127.0.0.1:9/api", home=tmp_path):
            async with open_client("http://127.0.0.1:9/api") as client:
                assert client._client.headers.get("Authorization") == sent
    # What other tests are pointed at counts again.
    refresh_global_settings_context()
