"""`netstacks demo` as a person runs it: one command, and it ends well."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg
import pytest

from netstacks_tasks.embedded.connection import Connection, running_stack
from tests.integration.security.canaries import Search
from tests.integration.security.installation import (
    FORBIDDEN,
    KEPT,
    Installation,
    kind_is_in_a_block,
)
from tests.integration.security.places import core_limits, readable_by_others
from tests.integration.security.planting import Watch, plant, watching

_UP = """
import sys
from pathlib import Path
from rich.console import Console
from netstacks_tasks.demo.demo import run_demo_up
from netstacks_tasks.settings import Settings
settings = Settings(state_dir=Path(sys.argv[1]), postgres_port=0, prefect_port=0)
sys.exit(run_demo_up(settings, Console(width=140)))
"""
_DEMO = """
import sys
from rich.console import Console
from netstacks_tasks.demo import demo
from netstacks_tasks.settings import Settings

async def glance(stack, console):
    console.print(f"played on {stack.ui_url}")

demo.play = glance
sys.exit(demo.run_demo(Settings(postgres_port=0, prefect_port=0), Console(width=140)))
"""
"""All but the story itself, which the other test follows."""


def environment(**more: str) -> dict[str, str]:
    """Of a fresh user: no setting of ours or of Prefect's."""
    ours = ("NETSTACKS_", "PREFECT_")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)} | more


@contextmanager
def started_demo(state: Path) -> Iterator[subprocess.Popen[str]]:
    """`netstacks up --demo` at work; whatever happens, it ends with the block."""
    with subprocess.Popen(
        [sys.executable, "-c", _UP, str(state)],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            # Its servers end with it; see netstacks_tasks/guard.py.
            process.kill()


def test_the_demo_leaves_nothing(public_tmp: Path) -> None:
    home = public_tmp / "demo home"
    home.mkdir(mode=0o711)
    scratch = public_tmp / "demo tmp"
    scratch.mkdir(mode=0o711)
    done = subprocess.run(
        [sys.executable, "-c", _DEMO],
        env=environment(HOME=str(home), TMPDIR=str(scratch)),
        cwd=home,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "played on http://127.0.0.1:" in done.stdout
    assert "Stopping everything" in done.stdout
    assert not re.search(r"netstacks:[\w-]{20}", done.stdout + done.stderr), "Prefect's login"
    assert list(scratch.iterdir()) == []
    assert not (home / ".prefect").exists()


@dataclass(kw_only=True)
class Shown:
    """A demo that has been played and stays up."""

    process: subprocess.Popen[str]
    state: Path
    text: str
    """What it said."""
    planted: dict[str, str]
    watch: Watch

    @property
    def running(self) -> Connection:
        running = running_stack(self.state)
        assert running is not None, self.text
        return running


@pytest.fixture(scope="module")
def shown(public_tmp: Path) -> Iterator[Shown]:
    """Every secret of it is a canary, and the machine is watched meanwhile."""
    state = public_tmp / "demo up"
    planted = plant(state)
    with watching() as watch, started_demo(state) as process:
        assert process.stdout is not None
        text = ""
        for line in process.stdout:
            text += line
            if "Press Ctrl-C" in line:
                break
        yield Shown(process=process, state=state, text=text, planted=planted, watch=watch)


# A minute and a half of an idle machine; much more of one that others use too.
@pytest.mark.timeout(600)
def test_the_demo_shows_the_whole_path(shown: Shown) -> None:
    _check_story(shown.text)
    running = shown.running
    assert running.prefect_auth_string is not None
    assert f"cat {shown.state}/prefect-auth-string" in shown.text.replace("'", "")
    _check_page(running.page_url, shown.text, shown.state)
    with psycopg.connect(running.database_url) as connection:
        kept = connection.execute(
            "SELECT count(DISTINCT device_name) FROM config_snapshots"
        ).fetchone()
        fired = connection.execute(
            "SELECT count(*) FROM task_runs WHERE trigger = 'schedule' AND state = 'completed'"
        ).fetchone()
    assert kept == (24,)
    assert fired is not None
    assert fired[0] >= 1


@pytest.mark.timeout(600)
async def test_no_secret_is_anywhere_but_where_it_is_kept(shown: Shown) -> None:
    secrets = {**shown.planted}
    for name, kind in KEPT.items():
        secrets[(shown.state / name).read_text().strip()] = kind
    at = Installation(
        state=shown.state,
        running=shown.running,
        pid=shown.process.pid,
        said=shown.text,
        watch=shown.watch,
    )
    async with at.faces() as faces:
        await faces.give_workers_their_role()
        secrets |= await faces.things_go_wrong()
        assert faces.workers_may_not() == list(FORBIDDEN)
        search = Search(secrets)
        await faces.searched(search)
        sys.stdout.write(f"{search.table()}\n")
        assert search.findings == []
        opened = await faces.read_with_a_workers_login(secrets)
        await faces.finds_what_is_leaked(secrets)
    assert opened == {kind for kind in secrets.values() if kind_is_in_a_block(kind)}
    assert readable_by_others(shown.state) == []
    limits = core_limits(shown.process.pid)
    assert len(limits) > 8, "PostgreSQL's processes, the server, the worker, the warm parent"
    assert set(limits.values()) == {("0", "0")}


def test_it_stays_up_until_ctrl_c(shown: Shown) -> None:
    running = shown.running
    assert running.prefect_auth_string is not None
    shown.process.send_signal(signal.SIGINT)
    assert shown.process.stdout is not None
    rest = shown.process.stdout.read()
    assert shown.process.wait() == 0, rest
    assert running.prefect_auth_string.split(":")[1] not in shown.text + rest
    assert running_stack(shown.state) is None
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(running.database_url, connect_timeout=2)


def _check_page(url: str | None, shown: str, state: Path) -> None:
    """It is served from before the story on, to whoever may read the first password."""
    assert url is not None
    assert shown.count(f"The page: {url}/") == 2
    assert f"Sign in as admin: cat {state}/page-admin-password" in shown.replace("'", "")
    form = {"name": "admin", "password": (state / "page-admin-password").read_text().strip()}
    assert form["password"] not in shown
    with httpx.Client(base_url=url, trust_env=False, timeout=30) as browser:
        assert browser.post("/sign-in", data=form).status_code == 303
        assert "Morning Network Health Summary" in browser.get("/tasks").text


def _check_story(shown: str) -> None:
    assert "24 simulated devices" in shown
    for device in ("core-rtr-01", "edge-sw-10", "core-frr-01", "srv-linux-04"):
        assert device in shown
    assert "Changed edge-sw-01" in shown
    assert "+++ edge-sw-01 running" in shown
    assert "the second went to edge-sw-02 only" in shown, shown
    assert "Fired by cron" in shown
    assert "What the script reported" in shown
    assert "SSH-2.0-" in shown
    assert "Isolation: " in shown
    assert re.search(r"Kept of its artifacts: script-artifacts/\S+/ssh-versions.csv, \d\d+", shown)
    assert "+ name cameras" in shown
    assert shown.count("4 lines added, 0 taken away, verified") == 4
    assert "spine-frr-01 refused a line and was rolled back" in shown
    assert "'blackhole 198.51.100.0/24'" in shown
    assert shown.count("no change: it holds what was rendered") == 4
    said = [line for line in shown.splitlines() if "BGP neighbour" in line or " errors: " in line]
    assert len(said) > 3
    assert all(line.startswith("[scripted stand-in, no model] ") for line in said)
    assert "[scripted stand-in, no model] 24 devices are in the inventory." in shown
