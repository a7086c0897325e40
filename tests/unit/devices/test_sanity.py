from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netstacks_tasks.devices import sanity
from netstacks_tasks.devices.normalise import normalise
from netstacks_tasks.devices.platforms import PLATFORMS
from netstacks_tasks.devices.sanity import check_config
from netstacks_tasks.errors import DeviceError

WHOLE = "hostname core\n!\ninterface Gi0/1\n description uplink\n!\nend\n"


@pytest.mark.parametrize(
    ("platform", "text", "said"),
    [
        ("ios", "", "nothing"),
        ("ios", "\r\n \r\n", "nothing"),
        ("ios", "          ^\n% Invalid input detected at '^' marker.\n", "error"),
        ("ios", "% Authorization failed.\n", "error"),
        ("ios", "Command authorization failed.\n", "error"),
        ("ios", "<html><body>Session expired</body></html>\n", "web page"),
        ("ios", WHOLE.removesuffix("end\n"), "cut off"),
        ("ios", "hostname core\nend\n", "only 2 lines"),
        ("frr", "% Unknown command: show running-config\n", "error"),
        ("linux", "sh: 1: vtysh: not found\n", "error"),
        ("junos", "system {\n host-name core;\n services {\n  ssh;\n", "braces"),
        ("junos", "error: permission denied\n", "error"),
        ("eos", "% Invalid input (privileged mode required)\n", "error"),
    ],
)
def test_what_is_no_configuration_is_refused(platform: str, text: str, said: str) -> None:
    with pytest.raises(DeviceError) as caught:
        check_config("core", platform, text)
    assert (caught.value.stage, caught.value.cause) == ("capture", "bad_output")
    assert said in caught.value.detail


@pytest.mark.parametrize(
    "text",
    [
        WHOLE,
        WHOLE.replace("uplink", "% Invalid input detected"),
        "banner motd ^C\n% Authorization failed is what strangers read\n^C\n" + WHOLE,
        "banner motd ^C\nAccess denied\n^C\n" + WHOLE * 3,
    ],
)
def test_a_whole_configuration_passes_whatever_words_it_holds(text: str) -> None:
    check_config("core", "ios", text)


def test_the_message_holds_no_control_characters() -> None:
    with pytest.raises(DeviceError) as caught:
        check_config("core", "linux", "\x1b]0;owned\x07only this\n")
    assert caught.value.detail.isprintable()


_ANY = st.lists(
    st.sampled_from(["end", " end", "hostname r1", "", "  ", "% Invalid input", "!", "<html>"])
    | st.text(max_size=120),
    max_size=40,
).map("\n".join)


@given(text=_ANY, platform=st.sampled_from(sorted(PLATFORMS)))
def test_the_quick_look_accepts_nothing_that_the_long_one_refuses(text: str, platform: str) -> None:
    known, normalised = PLATFORMS[platform], normalise(platform, text)
    quick = sanity._fault(known, text, normalised)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sanity, "_is_plainly_whole", lambda *_: False)
        assert sanity._fault(known, text, normalised) == quick
