"""The page in a stack's process: it finds a port, tells who may sign in, and stops nothing."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from netstacks_tasks.embedded import connection
from netstacks_tasks.embedded.databases import Databases
from netstacks_tasks.embedded.page_login import password_file
from netstacks_tasks.embedded.stack import Stack
from netstacks_tasks.serving.beside_stack import page_beside
from netstacks_tasks.serving.listening import listen
from netstacks_tasks.settings import Settings


@pytest.fixture
def stack(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stack:
    """One that runs, as far as the page can tell."""
    running = Stack(Settings.model_validate({"state_dir": tmp_path}))
    monkeypatch.setattr(running, "_databases", Databases(netstacks=database_url, prefect=None))
    monkeypatch.setattr(running, "_api_url", "http://127.0.0.1:9/api")
    known = connection.Connection(
        database_url=database_url, prefect_api_url=running.api_url, work_pool="lab", pid=1
    )
    connection.announce(tmp_path, known)
    return running


async def test_a_port_that_is_taken_is_no_obstacle(stack: Stack) -> None:
    complaints: list[str] = []
    with listen("127.0.0.1", 0) as other:
        taken = other.getsockname()[1]
        stack.settings = stack.settings.model_copy(update={"web_port": taken})
        lock = connection.StackLock(stack.state_dir)
        lock.take()
        async with page_beside(stack, complain=complaints.append) as said:
            assert complaints == []
            where, who = said
            told = re.fullmatch(
                rf"The page: (http://\S+)/ \(port {taken} is taken; using (\d+)\)", where
            )
            assert told
            file = password_file(stack.state_dir)
            assert who == f"Sign in as admin: cat {file}"
            running = connection.running_stack(stack.state_dir)
            assert running is not None
            assert running.page_url == told[1]
            form = {"name": "admin", "password": file.read_text().strip()}
            assert form["password"] not in "".join(said)
            async with httpx.AsyncClient(base_url=told[1], trust_env=False) as browser:
                assert (await browser.post("/sign-in", data=form)).status_code == 303
        lock.release()


async def test_a_page_that_cannot_start_stops_nothing(stack: Stack) -> None:
    complaints: list[str] = []
    stack.settings = stack.settings.model_copy(
        update={"web_certificate": Path("/none.pem"), "web_key": Path("/none.key")}
    )
    async with page_beside(stack, complain=complaints.append) as said:
        assert list(said) == []
    (complaint,) = complaints
    assert complaint.startswith("The page does not run, everything else does: NETSTACKS_WEB_CERT")
