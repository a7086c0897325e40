"""Jinja2 templates of a stack: strict, sandboxed, and exact about what is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, Final

from jinja2 import FunctionLoader, StrictUndefined, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from netstacks_tasks.errors import TemplateFault

PARTIAL: Final = "_"
"""The name of a template that others include begins with it; it renders nothing itself."""
_MOST_CHARACTERS: Final = 1024 * 1024
_LONGEST_FAULT: Final = 500
"""Characters; a fault names what the template made up."""


class TookTooLong(Exception):
    """Raised within a template whose time is over."""


class StackTemplates:
    """The templates of one version of a stack.

    What they may take of time and memory is bounded where they are rendered for
    real: in a process of its own (`template_process`).

    A name `frr/peers` is for devices of the platform `frr` alone; a name that
    begins with `_` (after the platform, too) is only included by others.
    """

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = dict(texts)
        self._environment = ImmutableSandboxedEnvironment(
            undefined=StrictUndefined,
            loader=FunctionLoader(self._load),
            # Network configuration is no page: nothing is escaped.
            autoescape=False,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            auto_reload=False,
        )

    def faults(self) -> Iterator[TemplateFault]:
        """What cannot be read in the templates, whatever the variables are."""
        for name, text in self._texts.items():
            try:
                self._environment.parse(text, name)
            except TemplateSyntaxError as error:
                yield TemplateFault(error.name or name, error.lineno, str(error.message))
            except Exception as error:
                # Jinja fails in ways of its own at what is nested too deeply, or too long a number.
                yield TemplateFault(name, None, _told(error))

    @property
    def texts(self) -> Mapping[str, str]:
        """By their names."""
        return self._texts

    def names_for(self, platform: str) -> tuple[str, ...]:
        """The templates that are rendered for a platform, in the order of their names."""
        return tuple(name for name in sorted(self._texts) if _is_for(platform, name))

    def render(self, variables: Mapping[str, Any], *, platform: str) -> str:
        """The configuration of one device: its templates' texts, one after the other.

        Args:
            variables: what the templates may name, `device` among them.
            platform: of the device.

        Raises:
            TemplateFault: a variable is missing, or something else is wrong;
                names the template and the line.
        """
        parts = []
        for name in self.names_for(platform):
            try:
                text = self._environment.get_template(name).render(variables)
            except TemplateSyntaxError as error:
                raise TemplateFault(error.name or name, error.lineno, str(error.message)) from None
            except Exception as error:
                template, line = self._place(error.__traceback__, name)
                raise TemplateFault(template, line, _told(error)) from None
            parts.append(text if text.endswith("\n") or not text else f"{text}\n")
        whole = "".join(parts)
        if len(whole) > _MOST_CHARACTERS:
            raise TemplateFault(
                ", ".join(self.names_for(platform)),
                None,
                f"more than {_MOST_CHARACTERS} characters were rendered",
            )
        return whole

    def _load(self, name: str) -> tuple[str, str, None] | None:
        text = self._texts.get(name)
        return None if text is None else (text, name, None)

    def _place(self, trace: TracebackType | None, name: str) -> tuple[str, int | None]:
        """The innermost line of a template in a traceback."""
        found: tuple[str, int | None] = (name, None)
        while trace is not None:
            file = trace.tb_frame.f_code.co_filename
            if file in self._texts:
                found = (file, trace.tb_lineno)
            trace = trace.tb_next
        return found


_PREFIXES: Final[Mapping[str, str]] = {
    "UndefinedError": "",
    "TemplateNotFound": "there is no template of the name ",
    "SecurityError": "not allowed: ",
    "TookTooLong": "",
}
_WORDS: Final[Mapping[str, str]] = {
    "RecursionError": "it is nested too deeply, or calls itself for ever",
    "MemoryError": "it takes more memory than a template may",
}


def _told(error: Exception) -> str:
    kind = type(error).__name__
    if kind in _WORDS:
        return _WORDS[kind]
    return f"{_PREFIXES.get(kind, f'{kind}: ')}{str(error)[:_LONGEST_FAULT]}"


def _is_for(platform: str, name: str) -> bool:
    only, slash, rest = name.partition("/")
    if not slash:
        return not name.startswith(PARTIAL)
    return only == platform and not rest.startswith(PARTIAL)
