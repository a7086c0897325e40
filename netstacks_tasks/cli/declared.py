"""Commands on files that declare the whole: apply and export."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from netstacks_tasks.cli.output import AsJson, print_json, print_note, print_text
from netstacks_tasks.cli.plans import plan_document, plan_lines
from netstacks_tasks.cli.questions import Yes, confirm
from netstacks_tasks.cli.session import run

if TYPE_CHECKING:
    from netstacks_tasks.importing.declared.plan import Plan
    from netstacks_tasks.wiring import NetStacks

CHANGES_WAIT = 4
"""The exit code of a dry run that found something to do."""


def apply(
    files: Annotated[
        list[Path],
        typer.Option("--file", "-f", help="A folder, with all that is below it, or a file."),
    ],
    prune: Annotated[
        bool,
        typer.Option("--prune", help="Remove what earlier files of the owner made, and no longer."),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show the plan; exit code 4 if it has changes.")
    ] = False,
    owner: Annotated[
        str, typer.Option(help="A label of these files: what they make is theirs.")
    ] = "netstacks",
    adopt: Annotated[
        bool, typer.Option("--adopt", help="What is there already and declared is theirs too.")
    ] = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Make the inventory and the tasks what files declare: all of it, or nothing.

    The files are those of `netstacks import` and of `netstacks export`; a field
    that one leaves out takes its default. Everything is checked first and every
    fault told with its file and line. What the files do not mention stays, but
    for what --prune removes: never what was made by hand.

    \b
    Examples:
      netstacks apply -f network/ --dry-run
      netstacks apply -f network/ --prune --yes
      netstacks apply -f berlin/ --owner berlin
    """
    from netstacks_tasks.importing.declared.apply import ApplyOptions
    from netstacks_tasks.importing.declared.folder import declared_in

    declared = declared_in(files)
    options = ApplyOptions(owner=owner, prune=prune, adopt=adopt)

    async def work(netstacks: NetStacks) -> tuple[Plan, bool]:
        plan = await netstacks.plan(declared, options)
        if not as_json:
            _show(plan)
        if dry_run or not plan.pending:
            return plan, False
        if removed := plan.count()["delete"]:
            confirm(f"Apply this, and remove {removed} for good?", yes=yes)
        return await netstacks.apply(declared, plan, options), True

    plan, done = run(work)
    if as_json:
        print_json({**plan_document(plan), "applied": done})
    elif done:
        print_text("Applied.")
    if dry_run and plan.pending:
        raise typer.Exit(CHANGES_WAIT)


def _show(plan: Plan) -> None:
    for line in plan_lines(plan):
        print_text(line)
    if plan.left:
        names = ", ".join(repr(name) for _, name in plan.left[:10])
        more = f" and {len(plan.left) - 10} more" if len(plan.left) > 10 else ""
        print_note(f"no longer declared, and left: {names}{more}: --prune removes them")


def export(
    to: Annotated[Path, typer.Option("--to", help="The folder; made when it is missing.")],
    as_json: AsJson = False,
) -> None:
    """Write the inventory and the tasks to YAML files, one for each, for `netstacks apply`.

    The same data gives the same bytes, in order and form. Files of an earlier
    export of what is there no more are removed; others are left alone. No secrets
    are in them: credentials name their blocks.

    \b
    Examples:
      netstacks export --to network/
      git -C network diff
    """
    done: Any = run(lambda netstacks: netstacks.export_files(to))
    if as_json:
        print_json(done)
    else:
        print_text(
            f"{len(done.written)} files written below {to}, {len(done.removed)} removed, "
            f"{done.unchanged} unchanged."
        )
