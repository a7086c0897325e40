"""Commands that import devices from other tools' files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from netstacks_tasks.cli.files import read_bytes
from netstacks_tasks.cli.import_logins import SaveLogins
from netstacks_tasks.cli.import_options import ImportOptions, with_import_options
from netstacks_tasks.cli.import_outcome import show
from netstacks_tasks.cli.session import run

if TYPE_CHECKING:
    from netstacks_tasks.importing.foreign.found import Found, System
    from netstacks_tasks.importing.sources import Source

_STANDARD_INPUT = "standard input"


@with_import_options
def nornir(
    hosts: Annotated[Path, typer.Argument(metavar="HOSTS", help="hosts.yaml, or its folder.")],
    groups_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="groups.yaml beside it unless given.")
    ] = None,
    defaults_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="defaults.yaml beside it unless given.")
    ] = None,
    save_logins: SaveLogins = False,
    *,
    options: ImportOptions,
) -> None:
    """Import the hosts of a Nornir SimpleInventory, with what they inherit.

    \b
    Examples:
      netstacks import nornir inventory/hosts.yaml --credential core
      netstacks import nornir inventory --credentials --dry-run
    """
    from netstacks_tasks.importing.foreign.nornir import NornirFiles, read

    file = hosts / "hosts.yaml" if hosts.is_dir() else hosts
    files = NornirFiles(
        hosts=_source(file),
        groups=_beside(file, "groups.yaml", groups_file),
        defaults=_beside(file, "defaults.yaml", defaults_file),
    )
    _take("nornir", read(files), file, options, save=save_logins)


@with_import_options
def ansible(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="An inventory; - reads standard input.")
    ],
    form: Annotated[
        Literal["json", "yaml", "ini"] | None,
        typer.Option("--format", help="By its suffix and its beginning unless given."),
    ] = None,
    save_logins: SaveLogins = False,
    *,
    options: ImportOptions,
) -> None:
    """Import the hosts of an Ansible inventory.

    What `ansible-inventory --list` prints has everything: group_vars,
    host_vars, plugins. A static INI or YAML file is read alone.

    \b
    Examples:
      ansible-inventory -i hosts.ini --list | netstacks import ansible - --credential core
      netstacks import ansible hosts.yaml --default-platform linux
    """
    from netstacks_tasks.importing.foreign.ansible import read

    found = read(_source(file), form)
    beside = [name for name in ("group_vars", "host_vars") if (file.parent / name).is_dir()]
    if beside and str(file) != "-":
        note = (
            f"{' and '.join(beside)} beside the file were not read: ansible-inventory --list does"
        )
        found = replace(found, notes=[*found.notes, note])
    _take("ansible", found, file, options, save=save_logins)


@with_import_options
def oxidized(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="router.db; - reads standard input.")
    ],
    columns: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            metavar="FIELD=COLUMN",
            help="As in Oxidized's configuration: name=0 and model=1 unless given.",
        ),
    ] = None,
    delimiter: Annotated[str, typer.Option(help="Between columns.")] = ":",
    save_logins: SaveLogins = False,
    *,
    options: ImportOptions,
) -> None:
    """Import the nodes of Oxidized's router.db.

    Fields: name, ip, model, group, username, password, enable, port.

    \b
    Examples:
      netstacks import oxidized router.db --credential core
      netstacks import oxidized router.db --map name=0 --map ip=1 --map model=2
    """
    from netstacks_tasks.errors import InvalidInput
    from netstacks_tasks.importing.foreign.router_db import parsed_map, read_oxidized

    if not delimiter:
        raise InvalidInput.single("--delimiter", "needs a character")
    found = read_oxidized(_source(file), parsed_map(columns or []), delimiter)
    _take("oxidized", found, file, options, save=save_logins)


@with_import_options
def rancid(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="router.db; - reads standard input.")
    ],
    *,
    options: ImportOptions,
) -> None:
    """Import the devices of a RANCID router.db that are up.

    \b
    Examples:
      netstacks import rancid /var/lib/rancid/core/router.db --group core --credential core
      netstacks import rancid router.db --platform cisco-asa=ios --skip
    """
    from netstacks_tasks.importing.foreign.router_db import read_rancid

    _take("rancid", read_rancid(_source(file)), file, options, save=False)


def _take(system: System, found: Found, file: Path, options: ImportOptions, *, save: bool) -> None:
    from netstacks_tasks.cli.import_logins import take

    name = _STANDARD_INPUT if str(file) == "-" else str(file.resolve())
    choices = options.choices(f"{system}: {name}")
    report = run(lambda netstacks: take(netstacks, system, found, choices, save=save))
    show(report, as_json=options.as_json)


def _source(file: Path) -> Source:
    from netstacks_tasks.importing.sources import Source

    if str(file) == "-":
        return Source(_STANDARD_INPUT, read_bytes(file, "FILE"))
    return Source.of(file)


def _beside(hosts: Path, name: str, given: Path | None) -> Source | None:
    """A file that Nornir goes without when it is not there, unless it was asked for."""
    file = given or hosts.with_name(name)
    return _source(file) if given is not None or file.exists() else None
