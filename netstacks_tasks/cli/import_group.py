"""`netstacks import`: files of our own, or another system by its name."""

from __future__ import annotations

from typing import Any

from netstacks_tasks.cli.command_groups import Group

FILES = "files"


class ImportGroup(Group):
    """Takes what is not the name of another system for files."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - a context of Typer's, which has no public name
        if not args or (args[0] not in self.commands and args[0] != "--help"):
            args = [FILES, *args]
        return list(super().parse_args(ctx, args))
