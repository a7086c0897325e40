"""The commands that ask Prefect, on a real server; the work pool is the test's own."""

from __future__ import annotations

import base64
import json
import shlex
import signal
import subprocess
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg
import pytest

from tests.hosts.device_records import Kept
from tests.hosts.device_services import TOKEN, device_service

from .conftest import PROGRAM, Done, Netstacks, started, task

if TYPE_CHECKING:
    from netstacks_tasks.embedded.stack import Stack

Call = Callable[..., Done]
NAME = "Nightly Core Router Backup"
LOGIN = "PREFECT_API_AUTH_STRING"


@pytest.fixture
def prefect(prefect_stack: Stack) -> dict[str, str]:
    """Variables that point to the server, and to a pool that no worker serves."""
    _remove_deployments()
    return {
        "PREFECT_API_URL": prefect_stack.api_url,
        "NETSTACKS_WORK_POOL": f"unserved-{uuid4().hex[:8]}",
    }


def _remove_deployments() -> None:
    """Those of this name that other tests left on the server: they are another installation's."""
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterName

    wanted = DeploymentFilter(name=DeploymentFilterName(any_=[NAME]))
    with get_client(sync_client=True) as client:
        for left in client.read_deployments(deployment_filter=wanted):
            client.delete_deployment(left.id)


@pytest.fixture
def call(netstacks: Netstacks, prefect: dict[str, str]) -> Call:
    return lambda *words, text="": netstacks(*words, text=text, **prefect)


def secrets_of(block_name: str) -> Any:  # noqa: ANN401 - JSON
    """What Prefect keeps in a credential's block."""
    from prefect.client.orchestration import get_client

    with get_client(sync_client=True) as client:
        return client.read_block_document_by_name(
            block_name, "netstacks-device-credentials", include_secrets=True
        ).data


def answer(done: Done) -> Any:  # noqa: ANN401 - JSON
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_credential_is_a_block_and_a_row(call: Call) -> None:
    fields = json.dumps({"username": "backup", "password": "canary-1"})
    words = ("credential", "add", "Core Login", "--from", "-", "--json")
    saved = answer(call(*words, text=fields))
    assert saved["block_name"] == f"core-login-{saved['id'][:8]}"
    kept = secrets_of(saved["block_name"])
    assert (kept["username"], kept["password"]) == ("backup", "canary-1")
    again = answer(call(*words, text=fields.replace("canary-1", "canary-2")))
    assert again == saved
    assert secrets_of(saved["block_name"])["password"] == "canary-2"
    other = answer(call("credential", "add", "core login", "--from", "-", "--json", text=fields))
    assert other["block_name"] != saved["block_name"]
    assert secrets_of(saved["block_name"])["password"] == "canary-2"
    listed = call("credential", "list")
    assert "Core Login" in listed.stdout
    assert "canary" not in listed.stdout
    same = call("credential", "add", "third", "--block", saved["block_name"], "--json")
    assert answer(same)["block_name"] == saved["block_name"]


def test_a_bad_credential_is_refused_without_a_word_of_its_secrets(call: Call) -> None:
    for words, text, said in (
        (("--from", "-"), '{"username": "u", "pasword": "canary"}', "pasword"),
        (("--from", "-"), '{"password": "canary"}', "username"),
        (("--from", "-"), '{"username": "u", "private_key": "canary"}', "private_key"),
        (("--from", "-"), "canary", "is not JSON"),
        (("--from", "/nowhere"), "", "/nowhere cannot be read"),
        (("--block", "not-there"), "", "no block netstacks-device-credentials/not-there"),
        ((), "", "--from - reads JSON"),
    ):
        refused = call("credential", "add", "new", *words, text=text)
        assert refused.returncode == 2, refused.stderr
        assert said in refused.stderr
        assert "canary" not in refused.stderr
        assert "Traceback" not in refused.stderr
    assert [one["name"] for one in answer(call("credential", "list", "--json"))] == ["core"]


def test_the_sync_reports_and_a_queued_run_is_cancelled(call: Call) -> None:
    answer(call("task", "create", "-f", "-", "--json", text=json.dumps(task(enabled=False))))
    first = answer(call("sync", "--json"))
    assert first["created"] == [NAME]
    assert call("sync").stdout == "Prefect has every task as it is written.\n"
    assert answer(call("sync", "--full", "--json"))["unchanged"] == 1
    run_id = answer(call("task", "run", NAME, "--json"))["run_id"]
    late = call("task", "run", NAME, "--wait", "--timeout", "2")
    assert late.returncode == 1
    assert "has not ended within 2 s; it goes on" in late.stderr
    cancelled = answer(call("task", "cancel", NAME, "--json"))["cancelled"]
    assert run_id in cancelled
    assert len(cancelled) == 2
    assert call("task", "cancel", NAME).stdout == "No run of this task waits or works.\n"
    over = call("run", "cancel", run_id)
    assert over.returncode == 2
    assert "has ended already (cancelled)" in over.stderr
    answer(call("sync", "--json"))
    history = answer(call("task", "history", NAME, "--json"))
    assert {one["state"] for one in history} == {"cancelled"}
    assert answer(call("run", "show", run_id, "--json"))["run"]["trigger"] == "manual"
    assert call("run", "cancel", str(uuid4())).returncode == 2
    answer(call("task", "delete", NAME, "--yes", "--json"))
    assert answer(call("sync", "--json"))["deleted"] == [f"backup/{NAME}"]


def test_ctrl_c_while_waiting_leaves_the_run(
    call: Call, environment: dict[str, str], prefect: dict[str, str]
) -> None:
    answer(call("task", "create", "-f", "-", "--json", text=json.dumps(task(enabled=False))))
    with started("task", "run", NAME, "--wait", env=environment | prefect) as process:
        assert process.stderr is not None
        run_id = process.stderr.readline().removeprefix("Waiting for run ").split(".")[0]
        process.send_signal(signal.SIGINT)
        told = process.stderr.read()
        assert process.wait(60) == 130
    assert told == f"The run {run_id} goes on; end it with `netstacks run cancel {run_id}`.\n"
    assert answer(call("run", "cancel", run_id, "--json")) == {"cancelled": [run_id]}


def test_the_doctor_names_what_is_missing(
    call: Call, program: Netstacks, environment: dict[str, str], prefect: dict[str, str]
) -> None:
    done = call("doctor", "--json")
    seen = json.loads(done.stdout)
    findings = {one["subject"]: one for one in seen["findings"]}
    assert (done.returncode, seen["ok"]) == (1, False)
    assert findings["Prefect"]["status"] == "ok"
    assert findings["Prefect's settings"]["status"] == "ok"
    assert findings["Prefect's login"]["found"] == "the server asks for one"
    assert findings["work pool"]["status"] == "fail"
    assert findings["work pool"]["mend"].startswith("run `netstacks worker`")
    assert findings["credential core"]["mend"] == "netstacks credential add 'core'"
    assert findings["block netstacks-database"]["status"] == "warn"
    assert "this command" in findings["block netstacks-database"]["found"]
    problems = program("--debug", "doctor", "--problems", **prefect)
    assert not any(line.startswith("ok") for line in problems.stdout.splitlines())
    assert "/api/admin/version" in problems.stderr
    encoded = base64.b64encode(environment[LOGIN].encode()).decode()
    assert environment[LOGIN] not in problems.stderr
    assert encoded not in problems.stderr
    assert "FAIL  work pool" in problems.stdout


def test_a_worker_serves_the_pool_until_ctrl_c(
    call: Call, environment: dict[str, str], prefect: dict[str, str]
) -> None:
    words = ("worker", "--name", "by-hand", "--limit", "1")
    with started(*words, env=environment | prefect) as process:
        assert process.stdout is not None
        while "started!" not in (line := process.stdout.readline()):
            assert line, "it ended"
        findings = {
            one["subject"]: one for one in json.loads(call("doctor", "--json").stdout)["findings"]
        }
        process.send_signal(signal.SIGINT)
        rest = "".join(process.communicate(timeout=60))
    assert findings["work pool"]["status"] == "ok", findings["work pool"]
    assert "by-hand" in findings["work pool"]["found"]
    assert "Traceback" not in rest


def test_the_sync_follows_edits_until_it_is_told_to_end(
    call: Call, environment: dict[str, str], prefect: dict[str, str]
) -> None:
    # Of a name that no other test's installation has on this server.
    wanted = json.dumps(task(name=f"Followed {uuid4()}"))
    with started("sync", "--watch", env=environment | prefect) as process:
        created = answer(call("task", "create", "-f", "-", "--json", text=wanted))
        deadline = time.monotonic() + 60
        while answer(call("task", "show", created["id"], "--json"))["synced_at"] is None:
            assert time.monotonic() < deadline, "the edit never reached Prefect"
            assert process.poll() is None, "it ended"
        process.send_signal(signal.SIGTERM)
        assert process.stderr is not None
        said = process.stderr.read()
        assert process.wait(60) == 0, said
    assert "Traceback" not in said


def test_a_block_and_secrets_are_not_given_at_once(call: Call) -> None:
    words = ("credential", "add", "new", "--block", "b", "--username", "u")
    refused = call(*words)
    assert refused.returncode == 2
    assert refused.stderr.startswith("netstacks: --block: ")


def test_a_prefect_that_wants_another_login_is_told(
    netstacks: Netstacks, program: Netstacks, prefect: dict[str, str]
) -> None:
    missing, wrong = "Prefect asks for a login", "Prefect refuses the login it is given"
    add = ("credential", "add", "new", "--from", "-")
    for command, words, auth_string, said in (
        (netstacks, ("sync",), "me:canary", wrong),
        (program, ("worker",), "", missing),
        (netstacks, add, "", missing),
    ):
        fields = '{"username": "u", "password": "canary"}'
        refused = command(*words, text=fields, **(prefect | {LOGIN: auth_string}))
        assert refused.returncode == 3, words
        assert f"{said}: set {LOGIN}" in refused.stderr
        assert len(refused.stderr.splitlines()) == 1
        assert "canary" not in refused.stdout + refused.stderr
    done = netstacks("doctor", "--problems", "--json", **(prefect | {LOGIN: ""}))
    findings = {one["subject"]: one for one in json.loads(done.stdout)["findings"]}
    assert (done.returncode, findings["Prefect"]["status"]) == (1, "fail")
    assert findings["Prefect"]["found"] == missing
    assert findings["Prefect"]["mend"].startswith(f"set {LOGIN}")


def test_the_shell_is_told_what_a_command_of_prefect_needs(
    prefect_stack: Stack, environment: dict[str, str], prefect: dict[str, str]
) -> None:
    own = {name: value for name, value in environment.items() if not name.startswith("PREFECT_API")}
    own |= {"NETSTACKS_STATE_DIR": str(prefect_stack.state_dir)}
    del own["NETSTACKS_DATABASE_URL"]
    shown = subprocess.run(
        ["sh", "-c", f'eval "$({shlex.join([*PROGRAM, "env"])})" && env'],
        env=own, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert f"PREFECT_API_URL={prefect_stack.api_url}" in shown.stdout.splitlines()
    assert f"{LOGIN}={environment[LOGIN]}" in shown.stdout.splitlines()
    elsewhere = subprocess.run(
        [*PROGRAM, "env", "--json"],
        env=environment | prefect, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert json.loads(elsewhere.stdout) == {"PREFECT_API_URL": prefect_stack.api_url}
    nowhere = subprocess.run(
        [*PROGRAM, "env"],
        env=own | {"NETSTACKS_STATE_DIR": environment["NETSTACKS_STATE_DIR"]},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (nowhere.returncode, nowhere.stdout) == (3, "")
    assert "netstacks up" in nowhere.stderr


OXIDIZED = [
    *("import", "oxidized", "-", "--credentials", "--map", "name=0", "--map", "model=1"),
    *("--map", "username=2", "--map", "password=3"),
]


def test_logins_of_an_inventory_become_blocks_when_asked(call: Call) -> None:
    words = [*OXIDIZED, "--json"]
    text = "o1:ios:netops:canary-1\no2:eos:netops:canary-2\no3:ios:netops:canary-1\no4:ios::x\n"
    tried = answer(call(*words, "--dry-run", text=text))
    assert [note for note in tried["notes"] if note.startswith("would save")] == [
        "would save the credential oxidized-netops",
        "would save the credential oxidized-netops-2",
    ]
    assert [one["name"] for one in answer(call("credential", "list", "--json"))] == ["core"]
    done = call(*words, text=text)
    assert answer(done)["without_credential"] == ["o4"]
    assert "canary" not in done.stdout + done.stderr
    saved = {one["name"]: one for one in answer(call("credential", "list", "--json"))}
    kept = secrets_of(saved["oxidized-netops-2"]["block_name"])
    assert (kept["username"], kept["password"]) == ("netops", "canary-2")
    shown = answer(call("device", "list", "--json"))
    chosen = {one["name"]: one["credential_id"] for one in shown if one["name"].startswith("o")}
    first, second = (saved[f"oxidized-netops{end}"]["id"] for end in ("", "-2"))
    assert chosen == {"o1": first, "o2": second, "o3": first, "o4": None}


def test_a_fault_of_an_inventory_saves_no_login(call: Call) -> None:
    refused = call(*OXIDIZED, text="o1:ios:netops:canary-1\no2:toaster:netops:canary-1\n")
    assert refused.returncode == 2
    assert "canary" not in refused.stdout + refused.stderr
    assert [one["name"] for one in answer(call("credential", "list", "--json"))] == ["core"]


def test_the_token_of_a_service_is_read_from_a_secret_block(call: Call) -> None:
    from prefect.blocks.system import Secret

    name = f"netbox-{uuid4().hex[:8]}"
    Secret(value=TOKEN).save(name)
    with device_service("netbox") as service:
        service.devices = [Kept(id=1, name="sw1", ip4="10.0.0.1/24")]
        words = ("import", "netbox", service.url, "--json", "--token-block")
        assert answer(call(*words, name))["created"] == ["sw1"]
        refused = call(*words, f"{name}-not")
    assert refused.returncode == 2
    assert f"Prefect has no block secret/{name}-not" in refused.stderr
    assert TOKEN not in refused.stderr


def test_what_is_beyond_the_policy_goes(call: Call, database_url: str) -> None:
    task_id = answer(call("task", "create", "-f", "-", "--json", text=json.dumps(task())))["id"]
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            """INSERT INTO task_runs (id, task_id, task_name, task_type, trigger, state,
                   scheduled_for, started_at, ended_at)
               SELECT gen_random_uuid(), %s, 'x', 'backup', 'manual', 'completed', at, at, at
               FROM generate_series(0, 400, 100) AS days,
                    LATERAL (SELECT now() - days * interval '1 day' AS at) AS ago""",
            (task_id,),
        )
    assert call("retention", "set", NAME, "--runs-kept", "2").returncode == 0
    foreseen = answer(call("retention", "apply", "--dry-run", "--json"))
    assert foreseen == {
        "dry_run": True,
        "removed": {"runs": 3, "logs": 1},
        "tasks": {NAME: {"runs": 3, "logs": 1, "versions": 0}},
    }
    done = call("retention", "apply")
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("Gone: 3 runs, 1 logs of runs that stay.\n")
    assert len(answer(call("task", "history", NAME, "--json"))) == 2
    assert call("retention", "apply").stdout == "Nothing is beyond the policy.\n"
    (entry,) = (
        one
        for one in answer(call("audit", "--kind", "retention", "--json"))
        if one["action"] == "applied"
    )
    assert entry["changes"] == {"runs": 3, "logs": 1}
    assert entry["actor"].startswith("cli:")
