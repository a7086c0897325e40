"""Commands that import devices from services: NetBox and Nautobot."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from netstacks_tasks.cli.import_options import ImportOptions, with_import_options
from netstacks_tasks.cli.import_outcome import show
from netstacks_tasks.cli.import_tokens import TokenBlock, TokenFile, token_for
from netstacks_tasks.cli.models import readable_on_the_way
from netstacks_tasks.cli.output import print_note
from netstacks_tasks.cli.session import run

if TYPE_CHECKING:
    from netstacks_tasks.importing.foreign.found import Found
    from netstacks_tasks.importing.foreign.records import GroupBy, Question
    from netstacks_tasks.importing.foreign.web_session import Service

Url = Annotated[str, typer.Argument(metavar="URL", help="As you open it in the browser.")]
Filters = Annotated[
    list[str] | None,
    typer.Option(
        "--filter", metavar="NAME=VALUE", help="As its API has them: site=fra. Can be repeated."
    ),
]
Authority = Annotated[
    Path | None,
    typer.Option("--ca", metavar="FILE", help="The authority that signed its certificate, as PEM."),
]
Seconds = Annotated[float, typer.Option(min=1, max=3600, help="Wait so long for each answer.")]
GroupFrom = Annotated[
    str,
    typer.Option(
        metavar="KINDS", help="Make groups of these: of role, tag, tenant and site, or none."
    ),
]


@with_import_options
def netbox(
    url: Url,
    filters: Filters = None,
    groups_from: GroupFrom = "role,tag,tenant",
    token_from: TokenFile = None,
    token_block: TokenBlock = None,
    ca: Authority = None,
    timeout: Seconds = 60,
    *,
    options: ImportOptions,
) -> None:
    """Import devices from a NetBox, and keep them as they are there.

    Active devices, unless a filter names another status, with their primary
    address, platform, site and groups. A device is known by its id there: one
    that is renamed there is renamed here. What was made of it here stays. When
    one cannot be taken (no primary address, an unknown platform) it is told and
    nothing is written; --skip leaves it out. The token is asked for, or read
    from a file, standard input or a Prefect Secret block.

    \b
    Examples:
      netstacks import netbox https://netbox.example.net --credential core
      netstacks import netbox https://netbox.example.net --filter site=fra \\
        --filter role=switch --platform c9300=ios --skip --prune --dry-run
      vault read -field=token netbox |
        netstacks import netbox https://netbox.example.net --token-from -
    """
    from netstacks_tasks.importing.foreign.netbox import read

    service = _service(url, token_from, token_block, ca, timeout)
    _take(read, service, _question(filters, groups_from), options)


@with_import_options
def nautobot(
    url: Url,
    filters: Filters = None,
    groups_from: GroupFrom = "role,tag,tenant",
    token_from: TokenFile = None,
    token_block: TokenBlock = None,
    ca: Authority = None,
    timeout: Seconds = 60,
    *,
    options: ImportOptions,
) -> None:
    """Import devices from a Nautobot, and keep them as they are there.

    As `netstacks import netbox`; a device's location is its site here.

    \b
    Examples:
      netstacks import nautobot https://nautobot.example.net --credential core
      netstacks import nautobot https://nautobot.example.net \\
        --filter location=Frankfurt --token-block nautobot-token --dry-run
    """
    from netstacks_tasks.importing.foreign.nautobot import read

    service = _service(url, token_from, token_block, ca, timeout)
    _take(read, service, _question(filters, groups_from), options)


def _take(
    read: Callable[[Service, Question], Found],
    service: Service,
    question: Question,
    options: ImportOptions,
) -> None:
    from netstacks_tasks.importing.foreign.importer import import_found

    choices = options.choices(service.url, question.scope)
    found = read(service, question)
    report = run(lambda netstacks: import_found(netstacks.db, found, choices))
    show(report, as_json=options.as_json)


def _service(
    url: str, token_from: Path | None, token_block: str | None, ca: Path | None, timeout: float
) -> Service:
    from netstacks_tasks.importing.foreign.web_session import Service, checked_url

    address = checked_url(url)
    _check_authority(ca)
    if readable_on_the_way(address):
        print_note("This address is plain HTTP to another machine: the token can be read there.")
    token = token_for(address, token_from, token_block)
    return Service(url=address, token=token, ca=ca, answer_seconds=timeout)


def _check_authority(file: Path | None) -> None:
    import ssl

    from netstacks_tasks.errors import InvalidInput

    if file is None:
        return
    try:
        ssl.create_default_context(cafile=str(file))
    except OSError as error:
        reason = error.strerror or type(error).__name__
        message = f"{file} holds no certificate that can be read: {reason}"
        raise InvalidInput.single("--ca", message) from None


def _question(filters: Sequence[str] | None, groups_from: str) -> Question:
    from netstacks_tasks.importing.foreign.records import Question, parsed_filters

    return Question(filters=parsed_filters(filters or ()), group_by=_kinds(groups_from))


def _kinds(text: str) -> Sequence[GroupBy]:
    from typing import get_args

    from netstacks_tasks.errors import InvalidInput
    from netstacks_tasks.importing.foreign.records import GroupBy

    words = [word.strip() for word in text.split(",") if word.strip()]
    known = get_args(GroupBy)
    if words == ["none"]:
        return ()
    if not words or any(word not in known for word in words):
        message = f"write some of {', '.join(known)} with commas, or none: got {text[:60]!r}"
        raise InvalidInput.single("--groups-from", message)
    return [kind for kind in known if kind in words]
