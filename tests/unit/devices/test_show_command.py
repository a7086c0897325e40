"""What may be asked of a device, and everything else that is refused."""

from __future__ import annotations

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netstacks_tasks.devices.platforms import PLATFORMS
from netstacks_tasks.devices.show_command import (
    FORBIDDEN_WORDS,
    allowed_commands,
    require_allowed,
)
from netstacks_tasks.devices.show_pattern import KINDS, Pattern
from netstacks_tasks.devices.show_patterns import GRAMMARS
from netstacks_tasks.errors import InvalidInput

FORBIDDEN_CHARACTERS = set(";&$`><\"'\\(){}[]!#~?%@*+\n\r\t\0")
EXAMPLES = {
    "interface": ["GigabitEthernet0/0/1", "Gi1/0/1.100", "xe-0/0/0:1", "Loopback0", "mgmt0"],
    "link": ["eth0", "lo", "to-frr-2", "br-lan.7", "wan_1"],
    "name": ["blue", "MGMT", "65000:1", "inet.0"],
    "number": ["0", "4094"],
    "address": ["192.0.2.1", "2001:db8::1", "fe80::1"],
    "prefix": ["192.0.2.0/24", "2001:db8::/32", "0.0.0.0/0"],
}
platforms = st.sampled_from(sorted(GRAMMARS))


def refusal(platform: str, command: str) -> str:
    with pytest.raises(InvalidInput) as caught:
        require_allowed(platform, command)
    (problem,) = caught.value.problems
    assert problem.field == "command"
    assert problem.message.isprintable()
    return problem.message


def example_of(pattern: str, *, whole: bool) -> str:
    """A command of the pattern; `whole` keeps what may be left out."""
    words: list[str] = []
    depth = 0
    for piece in pattern.replace("[", " [ ").replace("]", " ] ").split():
        depth += (piece == "[") - (piece == "]")
        if piece in "[]" or (depth and not whole):
            continue
        if piece.startswith("<"):
            words.append(EXAMPLES[piece.strip("<>")][0])
        else:
            alternative = piece.strip("{}").split("|")[0]
            words.append(
                EXAMPLES[alternative.strip("<>")][0] if "<" in alternative else alternative
            )
    return " ".join(words)


def test_every_platform_has_a_grammar() -> None:
    assert GRAMMARS.keys() == PLATFORMS.keys()
    for platform in PLATFORMS:
        assert len(allowed_commands(platform)) > 15


@pytest.mark.parametrize("platform", sorted(GRAMMARS))
@pytest.mark.parametrize("whole", [False, True])
def test_every_pattern_can_be_met(platform: str, whole: bool) -> None:
    for pattern in GRAMMARS[platform].patterns:
        command = example_of(pattern.text, whole=whole)
        assert require_allowed(platform, command) == command


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_arguments_are_of_their_kind(kind: str) -> None:
    assert all(map(KINDS[kind], EXAMPLES[kind]))
    for wrong in ("", "-f", "--help", "a b", "fe80::1%eth0;id", "$(id)", "x" * 80, "../../etc"):
        assert not KINDS[kind](wrong), wrong


@pytest.mark.parametrize(
    ("platform", "command", "why"),
    [
        ("ios", "show running-config", "'running-config' is refused everywhere"),
        ("ios", "show startup-config", "'startup-config' is refused everywhere"),
        ("ios", "show tech-support", "'tech-support' is refused everywhere"),
        ("ios", "sh ver", "write its words out: show version"),
        ("ios", "show interface Gi0/1", "write its words out: show interfaces [<interface>]"),
        ("frr", "sh bgp sum", "write its words out: show [ip] bgp [vrf <name>] summary [json]"),
        ("ios", "configure terminal", "'configure' is refused everywhere"),
        ("ios", "do show version", "'do' is refused everywhere"),
        ("ios", "reload", "allowed are: "),
        ("ios", "show version | redirect flash:x", "'redirect' is refused everywhere"),
        ("ios", "show version | tee flash:x", "'tee' is refused everywhere"),
        ("ios", "show version | append flash:x", "'append' is refused everywhere"),
        ("ios", "show version | include x | include y", "more filters than 1"),
        ("ios", "show version |", "may follow"),
        ("ios", "show version | include", "may follow"),
        ("ios", "show version | count", "may follow"),
        ("ios", "show version\nreload", "'\\n'"),
        ("ios", "show version ; reload", "';'"),
        ("ios", "show interfaces Gi0/1 > flash:x", "'>'"),
        ("ios", "", "it is empty"),
        ("ios", "  ", "it is empty"),
        ("ios", "| include x", "it is empty"),
        ("ios", "show version" + " " * 200, "longer than 200"),
        ("ios", "show\u00a0version", "'\\xa0'"),
        ("ios", "s\u04bbow version", "'\\u04bb'"),
        ("ios", "show version\u200b", "'\\u200b'"),
        ("ios", "SHOW VERSION", "allowed are: "),
        ("eos", "show version | bash", "may follow"),
        ("eos", "bash cat /etc/shadow", "allowed are: "),
        ("nxos", "show version > bootflash:x", "'>'"),
        ("junos", "show configuration", "'configuration' is refused everywhere"),
        ("junos", "show version | save /var/tmp/x", "'save' is refused everywhere"),
        ("junos", "show version | match x | match y | match z", "more filters than 2"),
        ("junos", "show route | match .*.*.*.*.*.*x", "'*'"),
        ("junos", "request system reboot", "'request' is refused everywhere"),
        ("frr", "show bgp summary | section x", "only | include <text> may follow"),
        ("frr", "show running-config", "'running-config' is refused everywhere"),
        ("frr", "show bgp neighbors 192.0.2.300", "write one of"),
        ("linux", "ip route | tee /tmp/x", "'tee' is refused everywhere"),
        ("linux", "uptime | cat", "nothing may follow"),
        ("linux", "cat /etc/shadow", "cat /etc/os-release"),
        ("linux", "cat /etc/os-release /etc/shadow", "cat /etc/os-release"),
        ("linux", "ip link set eth0 down", "allowed are: "),
        ("linux", "ip route add 10.0.0.0/8 dev eth0", "write"),
        ("linux", "ip route get 192.0.2.1%eth0", "'%'"),
        ("linux", "uptime && reboot", "'&'"),
        ("linux", "uptime `id`", "'`'"),
        ("linux", "df -h --output=source", "df -h"),
        ("linux", "sudo uptime", "allowed are: "),
        ("vms", "show version", "no commands are allowed on the platform 'vms'"),
    ],
)
def test_what_is_refused_is_told_with_its_reason(platform: str, command: str, why: str) -> None:
    assert why in refusal(platform, command)


def test_a_refusal_shows_no_more_than_a_line_of_what_was_written() -> None:
    message = refusal("ios", "show version \x1b[2J" + "a" * 5000)
    assert "\x1b" not in message
    assert len(message) < 300
    assert refusal("x" * 5000, "show version").count("x") < 100


@pytest.mark.parametrize(
    ("platform", "command", "normal"),
    [
        ("ios", " show   ip bgp  summary ", "show ip bgp summary"),
        ("ios", "show interfaces|include errors", "show interfaces | include errors"),
        (
            "junos",
            "show bgp summary|match Estab|no-more",
            "show bgp summary | match Estab | no-more",
        ),
        ("nxos", "show interface | include CRC | count", "show interface | include CRC | count"),
        ("linux", "ss  -tln", "ss -tln"),
    ],
)
def test_spaces_are_made_single(platform: str, command: str, normal: str) -> None:
    assert require_allowed(platform, command) == normal


def test_no_pattern_holds_a_forbidden_word() -> None:
    for grammar in GRAMMARS.values():
        for pattern in grammar.patterns:
            words = pattern.text.replace("{", " ").replace("}", " ").replace("|", " ")
            assert not FORBIDDEN_WORDS & set(words.replace("[", " ").replace("]", " ").split())


def test_an_unbalanced_pattern_is_a_bug() -> None:
    with pytest.raises(ValueError, match="unbalanced"):
        Pattern.parse("show version ] x")


def _allowed(platform: str, command: str) -> str | None:
    try:
        return require_allowed(platform, command)
    except InvalidInput:
        return None


def _check(platform: str, command: str) -> None:
    """Whatever is allowed is harmless, and allowed again as it is."""
    allowed = _allowed(platform, command)
    if allowed is None:
        return
    assert not FORBIDDEN_CHARACTERS & set(allowed)
    assert allowed.isascii()
    assert allowed.isprintable()
    assert len(allowed) <= 200
    assert not FORBIDDEN_WORDS & {word.casefold() for word in allowed.split()}
    assert require_allowed(platform, allowed) == allowed
    grammar = GRAMMARS[platform]
    command_words = allowed.split(" | ")[0].split()
    assert any(pattern.matches(command_words) for pattern in grammar.patterns)
    if platform != "linux":
        assert command_words[0] == "show"
    assert all(
        part.split()[0] in grammar.text_filters + grammar.plain_filters
        for part in allowed.split(" | ")[1:]
    )


@settings(deadline=None)
@given(platforms, st.text(max_size=220))
def test_any_text_is_refused_or_harmless(platform: str, command: str) -> None:
    _check(platform, command)


# Words of the grammars, arguments, and what somebody up to no good would add.
_words = sorted(
    {
        word
        for grammar in GRAMMARS.values()
        for pattern in grammar.patterns
        for word in example_of(pattern.text, whole=True).split()
    }
)
_tricks = [
    *FORBIDDEN_WORDS,
    *FORBIDDEN_CHARACTERS,
    "|",
    "||",
    "|include",
    "include",
    "section",
    "match",
    "no-more",
    "flash:x",
    "/etc/shadow",
    "-c",
    "--",
    "vtysh",
    "bash",
    "\u2028",
    "\uff1b",
    "\u0455how",
]
_pieces = st.one_of(
    st.sampled_from(_words),
    st.sampled_from(_tricks),
    st.sampled_from([example for examples in EXAMPLES.values() for example in examples]),
    st.text(string.printable, max_size=6),
)


@settings(max_examples=400, deadline=None)
@given(platforms, st.lists(_pieces, max_size=9), st.sampled_from([" ", "  ", ""]))
def test_words_of_the_grammar_in_any_order_are_refused_or_harmless(
    platform: str, pieces: list[str], between: str
) -> None:
    _check(platform, between.join(pieces))


@settings(max_examples=300, deadline=None)
@given(platforms, st.data())
def test_an_allowed_command_with_something_added_is_refused_or_harmless(
    platform: str, data: st.DataObject
) -> None:
    pattern = data.draw(st.sampled_from(GRAMMARS[platform].patterns))
    command = example_of(pattern.text, whole=data.draw(st.booleans()))
    place = data.draw(st.integers(0, len(command)))
    added = data.draw(st.sampled_from(_tricks) | st.text(max_size=5))
    _check(platform, command[:place] + added + command[place:])
