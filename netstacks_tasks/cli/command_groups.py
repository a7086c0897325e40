"""Commands that belong together."""

from __future__ import annotations

from typing import Any

from typer.core import TyperGroup, TyperOption


class Group(TyperGroup):
    """A group whose help is not wanted unless somebody says so.

    To make sense of the nothing that stands there otherwise, Typer imports pydantic:
    a tenth of a second for everybody who wants the help of a command.
    """

    def get_help_option(self, ctx: Any) -> TyperOption | None:  # noqa: ANN401 - a context of Typer's, which has no public name
        option = super().get_help_option(ctx)
        if option is not None and option.default is None:
            option.default = False
        return option
