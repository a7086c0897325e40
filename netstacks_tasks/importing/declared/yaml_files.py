"""Writes YAML that is the same for the same data, and good to compare."""

from __future__ import annotations

from typing import Any, Final

import yaml

_WIDEST: Final = 2**31
"""Columns: a text is not folded, so that a changed word is one changed line."""


class _Dumper(yaml.SafeDumper):
    """Texts of several lines as blocks, nothing by reference."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - as PyYAML asks
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002 - as PyYAML calls it
        super().increase_indent(flow, False)

    def analyze_scalar(self, scalar: str) -> Any:  # noqa: ANN401 - has no public name
        """PyYAML would quote a block for a tab in it, as every script has."""
        found = super().analyze_scalar(scalar)
        if "\n" in scalar and "\t" in scalar and scalar[0] not in " \t\n":
            found.allow_block = super().analyze_scalar(scalar.replace("\t", "x")).allow_block
        return found


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    if not text.replace("\n", "").replace("\t", "").isprintable():
        # Other characters that end lines would be written as they are, and read as line ends.
        style = '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def as_yaml(document: object) -> str:
    """The document, its fields in their order."""
    text: str = yaml.dump(
        document,
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=False,
        width=_WIDEST,
    )
    return text
