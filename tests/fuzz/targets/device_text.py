"""What a device prints instead of, or as, a configuration."""

from __future__ import annotations

from netstacks_tasks.devices.captured import captured
from netstacks_tasks.devices.config_diff import difference
from netstacks_tasks.devices.config_tree import parse, predicted, same, unmet, wanting
from netstacks_tasks.devices.normalise import clean, normalise
from netstacks_tasks.devices.platforms import PLATFORMS
from netstacks_tasks.devices.sanity import check_config
from netstacks_tasks.devices.show_output import check_shown
from netstacks_tasks.devices.ssh_session import decoded
from netstacks_tasks.testing import device
from tests.fuzz.target import Target

_NAMES = sorted(PLATFORMS)
_DEVICE = device("core-1")


def _read(data: bytes) -> None:
    platform = _NAMES[data[0] % len(_NAMES)] if data else "linux"
    text = decoded(data[1:])
    assert clean(clean(text)) == clean(text), "clean text stays"
    normal = normalise(platform, text)
    assert normalise(platform, normal) == normal, "normal text stays"
    assert not difference(platform, text, text), "nothing differs from itself"
    before, _, after = text.partition("\n!\n")
    difference(platform, before, after)
    running, wanted = parse(before, platform), parse(after, platform)
    missing = wanting(running, wanted)
    list(unmet(predicted(running, missing), wanted))
    assert same(running, running)
    captured(before, after)
    check_shown(_DEVICE, "show version", text)
    check_config("core-1", platform, text)


TARGET = Target(
    name="device_text",
    read=_read,
    words=(
        *(
            "\r\n",
            "\x1b[0m",
            "\x1b]0;x\x07",
            "\x9b31m",
            "\x00",
            "interface eth0\n ",
            "no ",
            "end\n",
        ),
        *("Building configuration...\n", "ntp clock-period 1\n", "\n!\n", "exit\n", "<html"),
        *("% Invalid input", "startup-config is not present", "hostname a\n", " ip address "),
    ),
)
