from __future__ import annotations

import pytest

from netstacks_tasks.devices.cli_refusals import is_syntax, refusal


@pytest.mark.parametrize(
    "answer",
    [
        "            ^\n% Invalid input detected at '^' marker.\n",
        "% Unknown command: nonsense",
        "% Incomplete command.",
        '% Ambiguous command:  "sh"',
        "% Specify remote-as or peer-group commands first",
        "% Malformed address",
        'Command rejected: An interface whose trunk encapsulation is "Auto" can not be trunk',
        "ERROR: % Invalid Hostname",
        "% Configuration failed.\n\nError type: validation",
    ],
)
def test_a_refusal_is_noticed(answer: str) -> None:
    assert refusal(answer).lstrip() in " ".join(answer.split())
    assert refusal(answer)


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "%SYS-5-CONFIG_I: Configured from console by netops on vty0",
        "%LINK-3-UPDOWN: Interface Vlan30, changed state to up",
        "% Access VLAN does not exist. Creating vlan 30",
        "%Warning: portfast should only be enabled on ports connected to a single host.",
        "% Warning: use /31 mask on non point-to-point interface cautiously",
        "some text that mentions an error: nothing else",
    ],
)
def test_a_remark_is_none(answer: str) -> None:
    assert refusal(answer) == ""


def test_syntax_is_told_from_substance() -> None:
    assert is_syntax("% Invalid input detected at '^' marker.")
    assert is_syntax("% Unknown command: x")
    assert not is_syntax("% Refusing to remove a non-existent route")
