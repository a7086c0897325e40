"""A folder of files on the command line, as continuous integration would use it."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from pathlib import Path

from .conftest import PROGRAM, Netstacks, task


def names(netstacks: Netstacks, noun: str) -> list[str]:
    return [one["name"] for one in json.loads(netstacks(noun, "list", "--json").stdout)]


def test_a_folder_is_planned_applied_and_pruned(netstacks: Netstacks, tmp_path: Path) -> None:
    folder = tmp_path / "network"
    done = netstacks("export", "--to", str(folder))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"5 files written below {folder}, 0 removed, 0 unchanged.\n"
    apply = ("apply", "-f", str(folder))
    assert netstacks(*apply, "--dry-run").stdout == "5 unchanged.\n"
    (folder / "nightly.json").write_text(json.dumps(task()))
    (folder / "own.yaml").write_text('scripts: [{name: own, body: "print(1)\\nprint(2)\\n"}]\n')
    waits = netstacks(*apply, "--dry-run")
    assert waits.returncode == 4
    assert waits.stdout.splitlines() == [
        "+ script own", "+ task Nightly Core Router Backup", "2 to create, 5 unchanged.",
    ]  # fmt: skip
    assert names(netstacks, "task") == []
    made = netstacks(*apply)
    assert (made.returncode, made.stdout.splitlines()[-1]) == (0, "Applied.")
    assert names(netstacks, "task") == ["Nightly Core Router Backup"]
    again = netstacks(*apply, "--dry-run", "--json")
    assert again.returncode == 0
    assert json.loads(again.stdout)["counts"] == {"unchanged": 7}
    # A change is shown by its fields, a text by its lines.
    (folder / "nightly.json").write_text(json.dumps(task(max_retries=1, timezone="Asia/Tokyo")))
    (folder / "own.yaml").write_text('scripts: [{name: own, body: "print(1)\\nprint(3)\\n"}]\n')
    assert netstacks(*apply, "--dry-run").stdout.splitlines() == [
        "~ script own",
        "    body:", "      @@ -1,2 +1,2 @@", "       print(1)", "      -print(2)",
        "      +print(3)",
        "~ task Nightly Core Router Backup",
        '    timezone: "America/New_York" -> "Asia/Tokyo"',
        "    max_retries: 3 -> 1",
        "2 to update, 5 unchanged.",
    ]  # fmt: skip
    shown = json.loads(netstacks(*apply, "--json").stdout)
    assert shown["applied"]
    assert shown["changes"][1]["fields"]["max_retries"] == {"before": 3, "after": 1}
    # What is gone from the files is told, and removed when that is wanted and agreed to.
    (folder / "nightly.json").unlink()
    left = netstacks(*apply, "--dry-run")
    assert (left.returncode, "--prune removes them" in left.stderr) == (0, True)
    assert netstacks(*apply, "--prune", "--dry-run").returncode == 4
    unasked = netstacks(*apply, "--prune")
    assert (unasked.returncode, "--yes" in unasked.stderr) == (2, True)
    assert names(netstacks, "task") == ["Nightly Core Router Backup"]
    assert netstacks(*apply, "--prune", "--yes").stdout.splitlines()[0] == (
        "- task Nightly Core Router Backup"
    )
    assert names(netstacks, "task") == []
    # What was there before is nobody's, and stays.
    (folder / "devices" / "r1.yaml").unlink()
    assert netstacks(*apply, "--prune", "--yes").stdout == "5 unchanged.\n"
    assert names(netstacks, "device") == ["r1", "r2"]
    told = json.loads(netstacks("audit", "--kind", "files", "--json").stdout)
    assert [one["changes"] for one in told] == [{"delete": 1}, {"update": 2}, {"create": 2}]
    assert told[0]["actor"].startswith("cli:")


def test_faults_are_told_with_file_and_line(netstacks: Netstacks, tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text("tasks:\n  - name: T\n    task_type: backup\n    cron_expression: 61 * * * *\n")
    wrong = netstacks("apply", "-f", str(tmp_path), "--dry-run")
    assert wrong.returncode == 2
    assert f"netstacks: {file}:4: cron_expression: task 'T': " in wrong.stderr
    assert f"netstacks: {file}:2: parameters: task 'T': " in wrong.stderr
    wrong = netstacks("apply", "-f", str(tmp_path), "--json")
    problems = json.loads(wrong.stderr)["problems"]
    assert {"cron_expression", "parameters"} == {one["field"] for one in problems}
    assert netstacks("apply", "-f", str(tmp_path), "--owner", "").returncode == 2
    nowhere = netstacks("export", "--to", str(file / "below"))
    assert (nowhere.returncode, "cannot be written" in nowhere.stderr) == (2, True)


def test_on_a_terminal_a_removal_is_asked_for(
    netstacks: Netstacks, environment: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "a.yaml").write_text("device_groups: [{name: a}, {name: b}]\n")
    assert netstacks("apply", "-f", str(tmp_path)).returncode == 0
    (tmp_path / "a.yaml").write_text("device_groups: [{name: a}]\n")
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*PROGRAM, "apply", "-f", str(tmp_path), "--prune"],
        env=environment, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        os.close(theirs)
        os.write(ours, b"n\n")
        out, err = process.communicate(timeout=60)
    os.close(ours)
    assert process.returncode == 1
    assert out.splitlines()[0] == "- device group b"
    assert "remove 1 for good?" in err
    assert "b" in names(netstacks, "group")


def test_versions_go_to_git(netstacks: Netstacks, tmp_path: Path) -> None:
    unset = netstacks("snapshot", "git")
    assert (unset.returncode, "NETSTACKS_CONFIG_GIT" in unset.stderr) == (2, True)
    folder = tmp_path / "configs.git"
    for more in ((), ("--rebuild",)):
        done = netstacks("snapshot", "git", *more, NETSTACKS_CONFIG_GIT=str(folder))
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout == f"Wrote 0 versions to {folder}, in 0 commits.\n"
    told = netstacks("snapshot", "git", "--json", NETSTACKS_CONFIG_GIT=str(tmp_path))
    assert told.returncode == 1
    assert "name a new folder" in json.loads(told.stderr)["problems"][0]["message"]
