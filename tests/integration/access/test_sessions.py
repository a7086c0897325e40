"""How long somebody stays signed in, and who may sign in at all."""

from __future__ import annotations

import asyncio
import stat
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from netstacks_tasks.access import bearer, passwords
from netstacks_tasks.access.first_admin import first_admin
from netstacks_tasks.access.own_password import change_own_password
from netstacks_tasks.access.sign_in import session, sign_in, sign_out
from netstacks_tasks.access.throttle import Throttle
from netstacks_tasks.embedded.page_login import password_file
from netstacks_tasks.errors import InvalidInput, NotSignedIn, TooManyAttempts
from netstacks_tasks.models.access import User
from netstacks_tasks.store import audit, users
from netstacks_tasks.store.database import Database

PASSWORD = "correct horse battery"


async def user(db: Database, name: str = "anna") -> User:
    return await users.create(db, name, "admin", await passwords.hashed(PASSWORD))


async def signed_in(db: Database, name: str = "anna", password: str = PASSWORD) -> str:
    return await sign_in(db, Throttle(), name, password, "192.0.2.7")


async def idle(db: Database, length: timedelta) -> None:
    async with db.transaction() as connection:
        await connection.execute(
            "UPDATE web_sessions SET last_seen_at = last_seen_at - %s::interval", [length]
        )


async def later(db: Database, length: timedelta) -> None:
    async with db.transaction() as connection:
        await connection.execute(
            "UPDATE web_sessions SET expires_at = expires_at - %s::interval", [length]
        )


async def test_a_session_ends_by_itself(database: Database) -> None:
    await user(database)
    cookie = await signed_in(database)
    await idle(database, timedelta(hours=11))
    assert await session(database, cookie, None), "and with that it was used just now"
    await idle(database, timedelta(hours=11, minutes=59))
    assert await session(database, cookie, None)
    await idle(database, timedelta(hours=12, minutes=1))
    assert await session(database, cookie, None) is None
    cookie = await signed_in(database)
    await later(database, timedelta(days=7))
    assert await session(database, cookie, None) is None
    cookie = await signed_in(database)
    await sign_out(database, cookie)
    assert await session(database, cookie, None) is None
    async with database.connection() as connection:
        kept = await (await connection.execute("SELECT count(*) FROM web_sessions")).fetchone()
    assert kept == (0,), "what has run out is cleared away"


async def test_another_role_and_another_password_end_sessions(database: Database) -> None:
    anna, _ = await user(database), await user(database, "root")
    cookie, other = await signed_in(database), await signed_in(database, "root")
    await users.change(database, anna.id, role="viewer")
    assert await session(database, cookie, None) is None
    assert await session(database, other, None)
    cookie = await signed_in(database)
    found = await session(database, cookie, None)
    assert found is not None
    assert found.principal.role == "viewer"
    await users.change(database, "anna", password_hash=await passwords.hashed("another " * 2))
    assert await session(database, cookie, None) is None
    with pytest.raises(NotSignedIn):
        await signed_in(database)
    cookie = await signed_in(database, password="another another ")
    await users.delete(database, "anna")
    assert await session(database, cookie, None) is None


async def test_the_last_administrator_stays(database: Database) -> None:
    anna = await user(database)
    for attempt in (users.delete(database, anna.id), users.change(database, "anna", role="viewer")):
        with pytest.raises(InvalidInput, match="the last administrator"):
            await attempt


async def test_an_own_password_is_changed_by_who_knows_the_old_one(database: Database) -> None:
    anna, guard = await user(database), Throttle()
    elsewhere = await signed_in(database)
    with pytest.raises(InvalidInput, match="to 1000 characters"):
        await change_own_password(database, guard, anna, PASSWORD, "short")
    cookie = await change_own_password(database, guard, anna, PASSWORD, "a new long one")
    assert await session(database, cookie, None)
    assert await session(database, elsewhere, None) is None
    await signed_in(database, password="a new long one")
    for _ in range(5):
        with pytest.raises(InvalidInput, match="old_password"):
            await change_own_password(database, guard, anna, PASSWORD, "a newer long one")
    with pytest.raises(TooManyAttempts):
        await change_own_password(database, guard, anna, "a new long one", "a newer long one")


async def test_many_guesses_at_once_are_five(database: Database) -> None:
    await user(database)
    guard = Throttle()
    guesses = (sign_in(database, guard, "anna", f"wrong {n}", "192.0.2.7") for n in range(20))
    told = await asyncio.gather(*guesses, return_exceptions=True)
    assert Counter(type(one) for one in told) == {NotSignedIn: 5, TooManyAttempts: 15}


async def test_what_nobody_is_called_is_not_kept(database: Database) -> None:
    with pytest.raises(NotSignedIn):
        await signed_in(database, "canary, typed into the wrong field")
    (found,) = await audit.find(database)
    assert (found.action, found.actor, found.object_name) == ("sign-in refused", "nobody", "")
    assert "canary" not in repr(found)


async def test_a_token_is_good_until_it_runs_out(database: Database) -> None:
    now = datetime.now(UTC)
    good = await bearer.issue(database, "good", "operator", now + timedelta(days=1))
    over = await bearer.issue(database, "over", "operator", now - timedelta(seconds=1))
    found = await bearer.bearer(database, f"bearer {good.text}", "192.0.2.7")
    assert (found.actor.name, found.role) == ("token:good", "operator")
    wrong = (over.text, good.text[:-1], good.text.removeprefix("nst_"), "")
    for text in (None, good.text, *(f"Bearer {one}" for one in wrong)):
        with pytest.raises(NotSignedIn):
            await bearer.bearer(database, text, None)
    assert good.text not in repr(good)


async def test_the_first_administrator_is_made_once(database: Database, tmp_path: Path) -> None:
    file = await first_admin(database, tmp_path)
    assert file == password_file(tmp_path)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    password = file.read_text().strip()
    assert await signed_in(database, "admin", password)
    assert await first_admin(database, tmp_path) == file
    assert file.read_text().strip() == password
    await users.change(database, "admin", password_hash=await passwords.hashed(PASSWORD))
    assert await first_admin(database, tmp_path) is None
    assert not file.exists(), "it says what is not true any more"
    assert [one.name for one in await users.find(database)] == ["admin"]
