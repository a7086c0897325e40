from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netstacks_tasks.devices.normalise import _VOLATILE, clean, normalise
from netstacks_tasks.devices.platforms import PLATFORMS

LINES = st.sampled_from(
    [
        "hostname core",
        " description 100% Invalid",
        "ntp clock-period 36029",
        "! Last configuration change at 02:11:05 UTC Mon Nov 2 2026 by admin",
        "Current configuration : 4711 bytes",
        "Building configuration...",
        "!Time: Mon Nov  2 02:11:05 2026",
        "## Last commit: 2026-11-02 02:11:05 UTC by admin",
        "",
        "   ",
        "end",
    ]
)
TEXTS = st.lists(st.one_of(LINES, st.text(max_size=20)), max_size=30).map("\r\n".join)


@given(platform=st.sampled_from([*PLATFORMS, "never heard of"]), text=TEXTS)
def test_normalising_twice_is_normalising_once(platform: str, text: str) -> None:
    once = normalise(platform, text)
    assert normalise(platform, once) == once


@pytest.mark.parametrize(
    ("platform", "volatile"),
    [
        ("ios", "! Last configuration change at 02:11:05 UTC Mon Nov 2 2026 by admin"),
        ("ios", "! NVRAM config last updated at 02:11:05 UTC Mon Nov 2 2026"),
        ("ios", "Current configuration : 4711 bytes"),
        ("ios", "Using 4711 out of 262144 bytes"),
        ("ios", "ntp clock-period 36029"),
        ("iosxr", "Mon Nov  2 02:11:05.123 UTC"),
        ("iosxr", "!! Last configuration change at Mon Nov  2 02:11:05 2026 by admin"),
        ("nxos", "!Time: Mon Nov  2 02:11:05 2026"),
        ("nxos_ssh", "!Running configuration last done at: Mon Nov  2 02:11:05 2026"),
        ("eos", "! Startup-config last modified at Mon Nov  2 02:11:05 2026 by admin"),
        ("junos", "## Last commit: 2026-11-02 02:11:05 UTC by admin"),
        ("frr", "Building configuration..."),
    ],
)
def test_a_volatile_line_is_left_out_and_its_neighbours_stay(platform: str, volatile: str) -> None:
    text = f"hostname core\n{volatile}\r\ninterface Gi0/1\n"
    assert normalise(platform, text) == "hostname core\ninterface Gi0/1\n"


def test_lines_that_only_look_volatile_stay() -> None:
    text = "interface Gi0/1\n description Building configuration... office\n ntp clock-period\n"
    assert normalise("ios", text) == text


@pytest.mark.parametrize(
    ("printed", "text"),
    [
        ("\x1b\x1b[0m[0mx", "[0mx"),
        ("\x1b\x00[31mred", "red"),
        ("\x1b]0;a title\x07x", "x"),
        ("\x1b]8;;http://a\x1b\\x", "x"),
        ("a\r\x00\nb", "a\nb"),
        ("half an escape\x1b", "half an escape"),
    ],
)
def test_no_escape_is_left_and_clean_text_stays(printed: str, text: str) -> None:
    assert clean(printed) == text
    assert clean(text) == text


@given(platform=st.sampled_from(sorted(_VOLATILE)), text=TEXTS)
def test_nothing_volatile_stays_wherever_it_stands(platform: str, text: str) -> None:
    _, pattern = _VOLATILE[platform]
    expected = [
        line for line in map(str.rstrip, clean(text).split("\n")) if not pattern.fullmatch(line)
    ]
    assert normalise(platform, text).strip("\n") == "\n".join(expected).strip("\n")
