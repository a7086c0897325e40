"""What a run's process finds in its environment."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from netstacks_tasks.worker.messages import Order
from netstacks_tasks.worker.run_environment import needs_interpreter, run_environment


def test_what_was_removed_is_not_there() -> None:
    found = run_environment({"KEPT": "1", "GONE": None})
    assert found["KEPT"] == "1"
    assert "GONE" not in found


@pytest.mark.parametrize(
    ("given", "set_here"),
    [
        ({"PREFECT_API_URL": "http://127.0.0.1:4200/api"}, True),
        ({"PREFECT_API_URL": "https://prefect.example/api"}, False),
        ({}, False),
    ],
)
def test_authorities_are_spared_only_where_no_tls_is_spoken(
    given: dict[str, str], set_here: bool
) -> None:
    assert ("PREFECT_API_SSL_CERT_FILE" in run_environment(given)) is set_here


def test_what_a_person_set_stays() -> None:
    given = {"PREFECT_API_URL": "http://h/api", "PREFECT_API_SSL_CERT_FILE": "/etc/ca.pem"}
    assert run_environment(given)["PREFECT_API_SSL_CERT_FILE"] == "/etc/ca.pem"


@pytest.mark.parametrize(
    ("name", "needed"), [("PYTHONPATH", True), ("LD_PRELOAD", True), ("PYTHAGORAS", False)]
)
def test_what_only_a_new_interpreter_heeds(
    name: str, needed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(name, raising=False)
    assert needs_interpreter({**_ours(), name: "other"}) is needed
    assert not needs_interpreter(_ours())


def test_an_order_shows_no_secret_and_carries_it(tmp_path: Path) -> None:
    order = Order.of(environment={"KEY": "s3cret"}, directory=tmp_path, shown=False)
    assert "s3cret" not in repr(order)
    assert Order.model_validate_json(order.line()).environment["KEY"].get_secret_value() == "s3cret"


def _ours() -> dict[str, str]:
    return dict(os.environ)
