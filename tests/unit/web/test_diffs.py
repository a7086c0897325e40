"""How two configurations are arranged beside each other."""

from __future__ import annotations

import pytest

from netstacks_tasks.exchange.config_lines import ConfigLines
from netstacks_tasks.web import diffs
from netstacks_tasks.web.diffs import Block, difference


def test_a_device_that_writes_long_lines_keeps_nobody_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(diffs, "_MOST_EFFORT", 100 * 100 * 2)
    before, after = ([f"{sign * 50}{n:050}" for n in range(4)] for sign in (",;"))
    found = difference(ConfigLines(own=before, shown=before), ConfigLines(own=after, shown=after))
    (block,) = found.blocks
    assert isinstance(block, Block)
    marked = [any(part.marked for part in row.after.parts) for row in block.rows if row.after]
    assert marked == [True, True, False, False]
    assert found.added == 4
