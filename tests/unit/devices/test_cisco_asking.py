"""Lines that tell of the asking are emptied as by a look at every line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netstacks_tasks.devices.cisco_asking import ASKING

_PIECES = (
    "Building configuration...",
    "Current configuration : 31744 bytes",
    "! Last configuration change at 10:20:30 UTC Mon Mar 2 2026 by netops",
    " ! NVRAM config last updated at 10:20:31 UTC",
    "Time source is NTP",
    "!Command: show running-config",
    "!Time: Mon Mar  2 10:20:30 2026",
    "!Time: soon",
    "Startup config saved at: Mon Mar 2",
    " description Current configuration : of a sort",
    "interface Vlan1",
    " ",
    "",
)


@pytest.mark.parametrize("platform", ASKING)
@given(lines=st.lists(st.sampled_from(_PIECES), max_size=12), end=st.sampled_from(("", "\n")))
def test_it_is_what_the_pattern_makes_of_the_whole(
    platform: str, lines: list[str], end: str
) -> None:
    text = "\n".join(lines) + end
    asking = ASKING[platform]
    assert asking.emptied(text) == asking.pattern.sub("", text)


def test_a_configuration_keeps_its_lines() -> None:
    text = "Building configuration...\n\nCurrent configuration : 9 bytes\n!\nversion 15.2\nend\n"
    assert ASKING["ios"].emptied(text) == "\n\n\n!\nversion 15.2\nend\n"
