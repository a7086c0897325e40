"""Which commands may be sent to a device to look at it. What is not allowed is refused.

A command must be of a form that its platform's grammar knows, in whole words.
On top of that no command, whatever the grammar says, holds a character that a
device or a shell gives a meaning to, or a word that changes, copies or writes.
"""

from __future__ import annotations

import re
from typing import Final

from netstacks_tasks.devices.show_patterns import GRAMMARS, Grammar
from netstacks_tasks.errors import InvalidInput

FORBIDDEN_WORDS: Final = frozenset(
    {"append", "archive", "clear", "commit", "configuration", "configure", "copy", "crypto"}
    | {"debug", "delete", "do", "erase", "redirect", "request", "rollback", "running-config"}
    | {"save", "ssh", "startup-config", "tech-support", "tee", "telnet", "terminal", "undebug"}
    | {"write"}
)
"""Refused wherever they stand, also as the text of a filter."""

_LONGEST: Final = 200
# No repetition: the text of a filter is a regular expression on most devices, and
# some make them, or the driver, search for hours.
_ALLOWED: Final = re.compile(r"[A-Za-z0-9 ./:_,^=|-]*")
_TEXT: Final = re.compile(r"[A-Za-z0-9./:_,^=-]+")
_SHOWN: Final = 60


def require_allowed(platform: str, command: str) -> str:
    """The command, with single spaces between its words.

    Args:
        platform: as in the inventory.
        command: as a person or a model wrote it.

    Raises:
        InvalidInput: field `command`: it is not allowed there; the message says
            what was refused and what is allowed.
    """
    grammar = GRAMMARS.get(platform)
    if grammar is None:
        message = f"no commands are allowed on the platform {platform[:_SHOWN]!a}"
        raise InvalidInput.single("command", message)
    fault = _character_fault(command)
    if fault:
        raise _refused(platform, command, fault)
    words, *filters = (part.split() for part in command.split("|"))
    fault = _word_fault(words, filters) or _filter_fault(grammar, filters)
    if fault:
        raise _refused(platform, command, fault)
    if not any(pattern.matches(words) for pattern in grammar.patterns):
        raise _refused(platform, command, _closest(grammar, words))
    return " | ".join(" ".join(part) for part in (words, *filters))


def allowed_commands(platform: str) -> tuple[str, ...]:
    """The allowed forms, in words: `<...>` is an argument, `[...]` may be left out.

    The last ones say which filters may follow. Empty for an unknown platform.
    """
    grammar = GRAMMARS.get(platform)
    if grammar is None:
        return ()
    filters = [f"<command> | {name} <text>" for name in grammar.text_filters]
    filters += [f"<command> | {name}" for name in grammar.plain_filters]
    return (*(pattern.text for pattern in grammar.patterns), *filters)


def _refused(platform: str, command: str, why: str) -> InvalidInput:
    shown = ascii(command[:_SHOWN]) + ("..." if len(command) > _SHOWN else "")
    return InvalidInput.single("command", f"{shown} is not allowed on {platform}: {why}")


def _character_fault(command: str) -> str:
    if len(command) > _LONGEST:
        return f"it is longer than {_LONGEST} characters"
    allowed = _ALLOWED.match(command)
    end = allowed.end() if allowed else 0
    if end < len(command):
        return (
            f"it holds {command[end]!a}: write letters, digits and spaces, "
            "and in arguments . / : _ , ^ = -"
        )
    return ""


def _word_fault(words: list[str], filters: list[list[str]]) -> str:
    if not words:
        return "it is empty"
    every = [*words, *(word for part in filters for word in part)]
    forbidden = next((word for word in every if word.casefold() in FORBIDDEN_WORDS), None)
    return f"the word {forbidden!r} is refused everywhere" if forbidden else ""


def _filter_fault(grammar: Grammar, filters: list[list[str]]) -> str:
    if not all(_is_filter(grammar, part) for part in filters):
        allowed = [f"| {name} <text>" for name in grammar.text_filters]
        allowed += [f"| {name}" for name in grammar.plain_filters]
        return f"only {', '.join(allowed)} may follow" if allowed else "nothing may follow a |"
    if len(filters) > grammar.most_filters:
        return f"more filters than {grammar.most_filters} follow each other"
    return ""


def _is_filter(grammar: Grammar, part: list[str]) -> bool:
    if part and part[0] in grammar.plain_filters:
        return len(part) == 1
    return len(part) > 1 and part[0] in grammar.text_filters and all(map(_TEXT.fullmatch, part[1:]))


def _closest(grammar: Grammar, words: list[str]) -> str:
    """What may be meant: the forms it abbreviates, or those that begin as it does."""
    meant = [p.text for p in grammar.patterns if p.abbreviated_by(words)]
    if meant:
        return f"write its words out: {'; '.join(meant)}"
    for length in range(len(words), 1, -1):
        begun = [p.text for p in grammar.patterns if p.begins_with(words[:length])]
        if begun:
            return f"write one of: {'; '.join(begun)}"
    heads = dict.fromkeys(" ".join(p.text.split()[:2]) for p in grammar.patterns)
    return f"allowed are: {'; '.join(heads)}"
