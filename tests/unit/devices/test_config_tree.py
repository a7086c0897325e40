from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netstacks_tasks.devices import config_tree
from netstacks_tasks.devices.config_diff import difference
from netstacks_tasks.devices.config_tree import (
    Section,
    diff,
    parse,
    predicted,
    same,
    unmet,
    wanting,
)

RUNNING = """\
Building configuration...

Current configuration:
!
frr version 8.4.4
frr defaults traditional
hostname r1
no ip forwarding
!
router bgp 65001
 bgp router-id 192.0.2.1
 neighbor 192.0.2.9 remote-as 65009
 !
 address-family ipv4 unicast
  network 198.51.100.0/24
 exit-address-family
exit
!
end
"""


def test_a_configuration_is_read_by_its_indentation() -> None:
    root = parse(RUNNING, "frr")
    assert [line.text for line in root.lines] == [
        "hostname r1",
        "no ip forwarding",
        "router bgp 65001",
    ]
    bgp = root.lines[2]
    assert [line.text for line in bgp.lines][-1] == "address-family ipv4 unicast"
    assert bgp.lines[-1].lines[0].text == "network 198.51.100.0/24"


def test_what_is_there_is_not_sent_and_where_it_belongs_is() -> None:
    wanted = parse(
        "hostname r1\nrouter bgp 65001\n neighbor 192.0.2.9 remote-as 65009\n"
        " address-family ipv4 unicast\n  network 203.0.113.0/24\n"
    )
    running = parse(RUNNING, "frr")
    sent = wanting(running, wanted)
    assert diff(Section(""), sent).splitlines() == [
        "+router bgp 65001",
        "+ address-family ipv4 unicast",
        "+  network 203.0.113.0/24",
    ]
    assert diff(running, predicted(running, sent)).splitlines() == [
        " router bgp 65001",
        "  address-family ipv4 unicast",
        "+  network 203.0.113.0/24",
    ]
    assert list(unmet(running, wanted)) == [
        "'network 203.0.113.0/24' under 'router bgp 65001' / 'address-family ipv4 unicast'"
    ]


@pytest.mark.parametrize(
    ("line", "sent", "in_force"),
    [
        ("no ip forwarding", False, True),  # stands there itself
        ("no hostname r1", True, False),  # what it takes away stands there
        ("no hostname", True, False),  # so does more of it
        ("no cdp run", True, True),  # neither: some devices show it, some do not
    ],
)
def test_a_line_that_takes_away(line: str, sent: bool, in_force: bool) -> None:
    running, wanted = parse(RUNNING, "frr"), parse(line)
    assert bool(wanting(running, wanted).lines) is sent
    assert (not list(unmet(running, wanted))) is in_force


def test_the_line_of_the_text_is_known() -> None:
    root = parse("vlan 10\n name ten\nvlan 20\n name twenty\n")
    assert root.lines[1].lines[0].number == 4


def test_sections_of_the_same_line_are_one() -> None:
    root = parse("router bgp 1\n neighbor a\nrouter bgp 1\n neighbor b\n")
    assert [line.text for line in root.lines[0].lines] == ["neighbor a", "neighbor b"]


def test_a_platform_of_braces_gets_a_unified_diff() -> None:
    before, after = "system {\n    host-name a;\n}\n", "system {\n    host-name b;\n}\n"
    assert "-    host-name a;" in difference("junos", before, after).splitlines()
    assert difference("junos", before, before) == ""
    assert difference("frr", RUNNING, RUNNING) == ""


WORDS = st.sampled_from(["a", "b", "c 1", "no a", "no c", "vlan 1", "no vlan 1"])


@st.composite
def trees(draw: st.DrawFn, depth: int = 2) -> Section:
    root = Section("")
    for text in draw(st.lists(WORDS, max_size=4, unique=True)):
        below = draw(trees(depth=depth - 1)).lines if depth and not text.startswith("no") else ()
        root.put(Section(text, below))
    return root


def printed(section: Section, depth: int = 0) -> str:
    return "".join(
        f"{' ' * depth}{line.text}\n{printed(line, depth + 1)}" for line in section.lines
    )


@given(trees())
def test_what_is_printed_is_read_again(tree: Section) -> None:
    assert same(parse(printed(tree)), tree)


@given(trees(), trees())
def test_a_diff_is_empty_only_between_equals(one: Section, other: Section) -> None:
    assert (diff(one, other) == "") == same(one, other) == same(other, one)


def positive(section: Section) -> Section:
    """Without lines that take away: those may contradict each other."""
    return Section(
        section.text,
        [positive(line) for line in section.lines if not line.text.startswith("no ")],
    )


@given(trees(), trees())
def test_once_everything_is_sent_nothing_is_wanting(running: Section, wanted: Section) -> None:
    wanted = positive(wanted)
    after = predicted(running, wanting(running, wanted))
    assert not wanting(after, wanted).lines
    assert not list(unmet(after, wanted))
    # What was not named stays.
    assert not list(unmet(after, positive(running)))


def test_undoing_twice_is_nothing() -> None:
    assert config_tree.undo("shutdown") == "no shutdown"
    assert config_tree.undo(config_tree.undo("shutdown")) == "shutdown"


def test_a_long_configuration_takes_no_longer_than_its_lines() -> None:
    """Ten thousand routes: every line looked for once, not every line for every line."""
    looked = 0

    class Counted(str):
        __slots__ = ()

        def __eq__(self, other: object) -> bool:
            nonlocal looked
            looked += 1
            return str.__eq__(self, other)

        __hash__ = str.__hash__

    routes = "".join(f"ip route 10.{n // 250}.{n % 250}.0/24 Null0\n" for n in range(10_000))
    running = parse(routes)
    wanted = Section("", [Section(Counted(line.text)) for line in parse(routes).lines])
    assert not wanting(running, wanted).lines
    assert same(running, wanted)
    assert looked < 100_000
