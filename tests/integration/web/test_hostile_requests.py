"""What somebody sends who means harm: it is refused, without a failure and without an opening."""

from __future__ import annotations

from collections.abc import Mapping

import httpx
import pytest

from netstacks_tasks.store import task_list
from netstacks_tasks.web.assets import asset
from tests import web_data
from tests.integration.web.conftest import Busy

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
ODD = (
    b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\n\\ud800\r\n'
    b'--x\r\nContent-Disposition: form-data; name="password"\r\n\r\n\\ud800\r\n--x--\r\n'
)


def browser(busy: Busy) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=busy.site.url, trust_env=False)


@pytest.mark.parametrize(
    "way", ["//[", "//elsewhere.example", "/\\elsewhere.example", "/\t/elsewhere.example", "x:y"]
)
async def test_signing_in_leads_nowhere_else(busy: Busy, way: str) -> None:
    async with browser(busy) as nobody:
        shown = await nobody.get("/sign-in", params={"next": way})
    assert shown.status_code == 200
    assert 'name="next" value="/"' in shown.text


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (b"name=a&password=b", {**FORM, "Origin": "http://["}, 403),
        (b"name=a&password=b", {**FORM, "Origin": "null"}, 403),
        (ODD, {"Content-Type": "multipart/form-data; boundary=x; charset=unicode_escape"}, 415),
        (b'{"name": "a"}', {"Content-Type": "application/json"}, 415),
        (b"name=%00&password=b", FORM, 422),
    ],
)
async def test_odd_forms_are_refused(
    busy: Busy, content: bytes, headers: Mapping[str, str], status: int
) -> None:
    async with browser(busy) as nobody:
        answer = await nobody.post("/sign-in", content=content, headers=headers)
    assert answer.status_code == status, answer.text


async def test_a_number_may_have_any_length(busy: Busy) -> None:
    run = web_data.run_of(busy.tasks["Nightly Core Router Backup"])
    for path in ("/tasks?page=", f"/runs/{run}?page="):
        await busy.read(path + "9" * 5000)


async def test_every_answer_is_guarded_also_those_of_the_framework(
    busy: Busy, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(_: object) -> None:
        raise RuntimeError("canary")

    answers = [
        await busy.browsers["viewer"].get("/tasks", headers={"Host": "elsewhere.example"}),
        await busy.browsers["viewer"].get("/static/none.css"),
        await busy.browsers["viewer"].request("TRACE", "/tasks"),
    ]
    monkeypatch.setattr(task_list, "counts", fails)
    answers.append(await busy.browsers["viewer"].get("/tasks/overview"))
    assert [one.status_code for one in answers] == [400, 404, 405, 500]
    for one in answers:
        assert "default-src 'none'" in one.headers["content-security-policy"]
        assert one.headers["x-content-type-options"] == "nosniff"
        assert "canary" not in one.text


async def test_a_file_is_kept_for_ever_by_its_own_address_alone(busy: Busy) -> None:
    async with browser(busy) as nobody:
        kept = await nobody.get(asset("app.css"))
        other = await nobody.get("/static/app.css?v=0123456789ab")
    assert "immutable" in kept.headers["cache-control"]
    assert "cache-control" not in other.headers
