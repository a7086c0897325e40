"""The table of a session, in markdown."""

from __future__ import annotations

from tests.chaos.rounds import Outcome

_COLUMNS = (
    "fault", "times injected", "runs due", "completed", "otherwise", "lost", "doubled",
    "seconds until right", "until ended",
)  # fmt: skip


def heading() -> str:
    """The first two lines."""
    return f"| {' | '.join(_COLUMNS)} |\n|{'---|' * len(_COLUMNS)}"


def line(outcome: Outcome) -> str:
    """One of the others."""
    others = {word: count for word, count in outcome.states.items() if word != "completed"}
    shown = ", ".join(f"{count} {word}" for word, count in sorted(others.items())) or "-"
    cells = (
        outcome.name,
        outcome.times,
        outcome.due,
        outcome.states.get("completed", 0),
        shown,
        len(outcome.lost),
        outcome.doubled,
        f"{outcome.right:.0f}",
        f"{outcome.seconds:.0f}",
    )
    return f"| {' | '.join(map(str, cells))} |"


def remarks(outcome: Outcome) -> str:
    """What is wrong, a line each."""
    told = [f"  lost: {one}" for one in outcome.lost] + [f"  wrong: {one}" for one in outcome.wrong]
    told += [f"  ended badly: {one}" for one in outcome.badly]
    return "\n".join(told[:40])
