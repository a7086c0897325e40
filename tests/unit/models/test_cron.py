from __future__ import annotations

import pytest

from netstacks_tasks.models.cron import ALIASES, check_cron


@pytest.mark.parametrize(
    "expression",
    [
        "* * * * *", "0 2 * * *", "*/15 * * * *", "0 0 * * 0", "0 7 * * 1-5", "0 0 * * 7",
        "0 0 * * 0-7", "0 0 * jan MON-fri", "0 0 1,15 * *", "0 0 L * *", "0 0 1,L * *",
        "0 0 * * fri#2", "0 0 * * L5", "0 0 ? * 1", "59-10 * * * *", "5/10 * * * *",
        "0 0 29 2 *", "0 0 * 2 1#5", "0 0 * * fri-mon", *ALIASES,
    ],
)  # fmt: skip
def test_a_schedule_is_taken_as_it_is(expression: str) -> None:
    assert check_cron(expression) == expression


def test_spaces_are_made_single() -> None:
    assert check_cron(" 0\t2  * * *\n") == "0 2 * * *"
    assert check_cron("0\u00a02 * * *") == "0 2 * * *"
    assert check_cron(" @daily ") == "@daily"


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("", "is empty: give five"),
        ("  ", "is empty: give five"),
        ("5", "has 1 field: give five"),
        ("* * * *", "has 4 fields: give five"),
        ("* * * * * *", "has 6 fields: give five"),
        ("0 0 * * * * 2030", "has 7 fields: give five"),
        ("x" * 1_000_000, "is longer than 200 characters"),
        ("* " * 500_000, "is longer than 200 characters"),
        ("@fortnightly", "no known alias"),
        ("@reboot", "no known alias"),
        ("@every 5m", "has 2 fields"),
        ("@Daily", "did you mean @daily?"),
        ("@weakly", "did you mean @weekly?"),
        ("61 * * * *", "the minute field '61' is not understood: it takes 0-59"),
        ("0 24 * * *", "the hour field '24' is not understood: it takes 0-23"),
        ("0 0 0 * *", "the day of month field '0' is not understood: it takes 1-31"),
        ("0 0 * 13 *", "the month field '13' is not understood: it takes 1-12"),
        ("0 0 * * 8", "the day of week field '8' is not understood: it takes 0-7"),
        ("0 0 * * monday", "the day of week field 'monday'"),
        ("0 0 mon * *", "the day of month field 'mon'"),
        ("-1 * * * *", "the minute field '-1'"),
        ("*/0 * * * *", "the minute field '*/0'"),
        ("1,,2 * * * *", "the minute field '1,,2'"),
        ("1-999999999 * * * *", "the minute field"),
        ("1.5 * * * *", "the minute field '1.5'"),
        ("\u0663 * * * *", "the minute field"),
        ("R * * * *", "random"),
        ("r/5 * * * *", "random"),
        ("R(0-9) * * * *", "random"),
        ("H * * * *", "random"),
        ("0 H(1-3) * * *", "random"),
        ("0 0 15W * *", "the day of month field '15w' is not understood"),
        ("0 0 LW * *", "the day of month field 'lw' is not understood"),
        ("0 0 * * 5L", "the day of week field '5l' is not understood"),
        ("0 0 * * 5#6", "the day of week field '5#6' is not understood"),
        ("0 0 30 2 *", "never comes"),
        ("0 0 31 4,6,9,11 *", "never comes"),
        ("0 0 30 2 1", "never comes"),
        ("5-5 * * * *", "would stand for every value, write 5"),
        ("0 0 * jan-1 *", "would stand for every value, write jan"),
        ("0 0 * * 7-sun", "would stand for every value, write 7"),
        ("59/5 * * * *", "nothing comes after 59 to step to, write 59"),
        ("0 0 25-5 * *", "runs backwards, write 25-31,1-5"),
        ("*,5 * * * *", "names every value"),
        ("0 0 1 * 5#1", "would hide the day of month"),
        ("0 0 L,30 * *", "do not go together"),
    ],
    ids=lambda text: text[:30],
)
def test_what_is_no_schedule_is_refused_with_the_field_and_the_fix(
    expression: str, words: str
) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the message is what is tested
        check_cron(expression)
    assert words in str(caught.value)
    assert len(str(caught.value)) < 600


def test_every_wrong_field_is_named() -> None:
    with pytest.raises(ValueError, match=r"hour.*day of month.*month.*day of week") as caught:
        check_cron("0 25 32 13 8")
    assert "minute" not in str(caught.value)
