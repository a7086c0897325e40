"""Two versions of a configuration, compared for people."""

from __future__ import annotations

from netstacks_tasks.exchange.config_lines import ConfigLines
from netstacks_tasks.models.line_diff import stretches
from netstacks_tasks.models.unified_diff import Side, unified
from netstacks_tasks.web.diffs import difference
from tests.fuzz.target import Target


def _read(data: bytes) -> None:
    before, _, after = (
        part.split("\n") for part in data.decode(errors="replace").partition("\n--\n")
    )
    rebuilt_before, rebuilt_after = [], []
    for one in stretches(before, after):
        old, new = before[one.before_start : one.before_end], after[one.after_start : one.after_end]
        assert (old == new) or not one.same
        rebuilt_before += old
        rebuilt_after += new
    assert (rebuilt_before, rebuilt_after) == (before, after), "every line is somewhere"
    told = unified(Side(title="a", lines=before), Side(title="b", lines=after))
    assert bool(told.text) == (before != after)
    shown = difference(
        ConfigLines(own=before, shown=before), ConfigLines(own=after, shown=after), fold=True
    )
    assert (shown.added, shown.removed) == (told.added, told.removed)


TARGET = Target(
    name="text_diff",
    read=_read,
    words=("\n--\n", "!\n", " no shutdown\n", "interface a\n", "interface b\n", "\n\n"),
    longest=4096,
)
