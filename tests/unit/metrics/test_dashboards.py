"""The dashboard and the alerts ask for what is there."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import pytest
import yaml
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from netstacks_tasks.metrics.families import Families
from netstacks_tasks.metrics.reading import Reading, Readings
from netstacks_tasks.metrics.running_children import RunningChildren
from netstacks_tasks.metrics.sync_rounds import SyncRounds
from netstacks_tasks.models.ids import RunId
from netstacks_tasks.store.database import Database
from netstacks_tasks.store.measures import EndedRun, FailureCount

DEPLOYMENTS: Final = Path(__file__).parents[3] / "deployments"
RULES: Final = DEPLOYMENTS / "prometheus" / "netstacks.rules.yml"
DASHBOARD: Final = DEPLOYMENTS / "grafana" / "netstacks.json"
OF_PROMETHEUS: Final = {"instance", "job"}


@pytest.fixture(scope="module")
def exported() -> dict[str, set[str]]:
    """Every metric that some process of ours tells -> the names of its labels."""
    now = datetime.now(UTC)
    readings = Readings(Database("postgresql://nobody@127.0.0.1:9/nothing"))
    readings.newest = Reading(at=now)
    run = EndedRun(
        id=RunId(uuid4()), task_type="backup", state="failed", started_at=now, ended_at=now
    )
    failure = FailureCount(task_type="backup", stage="connect", cause="refused", failures=1)
    readings.tally.add([run], [failure], [], now)
    rounds = SyncRounds()
    rounds.begin("feedback")
    rounds.succeeded("feedback")
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    for collector in (Families(readings), rounds, RunningChildren(lambda: 1, 2)):
        registry.register(collector)
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(generate_latest(registry).decode()):
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found


def of_the_rules() -> Iterator[str]:
    for group in yaml.safe_load(RULES.read_text())["groups"]:
        yield from (rule["expr"] for rule in group["rules"])


def panels() -> list[dict[str, Any]]:
    found = json.loads(DASHBOARD.read_text())["panels"]
    assert isinstance(found, list)
    return found


def of_the_dashboard() -> Iterator[str]:
    for panel in panels():
        yield from (target["expr"] for target in panel["targets"])


EXPRESSIONS: Final = [*of_the_rules(), *of_the_dashboard()]


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_an_expression_asks_for_what_is_told(
    expression: str, exported: dict[str, set[str]]
) -> None:
    named = set(re.findall(r"\b(?:netstacks|process)_[a-z_0-9]+", expression))
    assert named, "it asks for nothing of ours"
    assert named <= set(exported)
    assert expression.count("(") == expression.count(")")
    labels = {
        label.strip()
        for listed in re.findall(r"\bby \(([^)]*)\)", expression)
        for label in listed.split(",")
    }
    labels |= set(re.findall(r'([a-z_]+)=~?"', expression))
    assert labels - OF_PROMETHEUS <= set().union(*(exported[name] for name in named))


def test_each_state_and_loop_that_is_asked_for_is_one() -> None:
    asked = set(re.findall(r'state=~?"([^"]*)"', "\n".join(EXPRESSIONS)))
    states = {state for some in asked for state in some.split("|")}
    assert states <= {"completed", "failed", "crashed", "cancelled", "missed"}
    loops = set(re.findall(r'loop="([^"]*)"', "\n".join(EXPRESSIONS)))
    assert loops == {"feedback"}


def test_no_two_panels_are_the_same_one_or_lie_on_each_other() -> None:
    places: set[tuple[int, int]] = set()
    for panel in panels():
        at = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert not cells & places, panel["title"]
        assert at["x"] + at["w"] <= 24
        places |= cells
    ids = [panel["id"] for panel in panels()]
    assert len(set(ids)) == len(ids)


def test_every_alert_says_what_it_is_and_how_bad() -> None:
    for group in yaml.safe_load(RULES.read_text())["groups"]:
        for rule in group["rules"]:
            assert rule["labels"]["severity"] in {"warning", "critical"}
            assert set(rule["annotations"]) == {"summary", "description"}


@pytest.mark.skipif(shutil.which("promtool") is None, reason="needs promtool, of Prometheus")
@pytest.mark.parametrize(
    "words",
    [
        ("check", "config", "prometheus.yml"),
        ("test", "rules", "netstacks.rules.test.yml"),
    ],
)
def test_prometheus_takes_them(words: tuple[str, ...]) -> None:
    done = subprocess.run(
        ["promtool", *words], cwd=RULES.parent, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
