"""Commands on configurations."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal
from uuid import UUID

import typer

from netstacks_tasks.cli.output import (
    AsJson,
    print_contents,
    print_json,
    print_note,
    print_table,
    print_text,
)
from netstacks_tasks.cli.session import run

if TYPE_CHECKING:
    from netstacks_tasks.sync.config_git.round import Written
    from netstacks_tasks.wiring import NetStacks

app = typer.Typer(no_args_is_help=True, help="Look at the configurations that backups kept.")

Device = Annotated[str | None, typer.Option(help="Only of this device, by name or id.")]
Destination = Annotated[str | None, typer.Option(help="Only at this destination.")]
Source = Annotated[
    Literal["running", "startup"] | None, typer.Option(help="Only this configuration.")
]
Version = Annotated[UUID, typer.Argument(metavar="VERSION", help="Its id.")]


@app.command("list")
def list_snapshots(
    device: Device = None,
    destination: Destination = None,
    source: Source = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many at most.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List versions, the newest first; an unchanged device makes no new one.

    \b
    Examples:
      netstacks snapshot list
      netstacks snapshot list --device core-rtr-01 --source running
    """
    found = run(lambda netstacks: netstacks.snapshots(device, destination, source, limit))
    if as_json:
        print_json(found)
        return
    columns = ("VERSION", "DEVICE", "SOURCE", "CAPTURED", "LINES", "SHA-256", "DESTINATION")
    rows = [
        (
            one.id,
            one.device_name,
            one.source,
            one.captured_at,
            one.line_count,
            one.sha256[:12],
            one.destination,
        )
        for one in found
    ]
    print_table(columns, rows, "No versions. A backup that succeeds makes the first one.")


@app.command()
def show(version: Version, as_json: AsJson = False) -> None:
    """Print a configuration as the device gave it; it may hold the device's secrets.

    On a terminal, control characters are replaced; in a pipe they are kept.

    \b
    Example:
      netstacks snapshot show 6c0f4c52-8f0c-4f0e-9d4c-1f6f6a1c2b3d > core-rtr-01.cfg
    """
    stored = run(lambda netstacks: netstacks.snapshot(version))
    if as_json:
        print_json(stored)
    else:
        print_contents(stored.content)


@app.command()
def diff(
    version: Version,
    before: Annotated[
        UUID | None,
        typer.Argument(metavar="BEFORE", help="The older version; by default the one before."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what changed between two versions, volatile lines left out.

    \b
    Examples:
      netstacks snapshot diff 6c0f4c52-8f0c-4f0e-9d4c-1f6f6a1c2b3d
      netstacks snapshot diff NEWER OLDER
    """
    text = run(lambda netstacks: netstacks.diff(version, before))
    if as_json:
        print_json({"diff": text})
    else:
        print_text(text.rstrip("\n") or "No difference.")


@app.command()
def export(
    to: Annotated[Path, typer.Option("--to", help="The folder; made when it is missing.")],
    device: Device = None,
    destination: Destination = None,
    source: Source = None,
    all_versions: Annotated[
        bool, typer.Option("--all", help="Every version, with its time in the file's name.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write configurations to files: the newest of each device, or all.

    They are named DESTINATION/DEVICE.SOURCE.cfg and readable by their owner
    only: configurations hold secrets.

    \b
    Examples:
      netstacks snapshot export --to configs
      netstacks snapshot export --to history --device core-rtr-01 --all
    """
    from netstacks_tasks.cli.exports import Wanted, export_versions

    wanted = Wanted(device=device, destination=destination, source=source, every=all_versions)
    written = run(lambda netstacks: export_versions(netstacks, to, wanted))
    if as_json:
        print_json({"written": written})
    else:
        print_text(f"Wrote {len(written)} files below {to}.")


@app.command()
def git(
    rebuild: Annotated[
        bool,
        typer.Option("--rebuild", help="Write it anew from the database, in the old one's place."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write the versions that are missing to the git repository of NETSTACKS_CONFIG_GIT.

    `netstacks sync --watch` and `netstacks up` do this all the time. A commit for
    each run; a file for each device, DESTINATION/DEVICE.SOURCE.cfg. The values
    that configurations keep secret are left out unless
    NETSTACKS_CONFIG_GIT_REDACTED=false.

    \b
    Examples:
      NETSTACKS_CONFIG_GIT=/var/lib/netstacks/configs.git netstacks snapshot git
      git clone /var/lib/netstacks/configs.git
      git log -p -- config-snapshots/core-routers/core-rtr-01.running.cfg
    """
    from netstacks_tasks.errors import InvalidInput
    from netstacks_tasks.settings import load_settings

    settings = load_settings()
    folder = settings.config_git
    if folder is None:
        raise InvalidInput.single(
            "NETSTACKS_CONFIG_GIT", "say in it where the repository is to be, or is"
        )

    async def work(netstacks: NetStacks) -> Written:
        from netstacks_tasks.sync.config_git.writer import ConfigGit

        writer = ConfigGit(netstacks.db, folder, redacted=settings.config_git_redacted)
        return await (writer.rebuild() if rebuild else writer.catch_up())

    written = run(work)
    if as_json:
        print_json({"repository": folder, "written": written})
        return
    print_text(f"Wrote {written.versions} versions to {folder}, in {written.commits} commits.")
    if written.waiting:
        print_note(f"{written.waiting} versions wait for the end of the run that makes them.")


@app.command("new-key")
def new_key(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Made, or given one key more.")],
    as_json: AsJson = False,
) -> None:
    """Make a key that stored configurations are encrypted with.

    Every process that reads or keeps configurations needs the file, named by
    NETSTACKS_CONFIG_KEY_FILE: workers, the sync, the page, this command. Keep a copy of it
    elsewhere: without the key, what it encrypted is lost.

    \b
    Example:
      netstacks snapshot new-key /etc/netstacks/config-keys
    """
    from netstacks_tasks.store.config_keys import add_key

    held = add_key(file)
    if as_json:
        print_json({"file": str(file), "keys": held})
        return
    print_note(
        f"{file} holds {held} key(s); the new one encrypts. Set NETSTACKS_CONFIG_KEY_FILE={file}, "
        "start the processes again, then `netstacks snapshot encrypt` does the old versions."
    )


@app.command()
def encrypt(as_json: AsJson = False) -> None:
    """Encrypt the versions that are not, or that an older key encrypted.

    May be stopped and begun again. Afterwards older keys can be taken out of the file; what
    was in the clear stays in dumps made before, and in the database's files until it is
    vacuumed.

    \b
    Example:
      netstacks snapshot encrypt
    """
    done = run(lambda netstacks: netstacks.encrypt_snapshots())
    if as_json:
        print_json({"encrypted": done})
    else:
        print_note(f"{done} version(s) encrypted.")
