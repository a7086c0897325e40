"""Two people edited the same task: what each of them changed, and what to make of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from netstacks_tasks.models.task_spec import TaskType
from netstacks_tasks.web.forms.fields import SCRIPT_SOURCE, Field, fields_of
from netstacks_tasks.web.forms.values import FormValues

Side = Literal["you", "they", "both"]

_TOGETHER: Final = (
    ("parameters.target_type", "parameters.target_id"),
    (SCRIPT_SOURCE, "parameters.script", "parameters.script_id", "parameters.interpreter"),
)
"""What makes sense together only is taken from one person."""
_LONGEST: Final = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A field that is not what it was when the form was opened."""

    field: Field
    before: str
    theirs: str
    yours: str
    changed_by: Side


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """The form with both changes; where both changed the same, yours."""

    values: FormValues
    differences: tuple[Difference, ...]


def merged(
    base: FormValues,
    theirs: FormValues,
    yours: FormValues,
    task_type: TaskType,
    names: Mapping[str, str],
) -> Merged:
    """What to show to the one who comes second.

    Args:
        base: the form as it was when opened.
        theirs: as it would be when opened now.
        yours: as it was sent.
        task_type: of all three.
        names: of the things that people choose by name, by their ids.
    """
    fields = fields_of(task_type)
    taken: dict[str, tuple[str, ...]] = {}
    found = []
    for unit in _units(fields):
        side = _changed_by(base, theirs, yours, unit)
        if side == "they":
            taken.update({name: theirs.all(name) for name in unit})
        found += [
            Difference(
                field=field,
                before=_words(field, base, names),
                theirs=_words(field, theirs, names),
                yours=_words(field, yours, names),
                changed_by=side,
            )
            for field in fields
            if side is not None
            and field.path in unit
            and not (_same(theirs, base, (field.path,)) and _same(yours, base, (field.path,)))
        ]
    return Merged(values=yours.replaced(taken), differences=tuple(found))


def _changed_by(
    base: FormValues, theirs: FormValues, yours: FormValues, unit: tuple[str, ...]
) -> Side | None:
    mine, other = not _same(yours, base, unit), not _same(theirs, base, unit)
    if mine and other:
        return None if _same(yours, theirs, unit) else "both"
    return "you" if mine else "they" if other else None


def _units(fields: tuple[Field, ...]) -> Iterator[tuple[str, ...]]:
    done: set[str] = set()
    for field in fields:
        if field.path not in done:
            unit = next((names for names in _TOGETHER if field.path in names), (field.path,))
            done.update(unit)
            yield unit


def _same(one: FormValues, other: FormValues, names: tuple[str, ...]) -> bool:
    return all(_given(one, name) == _given(other, name) for name in names)


def _given(values: FormValues, name: str) -> tuple[str, ...]:
    """An empty text is the same as none."""
    return tuple(sorted(text for text in values.all(name) if text))


def _words(field: Field, values: FormValues, names: Mapping[str, str]) -> str:
    """What stands in a field, in short and as people read it."""
    if field.kind == "flag":
        return "yes" if values.first(field.path) else "no"
    known = {**names, **dict(field.options)}
    text = ", ".join(known.get(one, one) for one in values.all(field.path) if one)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
