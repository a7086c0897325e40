from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from netstacks_tasks.sync.desired import Place
from netstacks_tasks.sync.plan import Actual, Confirm, Conflict, Create, Delete, Update
from tests.unit.sync.model import (
    OTHER_INSTALLATION,
    PrefectModel,
    deployed,
    row,
    want,
)

_NAMES = ["a", "b", "c", "d"]
_TYPES = ["backup", "health_check"]


@st.composite
def _tasks(draw: st.DrawFn) -> dict[int, tuple[str, str, str, bool]]:
    """Task number -> name (unique), type, cron, enabled."""
    names = draw(st.permutations(_NAMES))
    count = draw(st.integers(0, len(names)))
    return {
        number: (
            names[number],
            draw(st.sampled_from(_TYPES)),
            draw(st.sampled_from(["0 3 * * *", "*/5 * * * *", "@daily"])),
            draw(st.booleans()),
        )
        for number in range(count)
    }


def _rows(tasks: dict[int, tuple[str, str, str, bool]]) -> list[tuple[int, dict[str, object]]]:
    return [
        (n, {"name": name, "task_type": kind, "cron_expression": cron, "enabled": enabled})
        for n, (name, kind, cron, enabled) in tasks.items()
    ]


@given(before=_tasks(), after=_tasks(), foreign=st.sets(st.sampled_from(_NAMES)))
def test_applying_a_plan_makes_prefect_equal_to_the_table(
    before: dict[int, tuple[str, str, str, bool]],
    after: dict[int, tuple[str, str, str, bool]],
    foreign: set[str],
) -> None:
    model = PrefectModel()
    model.add(*(deployed(want(row(n, **changes))) for n, changes in _rows(before)))
    theirs = [
        deployed(want(row(90, name=name), OTHER_INSTALLATION))
        for name in foreign
        if Place(flow_name="backup", name=name) not in model.deployments
    ]
    model.add(*theirs)
    wanted = [want(row(n, **changes)) for n, changes in _rows(after)]
    todo = model.plan(wanted)
    model.apply(todo)

    assert all(model.deployments[item.place] == item for item in theirs)
    blocked = set(model.conflicts)
    for item in wanted:
        if item.row.id not in blocked:
            assert model.deployments[item.place].content == item.content
    again = model.plan(wanted)
    assert not again.clear
    assert all(isinstance(action, Confirm | Conflict) for action in again.put)
    assert not again.remove


def test_a_foreign_deployment_of_the_same_name_is_a_conflict() -> None:
    model = PrefectModel()
    item = want(row())
    theirs = replace(deployed(item), content=item.content.model_copy(update={"tags": ("mine",)}))
    model.add(theirs)
    todo = model.plan([item])
    assert todo.put == (Conflict(desired=item, deployment_id=theirs.id),)
    assert not todo.clear
    assert not todo.remove


def test_a_task_that_cannot_have_its_new_name_keeps_its_deployment() -> None:
    model = PrefectModel()
    old = deployed(want(row(1, name="old")))
    model.add(old, deployed(want(row(2, name="new"), OTHER_INSTALLATION)))
    todo = model.plan([want(row(1, name="new"))])
    assert [type(action) for action in todo.put] == [Conflict]
    assert not todo.remove


def test_ours_is_known_by_its_id_when_its_tags_were_removed() -> None:
    model = PrefectModel()
    item = want(row())
    stripped = replace(deployed(item), content=item.content.model_copy(update={"tags": ()}))
    model.add(stripped)
    model.known[stripped.id] = item.row.id
    todo = model.plan([item])
    assert todo.put == (Update(desired=item, deployment_id=stripped.id, fields=("tags",)),)


def test_a_renamed_task_moves_and_says_where_to() -> None:
    model = PrefectModel()
    old = deployed(want(row(1, name="old")))
    model.add(old)
    renamed = want(row(1, name="new"))
    todo = model.plan([renamed])
    assert todo.put == (Create(desired=renamed),)
    assert todo.remove == (
        Delete(
            deployment_id=old.id,
            place=old.place,
            task_id=renamed.row.id,
            successor=renamed.place,
        ),
    )


def test_an_orphan_of_ours_goes_and_one_of_others_stays() -> None:
    model = PrefectModel()
    ours = deployed(want(row(1)))
    theirs = deployed(want(row(2), OTHER_INSTALLATION))
    model.add(ours, theirs)
    todo = model.plan([])
    assert [action.deployment_id for action in todo.remove] == [ours.id]


def test_a_plan_is_empty_once_the_row_says_so() -> None:
    item = want(row())
    synced = replace(item, row=replace(item.row, synced_hash=item.hash))
    model = PrefectModel()
    model.add(Actual(id=uuid4(), place=item.place, content=item.content))
    assert not model.plan([item]).is_empty
    assert model.plan([synced]).is_empty
    assert UUID(int=0) not in model.known
