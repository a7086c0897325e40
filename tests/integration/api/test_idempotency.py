"""Requests that are sent again."""

from __future__ import annotations

import asyncio

from tests.integration.api.world import backup
from tests.served import Served

KEY = {"Idempotency-Key": "first"}


async def test_the_same_request_again_makes_nothing_new(api_site: Served) -> None:
    async with api_site.api() as client, api_site.api("operator") as other:
        wrong = await client.post("tasks", json=backup("One", timezone="Mars"), headers=KEY)
        assert wrong.status_code == 422
        made = await client.post("tasks", json=backup("One"), headers=KEY)
        assert "idempotency-replayed" not in made.headers
        again = await client.post("tasks", json=backup("One"), headers=KEY)
        assert (again.status_code, again.json()) == (201, made.json())
        assert again.headers["idempotency-replayed"] == "true"
        assert again.headers["location"] == made.headers["location"]
        answer = await client.post("tasks", json=backup("Two"), headers=KEY)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == "Idempotency-Key"
        # Somebody else's key of the same text is another one.
        assert (await other.post("tasks", json=backup("Two"), headers=KEY)).status_code == 201
        await client.delete(f"tasks/{made.json()['id']}")
        answer = await client.post("tasks", json=backup("One"), headers=KEY)
        assert "is deleted" in answer.json()["detail"]
        assert [one["name"] for one in (await client.get("tasks")).json()["items"]] == ["Two"]


async def test_the_same_request_at_the_same_time_makes_one_task(api_site: Served) -> None:
    async with api_site.api() as client:
        sent = [client.post("tasks", json=backup("One"), headers=KEY) for _ in range(8)]
        answers = await asyncio.gather(*sent)
        assert {one.status_code for one in answers} == {201}
        assert len({one.json()["id"] for one in answers}) == 1
        replayed = [one for one in answers if "idempotency-replayed" in one.headers]
        assert len(replayed) == len(answers) - 1
