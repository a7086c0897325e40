"""The command line as a person and a program use it, on a real database."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path
from uuid import UUID

import psycopg

from .conftest import CREDENTIAL, GROUP, NO_PREFECT, PROGRAM, Done, Netstacks, started, task


def create(netstacks: Netstacks, document: object, *more: str) -> Done:
    return netstacks("task", "create", "-f", "-", *more, text=json.dumps(document))


def test_a_task_is_made_shown_changed_and_deleted(netstacks: Netstacks) -> None:
    made = create(netstacks, task(), "--json")
    assert made.returncode == 0, made.stderr
    saved = json.loads(made.stdout)
    assert (saved["timeout_seconds"], saved["max_retries"]) == (600, 3)
    assert saved["next_run_at"] is not None
    name = saved["name"]
    listed = json.loads(netstacks("task", "list", "--json").stdout)
    assert [one["id"] for one in listed] == [saved["id"]]
    table = netstacks("task", "list").stdout
    assert name in table
    assert "America/New_York" in table
    changed = netstacks("task", "update", name, "--set", "max_retries=5", "--json")
    assert json.loads(changed.stdout)["max_retries"] == 5
    off = json.loads(netstacks("task", "disable", name, "--json").stdout)
    assert (off["enabled"], off["next_run_at"]) == (False, None)
    assert json.loads(netstacks("task", "history", name, "--json").stdout) == []
    assert netstacks("task", "delete", name, "--yes").returncode == 0
    gone = netstacks("task", "show", name)
    assert gone.returncode == 2
    assert gone.stderr.startswith(f"netstacks: no task {name!r}: `netstacks task list`")


def test_preview_shows_the_zone_and_utc(netstacks: Netstacks) -> None:
    shown = netstacks("preview", "--cron", "0 2 * * *", "--timezone", "Asia/Tokyo", "--json")
    runs = json.loads(shown.stdout)["runs"]
    assert len(runs) == 5
    assert all(run["utc"].endswith("17:00:00Z") for run in runs)
    assert all("T02:00:00+09:00" in run["local"] for run in runs)


def test_what_cannot_be_reached_is_told_with_its_own_exit_code(netstacks: Netstacks) -> None:
    nowhere = subprocess.run(
        [*PROGRAM, "task", "list"],
        env={**os.environ, "NETSTACKS_DATABASE_URL": "postgresql://u:canary@127.0.0.1:1/x"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert nowhere.returncode == 3
    assert "canary" not in nowhere.stderr
    assert "Traceback" not in nowhere.stderr
    assert netstacks("sync", **NO_PREFECT).returncode == 3


def test_doctor_says_what_is_wrong_and_how_to_mend_it(netstacks: Netstacks) -> None:
    seen = netstacks("doctor", "--json", **NO_PREFECT)
    findings = {one["subject"]: one for one in json.loads(seen.stdout)["findings"]}
    assert seen.returncode == 1
    assert findings["database"]["status"] == "ok"
    assert findings["Prefect"]["status"] == "fail"
    assert "netstacks up" in findings["Prefect"]["found"]


def test_single_parameters_are_changed_and_the_others_stay(netstacks: Netstacks) -> None:
    name = json.loads(create(netstacks, task(), "--json").stdout)["name"]
    words = ("task", "update", name, "--json", "--set")
    changed = json.loads(netstacks(*words, "parameters.destination=other/place").stdout)
    assert changed["parameters"] == {**task()["parameters"], "destination": "other/place"}
    changed = json.loads(
        netstacks(*words, "name=Renamed", "--set", f"parameters.credential_id={CREDENTIAL}").stdout
    )
    assert (changed["name"], changed["parameters"]["credential_id"]) == ("Renamed", CREDENTIAL)
    assert changed["revision"] == 3
    stale = netstacks("task", "update", "Renamed", "--set", "max_retries=1", "--revision", "2")
    assert stale.returncode == 2
    assert "edited meanwhile (revision 3, expected 2)" in stale.stderr


def test_a_file_changes_a_task_and_advice_is_beside_the_answer(netstacks: Netstacks) -> None:
    check = {
        "name": "Edge",
        "task_type": "health_check",
        "cron_expression": "*/15 * * * *",
        "timeout_seconds": 30,
        "parameters": {"type": "health_check", "credential_id": CREDENTIAL, "checks": ["ssh"]},
    }
    made = create(netstacks, check, "--json")
    assert json.loads(made.stdout)["timeout_seconds"] == 30
    assert made.stderr.startswith("advice: timeout_seconds is 30")
    changed = netstacks("task", "update", "Edge", "-f", "-", text='{"timeout_seconds": 120}')
    assert (changed.returncode, changed.stderr) == (0, "")
    assert ["timeout_seconds", "120"] in [line.split() for line in changed.stdout.splitlines()]


def test_tasks_are_listed_by_what_matters(netstacks: Netstacks) -> None:
    assert create(netstacks, task()).returncode == 0
    assert create(netstacks, task(name="Off", enabled=False)).returncode == 0

    def names(*words: str) -> list[str]:
        return [
            one["name"] for one in json.loads(netstacks("task", "list", "--json", *words).stdout)
        ]

    assert names() == ["Nightly Core Router Backup", "Off"]
    assert names("--disabled") == ["Off"]
    assert names("--enabled", "--text", "nightly") == ["Nightly Core Router Backup"]
    assert names("--type", "health_check") == []
    assert names("--status", "failed") == []
    shown = netstacks("task", "preview", "Off")
    assert len(shown.stdout.splitlines()) >= 6
    assert "disabled" in shown.stderr


def test_the_inventory_is_shown_and_what_is_used_is_not_deleted(netstacks: Netstacks) -> None:
    assert create(netstacks, task()).returncode == 0
    devices = json.loads(netstacks("device", "list", "--group", "core-routers", "--json").stdout)
    assert [one["name"] for one in devices] == ["r1", "r2"]
    assert "r2" not in netstacks("device", "list", "--platform", "ios").stdout
    group = json.loads(netstacks("group", "show", GROUP, "--json").stdout)
    assert group["devices"] == ["r1", "r2"]
    shown = json.loads(netstacks("device", "show", "r1", "--json").stdout)
    assert (shown["port"], shown["host_keys"]) == (22, [])
    kept = netstacks("group", "delete", "core-routers", "--yes")
    assert kept.returncode == 2
    assert "Nightly Core Router Backup" in kept.stderr
    assert netstacks("group", "delete", "spare", "--yes").returncode == 0
    unasked = netstacks("device", "delete", "r1")
    assert unasked.returncode == 2
    assert len(json.loads(netstacks("device", "list", "--json").stdout)) == 2


def test_scripts_are_stored_and_replaced(netstacks: Netstacks, tmp_path: Path) -> None:
    first = netstacks("script", "add", "routes", "-f", "-", "--json", text="print(1)\n")
    key = json.loads(first.stdout)["id"]
    file = tmp_path / "routes.py"
    file.write_text("print(2)\n")
    second = netstacks("script", "add", "routes", "-f", str(file), "--json")
    assert json.loads(second.stdout)["id"] == key
    assert netstacks("script", "show", "routes").stdout == "print(2)\n"
    empty = netstacks("script", "add", "empty", "-f", "-")
    assert (empty.returncode, "empty or binary" in empty.stderr) == (2, True)
    long = netstacks("script", "add", "long", "-f", "-", text="x" * 300_000)
    assert (long.returncode, "262144 characters" in long.stderr) == (2, True)
    other = netstacks("script", "add", "other", "-f", "-", text="#!/bin/bash\necho\n")
    assert (other.returncode, "begins with '#!/bin/bash'" in other.stderr) == (2, True)
    assert "routes" in netstacks("script", "list").stdout


def test_an_import_from_standard_input_says_every_bad_line(
    netstacks: Netstacks, database_url: str
) -> None:
    table = "name,host,platform\nr3,127.0.0.3,ios\nr4,127.0.0.4,vax\nr5,,frr\n"
    refused = netstacks("import", "-", "--format", "csv", text=table)
    assert refused.returncode == 2
    told = refused.stderr.splitlines()
    assert [line.split(": ")[1] for line in told] == ["standard input:3", "standard input:4"]
    with psycopg.connect(database_url) as connection:
        assert connection.execute("SELECT count(*) FROM devices").fetchone() == (2,)
    fine = table.replace("vax", "eos").replace("r5,,", "r5,127.0.0.5,")
    done = netstacks("import", "-", "--format", "csv", "--json", text=fine)
    assert json.loads(done.stdout)["created"] == {"devices": ["r3", "r4", "r5"]}
    again = netstacks("import", "-", "--format", "csv", text=fine)
    assert again.stdout == "3 devices unchanged\n"


def _keep(database_url: str, texts: list[str]) -> None:
    """Versions of r1, as backups keep them."""
    with psycopg.connect(database_url) as connection:
        row = connection.execute("SELECT id FROM devices WHERE name = 'r1'").fetchone()
        assert row is not None
        for minute, text in enumerate(texts):
            connection.execute(
                "INSERT INTO config_snapshots (id, device_id, device_name, platform, destination,"
                " source, content, sha256, line_count, captured_at) VALUES (gen_random_uuid(), %s,"
                " 'r1', 'frr', 'core', 'running', %s, 'x', 1, %s)",
                (row[0], text, f"2026-11-01T02:{minute:02}:00Z"),
            )


def test_versions_are_listed_shown_compared_and_exported(
    netstacks: Netstacks, database_url: str, tmp_path: Path
) -> None:
    texts = ["hostname r1\n!\nrouter bgp 65001\n", "hostname r1\n!\nrouter bgp 65002\n\x1b[31m"]
    _keep(database_url, texts)
    versions = json.loads(netstacks("snapshot", "list", "--device", "r1", "--json").stdout)
    newer, older = (one["id"] for one in versions)
    assert netstacks("snapshot", "show", newer).stdout == texts[1]
    diff = netstacks("snapshot", "diff", newer).stdout
    assert "-router bgp 65001" in diff
    assert "+router bgp 65002" in diff
    assert "\x1b" not in diff
    backwards = json.loads(netstacks("snapshot", "diff", older, newer, "--json").stdout)["diff"]
    assert "+router bgp 65001" in backwards
    first = netstacks("snapshot", "diff", older)
    assert (first.returncode, "no version before" in first.stderr) == (2, True)
    out = tmp_path / "out"
    done = json.loads(netstacks("snapshot", "export", "--to", str(out), "--json").stdout)
    assert done["written"] == [str(out / "core" / "r1.running.cfg")]
    file = out / "core" / "r1.running.cfg"
    assert file.read_text() == texts[1]
    assert file.stat().st_mode & 0o777 == 0o600
    whole = netstacks("snapshot", "export", "--to", str(out), "--all", "--device", "r1")
    assert whole.stdout == f"Wrote 2 files below {out}.\n"
    assert (out / "core" / "r1.20261101T020000000000Z.running.cfg").read_text() == texts[0]


def test_a_reader_that_goes_away_is_no_error(
    netstacks: Netstacks, environment: dict[str, str], database_url: str
) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute(
            "INSERT INTO task_runs (id, task_name, task_type, trigger, state, scheduled_for)"
            " SELECT gen_random_uuid(), repeat('x', 100), 'backup', 'schedule', 'completed', now()"
            " FROM generate_series(1, 3000)"
        )
    with subprocess.Popen(
        [*PROGRAM, "run", "list", "--limit", "3000"],
        # Without a buffer Python does not notice that a part was not written.
        env=environment | {"PYTHONUNBUFFERED": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().startswith(b"RUN")
        process.stdout.close()
        told = process.stderr.read()
        assert process.wait(60) == 141
    assert told == b""


def test_the_history_is_paged(netstacks: Netstacks, database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        for hour in range(5):
            connection.execute(
                "INSERT INTO task_runs (id, task_name, task_type, trigger, state, scheduled_for)"
                " VALUES (%s, 'gone', 'backup', 'schedule', 'completed', %s)",
                (UUID(int=hour), f"2026-11-01T{hour:02}:00:00Z"),
            )
    page = json.loads(netstacks("run", "list", "--limit", "2", "--json").stdout)
    assert [one["scheduled_for"] for one in page] == [
        "2026-11-01T04:00:00Z",
        "2026-11-01T03:00:00Z",
    ]
    following = netstacks("run", "list", "--limit", "9", "--before", page[-1]["id"], "--json")
    assert [UUID(one["id"]).int for one in json.loads(following.stdout)] == [2, 1, 0]


def test_ctrl_c_ends_the_watch_in_order(netstacks: Netstacks, environment: dict[str, str]) -> None:
    elsewhere = environment | {"PREFECT_API_URL": "http://127.0.0.1:9/api"}
    with started("sync", "--watch", env=elsewhere) as process:
        assert process.stderr is not None
        while "watching the task table" not in (line := process.stderr.readline()):
            assert line, "it ended"
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
        assert process.wait(60) == 0
    assert "Traceback" not in rest


STACKS = """
stacks:
  - name: ntp
    templates: {base: "ntp server {{ server }}\\n key {{ key }}\\n"}
stack_instances:
  - name: everywhere
    stack: ntp
    variables: {server: 192.0.2.123, key: {secret_block: ntp-key}}
    devices: [r2, r1]
"""


def test_a_stack_is_shown_rendered_and_kept_while_it_is_used(netstacks: Netstacks) -> None:
    assert netstacks("import", "-", "--format", "yaml", text=STACKS).returncode == 0
    assert json.loads(netstacks("stack", "list", "--json").stdout)[0]["name"] == "ntp"
    assert "ntp server {{ server }}" in netstacks("stack", "show", "ntp").stdout
    assert netstacks("stack", "show", "ntp", "--version", "2").returncode == 2
    (listed,) = json.loads(netstacks("instance", "list", "--json").stdout)
    assert (listed["stack"], listed["mode"], len(listed["devices"])) == ("ntp", "merge", 2)
    assert "batch_size" in netstacks("instance", "show", "everywhere").stdout
    rendered = json.loads(netstacks("instance", "render", "everywhere", "--json").stdout)
    assert [one["device"] for one in rendered] == ["r2", "r1"]
    assert rendered[0]["text"] == "ntp server 192.0.2.123\n key <secret ntp-key>\n"
    one = netstacks("instance", "render", "everywhere", "--device", "r1").stdout
    assert one == "! r1\nntp server 192.0.2.123\n key <secret ntp-key>\n\n"
    assert netstacks("instance", "render", "everywhere", "--device", "r9").returncode == 2
    instance = {
        "name": "Push",
        "task_type": "deployment",
        "cron_expression": "0 0 * * 0",
        "parameters": {"type": "deployment", "stack_instance_id": listed["id"]},
    }
    made = create(netstacks, instance, "--json")
    assert json.loads(made.stdout)["missed_runs"] == "skip"
    assert "'Push'" in netstacks("instance", "delete", "everywhere", "--yes").stderr
    assert "'everywhere'" in netstacks("stack", "delete", "ntp", "--yes").stderr


def test_what_cannot_be_rendered_is_told_per_device(netstacks: Netstacks) -> None:
    assert netstacks("import", "-", "--format", "yaml", text=STACKS).returncode == 0
    # A template of an older version is not tried when the instance changes.
    newer = STACKS.replace("{{ server }}", "{{ address }}").replace("server:", "address:")
    assert netstacks("import", "-", "--format", "yaml", text=newer).returncode == 0
    pinned = newer.replace("stack: ntp\n", "stack: ntp\n    version: 1\n")
    assert netstacks("import", "-", "--format", "yaml", text=pinned).returncode == 0
    shown = netstacks("instance", "render", "everywhere")
    assert shown.returncode == 1
    assert "r1: template 'base', line 1: 'server' is undefined" in shown.stderr


def test_a_key_is_made_and_what_there_is_is_encrypted(netstacks: Netstacks, tmp_path: Path) -> None:
    refused = netstacks("snapshot", "encrypt")
    assert refused.returncode != 0
    assert "NETSTACKS_CONFIG_KEY_FILE" in refused.stderr
    file = tmp_path / "keys"
    assert netstacks("snapshot", "new-key", str(file)).returncode == 0
    named = {"NETSTACKS_CONFIG_KEY_FILE": str(file)}
    done = netstacks("snapshot", "encrypt", "--json", **named)
    assert json.loads(done.stdout) == {"encrypted": 0}
    file.write_text("no key\n")
    wrong = netstacks("snapshot", "list", **named)
    assert wrong.returncode != 0
    assert "line 1" in wrong.stderr
    assert "no key" not in wrong.stderr
