from __future__ import annotations

from dataclasses import replace

import pytest

from netstacks_tasks.errors import ConfigurationError
from netstacks_tasks.sync import catalogue
from netstacks_tasks.sync.desired import task_of
from tests.unit.sync.model import CATALOGUE, OTHER_INSTALLATION, row, surroundings, want


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "another"),
        ("task_type", "health_check"),
        ("cron_expression", "1 3 * * *"),
        ("timezone", "UTC"),
        ("enabled", False),
        ("max_retries", 0),
        ("retry_delay_seconds", 61),
        ("timeout_seconds", 601),
        ("site_pool", "pool-fra"),
    ],
)
def test_the_hash_covers_every_field_that_reaches_prefect(field: str, value: object) -> None:
    changed = replace(row(), **{field: value})  # type: ignore[arg-type] # see the parameters above
    assert want(changed).hash != want(row()).hash


def test_the_hash_covers_the_installation_and_not_the_bookkeeping() -> None:
    assert want(row(), OTHER_INSTALLATION).hash != want(row()).hash
    assert want(row(revision=9, synced_hash="x")).hash == want(row()).hash


@pytest.mark.parametrize(
    "changes",
    [
        {"work_pool": "another"},
        {"environment": {"A": "b"}},
        {"installation": OTHER_INSTALLATION},
        {"catalogue": {"backup": catalogue.Entry(flow_name="backup", entrypoint="other.flow")}},
        {"catalogue": {"backup": replace(CATALOGUE["backup"], flow_name="another")}},
    ],
)
def test_the_fingerprint_covers_everything_but_the_rows(changes: dict[str, object]) -> None:
    assert surroundings(**changes).fingerprint != surroundings().fingerprint
    assert want(row(name="x")).hash.startswith(surroundings().fingerprint + ".")


def test_a_task_runs_in_the_pool_of_its_site_else_in_the_default_one() -> None:
    assert want(row(site_pool="pool-fra")).content.work_pool == "pool-fra"
    assert want(row(placed_pool="pool-fra")).content.work_pool == "netstacks"


def test_a_task_that_is_off_keeps_a_deployment_that_runs_by_hand() -> None:
    content = want(row(enabled=False)).content
    assert [line.active for line in content.schedules] == [False]
    assert not content.paused


def test_retries_and_timeout_travel_in_the_environment_of_the_run() -> None:
    content = want(row(max_retries=2, retry_delay_seconds=5, timeout_seconds=7)).content
    assert content.job_variables == {
        "env": {
            "PREFECT_FLOWS_DEFAULT_RETRIES": "2",
            "PREFECT_FLOWS_DEFAULT_RETRY_DELAY_SECONDS": "5",
            "NETSTACKS_TASK_TIMEOUT_SECONDS": "7",
        }
    }


def test_the_task_is_read_back_from_the_tags() -> None:
    item = want(row())
    assert task_of(item.content.tags) == item.row.id
    assert task_of(["netstacks-task:nonsense", "x"]) is None


def test_the_installed_catalogue_names_the_flows() -> None:
    entry = catalogue.load()["backup"]
    assert (entry.flow_name, entry.entrypoint) == ("backup", "flows.backup.backup")


@pytest.mark.parametrize("text", ["", "[]", "backup: x", "backup: {entrypoint: nodots}", "a: ]"])
def test_a_broken_catalogue_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"catalogue\.yaml"):
        catalogue.parse(text)
