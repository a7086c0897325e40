"""Users, tokens and the audit log by commands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .conftest import Netstacks, task

PASSWORD = "canary horse battery"


def answer(netstacks: Netstacks, *words: str, text: str = "") -> Any:  # noqa: ANN401 - any JSON
    done = netstacks(*words, "--json", text=text)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_users_are_added_changed_and_removed(netstacks: Netstacks, tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text(f"{PASSWORD}\r\n")
    made = answer(netstacks, "user", "add", "anna", "--role", "admin", "--from", str(file))
    assert (made["name"], made["role"]) == ("anna", "admin")
    assert "password" not in repr(made)
    bert = netstacks("user", "add", "bert", "--from", "-", text=f"{PASSWORD}\n")
    assert "viewer" in bert.stdout
    assert answer(netstacks, "user", "role", "bert", "operator")["role"] == "operator"
    answer(netstacks, "user", "password", "bert", "--from", "-", text="another horse battery")
    assert [one["name"] for one in answer(netstacks, "user", "list")] == ["anna", "bert"]
    assert "operator" in netstacks("user", "list").stdout
    assert netstacks("user", "delete", "bert", "--yes").stdout == "Deleted the user bert.\n"
    last = netstacks("user", "role", "anna", "viewer")
    assert last.returncode == 2
    assert "'anna' is the last administrator" in last.stderr


def test_what_is_wrong_with_a_user_is_told(netstacks: Netstacks) -> None:
    for words, text, said in (
        (("user", "add", "anna"), "", "--from: needed where nobody can be asked"),
        (("user", "add", "anna", "--from", "-"), "canary", "password: must have 12 to 1000"),
        (("user", "add", "a b", "--from", "-"), PASSWORD, "name: must be 1 to 100 visible"),
        (("user", "password", "nobody", "--from", "-"), PASSWORD, "`netstacks user list` shows"),
        (("user", "delete", "nobody", "--yes"), "", "no user 'nobody'"),
        (("token", "revoke", "nobody", "--yes"), "", "`netstacks token list` shows"),
        (("token", "create", "a b"), "", "name: must be 1 to 100 visible"),
    ):
        done = netstacks(*words, text=text)
        assert done.returncode == 2, words
        assert said in done.stderr
        assert "canary" not in done.stderr + done.stdout
    assert answer(netstacks, "user", "list") == []


def test_a_token_is_alone_on_standard_output_and_shown_once(netstacks: Netstacks) -> None:
    made = netstacks("token", "create", "ci", "--role", "operator", "--expires-days", "30")
    text = made.stdout.strip()
    assert made.stdout == f"{text}\n"
    assert text.startswith("nst_")
    assert "shown this once" in made.stderr
    assert text not in made.stderr
    again = netstacks("token", "create", "ci")
    assert again.returncode == 2
    assert "there is a token 'ci' already" in again.stderr
    forever = answer(netstacks, "token", "create", "wall", "--expires-days", "0")
    assert (forever["expires_at"], forever["role"]) == (None, "viewer")
    assert forever["token"].startswith("nst_")
    listed = netstacks("token", "list")
    assert "never" in listed.stdout
    assert text not in listed.stdout + netstacks("token", "list", "--json").stdout
    assert answer(netstacks, "token", "revoke", "ci", "--yes")["deleted"] == "ci"
    assert [one["name"] for one in answer(netstacks, "token", "list")] == ["wall"]


def test_the_audit_log_says_who_worked_at_the_terminal(netstacks: Netstacks) -> None:
    document = json.dumps(task())
    made = answer(netstacks, "task", "create", "-f", "-", text=document)
    answer(netstacks, "task", "update", made["name"], "--set", "max_retries=5")
    found = answer(netstacks, "audit", "--object", made["id"])
    assert [one["action"] for one in found] == ["edited", "created"]
    assert all(one["actor"].startswith("cli:") and one["via"] == "cli" for one in found)
    assert found[0]["changes"] == {"max_retries": [3, 5]}
    shown = netstacks("audit", "--kind", "task", "--limit", "1").stdout
    assert "max_retries: 3 -> 5" in shown
    assert f"task {made['name']}" in shown
    older = answer(netstacks, "audit", "--before", str(found[1]["id"]), "--limit", "2")
    assert len(older) == 2
    assert netstacks("audit", "--actor", "nobody").stdout == "Nothing was recorded.\n"
