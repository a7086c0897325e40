"""Every line of both texts is in one stretch, and same ones are the same."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from netstacks_tasks.models.line_diff import hunks, stretches

LINES = st.lists(st.sampled_from(["!", " no shutdown", "a", "b", "c", "d", "e"]), max_size=30)


@given(LINES, LINES, st.integers(0, 3))
def test_nothing_is_lost(before: list[str], after: list[str], context: int) -> None:
    found = stretches(before, after)
    assert [line for one in found for line in before[one.before_start : one.before_end]] == before
    assert [line for one in found for line in after[one.after_start : one.after_end]] == after
    for one in found:
        same = before[one.before_start : one.before_end] == after[one.after_start : one.after_end]
        assert same or not one.same
        assert one.before_end > one.before_start or one.after_end > one.after_start
    grouped = [one for hunk in hunks(found, context) for one in hunk]
    assert [one for one in grouped if not one.same] == [one for one in found if not one.same]
    assert all(one.before_end - one.before_start <= 2 * context for one in grouped if one.same)


def test_many_lines_that_repeat_hide_no_change_and_take_no_time() -> None:
    stanza = ("interface Gi{0}", " ip address 10.0.{0}.1 255.255.255.0", " no shutdown", "!")
    before = [line.format(number) for number in range(5000) for line in stanza]
    after = [*before[:800], "interface Lo0", " no shutdown", "!", *before[800:9004], *before[9008:]]
    begun = time.monotonic()
    changed = [one for one in stretches(before, after) if not one.same]
    assert time.monotonic() - begun < 5
    assert [(one.before_end - one.before_start, one.after_end - one.after_start)
            for one in changed] == [(0, 3), (4, 0)]  # fmt: skip
    repeated = stretches(["x", "y"] * 10_000, ["y", "y", "x"] * 7_000)
    assert time.monotonic() - begun < 10
    assert repeated
