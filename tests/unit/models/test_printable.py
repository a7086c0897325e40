from __future__ import annotations

import io
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netstacks_tasks.models.printable import PrintableLog, printable


@given(st.text())
def test_nothing_is_left_that_steers_a_terminal(text: str) -> None:
    plain = printable(text)
    assert len(plain) == len(text)
    assert all(one.isprintable() or one in "\n\t" for one in plain)
    assert printable(plain) == plain


@pytest.mark.parametrize("level", ["warning", "error"])
def test_a_log_is_plain_whatever_its_messages_hold(level: str) -> None:
    said = io.StringIO()
    handler = logging.StreamHandler(said)
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    handler.addFilter(PrintableLog(indent="  "))
    logger = logging.Logger("a device")
    logger.addHandler(handler)
    getattr(logger, level)("%s said %s", "r1", "\x1b[2J\x9b31m\r\nERROR all is lost")
    unknown = "\N{REPLACEMENT CHARACTER}"
    assert said.getvalue() == (
        f"{level.upper()} r1 said {unknown}[2J{unknown}31m{unknown}\n  ERROR all is lost\n"
    )
